//! Coefficients of one block (RFC 6386, section 13).

use super::bits::Bits;
use super::header::Chances;

/// Chances by position of the coefficient, that no band has to be looked up.
pub(super) type Positions = [[[u8; 11]; 3]; 16];

const ZIGZAG: [usize; 16] = [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15];
const BANDS: [usize; 16] = [0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7];
/// Chances of the bits of large coefficients.
const LARGE: [&[u8]; 4] = [
    &[173, 148, 140],
    &[176, 155, 140, 135],
    &[180, 157, 141, 134, 130],
    &[254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129],
];

pub(super) fn by_position(chances: &Chances) -> [Positions; 4] {
    chances.map(|bands| BANDS.map(|band| bands[band]))
}

/// Reads the coefficients from `first` on, multiplied by their steps and in natural order, into a block of
/// zeros. `context`: how many of the neighbours above and to the left have any. Returns where it ended:
/// one behind the last coefficient; `first` when there is none.
#[inline(always)]
pub(super) fn block(
    outer: &mut Bits<'_>,
    chances: &Positions,
    context: usize,
    steps: [i32; 2],
    first: usize,
    out: &mut [i16; 16],
) -> usize {
    let mut bits = outer.clone(); // a copy stays in registers
    let mut at = first;
    let mut branch = &chances[at & 15][context];
    while bits.bit(branch[0]) {
        while !bits.bit(branch[1]) {
            at += 1;
            if at == 16 {
                *outer = bits;
                return 16;
            }
            branch = &chances[at & 15][0];
        }
        let (value, context) = if bits.bit(branch[2]) { (large(&mut bits, branch), 2) } else { (1, 1) };
        let value = if bits.flag() { -value } else { value };
        // the largest is 2048 + 66 at a step of 157: some files overflow, and then all decoders wrap
        out[ZIGZAG[at & 15]] = (value * steps[usize::from(at > 0)]) as i16;
        at += 1;
        if at == 16 {
            break;
        }
        branch = &chances[at & 15][context];
    }
    *outer = bits;
    at
}

/// A coefficient of two or more.
#[inline(always)]
fn large(bits: &mut Bits<'_>, branch: &[u8; 11]) -> i32 {
    if !bits.bit(branch[3]) {
        if !bits.bit(branch[4]) {
            return 2;
        }
        return 3 + i32::from(bits.bit(branch[5]));
    }
    if !bits.bit(branch[6]) {
        if !bits.bit(branch[7]) {
            return 5 + i32::from(bits.bit(159));
        }
        return 7 + 2 * i32::from(bits.bit(165)) + i32::from(bits.bit(145));
    }
    let high = usize::from(bits.bit(branch[8]));
    let category = 2 * high + usize::from(bits.bit(branch[9 + high]));
    let extra = LARGE[category].iter().fold(0, |value, chance| value << 1 | i32::from(bits.bit(*chance)));
    3 + (8 << category) + extra
}
