//! One plane on its way to another size, while its rows come.
//!
//! Only as many rows are held as one row of the smaller picture is made of. First down the columns: there every
//! sample of a row has the same weight, and all are summed side by side. When eight rows have been made they are
//! laid on their side, so that samples of one column lie next to each other; then what goes along the rows is the
//! same sum.
//!
//! Sums are of pairs, two neighbours times two weights, in 32 bits; between the two steps samples have six
//! fractional bits.

use fearless_simd::{Bytes, SimdIntWiden, SimdNarrow, SimdSplit, SimdWiden};
use fearless_simd::{Level, Simd, SimdBase, dispatch, i16x8, i16x16, i32x8, u8x16};

use super::taps::{Taps, WEIGHT_BITS};
use crate::fit::picture::Plane;
use crate::fit::rows::Shape;
use crate::fit::simd::turned;

/// Fractional bits of a sample between the two steps.
const LINE_BITS: u32 = 6;

/// Rows that are laid on their side together.
const LINES: usize = 8;

/// Samples of a row are a multiple of this in number.
const LANES: usize = 16;

/// Rows that arrive, and the plane that they become.
#[derive(Debug)]
pub(super) struct Scaler {
    channels: usize,
    level: Level,
    rows: Taps,
    columns: Taps,
    /// The rows of the pair that is coming. What lies beyond their samples stays nought.
    first: Vec<u8>,
    second: Vec<u8>,
    /// Pairs of rows that may still be needed, in a ring: samples of both in turn, `stride` of each.
    ring: Vec<i16>,
    held: usize,
    stride: usize,
    /// Rows that have come, and rows that have been made.
    come: usize,
    made: usize,
    /// Up to eight rows after the vertical step, and the same on their side: pairs of neighbours of all eight.
    lines: Vec<i16>,
    sides: Vec<i16>,
    /// The size stays: rows are passed through as they are.
    same: bool,
    to: Plane,
}

impl Scaler {
    /// From rows of this shape, `channels` interleaved, to a plane of this size. The picture begins at `origin`
    /// of the first sample.
    pub(super) fn new(shape: Shape, origin: (f64, f64), channels: usize, to: (usize, usize)) -> Self {
        let same = (shape.covers, origin) == ((to.0 as f64, to.1 as f64), (0.0, 0.0));
        let (rows, columns) = if same {
            (Taps::default(), Taps::default())
        } else {
            (
                Taps::new((shape.height, origin.1, shape.covers.1), to.1),
                Taps::new((shape.width, origin.0, shape.covers.0), to.0),
            )
        };
        // one column more than an odd number has makes the last pair whole
        let stride = if same { 0 } else { ((shape.width + 1) * channels).next_multiple_of(LANES) };
        let held = rows.most() + 1;
        Self {
            channels,
            level: Level::new(),
            rows,
            columns,
            first: vec![0; stride],
            second: vec![0; stride],
            ring: vec![0; held * stride * 2],
            held,
            stride,
            come: 0,
            made: 0,
            lines: vec![0; LINES * stride],
            sides: vec![0; LINES * stride + LINES * 2 * channels],
            same,
            to: Plane::new(to.0, to.1, channels, vec![0; to.0 * to.1 * channels]),
        }
    }

    /// Takes the next row.
    pub(super) fn push(&mut self, row: &[u8]) {
        if self.same {
            let start = self.come * row.len();
            if let Some(to) = self.to.samples.get_mut(start..start + row.len()) {
                to.copy_from_slice(row);
            }
            self.come += 1;
            return;
        }
        if self.come.is_multiple_of(2) {
            weighed(self.channels, row, &mut self.first);
            self.come += 1;
            return;
        }
        weighed(self.channels, row, &mut self.second);
        self.pair();
        self.come += 1;
        self.catch_up();
    }

    /// The smaller plane; rows that never came are black.
    pub(super) fn finish(mut self) -> Plane {
        if self.same {
            return self.to;
        }
        if !self.come.is_multiple_of(2) {
            // whatever stands for the row that is missing weighs nothing
            self.pair();
            self.come += 1;
        }
        self.catch_up();
        if !self.made.is_multiple_of(LINES) {
            self.lay_down();
        }
        match self.channels {
            2 => unweighed::<2>(&mut self.to.samples),
            4 => unweighed::<4>(&mut self.to.samples),
            _ => {}
        }
        self.to
    }

