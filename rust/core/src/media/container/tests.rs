use proptest::prelude::*;

use crate::limits::Limits;
use crate::media::samples::golden;
use crate::media::{Facts, Media};

/// Every golden sound and film: seconds, sound, pictures. The seconds of an open-ended WebM are true to a block.
#[rustfmt::skip]
const GOLDENS: [(&str, &str, f64, Sound, Option<&str>); 23] = [
    ("tone.wav", "audio/wav", 0.75, ("pcm", 1, 8_000), None),
    ("piped.wav", "audio/wav", 0.75, ("pcm_mulaw", 2, 8_000), None),
    ("adpcm.wav", "audio/wav", 1.3, ("adpcm", 2, 8_000), None),
    ("tone.flac", "audio/flac", 1.3, ("flac", 2, 8_000), None),
    ("piped.flac", "audio/flac", 1.3, ("flac", 2, 8_000), None),
    ("cbr.mp3", "audio/mpeg", 58_752.0 / 44_100.0, ("mp3", 2, 44_100), None),
    ("vbr.mp3", "audio/mpeg", 1.3, ("mp3", 1, 44_100), None),
    ("bare-vbr.mp3", "audio/mpeg", 1.404, ("mp3", 1, 16_000), None),
    ("tone.aac", "audio/aac", 1.408, ("aac", 1, 16_000), None),
    ("tone.opus", "audio/ogg", 1.3, ("opus", 1, 48_000), None),
    ("vorbis.ogg", "audio/ogg", 1.3, ("vorbis", 2, 44_100), None),
    ("flac.oga", "audio/ogg", 1.3, ("flac", 2, 8_000), None),
    ("tone.m4a", "audio/mp4", 1.3, ("aac", 1, 44_100), None),
    ("fragmented.m4a", "audio/mp4", 1.3, ("aac", 1, 44_100), None),
    ("sound.webm", "audio/webm", 1.308, ("opus", 1, 48_000), None),
    ("live.webm", "audio/webm", 1.308, ("opus", 1, 48_000), None),
    ("film.ogv", "video/ogg", 1.3, ("vorbis", 1, 16_000), Some("theora")),
    ("film.mp4", "video/mp4", 1.3, ("aac", 1, 44_100), Some("h264")),
    ("fragmented.mp4", "video/mp4", 1.38, ("aac", 1, 44_100), Some("h264")),
    ("film.mov", "video/quicktime", 0.8, ("pcm", 1, 8_000), Some("mpeg4")),
    ("film.webm", "video/webm", 1.308, ("opus", 1, 48_000), Some("vp9")),
    ("piped.webm", "video/webm", 1.316, ("vorbis", 1, 16_000), Some("vp8")),
    ("film.mkv", "video/x-matroska", 1.306, ("ac3", 1, 44_100), Some("h264")),
];

