//! The format of a medium by its magic bytes. The sender's word and file names do not matter here.

use memchr::memmem;

use super::facts::Kind;
use super::{gif, jpeg, png, webp};

/// A format that the magic bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
    Webp,
    Gif,
    Bmp,
    Tiff,
    /// AVIF and HEIC.
    Heif,
    Pdf,
    Audio,
    Video,
    Unknown,
}

/// The format and its MIME type.
pub(super) fn sniff(data: &[u8]) -> (Format, &'static str) {
    let image = match data {
        _ if data.starts_with(png::MAGIC) => Some((Format::Png, "image/png")),
        _ if data.starts_with(jpeg::MAGIC) => Some((Format::Jpeg, "image/jpeg")),
        _ if webp::matches(data) => Some((Format::Webp, "image/webp")),
        _ if gif::matches(data) => Some((Format::Gif, "image/gif")),
        _ if is_bmp(data) => Some((Format::Bmp, "image/bmp")),
        _ if data.starts_with(b"II*\0") || data.starts_with(b"MM\0*") => Some((Format::Tiff, "image/tiff")),
        _ if data.starts_with(b"%PDF-") => Some((Format::Pdf, "application/pdf")),
        _ => None,
    };
    image
        .or_else(|| boxes(data))
        .or_else(|| sound(data))
        .unwrap_or((Format::Unknown, "application/octet-stream"))
}

impl Format {
    /// The family of the format.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Png | Self::Jpeg | Self::Webp | Self::Gif | Self::Bmp | Self::Tiff | Self::Heif => {
                Kind::Image
            }
            Self::Pdf => Kind::Document,
            Self::Audio => Kind::Audio,
            Self::Video => Kind::Video,
            Self::Unknown => Kind::Other,
        }
    }
}

/// Two letters are no magic: the length of the second header must be one that exists, too.
fn is_bmp(data: &[u8]) -> bool {
    let header = data.get(14..18).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
    data.starts_with(b"BM") && matches!(header, Some(12 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// The ISO base media formats, told apart by their brand.
fn boxes(data: &[u8]) -> Option<(Format, &'static str)> {
    if data.get(4..8)? != b"ftyp" {
        return None;
    }
    Some(match data.get(8..12)? {
        b"avif" | b"avis" => (Format::Heif, "image/avif"),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => (Format::Heif, "image/heic"),
        b"mif1" | b"msf1" => (Format::Heif, heif_brand(data)),
        b"M4A " | b"M4B " | b"M4P " => (Format::Audio, "audio/mp4"),
        b"qt  " => (Format::Video, "video/quicktime"),
        brand if brand.starts_with(b"3g") => (Format::Video, "video/3gpp"),
        _ => (Format::Video, "video/mp4"),
    })
}

/// The generic brand names the codec among the compatible ones.
fn heif_brand(data: &[u8]) -> &'static str {
    let brands = &data[..data.len().min(64)];
    if memmem::find(brands, b"avif").is_some() { "image/avif" } else { "image/heic" }
}

fn sound(data: &[u8]) -> Option<(Format, &'static str)> {
    let start = &data[..data.len().min(64)];
    let has = |word: &[u8]| memmem::find(start, word).is_some();
    Some(match data.get(..4)? {
        b"RIFF" | b"RF64" if data.get(8..12) == Some(b"WAVE") => (Format::Audio, "audio/wav"),
        b"RIFF" if data.get(8..12) == Some(b"AVI ") => (Format::Video, "video/x-msvideo"),
        b"fLaC" => (Format::Audio, "audio/flac"),
        b"OggS" if has(b"theora") => (Format::Video, "video/ogg"),
        b"OggS" => (Format::Audio, "audio/ogg"),
        b"\x1a\x45\xdf\xa3" if has(b"webm") => (Format::Video, "video/webm"),
        b"\x1a\x45\xdf\xa3" => (Format::Video, "video/x-matroska"),
        b"\x00\x00\x01\xba" | b"\x00\x00\x01\xb3" => (Format::Video, "video/mpeg"),
        [b'I', b'D', b'3', version] if *version < 0x10 => (Format::Audio, "audio/mpeg"),
        // Frame sync, MPEG version, layer III without the reserved bit rate and sample rate.
        [0xFF, second, third, _] if second & 0xE6 == 0xE2 && third >> 4 != 0xF && third & 0x0C != 0x0C => {
            (Format::Audio, "audio/mpeg")
        }
        [0xFF, 0xF0 | 0xF1 | 0xF8 | 0xF9, ..] => (Format::Audio, "audio/aac"),
        _ => return None,
    })
}
