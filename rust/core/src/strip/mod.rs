//! The same file without its metadata. No pixel is decoded, none changes.
//!
//! Each format keeps what a decoder needs to show the picture right and loses everything else: camera,
//! place, time, names, comments, thumbnails, edit history, private chunks, and whatever hangs behind
//! the end of the picture (phones put whole videos there). A picture stored turned keeps one tag, its
//! orientation, in the smallest EXIF block there is; colour profiles stay.

pub(crate) mod jpeg;
mod png;
mod rewrite;
mod webp;

use crate::{Media, Refusal};

/// The medium without its metadata; `None` when there is nothing to cut or no format is known for it.
///
/// # Errors
/// `media_corrupt` when segments or chunks do not add up.
pub fn strip(media: &Media) -> Result<Option<Media>, Refusal> {
    let (data, facts) = (media.data(), media.facts());
    let rewrite = match facts.mime {
        "image/jpeg" => jpeg::cut(data, facts.orientation),
        "image/png" | "image/apng" => png::cut(data, facts.orientation),
        "image/webp" => webp::cut(data, facts.orientation),
        _ => return Ok(None),
    };
    let rewrite = rewrite.ok_or_else(|| {
        let message = format!("the {} is corrupt: its parts do not add up; send a whole file", facts.mime);
        Refusal::new("media_corrupt", message)
    })?;
    // Size, frames and orientation stay, so the header need not be read again.
    Ok(rewrite.into_file().map(|file| media.rewritten(file)))
}

/// A TIFF structure with one entry, the orientation.
pub(crate) fn orientation_tiff(orientation: u8) -> [u8; 26] {
    let mut tiff = *b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0";
    tiff[18] = orientation;
    tiff
}

#[cfg(test)]
mod tests;