/// Codec, channels, rate.
type Sound = (&'static str, u32, u32);

fn facts(data: &[u8]) -> Facts {
    Media::new(data.to_vec(), None, &Limits::default()).unwrap().facts().clone()
}

fn seconds(data: &[u8]) -> Option<f64> {
    facts(data).seconds.map(super::Ratio::as_f64)
}

fn refused(data: &[u8]) -> bool {
    Media::new(data.to_vec(), None, &Limits::default()).is_err_and(|refusal| refusal.code == "media_corrupt")
}

fn position(data: &[u8], word: &[u8]) -> usize {
    memchr::memmem::find(data, word).unwrap()
}

/// Seconds, codecs, channels, rates and frame sizes are what FFmpeg says of the same files.
#[test]
fn goldens() {
    for (name, mime, seconds, (codec, channels, rate), film) in GOLDENS {
        let facts = facts(&golden(name));
        let found = facts.seconds.unwrap().as_f64();
        assert!((found - seconds).abs() < 1e-9, "{name}: {found}");
        let sound = (facts.audio_codec, facts.channels, facts.sample_rate);
        assert_eq!((mime, Some(codec), Some(channels), Some(rate)), (facts.mime, sound.0, sound.1, sound.2));
        let pictures =
            (facts.video_codec, facts.width, facts.height, facts.frame_rate.map(super::Ratio::as_f64));
        let expected = (film, film.map(|_| 64), film.map(|_| 48), film.map(|_| 25.0));
        assert_eq!(expected, pictures, "{name}");
    }
}

/// A prefix never tells more seconds than the whole file, but for the run-up that a cut summary does not name.
#[test]
fn prefixes() {
    for (name, _, whole, ..) in GOLDENS {
        let file = golden(name);
        for length in (0..file.len()).step_by(7) {
            if let Some(found) = seconds(&file[..length]) {
                assert!(found <= whole + 0.11, "{name} at {length}: {found}");
            }
        }
    }
}

/// The sender may insist that a film of sound alone is a film; without a word it is sound.
#[test]
fn sound_alone() {
    let of = |declared: Option<&str>| {
        let media =
            Media::new(golden("sound.webm"), declared.map(str::to_owned), &Limits::default()).unwrap();
        media.facts().mime
    };
    assert_eq!(
        ["audio/webm", "audio/webm", "video/webm"],
        [None, Some("audio/webm"), Some("video/webm")].map(of)
    );
}

/// WAV: what is there counts, not what is claimed; lengths that contradict each other tell nothing.
#[test]
fn wav() {
    let file = golden("tone.wav");
    let data = position(&file, b"data");
    assert_eq!(Some(0.25), seconds(&file[..data + 8 + 4_000]));
    let mut changed = file.clone();
    changed[data + 4..data + 8].copy_from_slice(&8_000_u32.to_le_bytes());
    assert_eq!(Some(0.5), seconds(&changed));
    let mut changed = file.clone();
    changed[32] = 7;
    assert_eq!(None, seconds(&changed));
    for field in [22, 24] {
        let mut changed = file.clone();
        changed[field..field + 2].fill(0);
        assert!(refused(&changed), "{field}");
    }
}

/// RF64 keeps the length that four bytes do not hold elsewhere.
#[test]
fn rf64() {
    let plain = golden("tone.wav");
    let data = position(&plain, b"data");
    let mut file = b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0".to_vec();
    file.extend([0; 8]);
    file.extend(8_000_u64.to_le_bytes());
    file.extend([0; 12]);
    file.extend(&plain[12..data + 4]);
    file.extend([0xFF; 4]);
    file.extend(&plain[data + 8..]);
    assert_eq!(("audio/wav", Some(0.5)), (facts(&file).mime, seconds(&file)));
}

/// FLAC: its last frame confirms the summary; one that claims less than there is tells nothing.
#[test]
fn flac() {
    let file = golden("tone.flac");
    let cut = seconds(&file[..file.len() - 4_000]).unwrap();
    assert!((0.3..1.3).contains(&cut), "{cut}");
    let mut less = file.clone();
    less[24] = 1;
    assert_eq!(None, seconds(&less));
    let mut other = file;
    other[4] = 1;
    assert!(refused(&other));
}

/// MP3: a summary that does not fit the bytes is not believed; the frames are counted then.
#[test]
fn mp3() {
    let file = golden("vbr.mp3");
    let tag = position(&file, b"Xing");
    for frames in [1_u32, 5_000_000] {
        let mut lying = file.clone();
        lying[tag + 8..tag + 12].copy_from_slice(&frames.to_be_bytes());
        let found = seconds(&lying).unwrap();
        assert!((1.3..1.4).contains(&found), "{found}");
    }
    let twice = [&file[..], &file[position(&file, b"\xff\xfb")..]].concat();
    assert!((2.6..2.8).contains(&seconds(&twice).unwrap()));
    let junk = [&golden("cbr.mp3")[..], b"TAG", &[0x20; 125]].concat();
    assert_eq!(seconds(&golden("cbr.mp3")), seconds(&junk));
    assert_eq!(None, seconds(&[&golden("cbr.mp3")[..], &[7; 30_000]].concat()));
}

/// VBRI: the other summary, 32 bytes behind the header of the first frame.
#[test]
fn vbri() {
    let file = golden("bare-vbr.mp3");
    let frame = position(&file, b"\xff\xf3");
    let first = &file[frame..frame + 72];
    let mut tag = first.to_vec();
    tag[36..40].copy_from_slice(b"VBRI");
    let rest = &file[frame..];
    tag[46..50].copy_from_slice(&u32::try_from(rest.len()).unwrap().to_be_bytes());
    tag[50..54].copy_from_slice(&38_u32.to_be_bytes());
    // A frame of the same kind with 16 kbit/s has just these 72 bytes.
    tag[2] = 0x28;
    let told = [&tag[..], rest].concat();
    assert_eq!(Some(38.0 * 576.0 / 16_000.0), seconds(&told));
}

/// Ogg: streams that follow each other have no common last position; a cut page does not count.
#[test]
fn ogg() {
    let (opus, mut vorbis) = (golden("tone.opus"), golden("vorbis.ogg"));
    let mut at = 0;
    while let Some(step) = memchr::memmem::find(&vorbis[at..], b"OggS") {
        vorbis[at + step + 14] ^= 1;
        at += step + 4;
    }
    assert_eq!(Some(1.3), seconds(&vorbis));
    assert_eq!(None, seconds(&[&opus[..], &vorbis[..]].concat()));
    assert!(seconds(&opus[..opus.len() - 1]).is_none_or(|cut| cut < 1.3));
}

/// MP4: a file without all of its samples tells no seconds; a box shorter than its header ends the walk.
#[test]
fn mp4() {
    let file = golden("tone.m4a");
    let (first, moov) = (usize::from(file[3]), position(&file, b"moov") - 4);
    let index_first = [&file[..first], &file[moov..], &file[first..moov]].concat();
    assert_eq!(seconds(&file), seconds(&index_first));
    assert_eq!(None, seconds(&index_first[..index_first.len() - 10]));
    assert_eq!(Some("aac"), facts(&index_first[..index_first.len() - 10]).audio_codec);
    assert_eq!(None, facts(&file[..file.len() - 10]).audio_codec);
    let mut broken = file.clone();
    broken[first..first + 4].copy_from_slice(&[0, 0, 0, 7]);
    assert_eq!((None, None), (seconds(&broken), facts(&broken).audio_codec));
}

/// Matroska: a file cut short tells what it still has; a claim beyond all measure tells nothing.
#[test]
fn matroska() {
    let file = golden("sound.webm");
    let half = seconds(&file[..file.len() / 2]);
    assert!(half.is_none_or(|half| half < 1.3), "{half:?}");
    let at = position(&file, b"\x44\x89\x88");
    for (claim, expected) in [(1e12, None), (f64::NAN, None), (-1.0, None), (2_000.0, Some(2.0))] {
        let mut lying = file.clone();
        lying[at + 3..at + 11].copy_from_slice(&f64::to_be_bytes(claim));
        assert_eq!(expected, seconds(&lying), "{claim}");
    }
}

/// Ratios are in lowest terms, and those of nothing do not exist.
#[test]
fn ratios() {
    assert_eq!(super::Ratio::new(3, 4), super::Ratio::new(75, 100));
    assert_eq!((None, None), (super::Ratio::new(0, 1), super::Ratio::new(1, 0)));
}

proptest! {
    /// Changed, cut and doubled files give facts or a refusal, never a panic, and no seconds out of nothing.
    #[test]
    fn changed(
        which in 0..GOLDENS.len(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        head in any::<bool>(),
        cut in any::<prop::sample::Index>(),
        insert in proptest::collection::vec(any::<u8>(), 0..12),
    ) {
        let mut file = golden(GOLDENS[which].0);
        for (at, byte) in edits {
            // Headers are where the readers look: half of the cases change nothing else.
            let reach = if head { file.len().min(400) } else { file.len() };
            file[at.index(reach)] = byte;
        }
        let at = cut.index(file.len());
        if insert.is_empty() {
            file.truncate(at);
        } else {
            file.splice(at..at, insert);
        }
        if let Ok(media) = Media::new(file, None, &Limits::default()) {
            let facts = media.facts();
            let most = media.data().len() / 4 + 61;
            prop_assert!(facts.seconds.is_none_or(|seconds| seconds.as_f64() <= most as f64));
            prop_assert!(facts.channels != Some(0) && facts.sample_rate != Some(0));
        }
    }
}
