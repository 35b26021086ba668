//! The filter that takes the edges of blocks out of the picture (RFC 6386, section 15).
//!
//! Sixteen places of an edge are done at once, in arrays of bytes that the compiler turns into vectors.
//! Where an edge runs down, the samples beside it are transposed first, eight bytes as one number.

use super::header::Smoothing;

/// Sixteen samples that lie along an edge; of chroma, eight of either plane.
type Lane = [u8; 16];

/// Rows or columns of the macroblock before that a band keeps.
pub(super) const KEPT: usize = 8;

/// A plane's samples under one row of macroblocks, [`KEPT`] rows of the one above before them.
pub(super) struct Band {
    pub(super) samples: Vec<u8>,
    pub(super) stride: usize,
}

/// How one macroblock is smoothed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shape {
    pub(super) smoothing: Smoothing,
    /// Also between its own blocks.
    pub(super) inside: bool,
}

/// Smooths the luma of the macroblock in this column.
pub(super) fn luma(band: &mut Band, column: usize, first_row: bool, shape: Shape, simple: bool) {
    let filter = if simple { simple_edge } else { edge };
    let stride = band.stride;
    let start = KEPT * stride + 16 * column;
    let inner: &[usize] = if shape.inside { &[12, 16, 20] } else { &[] };
    let outer: &[usize] = if column > 0 { &[8] } else { &[] };
    if column > 0 || shape.inside {
        let mut lanes = [[0; 16]; 24];
        let first = if column > 0 { 0 } else { 1 };
        for group in first..3 {
            let at = start + 8 * group - 8;
            let rows = std::array::from_fn(|y| eight(&band.samples, at + y * stride));
            lanes[8 * group..][..8].copy_from_slice(&transposed(rows));
        }
        each_edge(&mut lanes, outer, inner, shape.smoothing, filter);
        for group in first..3 {
            let at = start + 8 * group - 8;
            let (eight, _) = lanes[8 * group..].as_chunks::<8>();
            for (y, row) in restored(eight[0]).iter().enumerate() {
                band.samples[at + y * stride..][..8].copy_from_slice(row);
            }
        }
    }
    let outer: &[usize] = if first_row { &[] } else { &[8] };
    if !first_row || shape.inside {
        let mut lanes = [[0; 16]; 24];
        let first = start - KEPT * stride;
        for (y, lane) in lanes.iter_mut().enumerate() {
            lane.copy_from_slice(&band.samples[first + y * stride..][..16]);
        }
        each_edge(&mut lanes, outer, inner, shape.smoothing, filter);
        for (y, lane) in lanes.iter().enumerate().skip(4) {
            band.samples[first + y * stride..][..16].copy_from_slice(lane);
        }
    }
}

/// Smooths both planes of chroma of the macroblock in this column.
pub(super) fn chroma(bands: [&mut Band; 2], column: usize, first_row: bool, shape: Shape) {
    let stride = bands[0].stride;
    let start = KEPT * stride + 8 * column;
    let inner: &[usize] = if shape.inside { &[12] } else { &[] };
    let outer: &[usize] = if column > 0 { &[8] } else { &[] };
    let mut lanes = [[0; 16]; 16];
    if column > 0 || shape.inside {
        let first = if column > 0 { 0 } else { 1 };
        for group in first..2 {
            let at = start + 8 * group - 8;
            let row = |y: usize| eight(&bands[y / 8].samples, at + y % 8 * stride);
            lanes[8 * group..][..8].copy_from_slice(&transposed(std::array::from_fn(row)));
        }
        each_edge(&mut lanes, outer, inner, shape.smoothing, edge);
        for group in first..2 {
            let at = start + 8 * group - 8;
            let (eight, _) = lanes[8 * group..].as_chunks::<8>();
            for (y, row) in restored(eight[0]).iter().enumerate() {
                bands[y / 8].samples[at + y % 8 * stride..][..8].copy_from_slice(row);
            }
        }
    }
    let outer: &[usize] = if first_row { &[] } else { &[8] };
    if !first_row || shape.inside {
        let first = start - KEPT * stride;
        for (y, lane) in lanes.iter_mut().enumerate() {
            lane[..8].copy_from_slice(&bands[0].samples[first + y * stride..][..8]);
            lane[8..].copy_from_slice(&bands[1].samples[first + y * stride..][..8]);
        }
        each_edge(&mut lanes, outer, inner, shape.smoothing, edge);
        for (y, lane) in lanes.iter().enumerate().skip(4) {
            bands[0].samples[first + y * stride..][..8].copy_from_slice(&lane[..8]);
            bands[1].samples[first + y * stride..][..8].copy_from_slice(&lane[8..]);
        }
    }
}

type Filter = fn(&mut [Lane; 8], Smoothing, bool);

/// Filters the edges before these lanes: those between macroblocks, then those inside.
#[inline(always)]
fn each_edge(lanes: &mut [Lane], outer: &[usize], inner: &[usize], smoothing: Smoothing, filter: Filter) {
    for (edges, between) in [(outer, true), (inner, false)] {
        for at in edges {
            if let Some(beside) = lanes[at - 4..].first_chunk_mut::<8>() {
                filter(beside, smoothing, between);
            }
        }
    }
}

/// Four samples on either side of an edge, nearest in the middle.
fn edge(beside: &mut [Lane; 8], smoothing: Smoothing, between: bool) {
    if between {
        normal::<true>(beside, smoothing);
    } else {
        normal::<false>(beside, smoothing);
    }
}

