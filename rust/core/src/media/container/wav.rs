//! WAV: chunks of RIFF, or of RF64 where four bytes do not hold the length.

use super::super::header::{Corrupt, bytes, le16, le32, size};
use super::{Ratio, Tracks, le64};

/// Chunks that are looked at before the samples; real files have a handful.
const CHUNKS: usize = 256;
const EXTENSIBLE: u32 = 0xFFFE;
/// Writers to a pipe, which cannot go back, leave one of these (or a length near the end of what fits).
const UNKNOWN_LENGTH: u32 = 0xFFFF_0000;

struct Format {
    codec: Option<&'static str>,
    channels: u32,
    rate: u32,
    byte_rate: u32,
    block: u32,
    bits: u32,
}

/// Codec, channels, rate and duration. Zero channels or no rate: no reader could play it.
pub(super) fn read(data: &[u8]) -> Result<Tracks, Corrupt> {
    let (mut format, mut frames, mut wide) = (None, None, None);
    let mut at = 12;
    let mut seconds = None;
    for _ in 0..CHUNKS {
        let (Ok(name), Ok(length)) = (bytes(data, at, 4), le32(data, at + 4)) else { break };
        let body = at + 8;
        match name {
            b"ds64" => wide = le64(data, body + 8).ok(),
            b"fmt " => format = fmt(data, body, length)?.or(format),
            b"fact" => frames = le32(data, body).ok(),
            b"data" => {
                let rest = data.len() - body.min(data.len());
                seconds = format.as_ref().and_then(|format| duration(format, length, wide, frames, rest));
                break;
            }
            _ => {}
        }
        at = body.saturating_add(size(length)).saturating_add(size(length & 1));
    }
    let Some(format) = format else { return Ok(Tracks::default()) };
    Ok(Tracks {
        seconds,
        audio_codec: format.codec,
        channels: Some(format.channels),
        sample_rate: Some(format.rate),
        ..Tracks::default()
    })
}

fn fmt(data: &[u8], at: usize, length: u32) -> Result<Option<Format>, Corrupt> {
    let Some(chunk) = bytes(data, at, size(length).min(40)).ok().filter(|chunk| chunk.len() >= 16) else {
        return Ok(None);
    };
    let mut code = le16(chunk, 0)?;
    if code == EXTENSIBLE {
        code = le16(chunk, 24).unwrap_or(code);
    }
    let (channels, rate) = (le16(chunk, 2)?, le32(chunk, 4)?);
    if channels == 0 || rate == 0 {
        return Err(Corrupt("its format has no channel or no sample rate"));
    }
    let byte_rate = le32(chunk, 8)?;
    let (block, bits) = (le16(chunk, 12)?, le16(chunk, 14)?);
    Ok(Some(Format { codec: codec(code), channels, rate, byte_rate, block, bits }))
}

fn codec(code: u32) -> Option<&'static str> {
    Some(match code {
        0x01 | 0x03 => "pcm",
        0x06 => "pcm_alaw",
        0x07 => "pcm_mulaw",
        0x02 | 0x11 => "adpcm",
        0x31 => "gsm",
        0x55 => "mp3",
        0xFF => "aac",
        _ => return None,
    })
}

/// The samples that are there: what the chunk claims, but never more than the file has.
fn duration(
    format: &Format,
    length: u32,
    wide: Option<u64>,
    frames: Option<u32>,
    rest: usize,
) -> Option<Ratio> {
    let rest = rest as u64;
    let claimed = match length {
        u32::MAX if wide.is_some() => wide?,
        UNKNOWN_LENGTH.. => rest,
        _ => u64::from(length),
    };
    let present = claimed.min(rest);
    match format.codec? {
        "pcm" | "pcm_alaw" | "pcm_mulaw" => {
            let block = format.channels * format.bits.div_ceil(8);
            // Two lengths of one frame: whichever reader believes the other one hears another duration.
            (block == format.block && block != 0)
                .then(|| Ratio::new(present / u64::from(block), u64::from(format.rate)))?
        }
        _ if frames.is_some() && claimed <= rest => Ratio::new(u64::from(frames?), u64::from(format.rate)),
        "adpcm" | "gsm" => Ratio::new(present, u64::from(format.byte_rate)),
        _ => None,
    }
}
