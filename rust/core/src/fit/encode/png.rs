//! PNG through the `png` crate, at its fast setting.

use png::{BitDepth, ColorType, Compression, Encoder, Info};

use crate::fit::picture::{Colour, Picture};

/// The file; `None` when the picture does not fit the format.
pub(super) fn encode(picture: &Picture) -> Option<Vec<u8>> {
    let plane = picture.planes.first()?;
    let mut info = Info::with_size(u32::try_from(plane.width).ok()?, u32::try_from(plane.height).ok()?);
    info.bit_depth = BitDepth::Eight;
    info.color_type = match picture.colour {
        Colour::Grey => ColorType::Grayscale,
        Colour::GreyAlpha => ColorType::GrayscaleAlpha,
        Colour::Rgb => ColorType::Rgb,
        Colour::Rgba => ColorType::Rgba,
        Colour::Ycc => return None,
    };
    let mut out = Vec::with_capacity(plane.samples.len() / 2);
    let mut encoder = Encoder::with_info(&mut out, info).ok()?;
    encoder.set_compression(Compression::Fast);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&plane.samples).ok()?;
    writer.finish().ok()?;
    Some(out)
}
