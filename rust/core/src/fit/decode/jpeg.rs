//! JPEG: planes as they are stored, without colour conversion and without enlarging chroma.
//!
//! `libjpeg-turbo-rs` decodes: of the decoders in Rust it alone refuses a scan that ends early when an
//! end marker follows (`zune-jpeg` fills the rest with grey even in its strict mode), and it is the
//! fastest, most of all on progressive files. Its SIMD is `unsafe` and young. Hence: the version is
//! pinned, the fuzz target `fit` runs it under the address sanitizer, and without its feature `simd` it
//! does the same in plain Rust at 1.7 times the cost.
//!
//! Only its planes are asked for; its pixel output has panicked under the fuzzer. Files that are neither
//! greyscale nor YCbCr are put together here. Inks become RGB by the plain formula, and their profile goes
//! with them.

use libjpeg_turbo_rs::tj3::{TjHandle, TjParam};
use libjpeg_turbo_rs::{ColorSpace, DecodeLimits, Decoder, JpegError, yuv_plane_width};
use memchr::memmem;

use super::corrupt;
use crate::fit::luma::Luma;
use crate::fit::picture::{Colour, Picture, Plane};
use crate::fit::{colour, resize};
use crate::{Refusal, strip};

/// Scans of a progressive file. Encoders write ten or so; each costs a pass over all pixels.
const MAX_SCANS: usize = 100;

pub(super) fn decode(data: &[u8], size: (usize, usize)) -> Result<Picture, Refusal> {
    let decoder = opened(data, size)?;
    let profile = decoder.icc_profile().map_err(refused)?;
    let space = decoder.jpeg_color_space();
    let colour = if space == ColorSpace::Grayscale { Colour::Grey } else { Colour::Ycc };
    let picture = planes(decoder, colour, size)?;
    match (space, picture.planes.len()) {
        (ColorSpace::Grayscale, 1) | (ColorSpace::YCbCr, 3) => Ok(picture.with_profile(profile)),
        (ColorSpace::Rgb, 3) => Ok(interleaved(picture, |pixel| pixel)?.with_profile(profile)),
        (ColorSpace::Cmyk | ColorSpace::Ycck, 4) => {
            let inverted = memmem::find(data, b"\xff\xee\x00\x0eAdobe").is_some();
            let light = move |ink: u8| if inverted { ink } else { 255 - ink };
            interleaved(picture, |[c, m, y, k]: [u8; 4]| {
                let inks = if space == ColorSpace::Ycck {
                    colour::rgb(c, m, y).map(|sample| 255 - sample)
                } else {
                    [c, m, y]
                };
                inks.map(|ink| colour::divide_255(u32::from(light(ink)) * u32::from(light(k))))
            })
        }
        _ => Err(unsupported()),
    }
}

/// The luma plane alone, by the smaller transform that a size of 1/`shrink` takes.
pub(super) fn luma(data: &[u8], size: (usize, usize), shrink: usize) -> Result<Option<Luma>, Refusal> {
    let decoder = opened(data, size)?;
    let [first, rest @ ..] = &decoder.header().components[..] else { return Ok(None) };
    let largest = rest.iter().all(|other| {
        other.horizontal_sampling <= first.horizontal_sampling
            && other.vertical_sampling <= first.vertical_sampling
    });
    let space = decoder.jpeg_color_space();
    if !largest || !matches!((space, rest.len()), (ColorSpace::Grayscale, 0) | (ColorSpace::YCbCr, 2)) {
        return Ok(None);
    }
    let (width, height) = (size.0.div_ceil(shrink), size.1.div_ceil(shrink));
    let scale = shrink as f32;
    if shrink == 1 {
        let raw = decoder.decode_raw().map_err(refused)?;
        let plane = raw.planes.into_iter().zip(raw.plane_widths).next();
        return Ok(plane.map(|(samples, stride)| Luma { width, height, stride, scale, samples }));
    }
    drop(decoder);
    let mut handle = TjHandle::new();
    let pixels = i32::try_from(size.0 * size.1).map_err(|_| unsupported())?;
    handle.set(TjParam::MaxPixels, pixels).map_err(refused)?;
    handle.set(TjParam::ScanLimit, MAX_SCANS as i32).map_err(refused)?;
    handle.set_scaling_factor(1, shrink as u32).map_err(refused)?;
    match handle.decompress_to_yuv_planes(data) {
        Ok((planes, _, _, subsampling)) => {
            let stride = yuv_plane_width(0, width, subsampling);
            Ok(planes.into_iter().next().map(|samples| Luma { width, height, stride, scale, samples }))
        }
        // a subsampling that this interface has no name for
        Err(JpegError::Unsupported(_)) => Ok(None),
        Err(error) => Err(refused(error)),
    }
}

