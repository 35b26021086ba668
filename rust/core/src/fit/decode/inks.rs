//! JPEGs of other colours than grey and YCbCr: put together here, all at once. Inks become RGB by the plain
//! formula.

use super::jpeg::{Jpeg, Space};
use super::{Collect, Source};
use crate::Refusal;
use crate::fit::colour::{self, divide_255};
use crate::fit::picture::{Colour, Picture};
use crate::fit::scale::{Chroma, Small, scaled};
use crate::fit::view::Crop;

pub(super) fn decode(jpeg: Jpeg<'_>, size: (usize, usize)) -> Result<Picture, Refusal> {
    let (space, profile) = (jpeg.space, jpeg.profile.clone());
    let mut planes = Collect::new(&jpeg.shapes(&[1; 4]), 1);
    jpeg.rows(&[1; 4], &mut planes)?;
    let full = |picture: Picture| full_size(picture, size);
    // the colour says only that the planes have one channel each
    let picture = full(Picture {
        width: size.0,
        height: size.1,
        colour: Colour::Ycc,
        planes: planes.0,
        profile: None,
    })?;
    Ok(match space {
        Space::Cmyk { inverted } => interleaved(&picture, |inks| printed(inks, inverted)),
        Space::Ycck { inverted } => interleaved(&picture, |[y, cb, cr, k]: [u8; 4]| {
            let [c, m, y] = colour::rgb(y, cb, cr).map(|sample| 255 - sample);
            printed([c, m, y, k], inverted)
        }),
        _ => interleaved(&picture, |pixel: [u8; 3]| pixel),
    }
    .with_profile(profile))
}

/// Every plane as large as the picture.
fn full_size(picture: Picture, (width, height): (usize, usize)) -> Result<Picture, Refusal> {
    let size = (width as u32, height as u32);
    let small = Small { part: Crop::whole(size), width, height, chroma: Chroma::Full, deadline: None };
    scaled(Source::of(picture, true), size, &small)
}

/// RGB of equally large planes: `convert` sees one pixel after the other.
fn interleaved<const CHANNELS: usize>(
    picture: &Picture,
    convert: impl Fn([u8; CHANNELS]) -> [u8; 3],
) -> Picture {
    let pixel = |at: usize| std::array::from_fn(|channel| picture.planes[channel].samples[at]);
    let samples = (0..picture.width * picture.height).flat_map(|at| convert(pixel(at))).collect();
    Picture::single(picture.width, picture.height, Colour::Rgb, samples)
}

/// Four inks on white paper.
fn printed([c, m, y, k]: [u8; 4], inverted: bool) -> [u8; 3] {
    let light = |ink: u8| u32::from(if inverted { ink } else { 255 - ink });
    [c, m, y].map(|ink| divide_255(light(ink) * light(k)))
}
