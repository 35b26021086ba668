//! Lanczos3 downscaling, plane by plane. `fast_image_resize` does the convolution: 8-bit samples, SIMD
//! chosen at run time, alpha premultiplied for the time of the sum.

use fast_image_resize::images::{TypedCroppedImage, TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x2, U8x3, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

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
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3)).crop(
        0.0,
        0.0,
        plane.covers.0,
        plane.covers.1,
    );
    // Each pixel type is a copy of all kernels in the binary; the untyped call would bring thirteen.
    let convolve = match plane.channels {
        1 => convolve::<U8>,
        2 => convolve::<U8x2>,
        3 => convolve::<U8x3>,
        _ => convolve::<U8x4>,
    };
    Ok(Plane { samples: convolve(resizer, &plane, to, &options)?, ..whole })
}

fn convolve<P: PixelTrait + Default>(
    resizer: &mut Resizer,
    plane: &Plane,
    to: (usize, usize),
    options: &ResizeOptions,
) -> Result<Vec<u8>, Refusal> {
    let (width, height) = (side(plane.width)?, side(plane.height)?);
    let source = plane.samples.get(..plane.stride * plane.height).ok_or(()).map_err(impossible)?;
    let source = TypedImageRef::<P>::from_buffer(side(plane.stride / plane.channels)?, height, source)
        .map_err(impossible)?;
    let source = TypedCroppedImage::from_ref(&source, 0, 0, width, height).map_err(impossible)?;
    let mut samples = vec![0; to.0 * to.1 * plane.channels];
    let mut target =
        TypedImage::<P>::from_buffer(side(to.0)?, side(to.1)?, &mut samples).map_err(impossible)?;
    resizer.resize_typed(&source, &mut target, options).map_err(impossible)?;
    drop(target);
    Ok(samples)
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
