//! MPEG audio, layers I to III: the summary in the first frame where there is one, else a walk over all frames.

use memchr::memchr;

use super::super::header::{be16, be32, bytes};
use super::{Ratio, Tracks};

/// How far behind the tags the first frame is searched.
const SEARCH: usize = 65_536;
/// Gaps between frames that a walk gets over, and the longest of them.
const GAPS: usize = 8;
const GAP: usize = 8_192;
/// What may follow the last frame.
const TAGS: [&[u8]; 5] = [b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3", b"3DI"];
/// Frames of layer III have 24 to 1,441 bytes.
const FRAME_BYTES: (u64, u64) = (24, 1_441);

/// Bit rates in kbit/s: MPEG 1 layers I, II, III; MPEG 2 layer I, layers II and III.
const KILOBITS: [[u16; 14]; 5] = [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

#[derive(Clone, Copy, PartialEq)]
struct Kind {
    layer: u32,
    first_version: bool,
    rate: u32,
}

#[derive(Clone, Copy)]
struct Frame {
    kind: Kind,
    length: usize,
    samples: u64,
    channels: u32,
}

/// Codec, channels, rate and duration of frames that begin somewhere near the start.
pub(super) fn read(sound: &[u8]) -> Tracks {
    let Some((at, first)) = first(sound) else { return Tracks::default() };
    let sound = &sound[at..];
    let summary = summary(sound, &first);
    let samples = match summary {
        Some(Summary { samples: Some(samples), .. }) => Some(samples),
        _ => walk(sound, first.kind, if summary.is_some() { first.length } else { 0 }),
    };
    Tracks {
        seconds: samples.and_then(|samples| Ratio::new(samples, u64::from(first.kind.rate))),
        audio_codec: Some(["mp1", "mp2", "mp3"][first.kind.layer as usize - 1]),
        channels: Some(first.channels),
        sample_rate: Some(first.kind.rate),
        ..Tracks::default()
    }
}

/// The frame that begins here. Frames of free bit rate do not say how long they are.
fn frame(data: &[u8], at: usize) -> Option<Frame> {
    let head = be32(data, at).ok()?;
    let (version, layer) = (head >> 19 & 3, 4 - (head >> 17 & 3));
    let (bit_rate, rate) = (head >> 12 & 15, head >> 10 & 3);
    if head >> 21 != 0x7FF || version == 1 || layer == 4 || rate == 3 || !(1..15).contains(&bit_rate) {
        return None;
    }
    let first_version = version == 3;
    let row = if first_version { layer as usize - 1 } else { if layer == 1 { 3 } else { 4 } };
    let bits = u32::from(KILOBITS[row][bit_rate as usize - 1]) * 1000;
    let halving = match version {
        3 => 0,
        2 => 1,
        _ => 2,
    };
    let rate = [44_100, 48_000, 32_000][rate as usize] >> halving;
    let padding = head >> 9 & 1;
    let (length, samples) = match (layer, first_version) {
        (1, _) => ((12 * bits / rate + padding) * 4, 384),
        (3, false) => (72 * bits / rate + padding, 576),
        _ => (144 * bits / rate + padding, 1152),
    };
    let channels = if head >> 6 & 3 == 3 { 1 } else { 2 };
    Some(Frame { kind: Kind { layer, first_version, rate }, length: length as usize, samples, channels })
}

/// The first frame that another one of its kind follows, or the end of the file.
fn first(sound: &[u8]) -> Option<(usize, Frame)> {
    next(sound, 0, SEARCH, |_| true)
}

fn next(sound: &[u8], from: usize, reach: usize, wanted: impl Fn(Kind) -> bool) -> Option<(usize, Frame)> {
    let end = from.saturating_add(reach).min(sound.len());
    let mut at = from;
    while let Some(step) = memchr(0xFF, sound.get(at..end)?) {
        at += step;
        if let Some(found) = frame(sound, at).filter(|frame| wanted(frame.kind)) {
            let behind = at + found.length;
            let follows = frame(sound, behind).is_some_and(|frame| frame.kind == found.kind);
            if follows || behind == sound.len() || is_tag(sound.get(behind..).unwrap_or(&[])) {
                return Some((at, found));
            }
        }
        at += 1;
    }
    None
}

fn is_tag(rest: &[u8]) -> bool {
    TAGS.iter().any(|tag| rest.starts_with(tag))
}

/// A first frame that holds no sound but a summary; `samples` only when the summary can be believed.
struct Summary {
    samples: Option<u64>,
}

fn summary(sound: &[u8], first: &Frame) -> Option<Summary> {
    let side = match (first.kind.first_version, first.channels) {
        (true, 2) => 32,
        (true, _) | (false, 2) => 17,
        (false, _) => 9,
    };
    if first.kind.layer != 3 {
        return None;
    }
    let at = 4 + side;
    let rest = (sound.len() - first.length.min(sound.len())) as u64;
    if matches!(bytes(sound, at, 4), Ok(b"Xing" | b"Info")) {
        return Some(Summary { samples: xing(&sound[at..], first, rest) });
    }
    if matches!(bytes(sound, 36, 4), Ok(b"VBRI")) {
        let (length, frames) = (be32(sound, 46).ok()?, be32(sound, 50).ok()?);
        let samples = believed(frames, Some(length), rest).then_some(u64::from(frames) * first.samples);
        return Some(Summary { samples });
    }
    None
}

/// Samples by the Xing summary, without those that the encoder put before and behind the sound.
fn xing(tag: &[u8], first: &Frame, rest: u64) -> Option<u64> {
    let flags = be32(tag, 4).ok()?;
    if flags & 1 == 0 {
        return None;
    }
    let frames = be32(tag, 8).ok()?;
    let length = if flags & 2 == 0 { None } else { Some(be32(tag, 12).ok()?) };
    if !believed(frames, length, rest) {
        return None;
    }
    let samples = u64::from(frames) * first.samples;
    let fields = [(1, 4), (2, 4), (4, 100), (8, 4)];
    let encoder = fields.iter().filter(|(flag, _)| flags & flag != 0).fold(8, |at, (_, size)| at + size);
    let added = match bytes(tag, encoder, 4) {
        Ok(b"LAME" | b"Lavf" | b"Lavc" | b"L3.9") => {
            let packed = be16(tag, encoder + 21).ok()? << 8 | u32::from(*tag.get(encoder + 23)?);
            u64::from(packed >> 12) + u64::from(packed & 0xFFF)
        }
        _ => 0,
    };
    Some(if added < samples { samples - added } else { samples })
}

/// Whether a summary fits the bytes that are there: it may not if the file was cut, joined, or lies.
fn believed(frames: u32, length: Option<u32>, rest: u64) -> bool {
    let (least, most) = FRAME_BYTES;
    let frames = u64::from(frames);
    let length = length.map_or(rest, u64::from);
    let covers = length >= rest / 4 * 3 && length <= rest.saturating_add(most * 2);
    frames > 0 && covers && frames * least <= length && length <= (frames + 2).saturating_mul(most)
}

/// Samples of all whole frames from `at` on; `None` when the bytes are not frames to the end.
fn walk(sound: &[u8], kind: Kind, mut at: usize) -> Option<u64> {
    let (mut samples, mut gaps) = (0, 0);
    loop {
        let rest = sound.get(at..).unwrap_or(&[]);
        if let Some(frame) = frame(sound, at).filter(|frame| frame.kind == kind) {
            if rest.len() < frame.length {
                return Some(samples);
            }
            samples += frame.samples;
            at += frame.length;
        } else if rest.len() < 4 || is_tag(rest) || rest.iter().take(GAP).all(|byte| *byte == 0) {
            return Some(samples);
        } else {
            gaps += 1;
            at = next(sound, at, GAP, |found| found == kind).filter(|_| gaps <= GAPS)?.0;
        }
    }
}
