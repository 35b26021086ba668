//! HEIC, as phones write it, through `heic-rs`.
//!
//! The pixels come as they are stored: the facts of the header say how they are to be turned. An HEVC
//! decoder of one author's and of this year's: its version is pinned, a panic in it is a refusal, and it is
//! told how many pixels to expect. (Using HEVC may need a patent licence; that is the operator's matter.)

use heic_rs::{DecodeOptions, Error, PixelLayout};

use super::{corrupt, unsupported};
use crate::Refusal;
use crate::fit::picture::{Colour, Picture};

/// The side of a tile: a picture of tiles is decoded as large as they are together, then cut.
const TILE: usize = 512;

pub(super) fn decode(data: &[u8], size: (usize, usize)) -> Result<Picture, Refusal> {
    let options = DecodeOptions::default()
        .with_layout(PixelLayout::Rgba8)
        .with_max_pixels(Some(((size.0 + TILE) * (size.1 + TILE)) as u64))
        .with_transforms(false)
        .with_alpha(true)
        .with_strict(true);
    let image = heic_rs::decode(data, &options).map_err(|error| match error {
        Error::Unsupported(_) => unsupported("this kind of HEIC cannot be decoded; send it as JPEG"),
        _ => corrupt("HEIC"),
    })?;
    let found = (image.width as usize, image.height as usize);
    if found != size || image.data.len() != size.0 * size.1 * 4 {
        return Err(corrupt("HEIC"));
    }
    Ok(Picture::single(size.0, size.1, Colour::Rgba, image.data))
}
