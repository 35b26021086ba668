//! The same picture, upright, no larger than asked, without metadata.
//!
//! Decode, scale, turn, encode: one module each, one file per format. Rows go from the decoder to the scaler as
//! they come, so that of a large picture only a few rows are held. A JPEG stays in its planes all the way
//! (chroma goes from its stored size to the wanted one in a single step, no colour is converted), and it is
//! turned after it has become small.
//!
//! Sizes are checked against the header before anything is decoded, and every decoder is told the size
//! it must find, so that memory is bounded by what the header promised.

mod colour;
mod deadline;
mod decode;
mod encode;
mod luma;
mod orient;
mod picture;
mod profile;
mod rows;
mod scale;
mod simd;
mod split;
mod view;

use crate::{Limits, Media, Refusal, strip};
use deadline::Deadline;
use decode::Source;
use encode::Target;
pub(crate) use luma::luma;
pub(crate) use orient::{stored_at, swaps as swapped};
use picture::{Colour, Picture};
use scale::{Chroma, Small};
pub use split::split;
pub use view::{Crop, Turn};

/// The form a fitted picture takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// JPEG stays JPEG, PNG stays PNG; WebP becomes PNG when it has alpha or is lossless, else JPEG; a GIF, BMP
    /// or TIFF becomes PNG, HEIC JPEG. A picture of a kind that models take which has the wanted size already is
    /// only stripped of its metadata.
    Keep,
    /// What [`Keep`](Self::Keep) makes of a picture that it has to draw anew, so JPEG or PNG at every size: for
    /// those who take nothing else.
    Plain,
    /// JPEG 4:2:0; alpha is flattened on white.
    Jpeg,
    /// PNG, 8 bits per channel.
    Png,
    /// WebP, lossless.
    Webp,
}

impl OutputFormat {
    /// The format of that name: `keep`, `plain`, `jpeg`, `png` or `webp`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "keep" => Some(Self::Keep),
            "plain" => Some(Self::Plain),
            "jpeg" => Some(Self::Jpeg),
            "png" => Some(Self::Png),
            "webp" => Some(Self::Webp),
            _ => None,
        }
    }
}

/// What a picture is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// Columns, as seen upright and after the turn.
    pub width: u32,
    /// Rows, as seen upright and after the turn.
    pub height: u32,
    /// The form of the file.
    pub format: OutputFormat,
    /// 1 to 100 on libjpeg's scale; matters for JPEG only.
    pub quality: u8,
    /// The part of the upright picture that is wanted; all of it when `None`.
    pub crop: Option<Crop>,
    /// A turn of that part.
    pub turn: Turn,
}

impl Wanted {
    /// The whole picture at this size, in the form it has, at quality 85.
    #[must_use]
    pub fn at(width: u32, height: u32) -> Self {
        Self { width, height, format: OutputFormat::Keep, quality: 85, crop: None, turn: Turn::None }
    }
}

/// The picture at exactly `width` x `height` pixels as seen upright, scaled down by Lanczos3.
///
/// `quality` (1 to 100) is libjpeg's scale and matters for JPEG only. Colours become those of sRGB, where a profile
/// says that they are others: who serves models reads numbers, not profiles. All metadata goes.
///
/// # Errors
/// `media_unsupported` for what is no picture we decode and for sizes of nothing or above the picture's
/// own, `image_too_large` over the caps, that of time among them, `media_corrupt` when pixel data is damaged or
/// ends early.
pub fn fit(
    media: &Media,
    width: u32,
    height: u32,
    format: OutputFormat,
    quality: u8,
    limits: &Limits,
) -> Result<Media, Refusal> {
    fit_with(media, &Wanted { format, quality, ..Wanted::at(width, height) }, limits)
}

/// As [`fit`], of a part of the picture, turned: first put upright, then cropped, then turned, then scaled.
///
/// # Errors
/// As [`fit`]; `media_unsupported` too for a crop that is empty or does not lie in the picture.
pub fn fit_with(media: &Media, wanted: &Wanted, limits: &Limits) -> Result<Media, Refusal> {
    let deadline = Deadline::of(limits);
    let upright = opened(media, limits)?;
    let crop = wanted.crop.unwrap_or(Crop::whole(upright));
    crop.check(upright)?;
    let sideways = orient::swaps(wanted.turn.after(1));
    let part = if sideways { (crop.height, crop.width) } else { (crop.width, crop.height) };
    check_size((wanted.width, wanted.height), part)?;
    let facts = media.facts();
    let stays = match wanted.format {
        OutputFormat::Keep => !matches!(facts.mime, "image/bmp" | "image/tiff" | "image/heic"),
        OutputFormat::Plain => matches!(facts.mime, "image/jpeg" | "image/png"),
        _ => false,
    };
    let untouched = stays && (crop, wanted.turn, facts.orientation) == (Crop::whole(upright), Turn::None, 1);
    if untouched && (wanted.width, wanted.height) == upright {
        return Ok(strip::strip(media)?.unwrap_or_else(|| media.clone()));
    }
    written(media, source(media, limits, deadline)?, wanted, deadline)
}

