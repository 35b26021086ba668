//! BMP without compression: palettes of 1, 4 and 8 bits, colours of 16, 24 and 32.

use super::{corrupt, unsupported};
use crate::Refusal;
use crate::fit::deadline::Deadline;
use crate::fit::picture::{Colour, Picture};

pub(super) fn decode(data: &[u8], size: (usize, usize), deadline: Deadline) -> Result<Picture, Refusal> {
    let header = Header::read(data).filter(|header| header.size == size).ok_or_else(|| corrupt("BMP"))?;
    if !matches!((header.compression, header.bits), (0, 1 | 4 | 8 | 16 | 24 | 32) | (3 | 6, 16 | 32)) {
        return Err(unsupported("this BMP is compressed; send it uncompressed, or as PNG"));
    }
    let (stride, rows) = header.rows(data).ok_or_else(|| corrupt("BMP"))?;
    let colours = if header.bits <= 8 { header.colours(data) } else { Some([[0; 3]; 256]) };
    let colours = colours.ok_or_else(|| corrupt("BMP"))?;
    pixels(&header, rows.chunks_exact(stride), &colours, deadline)
}

struct Header {
    size: (usize, usize),
    top_down: bool,
    bits: usize,
    compression: u32,
    /// Where each channel lies in a pixel of 16 or 32 bits; alpha last, nothing when there is none.
    masks: [u32; 4],
    /// Bytes of an entry of the palette, and where the palette lies.
    palette: (usize, std::ops::Range<usize>),
    start: usize,
}

impl Header {
    fn read(data: &[u8]) -> Option<Self> {
        let (start, length) = (number(data, 10)? as usize, number(data, 14)? as usize);
        if length == 12 {
            let [width, height, bits] = [18, 20, 24].map(|at| short(data, at));
            let palette = (3, 26..start);
            let size = (width?.into(), height?.into());
            let bits = bits?.into();
            return Some(Self { size, top_down: false, bits, compression: 0, masks: [0; 4], palette, start });
        }
        let (width, height) = (number(data, 18)?.cast_signed(), number(data, 22)?.cast_signed());
        let (bits, compression) = (usize::from(short(data, 28)?), number(data, 30)?);
        let mut masks = if bits == 16 { [0x7C00, 0x3E0, 0x1F, 0] } else { [0xFF_0000, 0xFF00, 0xFF, 0] };
        // after a header of 40 bytes the masks follow it, in longer ones they are part of it
        let mut table = 14 + length;
        if matches!(compression, 3 | 6) {
            let alpha = compression == 6 || length >= 56;
            for (mask, at) in masks.iter_mut().take(if alpha { 4 } else { 3 }).zip([54, 58, 62, 66]) {
                *mask = number(data, at)?;
            }
            table = table.max(54 + if compression == 6 { 16 } else { 12 });
        }
        Some(Self {
            size: (width.unsigned_abs() as usize, height.unsigned_abs() as usize),
            top_down: height < 0,
            bits,
            compression,
            masks,
            palette: (4, table..start),
            start,
        })
    }

    /// Bytes of a row, and all rows as they are stored.
    fn rows<'a>(&self, data: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let stride = (self.size.0.checked_mul(self.bits)?.checked_add(31)? / 32).checked_mul(4)?;
        Some((stride, data.get(self.start..)?.get(..stride.checked_mul(self.size.1)?)?))
    }

    /// The colours of the palette. Indices beyond its end are black, as everyone shows them.
    fn colours(&self, data: &[u8]) -> Option<[[u8; 3]; 256]> {
        let mut colours = [[0; 3]; 256];
        let (bytes, range) = (self.palette.0, self.palette.1.clone());
        let entries = data.get(range.start..range.end.min(range.start.checked_add(256 * bytes)?))?;
        for (colour, entry) in colours.iter_mut().zip(entries.chunks_exact(bytes)) {
            *colour = [entry[2], entry[1], entry[0]];
        }
        Some(colours)
    }
}

fn pixels<'a>(
    header: &Header,
    rows: impl DoubleEndedIterator<Item = &'a [u8]>,
    colours: &[[u8; 3]; 256],
    deadline: Deadline,
) -> Result<Picture, Refusal> {
    let (width, height) = header.size;
    let alpha = header.masks[3] != 0;
    let mut samples = Vec::with_capacity(width * height * if alpha { 4 } else { 3 });
    let add = |row: &[u8]| {
        deadline.check()?;
        match header.bits {
            24 => samples
                .extend(row.chunks_exact(3).take(width).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]])),
            16 | 32 => {
                for pixel in row.chunks_exact(header.bits / 8).take(width) {
                    let pixel = pixel.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
                    let channels = if alpha { 4 } else { 3 };
                    samples.extend(header.masks[..channels].iter().map(|mask| channel(pixel, *mask)));
                }
            }
            bits => {
                let index = |x: usize| row[x * bits / 8] >> (8 - bits - x * bits % 8) & (0xFF >> (8 - bits));
                samples.extend((0..width).flat_map(|x| colours[usize::from(index(x))]));
            }
        }
        Ok(())
    };
    if header.top_down { { rows }.try_for_each(add) } else { rows.rev().try_for_each(add) }?;
    Ok(Picture::single(width, height, if alpha { Colour::Rgba } else { Colour::Rgb }, samples))
}

/// The bits under this mask, stretched to eight.
fn channel(pixel: u32, mask: u32) -> u8 {
    if mask == 0 {
        return 0;
    }
    let most = u64::from(mask >> mask.trailing_zeros());
    let value = u64::from((pixel & mask) >> mask.trailing_zeros());
    ((value * 255 + most / 2) / most) as u8
}

fn short(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..)?.first_chunk().map(|two| u16::from_le_bytes(*two))
}

fn number(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}
