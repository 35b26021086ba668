//! GIF: a walk over the blocks, counting frames. No pixel data is decoded.

use super::header::{Corrupt, Picture, bytes, le16};

/// Whether these bytes claim to be GIF.
pub(super) fn matches(data: &[u8]) -> bool {
    data.starts_with(b"GIF87a") || data.starts_with(b"GIF89a")
}

/// Canvas and frames. The walk stops one frame behind `most`: more are refused anyway.
pub(super) fn read(data: &[u8], most: u32) -> Result<Picture, Corrupt> {
    let mut picture = Picture { frames: 0, ..Picture::still(le16(data, 6)?, le16(data, 8)?) };
    let mut at = 13 + table(bytes(data, 10, 3)?[0]);
    loop {
        match bytes(data, at, 1)?[0] {
            0x3B => break,
            0x21 => {
                let end = sub_blocks(data, at + 2)?;
                picture.ancillary += end - at;
                at = end;
            }
            0x2C => {
                extend(&mut picture, bytes(data, at, 10)?)?;
                // One byte of code size stands before the sub-blocks.
                at = sub_blocks(data, at + 11 + table(data[at + 9]))?;
                picture.frames += 1;
                if picture.frames > most {
                    return Ok(picture);
                }
            }
            _ => return Err(Corrupt("a block of it is of no known kind")),
        }
    }
    if picture.frames == 0 || picture.width == 0 || picture.height == 0 {
        return Err(Corrupt("it holds no picture"));
    }
    Ok(picture)
}

/// Bytes of the colour table these flags announce.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Decoders make room for a frame that is larger than the canvas, so the caps have to see it.
fn extend(picture: &mut Picture, descriptor: &[u8]) -> Result<(), Corrupt> {
    let (left, top) = (le16(descriptor, 1)?, le16(descriptor, 3)?);
    let (width, height) = (le16(descriptor, 5)?, le16(descriptor, 7)?);
    if width == 0 || height == 0 {
        return Err(Corrupt("a frame of it is empty"));
    }
    picture.width = picture.width.max(left + width);
    picture.height = picture.height.max(top + height);
    Ok(())
}

fn sub_blocks(data: &[u8], mut at: usize) -> Result<usize, Corrupt> {
    loop {
        let length = usize::from(bytes(data, at, 1)?[0]);
        at += 1 + length;
        if length == 0 {
            return Ok(at);
        }
    }
}
