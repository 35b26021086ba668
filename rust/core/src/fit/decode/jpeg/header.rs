//! The segments in front of a scan: what is stored, how large, and by which tables it is read.

use super::huffman::{Ac, Dc};
use super::transform::SCALE;
use crate::fit::encode::ZIGZAG;

/// Blocks of one MCU; the standard allows no more.
const MCU_BLOCKS: usize = 10;

/// Why a file is not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Damaged, or it ends early.
    Corrupt,
    /// A kind of JPEG that no camera or program in use writes.
    Unsupported,
}

/// One component as stored.
#[derive(Debug, Clone)]
pub(super) struct Component {
    id: u8,
    /// Blocks of one MCU, across and down.
    pub(super) across: usize,
    pub(super) down: usize,
    quant: usize,
    /// Samples that belong to the picture.
    pub(super) width: usize,
    pub(super) height: usize,
    /// Share of the picture that one sample is wide and high: 1, 1/2, ...
    pub(super) share: (f64, f64),
    /// Blocks stored, padded to whole MCUs.
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// A frame: one picture, its components, and how often the coder starts anew.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) progressive: bool,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) components: Vec<Component>,
    /// MCUs across and down, when all components are interleaved.
    pub(super) across: usize,
    pub(super) down: usize,
}

/// What a scan holds.
#[derive(Debug)]
pub(super) struct Scan {
    /// Component, and its tables for the first and for the other coefficients.
    pub(super) parts: Vec<(usize, usize, usize)>,
    /// First and last coefficient in zigzag order.
    pub(super) band: (usize, usize),
    /// Bit planes: the one above which all is known already (0 for a first scan), and the one now sent.
    pub(super) high: u32,
    pub(super) low: u32,
}

/// Everything the segments have said so far.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) quant: [Option<Box<[f32; 64]>>; 4],
    pub(super) dc: [Option<Box<Dc>>; 4],
    pub(super) ac: [Option<Box<Ac>>; 4],
    /// MCUs between restarts; none when 0.
    pub(super) restart: usize,
    pub(super) jfif: bool,
    /// The transform that an Adobe segment names.
    pub(super) adobe: Option<u8>,
    profile: Vec<Vec<u8>>,
}

/// What comes next in the file.
pub(super) enum Next {
    Frame(Frame),
    Scan,
    End,
}

