use proptest::prelude::*;

use super::picture::{Colour, Picture};
use super::*;

mod clock;
mod crops;

const KEEP: OutputFormat = OutputFormat::Keep;

fn medium(data: Vec<u8>) -> Media {
    Media::new(data, None, &Limits::default()).unwrap()
}

fn fitted(media: &Media, width: u32, height: u32, format: OutputFormat) -> Result<Media, Refusal> {
    fit(media, width, height, format, 90, &Limits::default())
}

/// A smooth picture whose every corner differs; alpha, if any, runs from top to bottom.
fn drawn(width: usize, height: usize, colour: Colour) -> Picture {
    let channels = colour.channels();
    let mut samples = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (x, y) = (x * 200 / width, y * 255 / height);
            let (grey, x, y) = ((x / 2 + y / 2) as u8, x as u8, y as u8);
            match channels {
                1 => samples.push(grey),
                2 => samples.extend([grey, y]),
                3 => samples.extend([x, y, 90]),
                _ => samples.extend([x, y, 90, y]),
            }
        }
    }
    Picture::single(width, height, colour, samples)
}

fn file(width: usize, height: usize, colour: Colour, target: Target) -> Media {
    medium(encode::encode(drawn(width, height, colour), target).unwrap())
}

fn pixels(media: &Media) -> Picture {
    let facts = media.facts();
    let size = (facts.width.unwrap() as usize, facts.height.unwrap() as usize);
    let source = decode::open(media, size, &Limits::default(), Deadline::NEVER).unwrap();
    colour::without_ycc(scaled(source.whole(Deadline::NEVER).unwrap(), size.0, size.1).without_idle_alpha())
}

/// The whole picture at this size.
fn scaled(picture: Picture, width: usize, height: usize) -> Picture {
    let size = (picture.width as u32, picture.height as u32);
    let small = Small {
        part: Crop::whole(size),
        width,
        height,
        chroma: Chroma::Full,
        mirrored: (false, false),
        deadline: Deadline::NEVER,
    };
    scale::scaled(Source::of(picture, true), size, &small).unwrap()
}

