//! Baseline JPEG, greyscale or 4:2:0, straight from planes. In safe Rust, as fast as the encoders with
//! hand-written SIMD that take RGB, since no colour is converted.

use fearless_simd::SimdCombine;
use fearless_simd::{Bytes, Level, Simd, SimdBase, SimdCvtFloat, SimdWiden, dispatch, f32x8, i16x8, u8x16};

use super::dct::{Block, Quantiser, ZIGZAG};
use super::huffman::{AC_CHROMA, AC_LUMA, Codes, DC_CHROMA, DC_LUMA, Table, Writer};
use crate::fit::picture::{Colour, Picture, Plane};

/// Quantiser steps of the standard (annex K.1) for quality 50, in natural order.
const LUMA_STEPS: [u8; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17,
    22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78,
    87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const CHROMA_STEPS: [u8; 64] = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/// The file; `None` when the picture does not fit the format (65 535 pixels a side).
pub(super) fn encode(picture: &Picture, quality: u8) -> Option<Vec<u8>> {
    let (width, height) = (u16::try_from(picture.width).ok()?, u16::try_from(picture.height).ok()?);
    let colour = picture.colour == Colour::Ycc;
    let steps = [scaled(&LUMA_STEPS, quality), scaled(&CHROMA_STEPS, quality)];
    let mut out = Vec::with_capacity(picture.width * picture.height / 4 + 1024);
    out.extend_from_slice(b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    for (index, steps) in (0u8..).zip(&steps[..if colour { 2 } else { 1 }]) {
        segment(&mut out, 0xDB, &[&[index], &ZIGZAG.map(|natural| steps[natural])])?;
    }
    let frame: &[u8] = if colour { &[3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1] } else { &[1, 1, 0x11, 0] };
    segment(&mut out, 0xC0, &[&[8], &height.to_be_bytes(), &width.to_be_bytes(), frame])?;
    let tables: &[(u8, Table)] = &[(0x00, DC_LUMA), (0x10, AC_LUMA), (0x01, DC_CHROMA), (0x11, AC_CHROMA)];
    for (id, table) in &tables[..if colour { 4 } else { 2 }] {
        segment(&mut out, 0xC4, &[&[*id], &table.counts, table.symbols])?;
    }
    let scan: &[u8] = if colour { &[3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0] } else { &[1, 1, 0, 0, 63, 0] };
    segment(&mut out, 0xDA, &[scan])?;
    let mut out = match &picture.planes[..] {
        [luma, blue, red] => colour_scan(out, [luma, blue, red], &steps),
        [grey] => grey_scan(out, grey, &steps[0]),
        _ => return None,
    };
    out.extend_from_slice(&[0xFF, 0xD9]);
    Some(out)
}

/// Steps for this quality, on the scale libjpeg made customary.
fn scaled(steps: &[u8; 64], quality: u8) -> [u8; 64] {
    let quality = u32::from(quality.clamp(1, 100));
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    steps.map(|step| ((u32::from(step) * percent + 50) / 100).clamp(1, 255) as u8)
}

/// A marker segment of these parts.
fn segment(out: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) -> Option<()> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>() + 2;
    out.extend_from_slice(&[0xFF, marker]);
    out.extend_from_slice(&u16::try_from(length).ok()?.to_be_bytes());
    parts.iter().for_each(|part| out.extend_from_slice(part));
    Some(())
}

/// One component on its way into the scan.
struct Component<'a> {
    plane: &'a Plane,
    quantiser: Quantiser,
    dc: Codes,
    ac: Codes,
    previous: i16,
}

impl<'a> Component<'a> {
    fn new(plane: &'a Plane, steps: &[u8; 64], dc: &Table, ac: &Table) -> Self {
        Self { plane, quantiser: Quantiser::new(steps), dc: Codes::new(dc), ac: Codes::new(ac), previous: 0 }
    }

    /// Writes the block at this column and row of blocks.
    #[inline(always)]
    fn write<S: Simd>(&mut self, simd: S, column: usize, row: usize, writer: &mut Writer) {
        let block = block(simd, self.plane, column * 8, row * 8);
        let coefficients = self.quantiser.coefficients(simd, block);
        writer.block(&coefficients, self.previous, &self.dc, &self.ac);
        self.previous = coefficients.values[0];
    }
}

/// Samples round zero. Beyond the right and lower edge the last column and row go on.
#[inline(always)]
fn block<S: Simd>(simd: S, plane: &Plane, left: usize, top: usize) -> Block<S> {
    let mut block = [f32x8::splat(simd, 0.0); 8];
    for (y, lanes) in block.iter_mut().enumerate() {
        let row = plane.row((top + y).min(plane.height - 1));
        let samples = match row.get(left..left + 16) {
            Some(inside) => u8x16::from_slice(simd, inside),
            None => u8x16::from_slice(simd, &at_the_edge(row, left)),
        };
        let wide: i16x8<S> = samples.widen().0.bitcast();
        let (low, high) = (wide - 128).widen();
        *lanes = f32x8::float_from(low.combine(high));
    }
    block
}

/// Eight samples and as many that do not matter.
fn at_the_edge(row: &[u8], left: usize) -> [u8; 16] {
    std::array::from_fn(|x| row[(left + x).min(row.len() - 1)])
}

fn colour_scan(out: Vec<u8>, planes: [&Plane; 3], steps: &[[u8; 64]; 2]) -> Vec<u8> {
    let (level, mut writer) = (Level::new(), Writer::new(out));
    let mut luma = Component::new(planes[0], &steps[0], &DC_LUMA, &AC_LUMA);
    let mut chroma = [1, 2].map(|n| Component::new(planes[n], &steps[1], &DC_CHROMA, &AC_CHROMA));
    for row in 0..planes[0].height.div_ceil(16) {
        let columns = planes[0].width.div_ceil(16);
        dispatch!(level, simd => colour_row(simd, columns, row, &mut luma, &mut chroma, &mut writer));
    }
    writer.finish()
}

/// One row of MCUs, each four blocks of luma and one of either chroma.
#[inline(always)]
fn colour_row<S: Simd>(
    simd: S,
    columns: usize,
    row: usize,
    luma: &mut Component<'_>,
    chroma: &mut [Component<'_>; 2],
    writer: &mut Writer,
) {
    for column in 0..columns {
        for (right, below) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            luma.write(simd, 2 * column + right, 2 * row + below, writer);
        }
        for component in chroma.iter_mut() {
            component.write(simd, column, row, writer);
        }
    }
}

fn grey_scan(out: Vec<u8>, plane: &Plane, steps: &[u8; 64]) -> Vec<u8> {
    let (level, mut writer) = (Level::new(), Writer::new(out));
    let mut grey = Component::new(plane, steps, &DC_LUMA, &AC_LUMA);
    for row in 0..plane.height.div_ceil(8) {
        dispatch!(level, simd => {
            for column in 0..plane.width.div_ceil(8) {
                grey.write(simd, column, row, &mut writer);
            }
        });
    }
    writer.finish()
}
