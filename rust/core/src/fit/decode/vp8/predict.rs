//! Prediction of samples from those above and to the left (RFC 6386, section 12).
//!
//! A macroblock is put together in a small square of its own with one row above and columns to the left,
//! so that no case at the border of the picture is special here.

/// Samples of a row of the square.
pub(super) const STRIDE: usize = 32;
/// Where the first luma sample lies in its square, and the first of either chroma in theirs.
pub(super) const LUMA: usize = STRIDE + 8;
pub(super) const CHROMA: [usize; 2] = [STRIDE + 8, STRIDE + 24];

/// How a whole plane of a macroblock is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Mean,
    Vertical,
    Horizontal,
    Gradient,
    /// Luma only: each subblock in a way of its own.
    Subblocks,
}

/// Predicts a square of `SIZE` samples a side. The mean leaves out what lies outside of the picture.
pub(super) fn whole<const SIZE: usize>(work: &mut [u8], at: usize, mode: Mode, inside: (bool, bool)) {
    let mut above = [0; SIZE];
    above.copy_from_slice(&work[at - STRIDE..][..SIZE]);
    let left: [u8; SIZE] = std::array::from_fn(|y| work[at + y * STRIDE - 1]);
    let corner = work[at - STRIDE - 1];
    let mean = mean(&above, &left, inside);
    for (y, left) in left.into_iter().enumerate() {
        let row = &mut work[at + y * STRIDE..][..SIZE];
        match mode {
            Mode::Mean => row.fill(mean),
            Mode::Vertical => row.copy_from_slice(&above),
            Mode::Horizontal => row.fill(left),
            Mode::Gradient | Mode::Subblocks => gradient(row, &above, left, corner),
        }
    }
}

fn mean<const SIZE: usize>(above: &[u8; SIZE], left: &[u8; SIZE], inside: (bool, bool)) -> u8 {
    let sum = |side: &[u8; SIZE]| side.iter().map(|sample| u32::from(*sample)).sum::<u32>();
    let size = SIZE as u32;
    let mean = match inside {
        (true, true) => (sum(above) + sum(left) + size) / (2 * size),
        (true, false) => (sum(above) + size / 2) / size,
        (false, true) => (sum(left) + size / 2) / size,
        (false, false) => 128,
    };
    mean as u8
}

fn gradient(row: &mut [u8], above: &[u8], left: u8, corner: u8) {
    let step = i16::from(left) - i16::from(corner);
    for (sample, above) in row.iter_mut().zip(above) {
        *sample = (i16::from(*above) + step).clamp(0, 255) as u8;
    }
}

/// Predicts the 4 x 4 samples at `at` in the way of this number (11.2); `beyond`: the four samples above and
/// to the right.
pub(super) fn subblock(work: &mut [u8], at: usize, mode: u8, beyond: [u8; 4]) {
    let mut above = [0; 8];
    above[..4].copy_from_slice(&work[at - STRIDE..][..4]);
    above[4..].copy_from_slice(&beyond);
    let left: [u8; 4] = std::array::from_fn(|y| work[at + y * STRIDE - 1]);
    let corner = work[at - STRIDE - 1];
    let rows = match mode {
        0 => [[mean(&[above[0], above[1], above[2], above[3]], &left, (true, true)); 4]; 4],
        1 => left.map(|left| {
            let mut row = [0; 4];
            gradient(&mut row, &above, left, corner);
            row
        }),
        2 => {
            [std::array::from_fn(|x| {
                smooth(if x == 0 { corner } else { above[x - 1] }, above[x], above[x + 1])
            }); 4]
        }
        3 => {
            let [a, b, c, d] = left;
            [smooth(corner, a, b), smooth(a, b, c), smooth(b, c, d), smooth(c, d, d)]
                .map(|sample| [sample; 4])
        }
        4 => down_left(&above),
        7 => vertical_left(&above),
        9 => horizontal_up(left),
        _ => {
            let [a, b, c, d] = left;
            let edge = [d, c, b, a, corner, above[0], above[1], above[2], above[3]];
            match mode {
                5 => down_right(&edge),
                6 => vertical_right(&edge),
                _ => horizontal_down(&edge),
            }
        }
    };
    for (y, row) in rows.iter().enumerate() {
        work[at + y * STRIDE..][..4].copy_from_slice(row);
    }
}

/// Three samples of an edge, the middle one counted twice.
#[inline(always)]
fn smooth(a: u8, b: u8, c: u8) -> u8 {
    ((u16::from(a) + 2 * u16::from(b) + u16::from(c) + 2) >> 2) as u8
}

#[inline(always)]
fn middle(a: u8, b: u8) -> u8 {
    u8::midpoint(a, b) + ((a ^ b) & 1)
}

fn down_left(above: &[u8; 8]) -> [[u8; 4]; 4] {
    let line: [u8; 7] = std::array::from_fn(|at| smooth(above[at], above[at + 1], above[(at + 2).min(7)]));
    std::array::from_fn(|y| std::array::from_fn(|x| line[x + y]))
}

fn down_right(edge: &[u8; 9]) -> [[u8; 4]; 4] {
    let line: [u8; 7] = std::array::from_fn(|at| smooth(edge[at], edge[at + 1], edge[at + 2]));
    std::array::from_fn(|y| std::array::from_fn(|x| line[3 + x - y]))
}

fn vertical_right(edge: &[u8; 9]) -> [[u8; 4]; 4] {
    let s = |at: usize| smooth(edge[at - 1], edge[at], edge[at + 1]);
    let m = |at: usize| middle(edge[at], edge[at + 1]);
    let (even, odd) = ([m(4), m(5), m(6), m(7)], [s(4), s(5), s(6), s(7)]);
    [even, odd, [s(3), even[0], even[1], even[2]], [s(2), odd[0], odd[1], odd[2]]]
}

fn vertical_left(above: &[u8; 8]) -> [[u8; 4]; 4] {
    let s = |at: usize| smooth(above[at], above[at + 1], above[at + 2]);
    let m = |at: usize| middle(above[at], above[at + 1]);
    [[m(0), m(1), m(2), m(3)], [s(0), s(1), s(2), s(3)], [m(1), m(2), m(3), s(4)], [s(1), s(2), s(3), s(5)]]
}

fn horizontal_down(edge: &[u8; 9]) -> [[u8; 4]; 4] {
    let s = |at: usize| smooth(edge[at], edge[at + 1], edge[at + 2]);
    let m = |at: usize| middle(edge[at], edge[at + 1]);
    [[m(3), s(3), s(4), s(5)], [m(2), s(2), m(3), s(3)], [m(1), s(1), m(2), s(2)], [m(0), s(0), m(1), s(1)]]
}

fn horizontal_up([a, b, c, d]: [u8; 4]) -> [[u8; 4]; 4] {
    let (first, second, third) = (middle(a, b), middle(b, c), middle(c, d));
    let (bent, low) = (smooth(b, c, d), smooth(c, d, d));
    [[first, smooth(a, b, c), second, bent], [second, bent, third, low], [third, low, d, d], [d; 4]]
}