/// The size as seen upright, within the caps.
fn opened(media: &Media, limits: &Limits) -> Result<(u32, u32), Refusal> {
    let facts = media.facts();
    let (Some(columns), Some(rows)) = (facts.width, facts.height) else {
        let message = "this medium is no picture; only JPEG, PNG, WebP, GIF, BMP, TIFF and HEIC pictures can be resized";
        return Err(Refusal::new("media_unsupported", message));
    };
    check_caps(columns, rows, limits)?;
    Ok(if orient::swaps(facts.orientation) { (rows, columns) } else { (columns, rows) })
}

/// The picture as it is stored, before any of its pixels.
fn source<'a>(media: &'a Media, limits: &Limits, deadline: Deadline) -> Result<Source<'a>, Refusal> {
    let (width, height) = (media.facts().width.unwrap_or(0), media.facts().height.unwrap_or(0));
    decode::open(media, (width as usize, height as usize), limits, deadline)
}

/// The file made of what is stored in `media`.
fn written(media: &Media, source: Source<'_>, wanted: &Wanted, deadline: Deadline) -> Result<Media, Refusal> {
    let facts = media.facts();
    let size = (facts.width.unwrap_or(0), facts.height.unwrap_or(0));
    let upright = if orient::swaps(facts.orientation) { (size.1, size.0) } else { size };
    let part = wanted.crop.unwrap_or(Crop::whole(upright)).stored(facts.orientation, upright);
    let lossy = source.lossy;
    let to_jpeg = matches!(wanted.format, OutputFormat::Keep | OutputFormat::Plain | OutputFormat::Jpeg);
    // only whole colours can be converted
    let other = source.colour == Colour::Ycc && source.profile.as_deref().is_some_and(profile::is_other);
    let chroma = if lossy && to_jpeg && !other { Chroma::Half } else { Chroma::Full };
    let orientation = wanted.turn.after(facts.orientation);
    let (width, height) = (wanted.width as usize, wanted.height as usize);
    let (width, height) = if orient::swaps(orientation) { (height, width) } else { (width, height) };
    let mirrored = orient::mirrored(orientation);
    let small = Small { part, width, height, chroma, mirrored, deadline };
    let small = scale::scaled(source, size, &small)?.without_idle_alpha();
    let small = profile::converted(if other { colour::without_ycc(small) } else { small }, deadline)?;
    let target = target(wanted.format, facts.mime, &small, lossy, wanted.quality);
    let file = encode::encode(orient::upright(small, orientation), target)?;
    // what was asked for is not held to the caps of what clients send
    Ok(Media::new(file, None, &Limits::NONE)?.at_path(media.path()))
}

/// What to write.
fn target(format: OutputFormat, mime: &str, picture: &Picture, lossy: bool, quality: u8) -> Target {
    match format {
        OutputFormat::Jpeg => Target::Jpeg(quality),
        OutputFormat::Png => Target::Png,
        OutputFormat::Webp => Target::Webp,
        // of a phone's photographs that are partly transparent, what shows through is white
        OutputFormat::Keep | OutputFormat::Plain => {
            let photograph = matches!(mime, "image/jpeg" | "image/heic");
            let opaque = !picture.colour.has_alpha();
            if photograph || lossy && opaque { Target::Jpeg(quality) } else { Target::Png }
        }
    }
}

fn check_caps(width: u32, height: u32, limits: &Limits) -> Result<(), Refusal> {
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > limits.side || pixels > limits.pixels {
        let (side, cap) = (limits.side, limits.pixels);
        let message = format!(
            "the picture has {width} x {height} pixels; at most {side} a side and {cap} in all are accepted"
        );
        return Err(Refusal::new("image_too_large", message));
    }
    Ok(())
}

fn check_size(wanted: (u32, u32), source: (u32, u32)) -> Result<(), Refusal> {
    if wanted.0 == 0 || wanted.1 == 0 || wanted.0 > source.0 || wanted.1 > source.1 {
        let message = format!(
            "a picture of {} x {} pixels cannot be made {} x {}; ask for 1 x 1 up to its own size",
            source.0, source.1, wanted.0, wanted.1
        );
        return Err(Refusal::new("media_unsupported", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
