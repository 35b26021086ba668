//! The picture of a lossy WebP: one key frame of VP8 (RFC 6386), row of macroblocks by row, as planes.
//!
//! Written for this gateway because both decoders at hand fail one of its rules: `image-webp` takes two and
//! a half times what libwebp takes and gives RGB only, libwebp needs a C compiler and `unsafe`. Beside what
//! the caller keeps, memory is one row of macroblocks.
//!
//! A macroblock has 16 x 16 samples of luma and 8 x 8 of either chroma. Its modes come from the first
//! partition, its coefficients from one of the others. Prediction sees neighbours as they are before they
//! are smoothed, smoothing changes three samples beyond an edge: hence each row is predicted whole, then
//! smoothed, and leaves but for its last rows.

mod bits;
mod header;
mod macroblock;
mod predict;
mod smooth;
mod tables;
mod tokens;
mod transform;

use bits::Bits;
use header::Header;
use macroblock::{Above, Block, Left, Source};
use smooth::{Band, KEPT, Shape};

/// Rows of one plane on their way out.
pub(super) struct Rows<'a> {
    /// 0: luma, 1 and 2: chroma.
    pub(super) plane: usize,
    /// Which row of the plane the first one is.
    pub(super) first: usize,
    /// Row by row, `stride` samples apart; what lies right of and below the picture is padding.
    pub(super) samples: &'a [u8],
    pub(super) stride: usize,
}

/// Rows of the last macroblocks' planes that a row of macroblocks may still change, rounded up.
const HELD: usize = 4;

/// Decodes the chunk `VP8 ` of a picture of this size and hands out its rows from the top, each once. `None`
/// when the chunk is damaged or ends early, or when `rows` says so; some rows may have left by then.
pub(super) fn decode(
    chunk: &[u8],
    size: (usize, usize),
    mut rows: impl FnMut(Rows<'_>) -> Option<()>,
) -> Option<()> {
    let mut frame = Frame::open(chunk, size)?;
    for row in 0..frame.down {
        frame.predict(row)?;
        frame.smooth(row);
        frame.leave(row, &mut rows)?;
    }
    Some(())
}

struct Frame<'a> {
    header: Header,
    source: Source<'a>,
    partitions: Vec<Bits<'a>>,
    above: Vec<Above>,
    shapes: Vec<Shape>,
    bands: [Band; 3],
    /// Rows of macroblocks.
    down: usize,
}

impl<'a> Frame<'a> {
    fn open(chunk: &'a [u8], size: (usize, usize)) -> Option<Self> {
        let [first, second, third, 0x9D, 0x01, 0x2A, low, high, less, more, rest @ ..] = chunk else {
            return None;
        };
        let tag = u32::from_le_bytes([*first, *second, *third, 0]);
        let found =
            [[*low, *high], [*less, *more]].map(|side| usize::from(u16::from_le_bytes(side) & 0x3FFF));
        // a key frame of one of the four profiles, that is shown
        if tag & 1 != 0 || tag >> 1 & 7 > 3 || tag >> 4 & 1 == 0 || found != [size.0, size.1] {
            return None;
        }
        let (modes, rest) = rest.split_at_checked((tag >> 5) as usize)?;
        let mut modes = Bits::new(modes);
        let header = Header::read(&mut modes);
        let partitions = partitions(rest, 1 << header.partitions)?;
        let (across, down) = (size.0.div_ceil(16), size.1.div_ceil(16));
        let band =
            |side: usize| Band { samples: vec![0; (KEPT + side) * side * across], stride: side * across };
        Some(Self {
            source: Source::new(modes, &header),
            header,
            partitions,
            above: vec![Above::default(); across],
            shapes: vec![Shape::default(); across],
            bands: [band(16), band(8), band(8)],
            down,
        })
    }

    /// Reads and predicts one row of macroblocks.
    fn predict(&mut self, row: usize) -> Option<()> {
        let at = row % self.partitions.len();
        let coefficients = self.partitions.get_mut(at)?;
        let (mut left, mut block) = (Left::new(row == 0), Block::new());
        for column in 0..self.above.len() {
            let above = &mut self.above[column];
            self.source.read(&self.header, coefficients, above, &mut left, &mut block);
            if self.source.ended() || coefficients.ended() {
                return None;
            }
            left.predict(&block, &mut self.above, (column, row));
            left.store(&mut self.bands, column);
            self.shapes[column] = block.shape;
        }
        Some(())
    }

    fn smooth(&mut self, row: usize) {
        let [luma, blue, red] = &mut self.bands;
        for (column, shape) in self.shapes.iter().enumerate() {
            if shape.smoothing.edge == 0 {
                continue;
            }
            smooth::luma(luma, column, row == 0, *shape, self.header.simple);
            if !self.header.simple {
                smooth::chroma([blue, red], column, row == 0, *shape);
            }
        }
    }

    /// Hands out the rows that will not change any more and makes room for the next.
    fn leave(&mut self, row: usize, rows: &mut impl FnMut(Rows<'_>) -> Option<()>) -> Option<()> {
        for (plane, band) in self.bands.iter_mut().enumerate() {
            let (side, stride) = (if plane == 0 { 16 } else { 8 }, band.stride);
            let from = if row == 0 { KEPT } else { KEPT - HELD };
            let to = if row + 1 == self.down { KEPT + side } else { KEPT + side - HELD };
            let first = side * row + from - KEPT;
            rows(Rows { plane, first, samples: &band.samples[from * stride..to * stride], stride })?;
            band.samples.copy_within(side * stride.., 0);
        }
        Some(())
    }
}

/// The partitions of coefficients: three bytes of length for each but the last stand before all of them.
fn partitions(rest: &[u8], count: usize) -> Option<Vec<Bits<'_>>> {
    let (lengths, mut rest) = rest.split_at_checked(3 * (count - 1))?;
    let mut partitions = Vec::with_capacity(count);
    for length in lengths.as_chunks::<3>().0 {
        let (partition, after) =
            rest.split_at_checked(u32::from_le_bytes([length[0], length[1], length[2], 0]) as usize)?;
        partitions.push(Bits::new(partition));
        rest = after;
    }
    partitions.push(Bits::new(rest));
    Some(partitions)
}

#[cfg(test)]
mod tests;
