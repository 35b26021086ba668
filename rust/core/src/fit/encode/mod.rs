//! From [`Picture`] to file. No encoder writes anything about the source but its small colour profile.

mod dct;
mod huffman;
mod jpeg;
mod png;
mod webp;

use super::colour;
use super::picture::Picture;
use crate::Refusal;

/// A form to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// Baseline, 4:2:0, at this quality (1 to 100, on libjpeg's scale).
    Jpeg(u8),
    Png,
    /// Lossless.
    Webp,
}

/// The file.
pub(super) fn encode(picture: Picture, target: Target) -> Result<Vec<u8>, Refusal> {
    let written = match target {
        Target::Jpeg(quality) => jpeg::encode(&colour::with_ycc(colour::flattened(picture)), quality),
        Target::Png => png::encode(&colour::without_ycc(picture)),
        Target::Webp => webp::encode(&colour::without_ycc(picture)),
    };
    written.ok_or_else(|| {
        let message = "the picture is too large for the output format; ask for a smaller one";
        Refusal::new("media_unsupported", message)
    })
}
