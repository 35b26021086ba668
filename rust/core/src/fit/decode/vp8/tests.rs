use proptest::prelude::*;

use super::bits::Bits;
use super::header::Smoothing;
use super::*;

const FILES: [&str; 4] = ["simple", "partitions", "segments", "noise"];
const SIZE: (usize, usize) = (45, 39);

/// A file of `tests/golden/webp`: a picture of 45 x 39 by libwebp's encoder, and its planes by its decoder.
fn golden(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/webp/");
    std::fs::read(folder.to_owned() + name).unwrap()
}

fn chunk(name: &str) -> Vec<u8> {
    let file = golden(&format!("{name}.webp"));
    let length = u32::from_le_bytes(file[16..20].try_into().unwrap()) as usize;
    file[20..20 + length].to_vec()
}

/// All planes one after the other, and how often each row came.
fn planes(chunk: &[u8]) -> Option<Vec<u8>> {
    let sizes = [SIZE, (23, 20), (23, 20)];
    let mut planes: [Vec<u8>; 3] = Default::default();
    decode(chunk, SIZE, |rows| {
        let (width, height) = sizes[rows.plane];
        assert_eq!(planes[rows.plane].len() / width, rows.first.min(height));
        let seen = rows.samples.chunks_exact(rows.stride).take(height.saturating_sub(rows.first));
        seen.for_each(|row| planes[rows.plane].extend(&row[..width]));
        Some(())
    })?;
    Some(planes.concat())
}

/// Every sample is the one libwebp gives: both filters, segments, eight partitions, all modes; rows come once,
/// in order.
#[test]
fn as_libwebp() {
    for name in FILES {
        assert_eq!(Some(golden(&format!("{name}.yuv"))), planes(&chunk(name)), "{name}");
    }
}

/// A file that lacks its end is refused. Two bytes may be missing that the encoder wrote only to be flushed.
#[test]
fn every_prefix_is_refused() {
    for name in FILES {
        let whole = chunk(name);
        for length in 0..whole.len() - 2 {
            assert_eq!(None, planes(&whole[..length]), "{name} {length}");
        }
    }
}

/// A frame of another size than the container's, or one that is no key frame, is refused.
#[test]
fn lying_headers() {
    let whole = chunk("simple");
    assert_eq!(None, decode(&whole, (45, 40), |_| Some(())));
    for (at, with) in [(0, 1), (0, 8), (0, 16), (3, 1), (2, 0xFF)] {
        let mut chunk = whole.clone();
        chunk[at] ^= with;
        assert_eq!(None, planes(&chunk), "{at} {with}");
    }
}

/// The encoder's half of section 7, which the standard gives for the sake of such tests.
fn written(decisions: &[(bool, u8)]) -> Vec<u8> {
    let (mut low, mut range) = (0u128, 255u128);
    let mut out = Vec::new();
    let mut pending = 0;
    for (bit, chance) in decisions.iter().copied().chain([(false, 128); 40]) {
        let split = 1 + (((range - 1) * u128::from(chance)) >> 8);
        if bit {
            low += split;
            range -= split;
        } else {
            range = split;
        }
        while range < 128 {
            (low, range, pending) = (low << 1, range << 1, pending + 1);
            if pending == 8 {
                // what has left can still be carried into
                let (byte, carry) = ((low >> 8) as u8, low >> 16 & 1);
                let mut at = out.len();
                let mut carry = carry as u8;
                while carry > 0 && at > 0 {
                    at -= 1;
                    let sum = u8::wrapping_add(out[at], 1);
                    out[at] = sum;
                    carry = u8::from(sum == 0);
                }
                out.push(byte);
                (low, pending) = (low & 0xFF, 0);
            }
        }
    }
    out
}

/// A number of so many bits, and one behind a sign, as decisions of even chance.
fn number(value: u32, bits: u32) -> Vec<(bool, u8)> {
    (0..bits).rev().map(|bit| (value >> bit & 1 == 1, 128)).collect()
}

fn signed(value: i32, bits: u32) -> Vec<(bool, u8)> {
    let there = number(1, 1).into_iter().chain(number(value.unsigned_abs(), bits));
    there.chain(number(u32::from(value < 0), 1)).collect()
}

/// How the segments of a frame of this level are smoothed, that names levels of its segments, absolute or not,
/// and what is added to them.
fn smoothing(level: u32, absolute: bool, segments: [i32; 4], deltas: [i32; 8]) -> [[Smoothing; 2]; 4] {
    let segment_header = [number(0, 2), number(0b101, 3), number(u32::from(absolute), 1), number(0, 4)];
    let head = [number(0, 1), number(level, 6), number(0, 3), number(0b11, 2)];
    let [levels, added] =
        [&segments[..], &deltas].map(|values| values.iter().flat_map(|value| signed(*value, 6)).collect());
    let decisions = [segment_header.concat(), levels, head.concat(), added].concat();
    Header::read(&mut Bits::new(&written(&decisions))).smoothing
}

/// A frame whose level is nought is not smoothed, whatever its segments and their additions say; one of another
/// level goes by them.
#[test]
fn frames_without_smoothing_have_none() {
    let (segments, deltas) = ([0, 20, 40, 63], [5, 0, 0, 0, 9, 0, 0, 0]);
    for absolute in [true, false] {
        assert_eq!([[Smoothing::default(); 2]; 4], smoothing(0, absolute, segments, deltas));
    }
    let edges = |level, absolute| {
        smoothing(level, absolute, segments, deltas).map(|both| both.map(|smoothing| smoothing.edge))
    };
    // twice the level and once more for the step beside the edge
    let three = |level: u8| 3 * level.min(63);
    let expected = |levels: [u8; 4]| levels.map(|level| [three(level + 5), three(level + 14)]);
    assert_eq!(expected([0, 20, 40, 63]), edges(1, true));
    assert_eq!(expected([2, 22, 42, 63]), edges(2, false));
}

/// What is added to a level is added to the sum as it stands, which is kept within 0 to 63 only at the end.
#[test]
fn additions_bring_levels_back() {
    let edges = |level, absolute, segments, deltas| {
        smoothing(level, absolute, segments, deltas).map(|both| both.map(|smoothing| smoothing.edge / 3))
    };
    let lower = [-63, 0, 0, 0, -9, 0, 0, 0];
    assert_eq!([[17, 8], [0, 0], [3, 0], [60, 51]], edges(60, false, [20, -60, 6, 63], lower));
    let higher = [40, 0, 0, 0, 30, 0, 0, 0];
    assert_eq!([[0, 20], [25, 55], [63, 63], [30, 60]], edges(10, false, [-60, -25, 63, -20], higher));
    assert_eq!([[20, 50], [0, 7], [40, 63], [63, 63]], edges(10, true, [-20, -63, 0, 63], higher));
}

proptest! {
    /// What an arithmetic encoder wrote is read back, however often the window is filled in between.
    #[test]
    fn decisions_come_back(decisions in prop::collection::vec((any::<bool>(), 1u8..), 0..400)) {
        let partition = written(&decisions);
        let mut bits = Bits::new(&partition);
        for (bit, chance) in decisions {
            prop_assert_eq!(bit, bits.bit(chance));
        }
        prop_assert!(!bits.ended());
    }

    /// No damage does more than refuse the file or change samples.
    #[test]
    fn damage(file in 0usize..4, at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let mut chunk = chunk(FILES[file]);
        let at = at.index(chunk.len());
        chunk[at] ^= with;
        if let Some(planes) = planes(&chunk) {
            prop_assert_eq!(45 * 39 + 2 * 23 * 20, planes.len());
        }
    }
}
