use proptest::prelude::*;

use super::*;
use crate::Limits;
use crate::media::samples;

fn medium(data: Vec<u8>) -> Media {
    Media::new(data, None, &Limits::default()).unwrap()
}

/// The same bytes, their header read anew.
fn reread(media: &Media) -> Media {
    medium(media.data().to_vec())
}

fn stripped(data: Vec<u8>) -> Option<Vec<u8>> {
    strip(&medium(data)).unwrap().map(|media| media.data().to_vec())
}

fn exif(orientation: u16) -> Vec<u8> {
    [b"Exif\0\0".to_vec(), samples::tiff(&[(0x010F, 7), (0x0112, orientation), (0x8825, 9)], true)].concat()
}

/// A JPEG keeps JFIF, its profile, Adobe's transform and its scan, and nothing else.
#[test]
fn jpeg_keeps_what_decoding_needs() {
    let kept: [(u8, &[u8]); 3] =
        [(0xE0, b"JFIF\0more"), (0xE2, b"ICC_PROFILE\0\x01\x01p3"), (0xEE, b"Adobe\0")];
    let cut: [(u8, &[u8]); 7] = [
        (0xE1, &exif(1)),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
        (0xE2, b"MPF\0index"),
        (0xED, b"Photoshop 3.0\0"),
        (0xEB, b"JP\0\0jumb"),
        (0xFE, b"a comment"),
        (0xE0, b"JFXX\0thumbnail"),
    ];
    let mut dirty = samples::jpeg(40, 30, &[&kept[..], &cut[..]].concat());
    dirty.extend(b"a video behind the picture\xff\xd9");
    assert_eq!(Some(samples::jpeg(40, 30, &kept)), stripped(dirty));
}

/// A turned picture stays turned, by one tag.
#[test]
fn orientation_survives() {
    for orientation in 2..=8u16 {
        let mut pixels = samples::vp8(4, 4);
        let mut header = samples::vp8x(4, 4);
        header[0] = 0x0C;
        pixels.push(9);
        let tiff = samples::tiff(&[(0x0112, orientation), (0x8825, 9)], false);
        for dirty in [
            samples::jpeg(4, 4, &[(0xE0, b"JFIF\0"), (0xFE, b"c"), (0xE1, &exif(orientation))]),
            samples::png(4, 4, &[(b"IDAT", b"p"), (b"eXIf", &tiff)]),
            samples::webp(&[(b"VP8X", &header), (b"VP8 ", &pixels), (b"EXIF", &tiff), (b"XMP ", b"x")]),
        ] {
            let after = reread(&strip(&medium(dirty)).unwrap().unwrap());
            assert_eq!(orientation, u16::from(after.facts().orientation));
            assert!(!after.data().windows(2).any(|pair| pair == b"\x25\x88" || pair == b"\x88\x25"));
            assert_eq!(None, strip(&after).unwrap());
        }
    }
}

/// A PNG keeps its colours and its animation; text, time and private chunks go.
#[test]
fn png_keeps_what_decoding_needs() {
    let kept: [(&[u8; 4], &[u8]); 3] =
        [(b"iCCP", b"p3\0\0z"), (b"tRNS", b"\0\0\0\0\0\0"), (b"IDAT", b"pixels")];
    let dirty = samples::png(
        9,
        9,
        &[
            (b"tEXt", b"Author\0me"),
            kept[0],
            (b"zTXt", b"k\0\0z"),
            kept[1],
            (b"iTXt", b"k\0"),
            kept[2],
            (b"tIME", b"1234567"),
            (b"caBX", b"c2pa"),
        ],
    );
    assert_eq!(Some(samples::png(9, 9, &kept)), stripped([dirty, b"tail".to_vec()].concat()));
}

/// The one chunk written here has the check sum that PNG asks for.
#[test]
fn png_exif_has_its_check_sum() {
    let after =
        stripped(samples::png(9, 9, &[(b"IDAT", b"p"), (b"eXIf", &samples::tiff(&[(0x0112, 6)], true))]));
    let file = after.unwrap();
    let at = file.windows(4).position(|name| name == b"eXIf").unwrap();
    assert_eq!(crc_by_table(&file[at..at + 30]).to_be_bytes(), file[at + 30..at + 34]);
}

/// Table-driven CRC-32, the other way of writing it.
fn crc_by_table(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256u32)
        .map(|n| (0..8).fold(n, |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 }))
        .collect();
    !bytes.iter().fold(!0u32, |crc, b| table[((crc ^ u32::from(*b)) & 0xFF) as usize] ^ (crc >> 8))
}

/// A WebP loses EXIF, XMP and unknown chunks, and its header no longer announces them.
#[test]
fn webp_keeps_what_decoding_needs() {
    let (mut dirty, mut clean) = (samples::vp8x(8, 8), samples::vp8x(8, 8));
    (dirty[0], clean[0]) = (0x2C, 0x20);
    let pixels = samples::vp8(8, 8);
    let file = samples::webp(&[
        (b"VP8X", &dirty),
        (b"ICCP", b"odd"),
        (b"VP8 ", &pixels),
        (b"EXIF", b"x"),
        (b"XMP ", b"<x/>"),
        (b"wxyz", b"?"),
    ]);
    let expected = samples::webp(&[(b"VP8X", &clean), (b"ICCP", b"odd"), (b"VP8 ", &pixels)]);
    assert_eq!(Some(expected), stripped([file, b"tail".to_vec()].concat()));
}

