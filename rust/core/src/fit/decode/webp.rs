//! WebP, lossy and lossless; of an animation the first frame.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::corrupt;
use crate::Refusal;
use crate::fit::picture::{Colour, Picture};

/// The picture, and whether it was stored lossily.
pub(super) fn decode(data: &[u8], size: (usize, usize)) -> Result<(Picture, bool), Refusal> {
    read(data, size).ok_or_else(|| corrupt("WebP"))
}

fn read(data: &[u8], size: (usize, usize)) -> Option<(Picture, bool)> {
    let mut decoder = WebPDecoder::new(Cursor::new(data)).ok()?;
    if decoder.dimensions() != (u32::try_from(size.0).ok()?, u32::try_from(size.1).ok()?) {
        return None;
    }
    decoder.set_memory_limit(size.0.checked_mul(size.1)?.checked_mul(8)?.checked_add(1 << 20)?);
    let lossy = decoder.is_lossy();
    let profile = decoder.icc_profile().ok()?;
    let colour = if decoder.has_alpha() { Colour::Rgba } else { Colour::Rgb };
    let mut samples = vec![0; decoder.output_buffer_size()?];
    decoder.read_image(&mut samples).ok()?;
    Some((Picture::single(size.0, size.1, colour, samples).with_profile(profile), lossy))
}
