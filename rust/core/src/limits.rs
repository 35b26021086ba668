//! The caps of one scan or one fit. Every cap is inclusive; the unit is in the name.

use std::time::Duration;

/// Caps of one scan or one fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Bytes of the body as received.
    pub body_bytes: usize,
    /// Nesting of arrays and objects; the top-level object is depth 1.
    pub depth: usize,
    /// JSON values in the body, the top-level object and every member value and array item included.
    pub nodes: usize,
    /// Media in one body.
    pub media: usize,
    /// Decoded bytes of one medium.
    pub media_bytes: usize,
    /// Pixels of one frame: width times height.
    pub pixels: u64,
    /// Pixels of the longer side.
    pub side: u32,
    /// Frames of an animated picture.
    pub frames: u32,
    /// Scans of one JPEG.
    pub scans: u32,
    /// How long the pixels of one picture may take from the call on: to decode, scale and bring into sRGB, not to
    /// write. Of what nothing can end (a picture or tile of HEIC above all) the refusal comes as much later.
    pub decoding: Duration,
    /// Bytes of a picture file beside its pixels that its header walk meets: PNG's ancillary chunks but for
    /// the frames of an animation, JPEG's application segments and comments before the first scan, WebP's
    /// profile, metadata and unknown chunks, GIF's extensions.
    pub ancillary_bytes: usize,
}

impl Limits {
    /// No cap at all, for bytes that were checked before or that the gateway wrote itself.
    pub(crate) const NONE: Self = Self {
        body_bytes: usize::MAX,
        depth: usize::MAX,
        nodes: usize::MAX,
        media: usize::MAX,
        media_bytes: usize::MAX,
        pixels: u64::MAX,
        side: u32::MAX,
        frames: u32::MAX,
        scans: u32::MAX,
        decoding: Duration::MAX,
        ancillary_bytes: usize::MAX,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 52_428_800,
            depth: 128,
            nodes: 100_000,
            media: 64,
            media_bytes: 26_214_400,
            pixels: 50_000_000,
            side: 16_384,
            frames: 1_000,
            scans: 100,
            decoding: Duration::from_secs(30),
            // Editors that write their history into every save make honest files with several megabytes of
            // it, depth maps take a few; a file with more is a container for something else.
            ancillary_bytes: 16_777_216,
        }
    }
}