/// The largest difference of any sample.
fn distance(a: &Picture, b: &Picture) -> u8 {
    assert_eq!((a.width, a.height, a.colour), (b.width, b.height, b.colour));
    a.planes[0].samples.iter().zip(&b.planes[0].samples).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

/// The same JPEG with an EXIF block of this orientation.
fn turned(media: &Media, orientation: u8) -> Media {
    let mut data = media.data().to_vec();
    let block = [&b"\xff\xe1\x00\x22Exif\0\0"[..], &strip::orientation_tiff(orientation)].concat();
    data.splice(2..2, block);
    medium(data)
}

/// What an encoder writes, its decoder reads back: exactly when lossless, closely when not.
#[test]
fn encoders_and_decoders_agree() {
    for (width, height) in [(1, 1), (7, 5), (16, 16), (33, 47), (64, 8)] {
        for colour in [Colour::Grey, Colour::GreyAlpha, Colour::Rgb, Colour::Rgba] {
            let picture = drawn(width, height, colour);
            let same = pixels(&file(width, height, colour, Target::Png));
            assert_eq!(picture.clone().without_idle_alpha(), same, "{width}x{height} {colour:?}");
        }
        for colour in [Colour::Rgb, Colour::Rgba] {
            assert_eq!(
                drawn(width, height, colour).without_idle_alpha(),
                pixels(&file(width, height, colour, Target::Webp))
            );
        }
        for colour in [Colour::Grey, Colour::Rgb] {
            let near = pixels(&file(width, height, colour, Target::Jpeg(100)));
            let step = 255 / height.min(width).max(4); // halved chroma blurs the steepest gradient
            assert!(distance(&drawn(width, height, colour), &near) as usize <= 4 + step, "{width}x{height}");
        }
    }
}

/// All eight orientations come out upright: each equals the picture turned pixel by pixel.
#[test]
fn golden_orientations() {
    let stored = file(48, 32, Colour::Rgb, Target::Jpeg(100));
    let reference = pixels(&stored);
    let at = |x: usize, y: usize| &reference.planes[0].samples[(y * 48 + x) * 3..][..3];
    for orientation in 2..=8u8 {
        let (width, height) = if orientation < 5 { (48, 32) } else { (32, 48) };
        let upright = fitted(&turned(&stored, orientation), width, height, OutputFormat::Png).unwrap();
        assert_eq!((Some(width), Some(height), 1), {
            let facts = upright.facts();
            (facts.width, facts.height, facts.orientation)
        });
        let upright = pixels(&upright);
        // where each corner of the stored picture is seen: top left, top right, bottom left, bottom right
        let corners = [at(0, 0), at(47, 0), at(0, 31), at(47, 31)];
        let seen = match orientation {
            2 => [1, 0, 3, 2],
            3 => [3, 2, 1, 0],
            4 => [2, 3, 0, 1],
            5 => [0, 2, 1, 3],
            6 => [2, 0, 3, 1],
            7 => [3, 1, 2, 0],
            _ => [1, 3, 0, 2],
        };
        let (right, bottom) = (upright.width - 1, upright.height - 1);
        for ((x, y), corner) in [(0, 0), (right, 0), (0, bottom), (right, bottom)].into_iter().zip(seen) {
            let pixel = &upright.planes[0].samples[(y * upright.width + x) * 3..][..3];
            assert_eq!(corners[corner], pixel, "orientation {orientation}");
        }
    }
}

/// `keep` gives the nearest form that models take.
#[test]
fn keep_keeps_what_models_take() {
    for (source, expected) in [
        (file(20, 20, Colour::Rgb, Target::Jpeg(90)), "image/jpeg"),
        (file(20, 20, Colour::Grey, Target::Jpeg(90)), "image/jpeg"),
        (file(20, 20, Colour::Rgb, Target::Png), "image/png"),
        (file(20, 20, Colour::Rgba, Target::Png), "image/png"),
        (file(20, 20, Colour::Rgba, Target::Webp), "image/png"),
        (file(20, 20, Colour::Rgb, Target::Webp), "image/png"),
    ] {
        assert_eq!(expected, fitted(&source, 10, 9, KEEP).unwrap().facts().mime);
    }
}

/// `plain` gives JPEG or PNG at the picture's own size, too, and what is one of these already is only stripped.
#[test]
fn plain_is_jpeg_or_png() {
    for (name, expected) in [
        ("webp-lossy", "image/jpeg"),
        ("webp-lossless", "image/png"),
        ("webp-lossy-alpha", "image/png"),
        ("gif-plain", "image/png"),
        ("bmp-RGB", "image/png"),
        ("heic-plain", "image/jpeg"),
        ("jpeg-baseline-420", "image/jpeg"),
        ("png-rgb", "image/png"),
    ] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds/fit/");
        let media = medium(std::fs::read(folder.to_owned() + name).unwrap().split_off(3));
        let (width, height) = opened(&media, &Limits::default()).unwrap();
        let plain = fitted(&media, width, height, OutputFormat::Plain).unwrap();
        assert_eq!((expected, Some(width)), (plain.facts().mime, plain.facts().width), "{name}");
        let kept = fitted(&media, width, height, KEEP).unwrap();
        let stays = matches!(kept.facts().mime, "image/webp" | "image/gif");
        assert_eq!(kept == plain, !stays, "{name}");
    }
}

/// A picture of the wanted size is not decoded: damaged pixels pass, metadata goes.
#[test]
fn same_size_is_only_stripped() {
    let source = file(20, 10, Colour::Rgb, Target::Jpeg(90));
    assert_eq!(source, fitted(&source, 20, 10, KEEP).unwrap());
    let tagged = turned(&source, 1);
    assert_eq!(source.data(), fitted(&tagged, 20, 10, KEEP).unwrap().data());
}

/// Sizes of nothing, and any enlargement, are refused; so is what is no picture.
#[test]
fn never_enlarges() {
    let source = turned(&file(20, 10, Colour::Rgb, Target::Jpeg(90)), 6);
    for (width, height) in [(0, 5), (5, 0), (11, 20), (10, 21), (20, 10)] {
        assert_eq!("media_unsupported", fitted(&source, width, height, KEEP).unwrap_err().code);
    }
    assert_eq!("media_unsupported", fitted(&medium(b"words".to_vec()), 1, 1, KEEP).unwrap_err().code);
}

