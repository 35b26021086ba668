//! Blocks whose coefficients come in several scans: by frequency, and bit plane by bit plane.

use super::bits::Cursor;
use super::huffman::{Ac, Dc};
use super::transform::Block;
use crate::fit::encode::PLACES;

/// One block, and which of its coefficients are not nought: bit n for the n-th of the zigzag.
pub(super) struct Slot<'a> {
    pub(super) block: &'a mut Block,
    pub(super) filled: &'a mut u64,
}

/// What one scan adds to each block.
#[derive(Clone, Copy)]
pub(super) struct Pass {
    pub(super) first: usize,
    pub(super) last: usize,
    /// The bit plane now sent.
    pub(super) low: u32,
}

/// The first coefficient, but for its lower bit planes.
#[inline(always)]
pub(super) fn level(
    cursor: &mut Cursor,
    bytes: &[u8],
    dc: &Dc,
    level: &mut i32,
    pass: Pass,
    block: &mut Block,
) -> Option<()> {
    cursor.refill(bytes);
    *level = level.wrapping_add(dc.difference(cursor)?);
    block[0] = (*level << pass.low) as i16;
    Some(())
}

/// One more bit of the first coefficient.
#[inline(always)]
pub(super) fn level_bit(cursor: &mut Cursor, bytes: &[u8], pass: Pass, block: &mut Block) {
    cursor.refill(bytes);
    block[0] |= (cursor.take(1) << pass.low) as i16;
}

/// A band of coefficients, but for their lower bit planes. `idle`: blocks still to come that add nothing.
#[inline(always)]
pub(super) fn band(
    cursor: &mut Cursor,
    bytes: &[u8],
    ac: &Ac,
    idle: &mut u32,
    pass: Pass,
    slot: Slot<'_>,
) -> Option<()> {
    if *idle > 0 {
        *idle -= 1;
        return Some(());
    }
    let mut at = pass.first;
    while at <= pass.last {
        cursor.refill(bytes);
        match ac.symbol(cursor)? {
            (15, 0) => at += 16,
            (run, 0) => {
                *idle = (1 << run) - 1 + cursor.take(run as u32);
                return Some(());
            }
            (run, size) => {
                at += run;
                if at > pass.last {
                    return None;
                }
                slot.block[usize::from(PLACES[at & 63] & 63)] = (cursor.signed(size) << pass.low) as i16;
                *slot.filled |= 1 << (at & 63);
                at += 1;
            }
        }
    }
    Some(())
}

/// One more bit of a band of coefficients, and those that this bit makes the first time other than zero.
#[inline(always)]
pub(super) fn band_bit(
    cursor: &mut Cursor,
    bytes: &[u8],
    ac: &Ac,
    idle: &mut u32,
    pass: Pass,
    slot: Slot<'_>,
) -> Option<()> {
    let Slot { block, filled } = slot;
    let mut at = pass.first;
    while *idle == 0 && at <= pass.last {
        cursor.refill(bytes);
        let (zeros, value) = match ac.symbol(cursor)? {
            (15, 0) => (15, 0),
            (run, 0) => {
                *idle = (1 << run) + cursor.take(run as u32);
                break;
            }
            (run, 1) => (run, if cursor.take(1) == 1 { 1 } else { -1 }),
            _ => return None,
        };
        let end = behind(at, zeros, pass.last, *filled);
        refine(cursor, bytes, span(at, end) & *filled, pass, block);
        if value != 0 {
            if end > pass.last {
                return None;
            }
            block[usize::from(PLACES[end & 63] & 63)] = value << pass.low;
            *filled |= 1 << (end & 63);
        }
        at = end + 1;
    }
    if *idle > 0 {
        refine(cursor, bytes, span(at, pass.last + 1) & *filled, pass, block);
        *idle -= 1;
    }
    Some(())
}

/// Bits from one number up to another, at most 64.
#[inline(always)]
fn span(from: usize, end: usize) -> u64 {
    let below = |n: usize| if n > 63 { u64::MAX } else { (1 << n) - 1 };
    below(end) & !below(from)
}

/// The place of the coefficient that is nought and has so many such before it, from `at` on; behind the band
/// when it has not as many.
#[inline(always)]
fn behind(at: usize, zeros: usize, last: usize, filled: u64) -> usize {
    let mut free = span(at, last + 1) & !filled;
    for _ in 0..zeros {
        free &= free.wrapping_sub(1);
    }
    if free == 0 { last + 1 } else { free.trailing_zeros() as usize }
}

/// A bit for each of these coefficients.
#[inline(always)]
fn refine(cursor: &mut Cursor, bytes: &[u8], mut these: u64, pass: Pass, block: &mut Block) {
    let bit = 1i16 << pass.low;
    while these != 0 {
        // 56 bits are in store now
        cursor.refill(bytes);
        for _ in 0..48 {
            let value = &mut block[usize::from(PLACES[these.trailing_zeros() as usize & 63] & 63)];
            these &= these - 1;
            let more = cursor.take(1) == 1 && *value & bit == 0;
            *value = value.wrapping_add(if more { bit * value.signum() } else { 0 });
            if these == 0 {
                return;
            }
        }
    }
}
