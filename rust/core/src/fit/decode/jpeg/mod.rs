//! JPEG: rows of the planes as they are stored, without colour conversion and without enlarging chroma.
//!
//! Ours, since nothing else gives rows as they come: of a file in one scan only one row of MCUs is ever held,
//! whatever its size. Files in several scans (progressive ones above all) need all coefficients at once, three
//! bytes a pixel at 4:2:0.
//!
//! What is not sound is refused: codes that do not exist, bits that the file does not hold, restart markers out
//! of order, planes of bits that never came.

mod band;
mod bits;
mod header;
mod huffman;
mod progressive;
mod sequential;
mod several;
mod transform;

use band::{Band, Mcu};
use bits::{Cursor, Window};
use header::{Component, Fault, Frame, Next, Reader, Scan};
use several::Planes;

use super::corrupt;
use fearless_simd::{Level, dispatch};

use crate::Refusal;
use crate::fit::picture::Colour;
use crate::fit::rows::{Shape, Sink};

/// What the components of a file mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Grey,
    Ycc,
    Rgb,
    /// Four inks, or the inks' complement.
    Cmyk {
        inverted: bool,
    },
    /// As `Cmyk`, three of them as luma and chroma.
    Ycck {
        inverted: bool,
    },
}

/// A file whose header has been read.
pub(super) struct Jpeg<'a> {
    reader: Reader<'a>,
    frame: Frame,
    /// Most scans that are read.
    scans: u32,
    pub(super) space: Space,
    pub(super) profile: Option<Vec<u8>>,
}

impl<'a> Jpeg<'a> {
    /// Reads up to the first scan.
    pub(super) fn open(data: &'a [u8], size: (usize, usize), scans: u32) -> Result<Self, Refusal> {
        Self::opened(data, size, scans).map_err(refused)
    }

    fn opened(data: &'a [u8], size: (usize, usize), scans: u32) -> Result<Self, Fault> {
        let mut reader = Reader::new(data)?;
        let Next::Frame(frame) = reader.next()? else { return Err(Fault::Corrupt) };
        let Next::Scan = reader.next()? else { return Err(Fault::Corrupt) };
        if (frame.width, frame.height) != size {
            return Err(Fault::Corrupt);
        }
        let space = space(&reader, &frame);
        let profile = reader.tables.profile();
        Ok(Self { reader, frame, scans, space, profile })
    }

    /// What the rows of each component will be, at one whole, a half, a quarter or an eighth of their size.
    pub(super) fn shapes(&self, shrinks: &[usize]) -> Vec<Shape> {
        let (width, height) = (self.frame.width as f64, self.frame.height as f64);
        let shape = |(component, shrink): (&Component, &usize)| Shape {
            width: component.width.div_ceil(*shrink),
            height: component.height.div_ceil(*shrink),
            covers: (width * component.share.0 / *shrink as f64, height * component.share.1 / *shrink as f64),
        };
        self.frame.components.iter().zip(shrinks).map(shape).collect()
    }

    /// Hands on all rows, those of each component at their share of the size.
    pub(super) fn rows(mut self, shrinks: &[usize], sink: &mut dyn Sink) -> Result<(), Refusal> {
        let scan = self.reader.scan(&self.frame).map_err(refused)?;
        if !self.frame.progressive && scan.parts.len() == self.frame.components.len() {
            return self.stream(&scan, shrinks, sink);
        }
        let planes = self.coefficients(scan, sink)?;
        self.transformed(&planes, shrinks, sink)
    }

