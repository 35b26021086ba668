//! `cargo bench -p weighbridge-core --bench preprocess`: best of several rounds, without Python and without
//! rivals. The ratios that count are printed by `make bench`.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use weighbridge_core::base64;
use weighbridge_core::fit::{OutputFormat, fit};
use weighbridge_core::scan::scan;
use weighbridge_core::signals::{of_plane, signals};
use weighbridge_core::splice::splice;
use weighbridge_core::sse::SseReader;
use weighbridge_core::strip::strip;
use weighbridge_core::tokens::{Encoding, count};
use weighbridge_core::{Limits, Media, Refusal};

const ROUNDS: u32 = 9;

fn main() -> Result<(), Refusal> {
    let limits = Limits::default();
    let png = Media::new(noise(4032, 3024), None, &limits)?;
    let jpeg = fit(&png, 4032, 3024, OutputFormat::Jpeg, 90, &limits)?;
    report("fit 12 MP JPEG to 1568", jpeg.data().len(), || {
        fit(&jpeg, 1568, 1176, OutputFormat::Keep, 85, &limits).map(|media| media.data().len())
    });
    report("fit 12 MP PNG to 1568", png.data().len(), || {
        fit(&png, 1568, 1176, OutputFormat::Keep, 85, &limits).map(|media| media.data().len())
    });
    report("strip 12 MP JPEG", jpeg.data().len(), || strip(&jpeg));
    report("signals of 12 MP JPEG", jpeg.data().len(), || signals(&jpeg, &limits));
    // what is left of that once it is decoded, at half its size
    for (name, cell) in [("signals, page, 55 px", 11), ("signals, page, 10 px", 2), ("signals, photo", 0)] {
        let plane = if cell > 0 { page(2016, 1512, cell) } else { grain(2016, 1512) };
        report(name, plane.len(), || of_plane(&plane, (2016, 1512, 2016), 2.0, 1));
    }
    bodies(jpeg.data(), &limits)?;
    let prose = "It was the best of times, it wasn't the worst of times; 1859. ".repeat(1_600);
    for encoding in [Encoding::O200kBase, Encoding::Cl100kBase] {
        report(encoding.as_str(), prose.len(), || count(&prose, encoding));
    }
    Ok(())
}

/// A chat body with one picture: scanned, and spliced with another model; a stream in pieces of one read.
fn bodies(picture: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let mut body =
        br#"{"model":"a","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":""#
            .to_vec();
    let mut encoded = vec![0; base64::encoded_len(picture.len())];
    base64::encode_into(picture, &mut encoded);
    report("base64 in", encoded.len(), || base64::decode(&encoded));
    report("base64, seen before", encoded.len(), || base64::says(&encoded, picture));
    body.extend(b"data:image/jpeg;base64,");
    body.extend(&encoded);
    body.extend(br#""}}]}]}"#);
    report("scan", body.len(), || scan(&body, limits).map(|document| document.media().len()));
    let document = scan(&body, limits)?;
    let members = BTreeMap::from([("model".to_owned(), Some(br#""b""#.to_vec()))]);
    report("splice", body.len(), || {
        splice(&document, &members, &BTreeMap::new()).map(|plan| plan.to_vec().len())
    });
    let stream = b"data: {\"choices\":[{\"delta\":{\"content\":\"word\"}}]}\n\n".repeat(10_000);
    report("server-sent events", stream.len(), || {
        let mut reader = SseReader::new(1_048_576);
        stream.chunks(16_384).map(|chunk| reader.feed(chunk).map_or(0, |events| events.len())).sum::<usize>()
    });
    Ok(())
}

/// One line: the best time, and bytes of input per second.
fn report<T>(name: &str, bytes: usize, run: impl Fn() -> T) {
    let once = || {
        let start = Instant::now();
        black_box(run());
        start.elapsed()
    };
    let best = (0..ROUNDS).map(|_| once()).min().unwrap_or(Duration::ZERO);
    println!("{name:<24} {best:>12.1?} {:>8.0} MB/s", bytes as f64 / best.as_secs_f64() / 1e6);
}

/// A PNG of smooth colours under sensor noise, always the same.
fn noise(width: u32, height: u32) -> Vec<u8> {
    let mut state = 1u32;
    let mut samples = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (state >> 28) as u8;
            samples.extend([(x * 240 / width) as u8 + grain, (y * 240 / height) as u8 + grain, 90 + grain]);
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    if let Ok(mut writer) = encoder.write_header() {
        let _ = writer.write_image_data(&samples);
    }
    file
}

/// Lines of digits of 3 x 5 cells of so many pixels, dark on light.
fn page(width: usize, height: usize, cell: usize) -> Vec<u8> {
    const DIGITS: [usize; 5] = [0x7b6f, 0x73e7, 0x79e7, 0x49ed, 0x7bef];
    (0..width * height)
        .map(|at| {
            let (x, y) = (at % width / cell, at / width / cell);
            let digit = DIGITS[(x / 4 * 7 + y / 8 * 3) % DIGITS.len()];
            let ink = x % 4 < 3 && y % 8 < 5 && digit >> (y % 8 * 3 + x % 4) & 1 == 1;
            if ink { 30 } else { 235 }
        })
        .collect()
}

/// Grain of several sizes, as of foliage.
fn grain(width: usize, height: usize) -> Vec<u8> {
    let level = |x: usize, y: usize| {
        let cells = [5, 23, 101].map(|cell| {
            let seed = (x / cell) as u32 * 7_919 + (y / cell) as u32 * 104_729 + cell as u32;
            (seed.wrapping_mul(2_654_435_761) >> 24) / 3
        });
        cells.iter().sum::<u32>() as u8
    };
    (0..width * height).map(|at| level(at % width, at / width)).collect()
}
