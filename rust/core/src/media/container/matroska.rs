//! Matroska and WebM: EBML elements. Where nobody wrote down the duration, the last block tells it.

use super::super::header::{be16, bytes};
use super::{Ratio, Tracks};

const EBML: u32 = 0x1A45_DFA3;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_A966;
const TRACKS: u32 = 0x1654_AE6B;
const CLUSTER: u32 = 0x1F43_B675;
/// Elements that are looked at: side by side inside of one, in front of the first cluster, and in clusters.
const INSIDE: usize = 4_096;
const CLUSTERS: usize = 1 << 17;
const BLOCKS: usize = 1 << 20;
const NANOSECONDS: u64 = 1_000_000_000;

/// An element; its body is clipped to what is there.
struct Element<'a> {
    id: u32,
    body: &'a [u8],
    /// Where the next one begins; for an element of unknown length, where its body begins.
    next: usize,
    open: bool,
    cut: bool,
}

fn element(data: &[u8], at: usize) -> Option<Element<'_>> {
    let (id, width) = number(data, at, 4, false)?;
    let (length, more) = number(data, at + width, 8, true)?;
    let start = at + width + more;
    let rest = data.len() - start;
    let open = length == (1 << (7 * more)) - 1;
    let cut = !open && length > rest as u64;
    let length = if open || cut { rest } else { usize::try_from(length).unwrap_or(rest) };
    let next = if open { start } else { start + length };
    Some(Element { id: u32::try_from(id).ok()?, body: &data[start..start + length], next, open, cut })
}

/// A number whose leading zeros tell its width; `bare`: without the bit that ends them.
fn number(data: &[u8], at: usize, most: u32, bare: bool) -> Option<(u64, usize)> {
    let first = *data.get(at)?;
    let width = first.leading_zeros() + 1;
    if width > most {
        return None;
    }
    let value = bytes(data, at, width as usize).ok()?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let mask = if bare { (1 << (7 * width)) - 1 } else { u64::MAX };
    Some((value & mask, width as usize))
}

/// The elements side by side in the body of another one.
fn children(data: &[u8]) -> impl Iterator<Item = Element<'_>> {
    let mut at = 0;
    let found = std::iter::from_fn(move || {
        let found = element(data, at).filter(|found| !found.open)?;
        at = found.next;
        Some(found)
    });
    found.take(INSIDE)
}

fn unsigned(body: &[u8]) -> u64 {
    body.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn float(body: &[u8]) -> Option<f64> {
    match *body {
        [a, b, c, d] => Some(f64::from(f32::from_be_bytes([a, b, c, d]))),
        [a, b, c, d, e, f, g, h] => Some(f64::from_be_bytes([a, b, c, d, e, f, g, h])),
        _ => None,
    }
}

/// The time scale, and the duration in its units.
struct Info {
    scale: u64,
    duration: Option<f64>,
}

fn info(body: &[u8]) -> Info {
    let mut found = Info { scale: 1_000_000, duration: None };
    for child in children(body) {
        match child.id {
            0x2A_D7B1 => found.scale = unsigned(child.body),
            0x4489 => found.duration = float(child.body),
            _ => {}
        }
    }
    found
}

/// What the list of tracks says, and the number and frame length (in nanoseconds) of the main one.
#[derive(Default)]
struct List {
    tracks: Tracks,
    sound: Option<(u64, u64)>,
    film: Option<(u64, u64)>,
}

fn list(body: &[u8]) -> List {
    let mut found = List::default();
    for entry in children(body).filter(|child| child.id == 0xAE) {
        track(entry.body, &mut found);
    }
    found.tracks.sound_alone = found.sound.is_some() && found.film.is_none();
    found
}

fn track(entry: &[u8], found: &mut List) {
    let (mut family, mut number, mut codec, mut frame) = (0, 0, None, 0);
    let mut own = Tracks { channels: Some(1), sample_rate: Some(8_000), ..Tracks::default() };
    for child in children(entry) {
        match child.id {
            0x83 => family = unsigned(child.body),
            0xD7 => number = unsigned(child.body),
            0x86 => codec = name(child.body),
            0x23_E383 => frame = unsigned(child.body),
            0xE0 | 0xE1 => settings(child.body, &mut own),
            _ => {}
        }
    }
    let tracks = &mut found.tracks;
    match family {
        1 if found.film.is_none() => {
            found.film = Some((number, frame));
            (tracks.width, tracks.height, tracks.video_codec) = (own.width, own.height, codec);
            tracks.frame_rate = Ratio::new(NANOSECONDS, frame);
        }
        2 if found.sound.is_none() => {
            found.sound = Some((number, frame));
            (tracks.channels, tracks.sample_rate, tracks.audio_codec) =
                (own.channels, own.sample_rate, codec);
        }
        _ => {}
    }
}

fn settings(body: &[u8], own: &mut Tracks) {
    for child in children(body) {
        let value = || u32::try_from(unsigned(child.body)).ok();
        match child.id {
            0xB0 => own.width = value(),
            0xBA => own.height = value(),
            0x9F => own.channels = value(),
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            0xB5 => {
                own.sample_rate =
                    float(child.body).filter(|rate| (1.0..1e7).contains(rate)).map(|rate| rate as u32)
            }
            _ => {}
        }
    }
}

fn name(id: &[u8]) -> Option<&'static str> {
    let id = id.split(|byte| *byte == 0).next().unwrap_or(id);
    Some(match id {
        b"V_VP8" => "vp8",
        b"V_VP9" => "vp9",
        b"V_AV1" => "av1",
        b"V_MPEG4/ISO/AVC" => "h264",
        b"V_MPEGH/ISO/HEVC" => "hevc",
        b"V_THEORA" => "theora",
        b"V_MJPEG" => "mjpeg",
        b"V_PRORES" => "prores",
        b"A_OPUS" => "opus",
        b"A_VORBIS" => "vorbis",
        b"A_FLAC" => "flac",
        b"A_ALAC" => "alac",
        b"A_MPEG/L3" => "mp3",
        b"A_MPEG/L2" => "mp2",
        b"A_DTS" => "dts",
        _ if id.starts_with(b"A_AAC") => "aac",
        _ if id.starts_with(b"A_EAC3") => "eac3",
        _ if id.starts_with(b"A_AC3") => "ac3",
        _ if id.starts_with(b"A_PCM/") => "pcm",
        _ if id.starts_with(b"V_MPEG4/ISO/") => "mpeg4",
        _ => return None,
    })
}

