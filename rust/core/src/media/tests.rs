use proptest::prelude::*;

use super::samples::*;
use super::*;

fn facts(data: &[u8]) -> Facts {
    Media::new(data.to_vec(), None, &Limits::default()).unwrap().facts().clone()
}

fn code(data: &[u8], declared: Option<&str>, limits: &Limits) -> &'static str {
    match Media::new(data.to_vec(), declared.map(str::to_owned), limits) {
        Ok(_) => "ok",
        Err(refusal) => refusal.code,
    }
}

fn picture(data: &[u8]) -> (&'static str, Option<u32>, Option<u32>, Option<u32>, u8) {
    let facts = facts(data);
    assert_eq!(Kind::Image, facts.kind);
    (facts.mime, facts.width, facts.height, facts.frames, facts.orientation)
}

/// Size, frames and orientation come from the header of every picture format.
#[test]
fn pictures() {
    let six = tiff(&[(0x0112, 6)], true);
    let exif = [b"Exif\0\0", &six[..]].concat();
    let frames: &[u8] = &[0, 0, 0, 7, 0, 0, 0, 0];
    let animated = webp(&[
        (b"VP8X", &vp8x(40, 30)),
        (b"ANMF", &anmf(40, 30)),
        (b"ANMF", &anmf(8, 8)),
        (b"EXIF", &tiff(&[(0x0112, 8)], false)),
    ]);
    let apng = png(9, 5, &[(b"acTL", frames), (b"eXIf", &six), (b"IDAT", b"x")]);
    let cases = [
        (still_png(3, 2), ("image/png", Some(3), Some(2), Some(1), 1)),
        (apng, ("image/png", Some(9), Some(5), Some(7), 6)),
        (jpeg(640, 480, &[]), ("image/jpeg", Some(640), Some(480), Some(1), 1)),
        (jpeg(640, 480, &[(0xE0, b"JFIF"), (0xE1, &exif)]), ("image/jpeg", Some(640), Some(480), Some(1), 6)),
        (webp(&[(b"VP8 ", &vp8(17, 5))]), ("image/webp", Some(17), Some(5), Some(1), 1)),
        (webp(&[(b"VP8L", &vp8l(16_384, 1))]), ("image/webp", Some(16_384), Some(1), Some(1), 1)),
        (animated, ("image/webp", Some(40), Some(30), Some(2), 8)),
        (gif(4, 6, 3), ("image/gif", Some(4), Some(6), Some(3), 1)),
        (bmp(20, -10), ("image/bmp", Some(20), Some(10), Some(1), 1)),
        (
            tiff(&[(0x100, 70), (0x101, 50), (0x112, 3)], false),
            ("image/tiff", Some(70), Some(50), Some(1), 3),
        ),
        (boxes(b"avif", &[(64, 64), (512, 256)]), ("image/avif", Some(512), Some(256), Some(1), 1)),
        (boxes(b"heic", &[]), ("image/heic", None, None, None, 1)),
        (heic([(64, 64), (512, 256)], &[]), ("image/heic", Some(512), Some(256), Some(1), 1)),
        (heic([(640, 640), (512, 256)], &[(b"irot", 3)]), ("image/heic", Some(512), Some(256), Some(1), 6)),
    ];
    for (data, expected) in cases {
        assert_eq!(expected, picture(&data));
    }
}