    /// The two rows that have come, as a pair.
    fn pair(&mut self) {
        let slot = self.come / 2 % self.held * self.stride * 2;
        let (first, second) = (&self.first[..], &self.second[..]);
        let to = &mut self.ring[slot..slot + self.stride * 2];
        dispatch!(self.level, simd => in_turn(simd, first, second, to));
    }

    /// Makes all rows for which enough have come.
    fn catch_up(&mut self) {
        while self.made < self.rows.len() {
            let (first, weights) = self.rows.of(self.made);
            if 2 * (first + weights.len()) > self.come {
                return;
            }
            let line = self.made % LINES * self.stride;
            let to = &mut self.lines[line..line + self.stride];
            let (ring, held) = (&self.ring[..], self.held);
            dispatch!(self.level, simd => down(simd, ring, held, first, weights, to));
            self.made += 1;
            if self.made.is_multiple_of(LINES) {
                self.lay_down();
            }
        }
    }

    /// Brings the rows just made to their width.
    fn lay_down(&mut self) {
        let from = (self.made - 1) / LINES * LINES;
        let width = self.to.width * self.channels;
        let to = &mut self.to.samples[from * width..self.made * width];
        let (lines, sides, channels, columns) =
            (&self.lines[..], &mut self.sides[..], self.channels, &self.columns);
        let stride = self.stride;
        dispatch!(self.level, simd => {
            on_side(simd, lines, stride, channels, sides);
            match channels {
                1 => along::<_, 1>(simd, sides, columns, to),
                2 => along::<_, 2>(simd, sides, columns, to),
                3 => along::<_, 3>(simd, sides, columns, to),
                _ => along::<_, 4>(simd, sides, columns, to),
            }
        });
    }
}

/// Two rows of samples as one row of pairs.
#[inline(always)]
fn in_turn<S: Simd>(simd: S, first: &[u8], second: &[u8], to: &mut [i16]) {
    let pairs = first.as_chunks::<LANES>().0.iter().zip(second.as_chunks::<LANES>().0);
    for ((a, b), to) in pairs.zip(to.as_chunks_mut::<{ 2 * LANES }>().0) {
        let (a, b) = (u8x16::from_slice(simd, a), u8x16::from_slice(simd, b));
        let (low, high) = (a.zip_low(b).widen(), a.zip_high(b).widen());
        for (wide, to) in [low.0, low.1, high.0, high.1].into_iter().zip(to.as_chunks_mut::<8>().0) {
            let wide: i16x8<S> = wide.bitcast();
            wide.store_slice(to);
        }
    }
}

/// One row made of pairs of rows.
#[inline(always)]
fn down<S: Simd>(simd: S, ring: &[i16], held: usize, first: usize, weights: &[i32], to: &mut [i16]) {
    let half = i32x8::splat(simd, 1 << (WEIGHT_BITS - LINE_BITS - 1));
    let size = to.len() * 2;
    for (n, to) in to.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let mut sums = (half, half);
        let mut slot = first % held;
        for weight in weights {
            let from = &ring[slot * size + n * LANES * 2..][..LANES * 2];
            let weight: i16x16<S> = i32x8::splat(simd, *weight).bitcast();
            let (low, high) =
                (i16x16::from_slice(simd, &from[..LANES]), i16x16::from_slice(simd, &from[LANES..]));
            sums.0 += low.pairwise_dot_product(weight);
            sums.1 += high.pairwise_dot_product(weight);
            slot = if slot + 1 == held { 0 } else { slot + 1 };
        }
        let shift = WEIGHT_BITS - LINE_BITS;
        let row: i16x16<S> = (sums.0 >> shift).saturating_narrow(sums.1 >> shift);
        row.store_slice(to);
    }
}

/// Eight rows on their side: for every two neighbours of one channel, those of all eight rows in turn.
#[inline(always)]
fn on_side<S: Simd>(simd: S, lines: &[i16], stride: usize, channels: usize, sides: &mut [i16]) {
    // first every column by itself, at the place of its pair; neighbours of one channel are `channels` apart
    let place = |column: usize| {
        let (pixel, channel) = (column / channels, column % channels);
        ((pixel / 2 * channels + channel) * 2 + pixel % 2) * LINES
    };
    for left in (0..stride).step_by(8) {
        let mut rows = [i16x8::splat(simd, 0); 8];
        for (line, row) in rows.iter_mut().enumerate() {
            *row = i16x8::from_slice(simd, &lines[line * stride + left..][..8]);
        }
        for (column, values) in turned(rows).into_iter().enumerate() {
            let at = place(left + column);
            values.store_slice(&mut sides[at..at + 8]);
        }
    }
    for pair in sides.as_chunks_mut::<{ 2 * LINES }>().0 {
        let (even, odd) = (i16x8::from_slice(simd, &pair[..8]), i16x8::from_slice(simd, &pair[8..]));
        even.zip_low(odd).store_slice(&mut pair[..8]);
        even.zip_high(odd).store_slice(&mut pair[8..]);
    }
}

