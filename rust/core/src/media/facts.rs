//! What a medium is, by its magic bytes and header alone.

use std::sync::Arc;

use super::container::{self, Ratio, Tracks};
use super::header::{Corrupt, Picture};
use super::pdf::{self, PageSize, Pages};
use super::sniff::{Format, sniff};
use super::{declared, gif, heif, jpeg, other, png, webp};
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The family.
    pub kind: Kind,
    /// MIME type by magic bytes; `application/octet-stream` when unknown.
    pub mime: &'static str,
    /// Columns of pixels as stored, before orientation; of a film, those of its first track.
    pub width: Option<u32>,
    /// Rows of pixels as stored, before orientation; of a film, those of its first track.
    pub height: Option<u32>,
    /// Frames; 1 for a still picture, `None` when it is not a picture or the header does not say.
    pub frames: Option<u32>,
    /// EXIF orientation, 1 to 8; 1 when absent or out of range.
    pub orientation: u8,
    /// How long sound or film plays.
    pub seconds: Option<Ratio>,
    /// Codec of the first track of sound, by its usual short name.
    pub audio_codec: Option<&'static str>,
    /// Channels of the first track of sound.
    pub channels: Option<u32>,
    /// Samples a second of the first track of sound.
    pub sample_rate: Option<u32>,
    /// Codec of the first track of pictures, by its usual short name.
    pub video_codec: Option<&'static str>,
    /// Frames a second of the first track of pictures.
    pub frame_rate: Option<Ratio>,
    /// Pages of a document.
    pub pages: Option<u32>,
    /// Sizes of the first 16 pages.
    pub page_sizes: Option<Arc<[PageSize]>>,
}

impl Facts {
    /// What is known of a medium that could not be read: the family of the type that its sender named.
    pub(super) fn unread(declared: Option<&str>) -> Self {
        let kind = match declared.unwrap_or_default().split('/').next().unwrap_or_default() {
            "image" => Kind::Image,
            "audio" => Kind::Audio,
            "video" => Kind::Video,
            _ if declared == Some("application/pdf") => Kind::Document,
            _ => Kind::Other,
        };
        Self {
            kind,
            mime: "application/octet-stream",
            width: None,
            height: None,
            frames: None,
            orientation: 1,
            seconds: None,
            audio_codec: None,
            channels: None,
            sample_rate: None,
            video_codec: None,
            frame_rate: None,
            pages: None,
            page_sizes: None,
        }
    }
}

/// The facts of `data`, checked against the declared type and the caps.
pub(crate) fn read(data: &[u8], declared: Option<&str>, limits: &Limits) -> Result<Facts, Refusal> {
    let (format, mime) = sniff(data);
    let (format, mime) = declared::agree(data, format, mime, declared)?;
    let corrupt = |Corrupt(what): Corrupt| {
        let message = format!("the {} is corrupt: {what}", name(mime));
        Refusal::new("media_corrupt", message)
    };
    let picture = picture(data, format, limits).map_err(|stop| stop.told(corrupt))?;
    let tracks = match format {
        Format::Audio | Format::Video => container::read(data, mime).map_err(corrupt)?,
        _ => Tracks::default(),
    };
    let pages = if format == Format::Pdf { pdf::read(data) } else { Pages::default() };
    let (format, mime) = declared::heard(format, mime, declared, tracks.sound_alone);
    Ok(Facts {
        kind: format.kind(),
        mime,
        width: picture.map_or(tracks.width, |picture| Some(picture.width)),
        height: picture.map_or(tracks.height, |picture| Some(picture.height)),
        frames: picture.map(|picture| picture.frames),
        orientation: picture.map_or(1, |picture| picture.orientation),
        seconds: tracks.seconds,
        audio_codec: tracks.audio_codec,
        channels: tracks.channels,
        sample_rate: tracks.sample_rate,
        video_codec: tracks.video_codec,
        frame_rate: tracks.frame_rate,
        pages: pages.count,
        page_sizes: pages.sizes,
    })
}

/// Size, frames and orientation of a picture, within the caps.
fn picture(data: &[u8], format: Format, limits: &Limits) -> Result<Option<Picture>, Stop> {
    let picture = match format {
        Format::Png => {
            check_size(png::size_of(data)?, limits)?;
            Some(png::read(data)?)
        }
        Format::Webp => {
            check_size(webp::size_of(data)?, limits)?;
            Some(webp::read(data)?)
        }
        Format::Jpeg => Some(jpeg::read(data)?),
        Format::Gif => Some(gif::read(data, limits.frames)?),
        Format::Bmp => Some(other::bmp(data)?),
        Format::Tiff => Some(other::tiff(data, limits.frames)?),
        Format::Heif => heif::read(data)?,
        _ => None,
    };
    if let Some(picture) = picture {
        check_size((picture.width, picture.height), limits)?;
        check_frames(picture.frames, limits)?;
        check_ancillary(picture.ancillary, limits)?;
    }
    Ok(picture)
}

/// Why a picture is not taken.
enum Stop {
    Corrupt(Corrupt),
    Refused(Refusal),
}

impl Stop {
    fn told(self, corrupt: impl FnOnce(Corrupt) -> Refusal) -> Refusal {
        match self {
            Self::Corrupt(what) => corrupt(what),
            Self::Refused(refusal) => refusal,
        }
    }
}

impl From<Corrupt> for Stop {
    fn from(corrupt: Corrupt) -> Self {
        Self::Corrupt(corrupt)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
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

fn check_ancillary(bytes: usize, limits: &Limits) -> Result<(), Refusal> {
    if bytes <= limits.ancillary_bytes {
        return Ok(());
    }
    let message = format!(
        "the image carries {bytes} bytes of metadata; at most {} are accepted; save it without metadata",
        limits.ancillary_bytes
    );
    Err(Refusal::new("media_too_large", message))
}

/// The short name of a format in messages.
fn name(mime: &str) -> &str {
    mime.split_once('/').map_or(mime, |(_, subtype)| subtype)
}
