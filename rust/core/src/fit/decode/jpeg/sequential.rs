//! Blocks whose coefficients come all at once.

use super::bits::Cursor;
use super::header::{Fault, Scan, Tables};
use super::huffman::{Ac, Dc, END};
use super::transform::Block;
use crate::fit::encode::PLACES;

/// The tables that one component of a scan is read by.
#[derive(Clone, Copy)]
pub(super) struct Coder<'a> {
    pub(super) dc: &'a Dc,
    pub(super) ac: &'a Ac,
}

/// The tables of every component of the scan.
pub(super) fn coders<'a>(tables: &'a Tables, scan: &Scan) -> Result<Vec<Coder<'a>>, Fault> {
    let coder = |(_, dc, ac): &(usize, usize, usize)| {
        let dc = tables.dc.get(*dc).and_then(Option::as_deref);
        let ac = tables.ac.get(*ac).and_then(Option::as_deref);
        dc.zip(ac).map(|(dc, ac)| Coder { dc, ac }).ok_or(Fault::Corrupt)
    };
    scan.parts.iter().map(coder).collect()
}

/// Reads one block. The cursor behind it, and the number of the last coefficient it holds; `None` when no such
/// code exists.
///
/// The cursor comes and goes by value: one whose address is known to another function is kept in memory, and
/// every look-up would wait for the store before it.
#[inline(always)]
pub(super) fn block(
    mut cursor: Cursor,
    bytes: &[u8],
    coder: Coder<'_>,
    level: &mut i32,
    block: &mut Block,
) -> Option<(Cursor, usize)> {
    *block = [0; 64];
    cursor.refill(bytes);
    *level = level.wrapping_add(coder.dc.difference(&mut cursor)?);
    block[0] = *level as i16;
    let mut at = 0usize;
    cursor.refill(bytes);
    'refilled: loop {
        // four look-ups take 44 of 56 bits
        for _ in 0..4 {
            let pair = coder.ac.pair(cursor);
            if pair.length == 0 {
                cursor.refill(bytes);
                let ended;
                (cursor, at, ended) = long(cursor, coder.ac, at, block)?;
                if ended {
                    return Some((cursor, at));
                }
                cursor.refill(bytes);
                continue 'refilled;
            }
            at += usize::from(pair.first_step);
            if at > 62 {
                cursor.skip(u32::from(pair.first_length));
                return last(at, pair.first_step, pair.first, block).map(|last| (cursor, last));
            }
            cursor.skip(u32::from(pair.length));
            block[usize::from(PLACES[at] & 63)] = pair.first;
            at += usize::from(pair.second_step);
            if at > 62 {
                return last(at, pair.second_step, pair.second, block).map(|last| (cursor, last));
            }
            block[usize::from(PLACES[at] & 63)] = pair.second;
        }
        cursor.refill(bytes);
    }
}

/// The end of a block: by its code, or by its last coefficient.
#[inline(always)]
fn last(at: usize, step: u8, value: i16, block: &mut Block) -> Option<usize> {
    if at == 63 {
        block[63] = value;
        Some(63)
    } else {
        (step == END).then(|| at - usize::from(END))
    }
}

/// One coefficient that takes more bits than are looked up at once: the cursor behind it, its number, and whether
/// it ends the block.
#[inline(never)]
fn long(mut cursor: Cursor, ac: &Ac, at: usize, block: &mut Block) -> Option<(Cursor, usize, bool)> {
    let (run, size) = ac.symbol(&mut cursor)?;
    if size == 0 && run < 15 {
        return Some((cursor, at, true));
    }
    let at = at + run + 1;
    let place = *PLACES.get(at)?;
    block[usize::from(place & 63)] = if size == 0 { 0 } else { cursor.signed(size) as i16 };
    Some((cursor, at, at == 63))
}
