//! Rows of any plane as rows of pixels of four channels, and back.
//!
//! A convolution along the row sums each channel on its own, so it does not matter whose channels they are:
//! four rows of grey lie side by side in one row of four channels, two of grey with alpha; RGB gets a fourth
//! channel that is dropped again. The engine's kernel for four channels is its fastest: grey takes half the
//! time this way, with both copies, and RGB the same.

use super::picture::Plane;

/// Rows of a plane of so many channels that share one row of four.
pub(super) fn rows(channels: usize) -> usize {
    4 / channels
}

/// The length set without a care for the contents: what is there is overwritten next.
pub(super) fn set_len(buffer: &mut Vec<u8>, bytes: usize) {
    if buffer.capacity() < bytes {
        *buffer = vec![0; bytes];
    }
    buffer.resize(bytes, 0);
}

/// The plane's rows, side by side in pixels of four channels, in place of what `into` held. The last row
/// stands in for those that are missing beside it.
pub(super) fn gather(plane: &Plane, into: &mut Vec<u8>) {
    let share = rows(plane.channels);
    set_len(into, 4 * plane.width * plane.height.div_ceil(share));
    for (index, four) in into.chunks_exact_mut(4 * plane.width).enumerate() {
        let row = |beside: usize| plane.row((index * share + beside).min(plane.height - 1));
        let pixels = four.as_chunks_mut::<4>().0.iter_mut();
        match plane.channels {
            1 => {
                for ((((pixel, a), b), c), d) in pixels.zip(row(0)).zip(row(1)).zip(row(2)).zip(row(3)) {
                    *pixel = [*a, *b, *c, *d];
                }
            }
            2 => {
                for ((pixel, a), b) in pixels.zip(row(0).as_chunks::<2>().0).zip(row(1).as_chunks::<2>().0) {
                    *pixel = [a[0], a[1], b[0], b[1]];
                }
            }
            3 => widen(row(0), four),
            _ => four.copy_from_slice(row(0)),
        }
    }
}

/// RGB with a fourth channel of no meaning: what comes next in the row, so that a pixel is one word to copy.
fn widen(row: &[u8], four: &mut [u8]) {
    let pixels = four.as_chunks_mut::<4>().0;
    for (pixel, from) in pixels.iter_mut().zip(row.windows(4).step_by(3)) {
        pixel.copy_from_slice(from);
    }
    if let (Some(pixel), Some(from)) = (pixels.last_mut(), row.last_chunk::<3>()) {
        pixel[..3].copy_from_slice(from);
    }
}

/// The samples of a plane of this size, from rows that [`gather`] laid side by side.
pub(super) fn scatter(from: &[u8], width: usize, height: usize, channels: usize) -> Vec<u8> {
    let share = rows(channels);
    let mut samples = vec![0; width * height * channels];
    for (y, row) in samples.chunks_exact_mut(width * channels).enumerate() {
        let pixels = from[y / share * width * 4..][..width * 4].as_chunks::<4>().0;
        let first = y % share * channels;
        match channels {
            1 => pick::<1>(pixels, first, row),
            2 => pick::<2>(pixels, first, row),
            3 => pick::<3>(pixels, first, row),
            _ => pick::<4>(pixels, first, row),
        }
    }
    samples
}

/// Of every pixel the channels from `first` on.
fn pick<const CHANNELS: usize>(pixels: &[[u8; 4]], first: usize, row: &mut [u8]) {
    for (pixel, to) in pixels.iter().zip(row.as_chunks_mut::<CHANNELS>().0) {
        *to = std::array::from_fn(|channel| pixel[first + channel]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What was gathered is scattered back as it was, whatever the buffer held; padding is left behind.
        #[test]
        fn there_and_back(
            (width, height, channels, padding) in (1usize..20, 1usize..20, 1usize..=4, 0usize..9),
            mut buffer in prop::collection::vec(any::<u8>(), 0..2000),
        ) {
            let stride = width * channels + padding;
            let samples = (0..stride * height).map(|at| (at * 31 % 251) as u8).collect();
            let plane = Plane { stride, ..Plane::new(width, height, channels, samples) };
            gather(&plane, &mut buffer);
            prop_assert_eq!(4 * width * height.div_ceil(rows(channels)), buffer.len());
            let expected = plane.without_padding().samples;
            prop_assert_eq!(expected, scatter(&buffer, width, height, channels));
        }
    }
}
