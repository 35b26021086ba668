//! The forward transform and the quantiser of one 8x8 block.
//!
//! Arai, Agui and Nakajima's scaled DCT: five multiplications per eight samples, and the scale factors
//! left over are folded into the quantiser's table. Eight columns go at once.

use fearless_simd::{Bytes, Simd, SimdBase, SimdMask, SimdNarrow, f32x8, i16x16, i32x8};

use crate::fit::simd::turned;

/// A block of samples round zero, by rows.
pub(super) type Block<S> = [f32x8<S>; 8];

/// What remains of each output after the scaled transform: 1, then sqrt(2) cos(k pi/16).
pub(in crate::fit) const SCALE: [f64; 8] = [
    1.0,
    1.387_039_845_322_147_5,
    1.306_562_964_876_376_5,
    1.175_875_602_419_358_8,
    1.0,
    0.785_694_958_387_102_2,
    0.541_196_100_146_197,
    0.275_899_379_282_943_1,
];

/// Natural index (row of frequencies times eight plus column) of the n-th coefficient of the zigzag.
pub(in crate::fit) const ZIGZAG: [usize; 64] = zigzag();

/// Where the n-th coefficient of the zigzag lies in a block that is stored columns first.
pub(in crate::fit) const PLACES: [u8; 64] = {
    let (mut places, mut n) = ([0; 64], 0);
    while n < 64 {
        places[n] = (ZIGZAG[n] % 8 * 8 + ZIGZAG[n] / 8) as u8;
        n += 1;
    }
    places
};

const fn zigzag() -> [usize; 64] {
    let (mut order, mut at, mut diagonal) = ([0; 64], 0, 0);
    while diagonal < 15 {
        let (low, high) = if diagonal < 8 { (0, diagonal) } else { (diagonal - 7, 7) };
        let mut step = low;
        while step <= high {
            // even diagonals run up to the right, odd ones down to the left
            let row = if diagonal % 2 == 0 { low + high - step } else { step };
            order[at] = row * 8 + (diagonal - row);
            at += 1;
            step += 1;
        }
        diagonal += 1;
    }
    order
}

/// Factors that turn a scaled coefficient into its quantised value, in transposed order.
#[derive(Debug, Clone)]
pub(super) struct Quantiser([[f32; 8]; 8]);

impl Quantiser {
    /// From the steps in natural order.
    pub(super) fn new(steps: &[u8; 64]) -> Self {
        let mut factors = [[0.0; 8]; 8];
        for (column, lanes) in factors.iter_mut().enumerate() {
            for (row, factor) in lanes.iter_mut().enumerate() {
                let step = f64::from(steps[row * 8 + column]);
                *factor = (1.0 / (step * SCALE[row] * SCALE[column] * 8.0)) as f32;
            }
        }
        Self(factors)
    }

    /// Quantised coefficients of the block.
    #[inline(always)]
    pub(super) fn coefficients<S: Simd>(&self, simd: S, block: Block<S>) -> Coefficients {
        // rows of columns in, columns of rows out: the second pass leaves the result transposed
        let transformed = pass(turned(pass(block)));
        let (mut values, mut filled) = ([0i16; 64], 0);
        for (n, to) in values.as_chunks_mut::<16>().0.iter_mut().enumerate() {
            let level = |row: usize| round(simd, transformed[row] * f32x8::from_slice(simd, &self.0[row]));
            let two: i16x16<S> = level(2 * n).saturating_narrow(level(2 * n + 1));
            two.store_slice(to);
            filled |= (!two.simd_eq(0).to_bitmask() & 0xFFFF) << (16 * n);
        }
        Coefficients { values, filled: in_zigzag(filled) }
    }
}

/// Quantised coefficients of one block.
pub(super) struct Coefficients {
    /// Columns first.
    pub(super) values: [i16; 64],
    /// Which are not nought: bit n for the n-th of the zigzag.
    pub(super) filled: u64,
}

impl Coefficients {
    /// The n-th of the zigzag.
    #[inline(always)]
    pub(super) fn at(&self, n: usize) -> i16 {
        self.values[usize::from(PLACES[n & 63] & 63)]
    }
}