#[inline(never)]
fn normal<const BETWEEN: bool>(beside: &mut [Lane; 8], smoothing: Smoothing) {
    let most = smoothing.edge + if BETWEEN { 4 } else { 0 };
    let Smoothing { interior, detail, .. } = smoothing;
    // one array each: indexed out of an array of arrays they would not become vectors
    let [far, last, next, before, behind, after, later, end] = beside;
    for at in 0..16 {
        let [a, b, c, d] = [far[at], last[at], next[at], before[at]];
        let [e, f, g, h] = [behind[at], after[at], later[at], end[at]];
        let (left, right) = (c.abs_diff(d), f.abs_diff(e));
        let flat = near(d, e, c, f, most)
            & (a.abs_diff(b).max(b.abs_diff(c)).max(left) <= interior)
            & (h.abs_diff(g).max(g.abs_diff(f)).max(right) <= interior);
        let busy = left.max(right) > detail;
        let mask = if flat { -1i8 } else { 0 };
        let busy = if busy { -1i8 } else { 0 };
        let [b, c, d, e, f, g] = [b, c, d, e, f, g].map(signed);
        let step = e.saturating_sub(d);
        let tap = c.saturating_sub(f);
        if BETWEEN {
            let wide = tap.saturating_add(step).saturating_add(step).saturating_add(step) & mask;
            let narrow = wide & busy;
            let (up, down) = halves(narrow);
            let wide = i16::from(wide & !busy);
            let part = |share: i16| ((share * wide + 63) >> 7) as i8; // at most 27 of 128: fits
            let (most, some, little) = (part(27), part(18), part(9));
            last[at] = unsigned(b.saturating_add(little));
            next[at] = unsigned(c.saturating_add(some));
            before[at] = unsigned(d.saturating_add(down).saturating_add(most));
            behind[at] = unsigned(e.saturating_sub(up).saturating_sub(most));
            after[at] = unsigned(f.saturating_sub(some));
            later[at] = unsigned(g.saturating_sub(little));
        } else {
            let tap = tap & busy;
            let change = tap.saturating_add(step).saturating_add(step).saturating_add(step) & mask;
            let (up, down) = halves(change);
            let outer = ((up + 1) >> 1) & !busy;
            next[at] = unsigned(c.saturating_add(outer));
            before[at] = unsigned(d.saturating_add(down));
            behind[at] = unsigned(e.saturating_sub(up));
            after[at] = unsigned(f.saturating_sub(outer));
        }
    }
}

#[inline(never)]
fn simple_edge(beside: &mut [Lane; 8], smoothing: Smoothing, between: bool) {
    let most = smoothing.edge + if between { 4 } else { 0 };
    let [_, _, next, before, behind, after, _, _] = beside;
    for at in 0..16 {
        let [c, d, e, f] = [next[at], before[at], behind[at], after[at]];
        let mask = if near(d, e, c, f, most) { -1i8 } else { 0 };
        let [c, d, e, f] = [c, d, e, f].map(signed);
        let step = e.saturating_sub(d);
        let tap = c.saturating_sub(f);
        let (up, down) = halves(tap.saturating_add(step).saturating_add(step).saturating_add(step) & mask);
        before[at] = unsigned(d.saturating_add(down));
        behind[at] = unsigned(e.saturating_sub(up));
    }
}

/// Whether the step at an edge is small enough to be the work of the encoder.
#[inline(always)]
fn near(d: u8, e: u8, c: u8, f: u8, most: u8) -> bool {
    let step = d.abs_diff(e);
    step.saturating_add(step).saturating_add(c.abs_diff(f) >> 1) <= most
}

/// What is taken from the sample behind the edge, and what is added to the one before it.
#[inline(always)]
fn halves(change: i8) -> (i8, i8) {
    (change.saturating_add(4) >> 3, change.saturating_add(3) >> 3)
}

#[inline(always)]
fn signed(sample: u8) -> i8 {
    (sample ^ 0x80).cast_signed()
}

#[inline(always)]
fn unsigned(sample: i8) -> u8 {
    sample.cast_unsigned() ^ 0x80
}

#[inline(always)]
fn eight(samples: &[u8], at: usize) -> [u8; 8] {
    let mut eight = [0; 8];
    eight.copy_from_slice(&samples[at..][..8]);
    eight
}

/// Sixteen rows of eight samples as eight columns of sixteen.
#[inline(always)]
fn transposed(rows: [[u8; 8]; 16]) -> [Lane; 8] {
    let mut pairs: [[u64; 2]; 8] =
        std::array::from_fn(|y| [u64::from_le_bytes(rows[y]), u64::from_le_bytes(rows[8 + y])]);
    turn(&mut pairs);
    pairs.map(|[upper, lower]| {
        let mut lane = [0; 16];
        lane[..8].copy_from_slice(&upper.to_le_bytes());
        lane[8..].copy_from_slice(&lower.to_le_bytes());
        lane
    })
}

#[inline(always)]
fn restored(lanes: [Lane; 8]) -> [[u8; 8]; 16] {
    let mut pairs = lanes.map(|lane| [0, 8].map(|at| u64::from_le_bytes(eight(&lane, at))));
    turn(&mut pairs);
    std::array::from_fn(|y| pairs[y % 8][y / 8].to_le_bytes())
}

/// Two squares of eight by eight bytes turned about their diagonals: halves change places, then quarters,
/// then single bytes.
#[inline(always)]
fn turn(rows: &mut [[u64; 2]; 8]) {
    for (far, shift, mask) in [(4, 32, 0xFFFF_FFFF), (2, 16, 0xFFFF_0000_FFFF), (1, 8, 0xFF_00FF_00FF_00FF)] {
        for at in (0..8).filter(|at| at & far == 0) {
            let (near, off) = rows.split_at_mut(at + far);
            for (first, second) in near[at].iter_mut().zip(&mut off[0]) {
                let swap = (*first >> shift ^ *second) & mask;
                *second ^= swap;
                *first ^= swap << shift;
            }
        }
    }
}
