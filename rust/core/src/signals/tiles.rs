//! Darkest, lightest and mean level of squares of eight samples.

use super::grey::Grey;

/// Samples of one side of a tile.
pub(super) const SIDE: usize = 8;

/// A grid of tiles over a plane; those at the right and below may be smaller.
#[derive(Debug)]
pub(super) struct Tiles {
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) low: Vec<u8>,
    pub(super) high: Vec<u8>,
    pub(super) mean: Vec<u8>,
}

impl Tiles {
    pub(super) fn of(grey: &Grey<'_>) -> Self {
        let (columns, rows) = (grey.width.div_ceil(SIDE), grey.height.div_ceil(SIDE));
        let room = || Vec::with_capacity(columns * rows);
        let mut tiles = Self { columns, rows, low: room(), high: room(), mean: room() };
        // whole tiles; past the last column nothing is darker, nothing lighter, and nothing adds to a sum
        let room = columns * SIDE;
        let (mut low, mut high, mut sum) = (vec![0u8; room], vec![0u8; room], vec![0u16; room]);
        for band in 0..rows {
            let (from, to) = (band * SIDE, grey.height.min(band * SIDE + SIDE));
            low.fill(u8::MAX);
            high.fill(0);
            sum.fill(0);
            for y in from..to {
                gather(grey.row(y), &mut low, &mut high, &mut sum);
            }
            for half in [4, 2, 1] {
                pair(&mut low, columns * half, u8::min);
                pair(&mut high, columns * half, u8::max);
                pair(&mut sum, columns * half, |a, b| a + b);
            }
            tiles.low.extend(&low[..columns]);
            tiles.high.extend(&high[..columns]);
            tiles.mean.extend(sum[..columns].iter().enumerate().map(|(column, sum)| {
                let width = SIDE.min(grey.width - column * SIDE);
                (usize::from(*sum) / (width * (to - from))) as u8
            }));
        }
        tiles
    }

    /// Light minus dark inside one tile.
    pub(super) fn contrast(&self, column: usize, row: usize) -> u8 {
        let at = row * self.columns + column;
        self.high[at] - self.low[at]
    }
}

fn gather(row: &[u8], low: &mut [u8], high: &mut [u8], sum: &mut [u16]) {
    for (((sample, low), high), sum) in row.iter().zip(low).zip(high).zip(sum) {
        *low = (*low).min(*sample);
        *high = (*high).max(*sample);
        *sum += u16::from(*sample);
    }
}

/// Neighbours made one: the first `half` values take the place of twice as many.
fn pair<T: Copy>(row: &mut [T], half: usize, join: impl Fn(T, T) -> T) {
    for at in 0..half {
        row[at] = join(row[2 * at], row[2 * at + 1]);
    }
}

/// Each value replaced by that of its neighbourhood, `radius` values to every side, within a grid.
///
/// Whole rows are joined with whole rows, which takes the fewest steps in wide registers.
pub(super) fn around<T: Copy>(
    values: &[T],
    columns: usize,
    radius: usize,
    join: impl Fn(T, T) -> T,
) -> Vec<T> {
    let blend = |into: &mut [T], from: &[T]| {
        for (held, value) in into.iter_mut().zip(from) {
            *held = join(*held, *value);
        }
    };
    let mut across = values.to_vec();
    for (row, into) in values.chunks_exact(columns).zip(across.chunks_exact_mut(columns)) {
        for shift in 1..=radius.min(columns - 1) {
            blend(&mut into[shift..], row);
            blend(into, &row[shift..]);
        }
    }
    let mut both = across.clone();
    for shift in 1..=radius {
        let Some(far) = across.get(shift * columns..) else { break };
        blend(&mut both, far);
        blend(&mut both[shift * columns..], &across);
    }
    both
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Neighbourhoods end at the borders of the grid, whatever its shape.
        #[test]
        fn around_is_the_neighbourhood(
            columns in 1usize..12,
            cells in proptest::collection::vec(any::<u8>(), 1..140),
            radius in 0usize..5,
        ) {
            let rows = cells.len().div_ceil(columns);
            let cells: Vec<u8> = (0..rows * columns).map(|at| *cells.get(at).unwrap_or(&7)).collect();
            let found = around(&cells, columns, radius, u8::max);
            for row in 0..rows {
                for column in 0..columns {
                    let near = |at: usize, most: usize| at.saturating_sub(radius)..most.min(at + radius + 1);
                    let across = near(column, columns);
                    let all = near(row, rows).flat_map(|y| across.clone().map(move |x| y * columns + x));
                    prop_assert_eq!(all.map(|at| cells[at]).max(), Some(found[row * columns + column]));
                }
            }
        }
    }
}
