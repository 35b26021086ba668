//! Which samples are ink: those on the far side of the threshold half-way between the darkest and the
//! lightest level nearby, where these differ enough.
//!
//! Half-way keeps the height of blurred and of smoothed glyphs. Ink is the rarer of the two sides, so that
//! light writing on a dark ground counts too.

use super::grey::Grey;
use super::tiles::{SIDE, Tiles, around};

/// Levels between dark and light below which nothing is written.
const LEAST_CONTRAST: u8 = 40;
/// Tiles to every side that one threshold looks at: 40 samples across.
const NEAR: usize = 2;
/// Tiles to every side that decide which side is ink: 72 samples across, for neighbours ought to agree.
const FAR: usize = 4;

/// One bit a sample, the first in the lowest bit; rows are whole words.
#[derive(Debug)]
pub(super) struct Ink {
    pub(super) words: usize,
    pub(super) bits: Vec<u64>,
}

/// What is ink in one tile: samples below the threshold, or all others when its bits are flipped.
#[derive(Debug, Clone, Copy)]
struct Rule {
    threshold: u8,
    flip: u8,
}

impl Ink {
    pub(super) fn of(grey: &Grey<'_>, tiles: &Tiles) -> Self {
        let words = grey.width.div_ceil(64);
        let mut bits = Vec::with_capacity(words * grey.height);
        let rules = rules(tiles);
        // a threshold and an answer for every sample of one row; past its end nothing is below nought
        let mut thresholds = vec![0u8; words * 64];
        let mut below = vec![0u8; words * 64];
        for (band, rules) in rules.chunks_exact(tiles.columns).enumerate() {
            for (tile, rule) in thresholds[..grey.width].chunks_mut(SIDE).zip(rules) {
                tile.fill(rule.threshold);
            }
            for y in band * SIDE..grey.height.min(band * SIDE + SIDE) {
                for ((is, sample), threshold) in below.iter_mut().zip(grey.row(y)).zip(&thresholds) {
                    *is = u8::from(sample < threshold);
                }
                pack(&below, rules, words, &mut bits);
            }
        }
        let mut ink = Self { words, bits };
        ink.cut(grey.width);
        ink
    }

    /// No ink past the last column, where a flipped tile would leave some.
    fn cut(&mut self, width: usize) {
        let kept = width % 64;
        if kept > 0 {
            for row in self.bits.chunks_exact_mut(self.words) {
                row[self.words - 1] &= (1 << kept) - 1;
            }
        }
    }
}

/// Eight answers a byte, one tile a byte.
fn pack(below: &[u8], rules: &[Rule], words: usize, bits: &mut Vec<u64>) {
    let (tiles, _) = below.as_chunks::<SIDE>();
    for word in 0..words {
        let first = word * 8;
        let last = rules.len().min(first + 8);
        let mut eight = [0u8; 8];
        for ((byte, tile), rule) in eight.iter_mut().zip(&tiles[first..last]).zip(&rules[first..last]) {
            let packed = u64::from_le_bytes(*tile).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            *byte = packed as u8 ^ rule.flip;
        }
        bits.push(u64::from_le_bytes(eight));
    }
}

fn rules(tiles: &Tiles) -> Vec<Rule> {
    let low = around(&tiles.low, tiles.columns, NEAR, u8::min);
    let high = around(&tiles.high, tiles.columns, NEAR, u8::max);
    let spans = low.iter().zip(&high);
    // how far the mean lies on the light side of the threshold, where there is anything to tell apart; the
    // sum of 81 tiles fits
    let leaning = spans.clone().zip(&tiles.mean).map(|((low, high), mean)| {
        if high - low < LEAST_CONTRAST { 0 } else { i16::from(*mean) - i16::from(low.midpoint(*high)) }
    });
    let leaning = around(&leaning.collect::<Vec<_>>(), tiles.columns, FAR, |a, b| a + b);
    let rule = |((low, high), leaning): ((&u8, &u8), &i16)| {
        let clear = high - low >= LEAST_CONTRAST;
        let threshold = if clear { low.midpoint(*high) } else { 0 };
        Rule { threshold, flip: if clear && *leaning < 0 { 0xff } else { 0 } }
    };
    spans.zip(&leaning).map(rule).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Bits are those of one comparison a sample, in rows of any length and on either ground.
        #[test]
        fn bits_are_comparisons(
            width in 1usize..150,
            height in 1usize..30,
            seed in any::<u32>(),
            dark in any::<bool>(),
        ) {
            let mut state = seed;
            let samples = (0..width * height).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let ink = state >> 29 == 0;
                if ink ^ dark { (state >> 24) as u8 & 63 } else { 255 - ((state >> 16) as u8 & 63) }
            }).collect::<Vec<_>>();
            let grey = Grey::new(&samples, width, height, width).unwrap();
            let tiles = Tiles::of(&grey);
            let (rules, ink) = (rules(&tiles), Ink::of(&grey, &tiles));
            for y in 0..height {
                for x in 0..ink.words * 64 {
                    let bit = ink.bits[y * ink.words + x / 64] >> (x % 64) & 1 == 1;
                    let expected = x < width && {
                        let rule = rules[y / SIDE * tiles.columns + x / SIDE];
                        (samples[y * width + x] < rule.threshold) ^ (rule.flip != 0)
                    };
                    prop_assert_eq!(expected, bit, "{}, {}", x, y);
                }
            }
        }
    }
}
