//! What a memo remembers at its start: a token is one token, and the lower its number, the more frequent it is.

use crate::layout::{COUNT_AT, LONGEST, MEMO_BITS, key, set};

/// Two entries a set, the more frequent one first; nought where there is none.
pub(crate) fn memo(tokens: &[&[u8]]) -> Vec<u128> {
    let mut entries = vec![0; 2 << MEMO_BITS];
    for token in tokens.iter().filter(|token| token.len() <= LONGEST) {
        let mut bytes = [0; 16];
        bytes[..token.len()].copy_from_slice(token);
        let key = key(u128::from_le_bytes(bytes), token.len());
        if let Some(entry) = entries[2 * set(key)..][..2].iter_mut().find(|entry| **entry == 0) {
            *entry = key | 1 << COUNT_AT;
        }
    }
    entries
}
