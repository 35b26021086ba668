//! Containers of sound and film: what their headers tell without a sample being decoded.
//!
//! Each reader walks headers only, allocates nothing, and hops over what it need not see, so that its work is
//! linear in the bytes with a small factor. What cannot be known is `None`: a file that is cut short tells the
//! seconds that its bytes still hold where those can be found, and none where they cannot.

mod adts;
mod flac;
mod fragment;
mod matroska;
mod mp3;
mod mp4;
mod ogg;
mod sample;
mod wav;

use super::header::{Corrupt, bytes};

/// A ratio of whole numbers in lowest terms: seconds or frames a second, without rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    numerator: u64,
    denominator: u64,
}

impl Ratio {
    /// `None` when either number is zero: nothing that lasts no time is worth a fact.
    #[must_use]
    pub fn new(numerator: u64, denominator: u64) -> Option<Self> {
        if numerator == 0 || denominator == 0 {
            return None;
        }
        let common = common_divisor(numerator, denominator);
        Some(Self { numerator: numerator / common, denominator: denominator / common })
    }

    /// The nearest floating-point number.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn as_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The larger of two ratios.
    fn max(self, other: Self) -> Self {
        let left = u128::from(self.numerator) * u128::from(other.denominator);
        let right = u128::from(other.numerator) * u128::from(self.denominator);
        if left < right { other } else { self }
    }
}

fn common_divisor(mut left: u64, mut right: u64) -> u64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// What a container says about the first track of each family.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tracks {
    pub(super) seconds: Option<Ratio>,
    pub(super) audio_codec: Option<&'static str>,
    pub(super) channels: Option<u32>,
    pub(super) sample_rate: Option<u32>,
    pub(super) video_codec: Option<&'static str>,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
    pub(super) frame_rate: Option<Ratio>,
    /// The list of tracks was read to its end, and none but sound was on it.
    pub(super) sound_alone: bool,
}

/// The tracks of a container of this type.
pub(super) fn read(data: &[u8], mime: &str) -> Result<Tracks, Corrupt> {
    let mut tracks = match mime {
        "audio/wav" => wav::read(data)?,
        "audio/flac" => flac::read(data)?,
        "audio/mpeg" => tagged(data)?,
        "audio/aac" => adts::read(data),
        "audio/ogg" | "video/ogg" => ogg::read(data),
        "audio/mp4" | "video/mp4" | "video/quicktime" | "video/3gpp" => mp4::read(data),
        "audio/webm" | "video/webm" | "video/x-matroska" => matroska::read(data),
        _ => Tracks::default(),
    };
    tracks.seconds = tracks.seconds.filter(|seconds| plausible(*seconds, data.len()));
    tracks.channels = tracks.channels.filter(|channels| *channels != 0);
    tracks.sample_rate = tracks.sample_rate.filter(|rate| *rate != 0);
    if tracks.width == Some(0) || tracks.height == Some(0) {
        (tracks.width, tracks.height) = (None, None);
    }
    Ok(tracks)
}

/// Silence in the most frugal codec still takes some bytes a second: a header that claims less lies.
fn plausible(seconds: Ratio, size: usize) -> bool {
    const LEAST_BYTES_A_SECOND: u64 = 4;
    const GRACE: u64 = 60;
    seconds.numerator / seconds.denominator <= size as u64 / LEAST_BYTES_A_SECOND + GRACE
}

/// ID3v2 stands before frames of MP3, and at times before FLAC or AAC.
fn tagged(data: &[u8]) -> Result<Tracks, Corrupt> {
    let sound = data.get(id3_length(data)..).unwrap_or(&[]);
    match sound {
        _ if sound.starts_with(b"fLaC") => flac::read(sound),
        [0xFF, 0xF0 | 0xF1 | 0xF8 | 0xF9, ..] => Ok(adts::read(sound)),
        _ => Ok(mp3::read(sound)),
    }
}

/// Bytes of the ID3v2 tags in front; more than a few in a row nobody writes.
fn id3_length(data: &[u8]) -> usize {
    let mut at = 0;
    for _ in 0..4 {
        let Ok([b'I', b'D', b'3', _, _, flags, length @ ..]) = bytes(data, at, 10) else { break };
        let length = length.iter().fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7F));
        let footer = if flags & 0x10 == 0 { 0 } else { 10 };
        at += 10 + length + footer;
    }
    at
}

/// Eight bytes, most significant first.
fn be64(data: &[u8], at: usize) -> Result<u64, Corrupt> {
    bytes(data, at, 8).map(|eight| eight.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// Eight bytes, least significant first.
fn le64(data: &[u8], at: usize) -> Result<u64, Corrupt> {
    bytes(data, at, 8).map(|eight| eight.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests;
