//! One macroblock: its modes, its coefficients, its samples.

use super::bits::Bits;
use super::header::{Header, Steps};
use super::predict::{self, CHROMA, LUMA, Mode, STRIDE};
use super::smooth::{Band, KEPT, Shape};
use super::tables::SUBBLOCK_MODES;
use super::tokens::{self, Positions};
use super::transform;

/// Samples that stand for those above and to the left of the picture.
const NOTHING_ABOVE: u8 = 127;
const NOTHING_LEFT: u8 = 129;

/// Which blocks along an edge have coefficients.
#[derive(Debug, Clone, Copy, Default)]
struct Filled {
    luma: [u8; 4],
    chroma: [[u8; 2]; 2],
    second: u8,
}

/// What the macroblock below has to know.
#[derive(Debug, Clone, Default)]
pub(super) struct Above {
    modes: [u8; 4],
    filled: Filled,
    luma: [u8; 16],
    chroma: [[u8; 8]; 2],
}

/// What has been read of a macroblock.
pub(super) struct Block {
    luma: Mode,
    /// The ways of the subblocks when there are such.
    ways: [u8; 16],
    chroma: Mode,
    /// Sixteen blocks of luma, four of either chroma.
    coefficients: [[i16; 16]; 24],
    /// Which of them have more than a first coefficient.
    rich: [bool; 24],
    pub(super) shape: Shape,
}

/// The partition of modes, and the chances of the others.
pub(super) struct Source<'a> {
    bits: Bits<'a>,
    positions: [Positions; 4],
}

impl<'a> Source<'a> {
    pub(super) fn new(bits: Bits<'a>, header: &Header) -> Self {
        Self { bits, positions: tokens::by_position(&header.chances) }
    }

    pub(super) fn ended(&self) -> bool {
        self.bits.ended()
    }

    /// The next macroblock into `block`.
    pub(super) fn read(
        &mut self,
        header: &Header,
        coefficients: &mut Bits<'_>,
        above: &mut Above,
        left: &mut Left,
        block: &mut Block,
    ) {
        let bits = &mut self.bits;
        let segment = match header.segment_map {
            Some([first, low, high]) => {
                let upper = bits.bit(first);
                2 * usize::from(upper) + usize::from(bits.bit(if upper { high } else { low }))
            }
            None => 0,
        };
        let skipped = header.skip.is_some_and(|chance| bits.bit(chance));
        block.read_modes(bits, above, left);
        let apart = block.luma == Mode::Subblocks;
        let mut filled = false;
        block.coefficients = [[0; 16]; 24];
        block.rich = [false; 24];
        if skipped {
            for side in [&mut above.filled, &mut left.filled] {
                let second = if apart { side.second } else { 0 };
                *side = Filled { second, ..Filled::default() };
            }
        } else {
            let sides = [&mut above.filled, &mut left.filled];
            filled = block.fill(coefficients, &self.positions, &header.steps[segment], sides);
        }
        let smoothing = header.smoothing[segment][usize::from(apart)];
        block.shape = Shape { smoothing, inside: apart || filled };
    }
}

impl Block {
    pub(super) fn new() -> Self {
        Self {
            luma: Mode::Mean,
            ways: [0; 16],
            chroma: Mode::Mean,
            coefficients: [[0; 16]; 24],
            rich: [false; 24],
            shape: Shape::default(),
        }
    }

