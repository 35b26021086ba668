//! JSON strings: where they end, whether they are legal, what they say.

use std::borrow::Cow;

use memchr::memchr2;

use super::fault;
use crate::refusal::Refusal;

/// A string of the body, by the bytes between its quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) escaped: bool,
}

impl Span {
    /// The bytes between the quotes, escapes as written.
    pub(super) fn raw<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        &body[self.start..self.end]
    }

    /// What the string says. Its escapes were checked by [`find`].
    pub(super) fn decoded<'a>(&self, body: &'a [u8]) -> Cow<'a, [u8]> {
        let raw = self.raw(body);
        if self.escaped { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) }
    }
}

/// The string whose opening quote is at `quote`. Escapes are checked here, characters by [`check`].
pub(super) fn find(body: &[u8], quote: usize) -> Result<Span, Refusal> {
    let start = quote + 1;
    let (mut at, mut escaped) = (start, false);
    loop {
        let Some(skip) = memchr2(b'"', b'\\', &body[at..]) else {
            return Err(fault("a string is not closed", quote));
        };
        at += skip;
        if body[at] == b'"' {
            return Ok(Span { start, end: at, escaped });
        }
        escaped = true;
        at = escape_end(body, at)?;
    }
}

/// Refuses raw control characters and bytes that are not UTF-8.
pub(super) fn check(body: &[u8], span: Span) -> Result<(), Refusal> {
    let raw = span.raw(body);
    // Folds without an early exit are what the compiler turns into wide compares. Read as signed numbers,
    // control characters and all that is not ASCII lie below the space: one compare for most strings.
    if !raw.iter().fold(false, |seen, byte| seen | (byte.cast_signed() < 0x20)) {
        return Ok(());
    }
    if raw.iter().fold(false, |seen, byte| seen | (*byte < 0x20)) {
        let inside = raw.iter().position(|byte| *byte < 0x20).unwrap_or(0);
        return Err(fault("a string holds a raw control character; escape it", span.start + inside));
    }
    match std::str::from_utf8(raw) {
        Ok(_) => Ok(()),
        Err(error) => Err(Refusal::new("body_invalid_utf8", "the body is not valid UTF-8")
            .at(span.start + error.valid_up_to())),
    }
}

/// The end of the escape that starts at the backslash `at`; a surrogate pair is one escape.
fn escape_end(body: &[u8], at: usize) -> Result<usize, Refusal> {
    match body.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            let high = unit(body, at + 2).ok_or_else(|| fault("a \\u escape needs four hex digits", at))?;
            match high {
                0xD800..=0xDBFF if low_surrogate(body, at + 6).is_some() => Ok(at + 12),
                0xD800..=0xDFFF => Err(fault("a \\u escape is half of a surrogate pair", at)),
                _ => Ok(at + 6),
            }
        }
        _ => Err(fault("a string holds an unknown escape", at)),
    }
}

fn low_surrogate(body: &[u8], at: usize) -> Option<u32> {
    let marked = body.get(at..at + 2)? == b"\\u";
    unit(body, at + 2).filter(|unit| marked && (0xDC00..=0xDFFF).contains(unit))
}

fn unit(body: &[u8], at: usize) -> Option<u32> {
    body.get(at..at + 4)?.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

/// The decoded form of a string whose escapes are known to be well formed.
fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(skip) = memchr::memchr(b'\\', &raw[at..]) {
        out.extend_from_slice(&raw[at..at + skip]);
        at += skip;
        at += push_escape(&raw[at..], &mut out);
    }
    out.extend_from_slice(&raw[at..]);
    out
}

/// Decodes the escape at the start of `raw` and gives its length.
fn push_escape(raw: &[u8], out: &mut Vec<u8>) -> usize {
    let plain = match raw.get(1) {
        Some(b'b') => 0x08,
        Some(b'f') => 0x0C,
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(b'u') => return push_unit(raw, out),
        other => other.copied().unwrap_or(b'\\'),
    };
    out.push(plain);
    2
}

fn push_unit(raw: &[u8], out: &mut Vec<u8>) -> usize {
    let high = unit(raw, 2).unwrap_or(0xFFFD);
    let (code, length) = match low_surrogate(raw, 6) {
        Some(low) if (0xD800..=0xDBFF).contains(&high) => {
            (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00), 12)
        }
        _ => (high, 6),
    };
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    length
}