/// Bits by place as bits by number in the zigzag.
#[inline(always)]
fn in_zigzag(filled: u64) -> u64 {
    /// For every eight places and every value of their bits, where these go.
    static BITS: [[u64; 256]; 8] = {
        let (mut bits, mut n) = ([[0; 256]; 8], 0);
        while n < 64 {
            let (byte, bit) = (PLACES[n] as usize / 8, PLACES[n] % 8);
            let mut value = 0;
            while value < 256 {
                bits[byte][value] |= (value as u64 >> bit & 1) << n;
                value += 1;
            }
            n += 1;
        }
        bits
    };
    let mut mask = 0;
    for (bits, byte) in BITS.iter().zip(filled.to_le_bytes()) {
        mask |= bits[usize::from(byte)];
    }
    mask
}

/// Nearest integers, by letting the addition of 1.5 * 2^23 push the fraction out of the mantissa.
#[inline(always)]
fn round<S: Simd>(_: S, values: f32x8<S>) -> i32x8<S> {
    const SHIFT: f32 = 12_582_912.0;
    let shifted: i32x8<S> = (values + SHIFT).bitcast();
    shifted - SHIFT.to_bits() as i32
}

/// One-dimensional transform down the eight rows, in all lanes.
#[inline(always)]
fn pass<S: Simd>(rows: Block<S>) -> Block<S> {
    let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
    let (s0, s1, s2, s3) = (r0 + r7, r1 + r6, r2 + r5, r3 + r4);
    let (d0, d1, d2, d3) = (r0 - r7, r1 - r6, r2 - r5, r3 - r4);

    let (outer, inner) = (s0 + s3, s1 + s2);
    let (outer_d, inner_d) = (s0 - s3, s1 - s2);
    let half = (inner_d + outer_d) * std::f32::consts::FRAC_1_SQRT_2;

    let (a, b, c) = (d3 + d2, d2 + d1, d1 + d0);
    let turn = (a - c) * 0.382_683_43;
    let low = a * 0.541_196_1 + turn;
    let high = c * 1.306_563 + turn;
    let middle = b * std::f32::consts::FRAC_1_SQRT_2;
    let (plus, minus) = (d0 + middle, d0 - middle);
    [
        outer + inner,
        plus + high,
        outer_d + half,
        minus - low,
        outer - inner,
        minus + low,
        outer_d - half,
        plus - high,
    ]
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, SimdFrom, dispatch};

    use super::*;

    /// The transform is the textbook's, to the last unit of the quantised value.
    #[test]
    fn equals_the_definition() {
        let mut state = 7u32;
        let block: [[f32; 8]; 8] = std::array::from_fn(|_| {
            std::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                f32::from((state >> 24) as u8) - 128.0
            })
        });
        let quantiser = Quantiser::new(&[1; 64]);
        let fast = dispatch!(Level::new(), simd => {
            quantiser.coefficients(simd, block.map(|row| f32x8::simd_from(simd, row)))
        });
        for (at, natural) in ZIGZAG.iter().enumerate() {
            let (v, u) = (natural / 8, natural % 8);
            let mut sum = 0.0;
            for (y, row) in block.iter().enumerate() {
                for (x, sample) in row.iter().enumerate() {
                    let angle = |n: usize, k: usize| {
                        ((2 * n + 1) as f64 * k as f64 * std::f64::consts::PI / 16.0).cos()
                    };
                    sum += f64::from(*sample) * angle(x, u) * angle(y, v);
                }
            }
            let norm = |k: usize| if k == 0 { std::f64::consts::FRAC_1_SQRT_2 } else { 1.0 };
            let exact = sum * norm(u) * norm(v) / 4.0;
            assert_eq!(fast.at(at) != 0, fast.filled >> at & 1 == 1);
            assert!((exact - f64::from(fast.at(at))).abs() < 0.51, "{at}: {exact} against {}", fast.at(at));
        }
    }

    /// The zigzag starts and ends as the standard draws it and misses no coefficient.
    #[test]
    fn zigzag_order() {
        assert_eq!([0, 1, 8, 16, 9, 2, 3, 10, 17, 24], ZIGZAG[..10]);
        assert_eq!([47, 55, 62, 63], ZIGZAG[60..]);
        let mut all = ZIGZAG;
        all.sort_unstable();
        assert_eq!(std::array::from_fn::<usize, 64, _>(|n| n), all);
    }
}
