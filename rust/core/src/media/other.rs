//! BMP and TIFF: sizes out of their directories.

use super::exif;
use super::header::{Corrupt, Picture, le16, le32};

/// BMP: the size in its second header; a negative height means top-down rows.
pub(super) fn bmp(data: &[u8]) -> Result<Picture, Corrupt> {
    let (width, height) = match le32(data, 14)? {
        12 => (le16(data, 18)?, le16(data, 20)?),
        _ => (magnitude(le32(data, 18)?), magnitude(le32(data, 22)?)),
    };
    filled(Picture::still(width, height))
}

/// TIFF: the tags of the first page. The walk over the pages stops one behind `most`: more are refused anyway.
pub(super) fn tiff(data: &[u8], most: u32) -> Result<Picture, Corrupt> {
    let tags = exif::tags(data)?;
    let (width, height) = (tags.width.unwrap_or(0), tags.height.unwrap_or(0));
    let frames = exif::directories(data, most);
    filled(Picture { frames, orientation: exif::orientation(data), ..Picture::still(width, height) })
}

fn filled(picture: Picture) -> Result<Picture, Corrupt> {
    if picture.width == 0 || picture.height == 0 {
        return Err(Corrupt("its width or height is zero"));
    }
    Ok(picture)
}

fn magnitude(value: u32) -> u32 {
    value.cast_signed().unsigned_abs()
}
