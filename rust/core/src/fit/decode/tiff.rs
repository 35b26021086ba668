//! The first page of a TIFF, through the `tiff` crate: grey, palette, RGB and CMYK of up to 16 bits.

use std::io;

use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{TiffError, TiffResult};

use super::inks::on_paper;
use super::{corrupt, unsupported};
use crate::Refusal;
use crate::fit::deadline::{Deadline, Timed};
use crate::fit::picture::{Colour, Picture, Plane};

/// Bytes of the largest list of tags, beside which the decoder holds the picture.
const BESIDE: usize = 4 << 20;

/// What samples mean, as the tag of that name says it.
const PALETTE: u8 = 3;
const BLACK_IS_ZERO: u8 = 1;

pub(super) fn decode(data: &[u8], size: (usize, usize), deadline: Deadline) -> Result<Picture, Refusal> {
    let unread = || {
        unsupported(
            "this kind of TIFF cannot be decoded; send grey, palette, RGB or CMYK of 1 to 16 bits, not compressed or \
             by PackBits, LZW or deflate",
        )
    };
    let indexed = photometric(data).filter(|at| data[*at] == PALETTE || data[*at + 1] == PALETTE);
    // the crate refuses palettes, yet reads their indices when told that they are levels of grey
    let patched = indexed.map(|at| {
        let mut copy = data.to_vec();
        copy[at..at + 2].iter_mut().filter(|byte| **byte == PALETTE).for_each(|byte| *byte = BLACK_IS_ZERO);
        copy
    });
    let read = read(patched.as_deref().unwrap_or(data), size, patched.is_some(), deadline);
    // a decoder that was late may have made anything of it
    deadline.check()?;
    match read {
        Ok(Some(picture)) => Ok(picture),
        Ok(None) | Err(TiffError::UnsupportedError(_)) => Err(unread()),
        Err(_) => Err(corrupt("TIFF")),
    }
}

/// Where the first directory says what samples mean, as a number of two bytes.
fn photometric(data: &[u8]) -> Option<usize> {
    let little = data.starts_with(b"II");
    let number = |at: usize, bytes: usize| {
        let field = data.get(at..at.checked_add(bytes)?)?.iter();
        let join = |number, byte: &u8| number << 8 | usize::from(*byte);
        Some(if little { field.rev().fold(0, join) } else { field.fold(0, join) })
    };
    let directory = number(4, 4)?;
    let entries = (0..number(directory, 2)?).map(|entry| directory + 2 + 12 * entry);
    let mut found = entries.filter(|at| number(*at, 2) == Some(262) && number(at + 2, 2) == Some(3));
    found.next().map(|at| at + 8).filter(|at| at + 2 <= data.len())
}

/// `None` for colours that are not read.
fn read(
    data: &[u8],
    (width, height): (usize, usize),
    indexed: bool,
    deadline: Deadline,
) -> TiffResult<Option<Picture>> {
    let mut limits = Limits::default();
    // CMYK, alpha, 16 bits; and the values of tags, at 32 bytes each as the crate holds them
    limits.decoding_buffer_size = width.saturating_mul(height).saturating_mul(10).saturating_add(32 * BESIDE);
    limits.intermediate_buffer_size = limits.decoding_buffer_size.saturating_add(BESIDE);
    limits.ifd_value_size = BESIDE;
    let mut decoder = Decoder::new(Timed::new(data, deadline))?.with_limits(limits);
    let (columns, rows) = decoder.dimensions()?;
    if (columns as usize, rows as usize) != (width, height) {
        return Err(TiffError::LimitsExceeded);
    }
    let kind = decoder.colortype()?;
    if decoder.image_buffer_layout()?.planes > 1 {
        return Ok(None);
    }
    // one that cannot be read says nothing
    let profile = decoder.find_tag(Tag::IccProfile).ok().flatten().and_then(|value| value.into_u8_vec().ok());
    let map = if indexed { decoder.get_tag_u16_vec(Tag::ColorMap)? } else { Vec::new() };
    let multiplied =
        decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples)?.is_some_and(|kinds| kinds[..] == [1]);
    let samples = match decoder.read_image()? {
        DecodingResult::U8(samples) => samples,
        DecodingResult::U16(samples) => samples.into_iter().map(eight).collect(),
        _ => return Ok(None),
    };
    if let ColorType::CMYK(8 | 16) = kind {
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        let samples = on_paper(&samples, profile.as_deref(), deadline).map_err(late)?;
        return finished(Picture::single(width, height, Colour::Rgb, samples));
    }
    let Some((colour, mut samples)) = coloured(kind, samples, width, &map) else { return Ok(None) };
    let channels = if colour == Colour::Rgba { 4 } else { 2 };
    if multiplied && colour.has_alpha() {
        samples.chunks_exact_mut(channels).for_each(divide_by_alpha);
    }
    finished(Picture { profile, ..Picture::single(width, height, colour, samples) })
}

