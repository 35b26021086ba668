//! Pieces of ASCII text, from what 64 bytes at a time are: most of most texts.
//!
//! A piece is taken here only when the character after it cannot belong to it: not one beyond ASCII, where a
//! letter or an accent might follow, and no apostrophe behind a word, where a contraction might. Else the
//! patterns decide.

use fearless_simd::{Simd, SimdBase, SimdMask, u8x64};

use super::Encoding;
use super::classes::{BLANK, BREAK, LETTER, NUMBER, ascii};

const WINDOW: usize = 64;

/// The letters among 64 bytes from a place on, a bit each.
pub(super) struct Window {
    from: usize,
    upper: u64,
    lower: u64,
}

impl Window {
    /// Zeros stand behind the text's end.
    #[inline(always)]
    pub(super) fn open<S: Simd>(simd: S, text: &[u8], from: usize) -> Self {
        match text[from..].first_chunk() {
            Some(bytes) => Self::of(simd, bytes, from),
            None => {
                let mut padded = [0; WINDOW];
                padded[..text.len() - from].copy_from_slice(&text[from..]);
                Self::of(simd, &padded, from)
            }
        }
    }

    #[inline(always)]
    fn of<S: Simd>(simd: S, bytes: &[u8; WINDOW], from: usize) -> Self {
        let bytes = u8x64::from_slice(simd, bytes);
        let letters = |first: u8| (bytes - first).simd_lt(26u8).to_bitmask();
        Self { from, upper: letters(b'A'), lower: letters(b'a') }
    }

    /// The end of the piece that begins at `at`, where ASCII alone decides it.
    #[inline(always)]
    pub(super) fn piece<S: Simd>(
        &mut self,
        simd: S,
        text: &[u8],
        at: usize,
        encoding: Encoding,
    ) -> Option<usize> {
        // A word of more than a quarter seldom comes.
        if at - self.from > WINDOW - 16 || at < self.from {
            *self = Self::open(simd, text, at);
        }
        let first = text[at];
        let class = ascii(first)?;
        if first == b'\'' && encoding == Encoding::Cl100kBase {
            return None; // a contraction comes before a word there
        }
        if class & (NUMBER | BREAK) == 0 {
            let start = at - self.from + usize::from(class & LETTER == 0);
            let end = start + self.letters(start, encoding);
            if end > start {
                let end = self.from + end;
                let closed = end < self.from + WINDOW
                    && text.get(end).is_none_or(|&next| next < 0x80 && next != b'\'');
                return closed.then_some(end);
            }
        }
        other(text, at, class, encoding)
    }

    /// Letters of one word from a place of the window on.
    #[inline(always)]
    fn letters(&self, start: usize, encoding: Encoding) -> usize {
        let (upper, lower) = (self.upper >> start, self.lower >> start);
        let letters = match encoding {
            // Capitals, then small letters.
            Encoding::O200kBase => {
                let capitals = upper.trailing_ones();
                capitals + lower.checked_shr(capitals).unwrap_or(0).trailing_ones()
            }
            Encoding::Cl100kBase => (upper | lower).trailing_ones(),
        };
        letters as usize
    }
}

/// Numbers, marks and blanks.
#[inline(always)]
fn other(text: &[u8], at: usize, class: u8, encoding: Encoding) -> Option<usize> {
    if class & NUMBER != 0 {
        let end = at + 1 + run(text, at + 1, 2, |class| class & NUMBER != 0);
        return (end == at + 3 || closed(text, end)).then_some(end);
    }
    let start = at + usize::from(text[at] == b' ');
    let end = start + run(text, start, usize::MAX, |class| class & (BLANK | LETTER | NUMBER) == 0);
    if end > start {
        let slash = encoding == Encoding::O200kBase;
        let more = text[end..]
            .iter()
            .position(|&byte| !(matches!(byte, b'\r' | b'\n') || slash && byte == b'/'))
            .unwrap_or(text.len() - end);
        return (more > 0 || closed(text, end)).then_some(end + more);
    }
    blanks(text, at, encoding)
}

#[inline(always)]
fn blanks(text: &[u8], from: usize, encoding: Encoding) -> Option<usize> {
    let (mut at, mut after_break) = (from, None);
    while let Some(&byte) = text.get(at) {
        let class = ascii(byte)?;
        if class & BLANK == 0 {
            break;
        }
        at += 1;
        if class & BREAK != 0 {
            after_break = Some(at);
        }
    }
    Some(match after_break {
        _ if at == text.len() && encoding == Encoding::Cl100kBase => at,
        Some(end) => end,
        None if at == text.len() || at == from + 1 => at,
        // Text follows: the last blank is left to it.
        None => at - 1,
    })
}

/// Whether no character beyond ASCII stands at `at`.
#[inline(always)]
fn closed(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|&next| next < 0x80)
}

/// How many bytes from `at` on are of a kind, `most` at most.
#[inline(always)]
fn run(text: &[u8], at: usize, most: usize, kind: impl Fn(u8) -> bool) -> usize {
    let mut count = 0;
    while count < most && text.get(at + count).is_some_and(|&byte| ascii(byte).is_some_and(&kind)) {
        count += 1;
    }
    count
}
