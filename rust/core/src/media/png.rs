//! PNG and APNG: the header chunk, then the lengths of the others. No pixel data is inflated.

use super::exif;
use super::header::{Corrupt, Picture, be32, bytes, size};

pub(super) const MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The header chunk alone: width and height, before anything else is believed.
pub(super) fn size_of(data: &[u8]) -> Result<(u32, u32), Corrupt> {
    if be32(data, 8)? != 13 || bytes(data, 12, 4)? != b"IHDR" {
        return Err(Corrupt("its header chunk is missing"));
    }
    let (width, height) = (be32(data, 16)?, be32(data, 20)?);
    let [depth, colour, compression, filter, interlace] = *bytes(data, 24, 5)? else {
        return Err(Corrupt("its header chunk is cut short"));
    };
    let depths: &[u8] = match colour {
        0 => &[1, 2, 4, 8, 16],
        3 => &[1, 2, 4, 8],
        2 | 4 | 6 => &[8, 16],
        _ => &[],
    };
    if !depths.contains(&depth) || compression != 0 || filter != 0 || interlace > 1 {
        return Err(Corrupt("its header chunk holds values outside the standard"));
    }
    if width == 0 || height == 0 || width > i32::MAX.unsigned_abs() || height > i32::MAX.unsigned_abs() {
        return Err(Corrupt("its width or height is zero or out of range"));
    }
    Ok((width, height))
}

/// Frames and orientation, from a walk over the chunk headers up to the end chunk.
pub(super) fn read(data: &[u8]) -> Result<Picture, Corrupt> {
    let (width, height) = size_of(data)?;
    let mut picture = Picture::still(width, height);
    let (mut at, mut pixels, mut controls) = (33, false, 0u32);
    loop {
        let length = size(be32(data, at)?);
        let name = bytes(data, at + 4, 4)?;
        let chunk = bytes(data, at + 8, length)?;
        bytes(data, at + 8 + length, 4)?;
        if name[0].is_ascii_lowercase() && name != b"fdAT" {
            picture.ancillary += length;
        }
        match name {
            b"IEND" if pixels => break,
            b"IEND" => return Err(Corrupt("it holds no pixel data")),
            b"IDAT" => pixels = true,
            b"acTL" => picture.frames = be32(chunk, 0)?,
            b"fcTL" => controls = controls.saturating_add(1),
            b"eXIf" => picture.orientation = exif::orientation(chunk),
            _ => {}
        }
        at += 12 + length;
    }
    picture.frames = picture.frames.max(controls).max(1);
    Ok(picture)
}
