//! Sixty-four characters at once, in the vectors of whatever processor this is.
//!
//! Two ways to look a character up. Where a vector holds 64 bytes, it holds the alphabet too, and one swizzle
//! (two for the way back, over 128 codes) does it. Everywhere else a swizzle sees 16 bytes: there the high half
//! of a character says how far its value is away, and both halves together say whether it is one.
//!
//! Everything else is shared: values are packed by a multiplication that joins neighbours, and put in order by a
//! swizzle.

use fearless_simd::{Bytes, Select, SimdCombine, SimdIntWiden, SimdMask, SimdSplit};
use fearless_simd::{Level, Simd, SimdBase, dispatch, i16x32, i32x16, u8x16, u8x64, u16x32, u32x16};

use super::{ALPHABET, BYTES, Block, CHARACTERS, VALUES, WRONG};

/// Bytes that are read behind a block.
pub(super) const SLACK: usize = CHARACTERS - BYTES;

/// By the high half of a character: what to add to get its value. The slash has the place of its half less one,
/// for its half is that of the plus.
const DISTANCES: [u8; 16] = {
    let mut table = [0; 16];
    let mut n = 0;
    while n < 64 {
        let character = ALPHABET[n];
        let place = (character >> 4) as usize - (character == b'/') as usize;
        table[place] = (n as u8).wrapping_sub(character);
        n += 1;
    }
    table
};

/// A bit for each kind of high half; upper-case letters and lower-case ones go by the same rule.
const HIGH: [u8; 16] = [16, 16, 1, 2, 4, 8, 4, 8, 16, 16, 16, 16, 16, 16, 16, 16];

/// By the low half: the kinds of high half with which it makes no character of the alphabet.
const LOW: [u8; 16] = {
    let mut table = [16; 16];
    let mut code = 0x20;
    while code < 0x60 {
        if VALUES[code] == WRONG {
            table[code & 15] |= HIGH[code >> 4];
        }
        code += 1;
    }
    table
};

/// By the value, less 51, of a digit or sign: what to add to get its character. At 0 are the lower-case letters,
/// behind the signs the upper-case ones.
const OFFSETS: [u8; 16] = {
    let mut table = [0; 16];
    let mut n = 51;
    while n < 64 {
        table[n - 51] = ALPHABET[n].wrapping_sub(n as u8);
        n += 1;
    }
    table[UPPER as usize] = b'A';
    table
};
const UPPER: u8 = 13;

/// Whether one swizzle sees all 64 bytes; else it sees 16.
const fn is_wide<S: Simd>() -> bool {
    <S::u8s as SimdBase<S>>::LEN == CHARACTERS
}

/// Whether a swizzle is an instruction here. Where it is a loop, one by one is faster.
pub(super) fn is_fast(level: Level) -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return level.as_sse4_2().is_some();
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    return !level.is_fallback();
}

/// Factors that move bits up, by 4 and by 8 in turn. The highest bit of each takes no part in what is wanted of the
/// product and keeps it one: shifts wait for the unit that swizzles.
const UP_4_8: u32 = 0x8100_8010;

/// Appends what the blocks say; false when one of them holds anything but the alphabet. They come in fours, for
/// to append waits for the append before.
pub(super) fn decode(level: Level, fours: &[[Block; 4]], out: &mut Vec<[[u8; BYTES]; 4]>) -> bool {
    dispatch!(level, simd => decode_in(simd, fours, out))
}

/// Whether the blocks hold nothing but the alphabet.
pub(super) fn is_valid(level: Level, blocks: &[Block]) -> bool {
    dispatch!(level, simd => is_valid_in(simd, blocks))
}

/// Whether the blocks say these bytes. There are [`SLACK`] more of them at least.
pub(super) fn says(level: Level, blocks: &[Block], bytes: &[u8]) -> bool {
    dispatch!(level, simd => says_in(simd, blocks, bytes))
}

/// Writes the text of as many bytes as it can, whole blocks of them, and says how many.
pub(super) fn encode(level: Level, bytes: &[u8], out: &mut [u8]) -> usize {
    dispatch!(level, simd => encode_in(simd, bytes, out))
}

