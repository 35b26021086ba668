//! Turning and mirroring by EXIF orientation.

use super::picture::{Picture, Plane};

/// Pixels of one side of the square that is turned at a time: its rows and columns stay in the cache.
const TILE: usize = 32;

/// Whether this orientation swaps width and height.
pub(crate) fn swaps(orientation: u8) -> bool {
    orientation >= 5
}

/// Whether columns, and rows, as stored run against those that are seen, or against the rows that they become.
pub(super) fn mirrored(orientation: u8) -> (bool, bool) {
    (matches!(orientation, 2 | 3 | 7 | 8), matches!(orientation, 3 | 4 | 6 | 7))
}

/// Where a place of the upright picture is stored; `right`, `bottom`: last column and row as stored.
#[inline]
pub(crate) fn stored_at(
    orientation: u8,
    (x, y): (usize, usize),
    (right, bottom): (usize, usize),
) -> (usize, usize) {
    match orientation {
        2 => (right - x, y),
        3 => (right - x, bottom - y),
        4 => (x, bottom - y),
        5 => (y, x),
        6 => (y, bottom - x),
        7 => (right - y, bottom - x),
        8 => (right - y, x),
        _ => (x, y),
    }
}

/// The picture as it is meant to be seen.
pub(super) fn upright(mut picture: Picture, orientation: u8) -> Picture {
    if orientation <= 1 {
        return picture;
    }
    if swaps(orientation) {
        (picture.width, picture.height) = (picture.height, picture.width);
    }
    for plane in &mut picture.planes {
        *plane = match plane.channels {
            1 => turn::<1>(plane, orientation),
            2 => turn::<2>(plane, orientation),
            3 => turn::<3>(plane, orientation),
            _ => turn::<4>(plane, orientation),
        };
    }
    picture
}

fn turn<const CHANNELS: usize>(plane: &Plane, orientation: u8) -> Plane {
    let (source, _) = plane.samples.as_chunks::<CHANNELS>();
    let (right, bottom) = (plane.width - 1, plane.height - 1);
    let from = |x: usize, y: usize| -> usize {
        let (x, y) = stored_at(orientation, (x, y), (right, bottom));
        y * plane.width + x
    };
    let (width, height) =
        if swaps(orientation) { (plane.height, plane.width) } else { (plane.width, plane.height) };
    let mut turned = vec![[0u8; CHANNELS]; width * height];
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for y in top..height.min(top + TILE) {
                for x in left..width.min(left + TILE) {
                    turned[y * width + x] = source[from(x, y)];
                }
            }
        }
    }
    Plane::new(width, height, CHANNELS, turned.into_flattened())
}
