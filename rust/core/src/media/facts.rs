//! What a medium is, by its magic bytes and header alone.

use super::header::Corrupt;
use super::sniff::{Format, sniff};
use super::{declared, gif, jpeg, other, png, webp};
use crate::limits::Limits;
use crate::refusal::Refusal;

/// The family a medium belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A still or animated picture.
    Image,
    /// Sound.
    Audio,
    /// Moving pictures, with or without sound.
    Video,
    /// A paged document.
    Document,
    /// Anything else, text included.
    Other,
}

impl Kind {
    /// The name used in the Python API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Document => "document",
            Self::Other => "other",
        }
    }
}

/// What the header of a medium says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The family.
    pub kind: Kind,
    /// MIME type by magic bytes; `application/octet-stream` when unknown.
    pub mime: &'static str,
    /// Columns of pixels as stored, before orientation.
    pub width: Option<u32>,
    /// Rows of pixels as stored, before orientation.
    pub height: Option<u32>,
    /// Frames; 1 for a still picture, `None` when it is not a picture or the header does not say.
    pub frames: Option<u32>,
    /// EXIF orientation, 1 to 8; 1 when absent or out of range.
    pub orientation: u8,
}

/// The facts of `data`, checked against the declared type and the caps.
pub(crate) fn read(data: &[u8], declared: Option<&str>, limits: &Limits) -> Result<Facts, Refusal> {
    let (format, mime) = sniff(data);
    let (format, mime) = declared::agree(data, format, mime, declared)?;
    let corrupt = |Corrupt(what): Corrupt| {
        let message = format!("the {} is corrupt: {what}", name(mime));
        Refusal::new("media_corrupt", message)
    };
    let picture = match format {
        Format::Png => {
            check_size(png::size_of(data).map_err(corrupt)?, limits)?;
            Some(png::read(data).map_err(corrupt)?)
        }
        Format::Webp => {
            check_size(webp::size_of(data).map_err(corrupt)?, limits)?;
            Some(webp::read(data).map_err(corrupt)?)
        }
        Format::Jpeg => Some(jpeg::read(data).map_err(corrupt)?),
        Format::Gif => Some(gif::read(data, limits.frames).map_err(corrupt)?),
        Format::Bmp => other::bmp(data),
        Format::Tiff => other::tiff(data),
        Format::Heif => other::heif(data),
        _ => None,
    };
    if let Some(picture) = picture {
        check_size((picture.width, picture.height), limits)?;
        check_frames(picture.frames, limits)?;
    }
    Ok(Facts {
        kind: format.kind(),
        mime,
        width: picture.map(|picture| picture.width),
        height: picture.map(|picture| picture.height),
        frames: picture.map(|picture| picture.frames),
        orientation: picture.map_or(1, |picture| picture.orientation),
    })
}

fn check_size((width, height): (u32, u32), limits: &Limits) -> Result<(), Refusal> {
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) <= limits.side && pixels <= limits.pixels {
        return Ok(());
    }
    let message = format!(
        "the image is {width} x {height} pixels; at most {} pixels and {} on a side are accepted",
        limits.pixels, limits.side
    );
    Err(Refusal::new("image_too_large", message))
}

fn check_frames(frames: u32, limits: &Limits) -> Result<(), Refusal> {
    if frames <= limits.frames {
        return Ok(());
    }
    let message = format!("the image has more than {} frames", limits.frames);
    Err(Refusal::new("image_too_many_frames", message))
}

/// The short name of a format in messages.
fn name(mime: &str) -> &str {
    mime.split_once('/').map_or(mime, |(_, subtype)| subtype)
}
