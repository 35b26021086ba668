//! The grey levels of a picture, no larger than signals need.

use super::deadline::Deadline;
use super::picture::{Colour, Picture};
use super::rows::Sink;
use super::{decode, opened};
use crate::{Limits, Media, Refusal};

/// Most pixels a JPEG is decoded to for its grey levels.
pub(crate) const GREY: usize = 6_000_000;

/// Grey levels as stored, before orientation.
#[derive(Debug)]
pub(crate) struct Luma {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) stride: usize,
    /// Pixels of the file that one sample is wide.
    pub(crate) scale: f32,
    pub(crate) samples: Vec<u8>,
}

/// The grey levels of the picture, or of its first frame; what is transparent lies on white.
pub(crate) fn luma(media: &Media, limits: &Limits) -> Result<Luma, Refusal> {
    let deadline = Deadline::of(limits);
    opened(media, limits)?;
    let facts = media.facts();
    let (width, height) = (facts.width.unwrap_or(0) as usize, facts.height.unwrap_or(0) as usize);
    let source = decode::open(media, (width, height), limits, deadline)?;
    if matches!(source.colour, Colour::Grey | Colour::Ycc) {
        let shrink = [1, 2, 4, 8]
            .into_iter()
            .find(|shrink| width.div_ceil(*shrink) * height.div_ceil(*shrink) <= GREY || *shrink == 8);
        return levels(source, shrink.unwrap_or(1), deadline);
    }
    Ok(grey(source.whole(deadline)?))
}

/// The first plane alone, at 1/`shrink` of its size if the decoder can do that.
fn levels(source: decode::Source<'_>, shrink: usize, deadline: Deadline) -> Result<Luma, Refusal> {
    let full = source.shapes(&[1; 4])[0];
    let shape = source.shapes(&[shrink; 4])[0];
    let samples = Vec::with_capacity(shape.width * shape.height);
    let mut levels = Levels { samples, deadline };
    source.rows(&[shrink; 4], &mut levels)?;
    let scale = (full.covers.0 / shape.covers.0) as f32;
    Ok(Luma { width: shape.width, height: shape.height, stride: shape.width, scale, samples: levels.samples })
}

struct Levels {
    samples: Vec<u8>,
    deadline: Deadline,
}

impl Sink for Levels {
    fn wants(&self, plane: usize) -> bool {
        plane == 0
    }

    fn row(&mut self, plane: usize, row: &[u8]) -> Result<(), Refusal> {
        if plane == 0 {
            self.samples.extend_from_slice(row);
        }
        self.go_on()
    }

    fn go_on(&mut self) -> Result<(), Refusal> {
        self.deadline.check()
    }
}

fn grey(mut picture: Picture) -> Luma {
    let (width, height) = (picture.width, picture.height);
    let plane = picture.planes.swap_remove(0);
    let samples = match picture.colour {
        Colour::Grey | Colour::Ycc => plane.samples,
        Colour::GreyAlpha => plane.samples.as_chunks::<2>().0.iter().map(|[y, a]| laid(*y, *a)).collect(),
        Colour::Rgb => plane.samples.as_chunks::<3>().0.iter().map(|[r, g, b]| level(*r, *g, *b)).collect(),
        Colour::Rgba => {
            plane.samples.as_chunks::<4>().0.iter().map(|[r, g, b, a]| laid(level(*r, *g, *b), *a)).collect()
        }
    };
    Luma { width, height, stride: width, scale: 1.0, samples }
}

/// BT.601 luma.
fn level(r: u8, g: u8, b: u8) -> u8 {
    ((77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b) + 128) >> 8) as u8
}

/// A level of this opacity on white.
fn laid(level: u8, alpha: u8) -> u8 {
    super::colour::divide_255(u32::from(level) * u32::from(alpha) + 255 * (255 - u32::from(alpha)))
}