/// Turns and mirrorings of a HEIC, in their order, are one of the eight orientations of EXIF.
#[test]
fn heic_orientations() {
    type Properties<'a> = &'a [(&'a [u8; 4], u8)];
    let cases: [(Properties<'_>, u8); 10] = [
        (&[(b"irot", 0)], 1),
        (&[(b"irot", 1)], 8),
        (&[(b"irot", 2)], 3),
        (&[(b"irot", 3)], 6),
        (&[(b"imir", 0)], 4),
        (&[(b"imir", 1)], 2),
        (&[(b"irot", 1), (b"imir", 1)], 7),
        (&[(b"irot", 3), (b"imir", 1)], 5),
        (&[(b"imir", 1), (b"irot", 1)], 5),
        (&[(b"irot", 2), (b"imir", 0)], 2),
    ];
    for (properties, expected) in cases {
        assert_eq!(expected, picture(&heic([(8, 8), (4, 2)], properties)).4, "{properties:?}");
    }
}

/// Pages of a TIFF are counted along the chain of directories, and a chain in a circle is too many.
#[test]
fn pages_of_a_tiff() {
    let page = tiff(&[(0x100, 70), (0x101, 50)], false);
    let mut two = page.clone();
    let next = two.len() - 4;
    two.splice(next.., u32::try_from(page.len()).unwrap().to_le_bytes());
    two.extend(&page[8..]);
    assert_eq!(("image/tiff", Some(70), Some(50), Some(2), 1), picture(&two));
    let last = two.len() - 4;
    two.splice(last.., 8u32.to_le_bytes());
    assert_eq!("image_too_many_frames", code(&two, None, &Limits::default()));
}

/// Everything that is no picture is known by its magic bytes alone.
#[test]
fn other_kinds() {
    let cases: [(&[u8], Kind, &str); 17] = [
        (b"%PDF-1.7\n", Kind::Document, "application/pdf"),
        (b"RIFF\x24\0\0\0WAVEfmt ", Kind::Audio, "audio/wav"),
        (b"ID3\x04\0\0\0\0\0\0", Kind::Audio, "audio/mpeg"),
        (b"\xff\xfb\x90\x64", Kind::Audio, "audio/mpeg"),
        (b"\xff\xf1\x50\x80", Kind::Audio, "audio/aac"),
        (b"OggS\0\x02", Kind::Audio, "audio/ogg"),
        (b"OggS\0\x02......\x80theora", Kind::Video, "video/ogg"),
        (b"fLaC\0\0\0\x22", Kind::Audio, "audio/flac"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0", Kind::Audio, "audio/mp4"),
        (b"\0\0\0\x20ftypisom\0\0\0\0", Kind::Video, "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0", Kind::Video, "video/quicktime"),
        (b"\x1a\x45\xdf\xa3\x01\0\x42\x82\x84webm", Kind::Video, "video/webm"),
        (b"\x1a\x45\xdf\xa3\x01\0\x42\x82\x88matroska", Kind::Video, "video/x-matroska"),
        (b"hello", Kind::Other, "application/octet-stream"),
        (b"BMW is a maker of cars and motorcycles", Kind::Other, "application/octet-stream"),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", Kind::Other, "application/octet-stream"),
        (b"", Kind::Other, "application/octet-stream"),
    ];
    for (data, kind, mime) in cases {
        assert_eq!((kind, mime), (facts(data).kind, facts(data).mime), "{data:?}");
    }
}

/// Every prefix of a picture of the four main formats is refused as corrupt, or is no picture yet.
#[test]
fn every_prefix_is_refused() {
    let whole = [
        png(9, 5, &[(b"eXIf", &tiff(&[(0x0112, 6)], true)), (b"IDAT", b"x")]),
        jpeg(64, 48, &[(0xE0, b"JFIF")]),
        webp(&[(b"VP8X", &vp8x(4, 3)), (b"VP8L", &vp8l(4, 3)), (b"EXIF", b"none")]),
        gif(4, 6, 2),
    ];
    for file in whole {
        assert_eq!("ok", code(&file, None, &Limits::default()));
        for length in 0..file.len() {
            let verdict = code(&file[..length], None, &Limits::default());
            assert!(verdict == "media_corrupt" || length < 12 && verdict == "ok", "{length}: {verdict}");
        }
    }
}

/// Headers that contradict the standard or themselves are corrupt.
#[test]
fn lying_headers() {
    let limits = Limits::default();
    let mut depth = still_png(1, 1);
    depth[24] = 7;
    let mut no_table = jpeg(8, 8, &[]);
    no_table[11] = 9;
    let cases = [
        still_png(0, 4),
        png(4, 4, &[]),
        depth,
        jpeg(0, 8, &[]),
        no_table,
        b"\xff\xd8\xff\xd9".to_vec(),
        webp(&[(b"VP8X", &vp8x(4, 4)), (b"VP8 ", &vp8(400, 400))]),
        webp(&[(b"VP8X", &vp8x(4, 4)), (b"ANMF", &anmf(5, 4))]),
        webp(&[(b"VP8X", &vp8x(4, 4))]),
        webp(&[(b"JUNK", b"")]),
        gif(4, 4, 0),
        gif(0, 4, 1),
        bmp(0, 4),
        bmp(4, 4)[..20].to_vec(),
        tiff(&[(0x100, 70)], false),
        tiff(&[(0x100, 70), (0x101, 50)], true)[..16].to_vec(),
        heic([(4, 4), (0, 4)], &[]),
    ];
    for (index, data) in cases.iter().enumerate() {
        assert_eq!("media_corrupt", code(data, None, &limits), "case {index}");
    }
}

/// The caps are inclusive: the exact size passes, one more is refused.
#[test]
fn caps() {
    let limits = Limits { pixels: 1_000, side: 100, frames: 3, media_bytes: 500, ..Limits::default() };
    assert_eq!("ok", code(&still_png(100, 10), None, &limits));
    assert_eq!("image_too_large", code(&still_png(101, 1), None, &limits));
    assert_eq!("image_too_large", code(&still_png(91, 11), None, &limits));
    assert_eq!("image_too_large", code(&jpeg(91, 11, &[]), None, &limits));
    assert_eq!("image_too_large", code(&webp(&[(b"VP8L", &vp8l(16_384, 1))]), None, &limits));
    assert_eq!("image_too_large", code(&bmp(i32::MAX, i32::MIN), None, &limits));
    assert_eq!("image_too_large", code(&tiff(&[(0x100, 91), (0x101, 11)], true), None, &limits));
    assert_eq!("image_too_large", code(&heic([(1, 1), (91, 11)], &[]), None, &limits));
    assert_eq!("ok", code(&gif(4, 4, 3), None, &limits));
    assert_eq!("image_too_many_frames", code(&gif(4, 4, 4), None, &limits));
    assert_eq!("ok", code(&[b'x'; 500], None, &limits));
    assert_eq!("media_too_large", code(&[b'x'; 501], None, &limits));
}

/// What a picture carries beside its pixels has a cap of its own, in every format whose parts are walked;
/// pixels do not count, nor do the frames of an animation.
#[test]
fn metadata_has_a_cap() {
    let note = [b'n'; 40];
    let pixels = [0; 400];
    // 21 bytes, and the sample has an extension of 19 of its own.
    let extension = [b"\x21\xfe\x11", &note[..17], b"\0"].concat();
    let frame = anmf(8, 8);
    let mut commented = gif(4, 4, 1);
    commented.splice(19..19, extension);
    let mut lossy = vp8(4, 4);
    lossy.extend([0; 99]);
    let cases = [
        png(4, 4, &[(b"tEXt", &note[..20]), (b"IDAT", &pixels), (b"fdAT", &pixels), (b"xyZw", &note[..20])]),
        jpeg(4, 4, &[(0xE1, &note[..18]), (0xFE, &note[..18]), (0xDB, &pixels)]),
        webp(&[(b"VP8X", &vp8x(8, 8)), (b"ICCP", &note[..20]), (b"ANMF", &frame), (b"junk", &note[..20])]),
        webp(&[(b"VP8 ", &lossy), (b"EXIF", &note[..32])]),
        commented,
    ];
    for (index, data) in cases.iter().enumerate() {
        let at = |ancillary_bytes| code(data, None, &Limits { ancillary_bytes, ..Limits::default() });
        assert_eq!(("ok", "media_too_large"), (at(40), at(39)), "case {index}");
    }
    let limits = Limits { ancillary_bytes: 39, ..Limits::default() };
    let refusal = Media::new(cases[0].clone(), None, &limits).unwrap_err();
    let told = "the image carries 40 bytes of metadata; at most 39 are accepted; save it without metadata";
    assert_eq!(told, refusal.message);
}

/// A picture that claims 30,000 x 30,000 is refused from its header, before its pixels are walked.
#[test]
fn bomb() {
    let bomb = png(30_000, 30_000, &[(b"IDAT", &[0; 110_000])]);
    assert_eq!("image_too_large", code(&bomb, None, &Limits::default()));
    assert_eq!("image_too_large", code(&bomb[..40], None, &Limits::default()));
}

/// A frame larger than its canvas counts as the canvas, for decoders make room for it.
#[test]
fn gif_frame_beyond_its_canvas() {
    let mut file = gif(4, 4, 1);
    let frame = file.iter().rposition(|byte| *byte == 0x2C).unwrap();
    file[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!("image_too_large", code(&file, None, &Limits::default()));
}

/// What is declared may name a wrong subtype, never a wrong family.
#[test]
fn declared_types() {
    let limits = Limits::default();
    let (png, jpeg) = (still_png(1, 1), jpeg(1, 1, &[]));
    let (pdf, text): (&[u8], &[u8]) = (b"%PDF-1.7", b"plain words");
    let late_pdf: &[u8] = b"\r\n%PDF-1.4";
    let mp4: &[u8] = b"\0\0\0\x20ftypisom\0\0\0\0";
    let cases: [(&[u8], &str, &str); 20] = [
        (&png, "image/png", "ok"),
        (&jpeg, "image/png", "ok"),
        (&jpeg, "image/jpg", "ok"),
        (&jpeg, "IMAGE/JPEG; charset=x", "ok"),
        (&jpeg, "application/octet-stream", "ok"),
        (&jpeg, "", "ok"),
        (pdf, "image/png", "media_type_mismatch"),
        (&png, "application/pdf", "media_type_mismatch"),
        (&png, "text/plain", "media_type_mismatch"),
        (&png, "audio/wav", "media_type_mismatch"),
        (text, "application/pdf", "media_type_mismatch"),
        (text, "text/plain", "ok"),
        (text, "audio/pcm", "ok"),
        (text, "image/svg+xml", "media_unsupported"),
        (text, "image/png", "media_unsupported"),
        (late_pdf, "application/pdf", "ok"),
        (mp4, "audio/mp4", "ok"),
        (mp4, "video/mp4", "ok"),
        (text, "nonsense", "media_unsupported"),
        (text, "a/b\"c", "media_unsupported"),
    ];
    for (data, declared, expected) in cases {
        assert_eq!(expected, code(data, Some(declared), &limits), "{declared}");
    }
}

/// A container that can hold sound alone is what its sender says.
#[test]
fn sound_in_a_film_container() {
    let mp4 = b"\0\0\0\x20ftypisom\0\0\0\0".to_vec();
    let media = Media::new(mp4, Some("audio/x-m4a".into()), &Limits::default()).unwrap();
    assert_eq!((Kind::Audio, "audio/mp4"), (media.facts().kind, media.facts().mime));
}

/// The magic bytes name the type on the wire; only where they say nothing does the sender.
#[test]
fn wire_types() {
    let limits = Limits::default();
    let wire = |data: &[u8], declared: &str| {
        Media::new(data.to_vec(), Some(declared.into()), &limits).unwrap().wire_mime().to_owned()
    };
    assert_eq!("image/jpeg", wire(&jpeg(1, 1, &[]), "image/png"));
    assert_eq!("text/plain", wire(b"words", "text/plain; charset=utf-8"));
}

/// Bytes of a client do not show when a medium is printed.
#[test]
fn debug_is_quiet() {
    let media = Media::new(b"secret words".to_vec(), None, &Limits::default()).unwrap();
    assert_eq!("Media(application/octet-stream, 12 bytes, path \"\")", format!("{media:?}"));
}

proptest! {
    /// No bytes behind any magic make the reader fail otherwise than by a refusal, or allocate.
    #[test]
    fn any_bytes(index in 0usize..12, tail in proptest::collection::vec(any::<u8>(), 0..200)) {
        let magics: [&[u8]; 12] = [
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"\xff\xd8\xff", b"RIFF\x40\0\0\0WEBPVP8X", b"RIFF\x40\0\0\0WEBP",
            b"GIF89a", b"BM", b"II*\0", b"MM\0*", b"\0\0\0\x18ftypavif", b"\x1a\x45\xdf\xa3", b"OggS", b"",
        ];
        let data = [magics[index], &tail].concat();
        if let Ok(media) = Media::new(data.clone(), None, &Limits::default()) {
            prop_assert_eq!(&data[..], media.data());
            prop_assert!((1..=8).contains(&media.facts().orientation));
        }
    }

    /// Flipping any byte of a whole file gives facts within the caps or a refusal.
    #[test]
    fn flipped(at in 0usize..10_000, with in any::<u8>(), which in 0usize..7) {
        let mut file = [
            png(9, 5, &[(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]), (b"IDAT", b"x")]),
            jpeg(64, 48, &[(0xE1, b"Exif\0\0II*\0\x08\0\0\0")]),
            webp(&[(b"VP8X", &vp8x(4, 3)), (b"VP8L", &vp8l(4, 3))]),
            gif(4, 6, 2),
            bmp(20, -10),
            tiff(&[(0x100, 70), (0x101, 50), (0x112, 3)], false),
            heic([(640, 6), (51, 25)], &[(b"irot", 3)]),
        ][which].clone();
        let length = file.len();
        file[at % length] = with;
        let limits = Limits { pixels: 4_000, frames: 2, ..Limits::default() };
        if let Ok(media) = Media::new(file, None, &limits) {
            let facts = media.facts();
            let pixels = u64::from(facts.width.unwrap_or(0)) * u64::from(facts.height.unwrap_or(0));
            prop_assert!(pixels <= 4_000 && facts.frames.unwrap_or(0) <= 2);
        }
    }
}

/// A digest is made when it is first asked for, and then all clones know it, wherever they were lifted.
#[test]
fn one_digest_for_all_clones() {
    let media = Media::new(still_png(3, 2), None, &Limits::default()).unwrap();
    let clone = media.clone().at_path("/a/0");
    assert!(!media.is_digested());
    assert_eq!(blake3::hash(media.data()).as_bytes(), clone.digest());
    assert!(media.is_digested());
    assert_eq!("/a/0", clone.path());
    assert_ne!(media, clone);
    assert_eq!(media, clone.at_path(""));
}
