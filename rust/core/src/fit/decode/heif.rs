//! HEIC, as phones write it, through `heic-rs`.
//!
//! The pixels come as they are stored: the facts of the header say how they are to be turned. An HEVC
//! decoder of one author's and of this year's: its version is pinned, a panic in it is a refusal, and it is
//! told how many pixels to expect. (Using HEVC may need a patent licence; that is the operator's matter.)

use std::borrow::Cow;

use heic_rs::{DecodeOptions, Error, PixelLayout};
use memchr::memmem;

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
    let (known, profile) = with_range(data);
    let image = heic_rs::decode(&known, &options).map_err(|error| match error {
        Error::Unsupported(_) => unsupported("this kind of HEIC cannot be decoded; send it as JPEG"),
        _ => corrupt("HEIC"),
    })?;
    let found = (image.width as usize, image.height as usize);
    if found != size || image.data.len() != size.0 * size.1 * 4 {
        return Err(corrupt("HEIC"));
    }
    Ok(Picture { profile, ..Picture::single(size.0, size.1, Colour::Rgba, image.data) })
}

/// The file with the range of its samples said, and its colour profile.
///
/// Phones give a profile and leave the rest to the bitstream, which `heic-rs` passes over to take the range of
/// television. What is not said is BT.601 in full range (ISO 23000-22, 7.3.6.4); so is what phones write. The
/// box of the profile is long enough to say so in a copy.
fn with_range(data: &[u8]) -> (Cow<'_, [u8]>, Option<Vec<u8>>) {
    let Some(at) = memmem::find(data, b"colrprof").filter(|at| *at >= 4) else { return (data.into(), None) };
    let length = u32::from_be_bytes([data[at - 4], data[at - 3], data[at - 2], data[at - 1]]) as usize;
    let content = data.get(at + 8..(at - 4).saturating_add(length));
    let said = memmem::find(data, b"colrnclx").is_some();
    match content {
        Some(profile) if !said && profile.len() >= NCLX.len() => {
            let mut copy = data.to_vec();
            copy[at + 4..at + 8].copy_from_slice(b"nclx");
            copy[at + 8..at + 8 + NCLX.len()].copy_from_slice(&NCLX);
            (copy.into(), Some(profile.to_vec()))
        }
        profile => (data.into(), profile.map(<[u8]>::to_vec)),
    }
}

/// Primaries and transfer of sRGB, matrix of BT.601, full range.
const NCLX: [u8; 7] = [0, 1, 0, 13, 0, 6, 0x80];

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that has a profile and says nothing of its range has the pixels of one that says what phones mean.
    #[test]
    fn range_of_phones() {
        let said = include_bytes!("../../../../../tests/golden/heic/plain.heic");
        let at = memmem::find(said, b"colrnclx").unwrap();
        let mut silent = said.to_vec();
        silent[at + 4..at + 8].copy_from_slice(b"prof");
        let size = |data: &[u8]| {
            let media = crate::Media::new(data.to_vec(), None, &crate::Limits::default()).unwrap();
            (media.facts().width.unwrap() as usize, media.facts().height.unwrap() as usize)
        };
        let pixels = |data: &[u8]| decode(data, size(data)).unwrap().planes;
        assert_eq!(pixels(said), pixels(&silent));
    }
}