/// The file, read marker by marker.
pub(super) struct Reader<'a> {
    data: &'a [u8],
    pub(super) at: usize,
    pub(super) tables: Tables,
    /// The content of the scan header just passed.
    scan: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(data: &'a [u8]) -> Result<Self, Fault> {
        if data.get(..2) != Some(b"\xff\xd8") {
            return Err(Fault::Corrupt);
        }
        Ok(Self { data, at: 2, tables: Tables::default(), scan: &[] })
    }

    /// The file from here on: entropy-coded data, when a scan header has just been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.data[self.at.min(self.data.len())..]
    }

    /// To the place where so many bytes remain.
    pub(super) fn jump(&mut self, rest: usize) {
        self.at = self.data.len() - rest;
    }

    /// Reads segments up to a frame, a scan or the end.
    pub(super) fn next(&mut self) -> Result<Next, Fault> {
        loop {
            let marker = self.marker()?;
            if matches!(marker, 0x01 | 0xD0..=0xD7) {
                continue; // stands alone and means nothing here
            }
            if marker == 0xD9 {
                return Ok(Next::End);
            }
            let segment = self.segment()?;
            match marker {
                0xC0..=0xC2 => return Ok(Next::Frame(Frame::read(segment, marker == 0xC2)?)),
                0xC4 => self.tables.huffman(segment)?,
                // frames coded otherwise: lossless, hierarchical, arithmetic
                0xC3 | 0xC5..=0xCF => return Err(Fault::Unsupported),
                0xDA => {
                    self.scan = segment;
                    return Ok(Next::Scan);
                }
                0xDB => self.tables.quantisers(segment)?,
                0xDC => return Err(Fault::Unsupported), // the height comes after the pixels
                0xDD => self.tables.restart = be16(segment, 0)?,
                0xE0 => self.tables.jfif |= segment.starts_with(b"JFIF\0"),
                0xE2 => {
                    if let Some(chunk) = segment.strip_prefix(b"ICC_PROFILE\0") {
                        self.tables.profile.push(chunk.to_vec());
                    }
                }
                0xEE => {
                    if let (true, Some(transform)) = (segment.starts_with(b"Adobe"), segment.get(11)) {
                        self.tables.adobe = Some(*transform);
                    }
                }
                _ => {}
            }
        }
    }

    fn marker(&mut self) -> Result<u8, Fault> {
        let byte = |at: usize| self.data.get(at).copied().ok_or(Fault::Corrupt);
        if byte(self.at)? != 0xFF {
            return Err(Fault::Corrupt);
        }
        let mut at = self.at;
        while byte(at)? == 0xFF {
            at += 1;
        }
        let code = byte(at)?;
        self.at = at + 1;
        if code == 0 { Err(Fault::Corrupt) } else { Ok(code) }
    }

    fn segment(&mut self) -> Result<&'a [u8], Fault> {
        let length = be16(self.data, self.at)?;
        let segment = self.data.get(self.at..self.at + length).and_then(|whole| whole.get(2..));
        self.at += length;
        segment.ok_or(Fault::Corrupt)
    }

    /// The scan whose header has just been passed.
    pub(super) fn scan(&self, frame: &Frame) -> Result<Scan, Fault> {
        let segment = self.scan;
        let count = usize::from(*segment.first().ok_or(Fault::Corrupt)?);
        let [first, last, planes] = segment.get(1 + 2 * count..).ok_or(Fault::Corrupt)? else {
            return Err(Fault::Corrupt);
        };
        let mut parts: Vec<(usize, usize, usize)> = Vec::with_capacity(count);
        for pair in segment[1..=2 * count].as_chunks::<2>().0 {
            // some programs give all components one name: then it means the first that has not come yet
            let named = |(index, component): (usize, &Component)| {
                component.id == pair[0] && parts.iter().all(|(other, _, _)| *other != index)
            };
            let index = frame.components.iter().enumerate().position(named).ok_or(Fault::Corrupt)?;
            parts.push((index, usize::from(pair[1] >> 4), usize::from(pair[1] & 15)));
        }
        let band = (usize::from(*first), usize::from(*last));
        let scan = if frame.progressive {
            Scan { parts, band, high: u32::from(planes >> 4), low: u32::from(planes & 15) }
        } else {
            Scan { parts, band: (0, 63), high: 0, low: 0 }
        };
        let blocks: usize =
            scan.parts.iter().map(|part| &frame.components[part.0]).map(|c| c.across * c.down).sum();
        let sound = match (frame.progressive, scan.band) {
            // baseline has one band; what stands there means nothing
            (false, _) => true,
            (true, (0, last)) => last == 0 && scan.low <= 13,
            (true, (first, last)) => first <= last && last < 64 && scan.parts.len() == 1 && scan.low <= 13,
        };
        let fits = !scan.parts.is_empty() && (scan.parts.len() == 1 || blocks <= MCU_BLOCKS);
        if sound && fits { Ok(scan) } else { Err(Fault::Corrupt) }
    }
}

