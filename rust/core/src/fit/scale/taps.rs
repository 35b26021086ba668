//! Which samples make one sample of the smaller picture, and with what weight: Lanczos3, cut off at the edges.

use std::f64::consts::PI;

/// Fractional bits of a weight. At an edge, where the negative ones are cut off, one may be more than 1.
pub(super) const WEIGHT_BITS: u32 = 14;

/// For each sample to be made: the first pair of samples that it is made of, and the weights from there on.
/// Samples 0 and 1 are a pair, 2 and 3 are one, and so on: two products and their sum are one step for a
/// processor.
#[derive(Debug, Default)]
pub(super) struct Taps {
    firsts: Vec<u32>,
    /// Where the weights of each begin; one more than there are samples.
    bounds: Vec<u32>,
    /// Weights of pairs: that of the even sample below, that of the odd one above.
    weights: Vec<i32>,
}

impl Taps {
    /// From the part of `length` samples that begins at `origin` and is `covers` long, to `wanted` samples.
    pub(super) fn new((length, origin, covers): (usize, f64, f64), wanted: usize) -> Self {
        let scale = covers / wanted as f64;
        let stretch = scale.max(1.0);
        let reach = 3.0 * stretch;
        let pairs = reach as usize + 2;
        let mut taps = Self {
            firsts: Vec::with_capacity(wanted),
            bounds: Vec::with_capacity(wanted + 1),
            weights: Vec::with_capacity(wanted * pairs),
        };
        let (mut exact, mut fixed) = (Vec::with_capacity(2 * pairs), Vec::with_capacity(2 * pairs));
        for n in 0..wanted {
            let centre = origin + (n as f64 + 0.5) * scale;
            let first = ((centre - reach + 0.5).floor().max(0.0) as usize).min(length - 1);
            let end = ((centre + reach + 0.5).floor() as usize).clamp(first + 1, length);
            exact.clear();
            exact.extend((first..end).map(|at| lanczos((at as f64 + 0.5 - centre) / stretch)));
            fixed.clear();
            fixed.resize(first % 2, 0);
            round(&exact, &mut fixed);
            fixed.resize(fixed.len().next_multiple_of(2), 0);
            taps.firsts.push((first / 2) as u32);
            taps.bounds.push(taps.weights.len() as u32);
            let pair = |pair: &[i16; 2]| i32::from(pair[1]) << 16 | i32::from(pair[0] as u16);
            taps.weights.extend(fixed.as_chunks::<2>().0.iter().map(pair));
        }
        taps.bounds.push(taps.weights.len() as u32);
        taps
    }

    /// First pair and weights of the n-th sample.
    #[inline(always)]
    pub(super) fn of(&self, n: usize) -> (usize, &[i32]) {
        let weights = &self.weights[self.bounds[n] as usize..self.bounds[n + 1] as usize];
        (self.firsts[n] as usize, weights)
    }

    /// Samples to be made.
    pub(super) fn len(&self) -> usize {
        self.firsts.len()
    }

    /// Most pairs that one sample is made of.
    pub(super) fn most(&self) -> usize {
        self.bounds.windows(2).map(|pair| (pair[1] - pair[0]) as usize).max().unwrap_or(0)
    }
}

/// sinc(x) sinc(x / 3) between -3 and 3.
fn lanczos(x: f64) -> f64 {
    if x.abs() >= 3.0 {
        0.0
    } else if x.abs() < 1e-9 {
        1.0
    } else {
        // sin(3a) from sin(a): one sine instead of two
        let sine = (PI * x / 3.0).sin();
        let whole = sine * (3.0 - 4.0 * sine * sine);
        3.0 * whole * sine / (PI * PI * x * x)
    }
}

/// In fixed point; what rounding leaves over goes to the largest weight, so that grey stays grey.
fn round(exact: &[f64], fixed: &mut Vec<i16>) {
    let start = fixed.len();
    let one = f64::from(1 << WEIGHT_BITS) / exact.iter().sum::<f64>();
    fixed.extend(exact.iter().map(|weight| (weight * one).round().clamp(-32_768.0, 32_767.0) as i16));
    let sum: i32 = fixed[start..].iter().map(|weight| i32::from(*weight)).sum();
    if let Some(largest) = fixed[start..].iter_mut().max() {
        *largest = (i32::from(*largest) + (1 << WEIGHT_BITS) - sum).clamp(-32_768, 32_767) as i16;
    }
}