    /// The rows that one row of MCUs makes, of this component.
    fn band<'b>(&self, index: usize, factors: &'b [f32; 64], shrinks: &[usize], sink: &dyn Sink) -> Band<'b> {
        let shrink = shrinks.get(index).copied().unwrap_or(1);
        Band::new(index, &self.frame.components[index], factors, shrink, sink.wants(index))
    }

    /// One scan that holds everything: rows are handed on as they come.
    fn stream(mut self, scan: &Scan, shrinks: &[usize], sink: &mut dyn Sink) -> Result<(), Refusal> {
        let (frame, tables) = (&self.frame, &self.reader.tables);
        let coders = sequential::coders(tables, scan).map_err(refused)?;
        let mut bands = Vec::with_capacity(scan.parts.len());
        for (index, _, _) in &scan.parts {
            let factors = tables.factors(&frame.components[*index]).map_err(refused)?;
            bands.push(self.band(*index, factors, shrinks, sink));
        }
        let mut window = Window::new(self.reader.rest());
        let mut mcu = Mcu { cursor: Cursor::default(), levels: [0; 4], left: tables.restart, restarts: 0 };
        let level = Level::new();
        for row in 0..frame.down {
            let across = frame.across;
            let (window, restart) = (&mut window, tables.restart);
            let sound = dispatch!(level, simd => mcu.row(simd, window, &coders, &mut bands, across, restart));
            if sound.is_none() || !window.sound(mcu.cursor) {
                return Err(refused(Fault::Corrupt));
            }
            for band in &bands {
                band.hand_on(row, sink)?;
            }
        }
        let rest = window.end(mcu.cursor).ok_or_else(|| refused(Fault::Corrupt))?.len();
        self.close(rest).map_err(refused)
    }

    /// Nothing but segments may come between the pixels and the end.
    fn close(&mut self, rest: usize) -> Result<(), Fault> {
        self.reader.jump(rest);
        match self.reader.next()? {
            Next::End => Ok(()),
            Next::Frame(_) | Next::Scan => Err(Fault::Corrupt),
        }
    }

    /// All coefficients of a file in several scans.
    fn coefficients(&mut self, mut scan: Scan, sink: &mut dyn Sink) -> Result<Planes, Refusal> {
        let mut planes = Planes::new(&self.frame);
        for _ in 0..self.scans {
            match self.add(&mut planes, &scan, sink)? {
                Some(next) => scan = next,
                None => return Ok(planes.read()),
            }
        }
        Err(refused(Fault::Unsupported))
    }

    /// Adds one scan. The next one, or none when all has come.
    fn add(
        &mut self,
        planes: &mut Planes,
        scan: &Scan,
        sink: &mut dyn Sink,
    ) -> Result<Option<Scan>, Refusal> {
        let rest = planes.add(&self.frame, &self.reader.tables, scan, self.reader.rest(), sink)?;
        self.reader.jump(rest);
        match self.reader.next().map_err(refused)? {
            Next::Scan => self.reader.scan(&self.frame).map(Some).map_err(refused),
            Next::End if planes.complete() => Ok(None),
            Next::End | Next::Frame(_) => Err(refused(Fault::Corrupt)),
        }
    }

    /// Hands on the rows of what [`coefficients`](Self::coefficients) read.
    fn transformed(&self, planes: &Planes, shrinks: &[usize], sink: &mut dyn Sink) -> Result<(), Refusal> {
        let band = |(index, factors)| self.band(index, factors, shrinks, sink);
        let mut bands: Vec<Band<'_>> = planes.factors().enumerate().map(band).collect();
        let level = Level::new();
        for row in 0..self.frame.down {
            for band in &mut bands {
                let each = band.columns * band.down;
                let blocks = &planes.of(band.index)[row * each..][..each];
                dispatch!(level, simd => band.put_all(simd, blocks));
                band.hand_on(row, sink)?;
            }
        }
        Ok(())
    }
}

/// What the components mean, by the rules that decoders have agreed on.
fn space(reader: &Reader<'_>, frame: &Frame) -> Space {
    let inverted = reader.tables.adobe.is_some();
    match (frame.components.len(), reader.tables.adobe) {
        (1, _) => Space::Grey,
        (4, Some(2)) => Space::Ycck { inverted },
        (4, _) => Space::Cmyk { inverted },
        _ if reader.tables.jfif => Space::Ycc,
        (_, Some(0)) => Space::Rgb,
        (_, None) if frame.ids() == *b"RGB" => Space::Rgb,
        _ => Space::Ycc,
    }
}

impl Space {
    /// The colour that the planes have as they are, if a picture can have it.
    pub(super) fn colour(self) -> Option<Colour> {
        match self {
            Self::Grey => Some(Colour::Grey),
            Self::Ycc => Some(Colour::Ycc),
            Self::Rgb | Self::Cmyk { .. } | Self::Ycck { .. } => None,
        }
    }
}

fn refused(fault: Fault) -> Refusal {
    match fault {
        Fault::Corrupt => corrupt("JPEG"),
        Fault::Unsupported => Refusal::new(
            "media_unsupported",
            "this kind of JPEG cannot be decoded; send 8-bit baseline or progressive, of no more scans than the cap",
        ),
    }
}

#[cfg(test)]
mod tests;
