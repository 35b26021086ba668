//! What a picture looks like in few bytes: a hash of its coarsest waves, and the means of small cells.

use std::f32::consts::PI;

use super::grey::Grey;
use crate::fit::{stored_at, swapped};

/// Cells of one side of the copy that is hashed.
const CELLS: usize = 32;
/// Waves of one direction that make the hash.
const WAVES: usize = 8;
/// Half of a level over the whole picture: smaller waves are noise, and count as none.
const NOISE: f32 = 0.5;
/// Cells across and down: squares of 4 px in a picture of 320 x 180. Four of them are a tile.
pub const CELL_COLUMNS: usize = 80;
/// See [`CELL_COLUMNS`].
pub const CELL_ROWS: usize = 44;

/// 64 bits of the upright picture: each says whether one of the 8 x 8 lowest waves of its cosine transform
/// is above their median.
pub(super) fn phash(grey: &Grey<'_>, orientation: u8) -> u64 {
    let cells = upright(&means(grey, CELLS, CELLS), CELLS, CELLS, orientation);
    let wave = |wave: usize, at: usize| (PI * wave as f32 * (at as f32 + 0.5) / CELLS as f32).cos();
    let table: [[f32; CELLS]; WAVES] = std::array::from_fn(|u| std::array::from_fn(|at| wave(u, at)));
    let mut across = [[0f32; WAVES]; CELLS];
    for (row, sums) in cells.chunks_exact(CELLS).zip(&mut across) {
        *sums = std::array::from_fn(|u| row.iter().zip(&table[u]).map(|(cell, wave)| cell * wave).sum());
    }
    let scale = 1.0 / (CELLS * CELLS) as f32;
    let waves: [f32; WAVES * WAVES] = std::array::from_fn(|at| {
        let (v, u) = (at / WAVES, at % WAVES);
        across.iter().zip(&table[v]).map(|(sums, wave)| sums[u] * wave * scale).sum()
    });
    // the first is the mean of the picture: it says how bright it is, not what it shows
    let mut sorted = [0f32; WAVES * WAVES - 1];
    sorted.copy_from_slice(&waves[1..]);
    sorted.sort_by(f32::total_cmp);
    let bar = sorted[sorted.len() / 2] + NOISE / 8.0;
    waves.iter().enumerate().skip(1).fold(0, |hash, (at, wave)| hash | (u64::from(*wave > bar) << at))
}

/// Mean levels of 80 x 44 cells of the upright picture, row by row.
pub(super) fn cells(grey: &Grey<'_>, orientation: u8) -> Vec<u8> {
    let turned = swapped(orientation);
    let (columns, rows) = if turned { (CELL_ROWS, CELL_COLUMNS) } else { (CELL_COLUMNS, CELL_ROWS) };
    let cells = upright(&means(grey, columns, rows), columns, rows, orientation);
    cells.into_iter().map(|mean| (mean + 0.5) as u8).collect()
}

/// How many of the 40 x 22 tiles of two frames differ: by more than so many levels in the mean over a
/// tile's cells, without regard to sign. Three of more than 6 make a new frame: another number on a slide
/// changes that many, one digit of it at least one, compression none. All of them differ when one of the
/// two is no frame.
#[must_use]
pub fn changed_tiles(a: &[u8], b: &[u8], levels: u8) -> usize {
    if (a.len(), b.len()) != (CELL_COLUMNS * CELL_ROWS, CELL_COLUMNS * CELL_ROWS) {
        return CELL_COLUMNS * CELL_ROWS / 4;
    }
    let cells: Vec<u16> = a.iter().zip(b).map(|(a, b)| u16::from(a.abs_diff(*b))).collect();
    let tiles = cells.chunks_exact(2 * CELL_COLUMNS).flat_map(|band| {
        let (upper, lower) = band.split_at(CELL_COLUMNS);
        upper.chunks_exact(2).zip(lower.chunks_exact(2)).map(|(a, b)| a[0] + a[1] + b[0] + b[1])
    });
    tiles.filter(|sum| *sum > 4 * u16::from(levels)).count()
}

/// A grid of cells in the order in which they are seen upright.
fn upright(cells: &[f32], columns: usize, rows: usize, orientation: u8) -> Vec<f32> {
    let (width, height) = if swapped(orientation) { (rows, columns) } else { (columns, rows) };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    places
        .map(|(x, y)| {
            let (x, y) = stored_at(orientation, (x, y), (columns - 1, rows - 1));
            cells[y * columns + x]
        })
        .collect()
}

/// Mean levels of a grid of equal cells, whose borders may cut samples in two.
fn means(grey: &Grey<'_>, columns: usize, rows: usize) -> Vec<f32> {
    let mut cells = Vec::with_capacity(columns * rows);
    let mut whole = vec![0u32; grey.width];
    let mut sums = vec![0f32; grey.width];
    let area = (grey.width as f32 / columns as f32) * (grey.height as f32 / rows as f32);
    for row in 0..rows {
        let spans = Spans::of(row, rows, grey.height);
        whole.fill(0);
        for y in spans.whole() {
            for (sum, sample) in whole.iter_mut().zip(grey.row(y)) {
                *sum += u32::from(*sample);
            }
        }
        for (sum, whole) in sums.iter_mut().zip(&whole) {
            *sum = *whole as f32;
        }
        for (y, share) in spans.cut() {
            for (sum, sample) in sums.iter_mut().zip(grey.row(y)) {
                *sum += share * f32::from(*sample);
            }
        }
        cells.extend((0..columns).map(|column| {
            let spans = Spans::of(column, columns, grey.width);
            let whole = sums[spans.whole()].iter().sum::<f32>();
            (whole + spans.cut().map(|(x, share)| share * sums[x]).sum::<f32>()) / area
        }));
    }
    cells
}

/// Which samples of `length` lie in cell `cell` of `cells`.
struct Spans {
    first: f64,
    last: f64,
    length: usize,
}

impl Spans {
    fn of(cell: usize, cells: usize, length: usize) -> Self {
        let border = |cell: usize| (cell * length) as f64 / cells as f64;
        Self { first: border(cell), last: border(cell + 1), length }
    }

    fn whole(&self) -> std::ops::Range<usize> {
        let (from, to) = (self.first.ceil() as usize, self.last.floor() as usize);
        from.min(to)..to
    }

    /// Samples that lie in it in part, with their shares.
    fn cut(&self) -> impl Iterator<Item = (usize, f32)> {
        let (from, to) = (self.first.ceil(), self.last.floor());
        let one = from > to; // it lies inside of one sample
        let head = if one { self.last - self.first } else { from - self.first };
        let tail = if one { 0.0 } else { self.last - to };
        let length = self.length;
        [(self.first.floor() as usize, head as f32), (to as usize, tail as f32)]
            .into_iter()
            .filter(move |(at, share)| *share > 0.0 && *at < length)
    }
}
