//! Levels and edges: brightness, contrast, clipping, entropy, sharpness.

use super::grey::Grey;

/// Levels at both ends that count as clipped.
const CLIPPED: usize = 5;

/// What a histogram says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tone {
    pub(super) brightness: f32,
    pub(super) contrast: f32,
    pub(super) shadows: f32,
    pub(super) highlights: f32,
    pub(super) entropy: f32,
}

impl Tone {
    pub(super) fn of(grey: &Grey<'_>) -> Self {
        let counts = histogram(grey);
        let total = counts.iter().map(|count| f64::from(*count)).sum::<f64>();
        let shares = counts.map(|count| f64::from(count) / total);
        let levels = || shares.iter().enumerate().map(|(level, share)| (level as f64, share));
        let mean = levels().map(|(level, share)| level * share).sum::<f64>();
        let variance = levels().map(|(level, share)| (level - mean).powi(2) * share).sum::<f64>();
        let bits =
            shares.iter().filter(|share| **share > 0.0).map(|share| -share * share.log2()).sum::<f64>();
        Self {
            brightness: mean as f32,
            contrast: variance.sqrt() as f32,
            shadows: shares[..CLIPPED].iter().sum::<f64>() as f32,
            highlights: shares[256 - CLIPPED..].iter().sum::<f64>() as f32,
            entropy: bits as f32,
        }
    }
}

/// Four counters a level, so that a run of one level does not wait for itself.
fn histogram(grey: &Grey<'_>) -> [u32; 256] {
    let mut counts = [[0u32; 256]; 4];
    for row in grey.rows() {
        let (fours, rest) = row.as_chunks::<4>();
        for four in fours {
            for (counts, level) in counts.iter_mut().zip(four) {
                counts[usize::from(*level)] += 1;
            }
        }
        for level in rest {
            counts[0][usize::from(*level)] += 1;
        }
    }
    std::array::from_fn(|level| counts.iter().map(|counts| counts[level]).sum())
}

/// The variance of the Laplacian (four neighbours less four times the sample), in squared levels.
pub(super) fn sharpness(grey: &Grey<'_>) -> f32 {
    if grey.width < 3 || grey.height < 3 {
        return 0.0;
    }
    let (mut sum, mut squares) = (0i64, 0u64);
    for y in 1..grey.height - 1 {
        let (row_sum, row_squares) = edges(grey.row(y - 1), grey.row(y), grey.row(y + 1));
        sum += row_sum;
        squares += row_squares;
    }
    let count = ((grey.width - 2) * (grey.height - 2)) as f64;
    let mean = sum as f64 / count;
    (squares as f64 / count - mean * mean) as f32
}

fn edges(above: &[u8], row: &[u8], below: &[u8]) -> (i64, u64) {
    let (mut sum, mut squares) = (0i64, 0u64);
    let inner = row.len() - 2;
    let (above, below) = (&above[1..=inner], &below[1..=inner]);
    let (left, here, right) = (&row[..inner], &row[1..=inner], &row[2..]);
    // pieces short enough that sums of 32 bits hold
    for from in (0..inner).step_by(1024) {
        let to = inner.min(from + 1024);
        let (mut piece_sum, mut piece_squares) = (0i32, 0i32);
        let sides = above[from..to].iter().zip(&below[from..to]).zip(&left[from..to]).zip(&right[from..to]);
        for ((((above, below), left), right), here) in sides.zip(&here[from..to]) {
            let [above, below, left, right, here] = [above, below, left, right, here].map(|s| i16::from(*s));
            let edge = i32::from(above + below + left + right - 4 * here);
            piece_sum += edge;
            piece_squares += edge * edge;
        }
        sum += i64::from(piece_sum);
        squares += u64::from(piece_squares as u32);
    }
    (sum, squares)
}
