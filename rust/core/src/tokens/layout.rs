//! How a vocabulary's tables lie in the binary: shared by the build script, which writes them, and by
//! `vocabulary.rs` and `memo.rs`, which read them. All numbers are little-endian.
//!
//! - `units`, `u64`: a double-array trie over the tokens' bytes. The child of a node under a byte lies at the
//!   node's base XOR that byte; no two nodes share a base, so the byte alone tells whose child a unit is.
//!   Above that, the token that ends there.
//! - `tokens`, `u32`: four numbers a token: left part, right part, its longest proper prefix that is a token,
//!   its length in bytes.
//! - `pairs`, `u32`: a hash table of the merges, two parts to the token they make.
//! - `filter`, `u64`: a bit for each hash of a pair; most pairs that make nothing are told from it alone.
//! - `memo`, `u128`: what a memo remembers before it has seen a text: the most frequent tokens.

/// Bits of a token's number: o200k has 199,998 of them.
pub(crate) const TOKEN_BITS: u32 = 18;
/// No token.
pub(crate) const NONE: u32 = (1 << TOKEN_BITS) - 1;

/// Where a unit keeps its byte, above its 22-bit base.
pub(crate) const LABEL_AT: u32 = 22;
/// The unit is a node: an empty one never passes for a child.
pub(crate) const USED: u64 = 1 << 30;
/// A token ends at this node, and which is told from [`ENDS_AT`] on.
pub(crate) const ENDS: u64 = 1 << 31;
pub(crate) const ENDS_AT: u32 = 32;
/// Its base; nought when it has no children.
pub(crate) const BASE: u64 = (1 << LABEL_AT) - 1;
/// What has to equal [`child`] in a unit under a byte.
pub(crate) const CHECK: u64 = USED | 0xFF << LABEL_AT;

/// The marks of a child under this byte.
#[inline(always)]
pub(crate) const fn child(byte: u8) -> u64 {
    USED | (byte as u64) << LABEL_AT
}

/// An empty place of the table of pairs.
pub(crate) const EMPTY: u32 = u32::MAX;

/// What places a pair in its tables: the top bits of it count.
#[inline(always)]
pub(crate) const fn mixed(left: u32, right: u32) -> u64 {
    ((left as u64) << TOKEN_BITS | right as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The mark a pair's place carries above the token, so that hardly any other pair's parts are looked at.
#[inline(always)]
pub(crate) const fn mark(mixed: u64) -> u32 {
    (mixed as u32 >> 4) << TOKEN_BITS
}

/// The filter has 2^20 bits: 128 KiB, which stay in the second-level cache.
pub(crate) const FILTER_BITS: u32 = 20;

/// The longest piece that is remembered.
pub(crate) const LONGEST: usize = 15;
/// A memo has 2^16 sets of two entries, 2 MiB; with half of it, a megabyte of prose takes a twentieth more time.
pub(crate) const MEMO_BITS: u32 = 16;
/// Where an entry holds its piece's length, and above it the count: both fit four bits.
pub(crate) const LENGTH_AT: u32 = 120;
pub(crate) const COUNT_AT: u32 = 124;

/// An entry without its count: the first `length` of 16 bytes, and the length.
#[inline(always)]
pub(crate) const fn key(bytes: u128, length: usize) -> u128 {
    (bytes & MASKS[length]) | ((length as u128) << LENGTH_AT)
}

/// The set an entry is in.
#[inline(always)]
pub(crate) const fn set(key: u128) -> usize {
    let mixed = (key as u64) ^ ((key >> 64) as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - MEMO_BITS)) as usize
}

const MASKS: [u128; LONGEST + 1] = {
    let mut masks = [0; LONGEST + 1];
    let mut length = 1;
    while length <= LONGEST {
        masks[length] = (1 << (8 * length)) - 1;
        length += 1;
    }
    masks
};

/// Code points whose classes are kept together.
pub(crate) const BLOCK: usize = 128;

/// `\p{L}`.
pub(crate) const LETTER: u8 = 1;
/// `\p{N}`.
pub(crate) const NUMBER: u8 = 2;
/// `\s`.
pub(crate) const BLANK: u8 = 4;
/// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`, what a word of o200k begins with.
pub(crate) const HEAD: u8 = 8;
/// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`, what it goes on with.
pub(crate) const TAIL: u8 = 16;
/// `[\r\n]`.
pub(crate) const BREAK: u8 = 32;
