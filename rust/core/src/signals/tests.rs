use proptest::prelude::*;

use super::*;

/// Digits of 3 x 5 cells, a bit a cell, row by row.
const DIGITS: [u16; 10] = [0x7b6f, 0x749a, 0x73e7, 0x79e7, 0x49ed, 0x79cf, 0x7bcf, 0x4927, 0x7bef, 0x79ef];

/// Lines of digits, so many samples a cell, in ink on paper.
fn page(width: usize, height: usize, cell: usize, (ink, paper): (u8, u8)) -> Vec<u8> {
    let mut samples = vec![paper; width * height];
    for (line, top) in (4 * cell..height.saturating_sub(5 * cell)).step_by(8 * cell).enumerate() {
        for (place, left) in (4 * cell..width.saturating_sub(3 * cell)).step_by(4 * cell).enumerate() {
            let digit = DIGITS[(line * 7 + place * 3 + place * place) % 10];
            for at in (0..15).filter(|at| digit >> at & 1 == 1 && place % 9 != 8) {
                for y in 0..cell {
                    let from = (top + at / 3 * cell + y) * width + left + at % 3 * cell;
                    samples[from..from + cell].fill(ink);
                }
            }
        }
    }
    samples
}

/// Grain of several sizes, as of foliage; always the same.
fn grain(width: usize, height: usize, mut state: u32) -> Vec<u8> {
    let mut samples = vec![110f32; width * height];
    for cell in [3, 7, 19, 53, 149] {
        let columns = width / cell + 2;
        let values: Vec<f32> = (0..columns * (height / cell + 2))
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as f32 / 255.0 - 0.5
            })
            .collect();
        for (at, sample) in samples.iter_mut().enumerate() {
            let (x, y) = (at % width, at / width);
            *sample += 70.0 * values[y / cell * columns + x / cell];
        }
    }
    samples.into_iter().map(|sample| sample.clamp(0.0, 255.0) as u8).collect()
}

fn seen(samples: &[u8], width: usize, height: usize) -> Signals {
    of_plane(samples, (width, height, width), 1.0, 1).unwrap()
}

/// Text is text at every size, dark on light and light on dark, and its height is measured.
#[test]
fn text_and_its_height() {
    for colours in [(20, 240), (230, 30), (110, 190)] {
        for cell in [1, 2, 3, 4, 6, 8, 10] {
            let signals = seen(&page(900, 700, cell, colours), 900, 700);
            assert!(signals.text_score > 0.7, "{cell} {colours:?}: {}", signals.text_score);
            let (height, found) = (5.0 * cell as f32, signals.glyph_height.unwrap());
            assert!((found - height).abs() <= 0.1 * height, "{cell} {colours:?}: {found} for {height}");
        }
    }
}

/// Neither foliage nor a blank page nor a chequered one is text; what is nothing has no height.
#[test]
fn other_things_are_no_text() {
    for seed in 1..4 {
        let signals = seen(&grain(900, 700, seed), 900, 700);
        assert!(signals.text_score < 0.4, "{seed}: {}", signals.text_score);
    }
    let chequered: Vec<u8> =
        (0..640 * 480).map(|at| if (at / 8 + at / 640 / 8) % 2 == 0 { 0 } else { 255 }).collect();
    assert!(seen(&chequered, 640, 480).text_score < 0.4);
    let blank = seen(&[200; 640 * 480], 640, 480);
    assert_eq!((0.0, None, 0.0, 0.0), (blank.text_score, blank.glyph_height, blank.sharpness, blank.entropy));
}

/// A page that is stored on its side is read along its lines.
#[test]
fn lines_of_a_turned_page() {
    let (width, height) = (700, 500);
    let upright = page(width, height, 3, (20, 240));
    let turned: Vec<u8> =
        (0..width * height).map(|at| upright[(height - 1 - at % height) * width + at / height]).collect();
    // what is stored turned to the right is put upright by a turn to the left
    let signals = of_plane(&turned, (height, width, height), 1.0, 8).unwrap();
    let straight = seen(&upright, width, height);
    assert_eq!(straight.glyph_height, signals.glyph_height);
    assert_eq!(straight.cells, signals.cells);
    assert!((straight.phash ^ signals.phash).count_ones() <= 2);
}

/// Levels: what a histogram of two known halves says.
#[test]
fn tone_of_two_halves() {
    let halves: Vec<u8> = (0..200 * 100).map(|at| if at % 200 < 100 { 2 } else { 254 }).collect();
    let signals = seen(&halves, 200, 100);
    assert_eq!((128.0, 126.0), (signals.brightness, signals.contrast));
    assert_eq!((0.5, 0.5, 1.0), (signals.shadows, signals.highlights, signals.entropy));
    assert_eq!(vec![2, 254], [signals.cells[0], signals.cells[CELL_COLUMNS - 1]]);
}

