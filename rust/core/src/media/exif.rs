//! One tag of EXIF: which way up. Whatever is malformed counts as upright.

use super::header::{Corrupt, be16, be32, bytes, le16, le32, size};

const ORIENTATION: u32 = 0x0112;
const WIDTH: u32 = 0x0100;
const HEIGHT: u32 = 0x0101;

/// The tags of the first directory of a TIFF structure that we use.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tags {
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
    pub(super) orientation: Option<u32>,
}

/// Orientation 1 to 8 of an EXIF block, with or without its six-byte prefix.
pub(super) fn orientation(block: &[u8]) -> u8 {
    let tiff = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
    let value = tags(tiff).unwrap_or_default().orientation.unwrap_or(1);
    u8::try_from(value).ok().filter(|value| (1..=8).contains(value)).unwrap_or(1)
}

type Read = fn(&[u8], usize) -> Result<u32, Corrupt>;

/// How numbers of two and of four bytes are written.
fn order(tiff: &[u8]) -> Result<(Read, Read), Corrupt> {
    match bytes(tiff, 0, 4)? {
        b"II*\0" => Ok((le16, le32)),
        b"MM\0*" => Ok((be16, be32)),
        _ => Err(Corrupt("it has no TIFF header")),
    }
}

/// How many directories follow one another, each a page, counted to one behind `most`. A chain that leaves the
/// file or runs in a circle ends where it does so, or at the count.
pub(super) fn directories(tiff: &[u8], most: u32) -> u32 {
    let Ok((short, long)) = order(tiff) else { return 0 };
    let mut at = long(tiff, 4).unwrap_or(0);
    let mut found = 0;
    while at != 0 && found <= most {
        let Ok(entries) = short(tiff, size(at)) else { break };
        found += 1;
        at = long(tiff, size(at).saturating_add(2 + 12 * size(entries))).unwrap_or(0);
    }
    found
}

/// Reads the first directory; at most 512 entries of it.
pub(super) fn tags(tiff: &[u8]) -> Result<Tags, Corrupt> {
    let (short, long) = order(tiff)?;
    let directory = size(long(tiff, 4)?);
    let mut tags = Tags::default();
    for entry in 0..size(short(tiff, directory)?).min(512) {
        let at = directory.saturating_add(2 + entry * 12);
        let value = match short(tiff, at.saturating_add(2))? {
            3 => short(tiff, at.saturating_add(8))?,
            4 => long(tiff, at.saturating_add(8))?,
            _ => continue,
        };
        match short(tiff, at)? {
            WIDTH => tags.width = Some(value),
            HEIGHT => tags.height = Some(value),
            ORIENTATION => tags.orientation = Some(value),
            _ => {}
        }
    }
    Ok(tags)
}
