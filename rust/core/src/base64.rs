//! The one base64 grammar the gateway reads.
//!
//! RFC 4648 section 4: the standard alphabet (`A-Z a-z 0-9 + /`), no whitespace, unused bits zero, and
//! either full padding or none. The URL-safe alphabet, line breaks, half padding and unused bits that
//! are set are refused, so that equal bytes have one spelling per padding and no two readers disagree.

mod simd;

use fearless_simd::Level;

/// Characters of a block, and the bytes that they say.
const CHARACTERS: usize = 64;
const BYTES: usize = 48;
type Block = [u8; CHARACTERS];

/// Blocks between two looks at what has been found.
const SLAB: usize = 128;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What stands for a character outside the alphabet; no value has this bit.
const WRONG: u8 = 0x80;

/// The value of each character.
const VALUES: [u8; 256] = {
    let mut table = [WRONG; 256];
    let mut n = 0;
    while n < 64 {
        table[ALPHABET[n] as usize] = n as u8;
        n += 1;
    }
    table
};

/// Bytes that `text` decodes to when it is well formed; never less than the true number.
#[must_use]
pub fn decoded_len(text: &[u8]) -> usize {
    let padding = padding(text);
    (text.len() - padding) / 4 * 3 + (text.len() - padding) % 4 * 3 / 4
}

/// The bytes, or `None` when the text is outside the grammar.
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    decode_at(Level::new(), text)
}

fn decode_at(level: Level, text: &[u8]) -> Option<Vec<u8>> {
    let (blocks, last) = split(text);
    let (fours, others) = if simd::is_fast(level) { blocks.as_chunks() } else { (&[][..], blocks) };
    // Appended: to be written into, the memory would have to be zeroed first.
    let mut bytes = Vec::with_capacity(blocks.len() / 4 + 1);
    if !fours.chunks(SLAB).all(|slab| simd::decode(level, slab, &mut bytes)) {
        return None;
    }
    let mut bytes = bytes.into_flattened().into_flattened();
    for block in others {
        bytes.extend_from_slice(&plain(block)?.0);
    }
    let (rest, length) = plain(unpadded(last))?;
    bytes.extend_from_slice(&rest[..length]);
    Some(bytes)
}

/// Whether the text is inside the grammar. Nothing is allocated.
#[must_use]
pub fn is_valid(text: &[u8]) -> bool {
    is_valid_at(Level::new(), text)
}

fn is_valid_at(level: Level, text: &[u8]) -> bool {
    let (blocks, last) = split(text);
    let good = if simd::is_fast(level) {
        blocks.chunks(SLAB).all(|slab| simd::is_valid(level, slab))
    } else {
        blocks.iter().all(|block| plain(block).is_some())
    };
    good && plain(unpadded(last)).is_some()
}

/// Whether the text is inside the grammar and says exactly these bytes. Nothing is allocated, and it
/// ends soon after the first difference.
#[must_use]
pub fn says(text: &[u8], bytes: &[u8]) -> bool {
    says_at(Level::new(), text, bytes)
}

fn says_at(level: Level, text: &[u8], bytes: &[u8]) -> bool {
    let (blocks, last) = split(text);
    if decoded_len(text) != bytes.len() {
        return false;
    }
    // Vectors look at a few bytes more than they compare.
    let most = if simd::is_fast(level) { bytes.len().saturating_sub(simd::SLACK) / BYTES } else { 0 };
    let (fast, others) = blocks.split_at(most.min(blocks.len()));
    let same = |(n, slab): (usize, &[Block])| simd::says(level, slab, &bytes[n * SLAB * BYTES..]);
    let mut rest = &bytes[fast.len() * BYTES..];
    let mut follows = |text: &[u8]| {
        let Some((said, length)) = plain(text) else { return false };
        let (now, later) = rest.split_at(length.min(rest.len()));
        rest = later;
        said[..length] == *now
    };
    fast.chunks(SLAB).enumerate().all(same)
        && others.iter().all(|block| follows(block))
        && follows(unpadded(last))
}

/// Whole blocks, and the 64 characters or less at the end of the text that may have padding.
fn split(text: &[u8]) -> (&[Block], &[u8]) {
    let (whole, last) = text.split_at(text.len().saturating_sub(1) / CHARACTERS * CHARACTERS);
    (whole.as_chunks().0, last)
}

/// The characters that have to have a value. Only a text of whole fours may have padding.
fn unpadded(text: &[u8]) -> &[u8] {
    let padding = if text.len().is_multiple_of(4) { padding(text) } else { 0 };
    &text[..text.len() - padding]
}

/// Signs of equality at the end, up to two.
fn padding(text: &[u8]) -> usize {
    text.iter().rev().take(2).take_while(|byte| **byte == b'=').count()
}

/// What up to a block of characters says, read one by one, and how many bytes of it count.
fn plain(text: &[u8]) -> Option<([u8; BYTES], usize)> {
    let (mut out, mut length) = ([0; BYTES], 0);
    for four in text.chunks(4) {
        let (mut word, mut wrong) = (0, 0);
        for character in four {
            let value = VALUES[usize::from(*character)];
            word = word << 6 | u32::from(value);
            wrong |= value;
        }
        // from the upper end of a word: the bytes that are whole, and then nothing
        let [a, b, c, _] = (word << (32 - 6 * four.len())).to_be_bytes();
        let (bytes, unused) = match four.len() {
            4 => (3, 0),
            3 => (2, c),
            2 => (1, b),
            _ => return None,
        };
        if wrong & WRONG != 0 || unused != 0 {
            return None;
        }
        out[length..length + bytes].copy_from_slice(&[a, b, c][..bytes]);
        length += bytes;
    }
    Some((out, length))
}

/// What is wrong with a text that [`decode`] refused, and what would work.
#[must_use]
pub fn explain(text: &[u8]) -> &'static str {
    if text.iter().any(u8::is_ascii_whitespace) {
        "it holds whitespace; send it as one line without line breaks"
    } else if memchr::memchr2(b'-', b'_', text).is_some() {
        "it uses the URL-safe alphabet; send the standard one, with + and /"
    } else if text.iter().any(|byte| !is_base64(*byte)) {
        "it holds characters outside A-Z, a-z, 0-9, + and /"
    } else {
        "its length or padding is wrong; pad with = to a multiple of four, or not at all"
    }
}

/// Characters that [`encode_into`] writes for this many bytes.
#[must_use]
pub fn encoded_len(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// Writes the padded text of `bytes` over the whole of `out`, whose length is `encoded_len(bytes.len())`.
pub fn encode_into(bytes: &[u8], out: &mut [u8]) {
    encode_at(Level::new(), bytes, out);
}

fn encode_at(level: Level, bytes: &[u8], out: &mut [u8]) {
    let done = if simd::is_fast(level) { simd::encode(level, bytes, out) } else { 0 };
    for (three, out) in bytes[done..].chunks(3).zip(out[done / 3 * 4..].as_chunks_mut::<4>().0) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (n, character) in out.iter_mut().enumerate() {
            let value = word >> (18 - 6 * n) & 63;
            *character = if n <= three.len() { ALPHABET[value as usize] } else { b'=' };
        }
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests;
