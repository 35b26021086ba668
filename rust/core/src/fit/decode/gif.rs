//! The first frame of a GIF, laid on its transparent canvas, row by row.

use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, Decoder, MemoryLimit};

use super::corrupt;
use crate::Refusal;
use crate::fit::rows::Sink;

/// Bytes of a pixel: red, green, blue, alpha.
const PIXEL: usize = 4;

/// A file whose header has been read, and that of its first frame.
pub(super) struct Gif<'a> {
    decoder: Decoder<&'a [u8]>,
    size: (usize, usize),
    /// Where the frame lies on the canvas, and its size.
    place: (usize, usize),
    frame: (usize, usize),
    laced: bool,
}

impl<'a> Gif<'a> {
    /// Reads up to the pixels.
    pub(super) fn open(data: &'a [u8], size: (usize, usize)) -> Result<Self, Refusal> {
        Self::opened(data, size).ok_or_else(|| corrupt("GIF"))
    }

    fn opened(data: &'a [u8], size: (usize, usize)) -> Option<Self> {
        let bytes = size.0.checked_mul(size.1)?.checked_mul(PIXEL)?;
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        options.check_frame_consistency(true);
        options.set_memory_limit(MemoryLimit::Bytes(NonZeroU64::new(bytes as u64 + (1 << 20))?));
        let mut decoder = options.read_info(data).ok()?;
        if (usize::from(decoder.width()), usize::from(decoder.height())) != size {
            return None;
        }
        let frame = decoder.next_frame_info().ok()??;
        let place = (usize::from(frame.left), usize::from(frame.top));
        let (laced, frame) = (frame.interlaced, (usize::from(frame.width), usize::from(frame.height)));
        let inside = place.0 + frame.0 <= size.0 && place.1 + frame.1 <= size.1;
        (inside && frame.0 > 0 && frame.1 > 0).then_some(Self { decoder, size, place, frame, laced })
    }

    /// Hands on all rows. Of an interlaced frame all are held: every eighth comes first.
    pub(super) fn rows(mut self, sink: &mut dyn Sink) -> Result<(), Refusal> {
        let bytes = self.frame.0 * PIXEL;
        let mut row = vec![0; self.size.0 * PIXEL];
        let span = self.place.0 * PIXEL..self.place.0 * PIXEL + bytes;
        let whole = if self.laced { self.unlaced(sink)? } else { Vec::new() };
        for y in 0..self.size.1 {
            match y.checked_sub(self.place.1).filter(|y| *y < self.frame.1) {
                Some(y) if self.laced => row[span.clone()].copy_from_slice(&whole[y * bytes..][..bytes]),
                Some(_) => self.fill(&mut row[span.clone()])?,
                None => row[span.clone()].fill(0),
            }
            sink.row(0, &row)?;
        }
        Ok(())
    }

    fn unlaced(&mut self, sink: &mut dyn Sink) -> Result<Vec<u8>, Refusal> {
        let bytes = self.frame.0 * PIXEL;
        let mut rows = vec![0; bytes * self.frame.1];
        for (start, step) in [(0, 8), (4, 8), (2, 4), (1, 2)] {
            for y in (start..self.frame.1).step_by(step) {
                sink.go_on()?;
                self.fill(&mut rows[y * bytes..][..bytes])?;
            }
        }
        Ok(rows)
    }

    /// The next row as it comes.
    fn fill(&mut self, row: &mut [u8]) -> Result<(), Refusal> {
        match self.decoder.fill_buffer(row) {
            Ok(true) => Ok(()),
            _ => Err(corrupt("GIF")),
        }
    }
}
