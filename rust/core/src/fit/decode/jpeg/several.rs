//! Files in several scans: every scan adds to coefficients that are all held.

use fearless_simd::{Level, dispatch};

use super::bits::{Cursor, Window};
use super::header::{Fault, Frame, Scan, Tables};
use super::huffman::{Ac, Dc};
use super::progressive::{self, Pass, Slot};
use super::refused;
use super::sequential::{self, Coder};
use super::transform::Block;
use crate::Refusal;
use crate::fit::rows::Sink;

/// Coefficients of all components, as far as they have come.
pub(super) struct Planes {
    ///
    /// Numbers, not blocks: only of these are zeros had for nothing, and pages that no scan touches cost nothing.
    blocks: Vec<Vec<i16>>,
    /// The factors of each component, as they stood at its first scan: later ones may go by other tables.
    factors: Vec<Option<[f32; 64]>>,
    /// Which coefficients of each block are not nought, in the order of the zigzag.
    filled: Vec<Vec<u64>>,
    /// The lowest bit plane known of each coefficient of each component.
    known: Vec<[u32; 64]>,
}

/// Of a coefficient that no scan has brought.
const NOTHING: u32 = u32::MAX;

impl Planes {
    pub(super) fn new(frame: &Frame) -> Self {
        Self {
            blocks: frame.components.iter().map(|of| vec![0; 64 * of.columns * of.rows]).collect(),
            factors: vec![None; frame.components.len()],
            filled: frame.components.iter().map(|of| vec![0; of.columns * of.rows]).collect(),
            known: vec![[NOTHING; 64]; frame.components.len()],
        }
    }

    /// The factors of every component; all are there once the planes are complete.
    pub(super) fn factors(&self) -> impl Iterator<Item = &[f32; 64]> {
        self.factors.iter().flatten()
    }

    /// The blocks of one component.
    pub(super) fn of(&self, component: usize) -> &[Block] {
        self.blocks[component].as_chunks().0
    }

    /// Whether every bit of every coefficient has come.
    pub(super) fn complete(&self) -> bool {
        self.known.as_flattened().iter().all(|low| *low == 0)
    }

    /// Without what only reading needs.
    pub(super) fn read(self) -> Self {
        Self { filled: Vec::new(), ..self }
    }