/// The decoder of a whole file of this size.
fn opened(data: &[u8], size: (usize, usize)) -> Result<Decoder<'_>, Refusal> {
    let limits = DecodeLimits {
        max_width: size.0,
        max_height: size.1,
        max_pixels: (size.0 * size.1) as u64,
        max_scans: MAX_SCANS,
        max_memory: None,
    };
    let decoder = Decoder::new_with_limits(data, limits).map_err(refused)?;
    // the decoder forgives a progressive file whose later segments are cut
    let whole = strip::jpeg::is_whole(data);
    if !whole || (decoder.header().width(), decoder.header().height()) != size {
        return Err(corrupt("JPEG"));
    }
    Ok(decoder)
}

fn refused(error: JpegError) -> Refusal {
    match error {
        JpegError::Unsupported(_) | JpegError::LimitExceeded { .. } => unsupported(),
        _ => corrupt("JPEG"),
    }
}

fn unsupported() -> Refusal {
    let message =
        "this kind of JPEG cannot be decoded; send 8-bit greyscale, YCbCr, RGB or CMYK of at most 100 scans";
    Refusal::new("media_unsupported", message)
}

/// The stored planes, still padded to whole blocks.
fn planes(decoder: Decoder<'_>, colour: Colour, (width, height): (usize, usize)) -> Result<Picture, Refusal> {
    let components = decoder.header().components.clone();
    let most = |factor: fn(&libjpeg_turbo_rs::ComponentInfo) -> u8| {
        components.iter().map(factor).max().map_or(1.0, f64::from)
    };
    let across = most(|component| component.horizontal_sampling);
    let down = most(|component| component.vertical_sampling);
    let raw = decoder.decode_raw().map_err(refused)?;
    let planes = raw
        .planes
        .into_iter()
        .zip(raw.plane_widths)
        .zip(&components)
        .map(|((samples, stride), component)| {
            let columns = width as f64 * f64::from(component.horizontal_sampling) / across;
            let rows = height as f64 * f64::from(component.vertical_sampling) / down;
            let (width, height) = (columns.ceil() as usize, rows.ceil() as usize);
            let covers = (columns, rows);
            Plane { width, height, channels: 1, stride, origin: (0.0, 0.0), covers, samples }
        })
        .collect::<Vec<_>>();
    let whole =
        |plane: &Plane| plane.width <= plane.stride && plane.samples.len() >= plane.stride * plane.height;
    if !planes.iter().all(whole) || planes.len() != components.len() {
        return Err(corrupt("JPEG"));
    }
    Ok(Picture { width, height, colour, planes, profile: None })
}

/// RGB of equally large planes: each is brought to the size of the picture, then `convert` sees one pixel
/// after the other.
fn interleaved<const CHANNELS: usize>(
    picture: Picture,
    convert: impl Fn([u8; CHANNELS]) -> [u8; 3],
) -> Result<Picture, Refusal> {
    let (width, height) = (picture.width, picture.height);
    let full = resize::resize(picture, width, height, resize::Chroma::Full)?;
    let pixel = |at: usize| std::array::from_fn(|channel| full.planes[channel].samples[at]);
    let samples = (0..width * height).flat_map(|at| convert(pixel(at))).collect();
    Ok(Picture::single(width, height, Colour::Rgb, samples))
}
