//! Fragments of an MP4: when the samples of a track begin and end.

use super::super::header::be32;
use super::Ratio;
use super::mp4::{Boxes, Track, version_value};

/// First and last tick of the fragments of a track, and how many samples they have.
#[derive(Default)]
pub(super) struct Ends {
    first: Option<u64>,
    last: u64,
    samples: u64,
}

impl Ends {
    /// From the first tick that is played to the last.
    pub(super) fn seconds(&self, track: &Track) -> Option<Ratio> {
        let start = self.first?.saturating_add(track.skip);
        Ratio::new(self.last.saturating_sub(start), u64::from(track.timescale))
    }

    /// Samples, and the ticks they last.
    pub(super) fn rate(&self) -> (u64, u64) {
        (self.samples, self.last - self.first.unwrap_or(0).min(self.last))
    }
}

/// What one `moof` has of a track.
pub(super) fn read(moof: &[u8], track: Option<&Track>, ends: &mut Ends) {
    let Some(track) = track else { return };
    for (_, traf) in Boxes::new(moof).filter(|(name, _)| name == b"traf") {
        let Some(default) = Boxes::find(traf, b"tfhd").and_then(|header| default_duration(header, track))
        else {
            continue;
        };
        let decode_time = Boxes::find(traf, b"tfdt").and_then(|body| version_value(body, 4));
        let mut at = decode_time.unwrap_or(ends.last);
        ends.first = ends.first.map_or(Some(at), |first| Some(first.min(at)));
        for (_, body) in Boxes::new(traf).filter(|(name, _)| name == b"trun") {
            let (samples, ticks) = run(body, default).unwrap_or_default();
            ends.samples = ends.samples.saturating_add(samples);
            at = at.saturating_add(ticks);
        }
        ends.last = ends.last.max(at);
    }
}

/// What a sample lasts by default in a fragment of this track; `None` when it is of another one.
fn default_duration(header: &[u8], track: &Track) -> Option<u32> {
    let flags = be32(header, 0).ok()?;
    if be32(header, 4).ok()? != track.id {
        return None;
    }
    if flags & 0x08 == 0 {
        return Some(track.default_duration);
    }
    let at = 8 + if flags & 0x01 == 0 { 0 } else { 8 } + if flags & 0x02 == 0 { 0 } else { 4 };
    be32(header, at).ok()
}

/// Samples and ticks of a run.
fn run(body: &[u8], default: u32) -> Option<(u64, u64)> {
    let (flags, count) = (be32(body, 0).ok()?, be32(body, 4).ok()?);
    let start = 8 + [0x01, 0x04].into_iter().filter(|flag| flags & flag != 0).count() * 4;
    if flags & 0x100 == 0 {
        return Some((u64::from(count), u64::from(count) * u64::from(default)));
    }
    let fields = [0x100, 0x200, 0x400, 0x800].into_iter().filter(|flag| flags & flag != 0).count();
    let entries = body.get(start..)?.chunks_exact(fields * 4).take(count as usize);
    let ticks = |entry| be32(entry, 0).map_or(0, u64::from);
    Some(entries.fold((0, 0), |(samples, sum), entry| (samples + 1, sum + ticks(entry))))
}