    /// How luma and chroma are predicted (11.2 to 11.4).
    fn read_modes(&mut self, bits: &mut Bits<'_>, above: &mut Above, left: &mut Left) {
        self.luma = if !bits.bit(145) {
            Mode::Subblocks
        } else if !bits.bit(156) {
            if bits.bit(163) { Mode::Vertical } else { Mode::Mean }
        } else if bits.bit(128) {
            Mode::Gradient
        } else {
            Mode::Horizontal
        };
        if self.luma == Mode::Subblocks {
            for (y, row) in self.ways.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                for (x, way) in row.iter_mut().enumerate() {
                    *way = subblock_mode(bits, above.modes[x], left.modes[y]);
                    above.modes[x] = *way;
                    left.modes[y] = *way;
                }
            }
        } else {
            // the mode of subblocks that does the same, for those who are their neighbours
            let same = match self.luma {
                Mode::Vertical => 2,
                Mode::Horizontal => 3,
                Mode::Gradient => 1,
                Mode::Mean | Mode::Subblocks => 0,
            };
            above.modes = [same; 4];
            left.modes = [same; 4];
        }
        self.chroma = if !bits.bit(142) {
            Mode::Mean
        } else if !bits.bit(114) {
            Mode::Vertical
        } else if bits.bit(183) {
            Mode::Gradient
        } else {
            Mode::Horizontal
        };
    }

    /// Reads all coefficients. Returns whether there are any.
    fn fill(
        &mut self,
        bits: &mut Bits<'_>,
        positions: &[Positions; 4],
        steps: &Steps,
        [above, left]: [&mut Filled; 2],
    ) -> bool {
        let mut any = false;
        let apart = self.luma == Mode::Subblocks;
        let (kind, first) = if apart { (3, 0) } else { (0, 1) };
        if !apart {
            let mut second = [0; 16];
            let context = usize::from(above.second + left.second);
            let end = tokens::block(bits, &positions[1], context, steps.second, 0, &mut second);
            above.second = u8::from(end > 0);
            left.second = above.second;
            if end > 0 {
                any = true;
                for (block, value) in self.coefficients.iter_mut().zip(transform::spread(&second)) {
                    block[0] = value;
                }
            }
        }
        let mut read = |at: usize, kind: usize, steps, first, above: &mut u8, left: &mut u8| {
            let context = usize::from(*above + *left);
            let end =
                tokens::block(bits, &positions[kind], context, steps, first, &mut self.coefficients[at]);
            *above = u8::from(end > first);
            *left = *above;
            any |= end > first;
            self.rich[at] = end > 1;
        };
        for y in 0..4 {
            for x in 0..4 {
                read(4 * y + x, kind, steps.luma, first, &mut above.luma[x], &mut left.luma[y]);
            }
        }
        for plane in 0..2 {
            let (above, left) = (&mut above.chroma[plane], &mut left.chroma[plane]);
            for (y, left) in left.iter_mut().enumerate() {
                for (x, above) in above.iter_mut().enumerate() {
                    read(16 + 4 * plane + 2 * y + x, 2, steps.chroma, 0, above, left);
                }
            }
        }
        any
    }

    /// Adds the differences of one block to its prediction.
    #[inline(always)]
    fn add(&self, block: usize, work: &mut [u8], at: usize) {
        let coefficients = &self.coefficients[block];
        if self.rich[block] {
            transform::add::<STRIDE>(coefficients, work, at);
        } else if coefficients[0] != 0 {
            transform::add_flat::<STRIDE>(coefficients[0], work, at);
        }
    }
}

/// Walks the tree of the ten modes of a subblock.
fn subblock_mode(bits: &mut Bits<'_>, above: u8, left: u8) -> u8 {
    let at = 90 * usize::from(above) + 9 * usize::from(left);
    let mut branch = |node: usize| bits.bit(SUBBLOCK_MODES[at + node]);
    if !branch(0) {
        return 0;
    }
    if !branch(1) {
        return 1;
    }
    if !branch(2) {
        return 2;
    }
    if !branch(3) {
        return if !branch(4) { 3 } else { 5 + u8::from(branch(5)) };
    }
    if !branch(6) {
        return 4;
    }
    if !branch(7) {
        return 7;
    }
    8 + u8::from(branch(8))
}

/// The squares in which macroblocks are put together, and what the next one to the right has to know.
pub(super) struct Left {
    modes: [u8; 4],
    filled: Filled,
    luma: [u8; 17 * STRIDE],
    chroma: [u8; 9 * STRIDE],
}

