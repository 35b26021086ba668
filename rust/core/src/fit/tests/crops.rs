//! Parts, turns and pieces.

use super::*;

/// A crop of every kind of file is the part that was asked for, as seen upright, and a turn comes after it.
#[test]
fn crops_and_turns() {
    let part = Crop { x: 5, y: 7, width: 20, height: 11 };
    for orientation in 1..=8u8 {
        let source = turned(&file(48, 32, Colour::Rgb, Target::Jpeg(100)), orientation);
        let upright = if orientation < 5 { (48, 32) } else { (32, 48) };
        let whole = pixels(&fitted(&source, upright.0, upright.1, OutputFormat::Png).unwrap());
        for (turn, degrees) in [(Turn::None, 0), (Turn::Right, 90), (Turn::Over, 180), (Turn::Left, 270)] {
            assert_eq!(Some(turn), Turn::parse(degrees));
            let (width, height) = if degrees % 180 == 0 { (20, 11) } else { (11, 20) };
            let format = OutputFormat::Png;
            let wanted = Wanted { format, crop: Some(part), turn, ..Wanted::at(width, height) };
            let cut = pixels(&fit_with(&source, &wanted, &Limits::default()).unwrap());
            let (right, bottom) = (width as usize - 1, height as usize - 1);
            for y in 0..height as usize {
                for x in 0..width as usize {
                    let (x_before, y_before) = match turn {
                        Turn::None => (x, y),
                        Turn::Right => (y, right - x),
                        Turn::Over => (right - x, bottom - y),
                        Turn::Left => (bottom - y, x),
                    };
                    let at = (y_before + 7) * whole.width + x_before + 5;
                    let expected = &whole.planes[0].samples[at * 3..][..3];
                    let actual = &cut.planes[0].samples[(y * cut.width + x) * 3..][..3];
                    let off = expected.iter().zip(actual).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
                    assert!(off <= 6, "orientation {orientation}, {turn:?}: {expected:?} is {actual:?}");
                }
            }
        }
    }
}

/// A picture with halved chroma of noise, of this many pixels.
fn noisy(width: usize, height: usize) -> Picture {
    let mut state = 9u64;
    let mut plane = |width: usize, height: usize| {
        let mut level = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        let samples = (0..width * height).map(|_| level()).collect();
        picture::Plane::new(width, height, 1, samples)
    };
    let planes = vec![plane(width, height), plane(width / 2, height / 2), plane(width / 2, height / 2)];
    Picture { width, height, colour: Colour::Ycc, planes, profile: None }
}

/// This part of a picture, in planes as large as it.
fn part_of(picture: &Picture, part: Crop) -> Picture {
    let size = (picture.width as u32, picture.height as u32);
    let (width, height) = (part.width as usize, part.height as usize);
    let (chroma, mirrored) = (Chroma::Full, (false, false));
    let small = Small { part, width, height, chroma, mirrored, deadline: Deadline::NEVER };
    scale::scaled(Source::of(picture.clone(), true), size, &small).unwrap()
}

