//! Lanczos3 downscaling, plane by plane. `fast_image_resize` does the convolution: 8-bit samples, SIMD
//! chosen at run time, alpha premultiplied for the time of the sum.
//!
//! Each pixel type and each kind of view that the engine is called with is a copy of all its kernels, one
//! for every precision of the coefficients, and compiling them once took two minutes. Hence two calls that
//! all planes share, with the result of the one the engine makes of them: first down the columns, where
//! channels do not matter and samples pass as pixels of one channel; then along the rows, as pixels of four
//! channels (see [`lanes`]).

use fast_image_resize::images::TypedImage;
use fast_image_resize::pixels::{U8, U8x2, U8x4};
use fast_image_resize::{FilterType, MulDiv, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use super::lanes;
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
fn scale(resizer: &mut Resizer, mut plane: Plane, to: (usize, usize)) -> Result<Plane, Refusal> {
    let whole = Plane::new(to.0, to.1, plane.channels, Vec::new());
    let shape = |plane: &Plane| (plane.stride, plane.height, plane.origin, plane.covers);
    if shape(&plane) == shape(&whole) {
        return Ok(plane);
    }
    weigh_by_alpha(&mut plane, true)?;
    let (plane, spare) = shorten(resizer, plane, to.1)?;
    let mut plane = narrow(resizer, plane, to.0, spare)?;
    weigh_by_alpha(&mut plane, false)?;
    Ok(plane)
}

/// Colours multiplied by alpha before the sum, divided by it afterwards.
fn weigh_by_alpha(plane: &mut Plane, multiply: bool) -> Result<(), Refusal> {
    match plane.channels {
        2 => weigh::<U8x2>(plane, multiply),
        4 => weigh::<U8x4>(plane, multiply),
        _ => Ok(()),
    }
}

fn weigh<P: PixelTrait>(plane: &mut Plane, multiply: bool) -> Result<(), Refusal> {
    let (width, height) = (side(plane.stride / plane.channels)?, side(plane.height)?);
    let mut image = TypedImage::<P>::from_buffer(width, height, &mut plane.samples).map_err(impossible)?;
    let engine = MulDiv::new();
    if multiply {
        engine.multiply_alpha_inplace_typed(&mut image).map_err(impossible)
    } else {
        engine.divide_alpha_inplace_typed(&mut image).map_err(impossible)
    }
}

/// Columns brought to `height`. Also the buffer that this has set free.
fn shorten(resizer: &mut Resizer, mut plane: Plane, height: usize) -> Result<(Plane, Vec<u8>), Refusal> {
    if plane.covers.1 == height as f64 && plane.origin.1 == 0.0 {
        return Ok((plane, Vec::new()));
    }
    let bytes = plane.width * plane.channels;
    let mut samples = vec![0; bytes * height];
    convolve::<U8>(
        resizer,
        (&mut plane.samples, plane.stride, plane.height),
        (0.0, plane.origin.1, bytes as f64, plane.covers.1),
        (&mut samples, bytes, height),
    )?;
    let spare = std::mem::replace(&mut plane.samples, samples);
    let (origin, covers) = ((plane.origin.0, 0.0), (plane.covers.0, height as f64));
    Ok((Plane { height, stride: bytes, origin, covers, ..plane }, spare))
}

/// Rows brought to `width`, and padding left behind.
fn narrow(resizer: &mut Resizer, plane: Plane, width: usize, mut wide: Vec<u8>) -> Result<Plane, Refusal> {
    let (height, channels) = (plane.height, plane.channels);
    if plane.covers.0 == width as f64 && plane.origin.0 == 0.0 {
        return Ok(plane.without_padding());
    }
    lanes::gather(&plane, &mut wide);
    let rows = height.div_ceil(lanes::rows(channels));
    let mut small = plane.samples;
    lanes::set_len(&mut small, 4 * width * rows);
    convolve::<U8x4>(
        resizer,
        (&mut wide, plane.width, rows),
        (plane.origin.0, 0.0, plane.covers.0, rows as f64),
        (&mut small, width, rows),
    )?;
    Ok(Plane::new(width, height, channels, lanes::scatter(&small, width, height, channels)))
}

/// One part of the first image (left, top, width, height) becomes the second. Images are samples, pixels in a
/// row, rows; both of one type, that it may be compiled once, which makes the source mutable.
fn convolve<P: PixelTrait>(
    resizer: &mut Resizer,
    source: (&mut [u8], usize, usize),
    part: (f64, f64, f64, f64),
    target: (&mut [u8], usize, usize),
) -> Result<(), Refusal> {
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .use_alpha(false)
        .crop(part.0, part.1, part.2, part.3);
    let image = |(samples, width, height)| {
        TypedImage::<P>::from_buffer(side(width)?, side(height)?, samples).map_err(impossible)
    };
    let (source, mut target) = (image(source)?, image(target)?);
    resizer.resize_typed(&source, &mut target, &options).map_err(impossible)
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