/// As many rows as `to` has, of eight that lie on their side, brought to their width.
#[inline(always)]
fn along<S: Simd, const CHANNELS: usize>(simd: S, sides: &[i16], columns: &Taps, to: &mut [u8]) {
    let half = i32x8::splat(simd, 1 << (LINE_BITS + WEIGHT_BITS - 1));
    let width = columns.len() * CHANNELS;
    let (mut block, mut filled, mut left) = ([[0; LINES]; 8], 0, 0);
    let pairs = sides.as_chunks::<{ 2 * LINES }>().0.as_chunks::<CHANNELS>().0;
    for n in 0..columns.len() {
        let (first, weights) = columns.of(n);
        let mut sums = [half; CHANNELS];
        for (pixel, weight) in pairs[first..].iter().zip(weights) {
            let weight: i16x16<S> = i32x8::splat(simd, *weight).bitcast();
            for (sum, pair) in sums.iter_mut().zip(pixel) {
                *sum += i16x16::from_slice(simd, pair).pairwise_dot_product(weight);
            }
        }
        for sum in sums {
            (sum >> (LINE_BITS + WEIGHT_BITS)).store_slice(&mut block[filled]);
            filled += 1;
            if filled == block.len() {
                upright(simd, &block, filled, to, width, left);
                (filled, left) = (0, left + filled);
            }
        }
    }
    upright(simd, &block, filled, to, width, left);
}

/// Columns of eight rows put where they belong, as samples.
#[inline(always)]
fn upright<S: Simd>(
    simd: S,
    block: &[[i32; LINES]; 8],
    filled: usize,
    to: &mut [u8],
    width: usize,
    left: usize,
) {
    let (none, full) = (i16x16::splat(simd, 0), i16x16::splat(simd, 255));
    let mut columns = [i16x8::splat(simd, 0); 8];
    for (pair, two) in block.as_chunks::<2>().0.iter().zip(columns.as_chunks_mut::<2>().0) {
        let (a, b) = (i32x8::from_slice(simd, &pair[0]), i32x8::from_slice(simd, &pair[1]));
        let both: i16x16<S> = a.saturating_narrow(b);
        (two[0], two[1]) = both.max(none).min(full).split();
    }
    let rows = turned(columns);
    for (pair, lines) in rows.as_chunks::<2>().0.iter().zip(to.chunks_mut(2 * width)) {
        let mut samples = [0; 16];
        let both: u8x16<S> = pair[0].narrow(pair[1]).bitcast();
        both.store_slice(&mut samples);
        for (line, samples) in lines.chunks_exact_mut(width).zip(samples.as_chunks::<8>().0) {
            if let (8, Some(place)) = (filled, line[left..].first_chunk_mut::<8>()) {
                *place = *samples;
            } else {
                line[left..left + filled].copy_from_slice(&samples[..filled]);
            }
        }
    }
}

/// Samples as they come; where the last channel is alpha, the others times alpha: what is transparent has no say
/// in the sum.
fn weighed(channels: usize, row: &[u8], to: &mut [u8]) {
    match channels {
        2 => times_alpha::<2>(row, to),
        4 => times_alpha::<4>(row, to),
        _ => to[..row.len()].copy_from_slice(row),
    }
}

fn times_alpha<const CHANNELS: usize>(row: &[u8], to: &mut [u8]) {
    for (to, pixel) in to.as_chunks_mut::<CHANNELS>().0.iter_mut().zip(row.as_chunks::<CHANNELS>().0) {
        let alpha = u32::from(pixel[CHANNELS - 1]);
        for (to, sample) in to.iter_mut().zip(pixel) {
            *to = ((u32::from(*sample) * alpha + 127) / 255) as u8;
        }
        to[CHANNELS - 1] = alpha as u8;
    }
}

/// Colours divided by alpha again.
fn unweighed<const CHANNELS: usize>(samples: &mut [u8]) {
    for pixel in samples.as_chunks_mut::<CHANNELS>().0 {
        let alpha = u32::from(pixel[CHANNELS - 1]);
        for sample in &mut pixel[..CHANNELS - 1] {
            *sample = (u32::from(*sample) * 255 + alpha / 2).checked_div(alpha).unwrap_or(0).min(255) as u8;
        }
    }
}
