//! From the coefficients of a block to its samples.
//!
//! Arai, Agui and Nakajima's transform in floats, which is nearer to the ideal than the integer one of most
//! decoders. Blocks arrive with columns and rows swapped: then one exchange between the two passes is all that
//! is needed. Where only a half, a quarter or an eighth of the size is wanted, the lower frequencies alone go
//! through a transform of that size.

use fearless_simd::{Bytes, Simd, SimdBase, SimdCvtFloat, SimdCvtTruncate, SimdFrom, SimdNarrow, SimdWiden};
use fearless_simd::{f32x8, i16x16, i32x8, u8x32};

use crate::fit::simd::turned;

/// Coefficients of one block, columns first.
pub(super) type Block = [i16; 64];

/// What the fast transform leaves over of each coefficient: 1, then sqrt(2) cos(k pi/16).
pub(super) use crate::fit::encode::SCALE;

/// Samples of `SIZE` x `SIZE` (8, 4, 2 or 1), by rows. `last`: the last coefficient that is not zero, in zigzag
/// order.
#[inline(always)]
pub(super) fn samples<S: Simd, const SIZE: usize>(
    simd: S,
    block: &Block,
    factors: &[f32; 64],
    last: usize,
) -> [[u8; SIZE]; SIZE] {
    if last == 0 || SIZE == 1 {
        return [[sample(f32::from(block[0]) * factors[0]); SIZE]; SIZE];
    }
    let mut samples = [[0; SIZE]; SIZE];
    if SIZE == 8 {
        let whole = whole(simd, block, factors);
        for (to, from) in samples.iter_mut().zip(whole.as_chunks::<8>().0) {
            to.copy_from_slice(&from[..SIZE]);
        }
    } else {
        reduced(block, factors, &mut samples);
    }
    samples
}

#[inline(always)]
fn whole<S: Simd>(simd: S, block: &Block, factors: &[f32; 64]) -> [u8; 64] {
    let mut columns = [f32x8::splat(simd, 0.0); 8];
    for n in 0..4 {
        let (even, odd) = i16x16::from_slice(simd, &block[16 * n..][..16]).widen();
        let factor = |column: usize| f32x8::from_slice(simd, &factors[8 * column..][..8]);
        columns[2 * n] = f32x8::float_from(even) * factor(2 * n);
        columns[2 * n + 1] = f32x8::float_from(odd) * factor(2 * n + 1);
    }
    // the level that is nought, and a half for rounding: through the first coefficient it reaches all samples
    columns[0] += f32x8::simd_from(simd, [128.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let rows = pass(turned(pass(columns)));
    let mut samples = [0; 64];
    for (four, to) in rows.as_chunks::<4>().0.iter().zip(samples.as_chunks_mut::<32>().0) {
        let level = |row: f32x8<S>| i32x8::truncate_from(row);
        let upper = level(four[0]).saturating_narrow(level(four[1])) - 128;
        let lower = level(four[2]).saturating_narrow(level(four[3])) - 128;
        let signed: u8x32<S> = upper.saturating_narrow(lower).bitcast();
        (signed ^ 128).store_slice(to);
    }
    samples
}

/// The nearest sample to a value round zero, by letting an addition push the fraction out of the mantissa.
#[inline(always)]
fn sample(value: f32) -> u8 {
    let value = value + 128.0;
    let value = if value > 0.0 { value } else { 0.0 };
    let value = if value < 255.0 { value } else { 255.0 };
    (value + 12_582_912.0).to_bits() as u8
}

/// One-dimensional inverse transform across the eight values, in all lanes.
#[inline(always)]
fn pass<S: Simd>(values: [f32x8<S>; 8]) -> [f32x8<S>; 8] {
    let [v0, v1, v2, v3, v4, v5, v6, v7] = values;
    let (sum, difference) = (v0 + v4, v0 - v4);
    let (outer, inner) = (v2 + v6, (v2 - v6) * std::f32::consts::SQRT_2 - (v2 + v6));
    let (e0, e3) = (sum + outer, sum - outer);
    let (e1, e2) = (difference + inner, difference - inner);

    let (a, b) = (v5 + v3, v5 - v3);
    let (c, d) = (v1 + v7, v1 - v7);
    let turn = (b + d) * 1.847_759_1;
    let o7 = c + a;
    let o6 = turn - b * 2.613_126 - o7;
    let o5 = (c - a) * std::f32::consts::SQRT_2 - o6;
    let o4 = turn - d * 1.082_392_2 - o5;
    [e0 + o7, e1 + o6, e2 + o5, e3 + o4, e3 - o4, e2 - o5, e1 - o6, e0 - o7]
}

/// The lower frequencies, through a transform of `SIZE` points.
#[inline(always)]
fn reduced<const SIZE: usize>(block: &Block, factors: &[f32; 64], samples: &mut [[u8; SIZE]; SIZE]) {
    let wave = |x: usize, u: usize| if SIZE == 4 { WAVES_4[x & 3][u & 3] } else { WAVES_2[x & 1][u & 1] };
    let mut half = [[0.0f32; SIZE]; SIZE];
    for (x, row) in half.iter_mut().enumerate() {
        for u in 0..SIZE {
            for (v, value) in row.iter_mut().enumerate() {
                *value += f32::from(block[u * 8 + v]) * factors[u * 8 + v] * wave(x, u);
            }
        }
    }
    for (y, row) in samples.iter_mut().enumerate() {
        for (x, to) in row.iter_mut().enumerate() {
            let mut sum = 0.0;
            for (v, value) in half[x].iter().enumerate() {
                sum += value * wave(y, v);
            }
            *to = sample(sum);
        }
    }
}

/// Value at each place of each frequency, over what the factors hold already: cos((2x + 1) k pi / 2n) times
/// sqrt(2), over sqrt(2) cos(k pi / 16).
const WAVES_4: [[f32; 4]; 4] = [
    [1.0, 0.941_979_4, 0.765_366_9, 0.460_249_45],
    [1.0, 0.390_180_65, -0.765_366_9, -1.111_140_5],
    [1.0, -0.390_180_65, -0.765_366_9, 1.111_140_5],
    [1.0, -0.941_979_4, 0.765_366_9, -0.460_249_45],
];
const WAVES_2: [[f32; 2]; 2] = [[1.0, 0.720_959_8], [1.0, -0.720_959_8]];
