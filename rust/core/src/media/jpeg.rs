//! JPEG: the marker segments up to the first scan. No entropy-coded data is decoded.

use memchr::memmem;

use super::exif;
use super::header::{Corrupt, Picture, be16, bytes, size};

pub(super) const MAGIC: &[u8] = b"\xff\xd8\xff";

/// Size from the frame header, orientation from the first EXIF segment.
pub(super) fn read(data: &[u8]) -> Result<Picture, Corrupt> {
    let mut picture = Picture::still(0, 0);
    let (mut at, mut exif_seen) = (2, false);
    loop {
        let marker = marker(data, &mut at)?;
        if matches!(marker, 0x01 | 0xD0..=0xD7) {
            continue;
        }
        let length = size(be16(data, at)?);
        let segment = bytes(data, at, length)?.get(2..).ok_or(Corrupt("a segment has no length"))?;
        if matches!(marker, 0xE0..=0xEF | 0xFE) {
            picture.ancillary += length;
        }
        match marker {
            0xDA => break,
            0xD8 | 0xD9 => return Err(Corrupt("it ends before its first scan")),
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                if picture.width != 0 {
                    return Err(Corrupt("it has two frame headers"));
                }
                (picture.height, picture.width) = frame(segment)?;
            }
            0xE1 if !exif_seen => {
                if let Some(tiff) = segment.strip_prefix(b"Exif\0\0") {
                    exif_seen = true;
                    picture.orientation = exif::orientation(tiff);
                }
            }
            _ => {}
        }
        at += length;
    }
    if picture.width == 0 {
        return Err(Corrupt("it has no frame header before its first scan"));
    }
    // Inside entropy-coded data FF is always stuffed, so this pair is the end marker and nothing else.
    match memmem::rfind(&data[at..], b"\xff\xd9") {
        Some(_) => Ok(picture),
        None => Err(Corrupt("it is cut short")),
    }
}

/// The next marker; any number of fill bytes may stand before it.
fn marker(data: &[u8], at: &mut usize) -> Result<u8, Corrupt> {
    if bytes(data, *at, 1)? != b"\xff" {
        return Err(Corrupt("a marker is missing between two segments"));
    }
    loop {
        *at += 1;
        match bytes(data, *at, 1)?[0] {
            0xFF => {}
            0 => return Err(Corrupt("a marker is missing between two segments")),
            code => {
                *at += 1;
                return Ok(code);
            }
        }
    }
}

/// Height and width, in that order as in the file.
fn frame(segment: &[u8]) -> Result<(u32, u32), Corrupt> {
    let (height, width) = (be16(segment, 1)?, be16(segment, 3)?);
    let components = usize::from(bytes(segment, 5, 1)?[0]);
    if width == 0 || height == 0 {
        return Err(Corrupt("its width or height is zero"));
    }
    if components == 0 || segment.len() != 6 + 3 * components {
        return Err(Corrupt("its frame header has the wrong length"));
    }
    Ok((height, width))
}