impl Tables {
    fn huffman(&mut self, mut segment: &[u8]) -> Result<(), Fault> {
        while let Some((class, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or(Fault::Corrupt)?;
            let total = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(total).ok_or(Fault::Corrupt)?;
            let slot = usize::from(class & 15);
            match class >> 4 {
                0 if slot < 4 => {
                    self.dc[slot] = Some(Box::new(Dc::new(counts, symbols).ok_or(Fault::Corrupt)?));
                }
                1 if slot < 4 => {
                    self.ac[slot] = Some(Box::new(Ac::new(counts, symbols).ok_or(Fault::Corrupt)?));
                }
                _ => return Err(Fault::Corrupt),
            }
            segment = rest;
        }
        Ok(())
    }

    /// Steps, times what the scaled transform leaves over, in the transform's order (columns first).
    fn quantisers(&mut self, mut segment: &[u8]) -> Result<(), Fault> {
        while let Some((kind, rest)) = segment.split_first() {
            let wide = kind >> 4;
            let (steps, rest) = rest.split_at_checked(64 << wide.min(1)).ok_or(Fault::Corrupt)?;
            let slot = self.quant.get_mut(usize::from(kind & 15)).ok_or(Fault::Corrupt)?;
            let mut factors = Box::new([0.0; 64]);
            for (n, natural) in ZIGZAG.iter().enumerate() {
                let step = if wide == 0 { usize::from(steps[n]) } else { be16(steps, 2 * n)? };
                let (row, column) = (natural / 8, natural % 8);
                factors[column * 8 + row] = (step as f64 * SCALE[row] * SCALE[column] / 8.0) as f32;
            }
            *slot = Some(factors);
            segment = rest;
        }
        Ok(())
    }

    /// The factors for this component.
    pub(super) fn factors(&self, component: &Component) -> Result<&[f32; 64], Fault> {
        self.quant.get(component.quant).and_then(Option::as_deref).ok_or(Fault::Corrupt)
    }

    /// The colour profile, put together from its chunks.
    pub(super) fn profile(&self) -> Option<Vec<u8>> {
        let total = usize::from(*self.profile.first()?.get(1)?);
        let mut chunks: Vec<&Vec<u8>> = self.profile.iter().filter(|chunk| chunk.len() > 2).collect();
        chunks.sort_by_key(|chunk| chunk[0]);
        let numbered = chunks.iter().zip(1u16..).all(|(chunk, number)| u16::from(chunk[0]) == number);
        (numbered && chunks.len() == total).then(|| chunks.iter().flat_map(|c| &c[2..]).copied().collect())
    }
}

impl Frame {
    fn read(segment: &[u8], progressive: bool) -> Result<Self, Fault> {
        let (depth, count) = (segment.first(), segment.get(5).map(|count| usize::from(*count)));
        let (Some(depth), Some(count)) = (depth, count) else { return Err(Fault::Corrupt) };
        let (height, width) = (be16(segment, 1)?, be16(segment, 3)?);
        if *depth != 8 || !matches!(count, 1 | 3 | 4) {
            return Err(Fault::Unsupported);
        }
        let (triples, []) = segment[6..].as_chunks::<3>() else { return Err(Fault::Corrupt) };
        if triples.len() != count || width == 0 || height == 0 {
            return Err(Fault::Corrupt);
        }
        let factors = |triple: &[u8; 3]| (usize::from(triple[1] >> 4), usize::from(triple[1] & 15));
        let inside = |factor: usize| (1..=4).contains(&factor);
        if !triples.iter().map(factors).all(|(h, v)| inside(h) && inside(v)) {
            return Err(Fault::Corrupt);
        }
        let (mut widest, mut tallest) = (1, 1);
        if count > 1 {
            widest = triples.iter().map(|triple| factors(triple).0).max().unwrap_or(1);
            tallest = triples.iter().map(|triple| factors(triple).1).max().unwrap_or(1);
        }
        let (across, down) = (width.div_ceil(8 * widest), height.div_ceil(8 * tallest));
        let component = |triple: &[u8; 3]| {
            // a lone component is not interleaved: its factors mean nothing
            let (h, v) = if count == 1 { (1, 1) } else { factors(triple) };
            Component {
                id: triple[0],
                across: h,
                down: v,
                quant: usize::from(triple[2]),
                width: (width * h).div_ceil(widest),
                height: (height * v).div_ceil(tallest),
                share: (h as f64 / widest as f64, v as f64 / tallest as f64),
                columns: across * h,
                rows: down * v,
            }
        };
        let components = triples.iter().map(component).collect();
        Ok(Self { progressive, width, height, components, across, down })
    }

    pub(super) fn ids(&self) -> Vec<u8> {
        self.components.iter().map(|component| component.id).collect()
    }
}

fn be16(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    match bytes.get(at..at + 2) {
        Some(&[high, low]) => Ok(usize::from(high) << 8 | usize::from(low)),
        _ => Err(Fault::Corrupt),
    }
}
