//! Which part of a picture is wanted, and how it is turned.

use super::orient;
use super::rows::Shape;
use crate::Refusal;

/// A rectangle of the upright picture, in its pixels, before any turn of ours.
///
/// What lies outside has no say in it, but for the samples of halved chroma that its edge cuts in two. So light
/// is that of a crop out of the decoded picture, as Pillow makes it, and so is colour but for the six pixels along
/// an edge: there a decoder of the whole takes colour from either side of the edge, and here it comes from
/// inside alone. That is at most half of the step that colour makes at the edge, and nothing where it makes none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Crop {
    /// Columns left of it.
    pub x: u32,
    /// Rows above it.
    pub y: u32,
    /// Columns it has.
    pub width: u32,
    /// Rows it has.
    pub height: u32,
}

/// Quarter turns clockwise, after the picture has been put upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Turn {
    /// As it is.
    #[default]
    None,
    /// 90 degrees clockwise.
    Right,
    /// 180 degrees.
    Over,
    /// 270 degrees clockwise.
    Left,
}

impl Turn {
    /// The turn by so many degrees clockwise: 0, 90, 180 or 270.
    #[must_use]
    pub fn parse(degrees: u32) -> Option<Self> {
        match degrees {
            0 => Some(Self::None),
            90 => Some(Self::Right),
            180 => Some(Self::Over),
            270 => Some(Self::Left),
            _ => None,
        }
    }

    /// The orientation that says both: first this one, then the turn.
    pub(super) fn after(self, orientation: u8) -> u8 {
        // each orientation, and what a quarter turn clockwise makes of it
        const RIGHT: [u8; 9] = [6, 6, 7, 8, 5, 2, 3, 4, 1];
        let quarters = match self {
            Self::None => 0,
            Self::Right => 1,
            Self::Over => 2,
            Self::Left => 3,
        };
        (0..quarters).fold(orientation, |orientation, _| RIGHT[usize::from(orientation)])
    }
}

impl Crop {
    /// The whole of a picture of this size.
    pub(super) fn whole((width, height): (u32, u32)) -> Self {
        Self { x: 0, y: 0, width, height }
    }

    /// Refuses what is empty or reaches out of the picture.
    pub(super) fn check(self, upright: (u32, u32)) -> Result<(), Refusal> {
        let inside = |from: u32, length: u32, of: u32| {
            length > 0 && from.checked_add(length).is_some_and(|end| end <= of)
        };
        if inside(self.x, self.width, upright.0) && inside(self.y, self.height, upright.1) {
            return Ok(());
        }
        let message = format!(
            "a crop of {} x {} pixels at ({}, {}) does not lie in a picture of {} x {}; ask for a part of it",
            self.width, self.height, self.x, self.y, upright.0, upright.1
        );
        Err(Refusal::new("media_unsupported", message))
    }

    /// The same rectangle in the picture as it is stored under this orientation, of this upright size.
    pub(super) fn stored(self, orientation: u8, upright: (u32, u32)) -> Self {
        let (right, bottom) = (upright.0 - self.x - self.width, upright.1 - self.y - self.height);
        let (x, y) = match orientation {
            2 => (right, self.y),
            3 => (right, bottom),
            4 => (self.x, bottom),
            5 => (self.y, self.x),
            6 => (self.y, right),
            7 => (bottom, right),
            8 => (bottom, self.x),
            _ => (self.x, self.y),
        };
        let swapped = orient::swaps(orientation);
        let (width, height) = if swapped { (self.height, self.width) } else { (self.width, self.height) };
        Self { x, y, width, height }
    }

    /// The samples of one plane under this part of a stored picture of this size. Where the part begins in the
    /// middle of a sample of halved chroma, the origin says so.
    pub(super) fn window(self, plane: &Shape, size: (u32, u32)) -> Window {
        let across = plane.covers.0 / f64::from(size.0);
        let down = plane.covers.1 / f64::from(size.1);
        let (left, top) = (f64::from(self.x) * across, f64::from(self.y) * down);
        let covers = (f64::from(self.width) * across, f64::from(self.height) * down);
        let (first, above) = (left.floor() as usize, top.floor() as usize);
        let width = ((left + covers.0).ceil() as usize).min(plane.width) - first;
        let height = ((top + covers.1).ceil() as usize).min(plane.height) - above;
        let shape = Shape { width, height, covers };
        Window { left: first, top: above, shape, origin: (left.fract(), top.fract()) }
    }
}

/// Which samples of a plane are wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) shape: Shape,
    /// Where in the first sample the wanted part begins.
    pub(super) origin: (f64, f64),
}
