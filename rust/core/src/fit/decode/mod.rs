//! From file to rows, one module per format. Every decoder is strict: pixel data that is damaged or ends early
//! refuses the file; half a picture is never passed on.
//!
//! | format | decoder | why this one |
//! |---|---|---|
//! | JPEG | ours, [`jpeg`] | no other gives rows; as fast as those with hand-written SIMD, in safe code |
//! | PNG, GIF | `png`, `gif` | maintained by image-rs, no `unsafe`, with limits; the fastest PNG decoder there is |
//! | WebP | ours, [`vp8`], else `image-webp` | rows of lossy stills, at the speed of libwebp; the rest is rare |
//! | BMP | ours | two headers and rows; run-length coding is refused, nothing has written it for decades |
//! | TIFF | `tiff` | image-rs again; first page, uncompressed, PackBits, LZW or deflate |
//! | HEIC | `heic-rs` | the one permissive decoder without C and `unsafe`; 4:2:0 as phones write it; slow |
//! | AVIF | none: refused | `rav1d` is `unsafe` throughout and wants nasm, its safe fork is AGPL, no other is whole |

mod bmp;
mod gif;
mod heif;
mod inks;
mod jpeg;
mod png;
mod tiff;
mod vp8;
mod webp;

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::deadline::Deadline;
use super::picture::{Colour, Picture, Plane};
use super::rows::{Shape, Sink};
use super::view::Window;
use crate::{Limits, Media, Refusal};

/// A file whose header has been read, before its pixels.
pub(super) struct Source<'a> {
    /// The file had thrown detail away.
    pub(super) lossy: bool,
    pub(super) colour: Colour,
    /// ICC profile, as the file has it.
    pub(super) profile: Option<Vec<u8>>,
    size: (usize, usize),
    rows: Rows<'a>,
}

/// How the pixels come.
enum Rows<'a> {
    Jpeg(Box<jpeg::Jpeg<'a>>),
    Png(Box<png::Png<'a>>),
    Gif(Box<gif::Gif<'a>>),
    Webp(webp::Still<'a>),
    /// From a decoder that gives them all at once.
    Whole(Picture),
}

/// Opens the picture, or its first frame. Of formats that do not give rows one by one, peak memory is
/// width x height x (4 + what the format's own coefficients take, at most 6) bytes; of a JPEG of four inks 12.
///
/// The deadline ends the work here as it does in [`Source::rows`]. What of it nothing can end, and by how much a
/// refusal may therefore be late: what a decoder makes of the 16 KiB it has read (16 MiB at most, a few
/// hundredths of a second; of a lossless WebP, which may have no bits for its pixels, all of them), one pass over
/// the pixels, and one picture or tile of HEIC.
pub(super) fn open<'a>(
    media: &'a Media,
    size: (usize, usize),
    limits: &Limits,
    deadline: Deadline,
) -> Result<Source<'a>, Refusal> {
    deadline.check()?;
    let (data, mime) = (media.data(), media.facts().mime);
    sound(|| match mime {
        "image/jpeg" => jpeg(data, size, limits, deadline),
        "image/png" => {
            let png = png::Png::open(data, size, deadline)?;
            let (colour, profile) = (png.colour, png.profile.clone());
            Ok(Source { lossy: false, colour, profile, size, rows: Rows::Png(Box::new(png)) })
        }
        "image/gif" => {
            let rows = Rows::Gif(Box::new(gif::Gif::open(data, size)?));
            Ok(Source { lossy: false, colour: Colour::Rgba, profile: None, size, rows })
        }
        "image/webp" => webp(data, size, deadline),
        "image/bmp" => Ok(Source::of(bmp::decode(data, size, deadline)?, false)),
        "image/tiff" => Ok(Source::of(tiff::decode(data, size, deadline)?, false)),
        "image/heic" => Ok(Source::of(heif::decode(data, size, deadline)?, true)),
        "image/avif" => Err(unsupported("AVIF cannot be decoded; send it as JPEG, PNG or WebP")),
        _ => Err(unsupported(
            "only JPEG, PNG, WebP, GIF, BMP, TIFF and HEIC pictures can be resized; send one of these",
        )),
    })
}

fn jpeg<'a>(
    data: &'a [u8],
    size: (usize, usize),
    limits: &Limits,
    deadline: Deadline,
) -> Result<Source<'a>, Refusal> {
    let jpeg = jpeg::Jpeg::open(data, size, limits.scans)?;
    let Some(colour) = jpeg.space.colour() else {
        return inks::decode(jpeg, size, deadline).map(|picture| Source::of(picture, true));
    };
    let profile = jpeg.profile.clone();
    Ok(Source { lossy: true, colour, profile, size, rows: Rows::Jpeg(Box::new(jpeg)) })
}

