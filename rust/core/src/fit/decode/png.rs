//! PNG of every colour type and depth, as 8-bit samples, row by row; of an APNG the default image.

use png::{BitDepth, ColorType, DecodeOptions, Decoder, Limits, Reader, Transformations};

use super::corrupt;
use crate::Refusal;
use crate::fit::deadline::{Deadline, Timed};
use crate::fit::picture::Colour;
use crate::fit::rows::Sink;

/// Bytes the decoder may hold beside the picture: a few rows and a colour profile.
const BESIDE: usize = 1 << 20;

/// A file whose header has been read.
pub(super) struct Png<'a> {
    reader: Reader<Timed<'a>>,
    pub(super) colour: Colour,
    pub(super) profile: Option<Vec<u8>>,
    /// Samples of 16 bits.
    wide: bool,
    size: (usize, usize),
    deadline: Deadline,
}

impl<'a> Png<'a> {
    /// Reads up to the pixels.
    pub(super) fn open(data: &'a [u8], size: (usize, usize), deadline: Deadline) -> Result<Self, Refusal> {
        // a profile too large to be one is passed over
        Self::opened(data, size, true, deadline)
            .or_else(|| Self::opened(data, size, false, deadline))
            .ok_or_else(|| broken(deadline))
    }

    fn opened(data: &'a [u8], size: (usize, usize), profiled: bool, deadline: Deadline) -> Option<Self> {
        let mut options = DecodeOptions::default();
        options.set_ignore_adler32(false);
        options.set_ignore_text_chunk(true);
        options.set_ignore_iccp_chunk(!profiled);
        let mut decoder = Decoder::new_with_options(Timed::new(data, deadline), options);
        decoder.set_limits(Limits { bytes: BESIDE + 32 * size.0 });
        decoder.set_transformations(Transformations::EXPAND);
        let reader = decoder.read_info().ok()?;
        let (kind, depth) = reader.output_color_type();
        let colour = match kind {
            ColorType::Grayscale => Colour::Grey,
            ColorType::GrayscaleAlpha => Colour::GreyAlpha,
            ColorType::Rgb => Colour::Rgb,
            ColorType::Rgba => Colour::Rgba,
            ColorType::Indexed => return None,
        };
        let wide = match depth {
            BitDepth::Eight => false,
            BitDepth::Sixteen => true,
            _ => return None,
        };
        if reader.info().size() != (u32::try_from(size.0).ok()?, u32::try_from(size.1).ok()?) {
            return None;
        }
        let profile = reader.info().icc_profile.as_ref().map(|profile| profile.to_vec());
        Some(Self { reader, colour, profile, wide, size, deadline })
    }

    /// Hands on all rows. An interlaced file is whole only at its end: all of it is held.
    pub(super) fn rows(mut self, sink: &mut dyn Sink) -> Result<(), Refusal> {
        let broken = || broken(self.deadline);
        let bytes = self.size.0 * self.colour.channels() * if self.wide { 2 } else { 1 };
        let mut narrow = Vec::new();
        let wide = self.wide;
        let mut hand_on = |row: &[u8]| {
            if !wide {
                return sink.row(0, row);
            }
            narrow.clear();
            narrow.extend(row.as_chunks().0.iter().map(|sample| eight_bits(*sample)));
            sink.row(0, &narrow)
        };
        if self.reader.info().interlaced {
            let mut samples = vec![0; self.reader.output_buffer_size().ok_or_else(broken)?];
            self.reader.next_frame(&mut samples).map_err(|_| broken())?;
            return samples.chunks_exact(bytes).take(self.size.1).try_for_each(hand_on);
        }
        for _ in 0..self.size.1 {
            let row = self.reader.next_row().map_err(|_| broken())?.ok_or_else(broken)?;
            hand_on(row.data().get(..bytes).ok_or_else(broken)?)?;
        }
        // what follows the last row: the check sum of the pixels
        match self.reader.next_row() {
            Ok(None) => Ok(()),
            _ => Err(broken()),
        }
    }
}

/// Why a file could not be read on: its time was up, or it is damaged.
fn broken(deadline: Deadline) -> Refusal {
    deadline.check().err().unwrap_or_else(|| corrupt("PNG"))
}

/// The nearest of 256 levels to one of 65,536.
fn eight_bits(sample: [u8; 2]) -> u8 {
    ((u32::from(u16::from_be_bytes(sample)) + 128) / 257) as u8
}