impl Left {
    /// At the left edge of the picture.
    pub(super) fn new(first_row: bool) -> Self {
        let (mut luma, mut chroma) = ([NOTHING_LEFT; 17 * STRIDE], [NOTHING_LEFT; 9 * STRIDE]);
        if first_row {
            luma[..STRIDE].fill(NOTHING_ABOVE);
            chroma[..STRIDE].fill(NOTHING_ABOVE);
        }
        Self { modes: [0; 4], filled: Filled::default(), luma, chroma }
    }

    /// Predicts the macroblock at this column and row and adds its differences.
    pub(super) fn predict(&mut self, block: &Block, above: &mut [Above], (column, row): (usize, usize)) {
        let mut beyond = [NOTHING_ABOVE; 4];
        if row > 0 {
            let own = &above[column];
            self.luma[LUMA - STRIDE..][..16].copy_from_slice(&own.luma);
            for (at, samples) in CHROMA.into_iter().zip(&own.chroma) {
                self.chroma[at - STRIDE..][..8].copy_from_slice(samples);
            }
            beyond = [own.luma[15]; 4];
            if let Some(next) = above.get(column + 1) {
                beyond.copy_from_slice(&next.luma[..4]);
            }
        }
        let inside = (row > 0, column > 0);
        if block.luma == Mode::Subblocks {
            self.predict_subblocks(block, beyond);
        } else {
            predict::whole::<16>(&mut self.luma, LUMA, block.luma, inside);
            for at in 0..16 {
                block.add(at, &mut self.luma, LUMA + at / 4 * 4 * STRIDE + at % 4 * 4);
            }
        }
        for (plane, origin) in CHROMA.into_iter().enumerate() {
            predict::whole::<8>(&mut self.chroma, origin, block.chroma, inside);
            for at in 0..4 {
                let place = origin + at / 2 * 4 * STRIDE + at % 2 * 4;
                block.add(16 + 4 * plane + at, &mut self.chroma, place);
            }
        }
        self.hand_on(&mut above[column]);
    }

    fn predict_subblocks(&mut self, block: &Block, beyond: [u8; 4]) {
        self.luma[LUMA - STRIDE + 16..][..4].copy_from_slice(&beyond);
        for (at, way) in block.ways.into_iter().enumerate() {
            let place = LUMA + at / 4 * 4 * STRIDE + at % 4 * 4;
            let mut right = beyond; // the last column of subblocks has none in its own macroblock
            if at % 4 < 3 {
                right.copy_from_slice(&self.luma[place - STRIDE + 4..][..4]);
            }
            predict::subblock(&mut self.luma, place, way, right);
            block.add(at, &mut self.luma, place);
        }
    }

    /// The last row for the macroblock below; last column and corner for the one to the right.
    fn hand_on(&mut self, above: &mut Above) {
        self.luma[LUMA - STRIDE - 1] = self.luma[LUMA - STRIDE + 15];
        above.luma.copy_from_slice(&self.luma[LUMA + 15 * STRIDE..][..16]);
        for y in 0..16 {
            self.luma[LUMA + y * STRIDE - 1] = self.luma[LUMA + y * STRIDE + 15];
        }
        for (origin, samples) in CHROMA.into_iter().zip(&mut above.chroma) {
            self.chroma[origin - STRIDE - 1] = self.chroma[origin - STRIDE + 7];
            samples.copy_from_slice(&self.chroma[origin + 7 * STRIDE..][..8]);
            for y in 0..8 {
                self.chroma[origin + y * STRIDE - 1] = self.chroma[origin + y * STRIDE + 7];
            }
        }
    }

    /// Puts the macroblock of this column into its row.
    pub(super) fn store(&self, bands: &mut [Band; 3], column: usize) {
        let [luma, chroma @ ..] = bands;
        for y in 0..16 {
            let at = (KEPT + y) * luma.stride + 16 * column;
            luma.samples[at..at + 16].copy_from_slice(&self.luma[LUMA + y * STRIDE..][..16]);
        }
        for (band, origin) in chroma.iter_mut().zip(CHROMA) {
            for y in 0..8 {
                let at = (KEPT + y) * band.stride + 8 * column;
                band.samples[at..at + 8].copy_from_slice(&self.chroma[origin + y * STRIDE..][..8]);
            }
        }
    }
}
