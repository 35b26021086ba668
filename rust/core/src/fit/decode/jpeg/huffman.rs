//! Huffman tables, read by look-up.
//!
//! Eleven bits are looked at together. Most often they hold a code and its value whole, and often two of them:
//! the table for AC coefficients then gives both, so that a block takes half as many steps as it has
//! coefficients.

use super::bits::{Cursor, extended};

/// Bits looked up at once.
pub(super) const LOOK: u32 = 11;
const ENTRIES: usize = 1 << LOOK;

/// What an end of block adds to the position; no run of zeros comes near.
pub(super) const END: u8 = 64;

/// Codes of any length, in the order of the standard.
struct Codes {
    /// The first code that is longer than n bits, at the upper end of 16 bits.
    limits: [u32; 18],
    /// From a code of n bits to the place of its symbol.
    offsets: [i32; 17],
    symbols: [u8; 256],
}

impl Codes {
    /// `None` for more codes than bits can tell apart, or more than 256.
    fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut codes = Self { limits: [0; 18], offsets: [0; 17], symbols: [0; 256] };
        codes.symbols.get_mut(..symbols.len())?.copy_from_slice(symbols);
        let (mut code, mut place) = (0u32, 0i32);
        for (length, count) in (1usize..).zip(counts) {
            codes.offsets[length] = place - code as i32;
            code += u32::from(*count);
            place += i32::from(*count);
            if code > 1 << length {
                return None;
            }
            codes.limits[length] = code << (16 - length);
            code <<= 1;
        }
        codes.limits[17] = u32::MAX;
        Some(codes)
    }

    /// Symbol and length of the code that these 16 bits begin with.
    #[inline]
    fn find(&self, bits: u32) -> Option<(u8, u32)> {
        let length = (1..17).find(|length| bits < self.limits[*length])?;
        let place = (bits >> (16 - length)) as i32 + self.offsets[length];
        Some((*self.symbols.get(place as usize)?, length as u32))
    }

    /// For every eleven bits: symbol, length of its code, and the value that follows if it is in them whole.
    fn entries(&self) -> impl Iterator<Item = Option<(u8, u32, Option<i32>)>> {
        (0..ENTRIES as u32).map(|bits| {
            let (symbol, length) = self.find(bits << (16 - LOOK)).filter(|(_, length)| *length <= LOOK)?;
            let size = u32::from(symbol & 15);
            let inside = length + size <= LOOK;
            let value = inside.then(|| {
                let value = bits >> (LOOK - length - size) & ((1 << size) - 1);
                extended(value as i32, size)
            });
            Some((symbol, length, value))
        })
    }
}

/// Codes of the first coefficient: each a size, followed by the difference to the block before.
pub(super) struct Dc {
    /// Value in the upper half, bits of code and value in the lower; 0 when they take more than eleven.
    fast: [u32; ENTRIES],
    codes: Codes,
}

impl Dc {
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        if symbols.iter().any(|size| *size > 15) {
            return None;
        }
        let codes = Codes::new(counts, symbols)?;
        let mut fast = [0; ENTRIES];
        for (entry, found) in fast.iter_mut().zip(codes.entries()) {
            if let Some((size, length, Some(value))) = found {
                *entry = (value as u32) << 16 | (length + u32::from(size));
            }
        }
        Some(Self { fast, codes })
    }

    /// The difference; 32 bits must be in store.
    #[inline(always)]
    pub(super) fn difference(&self, cursor: &mut Cursor) -> Option<i32> {
        let entry = self.fast[cursor.peek(LOOK) as usize & (ENTRIES - 1)];
        if entry != 0 {
            cursor.skip(entry & 0xFFFF);
            return Some(entry as i32 >> 16);
        }
        let (size, length) = self.codes.find(cursor.peek(16))?;
        cursor.skip(length);
        Some(cursor.signed(u32::from(size)))
    }
}

/// One or two coefficients that eleven bits hold.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pair {
    /// Bits of both, and of the first; 0 when not even the first is whole.
    pub(super) length: u8,
    pub(super) first_length: u8,
    /// How far the position moves to each: zeros and one, or [`END`]; the second stays at the first when
    /// there is none.
    pub(super) first_step: u8,
    pub(super) second_step: u8,
    pub(super) first: i16,
    pub(super) second: i16,
}

/// Codes of all other coefficients: each a run of zeros and a size, followed by the value.
pub(super) struct Ac {
    pairs: [Pair; ENTRIES],
    /// Symbol and length of a single code; length 0 when it is longer than eleven bits.
    short: [(u8, u8); ENTRIES],
    codes: Codes,
}

impl Ac {
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let codes = Codes::new(counts, symbols)?;
        let (mut pairs, mut short) = ([Pair::default(); ENTRIES], [(0, 0); ENTRIES]);
        for ((pair, short), found) in pairs.iter_mut().zip(&mut short).zip(codes.entries()) {
            if let Some((symbol, length, _)) = found {
                *short = (symbol, length as u8);
            }
            if let Some((symbol, length, Some(value))) = found {
                let step = match symbol {
                    0xF0 => 16,
                    _ if symbol & 15 == 0 => END,
                    _ => (symbol >> 4) + 1,
                };
                let (length, value) = ((length + u32::from(symbol & 15)) as u8, value as i16);
                *pair = Pair {
                    length,
                    first_length: length,
                    first_step: step,
                    second_step: 0,
                    first: value,
                    second: value,
                };
            }
        }
        let singles = pairs;
        for (bits, pair) in pairs.iter_mut().enumerate() {
            let next = singles[bits << pair.length & (ENTRIES - 1)];
            let whole = pair.length > 0 && next.length > 0 && pair.length + next.length <= LOOK as u8;
            if whole && pair.first_step < END {
                pair.length += next.length;
                (pair.second_step, pair.second) = (next.first_step, next.first);
            }
        }
        Some(Self { pairs, short, codes })
    }

    #[inline(always)]
    pub(super) fn pair(&self, cursor: Cursor) -> Pair {
        self.pairs[cursor.peek(LOOK) as usize & (ENTRIES - 1)]
    }

    /// Run and size of one coefficient, of any length; 16 bits must be in store.
    #[inline(always)]
    pub(super) fn symbol(&self, cursor: &mut Cursor) -> Option<(usize, u32)> {
        let (symbol, length) = match self.short[cursor.peek(LOOK) as usize & (ENTRIES - 1)] {
            (_, 0) => self.codes.find(cursor.peek(16))?,
            (symbol, length) => (symbol, u32::from(length)),
        };
        cursor.skip(length);
        Some((usize::from(symbol >> 4), u32::from(symbol & 15)))
    }
}
