//! The description of the samples of an MP4 track: codec, and what the family of the track needs.

use memchr::memmem;

use super::super::header::{be16, be32, bytes};
use super::be64;
use super::mp4::Boxes;

/// What the first entry of `stsd` says.
#[derive(Default, Clone, Copy)]
pub(super) struct Sample {
    pub(super) codec: Option<&'static str>,
    pub(super) channels: Option<u32>,
    pub(super) rate: Option<u32>,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
}

/// The first of these entries, read as one of this family.
pub(super) fn read(entries: &[u8], family: &[u8]) -> Sample {
    let Some((name, entry)) = Boxes::new(entries).next() else { return Sample::default() };
    match family {
        b"soun" => sound(name, entry),
        b"vide" => Sample {
            codec: codec(name),
            width: be16(entry, 24).ok(),
            height: be16(entry, 26).ok(),
            ..Sample::default()
        },
        _ => Sample::default(),
    }
}

fn sound(name: &[u8], entry: &[u8]) -> Sample {
    // QuickTime's second version keeps both numbers elsewhere: the rate as a floating-point number.
    let (channels, rate) = if be16(entry, 8) == Ok(2) {
        let rate = be64(entry, 32).ok().map(f64::from_bits).filter(|rate| (1.0..1e7).contains(rate));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (be32(entry, 40).ok(), rate.map(|rate| rate as u32))
    } else {
        (be16(entry, 16).ok(), be32(entry, 24).ok().map(|fixed| fixed >> 16))
    };
    let rate = rate.filter(|rate| *rate != 0);
    match elementary(entry) {
        Some((codec, told)) if name == b"mp4a" => {
            Sample { codec, channels: told.or(channels), rate, ..Sample::default() }
        }
        _ => Sample { codec: codec(name), channels, rate, ..Sample::default() },
    }
}

/// Codec and channels of `mp4a` by its descriptor: the entry itself often says stereo of everything.
fn elementary(entry: &[u8]) -> Option<(Option<&'static str>, Option<u32>)> {
    let at = memmem::find(entry, b"esds")? + 8;
    let (at, _) = descriptor(entry, at, 3)?;
    let flags = *entry.get(at + 2)?;
    let optional = usize::from(flags >> 7) * 2 + usize::from(flags >> 5 & 1) * 2;
    let (at, _) = descriptor(entry, at + 3 + optional, 4)?;
    let codec = match entry.get(at)? {
        0x40 | 0x66..=0x68 => Some("aac"),
        0x69 | 0x6B => Some("mp3"),
        0xA5 => Some("ac3"),
        0xA6 => Some("eac3"),
        0xDD => Some("vorbis"),
        _ => None,
    };
    let config = descriptor(entry, at + 13, 5).and_then(|(at, _)| be16(entry, at).ok());
    // Five bits of object type, four of rate, four of channels; other layouts are left to the entry.
    let channels = config.filter(|config| config >> 11 != 31 && config >> 7 & 15 != 15);
    let channels = channels.map(|config| config >> 3 & 15).and_then(|layout| match layout {
        1..=6 => Some(layout),
        7 => Some(8),
        _ => None,
    });
    Some((codec, channels.filter(|_| codec == Some("aac"))))
}

/// Where the content of the descriptor of this tag begins, and how long it is.
fn descriptor(data: &[u8], at: usize, tag: u8) -> Option<(usize, usize)> {
    if *data.get(at)? != tag {
        return None;
    }
    let mut length = 0;
    for (index, byte) in bytes(data, at + 1, 4).ok()?.iter().enumerate() {
        length = length << 7 | usize::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return Some((at + 2 + index, length));
        }
    }
    None
}

fn codec(name: &[u8]) -> Option<&'static str> {
    Some(match name {
        b"avc1" | b"avc3" => "h264",
        b"hvc1" | b"hev1" => "hevc",
        b"av01" => "av1",
        b"vp08" => "vp8",
        b"vp09" => "vp9",
        b"mp4v" => "mpeg4",
        b"s263" | b"h263" => "h263",
        b"jpeg" | b"mjpa" | b"mjpb" => "mjpeg",
        b"apcn" | b"apch" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" => "prores",
        b"mp4a" => "aac",
        b".mp3" => "mp3",
        b"Opus" => "opus",
        b"fLaC" => "flac",
        b"alac" => "alac",
        b"ac-3" => "ac3",
        b"ec-3" => "eac3",
        b"samr" => "amr_nb",
        b"sawb" => "amr_wb",
        b"ulaw" => "pcm_mulaw",
        b"alaw" => "pcm_alaw",
        b"sowt" | b"twos" | b"lpcm" | b"ipcm" | b"fpcm" | b"in24" | b"in32" | b"fl32" | b"fl64" | b"raw " => {
            "pcm"
        }
        _ => return None,
    })
}
