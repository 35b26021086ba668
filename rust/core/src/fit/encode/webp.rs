//! Lossless WebP through `image-webp`, the only kind it writes.

use image_webp::{ColorType, WebPEncoder};

use crate::fit::picture::{Colour, Picture};

/// The file; `None` when the picture does not fit the format (16 384 pixels a side).
pub(super) fn encode(picture: &Picture) -> Option<Vec<u8>> {
    let plane = picture.planes.first()?;
    let colour = match picture.colour {
        Colour::Grey => ColorType::L8,
        Colour::GreyAlpha => ColorType::La8,
        Colour::Rgb => ColorType::Rgb8,
        Colour::Rgba => ColorType::Rgba8,
        Colour::Ycc => return None,
    };
    let mut out = Vec::new();
    let encoder = WebPEncoder::new(&mut out);
    let (width, height) = (u32::try_from(plane.width).ok()?, u32::try_from(plane.height).ok()?);
    encoder.encode(&plane.samples, width, height, colour).ok()?;
    Some(out)
}
