//! Counts of short pieces, remembered: text is made of few different words.
//!
//! A piece of up to 15 bytes, its length and its count share one 128-bit entry; a set of two entries is
//! looked at per piece and the older one makes way. Pieces of up to 31 bytes have a smaller table, in which
//! the newer one takes the place. A thread borrows a memo for a text and gives it back,
//! so there are as many as threads ever counted at once, and no more than [`KEPT`] wait for the next.

use std::sync::{Mutex, PoisonError};

use super::layout::{COUNT_AT, LONGEST, MEMO_BITS, key, set};
use super::merge::{Desk, merged};
use super::vocabulary::Vocabulary;

/// Memos that wait for the next text, of each encoding.
const KEPT: usize = 8;
const KEY: u128 = (1 << COUNT_AT) - 1;
/// The most tokens an entry can hold.
const MOST: usize = 15;
/// Bytes of a longer piece that stand before its entry.
const BYTES: usize = 16;
/// 2^11 longer pieces: 64 KiB.
const LONG_BITS: u32 = 11;

/// Remembers counts; an empty entry is zero, for every length is at least one.
pub(super) struct Memo {
    sets: Box<[[u128; 2]]>,
    /// Longer pieces, such as the indentation of code: their first 16 bytes, then an entry of the others.
    long: Box<[[u128; 2]]>,
    desk: Desk,
}

impl Memo {
    fn new(vocabulary: &Vocabulary) -> Self {
        let long = vec![[0; 2]; 1 << LONG_BITS].into_boxed_slice();
        Self { sets: vocabulary.memo().collect(), long, desk: Desk::default() }
    }

    /// Tokens of `text[from..to]`, from memory or counted.
    #[inline(always)]
    pub(super) fn count(&mut self, vocabulary: &Vocabulary, text: &[u8], from: usize, to: usize) -> usize {
        let length = to - from;
        if length > LONGEST {
            return self.count_long(vocabulary, text, from, to);
        }
        let key = key(sixteen(text, from), length);
        let set = &mut self.sets[set(key)];
        // One question for both: which of them it is, no processor foresees.
        let (first, second) = (set[0] & KEY == key, set[1] & KEY == key);
        if first | second {
            return (if first { set[0] } else { set[1] } >> COUNT_AT) as usize;
        }
        let counted = merged(vocabulary, &text[from..to], &mut self.desk);
        *set = [key | ((counted as u128) << COUNT_AT), set[0]];
        counted
    }

    fn count_long(&mut self, vocabulary: &Vocabulary, text: &[u8], from: usize, to: usize) -> usize {
        let rest = to - from - BYTES;
        if rest > LONGEST {
            return merged(vocabulary, &text[from..to], &mut self.desk);
        }
        let key = [sixteen(text, from), key(sixteen(text, from + BYTES), rest)];
        let entry = &mut self.long[set(key[0] ^ key[1].rotate_left(64)) >> (MEMO_BITS - LONG_BITS)];
        let count = (entry[1] >> COUNT_AT) as usize;
        // No count is nought: an empty entry is nobody's.
        if count > 0 && [entry[0], entry[1] & KEY] == key {
            return count;
        }
        let counted = merged(vocabulary, &text[from..to], &mut self.desk);
        if counted <= MOST {
            *entry = [key[0], key[1] | ((counted as u128) << COUNT_AT)];
        }
        counted
    }
}

/// The 16 bytes from `from` on, zeros behind the text's end.
#[inline(always)]
fn sixteen(text: &[u8], from: usize) -> u128 {
    match text[from..].first_chunk() {
        Some(chunk) => u128::from_le_bytes(*chunk),
        None => {
            let mut padded = [0; 16];
            padded[..text.len() - from].copy_from_slice(&text[from..]);
            u128::from_le_bytes(padded)
        }
    }
}

/// Memos nobody uses at the moment.
pub(super) struct Memos(Mutex<Vec<Memo>>);

impl Memos {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Works with a memo, a new one when all are in use.
    pub(super) fn with<T>(&self, vocabulary: &Vocabulary, work: impl FnOnce(&mut Memo) -> T) -> T {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut memo = waiting.unwrap_or_else(|| Memo::new(vocabulary));
        let result = work(&mut memo);
        memo.desk.clear();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(memo);
        }
        result
    }
}
