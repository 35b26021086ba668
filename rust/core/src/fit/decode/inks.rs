//! JPEGs of other colours than grey and YCbCr: put together here, all at once. Inks, those of TIFFs too, become
//! RGB as their profile says, else by the plain formula.

use super::jpeg::{Jpeg, Space};
use super::{Collect, Source};
use crate::Refusal;
use crate::fit::colour::{self, divide_255};
use crate::fit::deadline::Deadline;
use crate::fit::picture::{Colour, Picture};
use crate::fit::profile::{self, to_srgb};
use crate::fit::scale::{Chroma, Small, scaled};
use crate::fit::view::Crop;

pub(super) fn decode(jpeg: Jpeg<'_>, size: (usize, usize), deadline: Deadline) -> Result<Picture, Refusal> {
    let (space, profile) = (jpeg.space, jpeg.profile.clone());
    let mut planes = Collect::new(&jpeg.shapes(&[1; 4]), 1, deadline);
    jpeg.rows(&[1; 4], &mut planes)?;
    // the colour says only that the planes have one channel each
    let (width, height) = size;
    let picture = Picture { width, height, colour: Colour::Ycc, planes: planes.planes, profile: None };
    let picture = full_size(picture, size, deadline)?;
    let inks = match space {
        Space::Cmyk { inverted } => {
            interleaved(&picture, deadline, |inks: [u8; 4]| inks.map(|ink| real(ink, inverted)))?
        }
        Space::Ycck { inverted } => interleaved(&picture, deadline, |[y, cb, cr, k]: [u8; 4]| {
            let [c, m, y] = colour::rgb(y, cb, cr).map(|sample| 255 - sample);
            [c, m, y, k].map(|ink| real(ink, inverted))
        })?,
        _ => {
            let samples = interleaved(&picture, deadline, |pixel: [u8; 3]| pixel)?;
            return Ok(Picture { profile, ..Picture::single(size.0, size.1, Colour::Rgb, samples) });
        }
    };
    let samples = on_paper(&inks, profile.as_deref(), deadline)?;
    Ok(Picture::single(size.0, size.1, Colour::Rgb, samples))
}

/// What four inks, 255 for the most of one, look like: as their profile says, else by the plain formula.
pub(super) fn on_paper(inks: &[u8], profile: Option<&[u8]>, deadline: Deadline) -> Result<Vec<u8>, Refusal> {
    let by_profile = match profile {
        Some(profile) => to_srgb(inks, profile::Space::Cmyk, profile, deadline)?,
        None => None,
    };
    Ok(by_profile.unwrap_or_else(|| inks.as_chunks().0.iter().flat_map(printed).collect()))
}

/// Every plane as large as the picture.
fn full_size(
    picture: Picture,
    (width, height): (usize, usize),
    deadline: Deadline,
) -> Result<Picture, Refusal> {
    let size = (width as u32, height as u32);
    let small = Small {
        part: Crop::whole(size),
        width,
        height,
        chroma: Chroma::Full,
        mirrored: (false, false),
        deadline,
    };
    scaled(Source::of(picture, true), size, &small)
}

/// Pixels of equally large planes: `convert` sees one after the other.
fn interleaved<const IN: usize, const OUT: usize>(
    picture: &Picture,
    deadline: Deadline,
    convert: impl Fn([u8; IN]) -> [u8; OUT],
) -> Result<Vec<u8>, Refusal> {
    let pixel = |at: usize| std::array::from_fn(|channel| picture.planes[channel].samples[at]);
    let mut pixels = Vec::with_capacity(picture.width * picture.height * OUT);
    for row in 0..picture.height {
        deadline.check()?;
        pixels.extend((row * picture.width..(row + 1) * picture.width).flat_map(|at| convert(pixel(at))));
    }
    Ok(pixels)
}

/// How much ink there is, 255 for the most: Adobe's programs store what is left of the paper.
fn real(ink: u8, inverted: bool) -> u8 {
    if inverted { 255 - ink } else { ink }
}

/// Four inks on white paper, by the plain formula.
fn printed([c, m, y, k]: &[u8; 4]) -> [u8; 3] {
    let light = |ink: &u8| 255 - u32::from(*ink);
    [c, m, y].map(|ink| divide_255(light(ink) * light(k)))
}
