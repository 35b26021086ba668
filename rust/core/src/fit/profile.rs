//! From the colours of an ICC profile to sRGB, on the small picture just before it is written.
//!
//! Those who serve models drop profiles and read numbers as sRGB, so a picture in Display P3 that keeps its
//! profile looks pale to them: whatever a profile would change is changed here. One that changes nothing
//! (sRGB under any of its names) is recognised by what it does to a few colours, and costs only that.
//!
//! `moxcms` does the arithmetic; without its features of SIMD it forbids `unsafe`. A profile that it cannot
//! read, or of another colour space than the samples, changes nothing: that is how browsers see it, too.

use moxcms::{ColorProfile, DataColorSpace, Layout, RenderingIntent, TransformOptions};

use super::deadline::Deadline;
use super::picture::{Colour, Picture};
use crate::Refusal;

/// What samples mean that are to become sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Grey,
    Rgb,
    /// Three colours and alpha, which stays.
    Rgba,
    /// Four inks; 255 is the most of one.
    Cmyk,
}

/// Whether this is a profile of RGB that changes anything.
pub(super) fn is_other(profile: &[u8]) -> bool {
    transform(Space::Rgb, profile).is_some()
}

/// The same picture in sRGB, by its profile. Of YCbCr pictures nothing is changed: they have to be RGB by then.
///
/// # Errors
/// The refusal of the deadline.
pub(super) fn converted(mut picture: Picture, deadline: Deadline) -> Result<Picture, Refusal> {
    let Some(profile) = picture.profile.take() else { return Ok(picture) };
    let space = match picture.colour {
        Colour::Grey | Colour::GreyAlpha => Space::Grey,
        Colour::Rgb => Space::Rgb,
        Colour::Rgba => Space::Rgba,
        Colour::Ycc => return Ok(picture),
    };
    let Some(plane) = picture.planes.first_mut() else { return Ok(picture) };
    if picture.colour == Colour::GreyAlpha {
        if let Some(levels) = levels(&profile) {
            plane.samples.chunks_exact_mut(2).for_each(|pixel| pixel[0] = levels[usize::from(pixel[0])]);
        }
    } else if let Some(samples) = to_srgb(&plane.samples, space, &profile, deadline)? {
        plane.samples = samples;
    }
    Ok(picture)
}

/// Samples of sRGB (RGB of inks), or nothing when the profile changes none or says nothing of them.
///
/// # Errors
/// The refusal of the deadline.
pub(super) fn to_srgb(
    samples: &[u8],
    space: Space,
    profile: &[u8],
    deadline: Deadline,
) -> Result<Option<Vec<u8>>, Refusal> {
    if space == Space::Grey {
        let by = |levels: [u8; 256]| samples.iter().map(|sample| levels[usize::from(*sample)]).collect();
        return Ok(levels(profile).map(by));
    }
    let Some(transform) = transform(space, profile) else { return Ok(None) };
    let from = if space == Space::Rgb { 3 } else { 4 };
    let to = if space == Space::Rgba { 4 } else { 3 };
    let mut out = vec![0; samples.len() / from * to];
    for (samples, out) in samples.chunks(PIXELS * from).zip(out.chunks_mut(PIXELS * to)) {
        deadline.check()?;
        if transform.transform(samples, out).is_err() {
            return Ok(None);
        }
    }
    Ok(Some(out))
}

/// Pixels between two looks at the clock.
const PIXELS: usize = 65_536;

type Transform = std::sync::Arc<dyn moxcms::TransformExecutor<u8> + Send + Sync>;

/// The transform of a profile that changes something.
fn transform(space: Space, profile: &[u8]) -> Option<Transform> {
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    let (speaks_of, from, to) = match space {
        Space::Grey => (DataColorSpace::Gray, Layout::Gray, Layout::Rgb),
        Space::Rgb => (DataColorSpace::Rgb, Layout::Rgb, Layout::Rgb),
        Space::Rgba => (DataColorSpace::Rgb, Layout::Rgba, Layout::Rgba),
        Space::Cmyk => (DataColorSpace::Cmyk, Layout::Rgba, Layout::Rgb),
    };
    if profile.color_space != speaks_of {
        return None;
    }
    // a profile that has no table for the intent has one for all of them, under the name of the perceptual
    let intents = [RenderingIntent::RelativeColorimetric, RenderingIntent::Perceptual];
    let transform = intents.into_iter().find_map(|rendering_intent| {
        let options = TransformOptions { rendering_intent, ..TransformOptions::default() };
        profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, options).ok()
    })?;
    (space == Space::Cmyk || space == Space::Grey || changes(&*transform, space)).then_some(transform)
}

/// Whether any of 125 colours spread over the cube comes out as another one. A step of one is rounding.
fn changes(transform: &dyn moxcms::TransformExecutor<u8>, space: Space) -> bool {
    let steps = [0, 64, 128, 191, 255u8];
    let opaque: &[u8] = if space == Space::Rgba { &[255] } else { &[] };
    let mut before = Vec::with_capacity(500);
    for (red, green, blue) in (0..125).map(|at| (at / 25, at / 5 % 5, at % 5)) {
        before.extend([red, green, blue].map(|at: usize| steps[at]));
        before.extend(opaque);
    }
    let mut after = vec![0; before.len()];
    transform.transform(&before, &mut after).is_ok()
        && before.iter().zip(&after).any(|(before, after)| before.abs_diff(*after) > 1)
}

