//! The MIME type a sender names, and whether the bytes agree with it.
//!
//! The magic bytes decide. The declared type may be absent or name a wrong subtype of the right family
//! (`image/png` over JPEG bytes is an everyday mistake), but not another family: whoever says picture
//! and sends a document wants one reader to see a picture and another one a document.

use memchr::memmem;

use super::facts::Kind;
use super::sniff::Format;
use crate::refusal::Refusal;

/// A PDF may have some bytes before its header; this many are searched when a PDF was declared.
const PDF_JUNK: usize = 1024;

/// Whether this is `type/subtype` of the characters that RFC 6838 allows.
pub(crate) fn valid(mime: &str) -> bool {
    let token = |part: &str| {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+*".contains(&byte);
        !part.is_empty() && part.len() <= 127 && part.bytes().all(legal)
    };
    mime.split_once('/').is_some_and(|(family, subtype)| token(family) && token(subtype))
}

/// Lower case, without parameters; `None` when nothing is named.
pub(super) fn normalise(declared: &str) -> Option<Result<String, Refusal>> {
    let mime = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match mime.as_str() {
        "" => None,
        mime if valid(mime) => Some(Ok(mime.to_owned())),
        _ => {
            let message = "the declared type is not a MIME type; write it as type/subtype, like image/png";
            Some(Err(Refusal::new("media_unsupported", message)))
        }
    }
}

/// The format after the declared type was heard, or the refusal of a contradiction.
pub(super) fn agree(
    data: &[u8],
    format: Format,
    mime: &'static str,
    declared: Option<&str>,
) -> Result<(Format, &'static str), Refusal> {
    let Some(declared) = declared else { return Ok((format, mime)) };
    let Some(claimed) = claimed_kind(declared) else { return Ok((format, mime)) };
    match (claimed, format.kind()) {
        (claimed, found) if claimed == found => Ok((format, mime)),
        // The same containers carry sound alone; only a demuxer could tell, and the sender knows.
        (Kind::Audio, Kind::Video) if audio_of(mime).is_some() => {
            Ok((Format::Audio, audio_of(mime).unwrap_or(mime)))
        }
        (Kind::Video, Kind::Audio) if matches!(mime, "audio/mp4" | "audio/ogg") => {
            Ok((Format::Video, if mime == "audio/mp4" { "video/mp4" } else { "video/ogg" }))
        }
        (Kind::Document, Kind::Other) if has_late_pdf(data) => Ok((Format::Pdf, "application/pdf")),
        (Kind::Image, Kind::Other) => Err(unsupported_image()),
        // Raw samples and rare codecs have no magic bytes; whoever reads sound decides about them.
        (Kind::Audio | Kind::Video, Kind::Other) => Ok((format, mime)),
        (claimed, found) => Err(mismatch(claimed, found)),
    }
}

/// A film without pictures is sound, unless its sender insists.
pub(super) fn heard(
    format: Format,
    mime: &'static str,
    declared: Option<&str>,
    sound_alone: bool,
) -> (Format, &'static str) {
    match audio_of(mime) {
        Some(mime) if sound_alone && declared.and_then(claimed_kind).is_none() => (Format::Audio, mime),
        _ => (format, mime),
    }
}

/// The family a declared type promises; `None` when it promises nothing.
fn claimed_kind(declared: &str) -> Option<Kind> {
    match declared.split_once('/')? {
        (_, "octet-stream" | "ogg" | "mp4") if declared.starts_with("application/") => None,
        ("image", _) => Some(Kind::Image),
        ("audio", _) => Some(Kind::Audio),
        ("video", _) => Some(Kind::Video),
        ("application", "pdf" | "x-pdf") => Some(Kind::Document),
        ("text" | "application", _) => Some(Kind::Other),
        _ => None,
    }
}

fn audio_of(mime: &str) -> Option<&'static str> {
    match mime {
        "video/mp4" | "video/quicktime" | "video/3gpp" => Some("audio/mp4"),
        "video/webm" | "video/x-matroska" => Some("audio/webm"),
        "video/ogg" => Some("audio/ogg"),
        _ => None,
    }
}

fn has_late_pdf(data: &[u8]) -> bool {
    memmem::find(&data[..data.len().min(PDF_JUNK)], b"%PDF-").is_some()
}

fn unsupported_image() -> Refusal {
    let message = "declared as an image, but its bytes are of no supported image format; \
                   PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF and HEIC work";
    Refusal::new("media_unsupported", message)
}

fn mismatch(claimed: Kind, found: Kind) -> Refusal {
    let found = if found == Kind::Other { "of no known format" } else { found.as_str() };
    let message = format!(
        "declared as {}, but its bytes are {found}; declare the type that the bytes have, or none",
        claimed.as_str()
    );
    Refusal::new("media_type_mismatch", message)
}
