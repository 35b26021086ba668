//! What a picture is like, for routing: is it text and how tall are its glyphs, is it sharp, well lit, and
//! seen before?
//!
//! All of it is read off a grey copy of at most [`COPY`] pixels; glyphs too small there are looked for in a
//! few windows of the plane that the copy was made of. A JPEG of more than six megapixels is decoded at a
//! half, a quarter or an eighth of its size: more would only be shrunk away.

mod grey;
mod hash;
mod ink;
mod parts;
mod text;
mod tiles;
mod tone;

pub use hash::{CELL_COLUMNS, CELL_ROWS, changed_tiles};

use crate::{Limits, Media, Refusal, fit};
use grey::Grey;
use text::Text;
use tiles::Tiles;

/// Pixels of the copy.
const COPY: usize = 512 * 512;
/// Samples of one side of a window, and how many there are at most.
const WINDOW: usize = 256;
const WINDOWS: usize = 3;
/// A score that makes a picture mostly text.
const MOSTLY: f32 = 0.5;
/// Samples of height from which the copy says enough about a glyph.
const CLEAR: f32 = 9.0;

/// What a picture is like. Lengths are in pixels of the file, levels 0 to 255 of luma (BT.601).
#[derive(Debug, Clone, PartialEq)]
pub struct Signals {
    /// The share of glyph-like parts that stand in lines, 0 to 1; 0.5 and more is mostly text.
    pub text_score: f32,
    /// Median height of those parts (letters without their accents, digits) in pixels of the file, if there
    /// are any.
    pub glyph_height: Option<f32>,
    /// Variance of the Laplacian of the copy, in squared levels. Text is blurred below some hundreds, a photo
    /// below some tens.
    pub sharpness: f32,
    /// Mean level.
    pub brightness: f32,
    /// Standard deviation of the levels.
    pub contrast: f32,
    /// The share of pixels of the five darkest levels, 0 to 1.
    pub shadows: f32,
    /// The share of pixels of the five lightest levels, 0 to 1.
    pub highlights: f32,
    /// Bits a pixel that the levels of the copy need when each stands alone, 0 to 8.
    pub entropy: f32,
    /// Perceptual hash; pictures that look alike differ in few of its 64 bits.
    pub phash: u64,
    /// Mean levels of [`CELL_COLUMNS`] x [`CELL_ROWS`] cells, row by row, for [`changed_tiles`].
    pub cells: Vec<u8>,
}

/// The signals of a picture, or of its first frame, as seen upright.
///
/// # Errors
/// As [`fit::fit`]: `media_unsupported` for what is no picture we decode, `image_too_large` over the caps,
/// `media_corrupt` when pixel data is damaged or ends early.
pub fn signals(media: &Media, limits: &Limits) -> Result<Signals, Refusal> {
    let luma = fit::luma(media, limits)?;
    of_plane(&luma.samples, (luma.width, luma.height, luma.stride), luma.scale, media.facts().orientation)
        .ok_or_else(|| Refusal::new("media_corrupt", "the picture has no pixels; send a whole file"))
}

/// The signals of a plane of grey levels of this width, height and stride, each sample of which stands for
/// `scale` pixels of the file across and down, stored under this EXIF orientation. `None` when there are
/// fewer samples than that.
#[must_use]
pub fn of_plane(
    samples: &[u8],
    (width, height, stride): (usize, usize, usize),
    scale: f32,
    orientation: u8,
) -> Option<Signals> {
    let fine = Grey::new(samples, width, height, stride)?;
    let factor = factor(width, height);
    let (reduced, width, height) = if factor > 1 { fine.reduced(factor) } else { (Vec::new(), 0, 0) };
    let copy = if factor > 1 { Grey::new(&reduced, width, height, width)? } else { fine };
    let (text, samples_a_pixel) = text(&fine, &copy, factor, fit::swapped(orientation));
    let tone = tone::Tone::of(&copy);
    Some(Signals {
        text_score: text.score(),
        glyph_height: text.height().map(|height| height * samples_a_pixel * scale),
        sharpness: tone::sharpness(&copy),
        brightness: tone.brightness,
        contrast: tone.contrast,
        shadows: tone.shadows,
        highlights: tone.highlights,
        entropy: tone.entropy,
        phash: hash::phash(&copy, orientation),
        cells: hash::cells(&copy, orientation),
    })
}

/// Mean levels of the cells of a frame, for [`changed_tiles`]: those of [`Signals`], of a plane that is at
/// hand already. `None` when there are fewer samples than this width, height and stride make.
#[must_use]
pub fn frame_cells(samples: &[u8], (width, height, stride): (usize, usize, usize)) -> Option<Vec<u8>> {
    Grey::new(samples, width, height, stride).map(|grey| hash::cells(&grey, 1))
}

/// Samples of the plane a side of one of the copy: a product of twos and threes.
fn factor(width: usize, height: usize) -> usize {
    let shrinks = (0..16).flat_map(|twos| [1 << twos, 3 << twos]).filter(|by| *by <= width.min(height));
    let small = |by: &usize| (width / by) * (height / by) <= COPY;
    shrinks.clone().filter(small).min().or(shrinks.max()).unwrap_or(1)
}

/// The text of the copy, or of windows of the plane where that shows more; and how many samples of the plane
/// one of its own is wide.
fn text(fine: &Grey<'_>, copy: &Grey<'_>, factor: usize, sideways: bool) -> (Text, f32) {
    let tiles = Tiles::of(copy);
    let mut coarse = Text::default();
    coarse.add(copy, &tiles, sideways);
    let clear = coarse.score() >= MOSTLY && coarse.height().is_some_and(|height| height >= CLEAR);
    if factor == 1 || clear {
        return (coarse, factor as f32);
    }
    let mut near = Text::default();
    for window in windows(fine, &tiles, factor) {
        near.add(&window, &Tiles::of(&window), sideways);
    }
    if near.score() > coarse.score() || near.score() >= MOSTLY {
        (near, 1.0)
    } else {
        (coarse, factor as f32)
    }
}

/// Those windows of the plane whose tiles in the copy have the most contrast.
fn windows<'a>(fine: &Grey<'a>, tiles: &Tiles, factor: usize) -> Vec<Grey<'a>> {
    let (columns, rows) = ((fine.width / WINDOW).max(1), (fine.height / WINDOW).max(1));
    let mut ranked = Vec::with_capacity(columns * rows);
    for at in 0..columns * rows {
        let (left, top) = (at % columns * WINDOW, at / columns * WINDOW);
        let (right, bottom) = (fine.width.min(left + WINDOW), fine.height.min(top + WINDOW));
        let tile = |sample: usize, most: usize| (sample / (factor * tiles::SIDE)).min(most - 1);
        let mut contrast = 0u64;
        for row in tile(top, tiles.rows)..=tile(bottom - 1, tiles.rows) {
            for column in tile(left, tiles.columns)..=tile(right - 1, tiles.columns) {
                contrast += u64::from(tiles.contrast(column, row));
            }
        }
        ranked.push((contrast, fine.part(left, top, right - left, bottom - top)));
    }
    ranked.sort_by_key(|(contrast, _)| std::cmp::Reverse(*contrast));
    ranked.into_iter().take(WINDOWS).map(|(_, window)| window).collect()
}

#[cfg(test)]
mod tests;