#[inline(always)]
fn decode_in<S: Simd>(simd: S, fours: &[[Block; 4]], out: &mut Vec<[[u8; BYTES]; 4]>) -> bool {
    let mut wrong = u8x64::splat(simd, 0);
    for [a, b, c, d] in fours {
        out.push([
            bytes_of(simd, values(simd, a, &mut wrong)),
            bytes_of(simd, values(simd, b, &mut wrong)),
            bytes_of(simd, values(simd, c, &mut wrong)),
            bytes_of(simd, values(simd, d, &mut wrong)),
        ]);
    }
    is_zero(simd, wrong)
}

#[inline(always)]
fn is_valid_in<S: Simd>(simd: S, blocks: &[Block]) -> bool {
    let mut wrong = u8x64::splat(simd, 0);
    for block in blocks {
        values(simd, block, &mut wrong);
    }
    is_zero(simd, wrong)
}

#[inline(always)]
fn says_in<S: Simd>(simd: S, blocks: &[Block], bytes: &[u8]) -> bool {
    let mut wrong = u8x64::splat(simd, 0);
    let (mut wide, mut narrow) = (wrong, u8x16::splat(simd, 0));
    for (n, block) in blocks.iter().enumerate() {
        let words = words(simd, values(simd, block, &mut wrong));
        let wanted = &bytes[n * BYTES..n * BYTES + CHARACTERS];
        if is_wide::<S>() {
            wide |= in_a_row(simd, words) ^ u8x64::from_slice(simd, wanted);
        } else {
            for (third, wanted) in thirds(simd, words).into_iter().zip(wanted.as_chunks().0) {
                narrow |= third ^ u8x16::load_array_ref(simd, wanted);
            }
        }
    }
    // what lies behind the block was not to be compared
    wide &= u8x64::from_fn(simd, |n| if n < BYTES { 255 } else { 0 });
    is_zero(simd, wrong | wide | u8x64::block_splat(narrow))
}

#[inline(always)]
fn is_zero<S: Simd>(simd: S, bits: u8x64<S>) -> bool {
    bits.simd_eq(u8x64::splat(simd, 0)).all_true()
}

/// The value of each character. What is outside the alphabet leaves a bit in `wrong`.
#[inline(always)]
fn values<S: Simd>(simd: S, block: &Block, wrong: &mut u8x64<S>) -> u8x64<S> {
    let characters = u8x64::load_array_ref(simd, block);
    if is_wide::<S>() {
        let (low, high) = (u8x64::from_slice(simd, &VALUES[..64]), u8x64::from_slice(simd, &VALUES[64..128]));
        let values = low.concat_swizzle_dyn(high, characters);
        // a code above the tables gives one value or another, and is wrong by itself
        *wrong |= (values | characters) & WRONG;
        return values;
    }
    let (high, low) = (characters >> 4, characters & 15);
    *wrong |= repeated(simd, &HIGH).swizzle_dyn_within_blocks(high)
        & repeated(simd, &LOW).swizzle_dyn_within_blocks(low);
    let slash: u8x64<S> = characters.simd_eq(u8x64::splat(simd, b'/')).to_vector().bitcast();
    characters + repeated(simd, &DISTANCES).swizzle_dyn_within_blocks(high + slash)
}

/// Four values of six bits made one of 24, with its low byte first.
#[inline(always)]
fn words<S: Simd>(simd: S, values: u8x64<S>) -> u8x64<S> {
    let pairs: u16x32<S> = values.bitcast();
    let twelve: i16x32<S> = (((pairs << 6) & 0x0fc0) | (pairs >> 8)).bitcast();
    let weights: i16x32<S> = i32x16::splat(simd, 1 << 16 | 1 << 12).bitcast();
    twelve.pairwise_dot_product(weights).bitcast()
}

/// Where in its words a byte of the text's order is.
const fn place(byte: usize) -> u8 {
    (byte / 3 * 4 + 2 - byte % 3) as u8
}

/// The bytes of a block.
#[inline(always)]
fn bytes_of<S: Simd>(simd: S, values: u8x64<S>) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    let words = words(simd, values);
    if is_wide::<S>() {
        let (low, high) = in_a_row(simd, words).split();
        low.store_slice(&mut bytes[..32]);
        high.split().0.store_slice(&mut bytes[32..]);
    } else {
        for (third, to) in thirds(simd, words).into_iter().zip(bytes.as_chunks_mut().0) {
            third.store_array(to);
        }
    }
    bytes
}

