//! MP4, M4A, MOV and 3GP: boxes in boxes. The index tells everything; in a fragmented file the fragments do.

use super::super::header::{be32, bytes};
use super::fragment::{self, Ends};
use super::sample::{self, Sample};
use super::{Ratio, Tracks, be64};

/// Tracks of which a file may have more than are looked at.
const TRACKS: usize = 32;

/// Boxes side by side that are looked at inside of another one, and in the file itself.
const INSIDE: usize = 4_096;
const OUTSIDE: usize = 1 << 17;

/// The boxes side by side in a stretch of bytes, each clipped to what is there.
pub(super) struct Boxes<'a> {
    data: &'a [u8],
    at: usize,
    left: usize,
    /// A box claimed more bytes than there are, or fewer than its own header has.
    cut: bool,
}

impl<'a> Boxes<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, left: INSIDE, cut: false }
    }

    /// The first box of this name.
    pub(super) fn find(data: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
        Self::new(data).find(|(found, _)| *found == name).map(|(_, body)| body)
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let length = u64::from(be32(self.data, self.at).ok()?);
        // Whoever has more of them is not believed to be all here.
        let Some(left) = self.left.checked_sub(1) else {
            self.cut = true;
            return None;
        };
        self.left = left;
        let name = bytes(self.data, self.at + 4, 4).ok()?;
        let rest = self.data.len() - self.at;
        let (head, length) = match length {
            0 => (8, rest as u64),
            1 => (16, be64(self.data, self.at + 8).ok()?),
            length => (8, length),
        };
        if length < head as u64 {
            self.cut = true;
            return None;
        }
        self.cut |= length > rest as u64;
        let length = usize::try_from(length).unwrap_or(rest).min(rest);
        let body = self.data.get(self.at + head..self.at + length)?;
        self.at += length;
        Some((name, body))
    }
}

/// What the index says of one track.
#[derive(Clone, Copy)]
pub(super) struct Track {
    pub(super) id: u32,
    pub(super) timescale: u32,
    /// Samples that the edit list skips at the start: an encoder's run-up.
    pub(super) skip: u64,
    /// What a sample of a fragment lasts when the fragment does not say.
    pub(super) default_duration: u32,
    duration: u64,
    samples: u64,
    ticks: u64,
    sample: Sample,
}

#[derive(Default)]
struct Movie {
    seconds: Option<Ratio>,
    fragmented: bool,
    /// Seconds of all fragments, when the index sums them up.
    total: Option<Ratio>,
    sound: Option<Track>,
    film: Option<Track>,
}

/// Codecs, channels, rates, frame size and duration.
pub(super) fn read(data: &[u8]) -> Tracks {
    let mut movie = None;
    let (mut sound, mut film) = (Ends::default(), Ends::default());
    let mut boxes = Boxes { left: OUTSIDE, ..Boxes::new(data) };
    while let Some((name, body)) = boxes.next() {
        // An index that is cut short would tell half of the tracks.
        if name == b"moov" && movie.is_none() && !boxes.cut {
            movie = Some(read_movie(body));
        }
        if let (b"moof", Some(Movie { fragmented: true, sound: heard, film: seen, .. })) = (name, &movie) {
            fragment::read(body, heard.as_ref(), &mut sound);
            fragment::read(body, seen.as_ref(), &mut film);
        }
    }
    movie.map_or_else(Tracks::default, |movie| tracks(&movie, (&sound, &film), boxes.cut))
}

fn tracks(movie: &Movie, (sound, film): (&Ends, &Ends), cut: bool) -> Tracks {
    let seconds = if movie.fragmented {
        let ends = [(sound, &movie.sound), (film, &movie.film)];
        let longest =
            ends.into_iter().filter_map(|(ends, track)| ends.seconds(track.as_ref()?)).reduce(Ratio::max);
        longest.or(movie.total.filter(|_| !cut))
    } else {
        movie.seconds.filter(|_| !cut)
    };
    let mut found = Tracks { seconds, sound_alone: movie.sound.is_some(), ..Tracks::default() };
    if let Some(Track { sample, timescale, .. }) = movie.sound {
        found.audio_codec = sample.codec;
        found.channels = sample.channels;
        // The time scale of sound is its rate wherever the entry has no room for the rate.
        found.sample_rate = sample.rate.or(Some(timescale));
    }
    if let Some(track) = movie.film {
        found.sound_alone = false;
        found.video_codec = track.sample.codec;
        (found.width, found.height) = (track.sample.width, track.sample.height);
        let (samples, ticks) = if movie.fragmented { film.rate() } else { (track.samples, track.ticks) };
        found.frame_rate =
            samples.checked_mul(u64::from(track.timescale)).and_then(|scaled| Ratio::new(scaled, ticks));
    }
    found
}

