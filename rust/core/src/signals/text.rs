//! Which parts are glyphs: those of fitting size and shape that stand in a line of at least three of a kind.

use super::grey::Grey;
use super::ink::Ink;
use super::parts::{Part, parts};
use super::tiles::Tiles;

/// Heights of glyphs that are measured, in samples.
const LOWEST: u32 = 4;
const TALLEST: usize = 120;
/// Parts in a row before it counts as written.
const IN_LINE: u32 = 3;
/// Parts that do not speak for text, added to all: a score of few parts is low.
const DOUBT: usize = 6;
/// Samples of one side of the smallest squares by which neighbours are looked up.
const SMALLEST: u32 = 8;

/// What was found in one plane, or in several parts of one.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// Parts that could be glyphs by their size and shape.
    candidates: usize,
    /// Those of them that stand in a line.
    pub(super) written: usize,
    /// How many of those have which height.
    heights: [u32; TALLEST + 1],
}

impl Default for Text {
    fn default() -> Self {
        Self { candidates: 0, written: 0, heights: [0; TALLEST + 1] }
    }
}

impl Text {
    /// Adds what this plane shows. `sideways`: its lines run down the columns.
    pub(super) fn add(&mut self, grey: &Grey<'_>, tiles: &Tiles, sideways: bool) {
        let mut parts = parts(&Ink::of(grey, tiles));
        if sideways {
            for part in &mut parts {
                (part.left, part.top) = (part.top, part.left);
                (part.right, part.bottom) = (part.bottom, part.right);
            }
        }
        parts.retain(is_candidate);
        self.candidates += parts.len();
        for part in in_line(&parts) {
            self.written += 1;
            self.heights[part.height() as usize] += 1;
        }
    }

    /// The share of candidates that stand in a line, 0 to 1.
    pub(super) fn score(&self) -> f32 {
        self.written as f32 / (self.candidates + DOUBT) as f32
    }

    /// The median height of those in samples, between the heights that occur.
    pub(super) fn height(&self) -> Option<f32> {
        let half = self.written as f32 / 2.0;
        let mut before = 0.0;
        for (height, count) in self.heights.iter().enumerate() {
            let count = *count as f32;
            if count > 0.0 && before + count >= half {
                return Some(height as f32 - 0.5 + (half - before) / count);
            }
            before += count;
        }
        None
    }
}

impl Part {
    fn width(&self) -> u32 {
        self.right - self.left
    }

    fn height(&self) -> u32 {
        self.bottom - self.top
    }
}

/// Neither a speck nor a picture, neither a rule nor a filled box.
fn is_candidate(part: &Part) -> bool {
    let (width, height) = (part.width(), part.height());
    let sized = (LOWEST..=TALLEST as u32).contains(&height) && width <= 4 * height && height <= 12 * width;
    let share = part.area * 100 / (width * height);
    sized && share >= 10 && (share <= 90 || 2 * width <= height)
}

/// Those parts that stand in lines.
fn in_line(parts: &[Part]) -> impl Iterator<Item = &Part> {
    let cells = Cells::of(parts);
    let mut lines = Lines::of(parts.len());
    for (at, part) in parts.iter().enumerate() {
        if let Some(next) = cells.next(parts, part) {
            lines.join(at, next);
        }
    }
    let sizes = (0..parts.len()).map(|at| lines.size(at)).collect::<Vec<_>>();
    parts.iter().zip(sizes).filter_map(|(part, size)| (size >= IN_LINE).then_some(part))
}

/// Whether `other` follows `part` on its line: close by, of its kind, on its base line or under its top line.
fn follows(part: &Part, other: &Part) -> bool {
    let (small, large) = (part.height().min(other.height()), part.height().max(other.height()));
    let gap = i64::from(other.left) - i64::from(part.right);
    let level = |a: u32, b: u32| 5 * a.abs_diff(b) <= large.max(5);
    2 * small >= large
        && other.left > part.left
        && gap >= -i64::from(part.width() / 2)
        && gap <= i64::from(large)
        && (level(part.bottom, other.bottom) || level(part.top, other.top))
}

/// Parts by the square their upper left corner lies in.
struct Cells {
    /// Samples of one side: the mean height of a part, so that few share a square.
    side: u32,
    columns: u32,
    rows: u32,
    /// Where each square's parts begin in `order`, and one beyond the last.
    starts: Vec<u32>,
    order: Vec<u32>,
}

impl Cells {
    fn of(parts: &[Part]) -> Self {
        let heights = parts.iter().map(Part::height).sum::<u32>();
        let side = (heights / (parts.len() as u32).max(1)).max(SMALLEST);
        let beyond = |edge: fn(&Part) -> u32| parts.iter().map(edge).max().unwrap_or(0) / side + 1;
        let (columns, rows) = (beyond(|part| part.left), beyond(|part| part.top));
        let square = |part: &Part| (part.top / side * columns + part.left / side) as usize;
        let mut starts = vec![0u32; (columns * rows) as usize + 1];
        for part in parts {
            starts[square(part) + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut order = vec![0; parts.len()];
        for (index, part) in parts.iter().enumerate() {
            let place = &mut next[square(part)];
            order[*place as usize] = index as u32;
            *place += 1;
        }
        Self { side, columns, rows, starts, order }
    }

    /// The nearest part that follows this one.
    fn next(&self, parts: &[Part], part: &Part) -> Option<usize> {
        let height = part.height();
        // what follows is at most twice as tall and no farther than that
        let last = (part.right + 2 * height) / self.side;
        let (above, below) = (part.top.saturating_sub(height) / self.side, part.bottom / self.side);
        let mut best: Option<usize> = None;
        for row in above..=below.min(self.rows - 1) {
            let (first, last) = (part.left / self.side, last.min(self.columns - 1));
            let from = self.starts[(row * self.columns + first) as usize] as usize;
            let to = self.starts[(row * self.columns + last) as usize + 1] as usize;
            for other in self.order[from..to].iter().map(|other| *other as usize) {
                let nearer = best.is_none_or(|best| parts[other].left < parts[best].left);
                if nearer && follows(part, &parts[other]) {
                    best = Some(other);
                }
            }
        }
        best
    }
}

/// Disjoint sets of parts.
struct Lines {
    parents: Vec<usize>,
    sizes: Vec<u32>,
}

impl Lines {
    fn of(parts: usize) -> Self {
        Self { parents: (0..parts).collect(), sizes: vec![1; parts] }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.parents[at] != at {
            self.parents[at] = self.parents[self.parents[at]];
            at = self.parents[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            let (large, small) = if self.sizes[a] >= self.sizes[b] { (a, b) } else { (b, a) };
            self.parents[small] = large;
            self.sizes[large] += self.sizes[small];
        }
    }

    fn size(&mut self, at: usize) -> u32 {
        let root = self.root(at);
        self.sizes[root]
    }
}
