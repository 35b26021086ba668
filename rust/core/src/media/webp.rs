//! WebP: the RIFF header, the first bitstream header, and the lengths of the other chunks.

use super::exif;
use super::header::{Corrupt, Picture, bytes, le16, le24, le32, size};

/// Whether these bytes claim to be WebP.
pub(super) fn matches(data: &[u8]) -> bool {
    data.starts_with(b"RIFF") && data.get(8..12) == Some(b"WEBP")
}

/// Canvas, frames and orientation.
pub(super) fn read(data: &[u8]) -> Result<Picture, Corrupt> {
    let file = bytes(data, 0, size(le32(data, 4)?).saturating_add(8))?;
    let (name, chunk) = chunk(file, 12)?;
    let (width, height) = match name {
        b"VP8X" => return extended(file),
        b"VP8 " => lossy(chunk)?,
        b"VP8L" => lossless(chunk)?,
        _ => return Err(Corrupt("its first chunk is not a picture")),
    };
    let ancillary = file.len().saturating_sub(20 + chunk.len() + chunk.len() % 2);
    Ok(Picture { ancillary, ..Picture::still(width, height) })
}

/// The canvas of any WebP, before the other chunks are looked at.
pub(super) fn size_of(data: &[u8]) -> Result<(u32, u32), Corrupt> {
    match bytes(data, 12, 4)? {
        b"VP8X" => canvas(data.get(20..).unwrap_or(&[])),
        b"VP8 " => lossy(data.get(20..).unwrap_or(&[])),
        b"VP8L" => lossless(data.get(20..).unwrap_or(&[])),
        _ => Err(Corrupt("its first chunk is not a picture")),
    }
}

fn chunk(file: &[u8], at: usize) -> Result<(&[u8], &[u8]), Corrupt> {
    let length = size(le32(file, at + 4)?);
    Ok((bytes(file, at, 4)?, bytes(file, at + 8, length)?))
}

fn lossy(chunk: &[u8]) -> Result<(u32, u32), Corrupt> {
    let key_frame = bytes(chunk, 0, 1)?[0] & 1 == 0;
    if !key_frame || bytes(chunk, 3, 3)? != b"\x9d\x01\x2a" {
        return Err(Corrupt("its bitstream header is wrong"));
    }
    nonzero(le16(chunk, 6)? & 0x3FFF, le16(chunk, 8)? & 0x3FFF)
}

fn lossless(chunk: &[u8]) -> Result<(u32, u32), Corrupt> {
    let bits = le32(chunk, 1)?;
    if bytes(chunk, 0, 1)? != b"\x2f" || bits >> 29 != 0 {
        return Err(Corrupt("its bitstream header is wrong"));
    }
    nonzero((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
}

fn canvas(chunk: &[u8]) -> Result<(u32, u32), Corrupt> {
    Ok((le24(chunk, 4)? + 1, le24(chunk, 7)? + 1))
}

fn nonzero(width: u32, height: u32) -> Result<(u32, u32), Corrupt> {
    if width == 0 || height == 0 {
        return Err(Corrupt("its width or height is zero"));
    }
    Ok((width, height))
}

/// The extended format: a canvas, then frames or one still, then metadata.
fn extended(file: &[u8]) -> Result<Picture, Corrupt> {
    let (width, height) = canvas(chunk(file, 12)?.1)?;
    let mut picture = Picture { frames: 0, ..Picture::still(width, height) };
    let mut still = false;
    let mut at = 12;
    while at < file.len() {
        let (name, content) = chunk(file, at)?;
        if ![b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"].iter().any(|known| *known == name) {
            picture.ancillary += content.len();
        }
        match name {
            b"VP8 " if !still => still = same(lossy(content)?, &picture)?,
            b"VP8L" if !still => still = same(lossless(content)?, &picture)?,
            b"ANMF" => {
                inside(content, &picture)?;
                picture.frames = picture.frames.saturating_add(1);
            }
            b"EXIF" => picture.orientation = exif::orientation(content),
            _ => {}
        }
        at += 8 + content.len() + content.len() % 2;
    }
    if picture.frames == 0 && !still {
        return Err(Corrupt("it holds no picture"));
    }
    picture.frames = picture.frames.max(1);
    Ok(picture)
}

/// A still picture fills its canvas; one that does not lies about its size.
fn same(size: (u32, u32), picture: &Picture) -> Result<bool, Corrupt> {
    if size != (picture.width, picture.height) {
        return Err(Corrupt("its canvas and its picture differ in size"));
    }
    Ok(true)
}

/// A frame of an animation lies on the canvas.
fn inside(frame: &[u8], picture: &Picture) -> Result<(), Corrupt> {
    let right = le24(frame, 0)? * 2 + le24(frame, 6)? + 1;
    let bottom = le24(frame, 3)? * 2 + le24(frame, 9)? + 1;
    if right > picture.width || bottom > picture.height {
        return Err(Corrupt("a frame lies outside its canvas"));
    }
    Ok(())
}
