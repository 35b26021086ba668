//! The header of a key frame (RFC 6386, section 9) and the modes of its macroblocks (section 11).

use super::bits::Bits;
use super::tables::{AC_STEPS, DC_STEPS, TOKENS, UPDATES};

/// Chances of tokens: type of block, band, context, branch.
pub(super) type Chances = [[[[u8; 11]; 3]; 8]; 4];

/// Factors of a segment's coefficients: the first and the others, each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Steps {
    pub(super) luma: [i32; 2],
    /// Of the block that holds the first coefficients of all luma blocks.
    pub(super) second: [i32; 2],
    pub(super) chroma: [i32; 2],
}

/// How a segment is smoothed. A limit of 0: not at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Smoothing {
    /// Of an edge inside a macroblock; between two, four more.
    pub(super) edge: u8,
    pub(super) interior: u8,
    /// Steps above this are detail that stays.
    pub(super) detail: u8,
}

/// What holds for the whole picture.
pub(super) struct Header {
    /// Chances in the tree of segments, when each macroblock names its own.
    pub(super) segment_map: Option<[u8; 3]>,
    /// Chance that a macroblock has coefficients, when each says so.
    pub(super) skip: Option<u8>,
    pub(super) simple: bool,
    pub(super) steps: [Steps; 4],
    /// By segment; the second where a macroblock is predicted by subblocks.
    pub(super) smoothing: [[Smoothing; 2]; 4],
    pub(super) chances: Chances,
    /// Partitions of coefficients, as a power of two.
    pub(super) partitions: u32,
}

#[derive(Default)]
struct Segments {
    absolute: bool,
    quantiser: Option<[i32; 4]>,
    level: [i32; 4],
    map: Option<[u8; 3]>,
}

impl Header {
    pub(super) fn read(bits: &mut Bits<'_>) -> Self {
        bits.number(2); // colour space and whether samples are clamped: WebP has one of each
        let segments = Segments::read(bits);
        let simple = bits.flag();
        let level = bits.number(6);
        let sharpness = bits.number(3);
        let deltas = deltas(bits);
        let partitions = bits.number(2).cast_unsigned();
        let base = bits.number(7);
        let extra = [0; 5].map(|_: i32| bits.optional(4).unwrap_or(0));
        bits.flag(); // whether the chances outlive the frame
        let mut chances = Chances::default();
        let all = chances.as_flattened_mut().as_flattened_mut().as_flattened_mut();
        for ((chance, update), start) in all.iter_mut().zip(UPDATES).zip(TOKENS) {
            *chance = if bits.bit(update) { bits.number(8) as u8 } else { start };
        }
        let skip = bits.flag().then(|| bits.number(8) as u8);
        let index = [0, 1, 2, 3].map(|segment| match segments.quantiser {
            Some(own) if segments.absolute => own[segment],
            Some(own) => base + own[segment],
            None => base,
        });
        let smoothing = segments.level.map(|own| {
            if level == 0 {
                return Default::default(); // a frame that is not smoothed has no part that is
            }
            // only the sum of all three is kept within its bits
            let level = if segments.absolute { own } else { level + own };
            [level + deltas.0, level + deltas.0 + deltas.1].map(|level| Smoothing::of(level, sharpness))
        });
        Self {
            segment_map: segments.map,
            skip,
            simple,
            steps: index.map(|index| Steps::of(index, extra)),
            smoothing,
            chances,
            partitions,
        }
    }
}

impl Segments {
    fn read(bits: &mut Bits<'_>) -> Self {
        let mut segments = Self::default();
        if !bits.flag() {
            return segments;
        }
        let map = bits.flag();
        if bits.flag() {
            segments.absolute = bits.flag();
            segments.quantiser = Some([0; 4].map(|_: i32| bits.optional(7).unwrap_or(0)));
            segments.level = [0; 4].map(|_: i32| bits.optional(6).unwrap_or(0));
        }
        if map {
            segments.map = Some([0; 3].map(|_: u8| if bits.flag() { bits.number(8) as u8 } else { 255 }));
        }
        segments
    }
}

/// What is added to the level of smoothing of every macroblock of a key frame, and of those predicted by
/// subblocks.
fn deltas(bits: &mut Bits<'_>) -> (i32, i32) {
    if !bits.flag() || !bits.flag() {
        return (0, 0);
    }
    let values: [i32; 8] = [0; 8].map(|_: i32| bits.optional(6).unwrap_or(0));
    (values[0], values[4])
}

impl Steps {
    /// By the index of a segment and what is added to it: first of luma, then both of `second`, then both
    /// of chroma.
    fn of(index: i32, extra: [i32; 5]) -> Self {
        let at = |extra: i32| (index + extra).clamp(0, 127) as usize;
        let dc = |extra: i32| i32::from(DC_STEPS[at(extra)]);
        let ac = |extra: i32| i32::from(AC_STEPS[at(extra)]);
        Self {
            luma: [dc(extra[0]), ac(0)],
            second: [dc(extra[1]) * 2, (ac(extra[2]) * 155 / 100).max(8)],
            chroma: [dc(extra[3]).min(132), ac(extra[4])],
        }
    }
}

impl Smoothing {
    fn of(level: i32, sharpness: i32) -> Self {
        let level = level.clamp(0, 63);
        if level == 0 {
            return Self::default();
        }
        let mut interior = level;
        if sharpness > 0 {
            interior = (level >> if sharpness > 4 { 2 } else { 1 }).min(9 - sharpness);
        }
        let interior = interior.max(1);
        let detail = match level {
            40.. => 2,
            15.. => 1,
            _ => 0,
        };
        Self { edge: (2 * level + interior) as u8, interior: interior as u8, detail }
    }
}
