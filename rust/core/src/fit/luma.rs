//! The grey levels of a picture, no larger than signals need.

use super::picture::{Colour, Picture};
use super::{decode, opened};
use crate::{Limits, Media, Refusal};

/// Most pixels a JPEG is decoded to for its grey levels.
pub(crate) const GREY: usize = 6_000_000;

/// Grey levels as stored, before orientation.
#[derive(Debug)]
pub(crate) struct Luma {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) stride: usize,
    /// Pixels of the file that one sample is wide.
    pub(crate) scale: f32,
    pub(crate) samples: Vec<u8>,
}

/// The grey levels of the picture, or of its first frame; what is transparent lies on white.
pub(crate) fn luma(media: &Media, limits: &Limits) -> Result<Luma, Refusal> {
    opened(media, limits)?;
    let facts = media.facts();
    let (width, height) = (facts.width.unwrap_or(0) as usize, facts.height.unwrap_or(0) as usize);
    if facts.mime == "image/jpeg" {
        let shrink = [1, 2, 4, 8]
            .into_iter()
            .find(|shrink| width.div_ceil(*shrink) * height.div_ceil(*shrink) <= GREY || *shrink == 8);
        if let Some(luma) = decode::luma(media.data(), (width, height), shrink.unwrap_or(1))? {
            return Ok(luma);
        }
    }
    Ok(grey(decode::decode(media, (width, height))?.picture))
}

fn grey(mut picture: Picture) -> Luma {
    let (width, height) = (picture.width, picture.height);
    let plane = picture.planes.swap_remove(0);
    let (stride, samples) = match picture.colour {
        Colour::Grey | Colour::Ycc => (plane.stride, plane.samples),
        Colour::GreyAlpha => {
            (width, plane.samples.as_chunks::<2>().0.iter().map(|[y, a]| laid(*y, *a)).collect())
        }
        Colour::Rgb => {
            (width, plane.samples.as_chunks::<3>().0.iter().map(|[r, g, b]| level(*r, *g, *b)).collect())
        }
        Colour::Rgba => {
            let pixels = plane.samples.as_chunks::<4>().0.iter();
            (width, pixels.map(|[r, g, b, a]| laid(level(*r, *g, *b), *a)).collect())
        }
    };
    Luma { width, height, stride, scale: 1.0, samples }
}

/// BT.601 luma.
fn level(r: u8, g: u8, b: u8) -> u8 {
    ((77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b) + 128) >> 8) as u8
}

/// A level of this opacity on white.
fn laid(level: u8, alpha: u8) -> u8 {
    super::colour::divide_255(u32::from(level) * u32::from(alpha) + 255 * (255 - u32::from(alpha)))
}
