use fearless_simd::{Level, dispatch};
use proptest::prelude::*;

use super::bits::{Cursor, Window};
use super::huffman::{Ac, Dc};
use super::sequential::{self, Coder};
use super::transform;
use crate::fit::encode::{PLACES, ZIGZAG};

/// The textbook's inverse transform, at 1/`shrink` of the size, before the level shift.
fn ideal(coefficients: &[f64; 64], size: usize) -> Vec<f64> {
    let wave = |n: usize, k: usize| {
        let angle = (2 * n + 1) as f64 * k as f64 * std::f64::consts::PI / (2 * size) as f64;
        let norm = if k == 0 { (1.0 / size as f64).sqrt() } else { (2.0 / size as f64).sqrt() };
        norm * angle.cos() * (size as f64 / 8.0).sqrt()
    };
    let mut samples = Vec::new();
    for (y, x) in (0..size).flat_map(|y| (0..size).map(move |x| (y, x))) {
        let mut sum = 0.0;
        for (v, u) in (0..size).flat_map(|v| (0..size).map(move |u| (v, u))) {
            sum += coefficients[v * 8 + u] * wave(y, v) * wave(x, u);
        }
        samples.push(sum + 128.0);
    }
    samples
}

fn factors() -> [f32; 64] {
    let mut factors = [0.0; 64];
    for natural in 0..64 {
        let (row, column) = (natural / 8, natural % 8);
        factors[column * 8 + row] = (transform::SCALE[row] * transform::SCALE[column] / 8.0) as f32;
    }
    factors
}

fn samples<const SIZE: usize>(block: &[i16; 64]) -> Vec<u8> {
    let factors = factors();
    dispatch!(Level::new(), simd => transform::samples::<_, SIZE>(simd, block, &factors, 63)).concat()
}

proptest! {
    /// At every size the transform is the definition's, to the nearest level.
    #[test]
    fn transforms_are_the_definition(values in prop::collection::vec(-60i16..60, 64), level in -800i16..800) {
        let mut natural: [f64; 64] = std::array::from_fn(|n| f64::from(values[n]));
        natural[0] = f64::from(level);
        let block: [i16; 64] = std::array::from_fn(|n| natural[n % 8 * 8 + n / 8] as i16);
        let results = [(8, samples::<8>(&block)), (4, samples::<4>(&block)), (2, samples::<2>(&block))];
        for (size, made) in results {
            for (made, ideal) in made.iter().zip(ideal(&natural, size)) {
                prop_assert!((f64::from(*made) - ideal.clamp(0.0, 255.0)).abs() < 0.51, "{size}: {made} for {ideal}");
            }
        }
    }

    /// Any block is read back as it was written, by the long way and by the short one, and so are its
    /// neighbours; a file that lacks its last bytes is found out.
    #[test]
    fn blocks_are_read_back(
        blocks in prop::collection::vec(prop::collection::vec((0usize..64, -1000i16..1000), 0..64), 1..9),
    ) {
        let blocks: Vec<[i16; 64]> = blocks
            .iter()
            .map(|values| {
                let mut block = [0; 64];
                values.iter().for_each(|(n, value)| block[*n] = *value);
                block
            })
            .collect();
        let file = crate::fit::encode::scan_of(&blocks);
        let (dc, ac) = crate::fit::encode::luma_tables();
        let (dc, ac) = (Dc::new(dc.0, dc.1).unwrap(), Ac::new(ac.0, ac.1).unwrap());
        let coder = Coder { dc: &dc, ac: &ac };
        let read = |file: &[u8]| {
            let window = Window::new(file);
            let (mut cursor, mut level, mut found) = (Cursor::default(), 0, Vec::new());
            for _ in &blocks {
                let mut block = [0; 64];
                let last;
                (cursor, last) = sequential::block(cursor, &window.bytes, coder, &mut level, &mut block)?;
                found.push((block, last));
            }
            window.sound(cursor).then_some(found)
        };
        let found = read(&file).unwrap();
        for (put, (got, last)) in blocks.iter().zip(&found) {
            let zigzag: [i16; 64] = std::array::from_fn(|n| got[usize::from(PLACES[n])]);
            prop_assert_eq!(put, &zigzag);
            prop_assert!(put[last + 1..].iter().all(|value| *value == 0));
        }
        prop_assert_ne!(Some(found), read(&file[..file.len() - 1]));
    }

    /// Whatever the bytes, reading ends and nothing panics.
    #[test]
    fn noise_is_read_or_refused(file in prop::collection::vec(any::<u8>(), 0..600)) {
        let (dc, ac) = crate::fit::encode::luma_tables();
        let (dc, ac) = (Dc::new(dc.0, dc.1).unwrap(), Ac::new(ac.0, ac.1).unwrap());
        let mut window = Window::new(&file);
        let (mut cursor, mut level, mut block) = (Cursor::default(), 0, [0; 64]);
        for _ in 0..50 {
            window.ready(&mut cursor);
            let coder = Coder { dc: &dc, ac: &ac };
            match sequential::block(cursor, &window.bytes, coder, &mut level, &mut block) {
                Some((next, last)) => {
                    prop_assert!(last < 64);
                    cursor = next;
                }
                None => return Ok(()),
            }
        }
    }
}

/// A file that ends is found out however far behind its end the reading goes on.
#[test]
fn the_end_is_found_out_from_afar() {
    let (dc, ac) = crate::fit::encode::luma_tables();
    let (dc, ac) = (Dc::new(dc.0, dc.1).unwrap(), Ac::new(ac.0, ac.1).unwrap());
    let file = [0; 100];
    let mut window = Window::new(&file);
    let (mut cursor, mut level, mut block) = (Cursor::default(), 0, [0; 64]);
    let mut ends = Vec::new();
    for _ in 0..100_000 {
        window.ready(&mut cursor);
        let coder = Coder { dc: &dc, ac: &ac };
        let Some((next, _)) = sequential::block(cursor, &window.bytes, coder, &mut level, &mut block) else {
            break;
        };
        cursor = next;
        ends.push(window.sound(cursor));
    }
    let sound = ends.iter().take_while(|sound| **sound).count();
    assert!(sound > 0 && sound < 300, "{sound}");
    assert!(ends[sound..].iter().all(|sound| !sound));
}

/// Tables with more codes than bits can tell apart are refused.
#[test]
fn overfull_tables_are_refused() {
    let mut counts = [0; 16];
    counts[0] = 3;
    assert!(Ac::new(&counts, &[1, 2, 3]).is_none());
    assert!(Dc::new(&counts, &[1, 2, 3]).is_none());
    counts[0] = 1;
    assert!(Dc::new(&counts, &[16]).is_none(), "a difference of sixteen bits");
}

/// Places are the zigzag, columns first.
#[test]
fn places_are_turned() {
    for (place, natural) in PLACES.iter().zip(ZIGZAG) {
        assert_eq!(natural % 8 * 8 + natural / 8, usize::from(*place));
    }
}
