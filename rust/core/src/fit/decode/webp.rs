//! WebP, lossy and lossless; of an animation the first frame.
//!
//! A lossy still without alpha comes from [`vp8`] as planes. All else, which is rare and no photograph, comes
//! from `image-webp`.

use image_webp::WebPDecoder;

use super::{corrupt, vp8};
use crate::Refusal;
use crate::fit::deadline::{Deadline, Timed};
use crate::fit::picture::{Colour, Picture};
use crate::fit::rows::{Shape, Sink};

/// A file whose header has been read.
pub(super) enum Webp<'a> {
    /// Lossy, opaque and of one frame.
    Still(Still<'a>),
    /// Anything else, and whether it was stored lossily.
    Whole(Picture, bool),
}

/// A lossy still: its rows come one by one.
pub(super) struct Still<'a> {
    chunk: &'a [u8],
    size: (usize, usize),
    pub(super) profile: Option<Vec<u8>>,
}

/// Reads up to the pixels of a still, and whole what is none.
pub(super) fn open(data: &[u8], size: (usize, usize), deadline: Deadline) -> Result<Webp<'_>, Refusal> {
    let read = read(data, size, deadline);
    // a decoder that was late may have made anything of it
    deadline.check()?;
    read.ok_or_else(|| corrupt("WebP"))
}

fn read(data: &[u8], size: (usize, usize), deadline: Deadline) -> Option<Webp<'_>> {
    // its header is read for all: profile, alpha, frames
    let mut decoder = WebPDecoder::new(Timed::new(data, deadline)).ok()?;
    if decoder.dimensions() != (u32::try_from(size.0).ok()?, u32::try_from(size.1).ok()?) {
        return None;
    }
    decoder.set_memory_limit(size.0.checked_mul(size.1)?.checked_mul(8)?.checked_add(1 << 20)?);
    let lossy = decoder.is_lossy();
    let profile = decoder.icc_profile().ok()?;
    if lossy && !decoder.has_alpha() && !decoder.is_animated() {
        return Some(Webp::Still(Still { chunk: chunk(data)?, size, profile }));
    }
    let colour = if decoder.has_alpha() { Colour::Rgba } else { Colour::Rgb };
    let mut samples = vec![0; decoder.output_buffer_size()?];
    decoder.read_image(&mut samples).ok()?;
    let picture = Picture { profile, ..Picture::single(size.0, size.1, colour, samples) };
    Some(Webp::Whole(picture, lossy))
}

/// The chunk of the lossy still.
fn chunk(data: &[u8]) -> Option<&[u8]> {
    let mut rest = data.get(12..)?;
    loop {
        let ([name @ .., a, b, c, d], after) = rest.split_first_chunk::<8>()?;
        let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        let content = after.get(..length)?;
        if name == b"VP8 " {
            return Some(content);
        }
        rest = after.get(length + length % 2..)?;
    }
}

impl Still<'_> {
    /// Luma, and chroma of half its size.
    pub(super) fn shapes(&self) -> Vec<Shape> {
        let (width, height) = self.size;
        let half = Shape {
            width: width.div_ceil(2),
            height: height.div_ceil(2),
            covers: (width as f64 / 2.0, height as f64 / 2.0),
        };
        vec![Shape::whole(self.size), half, half]
    }

    /// Hands on all rows, with samples of the full range.
    pub(super) fn rows(self, sink: &mut dyn Sink) -> Result<(), Refusal> {
        let (shapes, mut handed) = (self.shapes(), Ok(()));
        let mut full = vec![0; self.size.0];
        let read = vp8::decode(self.chunk, self.size, |rows| {
            let Shape { width, height, .. } = shapes[rows.plane];
            let seen = if sink.wants(rows.plane) { height.saturating_sub(rows.first) } else { 0 };
            for row in rows.samples.chunks_exact(rows.stride).take(seen) {
                let row = &row[..width];
                let pairs = full.iter_mut().zip(row);
                if rows.plane == 0 {
                    pairs.for_each(|(to, sample)| *to = full_luma(*sample));
                } else {
                    pairs.for_each(|(to, sample)| *to = full_chroma(*sample));
                }
                handed = sink.row(rows.plane, &full[..width]);
                if handed.is_err() {
                    return None;
                }
            }
            Some(())
        });
        handed.and(read.ok_or_else(|| corrupt("WebP")))
    }
}

/// Luma of 16 to 235 as 0 to 255: WebP has the range of television, JPEG and everything here the whole.
fn full_luma(sample: u8) -> u8 {
    // 298 / 256 for 255 / 219: at most 65,390, so that vectors of 16 bits do
    (((u16::from(sample.clamp(16, 235)) - 16) * 298 + 128) >> 8) as u8
}

/// Chroma of 16 to 240 as 1 to 255, and 128 as itself.
fn full_chroma(sample: u8) -> u8 {
    let colour = (i32::from(sample) - 128) * 291;
    (((colour + 128) >> 8) + 128).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ends and the middle of the narrow range come out as those of the whole, the rest to the nearest.
    #[test]
    fn ranges() {
        assert_eq!([0, 0, 255, 255], [0, 16, 235, 255].map(full_luma));
        assert_eq!([0, 1, 128, 255, 255], [0, 16, 128, 240, 255].map(full_chroma));
        for sample in 16..=235u8 {
            let exact = (f64::from(sample) - 16.0) * 255.0 / 219.0;
            assert!((f64::from(full_luma(sample)) - exact).abs() < 0.6, "{sample}");
        }
    }
}
