//! The one base64 grammar the gateway reads.
//!
//! RFC 4648 section 4: the standard alphabet (`A-Z a-z 0-9 + /`), no whitespace, unused bits zero, and
//! either full padding or none. The URL-safe alphabet, line breaks, half padding and unused bits that
//! are set are refused, so that equal bytes have one spelling per padding and no two readers disagree.

use base64_turbo::{Engine, STANDARD, STANDARD_NO_PAD};

/// Characters looked at together where the bytes are not kept: their 6 KiB stay in the nearest cache.
const BLOCK: usize = 8_192;

/// Bytes that `text` decodes to when it is well formed; never less than the true number.
#[must_use]
pub fn decoded_len(text: &[u8]) -> usize {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    (text.len() - padding) / 4 * 3 + (text.len() - padding) % 4 * 3 / 4
}

/// The bytes, or `None` when the text is outside the grammar.
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    engine(text).decode(text).ok()
}

/// Whether the text is inside the grammar. Nothing is allocated.
#[must_use]
pub fn is_valid(text: &[u8]) -> bool {
    all_blocks(text, |_| true)
}

/// Whether the text is inside the grammar and says exactly these bytes. Nothing is allocated, and it
/// ends at the first block that differs.
#[must_use]
pub fn says(text: &[u8], bytes: &[u8]) -> bool {
    let mut rest = bytes;
    decoded_len(text) == bytes.len()
        && all_blocks(text, |block| match rest.split_at_checked(block.len()) {
            Some((now, later)) => {
                rest = later;
                now == block
            }
            None => false,
        })
}

/// Whether every block of the text decodes and passes. Only the last one may have padding.
fn all_blocks(text: &[u8], mut passes: impl FnMut(&[u8]) -> bool) -> bool {
    let mut bytes = [0; BLOCK / 4 * 3];
    let (whole, last) = text.split_at(text.len().saturating_sub(1) / BLOCK * BLOCK);
    let blocks = whole.chunks_exact(BLOCK).map(|block| (STANDARD_NO_PAD, block));
    blocks.chain([(engine(last), last)]).all(|(engine, block)| {
        let length = engine.decode_slice(block, &mut bytes);
        length.is_ok_and(|length| passes(&bytes[..length]))
    })
}

/// Which padding this text has to have.
fn engine(text: &[u8]) -> Engine {
    if text.len().is_multiple_of(4) { STANDARD } else { STANDARD_NO_PAD }
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
    let _only_fails_when_too_short = STANDARD.encode_slice(bytes, out);
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests;
