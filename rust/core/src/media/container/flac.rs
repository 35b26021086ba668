//! FLAC: the stream's own summary, confirmed by its last frame.

use memchr::memrchr;

use super::super::header::{Corrupt, be16, be32, bytes};
use super::{Ratio, Tracks};

/// How far from the end the last frame's header is searched; frames of real files have some 10 KB.
const TAIL: usize = 262_144;

/// What the first metadata block says.
pub(super) struct Info {
    block: u32,
    pub(super) rate: u32,
    pub(super) channels: u32,
    bits: u32,
    samples: u64,
}

/// Channels, rate and duration. Another first block than the summary is no FLAC.
pub(super) fn read(data: &[u8]) -> Result<Tracks, Corrupt> {
    if bytes(data, 4, 4).is_ok_and(|head| head[0] & 0x7F != 0 || head[1..] != [0, 0, 34]) {
        return Err(Corrupt("its first block is not the stream's summary"));
    }
    let mut tracks = Tracks { audio_codec: Some("flac"), ..Tracks::default() };
    if let Some(info) = info(data, 8) {
        tracks.channels = Some(info.channels);
        tracks.sample_rate = Some(info.rate);
        // A summary may leave the number out; that of a file cut short is more than the file holds.
        let end = last_end(data, &info).filter(|end| info.samples == 0 || *end <= info.samples);
        tracks.seconds = end.and_then(|end| Ratio::new(end, u64::from(info.rate)));
    }
    Ok(tracks)
}

/// The summary, 34 bytes from `at` on.
pub(super) fn info(data: &[u8], at: usize) -> Option<Info> {
    let block = bytes(data, at, 34).ok()?;
    let packed = be32(block, 10).ok()?;
    Some(Info {
        block: be16(block, 0).ok()?,
        rate: packed >> 12,
        channels: (packed >> 9 & 7) + 1,
        bits: (packed >> 4 & 31) + 1,
        samples: u64::from(packed & 15) << 32 | u64::from(be32(block, 14).ok()?),
    })
}

/// The sample behind the last frame of the file.
fn last_end(data: &[u8], info: &Info) -> Option<u64> {
    let start = data.len().saturating_sub(TAIL).max(42);
    let mut tail = data.get(start..)?;
    while let Some(at) = memrchr(0xFF, tail) {
        // The header of the last frame may reach beyond what is left of the tail.
        if let Some(end) = frame_end(&data[start + at..], info) {
            return Some(end);
        }
        tail = &tail[..at];
    }
    None
}

/// The sample behind the frame that begins here; `None` where no frame of this stream does.
fn frame_end(frame: &[u8], info: &Info) -> Option<u64> {
    let head = &frame[..frame.len().min(16)];
    let variable = match head {
        [0xFF, 0xF8, ..] => false,
        [0xFF, 0xF9, ..] => true,
        _ => return None,
    };
    let (sizes, format) = (*head.get(2)?, *head.get(3)?);
    if !matches(sizes & 15, format, info) {
        return None;
    }
    let (number, mut at) = coded_number(head)?;
    let block = match sizes >> 4 {
        0 => return None,
        1 => 192,
        code @ 2..=5 => 576 << (code - 2),
        6 => u64::from(*head.get(at)?) + 1,
        7 => u64::from(be16(head, at).ok()?) + 1,
        code => 256 << (code - 8),
    };
    at += match sizes >> 4 {
        6 => 1,
        7 => 2,
        _ => 0,
    };
    at += match sizes & 15 {
        12 => 1,
        13 | 14 => 2,
        _ => 0,
    };
    if *head.get(at)? != crc8(&head[..at]) {
        return None;
    }
    let first = if variable { number } else { number * u64::from(info.block) };
    Some(first + block)
}

/// Whether rate, channels and bits of a frame are those of the stream: eight check bits alone err too often.
fn matches(rate: u8, format: u8, info: &Info) -> bool {
    let rates = [0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
    let depths = [0, 8, 12, 0, 16, 20, 24, 32];
    let rate = match rate {
        0 | 12..=14 => info.rate,
        15 => return false,
        code => rates[usize::from(code)],
    };
    let channels = match format >> 4 {
        count @ 0..=7 => u32::from(count) + 1,
        8..=10 => 2,
        _ => return false,
    };
    let depth = match format >> 1 & 7 {
        0 => info.bits,
        code => depths[usize::from(code)],
    };
    format & 1 == 0 && rate == info.rate && channels == info.channels && depth == info.bits
}

/// The number of the frame or its first sample, in the extended UTF-8 of the format, and where it ends.
fn coded_number(head: &[u8]) -> Option<(u64, usize)> {
    let first = *head.get(4)?;
    let more = match first.leading_ones() {
        0 => 0,
        count @ 2..=7 => count as usize - 1,
        _ => return None,
    };
    let mut number = if more == 0 { u64::from(first) } else { u64::from(first) & (0x3F >> more) };
    for byte in bytes(head, 5, more).ok()? {
        if byte >> 6 != 2 {
            return None;
        }
        number = number << 6 | u64::from(byte & 0x3F);
    }
    Some((number, 5 + more))
}

/// The check byte of a frame header: polynomial x^8 + x^2 + x + 1.
fn crc8(head: &[u8]) -> u8 {
    head.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc: u8, _| if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 7 })
    })
}