    /// Adds a scan. How many bytes of `rest`, which begins with it, follow it. The sink is asked at every row.
    pub(super) fn add(
        &mut self,
        frame: &Frame,
        tables: &Tables,
        scan: &Scan,
        rest: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<usize, Refusal> {
        self.expect(scan, frame, tables).map_err(refused)?;
        let mut several = Several::new(frame, tables, scan, rest).map_err(refused)?;
        let level = Level::new();
        for row in 0..several.places.1 {
            sink.go_on()?;
            let (blocks, filled) = (&mut self.blocks[..], &mut self.filled[..]);
            let sound = dispatch!(level, _simd => several.row(row, blocks, filled));
            if sound.is_none() || !several.window.sound(several.cursor) {
                return Err(refused(Fault::Corrupt));
            }
        }
        let rest = several.window.end(several.cursor).map(<[u8]>::len);
        rest.ok_or_else(|| refused(Fault::Corrupt))
    }

    /// Bit planes come from above, none twice and none left out. Factors are those of the first scan.
    fn expect(&mut self, scan: &Scan, frame: &Frame, tables: &Tables) -> Result<(), Fault> {
        for (index, _, _) in &scan.parts {
            for known in &mut self.known[*index][scan.band.0..=scan.band.1] {
                let next = match *known {
                    NOTHING => scan.high == 0,
                    low => scan.high == low && scan.low + 1 == low,
                };
                if !next {
                    return Err(Fault::Corrupt);
                }
                *known = scan.low;
            }
            if self.factors[*index].is_none() {
                self.factors[*index] = Some(*tables.factors(&frame.components[*index])?);
            }
        }
        Ok(())
    }
}

/// How the blocks of one scan of several are read.
enum Sort<'a> {
    Whole(Vec<Coder<'a>>),
    Level(Vec<&'a Dc>, Pass),
    LevelBit(Pass),
    Band(&'a Ac, Pass),
    BandBit(&'a Ac, Pass),
}

impl<'a> Sort<'a> {
    fn of(progressive: bool, scan: &Scan, tables: &'a Tables) -> Result<Self, Fault> {
        if !progressive {
            return sequential::coders(tables, scan).map(Self::Whole);
        }
        let pass = Pass { first: scan.band.0, last: scan.band.1, low: scan.low };
        let dc = |part: &(usize, usize, usize)| tables.dc.get(part.1).and_then(Option::as_deref);
        let ac = || tables.ac.get(scan.parts[0].2).and_then(Option::as_deref).ok_or(Fault::Corrupt);
        Ok(match (pass.first, scan.high) {
            (0, 0) => {
                Self::Level(scan.parts.iter().map(dc).collect::<Option<_>>().ok_or(Fault::Corrupt)?, pass)
            }
            (0, _) => Self::LevelBit(pass),
            (_, 0) => Self::Band(ac()?, pass),
            _ => Self::BandBit(ac()?, pass),
        })
    }

    #[inline(always)]
    fn read(
        &self,
        part: usize,
        cursor: &mut Cursor,
        bytes: &[u8],
        level: &mut i32,
        idle: &mut u32,
        slot: Slot<'_>,
    ) -> Option<()> {
        match self {
            Self::Whole(coders) => {
                (*cursor, _) = sequential::block(*cursor, bytes, coders[part], level, slot.block)?;
                Some(())
            }
            Self::Level(dc, pass) => progressive::level(cursor, bytes, dc[part], level, *pass, slot.block),
            Self::LevelBit(pass) => {
                progressive::level_bit(cursor, bytes, *pass, slot.block);
                Some(())
            }
            Self::Band(ac, pass) => progressive::band(cursor, bytes, ac, idle, *pass, slot),
            Self::BandBit(ac, pass) => progressive::band_bit(cursor, bytes, ac, idle, *pass, slot),
        }
    }
}

/// One scan being read.
struct Several<'a> {
    frame: &'a Frame,
    scan: &'a Scan,
    sort: Sort<'a>,
    /// Blocks across and down, or MCUs when several components are interleaved.
    places: (usize, usize),
    window: Window<'a>,
    cursor: Cursor,
    levels: [i32; 4],
    /// Blocks still to come that the scan adds nothing to.
    idle: u32,
    /// MCUs between restarts, before the next one, and restarts passed.
    restart: usize,
    left: usize,
    restarts: usize,
}

impl<'a> Several<'a> {
    fn new(frame: &'a Frame, tables: &'a Tables, scan: &'a Scan, rest: &'a [u8]) -> Result<Self, Fault> {
        let places = match &scan.parts[..] {
            // alone, a component has no blocks beyond its own samples
            [(index, _, _)] => {
                let component = &frame.components[*index];
                (component.width.div_ceil(8), component.height.div_ceil(8))
            }
            _ => (frame.across, frame.down),
        };
        Ok(Self {
            frame,
            scan,
            sort: Sort::of(frame.progressive, scan, tables)?,
            places,
            window: Window::new(rest),
            cursor: Cursor::default(),
            levels: [0; 4],
            idle: 0,
            restart: tables.restart,
            left: tables.restart,
            restarts: 0,
        })
    }

    /// One row of blocks or MCUs.
    #[inline(always)]
    fn row(&mut self, row: usize, planes: &mut [Vec<i16>], filled: &mut [Vec<u64>]) -> Option<()> {
        let mut column = 0;
        while column < self.places.0 {
            if self.restart > 0 && self.left == 0 {
                self.cursor = self.window.restart(self.cursor, self.restarts)?;
                (self.levels, self.idle, self.left) = ([0; 4], 0, self.restart);
                self.restarts += 1;
            }
            let passed = self.pass_over(self.places.0 - column);
            if passed == 0 {
                self.window.ready(&mut self.cursor);
                self.mcu(row, column, planes, filled)?;
            }
            column += passed.max(1);
            self.left = self.left.saturating_sub(passed.max(1));
        }
        Some(())
    }

    /// How many of the next blocks, `most` at most, the scan says nothing of; they count as read.
    #[inline(always)]
    fn pass_over(&mut self, most: usize) -> usize {
        if self.idle == 0 || !matches!(self.sort, Sort::Band(..)) {
            return 0;
        }
        let most = if self.restart > 0 { most.min(self.left) } else { most };
        let passed = most.min(self.idle as usize);
        self.idle -= passed as u32;
        passed
    }

    /// One MCU, or one block of a component that is alone.
    #[inline(always)]
    fn mcu(
        &mut self,
        row: usize,
        column: usize,
        planes: &mut [Vec<i16>],
        filled: &mut [Vec<u64>],
    ) -> Option<()> {
        let alone = self.scan.parts.len() == 1;
        let (mut cursor, mut idle) = (self.cursor, self.idle);
        for (n, (index, _, _)) in self.scan.parts.iter().enumerate() {
            let component = &self.frame.components[*index];
            let (across, down) = if alone { (1, 1) } else { (component.across, component.down) };
            for y in 0..down {
                for x in 0..across {
                    let at = (row * down + y) * component.columns + column * across + x;
                    let block = planes[*index].as_chunks_mut().0.get_mut(at)?;
                    let slot = Slot { block, filled: filled[*index].get_mut(at)? };
                    let level = &mut self.levels[n];
                    self.sort.read(n, &mut cursor, &self.window.bytes, level, &mut idle, slot)?;
                }
            }
        }
        (self.cursor, self.idle) = (cursor, idle);
        Some(())
    }
}