/// The bytes of a block, and behind them any.
#[inline(always)]
fn in_a_row<S: Simd>(simd: S, words: u8x64<S>) -> u8x64<S> {
    words.swizzle_dyn(u8x64::from_fn(simd, |n| place(n % BYTES)))
}

/// The bytes of a block in three parts. Of each sixteen characters come twelve bytes, with a gap of four where
/// that part ends in which they are.
#[inline(always)]
fn thirds<S: Simd>(simd: S, words: u8x64<S>) -> [u8x16<S>; 3] {
    let order = |n: usize| {
        let (part, n) = (n / 16, n % 16);
        let gap = part * 4;
        place(if n < gap { n } else { n.max(gap + 4) - 4 })
    };
    let (low, high) = words.swizzle_dyn_within_blocks(u8x64::from_fn(simd, order)).split();
    let ((a, b), (c, d)) = (low.split(), high.split());
    [a.slide::<4>(b), b.slide::<8>(c), c.slide::<12>(d)]
}

#[inline(always)]
fn encode_in<S: Simd>(simd: S, bytes: &[u8], out: &mut [u8]) -> usize {
    let blocks = (bytes.len().saturating_sub(SLACK) / BYTES).min(out.len() / CHARACTERS);
    for (n, out) in out.as_chunks_mut::<CHARACTERS>().0.iter_mut().take(blocks).enumerate() {
        let words = spread(simd, &bytes[n * BYTES..n * BYTES + CHARACTERS]);
        characters(simd, sextets(simd, words)).store_array(out);
    }
    blocks * BYTES
}

/// Each three bytes as four, of which two neighbours hold the bits of every character: 1, 0, 2, 1.
#[inline(always)]
fn spread<S: Simd>(simd: S, bytes: &[u8]) -> u8x64<S> {
    let order = |n: usize| n as u8 / 4 * 3 + [1, 0, 2, 1][n % 4];
    if is_wide::<S>() {
        return u8x64::from_slice(simd, bytes).swizzle_dyn(u8x64::from_fn(simd, order));
    }
    let part = |n: usize| u8x16::from_slice(simd, &bytes[n * 12..n * 12 + 16]);
    let parts = part(0).combine(part(1)).combine(part(2).combine(part(3)));
    parts.swizzle_dyn_within_blocks(u8x64::from_fn(simd, |n| order(n % 16)))
}

/// The six bits of each character.
#[inline(always)]
fn sextets<S: Simd>(simd: S, words: u8x64<S>) -> u8x64<S> {
    let halves: u16x32<S> = words.bitcast();
    let odd = (halves * u32x16::splat(simd, UP_4_8).bitcast::<u16x32<S>>()) & 0x3f00;
    if is_wide::<S>() {
        let even = halves >> u32x16::splat(simd, 6 << 16 | 10).bitcast::<u16x32<S>>();
        return ((even & 0x003f) | odd).bitcast();
    }
    // no other vectors shift every half by an amount of its own
    let whole: u32x16<S> = words.bitcast();
    let even = ((whole >> 10) & 0x3f) | ((whole >> 6) & 0x3f_0000);
    even.bitcast::<u8x64<S>>() | odd.bitcast::<u8x64<S>>()
}

/// The character of each value.
#[inline(always)]
fn characters<S: Simd>(simd: S, values: u8x64<S>) -> u8x64<S> {
    if is_wide::<S>() {
        return u8x64::from_slice(simd, ALPHABET).swizzle_dyn(values);
    }
    let sign = simd.saturating_sub_u8x64(values, u8x64::splat(simd, 51));
    let place = values.simd_lt(u8x64::splat(simd, 26)).select(u8x64::splat(simd, UPPER), sign);
    values + repeated(simd, &OFFSETS).swizzle_dyn_within_blocks(place)
}

/// A table for swizzles of 16 bytes.
#[inline(always)]
fn repeated<S: Simd>(simd: S, table: &[u8; 16]) -> u8x64<S> {
    u8x64::block_splat(u8x16::load_array_ref(simd, table))
}
