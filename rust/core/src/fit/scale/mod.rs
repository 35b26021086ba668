//! Lanczos3 downscaling while the rows come: of a streaming decoder's picture only a few rows are ever held.

mod plane;
mod taps;

use plane::Scaler;

use super::deadline::Deadline;
use super::decode::Source;
use super::picture::{Colour, Picture};
use super::rows::{Shape, Sink};
use super::view::{Crop, Window};
use crate::Refusal;

/// How large the planes of chroma come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chroma {
    /// As large as the picture: it becomes RGB next.
    Full,
    /// Half of it in both directions, rounded up: it becomes 4:2:0 JPEG next.
    Half,
}

/// What is wanted of a picture as it is stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Small {
    /// The part that is wanted.
    pub(super) part: Crop,
    /// The size it is brought to.
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) chroma: Chroma,
    /// Whether columns, and rows, will be seen in reverse.
    pub(super) mirrored: (bool, bool),
    /// When to give up.
    pub(super) deadline: Deadline,
}

/// The picture at exactly this size. Planes of chroma go from their stored size to the wanted one in a single
/// step, never by way of the full size.
pub(super) fn scaled(source: Source<'_>, size: (u32, u32), small: &Small) -> Result<Picture, Refusal> {
    let halves = source.colour == Colour::Ycc && small.chroma == Chroma::Half;
    // half a sample more than there is, where a side is odd: the last one of chroma lies under the picture in part
    let beyond = |plane: usize| {
        let over =
            |side: usize| if halves && plane > 0 { side.div_ceil(2) as f64 * 2.0 / side as f64 } else { 1.0 };
        (over(small.width), over(small.height))
    };
    let to = |plane: usize| {
        if halves && plane > 0 {
            (small.width.div_ceil(2), small.height.div_ceil(2))
        } else {
            (small.width, small.height)
        }
    };
    let shrinks: Vec<usize> = source
        .shapes(&[1; 4])
        .iter()
        .enumerate()
        .map(|(plane, shape)| source.shrink(&small.part.window(shape, size), to(plane)))
        .collect();
    let channels = source.colour.channels();
    let plane = |(plane, shape): (usize, &Shape)| {
        let window = small.part.window(shape, size);
        let (over, covers) = (beyond(plane), window.shape.covers);
        let wide = (covers.0 * over.0, covers.1 * over.1);
        // turned later, what is the end now may be the beginning then
        let before = |mirrored: bool, more: f64| if mirrored { -more } else { 0.0 };
        let origin = (
            window.origin.0 + before(small.mirrored.0, wide.0 - covers.0),
            window.origin.1 + before(small.mirrored.1, wide.1 - covers.1),
        );
        let scaler = Scaler::new(Shape { covers: wide, ..window.shape }, origin, channels, to(plane));
        Part { window, channels, come: 0, scaler }
    };
    let planes = source.shapes(&shrinks).iter().enumerate().map(plane).collect();
    let mut parts = Parts { planes, deadline: small.deadline };
    let (colour, profile) = (source.colour, source.profile.clone());
    source.rows(&shrinks, &mut parts)?;
    let planes = parts.planes.into_iter().map(|part| part.scaler.finish()).collect();
    Ok(Picture { width: small.width, height: small.height, colour, planes, profile })
}

/// One plane of the picture: the part of it that is wanted, on its way to its size.
struct Part {
    window: Window,
    channels: usize,
    come: usize,
    scaler: Scaler,
}

struct Parts {
    planes: Vec<Part>,
    deadline: Deadline,
}

impl Sink for Parts {
    fn row(&mut self, plane: usize, row: &[u8]) -> Result<(), Refusal> {
        let part = &mut self.planes[plane];
        let at = part.come.checked_sub(part.window.top);
        part.come += 1;
        if at.is_some_and(|at| at < part.window.shape.height) {
            let span = part.window.left * part.channels..;
            part.scaler.push(&row[span][..part.window.shape.width * part.channels]);
        }
        self.go_on()
    }

    fn go_on(&mut self) -> Result<(), Refusal> {
        self.deadline.check()
    }
}

#[cfg(test)]
mod tests;
