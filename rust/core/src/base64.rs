//! The one base64 grammar the gateway reads.
//!
//! RFC 4648 section 4: the standard alphabet (`A-Z a-z 0-9 + /`), no whitespace, unused bits zero, and
//! either full padding or none. The URL-safe alphabet, line breaks, half padding and unused bits that
//! are set are refused, so that equal bytes have one spelling per padding and no two readers disagree.

use base64_simd::{AsOut, STANDARD, STANDARD_NO_PAD};

/// Bytes that `text` decodes to when it is well formed; never less than the true number.
#[must_use]
pub fn decoded_len(text: &[u8]) -> usize {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    (text.len() - padding) / 4 * 3 + (text.len() - padding) % 4 * 3 / 4
}

/// The bytes, or `None` when the text is outside the grammar.
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if padded(text) { STANDARD.decode_to_vec(text).ok() } else { STANDARD_NO_PAD.decode_to_vec(text).ok() }
}

/// Whether the text is inside the grammar, without decoding it.
#[must_use]
pub fn is_valid(text: &[u8]) -> bool {
    if padded(text) { STANDARD.check(text).is_ok() } else { STANDARD_NO_PAD.check(text).is_ok() }
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
    let _text = STANDARD.encode(bytes, out.as_out());
}

fn padded(text: &[u8]) -> bool {
    text.len().is_multiple_of(4)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests;
