//! Lanczos3 downscaling, plane by plane. `fast_image_resize` does the convolution: 8-bit samples, SIMD
//! chosen at run time, alpha premultiplied for the time of the sum.

use fast_image_resize::images::{CroppedImage, Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::picture::{Colour, Picture, Plane};
use crate::Refusal;

/// How large the planes of chroma come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chroma {
    /// As large as the picture: it becomes RGB next.
    Full,
    /// Half of it in both directions, rounded up: it becomes 4:2:0 JPEG next.
    Half,
}

/// The picture at exactly this size. Planes of chroma go from their stored size to the wanted one in a
/// single step, never by way of the full size.
pub(super) fn resize(
    picture: Picture,
    width: usize,
    height: usize,
    chroma: Chroma,
) -> Result<Picture, Refusal> {
    let mut resizer = Resizer::new();
    let halves = picture.colour == Colour::Ycc && chroma == Chroma::Half;
    let sized = |(index, plane): (usize, Plane)| {
        let half = halves && index > 0;
        let to = if half { (width.div_ceil(2), height.div_ceil(2)) } else { (width, height) };
        scale(&mut resizer, plane, to)
    };
    let planes = picture.planes.into_iter().enumerate().map(sized).collect::<Result<_, _>>()?;
    Ok(Picture { width, height, planes, ..picture })
}

/// What lies under the picture of one plane, at size `to` and without padding.
fn scale(resizer: &mut Resizer, plane: Plane, to: (usize, usize)) -> Result<Plane, Refusal> {
    let whole = Plane::new(to.0, to.1, plane.channels, Vec::new());
    if (plane.stride, plane.height, plane.covers) == (whole.stride, whole.height, whole.covers) {
        return Ok(plane);
    }
    let pixels = match plane.channels {
        1 => PixelType::U8,
        2 => PixelType::U8x2,
        3 => PixelType::U8x3,
        _ => PixelType::U8x4,
    };
    let (width, height) = (side(plane.width)?, side(plane.height)?);
    let padded = plane.stride / plane.channels;
    let source = plane.samples.get(..plane.stride * plane.height).ok_or(()).map_err(impossible)?;
    let source = ImageRef::new(side(padded)?, height, source, pixels).map_err(impossible)?;
    let source = CroppedImage::new(&source, 0, 0, width, height).map_err(impossible)?;
    let mut target = Image::new(side(to.0)?, side(to.1)?, pixels);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3)).crop(
        0.0,
        0.0,
        plane.covers.0,
        plane.covers.1,
    );
    resizer.resize(&source, &mut target, &options).map_err(impossible)?;
    Ok(Plane { samples: target.into_vec(), ..whole })
}

fn side(pixels: usize) -> Result<u32, Refusal> {
    u32::try_from(pixels).map_err(impossible)
}

/// Sizes are checked long before; should a plane ever disagree with them, it is the file that lied.
fn impossible<E>(_: E) -> Refusal {
    Refusal::new(
        "media_corrupt",
        "the picture's planes do not have the size its header gives; send a whole file",
    )
}
