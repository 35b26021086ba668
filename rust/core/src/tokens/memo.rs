//! Counts of short pieces, remembered: text is made of few different words.
//!
//! A piece of up to 15 bytes, its length and its count share one 128-bit entry; a set of two entries is
//! looked at per piece and the older one makes way. A thread borrows a memo for a text and gives it back,
//! so there are as many as threads ever counted at once, and no more than [`KEPT`] wait for the next.

use std::sync::{Mutex, PoisonError};

/// The longest piece that is remembered.
const LONGEST: usize = 15;
/// 2^15 sets of two entries: 1 MiB, which the second-level cache of most machines holds.
const BITS: u32 = 15;
/// Memos that wait for the next text, of each encoding.
const KEPT: usize = 8;
/// Where an entry holds its length, and above it its count: both fit four bits.
const LENGTH_AT: u32 = 120;
const COUNT_AT: u32 = 124;
const KEY: u128 = (1 << COUNT_AT) - 1;

static MASKS: [u128; 16] = {
    let mut masks = [0; 16];
    let mut length = 1;
    while length < 16 {
        masks[length] = (1 << (8 * length)) - 1;
        length += 1;
    }
    masks
};

/// Remembers counts; an empty entry is zero, for every length is at least one.
pub(super) struct Memo(Box<[[u128; 2]]>);

impl Memo {
    fn new() -> Self {
        Self(vec![[0; 2]; 1 << BITS].into_boxed_slice())
    }

    /// The count of `text[from..to]`, from memory or from `count`.
    #[inline(always)]
    pub(super) fn count(
        &mut self,
        text: &[u8],
        from: usize,
        to: usize,
        count: impl FnOnce(&[u8]) -> usize,
    ) -> usize {
        let length = to - from;
        if length > LONGEST {
            return count(&text[from..to]);
        }
        let key = (sixteen(text, from) & MASKS[length]) | ((length as u128) << LENGTH_AT);
        let set = &mut self.0[place(key)];
        if set[0] & KEY == key {
            return (set[0] >> COUNT_AT) as usize;
        }
        if set[1] & KEY == key {
            return (set[1] >> COUNT_AT) as usize;
        }
        let counted = count(&text[from..to]);
        *set = [key | ((counted as u128) << COUNT_AT), set[0]];
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

#[inline(always)]
fn place(key: u128) -> usize {
    let mixed = (key as u64) ^ ((key >> 64) as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)) as usize
}

/// Memos nobody uses at the moment.
pub(super) struct Memos(Mutex<Vec<Memo>>);

impl Memos {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Works with a memo, a new one when all are in use.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Memo) -> T) -> T {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut memo = waiting.unwrap_or_else(Memo::new);
        let result = work(&mut memo);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(memo);
        }
        result
    }
}
