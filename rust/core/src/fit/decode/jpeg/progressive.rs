//! Blocks whose coefficients come in several scans: by frequency, and bit plane by bit plane.

use super::bits::Cursor;
use super::huffman::{Ac, Dc};
use super::sequential::PLACES;
use super::transform::Block;

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
    block: &mut Block,
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
                block[usize::from(PLACES[at & 63])] = (cursor.signed(size) << pass.low) as i16;
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
    block: &mut Block,
) -> Option<()> {
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
        at = refine(cursor, bytes, at, Some(zeros), pass, block);
        if value != 0 {
            if at > pass.last {
                return None;
            }
            block[usize::from(PLACES[at & 63])] = value << pass.low;
        }
        at += 1;
    }
    if *idle > 0 {
        refine(cursor, bytes, at, None, pass, block);
        *idle -= 1;
    }
    Some(())
}

/// A bit for each coefficient that is not zero, up to the zero behind so many, or to the end of the band.
#[inline(always)]
fn refine(
    cursor: &mut Cursor,
    bytes: &[u8],
    from: usize,
    mut zeros: Option<usize>,
    pass: Pass,
    block: &mut Block,
) -> usize {
    let bit = 1i16 << pass.low;
    for (at, place) in PLACES.iter().enumerate().take(pass.last + 1).skip(from) {
        let value = &mut block[usize::from(place & 63)];
        if *value != 0 {
            cursor.refill(bytes);
            if cursor.take(1) == 1 && *value & bit == 0 {
                *value = value.wrapping_add(if *value > 0 { bit } else { -bit });
            }
        } else if let Some(left) = &mut zeros {
            if *left == 0 {
                return at;
            }
            *left -= 1;
        }
    }
    pass.last + 1
}
