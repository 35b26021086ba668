//! The samples that one row of MCUs makes.

use fearless_simd::Simd;

use super::bits::{Cursor, Window};
use super::header::Component;
use super::sequential::{self, Coder};
use super::transform::{self, Block};
use crate::Refusal;
use crate::fit::rows::Sink;

/// Where the reading of interleaved MCUs stands.
pub(super) struct Mcu {
    pub(super) cursor: Cursor,
    pub(super) levels: [i32; 4],
    /// MCUs before the next restart, and restarts passed.
    pub(super) left: usize,
    pub(super) restarts: usize,
}

impl Mcu {
    /// One row of MCUs into the bands.
    #[inline(always)]
    pub(super) fn row<S: Simd>(
        &mut self,
        simd: S,
        window: &mut Window<'_>,
        coders: &[Coder<'_>],
        bands: &mut [Band<'_>],
        across: usize,
        restart: usize,
    ) -> Option<()> {
        let mut block = [0; 64];
        for column in 0..across {
            if restart > 0 {
                if self.left == 0 {
                    self.cursor = window.restart(self.cursor, self.restarts)?;
                    (self.levels, self.left) = ([0; 4], restart);
                    self.restarts += 1;
                }
                self.left -= 1;
            }
            window.ready(&mut self.cursor);
            let (mut cursor, bytes) = (self.cursor, &window.bytes[..]);
            for ((band, coder), level) in bands.iter_mut().zip(coders).zip(&mut self.levels) {
                for y in 0..band.down {
                    for x in 0..band.across {
                        let last;
                        (cursor, last) = sequential::block(cursor, bytes, *coder, level, &mut block)?;
                        band.put(simd, column * band.across + x, y, &block, last);
                    }
                }
            }
            self.cursor = cursor;
        }
        Some(())
    }
}

/// The rows of one component that one row of MCUs makes.
pub(super) struct Band<'a> {
    pub(super) index: usize,
    across: usize,
    pub(super) down: usize,
    /// Blocks from left to right.
    pub(super) columns: usize,
    factors: &'a [f32; 64],
    /// Samples of a block's side.
    size: usize,
    /// Samples of the picture, whose rows are `stride` apart.
    width: usize,
    height: usize,
    stride: usize,
    samples: Vec<u8>,
    wanted: bool,
}

impl<'a> Band<'a> {
    pub(super) fn new(
        index: usize,
        component: &Component,
        factors: &'a [f32; 64],
        shrink: usize,
        wanted: bool,
    ) -> Self {
        let size = 8 / shrink;
        let stride = component.columns * size;
        Self {
            index,
            across: component.across,
            down: component.down,
            columns: component.columns,
            factors,
            size,
            width: component.width.div_ceil(shrink),
            height: component.height.div_ceil(shrink),
            stride,
            samples: vec![0; stride * size * component.down],
            wanted,
        }
    }

    /// The samples of one block, at this column and row of blocks.
    #[inline(always)]
    fn put<S: Simd>(&mut self, simd: S, column: usize, row: usize, block: &Block, last: usize) {
        if !self.wanted {
            return;
        }
        match self.size {
            8 => self.put_as::<S, 8>(simd, column, row, block, last),
            4 => self.put_as::<S, 4>(simd, column, row, block, last),
            2 => self.put_as::<S, 2>(simd, column, row, block, last),
            _ => self.put_as::<S, 1>(simd, column, row, block, last),
        }
    }

    #[inline(always)]
    fn put_as<S: Simd, const SIZE: usize>(
        &mut self,
        simd: S,
        column: usize,
        row: usize,
        block: &Block,
        last: usize,
    ) {
        let samples = transform::samples::<S, SIZE>(simd, block, self.factors, last);
        let start = row * SIZE * self.stride + column * SIZE;
        for (y, line) in samples.iter().enumerate() {
            if let Some(to) =
                self.samples.get_mut(start + y * self.stride..).and_then(<[u8]>::first_chunk_mut)
            {
                *to = *line;
            }
        }
    }

    /// The samples of all blocks of a row of MCUs.
    #[inline(always)]
    pub(super) fn put_all<S: Simd>(&mut self, simd: S, blocks: &[Block]) {
        for (at, block) in blocks.iter().enumerate() {
            let last = if block[1..].iter().any(|value| *value != 0) { 63 } else { 0 };
            self.put(simd, at % self.columns, at / self.columns, block, last);
        }
    }

    /// Those rows that belong to the picture, of this row of MCUs.
    pub(super) fn hand_on(&self, row: usize, sink: &mut dyn Sink) -> Result<(), Refusal> {
        if !self.wanted {
            return Ok(());
        }
        let rows = self.size * self.down;
        let inside = self.height.saturating_sub(row * rows);
        for line in self.samples.chunks_exact(self.stride).take(inside) {
            sink.row(self.index, &line[..self.width])?;
        }
        Ok(())
    }
}
