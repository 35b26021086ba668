//! Connected parts of the ink, by runs of one row that touch runs of the row above, corners included.

use super::ink::Ink;

/// The box round one part; `right` and `bottom` are one beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) right: u32,
    pub(super) bottom: u32,
    /// Samples of ink in it.
    pub(super) area: u32,
}

impl Part {
    fn join(&mut self, other: &Self) {
        self.left = self.left.min(other.left);
        self.top = self.top.min(other.top);
        self.right = self.right.max(other.right);
        self.bottom = self.bottom.max(other.bottom);
        self.area += other.area;
    }
}

#[derive(Debug, Clone, Copy)]
struct Run {
    start: u32,
    /// One beyond.
    end: u32,
    label: u32,
}

/// Every part, in no order.
pub(super) fn parts(ink: &Ink) -> Vec<Part> {
    let mut found = Found::default();
    let (mut above, mut here) = (Vec::new(), Vec::new());
    for (y, row) in ink.bits.chunks_exact(ink.words.max(1)).enumerate() {
        here.clear();
        runs(row, &mut here);
        found.label(&above, &mut here, y as u32);
        std::mem::swap(&mut above, &mut here);
    }
    found.roots()
}

/// Runs of set bits; their labels are set later.
fn runs(row: &[u64], into: &mut Vec<Run>) {
    let mut open: Option<u32> = None;
    for (index, word) in row.iter().enumerate() {
        let base = index as u32 * 64;
        // bit i is set where sample i differs from the one before it
        let before = u64::from(open.is_some());
        let mut edges = word ^ ((word << 1) | before);
        while edges != 0 {
            let at = base + edges.trailing_zeros();
            edges &= edges - 1;
            open = match open {
                None => Some(at),
                Some(start) => {
                    into.push(Run { start, end: at, label: 0 });
                    None
                }
            };
        }
    }
    if let Some(start) = open {
        into.push(Run { start, end: row.len() as u32 * 64, label: 0 });
    }
}

/// Labels and what they have been found to be the same as.
#[derive(Default)]
struct Found {
    parents: Vec<u32>,
    boxes: Vec<Part>,
}

impl Found {
    /// Gives every run of this row a label and joins the parts that meet in it.
    fn label(&mut self, above: &[Run], here: &mut [Run], y: u32) {
        let mut first = 0;
        for run in here {
            while first < above.len() && above[first].end < run.start {
                first += 1;
            }
            let mut label = None;
            for touching in above[first..].iter().take_while(|other| other.start <= run.end) {
                let root = self.root(touching.label);
                label = Some(label.map_or(root, |held| self.union(held, root)));
            }
            let span =
                Part { left: run.start, top: y, right: run.end, bottom: y + 1, area: run.end - run.start };
            run.label = match label {
                Some(label) => {
                    self.boxes[label as usize].join(&span);
                    label
                }
                None => {
                    self.parents.push(self.boxes.len() as u32);
                    self.boxes.push(span);
                    self.boxes.len() as u32 - 1
                }
            };
        }
    }

    fn root(&mut self, mut label: u32) -> u32 {
        while self.parents[label as usize] != label {
            let grandparent = self.parents[self.parents[label as usize] as usize];
            self.parents[label as usize] = grandparent;
            label = grandparent;
        }
        label
    }

    /// The root of both, which are roots.
    fn union(&mut self, a: u32, b: u32) -> u32 {
        let (older, younger) = (a.min(b), a.max(b));
        if older != younger {
            self.parents[younger as usize] = older;
            let part = self.boxes[younger as usize];
            self.boxes[older as usize].join(&part);
        }
        older
    }

    fn roots(self) -> Vec<Part> {
        let is_root = |(at, (parent, part)): (usize, (u32, Part))| (parent as usize == at).then_some(part);
        self.parents.into_iter().zip(self.boxes).enumerate().filter_map(is_root).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ink(rows: &[Vec<bool>]) -> Ink {
        let words = rows[0].len().div_ceil(64);
        let mut bits = vec![0; words * rows.len()];
        for (y, row) in rows.iter().enumerate() {
            for (x, set) in row.iter().enumerate() {
                bits[y * words + x / 64] |= u64::from(*set) << (x % 64);
            }
        }
        Ink { words, bits }
    }

    /// The same by filling from every sample in turn.
    fn flooded(rows: &mut [Vec<bool>]) -> Vec<Part> {
        let mut found = Vec::new();
        for y in 0..rows.len() {
            for x in 0..rows[0].len() {
                if !rows[y][x] {
                    continue;
                }
                let (left, top) = (x as u32, y as u32);
                let mut part = Part { left, top, right: left + 1, bottom: top + 1, area: 0 };
                let mut open = vec![(x, y)];
                while let Some((x, y)) = open.pop() {
                    if !std::mem::take(&mut rows[y][x]) {
                        continue;
                    }
                    let (left, top) = (x as u32, y as u32);
                    part.join(&Part { left, top, right: left + 1, bottom: top + 1, area: 1 });
                    for y in y.saturating_sub(1)..rows.len().min(y + 2) {
                        open.extend((x.saturating_sub(1)..rows[0].len().min(x + 2)).map(|x| (x, y)));
                    }
                }
                found.push(part);
            }
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

        /// Boxes and areas equal those of a plain flood fill, over word borders too.
        #[test]
        fn equals_flood_fill(
            width in 1usize..140,
            cells in proptest::collection::vec(0u8..100, 1..2_000),
            share in 5u8..80,
        ) {
            let mut rows = cells.chunks(width).map(|row| {
                (0..width).map(|x| row.get(x).is_some_and(|cell| *cell < share)).collect::<Vec<_>>()
            }).collect::<Vec<_>>();
            let sorted = |mut parts: Vec<Part>| {
                parts.sort_by_key(|part| (part.top, part.left, part.right, part.bottom, part.area));
                parts
            };
            let found = sorted(parts(&ink(&rows)));
            prop_assert_eq!(sorted(flooded(&mut rows)), found);
        }
    }
}
