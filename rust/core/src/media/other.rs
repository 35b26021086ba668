//! Formats that are recognised but decoded only on a slow path: sizes where they are easy to read.

use memchr::memmem;

use super::exif;
use super::header::{Picture, be32, le16, le32};

/// How far into a file the size property of AVIF and HEIC is searched.
const HEIF_HEAD: usize = 65_536;

/// BMP: the size in its second header; a negative height means top-down rows.
pub(super) fn bmp(data: &[u8]) -> Option<Picture> {
    let (width, height) = match le32(data, 14).ok()? {
        12 => (le16(data, 18).ok()?, le16(data, 20).ok()?),
        _ => (magnitude(le32(data, 18).ok()?), magnitude(le32(data, 22).ok()?)),
    };
    Some(Picture::still(width, height))
}

/// TIFF: the tags of the first directory.
pub(super) fn tiff(data: &[u8]) -> Option<Picture> {
    let tags = exif::tags(data).ok()?;
    let orientation = exif::orientation(data);
    Some(Picture { orientation, ..Picture::still(tags.width?, tags.height?) })
}

/// AVIF and HEIC: the largest size property, for tiles of a grid carry their own.
pub(super) fn heif(data: &[u8]) -> Option<Picture> {
    let head = &data[..data.len().min(HEIF_HEAD)];
    let sizes = memmem::find_iter(head, b"ispe")
        .filter_map(|at| Some((be32(head, at + 8).ok()?, be32(head, at + 12).ok()?)));
    let (width, height) = sizes.max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))?;
    Some(Picture::still(width, height))
}

fn magnitude(value: u32) -> u32 {
    value.cast_signed().unsigned_abs()
}