fn webp(data: &[u8], size: (usize, usize), deadline: Deadline) -> Result<Source<'_>, Refusal> {
    match webp::open(data, size, deadline)? {
        webp::Webp::Still(still) => {
            let (colour, profile) = (Colour::Ycc, still.profile.clone());
            Ok(Source { lossy: true, colour, profile, size, rows: Rows::Webp(still) })
        }
        webp::Webp::Whole(picture, lossy) => Ok(Source::of(picture, lossy)),
    }
}

impl<'a> Source<'a> {
    /// The rows of a picture that is there already.
    pub(super) fn of(picture: Picture, lossy: bool) -> Self {
        let (size, profile) = ((picture.width, picture.height), picture.profile.clone());
        Self { lossy, colour: picture.colour, profile, size, rows: Rows::Whole(picture) }
    }

    /// What each plane will be at one whole, a half, a quarter or an eighth of its size.
    pub(super) fn shapes(&self, shrinks: &[usize]) -> Vec<Shape> {
        match &self.rows {
            Rows::Jpeg(jpeg) => jpeg.shapes(shrinks),
            Rows::Webp(still) => still.shapes(),
            Rows::Png(_) | Rows::Gif(_) => vec![Shape::whole(self.size)],
            Rows::Whole(picture) => picture.planes.iter().map(Plane::shape).collect(),
        }
    }

    /// How far the decoder may shrink a plane of which this is wanted at this size. At least twice the size is
    /// left to scale: nearer to it, what the decoder does is seen.
    pub(super) fn shrink(&self, window: &Window, to: (usize, usize)) -> usize {
        if !matches!(self.rows, Rows::Jpeg(_)) {
            return 1;
        }
        let covers = window.shape.covers;
        let factor = (covers.0 / to.0 as f64).min(covers.1 / to.1 as f64);
        [8, 4, 2].into_iter().find(|shrink| factor >= (2 * shrink) as f64).unwrap_or(1)
    }

    /// Hands on all rows, each plane at its share of the size.
    pub(super) fn rows(self, shrinks: &[usize], sink: &mut dyn Sink) -> Result<(), Refusal> {
        sound(|| match self.rows {
            Rows::Jpeg(jpeg) => jpeg.rows(shrinks, sink),
            Rows::Png(png) => png.rows(sink),
            Rows::Gif(gif) => gif.rows(sink),
            Rows::Webp(still) => still.rows(sink),
            Rows::Whole(picture) => {
                for (index, plane) in picture.planes.iter().enumerate() {
                    for y in 0..plane.height {
                        sink.row(index, plane.row(y))?;
                    }
                }
                Ok(())
            }
        })
    }

    /// All pixels at once.
    pub(super) fn whole(self, deadline: Deadline) -> Result<Picture, Refusal> {
        if let Rows::Whole(picture) = self.rows {
            return Ok(picture);
        }
        let (colour, (width, height), profile) = (self.colour, self.size, self.profile.clone());
        let shapes = self.shapes(&[1; 4]);
        let mut planes = Collect::new(&shapes, colour.channels(), deadline);
        self.rows(&[1; 4], &mut planes)?;
        Ok(Picture { width, height, colour, planes: planes.planes, profile })
    }
}

/// Keeps every row.
struct Collect {
    planes: Vec<Plane>,
    deadline: Deadline,
}

impl Collect {
    fn new(shapes: &[Shape], channels: usize, deadline: Deadline) -> Self {
        let plane = |shape: &Shape| Plane {
            covers: shape.covers,
            ..Plane::new(
                shape.width,
                shape.height,
                channels,
                Vec::with_capacity(shape.width * shape.height * channels),
            )
        };
        Self { planes: shapes.iter().map(plane).collect(), deadline }
    }
}

impl Sink for Collect {
    fn row(&mut self, plane: usize, row: &[u8]) -> Result<(), Refusal> {
        self.planes[plane].samples.extend_from_slice(row);
        self.go_on()
    }

    fn go_on(&mut self) -> Result<(), Refusal> {
        self.deadline.check()
    }
}

/// A decoder that panics has been given a damaged file: that is the sender's fault, not a 500.
fn sound<R>(work: impl FnOnce() -> Result<R, Refusal>) -> Result<R, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(corrupt("picture")))
}

/// The refusal of what nobody could make of it.
fn unsupported(message: &str) -> Refusal {
    Refusal::new("media_unsupported", message)
}

/// The refusal of a file whose pixel data cannot be trusted.
fn corrupt(format: &str) -> Refusal {
    let message = format!("the pixel data of the {format} is damaged or ends early; send a whole file");
    Refusal::new("media_corrupt", message)
}

#[cfg(test)]
mod tests;
