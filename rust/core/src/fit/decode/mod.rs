//! From file to [`Picture`], one module per format. Every decoder is strict: pixel data that is damaged
//! or ends early refuses the file; half a picture is never passed on.
//!
//! | format | decoder | why this one |
//! |---|---|---|
//! | PNG, GIF | `png`, `gif` | maintained by image-rs, no `unsafe`, with limits; the fastest PNG decoder there is |
//! | WebP | [`vp8`], else `image-webp` | ours for lossy stills, at the speed of libwebp; the rest is rare |
//! | BMP | ours | two headers and rows; run-length coding is refused, nothing has written it for decades |
//! | TIFF | `tiff` | image-rs again; first page, uncompressed, PackBits, LZW or deflate |
//! | HEIC | `heic-rs` | the one permissive decoder without C and `unsafe`; 4:2:0 as phones write it; slow |
//! | AVIF | none: refused | `rav1d` is `unsafe` throughout and wants nasm, its safe fork is AGPL, no other is whole |

mod bmp;
mod gif;
mod heif;
mod jpeg;
mod png;
mod tiff;
mod vp8;
mod webp;

use std::panic::catch_unwind;

use super::luma::Luma;
use super::picture::Picture;
use crate::{Media, Refusal};

/// A decoded picture, and whether its file had thrown detail away.
pub(super) struct Decoded {
    pub(super) picture: Picture,
    pub(super) lossy: bool,
}

/// Decodes the picture, or its first frame. Peak memory: width x height x (4 + what the format's own
/// coefficients take, at most 6) bytes.
pub(super) fn decode(media: &Media, size: (usize, usize)) -> Result<Decoded, Refusal> {
    let (data, mime) = (media.data(), media.facts().mime);
    // a decoder that panics has been given a damaged file: that is the sender's fault, not a 500
    let (picture, lossy) = catch_unwind(|| match mime {
        "image/jpeg" => Ok((jpeg::decode(data, size)?, true)),
        "image/png" => Ok((png::decode(data, size)?, false)),
        "image/gif" => Ok((gif::decode(data, size)?, false)),
        "image/webp" => webp::decode(data, size),
        "image/bmp" => Ok((bmp::decode(data, size)?, false)),
        "image/tiff" => Ok((tiff::decode(data, size)?, false)),
        "image/heic" => Ok((heif::decode(data, size)?, true)),
        "image/avif" => Err(unsupported("AVIF cannot be decoded; send it as JPEG, PNG or WebP")),
        _ => Err(unsupported(
            "only JPEG, PNG, WebP, GIF, BMP, TIFF and HEIC pictures can be resized; send one of these",
        )),
    })
    .unwrap_or_else(|_| Err(corrupt("picture")))?;
    Ok(Decoded { picture: picture.without_idle_alpha(), lossy })
}

/// Luma of a JPEG at one whole, a half, a quarter or an eighth of its size; `None` for files of other colours
/// than grey and YCbCr, which [`decode`] has to put together.
pub(super) fn luma(data: &[u8], size: (usize, usize), shrink: usize) -> Result<Option<Luma>, Refusal> {
    catch_unwind(|| jpeg::luma(data, size, shrink)).unwrap_or_else(|_| Err(corrupt("picture")))
}

/// The refusal of a file whose pixel data cannot be trusted.
fn corrupt(format: &str) -> Refusal {
    let message = format!("the pixel data of the {format} is damaged or ends early; send a whole file");
    Refusal::new("media_corrupt", message)
}

/// The refusal of a kind of file that is sound but that no decoder here reads.
fn unsupported(message: &str) -> Refusal {
    Refusal::new("media_unsupported", message)
}
