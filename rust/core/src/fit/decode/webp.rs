//! WebP, lossy and lossless; of an animation the first frame.
//!
//! A lossy still without alpha comes from [`vp8`] as planes. All else, which is rare and no photograph, comes
//! from `image-webp`.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::{corrupt, vp8};
use crate::Refusal;
use crate::fit::picture::{Colour, Picture, Plane};

/// The picture, and whether it was stored lossily.
pub(super) fn decode(data: &[u8], size: (usize, usize)) -> Result<(Picture, bool), Refusal> {
    read(data, size).ok_or_else(|| corrupt("WebP"))
}

fn read(data: &[u8], size: (usize, usize)) -> Option<(Picture, bool)> {
    // its header is read for all: profile, alpha, frames
    let mut decoder = WebPDecoder::new(Cursor::new(data)).ok()?;
    if decoder.dimensions() != (u32::try_from(size.0).ok()?, u32::try_from(size.1).ok()?) {
        return None;
    }
    decoder.set_memory_limit(size.0.checked_mul(size.1)?.checked_mul(8)?.checked_add(1 << 20)?);
    let lossy = decoder.is_lossy();
    let profile = decoder.icc_profile().ok()?;
    if lossy && !decoder.has_alpha() && !decoder.is_animated() {
        let picture = planes(chunk(data)?, size)?;
        return Some((picture.with_profile(profile), true));
    }
    let colour = if decoder.has_alpha() { Colour::Rgba } else { Colour::Rgb };
    let mut samples = vec![0; decoder.output_buffer_size()?];
    decoder.read_image(&mut samples).ok()?;
    Some((Picture::single(size.0, size.1, colour, samples).with_profile(profile), lossy))
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

/// All rows, with samples of the full range.
fn planes(chunk: &[u8], (width, height): (usize, usize)) -> Option<Picture> {
    let half = (width.div_ceil(2), height.div_ceil(2));
    let sizes = [(width, height), half, half];
    let mut planes = sizes.map(|(width, height)| Vec::with_capacity(width * height));
    vp8::decode(chunk, (width, height), |rows| {
        let (width, height) = sizes[rows.plane];
        let seen = height.saturating_sub(rows.first);
        for row in rows.samples.chunks_exact(rows.stride).take(seen) {
            let row = row[..width].iter();
            if rows.plane == 0 {
                planes[0].extend(row.map(|sample| full_luma(*sample)));
            } else {
                planes[rows.plane].extend(row.map(|sample| full_chroma(*sample)));
            }
        }
    })?;
    let mut sizes = sizes.into_iter();
    let planes = planes.map(|samples| {
        let (width, height) = sizes.next().unwrap_or_default();
        Plane::new(width, height, 1, samples)
    });
    Some(Picture { width, height, colour: Colour::Ycc, planes: planes.into(), profile: None })
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