fn read_movie(moov: &[u8]) -> Movie {
    let mut movie = Movie::default();
    let tracks = Boxes::new(moov).filter(|(name, _)| name == b"trak").take(TRACKS);
    for (family, track) in tracks.filter_map(|(_, body)| read_track(body)) {
        match family {
            b"soun" => movie.sound = movie.sound.or(Some(track)),
            b"vide" => movie.film = movie.film.or(Some(track)),
            _ => {}
        }
    }
    let (scale, duration) = Boxes::find(moov, b"mvhd").and_then(times).unwrap_or_default();
    let longest = [movie.sound, movie.film].into_iter().flatten();
    let longest = longest.filter_map(|track| Ratio::new(track.duration, u64::from(track.timescale)));
    movie.seconds = Ratio::new(duration, u64::from(scale)).or(longest.reduce(Ratio::max));
    if let Some(extends) = Boxes::find(moov, b"mvex") {
        movie.fragmented = true;
        let total = Boxes::find(extends, b"mehd").and_then(|body| version_value(body, 4));
        movie.total = total.and_then(|total| Ratio::new(total, u64::from(scale)));
        for (_, body) in Boxes::new(extends).filter(|(name, _)| name == b"trex").take(TRACKS) {
            let (Ok(id), Ok(duration)) = (be32(body, 4), be32(body, 12)) else { continue };
            for track in [&mut movie.sound, &mut movie.film].into_iter().flatten() {
                if track.id == id {
                    track.default_duration = duration;
                }
            }
        }
    }
    movie
}

/// Time scale and duration of `mvhd` or `mdhd`; all ones stand for unknown.
fn times(body: &[u8]) -> Option<(u32, u64)> {
    Some(match body.first()? {
        0 => {
            let duration = be32(body, 16).ok()?;
            (be32(body, 12).ok()?, if duration == u32::MAX { 0 } else { u64::from(duration) })
        }
        _ => {
            let duration = be64(body, 24).ok()?;
            (be32(body, 20).ok()?, if duration == u64::MAX { 0 } else { duration })
        }
    })
}

/// A number of four bytes in version 0 of a box, of eight in later ones.
pub(super) fn version_value(body: &[u8], at: usize) -> Option<u64> {
    if *body.first()? == 0 { be32(body, at).ok().map(u64::from) } else { be64(body, at).ok() }
}

fn read_track(trak: &[u8]) -> Option<(&[u8], Track)> {
    let media = Boxes::find(trak, b"mdia")?;
    let header = Boxes::find(trak, b"tkhd")?;
    let family = bytes(Boxes::find(media, b"hdlr")?, 8, 4).ok()?;
    let (timescale, duration) = times(Boxes::find(media, b"mdhd")?)?;
    let table = Boxes::find(Boxes::find(media, b"minf")?, b"stbl")?;
    let entries = Boxes::find(table, b"stsd").and_then(|body| body.get(8..)).unwrap_or(&[]);
    let (samples, ticks) = Boxes::find(table, b"stts").map(sample_times).unwrap_or_default();
    let edits = Boxes::find(trak, b"edts").and_then(|edits| Boxes::find(edits, b"elst"));
    Some((
        family,
        Track {
            id: be32(header, if *header.first()? == 0 { 12 } else { 20 }).ok()?,
            timescale,
            duration,
            skip: edits.map_or(0, skipped),
            default_duration: 0,
            samples,
            ticks,
            sample: sample::read(entries, family),
        },
    ))
}

/// How many samples there are, and how many ticks they last.
fn sample_times(body: &[u8]) -> (u64, u64) {
    let count = be32(body, 4).unwrap_or(0) as usize;
    let entries = body.get(8..).unwrap_or(&[]).chunks_exact(8).take(count);
    entries.fold((0_u64, 0_u64), |(samples, ticks), entry| {
        let number = |at| u64::from(be32(entry, at).unwrap_or(0));
        (samples.saturating_add(number(0)), ticks.saturating_add(number(0) * number(4)))
    })
}

/// Where the first edit begins within the media, if it begins behind its start.
fn skipped(body: &[u8]) -> u64 {
    let (at, empty) = if body.first() == Some(&0) { (12, u64::from(u32::MAX)) } else { (16, u64::MAX) };
    version_value(body, at).filter(|start| *start != empty).unwrap_or(0)
}
