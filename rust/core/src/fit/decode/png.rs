//! PNG of every colour type and depth, as 8-bit samples; of an APNG the default image.

use std::io::Cursor;

use png::{BitDepth, ColorType, DecodeOptions, Decoder, Limits, Transformations};

use super::corrupt;
use crate::Refusal;
use crate::fit::picture::{Colour, Picture};

/// Bytes the decoder may hold beside the picture: a few rows and a colour profile.
const BESIDE: usize = 1 << 20;

pub(super) fn decode(data: &[u8], size: (usize, usize)) -> Result<Picture, Refusal> {
    read(data, size).ok_or_else(|| corrupt("PNG"))
}

fn read(data: &[u8], size: (usize, usize)) -> Option<Picture> {
    let mut options = DecodeOptions::default();
    options.set_ignore_adler32(false);
    options.set_ignore_text_chunk(true);
    let mut decoder = Decoder::new_with_options(Cursor::new(data), options);
    decoder.set_limits(Limits { bytes: BESIDE + 32 * size.0 });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().ok()?;
    let profile = reader.info().icc_profile.as_ref().map(|profile| profile.to_vec());
    let colour = match reader.output_color_type() {
        (ColorType::Grayscale, BitDepth::Eight) => Colour::Grey,
        (ColorType::GrayscaleAlpha, BitDepth::Eight) => Colour::GreyAlpha,
        (ColorType::Rgb, BitDepth::Eight) => Colour::Rgb,
        (ColorType::Rgba, BitDepth::Eight) => Colour::Rgba,
        _ => return None,
    };
    if reader.info().size() != (u32::try_from(size.0).ok()?, u32::try_from(size.1).ok()?) {
        return None;
    }
    let mut samples = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut samples).ok()?;
    samples.truncate(frame.buffer_size());
    Some(Picture::single(size.0, size.1, colour, samples).with_profile(profile))
}