/// What becomes of each grey level, unless all of them stay.
fn levels(profile: &[u8]) -> Option<[u8; 256]> {
    let transform = transform(Space::Grey, profile)?;
    let before: Vec<u8> = (0..=255).collect();
    let mut colours = [0; 768];
    transform.transform(&before, &mut colours).ok()?;
    let levels: [u8; 256] = std::array::from_fn(|level| colours[3 * level]);
    before.iter().zip(levels).any(|(before, after)| before.abs_diff(after) > 1).then_some(levels)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One colour out of linear light of these primaries, by the formulas of the standards alone.
    fn expected(pixel: [u8; 3], decode: fn(f64) -> f64, to_linear_srgb: [[f64; 3]; 3]) -> [u8; 3] {
        let light = pixel.map(|sample| decode(f64::from(sample) / 255.0));
        to_linear_srgb.map(|row| {
            let light: f64 = row.iter().zip(light).map(|(factor, light)| factor * light).sum();
            let light = light.clamp(0.0, 1.0);
            let sample =
                if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
            (sample * 255.0).round() as u8
        })
    }

    fn srgb(sample: f64) -> f64 {
        if sample <= 0.040_45 { sample / 12.92 } else { ((sample + 0.055) / 1.055).powf(2.4) }
    }

    fn with(picture: Picture, profile: &[u8]) -> Picture {
        Picture { profile: Some(profile.to_vec()), ..picture }
    }

    fn near(a: &[u8], b: &[u8]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= 2)
    }

    fn file(profile: &ColorProfile) -> Vec<u8> {
        profile.encode().unwrap()
    }

    const COLOURS: [[u8; 3]; 6] =
        [[255, 255, 255], [0, 0, 0], [128, 128, 128], [200, 100, 50], [60, 180, 90], [30, 40, 220]];

    /// Colours of Display P3 and Adobe RGB come out as the published matrices say; those outside of sRGB are cut.
    #[test]
    fn wide_gamut() {
        let display_p3 =
            [[1.224_94, -0.224_94, 0.0], [-0.042_06, 1.042_06, 0.0], [-0.019_64, -0.078_64, 1.098_28]];
        let adobe = [[1.398_36, -0.398_36, 0.0], [0.0, 1.0, 0.0], [0.0, -0.042_93, 1.042_93]];
        let gamma: fn(f64) -> f64 = |sample| sample.powf(563.0 / 256.0);
        for (profile, decode, matrix) in [
            (ColorProfile::new_display_p3(), srgb as fn(f64) -> f64, display_p3),
            (ColorProfile::new_adobe_rgb(), gamma, adobe),
        ] {
            let found = to_srgb(COLOURS.as_flattened(), Space::Rgb, &file(&profile), Deadline::NEVER)
                .unwrap()
                .unwrap();
            let wanted = COLOURS.map(|pixel| expected(pixel, decode, matrix));
            assert!(near(&found, wanted.as_flattened()), "{found:?} {wanted:?}");
        }
    }

    /// sRGB changes nothing, so nothing is done; neither does what is no profile or one of other samples.
    #[test]
    fn nothing_to_do() {
        let profile = file(&ColorProfile::new_srgb());
        let to_srgb = |samples: &[u8], space, profile: &[u8]| {
            super::to_srgb(samples, space, profile, Deadline::NEVER).unwrap()
        };
        assert_eq!(None, to_srgb(COLOURS.as_flattened(), Space::Rgb, &profile));
        assert_eq!(None, to_srgb(&[1, 2, 3, 4], Space::Cmyk, &profile));
        assert_eq!(None, to_srgb(&[1, 2, 3], Space::Grey, &profile));
        assert_eq!(None, to_srgb(&[1, 2, 3], Space::Rgb, b"no profile"));
        assert_eq!(None, to_srgb(&[1, 2, 3], Space::Rgb, &profile[..200]));
    }

    /// Grey of another gamma gets the levels of sRGB, with alpha as it was.
    #[test]
    fn grey() {
        let profile = file(&ColorProfile::new_gray_with_gamma(1.0));
        let identity = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let wanted = [0, 20, 128, 255].map(|level| expected([level; 3], |sample| sample, identity)[0]);
        let picture = |colour, samples| Picture::single(4, 1, colour, samples);
        let found =
            converted(with(picture(Colour::Grey, vec![0, 20, 128, 255]), &profile), Deadline::NEVER).unwrap();
        assert!(near(&found.planes[0].samples, &wanted), "{found:?} {wanted:?}");
        let found = converted(
            with(picture(Colour::GreyAlpha, vec![0, 9, 20, 8, 128, 7, 255, 6]), &profile),
            Deadline::NEVER,
        )
        .unwrap();
        let (pixels, _) = found.planes[0].samples.as_chunks::<2>();
        let (levels, alpha): (Vec<u8>, Vec<u8>) =
            pixels.iter().map(|[level, alpha]| (*level, *alpha)).unzip();
        assert!(near(&levels, &wanted));
        assert_eq!(vec![9, 8, 7, 6], alpha);
    }

    /// Alpha stays, the profile goes.
    #[test]
    fn alpha() {
        let mut picture = Picture::single(1, 1, Colour::Rgba, vec![200, 100, 50, 77]);
        picture.profile = Some(vec![1]);
        let found =
            converted(with(picture, &file(&ColorProfile::new_display_p3())), Deadline::NEVER).unwrap();
        assert_eq!((77, None), (found.planes[0].samples[3], found.profile));
        assert!(found.planes[0].samples[0] > 205);
    }

    proptest::proptest! {
        /// A damaged profile changes colours or nothing; it never fails.
        #[test]
        fn damaged(at in proptest::prelude::any::<proptest::sample::Index>(), with: u8) {
            let mut profile = file(&ColorProfile::new_adobe_rgb());
            let at = at.index(profile.len());
            profile[at] ^= with;
            let _ = to_srgb(COLOURS.as_flattened(), Space::Rgb, &profile, Deadline::NEVER);
        }
    }
}