/// The variance of the Laplacian equals its definition, and blur lowers it.
#[test]
fn sharpness_is_the_variance_of_the_laplacian() {
    let (width, height) = (60, 40);
    let samples = grain(width, height, 9);
    let at = |x: usize, y: usize| f64::from(samples[y * width + x]);
    let inner = (1..height - 1).flat_map(|y| (1..width - 1).map(move |x| (x, y)));
    let edges: Vec<f64> = inner
        .map(|(x, y)| at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * at(x, y))
        .collect();
    let mean = edges.iter().sum::<f64>() / edges.len() as f64;
    let variance = edges.iter().map(|edge| (edge - mean).powi(2)).sum::<f64>() / edges.len() as f64;
    let found = f64::from(seen(&samples, width, height).sharpness);
    assert!((found - variance).abs() < 1e-3 * variance, "{found} for {variance}");
}

/// One changed digit changes a tile by more than six levels; noise changes none.
#[test]
fn frames_that_show_something_new() {
    let size = (1_280, 720, 1_280);
    let slide = page(1_280, 720, 8, (20, 240));
    let cells = frame_cells(&slide, size).unwrap();
    let mut noisy = slide.clone();
    for (sample, noise) in noisy.iter_mut().zip(grain(1_280, 720, 3)) {
        *sample = sample.saturating_add(noise / 64);
    }
    assert_eq!(0, changed_tiles(&cells, &frame_cells(&noisy, size).unwrap(), 6));
    let mut digit = slide.clone();
    for y in 32..32 + 40 {
        digit[y * 1_280 + 32..][..24].fill(20);
    }
    assert!(changed_tiles(&cells, &frame_cells(&digit, size).unwrap(), 6) >= 1);
    assert_eq!(880, changed_tiles(&cells, &[], 6));
    assert_eq!(None, frame_cells(&slide, (1_281, 720, 1_281)));
}

/// What `fit` refuses is refused here, by the same names.
#[test]
fn refusals() {
    let medium = |data: &[u8]| Media::new(data.to_vec(), None, &Limits::default()).unwrap();
    assert_eq!("media_unsupported", signals(&medium(b"words"), &Limits::default()).unwrap_err().code);
    let png = medium(&crate::media::samples::still_png(20, 10));
    assert_eq!("media_corrupt", signals(&png, &Limits::default()).unwrap_err().code);
    let limits = Limits { pixels: 199, ..Limits::default() };
    assert_eq!("image_too_large", signals(&png, &limits).unwrap_err().code);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Any plane of any shape has signals within their ranges; the same plane with padding has the same.
    #[test]
    fn ranges(
        width in 1usize..400,
        height in 1usize..120,
        padding in 0usize..9,
        seed in any::<u32>(),
        orientation in 0u8..=9,
    ) {
        let samples = grain(width, height, seed);
        let signals = of_plane(&samples, (width, height, width), 1.0, orientation).unwrap();
        prop_assert!((0.0..=1.0).contains(&signals.text_score));
        prop_assert!((0.0..=1.0).contains(&signals.shadows) && (0.0..=1.0).contains(&signals.highlights));
        prop_assert!((0.0..=8.0).contains(&signals.entropy) && (0.0..=255.0).contains(&signals.brightness));
        prop_assert!(signals.sharpness >= 0.0 && signals.contrast >= 0.0);
        let side = width.max(height) as f32;
        prop_assert!(signals.glyph_height.is_none_or(|found| (3.0..=side).contains(&found)));
        prop_assert_eq!(CELL_COLUMNS * CELL_ROWS, signals.cells.len());
        let rows = samples.chunks(width);
        let padded: Vec<u8> = rows.flat_map(|row| row.iter().copied().chain(vec![9; padding])).collect();
        let again = of_plane(&padded, (width, height, width + padding), 1.0, orientation).unwrap();
        prop_assert_eq!(signals, again);
        prop_assert!(of_plane(&samples, (width, height + 1, width), 1.0, 1).is_none());
    }

}

proptest! {
    // a picture is drawn four times a case
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Half the size, or a few levels of noise, change few bits of the hash; another picture changes many.
    #[test]
    fn the_hash_is_of_what_is_seen(seed in any::<u32>()) {
        let samples = grain(640, 480, seed);
        let hash = seen(&samples, 640, 480).phash;
        let half = Grey::new(&samples, 640, 480, 640).unwrap().reduced(2);
        prop_assert!((hash ^ seen(&half.0, half.1, half.2).phash).count_ones() <= 4);
        let noisy: Vec<u8> =
            samples.iter().zip(grain(640, 480, !seed)).map(|(a, b)| a.saturating_add(b / 40)).collect();
        prop_assert!((hash ^ seen(&noisy, 640, 480).phash).count_ones() <= 10);
        let other = seen(&grain(640, 480, seed ^ 0x5a5a_a5a5), 640, 480).phash;
        prop_assert!((hash ^ other).count_ones() >= 12);
    }
}
