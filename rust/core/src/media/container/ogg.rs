//! Ogg: the streams by their first pages, the duration by the position on the last one.

use memchr::memmem;

use super::super::header::{be16, be32, bytes, le16, le32};
use super::{Ratio, Tracks, flac, le64};

/// Streams that begin together; real files have one or two.
const STREAMS: usize = 16;
/// Pages that are tried from the end; each of them costs up to 255 additions.
const TRIES: usize = 256;
/// How far from the end the last page of a stream is searched: four pages of the largest size.
const TAIL: usize = 4 * 65_307;
const CAPTURE: &[u8] = b"OggS";

struct Page<'a> {
    begins: bool,
    position: u64,
    serial: u32,
    body: &'a [u8],
    /// Where the next page begins.
    end: usize,
}

#[derive(Clone, Copy)]
struct Stream {
    serial: u32,
    codec: &'static str,
    sound: bool,
    tracks: Tracks,
    unit: Unit,
}

/// What a position counts.
#[derive(Clone, Copy)]
enum Unit {
    /// Samples at this rate, after so many that are thrown away.
    Samples { rate: u32, skip: u32 },
    /// Frames: those up to the last key frame above so many bits, those since then below.
    Frames { rate: (u32, u32), shift: u32 },
}

/// Codec, channels, rate, frame size and duration of the first stream of each family.
pub(super) fn read(data: &[u8]) -> Tracks {
    let mut tracks = Tracks::default();
    let mut serials = [0; STREAMS];
    let (mut count, mut at) = (0, 0);
    let (mut sound, mut film) = (None, None);
    while let Some(page) = page(data, at).filter(|page| page.begins && count < STREAMS) {
        serials[count] = page.serial;
        (count, at) = (count + 1, page.end);
        match stream(&page) {
            Some(stream) if stream.sound => sound = sound.or(Some(stream)),
            stream => film = film.or(stream),
        }
    }
    if let Some(stream) = sound {
        tracks = stream.tracks;
        tracks.audio_codec = Some(stream.codec);
    }
    if let Some(Stream { codec, tracks: Tracks { width, height, frame_rate, .. }, .. }) = film {
        tracks = Tracks { video_codec: Some(codec), width, height, frame_rate, ..tracks };
    }
    tracks.sound_alone = count == 1 && sound.is_some();
    let lasting = [sound, film].into_iter().flatten();
    let lasting = lasting.filter_map(|stream| duration(data, &stream, &serials[..count]));
    tracks.seconds = lasting.reduce(Ratio::max);
    tracks
}

/// The page that begins here, whole.
fn page(data: &[u8], at: usize) -> Option<Page<'_>> {
    let head = bytes(data, at, 27).ok()?;
    if !head.starts_with(CAPTURE) || head[4] != 0 {
        return None;
    }
    let lengths = bytes(data, at + 27, usize::from(head[26])).ok()?;
    let length = lengths.iter().map(|length| usize::from(*length)).sum();
    let start = at + 27 + lengths.len();
    Some(Page {
        begins: head[5] & 2 != 0,
        position: le64(head, 6).ok()?,
        serial: le32(head, 14).ok()?,
        body: bytes(data, start, length).ok()?,
        end: start + length,
    })
}

fn stream(page: &Page<'_>) -> Option<Stream> {
    let body = page.body;
    let sound = |codec, channels: u32, rate, heard, skip| Stream {
        serial: page.serial,
        codec,
        sound: true,
        tracks: Tracks { channels: Some(channels), sample_rate: Some(heard), ..Tracks::default() },
        unit: Unit::Samples { rate, skip },
    };
    let byte = |at: usize| body.get(at).map(|byte| u32::from(*byte));
    match body {
        // Positions count at 48 kHz whatever the rate of the source was.
        [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => {
            Some(sound("opus", byte(9)?, 48_000, 48_000, le16(body, 10).ok()?))
        }
        [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => {
            let rate = le32(body, 12).ok()?;
            Some(sound("vorbis", byte(11)?, rate, rate, 0))
        }
        [0x7F, b'F', b'L', b'A', b'C', ..] => {
            let info = flac::info(body, 17)?;
            Some(sound("flac", info.channels, info.rate, info.rate, 0))
        }
        [b'S', b'p', b'e', b'e', b'x', ..] => {
            let rate = le32(body, 36).ok()?;
            Some(sound("speex", le32(body, 48).ok()?, rate, rate, 0))
        }
        [0x80, b't', b'h', b'e', b'o', b'r', b'a', ..] => theora(page),
        _ => None,
    }
}

fn theora(page: &Page<'_>) -> Option<Stream> {
    let body = page.body;
    let wide = |at: usize| be32(body, at).ok().map(|four| four >> 8);
    let rate = (be32(body, 22).ok()?, be32(body, 26).ok()?);
    Some(Stream {
        serial: page.serial,
        codec: "theora",
        sound: false,
        tracks: Tracks {
            width: wide(14),
            height: wide(17),
            frame_rate: Ratio::new(u64::from(rate.0), u64::from(rate.1)),
            ..Tracks::default()
        },
        unit: Unit::Frames { rate, shift: be16(body, 40).ok()? >> 5 & 31 },
    })
}

/// Seconds at the last position of the stream; `None` when other streams follow it (a chain of files).
fn duration(data: &[u8], stream: &Stream, serials: &[u32]) -> Option<Ratio> {
    let start = data.len().saturating_sub(TAIL);
    let mut tail = &data[start..];
    for _ in 0..TRIES {
        let at = memmem::rfind(tail, CAPTURE)?;
        tail = &tail[..at];
        let Some(page) = page(data, start + at) else { continue };
        if !serials.contains(&page.serial) {
            return None;
        }
        if page.serial == stream.serial && page.position != u64::MAX && page.position != 0 {
            return seconds(page.position, stream.unit);
        }
    }
    None
}

fn seconds(position: u64, unit: Unit) -> Option<Ratio> {
    match unit {
        Unit::Samples { rate, skip } => Ratio::new(position.checked_sub(u64::from(skip))?, u64::from(rate)),
        Unit::Frames { rate, shift } => {
            let frames = (position >> shift) + (position & ((1 << shift) - 1));
            Ratio::new(frames.checked_mul(u64::from(rate.1))?, u64::from(rate.0))
        }
    }
}
