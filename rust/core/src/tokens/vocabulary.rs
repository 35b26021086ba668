//! The tables of one vocabulary, laid out by the build script: nothing is built at run time, and the pages
//! are shared by all processes that count.

use std::hint::black_box;

use super::layout::{BASE, CHECK, EMPTY, ENDS, ENDS_AT, FILTER_BITS, NONE, child, mark, mixed};

/// Bytes that the system brings in at once, at least.
const PAGE: usize = 4096;

/// Bytes at the start of a cache line.
#[repr(align(64))]
struct Aligned<T: ?Sized>(T);

/// A table of little-endian numbers of `N` bytes.
#[derive(Clone, Copy)]
struct Table<const N: usize>(&'static [u8]);

impl<const N: usize> Table<N> {
    #[inline(always)]
    fn at(self, place: usize) -> [u8; N] {
        self.0[N * place..].first_chunk().copied().unwrap_or([0; N])
    }

    const fn len(self) -> usize {
        self.0.len() / N
    }
}

/// What merging looks up; [`layout`](super::layout) says what is in each table.
pub(super) struct Vocabulary {
    units: Table<8>,
    tokens: Table<4>,
    pairs: Table<4>,
    filter: Table<8>,
    memo: Table<16>,
    /// Of a pair's hash, how many place it among the pairs.
    bits: u32,
}

macro_rules! vocabulary {
    ($name:literal) => {
        Vocabulary::new(
            table!($name, ".units"),
            table!($name, ".tokens"),
            table!($name, ".pairs"),
            table!($name, ".filter"),
            table!($name, ".memo"),
        )
    };
}

macro_rules! table {
    ($name:literal, $table:literal) => {{
        static TABLE: &Aligned<[u8]> =
            &Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/", $name, $table)));
        Table(&TABLE.0)
    }};
}

pub(super) static O200K: Vocabulary = vocabulary!("o200k_base");
pub(super) static CL100K: Vocabulary = vocabulary!("cl100k_base");

impl Vocabulary {
    const fn new(
        units: Table<8>,
        tokens: Table<4>,
        pairs: Table<4>,
        filter: Table<8>,
        memo: Table<16>,
    ) -> Self {
        Self { units, tokens, pairs, filter, memo, bits: pairs.len().trailing_zeros() }
    }

    /// Reads a byte of every page, so that no text waits for them one by one.
    pub(super) fn touch(&self) {
        for table in [self.units.0, self.tokens.0, self.pairs.0, self.filter.0] {
            for byte in table.iter().step_by(PAGE) {
                black_box(*byte);
            }
        }
    }

    /// What a memo remembers at its start, two entries a set.
    pub(super) fn memo(&self) -> impl Iterator<Item = [u128; 2]> {
        (0..self.memo.len() / 2)
            .map(|set| [2 * set, 2 * set + 1].map(|at| u128::from_le_bytes(self.memo.at(at))))
    }

    /// The longest token that `text` begins with, and its length; `text` is not empty.
    #[inline(always)]
    pub(super) fn longest(&self, text: &[u8]) -> (u32, usize) {
        let (mut base, mut found, mut length) = (self.unit(0) & BASE, 0, 0);
        for (at, &byte) in text.iter().enumerate() {
            let unit = self.unit(base as usize ^ usize::from(byte));
            if unit & CHECK != child(byte) {
                break;
            }
            if unit & ENDS != 0 {
                (found, length) = (unit, at + 1);
            }
            base = unit & BASE;
            if base == 0 {
                break;
            }
        }
        ((found >> ENDS_AT) as u32, length)
    }

    #[inline(always)]
    fn unit(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.units.at(at))
    }

    /// One of a token's four numbers.
    #[inline(always)]
    fn of(&self, token: u32, which: usize) -> u32 {
        u32::from_le_bytes(self.tokens.at(4 * token as usize + which))
    }

    /// The longest token that is a proper prefix of this one.
    #[inline(always)]
    pub(super) fn shorter(&self, token: u32) -> Option<u32> {
        Some(self.of(token, 2)).filter(|&token| token != NONE)
    }

    /// Bytes of a token.
    #[inline(always)]
    pub(super) fn length(&self, token: u32) -> usize {
        self.of(token, 3) as usize
    }

    /// The token that two make.
    #[inline(always)]
    fn merged(&self, left: u32, right: u32) -> Option<u32> {
        let mixed = mixed(left, right);
        let bit = mixed >> (64 - FILTER_BITS);
        if u64::from_le_bytes(self.filter.at(bit as usize / 64)) >> (bit % 64) & 1 == 0 {
            return None;
        }
        let (mut at, mark) = ((mixed >> (64 - self.bits)) as usize, mark(mixed));
        loop {
            let found = u32::from_le_bytes(self.pairs.at(at));
            if found == EMPTY {
                return None;
            }
            let token = found & NONE;
            if found & !NONE == mark && (self.of(token, 0), self.of(token, 1)) == (left, right) {
                return Some(token);
            }
            at = (at + 1) & (self.pairs.len() - 1);
        }
    }

    /// Whether merging the bytes of both together leaves these two: no merge across their border ranks
    /// before those that made them. Undoes the later merge of the two at the border, again and again.
    #[inline(always)]
    pub(super) fn stand(&self, mut left: u32, mut right: u32) -> bool {
        // Merges that rank before this one happen while the parts at the border are as they are.
        let mut before = u32::MAX;
        loop {
            if self.merged(left, right).is_some_and(|token| token < before) {
                return false;
            }
            let (inner_left, inner_right) = (self.of(left, 1), self.of(right, 0));
            // A single byte is its own part.
            if left > right && inner_left != left || inner_right == right {
                if inner_left == left {
                    return true;
                }
                before = left;
                left = inner_left;
            } else {
                // Equal ranks merge from the left: the left one's merge came before this one.
                before = right + 1;
                right = inner_right;
            }
        }
    }
}