/// What lies outside of a crop has no say in it, but for the samples of chroma that its edge cuts in two: light
/// is that of the whole picture, and colour is from six pixels inside on. Nearer to the edge it differs by at
/// most half of what it varies by there, since the whole takes colour from both sides of the edge.
#[test]
fn crops_see_nothing_outside() {
    let picture = noisy(80, 60);
    let whole = part_of(&picture, Crop::whole((80, 60)));
    for (x, y, width, height) in [(20, 16, 40, 30), (21, 17, 40, 30), (21, 16, 39, 29), (0, 0, 33, 60)] {
        let cut = part_of(&picture, Crop { x, y, width, height });
        let (x, y, width, height) = (x as usize, y as usize, width as usize, height as usize);
        let mut other = noisy(80, 60);
        for (plane, share) in other.planes.iter_mut().zip([1, 2, 2]) {
            let (columns, rows) =
                (x / share..(x + width).div_ceil(share), y / share..(y + height).div_ceil(share));
            let stride = plane.width;
            for (at, sample) in plane.samples.iter_mut().enumerate() {
                let inside = columns.contains(&(at % stride)) && rows.contains(&(at / stride));
                *sample = if inside { *sample } else { 255 - *sample };
            }
        }
        let part = Crop { x: x as u32, y: y as u32, width: width as u32, height: height as u32 };
        assert_eq!(cut, part_of(&other, part), "what is outside was seen");
        for (plane, (cut, whole)) in cut.planes.iter().zip(&whole.planes).enumerate() {
            for (at, found) in cut.samples.iter().enumerate() {
                let (column, row) = (at % width, at / width);
                let there = whole.samples[(y + row) * 80 + x + column];
                let inner = |at: usize, length: usize| (6..length - 6).contains(&at);
                let off = found.abs_diff(there);
                let most = match plane {
                    0 => 0,
                    _ if inner(column, width) && inner(row, height) => 1,
                    _ => 128,
                };
                assert!(off <= most, "plane {plane} at {column}, {row} of {part:?}: {found} for {there}");
            }
        }
    }
}

/// A crop that is empty or reaches out of the picture is refused, and so is a size above the crop's own.
#[test]
fn crops_lie_in_the_picture() {
    let source = file(20, 10, Colour::Rgb, Target::Png);
    let cut = |crop: [u32; 4], size: (u32, u32)| {
        let crop = Crop { x: crop[0], y: crop[1], width: crop[2], height: crop[3] };
        fit_with(&source, &Wanted { crop: Some(crop), ..Wanted::at(size.0, size.1) }, &Limits::default())
    };
    for crop in [[0, 0, 21, 1], [20, 0, 1, 1], [0, 10, 1, 1], [0, 0, 0, 5], [5, 0, u32::MAX, 1]] {
        assert_eq!("media_unsupported", cut(crop, (1, 1)).unwrap_err().code);
    }
    assert_eq!("media_unsupported", cut([3, 3, 4, 4], (5, 4)).unwrap_err().code);
    assert!(cut([16, 6, 4, 4], (4, 4)).is_ok());
    assert_eq!(source, cut([0, 0, 20, 10], (20, 10)).unwrap());
}

/// Pieces laid one below the other, without what they share, are the page.
#[test]
fn pieces_make_the_page() {
    for (target, orientation, tolerance) in
        [(Target::Png, 1, 0), (Target::Jpeg(95), 1, 12), (Target::Jpeg(95), 6, 12)]
    {
        let source = if orientation == 6 {
            turned(&file(200, 30, Colour::Rgb, target), 6)
        } else {
            file(30, 200, Colour::Rgb, target)
        };
        let whole = pixels(&fitted(&source, 30, 200, OutputFormat::Png).unwrap());
        let pieces = split(&source, 77, 11, KEEP, 95, &Limits::default()).unwrap();
        assert_eq!(3, pieces.len());
        let mut top = 0;
        for piece in &pieces {
            assert_eq!(source.facts().mime, piece.facts().mime);
            let piece = pixels(piece);
            let there = &whole.planes[0].samples[top * 90..][..piece.height * 90];
            let off = there.iter().zip(&piece.planes[0].samples).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(off <= tolerance, "{target:?}: {off}");
            top += piece.height - 11;
        }
        assert_eq!(200, top + 11);
    }
}

/// As many pieces as media are taken in one body, no more.
#[test]
fn pieces_are_counted() {
    let source = file(3, 130, Colour::Rgb, Target::Png);
    let limits = Limits { media: 13, ..Limits::default() };
    assert_eq!(13, split(&source, 10, 0, KEEP, 85, &limits).unwrap().len());
    assert_eq!("media_unsupported", split(&source, 9, 0, KEEP, 85, &limits).unwrap_err().code);
    assert_eq!(vec![source.clone()], split(&source, 130, 65, KEEP, 85, &limits).unwrap());
}