/// The caps hold here too, whatever they were when the medium was made.
#[test]
fn caps_are_checked_from_the_header() {
    let source = file(20, 10, Colour::Rgb, Target::Png);
    for limits in [Limits { pixels: 199, ..Limits::default() }, Limits { side: 19, ..Limits::default() }] {
        assert_eq!("image_too_large", fit(&source, 2, 2, KEEP, 85, &limits).unwrap_err().code);
    }
}

/// The clock of every call starts with the call: with no time at all nothing is opened, whatever the kind, by
/// any door, and the refusal names the limit. What need not be decoded needs no time.
#[test]
fn the_clock_starts_with_the_call() {
    let late = Limits { decoding: std::time::Duration::ZERO, ..Limits::default() };
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds/fit/");
    let mut kinds = std::collections::BTreeSet::new();
    for seed in std::fs::read_dir(folder).unwrap() {
        let media = medium(std::fs::read(seed.unwrap().path()).unwrap().split_off(3));
        let Some((width, height)) = media.facts().width.zip(media.facts().height) else { continue };
        if height < 2 {
            continue; // not to be split
        }
        let doors = [
            fit(&media, 1, 1, OutputFormat::Png, 85, &late).err(),
            split(&media, height.div_ceil(2), 0, KEEP, 85, &late).err(),
            crate::signals::signals(&media, &late).err(),
        ];
        for refusal in doors {
            let refusal = refusal.unwrap();
            assert_eq!("image_too_large", refusal.code, "{}", media.facts().mime);
            assert!(refusal.message.contains("the 0 s allowed"), "{}", refusal.message);
        }
        kinds.insert(media.facts().mime);
        if media.facts().mime == "image/png" && media.facts().orientation == 1 {
            assert!(fit(&media, width, height, KEEP, 85, &late).is_ok());
        }
    }
    assert!(kinds.len() >= 7, "{kinds:?}");
}

/// A picture in another colour space than sRGB comes out in sRGB and without a profile, in every form; one whose
/// profile changes nothing is not touched.
#[test]
fn colours_become_srgb() {
    let flat = Picture::single(20, 20, Colour::Rgb, [200, 100, 50].repeat(400));
    let profiles = [moxcms::ColorProfile::new_display_p3(), moxcms::ColorProfile::new_srgb()];
    for (profile, expected) in profiles.into_iter().zip([[215, 93, 31], [200, 100, 50]]) {
        let profile = profile.encode().unwrap();
        for lossy in [true, false] {
            let picture = if lossy { colour::with_ycc(flat.clone()) } else { flat.clone() };
            let source = || Source::of(Picture { profile: Some(profile.clone()), ..picture.clone() }, lossy);
            for format in [OutputFormat::Jpeg, OutputFormat::Png, OutputFormat::Webp] {
                let media = file(20, 20, Colour::Rgb, Target::Png);
                let wanted = Wanted { format, quality: 95, ..Wanted::at(11, 9) };
                let small = pixels(&written(&media, source(), &wanted, Deadline::NEVER).unwrap());
                for (found, expected) in small.planes[0].samples.iter().zip(expected.iter().cycle()) {
                    assert!(found.abs_diff(*expected) <= 4, "{format:?}: {found} for {expected}");
                }
            }
        }
    }
}

/// A profile is read out of each kind of file that carries one.
#[test]
fn profiles_are_found() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let mut jpeg = file(20, 20, Colour::Rgb, Target::Jpeg(90)).data().to_vec();
    let length = u16::try_from(profile.len() + 16).unwrap().to_be_bytes();
    jpeg.splice(2..2, [&b"\xff\xe2"[..], &length, b"ICC_PROFILE\0\x01\x01", &profile].concat());
    let mut png = Vec::new();
    let mut info = png::Info::with_size(20, 20);
    info.icc_profile = Some(std::borrow::Cow::Borrowed(&profile));
    let mut writer = png::Encoder::with_info(&mut png, info).unwrap().write_header().unwrap();
    writer.write_image_data(&[9; 400]).unwrap();
    drop(writer);
    let mut webp = Vec::new();
    let mut encoder = image_webp::WebPEncoder::new(&mut webp);
    encoder.set_icc_profile(profile.clone());
    encoder.encode(&[9; 1200], 20, 20, image_webp::ColorType::Rgb8).unwrap();
    for data in [jpeg, png, webp] {
        let media = medium(data);
        let source = source(&media, &Limits::default(), Deadline::NEVER).unwrap();
        assert_eq!(Some(&profile), source.profile.as_ref(), "{}", media.facts().mime);
    }
}