/// Formats without a rule of their own come back as they are.
#[test]
fn others_are_left_alone() {
    for data in [samples::gif(3, 3, 1), samples::bmp(2, 2), b"plain text".to_vec()] {
        assert_eq!(None, stripped(data));
    }
}

/// What a scan may hold (stuffed FF, restarts, fill bytes) is no end of it, wherever a block of the search
/// begins; any other marker is.
#[test]
fn scans_end_at_their_first_marker() {
    let clean = samples::jpeg(40, 30, &[]);
    let (head, end) = clean.split_at(clean.len() - 2);
    for length in [
        0, 1, 7, 493, 494, 495, 496, 497, 498, 509, 510, 511, 512, 513, 1_024, 16_364, 16_365, 16_366,
        16_367, 16_368, 16_384, 33_000,
    ] {
        for inside in [&b"\xff\x00"[..], b"\xff\xd0", b"\xff\xd7", b"\xff\xff\x00", b"\x00\xd9"] {
            let scan = [&vec![0x55; length], inside, b"\x11"].concat();
            let whole = [head, &scan, end].concat();
            assert_eq!(None, stripped(whole.clone()), "{length}, {inside:x?}");
            assert_eq!(
                (true, false),
                (jpeg::cut(&whole, 1).is_some(), jpeg::cut(&whole[..whole.len() - 1], 1).is_some())
            );
            let dirty = [head, &scan, b"\xff\xfe\x00\x04hm", end, b"tail"].concat();
            assert_eq!(Some(whole.clone()), stripped(dirty), "{length}, {inside:x?}");
            for marker in [0x02, 0xCF, 0xD8, 0xFD] {
                let broken = [head, &scan, &[0xFF, marker], end].concat();
                assert!(strip(&medium(broken)).is_err(), "{length}, {marker:x}");
            }
        }
    }
}

/// A file of nothing but tiny segments and tiny comments loses its comments like any other.
#[test]
fn many_pieces() {
    let tiny = |dirty: bool| {
        let mut segments: Vec<(u8, &[u8])> = Vec::new();
        for _ in 0..10_000 {
            segments.push((0xDB, b"t"));
            segments.extend(dirty.then_some((0xFE, &b"c"[..])));
        }
        samples::jpeg(4, 4, &segments)
    };
    assert_eq!(Some(tiny(false)), stripped(tiny(true)));
    assert_eq!(None, stripped(tiny(false)));
}

/// A PNG that says its header chunk again and again gets its orientation once.
#[test]
fn one_orientation_is_enough() {
    let tiff = samples::tiff(&[(0x0112, 6)], true);
    let parts: [(&[u8; 4], &[u8]); 4] = [(b"IHDR", b""), (b"IHDR", b""), (b"IDAT", b"p"), (b"eXIf", &tiff)];
    let after = stripped(samples::png(9, 9, &parts)).unwrap();
    assert_eq!(1, after.windows(4).filter(|name| name == b"eXIf").count());
}

proptest! {
    /// Stripping twice is stripping once, whatever the segments hold.
    #[test]
    fn idempotent(
        parts in prop::collection::vec((0xE0u8..=0xFE, prop::collection::vec(any::<u8>(), 0..40)), 0..6),
        orientation in 0u16..10,
    ) {
        let exif = exif(orientation);
        let mut segments: Vec<(u8, &[u8])> = parts
            .iter()
            .filter(|(marker, _)| *marker != 0xF7)
            .map(|(marker, data)| (*marker, &data[..]))
            .collect();
        segments.insert(segments.len() / 2, (0xE1, &exif));
        let media = medium(samples::jpeg(5, 5, &segments));
        let once = strip(&media).unwrap().unwrap_or(media.clone());
        prop_assert_eq!(None, strip(&once).unwrap());
        prop_assert_eq!(media.facts(), once.facts());
        let read = reread(&once);
        prop_assert_eq!(once.facts(), read.facts());
    }

    /// Damaged files are refused or stripped, never a panic.
    #[test]
    fn damage_is_refused(at in 0usize..400, value in any::<u8>(), which in 0usize..3) {
        let tiff = samples::tiff(&[(0x0112, 6)], true);
        let mut file = [
            samples::jpeg(5, 5, &[(0xE1, &exif(6)), (0xFE, b"c")]),
            samples::png(5, 5, &[(b"IDAT", b"p"), (b"eXIf", &tiff), (b"tEXt", b"k\0v")]),
            samples::webp(&[(b"VP8X", &samples::vp8x(4, 4)), (b"VP8 ", &samples::vp8(4, 4)), (b"EXIF", &tiff)]),
        ][which].clone();
        let at = at % file.len();
        file[at] = value;
        if let Ok(media) = Media::new(file, None, &Limits::default()) {
            let _ = strip(&media);
        }
    }
}
