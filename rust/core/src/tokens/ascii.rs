//! Words of ASCII letters, eight bytes at a time: most of most texts.
//!
//! A word is taken here only when the character after it cannot belong to it: not beyond ASCII, where a
//! letter or an accent might follow, and no apostrophe, where a contraction might. Else the patterns decide.

use super::Encoding;

const ONES: u64 = 0x0101_0101_0101_0101;
const TOPS: u64 = 0x80 * ONES;

/// The end of the piece that begins at `at`, when it is a word of ASCII letters with at most one other
/// character before it.
#[inline(always)]
pub(super) fn word(text: &[u8], at: usize, encoding: Encoding) -> Option<usize> {
    let first = text[at];
    let start = match first {
        b'a'..=b'z' | b'A'..=b'Z' => at,
        // The one mark that cl100k tries a contraction with before a word.
        b'0'..=b'9' | b'\r' | b'\n' | b'\'' | 0x80.. => return None,
        _ => at + 1,
    };
    let end = match encoding {
        Encoding::O200kBase => run(text, run(text, start, 0, b'A'), 0, b'a'),
        Encoding::Cl100kBase => run(text, start, 0x20, b'a'),
    };
    let closed = text.get(end).is_none_or(|&next| next < 0x80 && next != b'\'');
    (end > start && closed).then_some(end)
}

/// Where the run of 26 letters from `least` on ends, `fold` set in each byte before it is compared.
#[inline(always)]
fn run(text: &[u8], mut at: usize, fold: u8, least: u8) -> usize {
    while let Some(chunk) = text[at..].first_chunk() {
        let bytes = u64::from_le_bytes(*chunk);
        let low = (bytes | (u64::from(fold) * ONES)) & !TOPS;
        // A byte's top bit is set by the sum when it is at least the bound; no sum carries over.
        let reached = low + u64::from(0x80 - least) * ONES;
        let passed = low + u64::from(0x80 - least - 26) * ONES;
        let others = !(reached & !passed & !bytes) & TOPS;
        if others != 0 {
            return at + others.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while at < text.len() && (least..least + 26).contains(&(text[at] | fold)) && text[at] < 0x80 {
        at += 1;
    }
    at
}
