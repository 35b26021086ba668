//! From [`Picture`] to file. No encoder writes anything about the source.

mod dct;
mod huffman;
mod jpeg;
mod png;
mod webp;

pub(super) use dct::{PLACES, SCALE, ZIGZAG};

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

/// Counts and symbols of one Huffman table.
#[cfg(test)]
type Lists = (&'static [u8; 16], &'static [u8]);

/// The tables of luma, for the decoder's tests: of the first coefficients and of the others.
#[cfg(test)]
pub(super) fn luma_tables() -> (Lists, Lists) {
    const DC: huffman::Table = huffman::DC_LUMA;
    const AC: huffman::Table = huffman::AC_LUMA;
    ((&DC.counts, DC.symbols), (&AC.counts, AC.symbols))
}

/// Blocks in zigzag order as entropy-coded data, for the decoder's tests.
#[cfg(test)]
pub(super) fn scan_of(blocks: &[[i16; 64]]) -> Vec<u8> {
    let (dc, ac) = (huffman::Codes::new(&huffman::DC_LUMA), huffman::Codes::new(&huffman::AC_LUMA));
    let (mut writer, mut previous) = (huffman::Writer::new(Vec::new()), 0);
    for block in blocks {
        let (mut values, mut filled) = ([0; 64], 0);
        for (n, value) in block.iter().enumerate() {
            values[usize::from(PLACES[n])] = *value;
            filled |= u64::from(*value != 0) << n;
        }
        writer.block(&dct::Coefficients { values, filled }, previous, &dc, &ac);
        previous = block[0];
    }
    writer.finish()
}
