use proptest::prelude::*;

use super::taps::Taps;
use super::*;
use crate::fit::picture::Plane;

/// The plane at this size, through the scaler alone.
fn made(plane: &Plane, to: (usize, usize)) -> Plane {
    let mut scaler = Scaler::new(plane.shape(), (0.0, 0.0), plane.channels, to);
    (0..plane.height).for_each(|y| scaler.push(plane.row(y)));
    scaler.finish()
}

/// What the textbook says: every sample a sum of weights in floats, columns and rows each by themselves.
fn ideal(plane: &Plane, to: (usize, usize)) -> Vec<f64> {
    let weights = |length: usize, wanted: usize, n: usize| {
        let scale = length as f64 / wanted as f64;
        let (stretch, centre) = (scale.max(1.0), (n as f64 + 0.5) * scale);
        let sinc = |x: f64| {
            if x == 0.0 { 1.0 } else { (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x) }
        };
        let weight = |at: usize| {
            let x = (at as f64 + 0.5 - centre) / stretch;
            if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 }
        };
        let all: Vec<f64> = (0..length).map(weight).collect();
        let sum: f64 = all.iter().sum();
        all.into_iter().map(|weight| weight / sum).collect::<Vec<_>>()
    };
    let mut out = Vec::new();
    for y in 0..to.1 {
        let down = weights(plane.height, to.1, y);
        for x in 0..to.0 {
            let across = weights(plane.width, to.0, x);
            for channel in 0..plane.channels {
                let at = |row: usize, column: usize| {
                    f64::from(plane.samples[(row * plane.width + column) * plane.channels + channel])
                };
                let row = |(y, down): (usize, &f64)| -> f64 {
                    let sum: f64 = across.iter().enumerate().map(|(x, across)| across * at(y, x)).sum();
                    down * sum
                };
                out.push(down.iter().enumerate().map(row).sum());
            }
        }
    }
    out
}

/// Weights of one sample sum to one, whatever the sizes, and only name samples that exist.
#[test]
fn weights_sum_to_one() {
    for (length, wanted) in [(1, 1), (2, 1), (5, 4), (7, 3), (4032, 1568), (3, 9), (4001, 7)] {
        let taps = Taps::new((length, 0.0, length as f64), wanted);
        for n in 0..wanted {
            let (first, weights) = taps.of(n);
            let sum: i32 = weights.iter().map(|pair| i32::from(*pair as i16) + (pair >> 16)).sum();
            assert_eq!(1 << taps::WEIGHT_BITS, sum, "{length} to {wanted}");
            assert!(2 * (first + weights.len()) <= length + 1, "{length} to {wanted}");
            assert!(weights.len() <= taps.most());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Every size of every number of channels comes within one and a half levels of the sum in floats: one for
    /// rounding to a level, the rest for weights of fourteen bits.
    #[test]
    fn nearly_ideal(
        (width, height, channels) in (1usize..70, 1usize..70, 0usize..2),
        (across, down) in (0.02f64..1.3, 0.02f64..1.3),
        seed in any::<u64>(),
    ) {
        let channels = [1, 3][channels];
        let mut state = seed;
        let mut level = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        let samples = (0..width * height * channels).map(|_| level()).collect();
        let plane = Plane::new(width, height, channels, samples);
        let side = |length: usize, share: f64| ((length as f64 * share) as usize).max(1);
        let to = (side(width, across), side(height, down));
        let made = made(&plane, to);
        for (made, ideal) in made.samples.iter().zip(ideal(&plane, to)) {
            prop_assert!((f64::from(*made) - ideal.clamp(0.0, 255.0)).abs() < 1.5, "{made} for {ideal}");
        }
    }

    /// A flat picture stays what it is, and a size that stays is passed through to the bit.
    #[test]
    fn flat_and_same(width in 1usize..40, height in 1usize..40, level in any::<u8>(), to in (1usize..40, 1usize..40)) {
        let flat = Plane::new(width, height, 1, vec![level; width * height]);
        prop_assert!(made(&flat, to).samples.iter().all(|sample| *sample == level));
        let samples = (0..width * height * 4).map(|at| (at * 37 % 251) as u8).collect();
        let plane = Plane::new(width, height, 4, samples);
        prop_assert_eq!(&plane, &made(&plane, (width, height)));
    }
}

/// A deadline that has passed ends the work with the reason.
#[test]
fn deadlines_end_the_work() {
    let picture = Picture::single(40, 40, Colour::Grey, vec![9; 1600]);
    let deadline = Deadline::past();
    let part = Crop::whole((40, 40));
    let small = Small { part, width: 4, height: 4, chroma: Chroma::Full, mirrored: (false, false), deadline };
    let refusal = scaled(Source::of(picture, false), (40, 40), &small).unwrap_err();
    assert_eq!("image_too_large", refusal.code);
}