/// The picture, if it has all of its pixels.
fn finished(picture: Picture) -> TiffResult<Option<Picture>> {
    let whole = |plane: &Plane| plane.samples.len() == plane.width * plane.channels * plane.height;
    if picture.planes.iter().all(whole) { Ok(Some(picture)) } else { Err(TiffError::LimitsExceeded) }
}

/// Samples of 8 bits in a colour that pictures have, but for inks.
fn coloured(kind: ColorType, samples: Vec<u8>, width: usize, map: &[u16]) -> Option<(Colour, Vec<u8>)> {
    Some(match kind {
        ColorType::Gray(bits @ (1 | 2 | 4 | 8)) if !map.is_empty() => {
            let indices = if bits == 8 { samples } else { unpacked(&samples, width, bits) };
            let (red, rest) = map.split_at_checked(1 << bits)?;
            let (green, blue) = rest.split_at_checked(1 << bits)?;
            let blue = blue.get(..1 << bits)?;
            // writers multiply by 256 or by 257: the upper byte is right for both
            let colour = |index: u8| [red, green, blue].map(|plane| (plane[usize::from(index)] >> 8) as u8);
            (Colour::Rgb, indices.into_iter().flat_map(colour).collect())
        }
        ColorType::Gray(bits @ (1 | 2 | 4)) => {
            let most = 0xFF >> (8 - bits);
            (
                Colour::Grey,
                unpacked(&samples, width, bits).into_iter().map(|level| level * (255 / most)).collect(),
            )
        }
        ColorType::Gray(8 | 16) => (Colour::Grey, samples),
        ColorType::GrayA(8 | 16) | ColorType::Multiband { bit_depth: 8 | 16, num_samples: 2 } => {
            (Colour::GreyAlpha, samples)
        }
        ColorType::RGB(8 | 16) => (Colour::Rgb, samples),
        ColorType::RGBA(8 | 16) => (Colour::Rgba, samples),
        _ => return None,
    })
}

/// One sample a byte, out of rows of packed ones.
fn unpacked(packed: &[u8], width: usize, bits: u8) -> Vec<u8> {
    let bits = usize::from(bits);
    let sample = |row: &[u8], x: usize| row[x * bits / 8] >> (8 - bits - x * bits % 8) & (0xFF >> (8 - bits));
    let rows = packed.chunks_exact((width * bits).div_ceil(8).max(1));
    rows.flat_map(|row| (0..width).map(move |x| sample(row, x))).collect()
}

/// The nearest of 256 levels.
fn eight(sample: u16) -> u8 {
    ((u32::from(sample) + 128) / 257) as u8
}

/// Colours that were stored multiplied by alpha.
fn divide_by_alpha(pixel: &mut [u8]) {
    let Some((alpha, colours)) = pixel.split_last_mut() else { return };
    let alpha = u32::from(*alpha).max(1);
    for colour in colours {
        *colour = ((u32::from(*colour) * 255 + alpha / 2) / alpha).min(255) as u8;
    }
}
