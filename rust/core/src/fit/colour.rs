//! From what was decoded to what an encoder takes.

use super::picture::{Colour, Picture, Plane};

/// Without alpha, laid on white, as a browser's page or a sheet of paper would show it.
pub(super) fn flattened(picture: Picture) -> Picture {
    let (channels, colour) = match picture.colour {
        Colour::GreyAlpha => (2, Colour::Grey),
        Colour::Rgba => (4, Colour::Rgb),
        _ => return picture,
    };
    let mut samples = Vec::with_capacity(picture.width * picture.height * (channels - 1));
    for plane in &picture.planes {
        for pixel in plane.samples.chunks_exact(channels) {
            let alpha = u32::from(pixel[channels - 1]);
            let on_white = |sample: &u8| divide_255(u32::from(*sample) * alpha + 255 * (255 - alpha));
            samples.extend(pixel[..channels - 1].iter().map(on_white));
        }
    }
    Picture { profile: picture.profile, ..Picture::single(picture.width, picture.height, colour, samples) }
}

/// `value / 255`, rounded.
pub(super) fn divide_255(value: u32) -> u8 {
    ((value + 127) / 255) as u8
}

/// One pixel of YCbCr as RGB.
pub(super) fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = (i32::from(y) << 16, i32::from(cb) - 128, i32::from(cr) - 128);
    [y + 91_881 * cr, y - 22_554 * cb - 46_802 * cr, y + 116_130 * cb]
        .map(|value| ((value + (1 << 15)) >> 16).clamp(0, 255) as u8)
}

/// YCbCr as RGB; other colours as they are. Planes of chroma have the size of the picture already.
pub(super) fn without_ycc(picture: Picture) -> Picture {
    let (Colour::Ycc, [luma, blue, red]) = (picture.colour, &picture.planes[..]) else { return picture };
    let mut samples = Vec::with_capacity(picture.width * picture.height * 3);
    for ((y, cb), cr) in luma.samples.iter().zip(&blue.samples).zip(&red.samples) {
        samples.extend(rgb(*y, *cb, *cr));
    }
    Picture {
        profile: picture.profile,
        ..Picture::single(picture.width, picture.height, Colour::Rgb, samples)
    }
}

/// RGB as YCbCr with halved chroma (the mean of each square of four); other colours as they are.
pub(super) fn with_ycc(picture: Picture) -> Picture {
    let (Colour::Rgb, [rgb]) = (picture.colour, &picture.planes[..]) else { return picture };
    let (width, height) = (rgb.width, rgb.height);
    let mut luma = Vec::with_capacity(width * height);
    luma.extend(rgb.samples.chunks_exact(3).map(|pixel| {
        let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
        ((19_595 * r + 38_470 * g + 7_471 * b + (1 << 15)) >> 16) as u8
    }));
    let (columns, rows) = (width.div_ceil(2), height.div_ceil(2));
    let (mut blue, mut red) = (Vec::with_capacity(columns * rows), Vec::with_capacity(columns * rows));
    for row in 0..rows {
        let upper = rgb.row(2 * row);
        let lower = rgb.row((2 * row + 1).min(height - 1));
        for (above, below) in upper.chunks(6).zip(lower.chunks(6)) {
            let [r, g, b] = square(above, below);
            blue.push(chroma(-11_059 * r - 21_709 * g + 32_768 * b));
            red.push(chroma(32_768 * r - 27_439 * g - 5_329 * b));
        }
    }
    let half = |samples| Plane::new(columns, rows, 1, samples);
    let planes = vec![Plane::new(width, height, 1, luma), half(blue), half(red)];
    Picture { colour: Colour::Ycc, planes, ..picture }
}

/// Sums over two pixels above and two below; at the right edge the last pixel counts twice.
fn square(above: &[u8], below: &[u8]) -> [i32; 3] {
    let twin = above.len() - 3;
    [0, 1, 2].map(|channel| {
        [above[channel], above[twin + channel], below[channel], below[twin + channel]]
            .map(i32::from)
            .iter()
            .sum()
    })
}

/// A sum over four pixels in 16 fractional bits, as a sample round 128.
fn chroma(sum_of_four: i32) -> u8 {
    ((sum_of_four + (128 << 18) + (1 << 17)) >> 18).clamp(0, 255) as u8
}
