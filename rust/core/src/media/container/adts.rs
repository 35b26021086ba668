//! AAC as a bare stream of frames.

use super::super::header::bytes;
use super::{Ratio, Tracks};

const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
/// Samples of one block of a frame.
const BLOCK: u64 = 1024;

#[derive(Clone, Copy)]
struct Frame {
    length: usize,
    rate: u32,
    channels: u32,
    samples: u64,
}

/// Codec, channels, rate; the duration by a walk over every frame, when nothing but frames is there.
pub(super) fn read(data: &[u8]) -> Tracks {
    let Some(first) = frame(data, 0) else { return Tracks::default() };
    Tracks {
        seconds: walk(data, first.rate).and_then(|samples| Ratio::new(samples, u64::from(first.rate))),
        audio_codec: Some("aac"),
        channels: Some(first.channels),
        sample_rate: Some(first.rate),
        ..Tracks::default()
    }
}

fn frame(data: &[u8], at: usize) -> Option<Frame> {
    let &[0xFF, sync, format, layout, length, low, blocks] = bytes(data, at, 7).ok()? else { return None };
    let rate = *RATES.get(usize::from(format >> 2 & 15))?;
    let length = usize::from(layout & 3) << 11 | usize::from(length) << 3 | usize::from(low >> 5);
    let channels = u32::from((format & 1) << 2 | layout >> 6);
    let samples = BLOCK * u64::from((blocks & 3) + 1);
    (sync & 0xF6 == 0xF0 && length >= 7).then_some(Frame { length, rate, channels, samples })
}

/// The samples of all whole frames.
fn walk(data: &[u8], rate: u32) -> Option<u64> {
    let (mut at, mut samples) = (0, 0);
    while let Some(frame) = frame(data, at).filter(|frame| frame.rate == rate) {
        if data.len() - at < frame.length {
            return Some(samples);
        }
        at += frame.length;
        samples += frame.samples;
    }
    (data.len() - at < 7 || data[at..].starts_with(b"TAG")).then_some(samples)
}
