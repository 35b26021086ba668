//! Pixels between decoder and encoder: planes of 8-bit samples.

use super::rows::Shape;

/// What the samples mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    /// One plane of one channel.
    Grey,
    /// One plane of two channels, alpha straight.
    GreyAlpha,
    /// One plane of three channels.
    Rgb,
    /// One plane of four channels, alpha straight.
    Rgba,
    /// Three planes of one channel: luma and, often smaller, two of chroma (full range, BT.601).
    Ycc,
}

impl Colour {
    pub(super) fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::Rgba)
    }

    /// Channels of each of its planes.
    pub(super) fn channels(self) -> usize {
        match self {
            Self::Grey | Self::Ycc => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// A rectangle of samples, row by row, channels interleaved.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) channels: usize,
    /// Columns and rows that lie under the picture; the last ones of halved chroma may do so in part.
    pub(super) covers: (f64, f64),
    pub(super) samples: Vec<u8>,
}

impl Plane {
    /// A plane without padding that lies under the picture whole.
    pub(super) fn new(width: usize, height: usize, channels: usize, samples: Vec<u8>) -> Self {
        let Shape { covers, .. } = Shape::whole((width, height));
        Self { width, height, channels, covers, samples }
    }

    pub(super) fn shape(&self) -> Shape {
        Shape { width: self.width, height: self.height, covers: self.covers }
    }

    pub(super) fn row(&self, y: usize) -> &[u8] {
        &self.samples[y * self.width * self.channels..][..self.width * self.channels]
    }
}

/// A decoded picture. Planes of chroma may be smaller than the picture; each covers all of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) colour: Colour,
    pub(super) planes: Vec<Plane>,
    /// ICC profile, as the file had it.
    pub(super) profile: Option<Vec<u8>>,
}

impl Picture {
    /// A picture of one plane.
    pub(super) fn single(width: usize, height: usize, colour: Colour, samples: Vec<u8>) -> Self {
        let channels = colour.channels();
        Self {
            width,
            height,
            colour,
            planes: vec![Plane::new(width, height, channels, samples)],
            profile: None,
        }
    }

    /// Alpha dropped when every pixel is opaque: it would only cost bytes and forbid JPEG.
    pub(super) fn without_idle_alpha(mut self) -> Self {
        let (channels, colour) = match self.colour {
            Colour::GreyAlpha => (2, Colour::Grey),
            Colour::Rgba => (4, Colour::Rgb),
            _ => return self,
        };
        for plane in &mut self.planes {
            if plane.samples.chunks_exact(channels).any(|pixel| pixel[channels - 1] != 255) {
                return self;
            }
            plane.samples = plane
                .samples
                .chunks_exact(channels)
                .flat_map(|pixel| &pixel[..channels - 1])
                .copied()
                .collect();
            plane.channels = channels - 1;
        }
        self.colour = colour;
        self
    }
}
