//! Pixels between decoder and encoder: planes of 8-bit samples.

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

    /// The data colour space an ICC profile must have to fit these samples.
    fn profile_space(self) -> &'static [u8; 4] {
        match self {
            Self::Grey | Self::GreyAlpha => b"GRAY",
            Self::Rgb | Self::Rgba | Self::Ycc => b"RGB ",
        }
    }
}

/// A rectangle of samples, row by row, channels interleaved.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) channels: usize,
    /// Samples from one row to the next; more than `width * channels` only between JPEG decoder and resizing.
    pub(super) stride: usize,
    /// Where in the first sample the picture begins; not at nought only where a crop cuts halved chroma.
    pub(super) origin: (f64, f64),
    /// Columns and rows that lie under the picture; the last ones of halved chroma may do so in part.
    pub(super) covers: (f64, f64),
    pub(super) samples: Vec<u8>,
}

impl Plane {
    /// A plane without padding that lies under the picture whole.
    pub(super) fn new(width: usize, height: usize, channels: usize, samples: Vec<u8>) -> Self {
        Self {
            width,
            height,
            channels,
            stride: width * channels,
            origin: (0.0, 0.0),
            covers: (width as f64, height as f64),
            samples,
        }
    }

    /// The same plane with its rows next to each other; padding is cut off.
    pub(super) fn without_padding(self) -> Self {
        if self.stride == self.width * self.channels {
            return self;
        }
        let samples = (0..self.height).flat_map(|y| self.row(y)).copied().collect();
        Self::new(self.width, self.height, self.channels, samples)
    }

    pub(super) fn row(&self, y: usize) -> &[u8] {
        &self.samples[y * self.stride..][..self.width * self.channels]
    }
}

/// A decoded picture. Planes of chroma may be smaller than the picture; each covers all of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) colour: Colour,
    pub(super) planes: Vec<Plane>,
    /// ICC profile, already known to be small and to fit `colour`.
    pub(super) profile: Option<Vec<u8>>,
}

impl Picture {
    /// A picture of one plane.
    pub(super) fn single(width: usize, height: usize, colour: Colour, samples: Vec<u8>) -> Self {
        let channels = match colour {
            Colour::Grey | Colour::Ycc => 1,
            Colour::GreyAlpha => 2,
            Colour::Rgb => 3,
            Colour::Rgba => 4,
        };
        Self {
            width,
            height,
            colour,
            planes: vec![Plane::new(width, height, channels, samples)],
            profile: None,
        }
    }

    /// The same picture with this ICC profile, if it is small enough to travel and speaks of these samples.
    pub(super) fn with_profile(mut self, profile: Option<Vec<u8>>) -> Self {
        let fits = |profile: &Vec<u8>| {
            profile.len() <= MAX_PROFILE
                && profile.get(16..20) == Some(self.colour.profile_space().as_slice())
        };
        self.profile = profile.filter(fits);
        self
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
            plane.stride = plane.width * plane.channels;
        }
        self.colour = colour;
        self
    }
}

/// Bytes of the largest ICC profile that is kept. Profiles of displays, phones and working spaces have
/// half a kilobyte to three; larger ones are of printers and scanners.
const MAX_PROFILE: usize = 4096;