/// Transparent pixels turn white in JPEG.
#[test]
fn alpha_is_flattened_on_white() {
    let clear = Picture::single(16, 16, Colour::Rgba, [200, 0, 0, 0].repeat(256));
    let source = medium(encode::encode(clear, Target::Png).unwrap());
    let flat = pixels(&fitted(&source, 8, 8, OutputFormat::Jpeg).unwrap());
    assert!(flat.planes[0].samples.iter().all(|sample| *sample >= 254));
}

/// A channel comes out the same alone and in company, whatever stands beside it.
#[test]
fn channels_do_not_touch() {
    for (width, height) in [(23, 14), (40, 9), (17, 31), (16, 31), (40, 31)] {
        let together = scaled(drawn(40, 31, Colour::Rgb), width, height);
        for channel in 0..3 {
            let of = |samples: &[u8]| samples.iter().skip(channel).step_by(3).copied().collect::<Vec<_>>();
            let grey =
                Picture::single(40, 31, Colour::Grey, of(&drawn(40, 31, Colour::Rgb).planes[0].samples));
            let alone = scaled(grey, width, height);
            assert_eq!(alone.planes[0].samples, of(&together.planes[0].samples), "{width}x{height}");
        }
    }
}

/// Colours do not bleed out of transparent pixels: at the edge only Lanczos's own overshoot is seen, where a
/// sum that ignored alpha would be half way to white.
#[test]
fn alpha_weighs_colours() {
    for (colour, pixel, clear) in [
        (Colour::GreyAlpha, &[80, 255][..], &[255, 0][..]),
        (Colour::Rgba, &[10, 80, 90, 255], &[255, 255, 255, 0]),
    ] {
        let samples = [pixel.repeat(20), clear.repeat(20)].concat().repeat(30);
        let picture = Picture::single(40, 30, colour, samples);
        let small = scaled(picture, 13, 11);
        let seen = small.planes[0].samples.chunks_exact(pixel.len()).filter(|seen| seen[seen.len() - 1] > 30);
        for seen in seen {
            let colours = seen.iter().zip(pixel).take(pixel.len() - 1);
            assert!(colours.into_iter().all(|(seen, put)| seen.abs_diff(*put) <= 16), "{seen:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// The size is exact, a second fit at that size changes nothing, and damage never panics.
    #[test]
    fn size_is_exact(
        size in (1usize..60, 1usize..60),
        part in (0.0f64..1.0, 0.0f64..1.0),
        orientation in 1u8..=8,
        jpeg in any::<bool>(),
        damage in (any::<prop::sample::Index>(), any::<u8>()),
    ) {
        let target = if jpeg { Target::Jpeg(80) } else { Target::Png };
        let mut source = file(size.0, size.1, Colour::Rgb, target);
        if jpeg {
            source = turned(&source, orientation);
        }
        let upright = if jpeg && orientation > 4 { (size.1, size.0) } else { size };
        let wanted = |pixels: usize, part: f64| 1 + (part * (pixels - 1) as f64) as u32;
        let (width, height) = (wanted(upright.0, part.0), wanted(upright.1, part.1));
        let small = fitted(&source, width, height, KEEP).unwrap();
        prop_assert_eq!((Some(width), Some(height)), (small.facts().width, small.facts().height));
        prop_assert_eq!(&small, &fitted(&small, width, height, KEEP).unwrap());
        let mut data = source.data().to_vec();
        let at = damage.0.index(data.len());
        data[at] ^= damage.1;
        if let Ok(damaged) = Media::new(data, None, &Limits::default()) {
            let _ = fitted(&damaged, 1, 1, KEEP);
        }
    }
}