/// Codecs, channels, rates, frame size and duration.
pub(super) fn read(data: &[u8]) -> Tracks {
    let Some(head) = element(data, 0).filter(|head| head.id == EBML && !head.open) else {
        return Tracks::default();
    };
    let Some(segment) = element(data, head.next).filter(|segment| segment.id == SEGMENT) else {
        return Tracks::default();
    };
    let (mut told, mut tracks) = (Info { scale: 1_000_000, duration: None }, List::default());
    let mut at = 0;
    for _ in 0..INSIDE {
        let Some(child) = element(segment.body, at) else { break };
        match child.id {
            INFO => told = info(child.body),
            TRACKS if !child.cut => tracks = list(child.body),
            CLUSTER => break,
            _ if child.open => break,
            _ => {}
        }
        at = child.next;
    }
    let mut found = tracks.tracks;
    // A file cut short has less than its header says; a recorder that never came to an end says nothing.
    found.seconds = match told.duration.filter(|_| !segment.cut) {
        Some(units) => scaled(units, told.scale),
        None => last_block(segment.body, at, &tracks, told.scale),
    };
    found
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn scaled(units: f64, scale: u64) -> Option<Ratio> {
    // Casts to integers saturate, and make nothing of what is no number.
    Ratio::new((units * scale as f64).round() as u64, NANOSECONDS)
}

/// The last two times of blocks of a track, in units of the time scale, and what the last one lasts.
#[derive(Default)]
struct Times {
    cluster: u64,
    last: u64,
    before: u64,
    lasting: Option<u64>,
    seen: bool,
}

impl Times {
    /// A block of this track begins; `lasting` as its group says.
    fn block(&mut self, body: &[u8], track: u64, lasting: Option<u64>) {
        let Some((number, width)) = number(body, 0, 8, true) else { return };
        let Some(relative) = be16(body, width).ok().filter(|_| number == track) else { return };
        let relative = i64::from(relative as u16 as i16);
        let at = self.cluster.saturating_add_signed(relative);
        if at > self.last || !self.seen {
            (self.before, self.last, self.lasting) = (self.last, at, lasting);
            self.seen = true;
        }
    }

    fn group(&mut self, body: &[u8], track: u64) {
        let lasting = children(body).find(|child| child.id == 0x9B).map(|child| unsigned(child.body));
        if let Some(block) = children(body).find(|child| child.id == 0xA1) {
            self.block(block.body, track, lasting);
        }
    }
}

/// Seconds up to the end of the last block of the main track; one block is taken to last as long as the one
/// before it where nobody says.
fn last_block(segment: &[u8], from: usize, tracks: &List, scale: u64) -> Option<Ratio> {
    let (track, frame) = tracks.sound.or(tracks.film)?;
    let mut times = Times::default();
    let mut at = last_closed(segment, from);
    let mut left = BLOCKS;
    while let Some(child) = element(segment, at) {
        left = left.checked_sub(1)?;
        at = child.next;
        match child.id {
            // Whatever is inside stands in a row with what follows: no need to know where a cluster ends.
            CLUSTER => at = child.next - if child.open { 0 } else { child.body.len() },
            0xE7 => times.cluster = unsigned(child.body),
            0xA3 if !child.cut => times.block(child.body, track, None),
            0xA0 if !child.cut => times.group(child.body, track),
            _ if child.open => break,
            _ => {}
        }
    }
    let end = times.last.checked_mul(scale).filter(|_| times.seen)?;
    let lasting = match times.lasting {
        Some(units) => units.checked_mul(scale)?,
        None if frame != 0 => frame,
        None => (times.last - times.before).checked_mul(scale)?,
    };
    Ratio::new(end.checked_add(lasting)?, NANOSECONDS)
}

/// Clusters that say how long they are can be hopped over, all but the last one.
fn last_closed(segment: &[u8], from: usize) -> usize {
    let (mut at, mut last) = (from, from);
    for _ in 0..CLUSTERS {
        let Some(child) = element(segment, at) else { break };
        if child.open {
            return if child.id == CLUSTER { at } else { last };
        }
        if child.id == CLUSTER {
            last = at;
        }
        at = child.next;
    }
    last
}
