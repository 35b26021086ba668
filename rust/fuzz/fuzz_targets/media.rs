//! Invariant: any bytes under any declared type give facts within the caps, or a refusal; the bytes are kept.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weighbridge_core::limits::Limits;
use weighbridge_core::media::{Kind, Media};

const DECLARED: [Option<&str>; 6] = [
    None,
    Some("image/png"),
    Some("audio/wav"),
    Some("video/mp4"),
    Some("application/pdf"),
    Some("text/plain"),
];

fuzz_target!(|data: &[u8]| {
    let limits = Limits { pixels: 1_000_000, side: 4_000, frames: 20, ..Limits::default() };
    for declared in DECLARED {
        if let Ok(media) = Media::new(data.to_vec(), declared.map(str::to_owned), &limits) {
            let facts = media.facts();
            if facts.kind == Kind::Image {
                let (width, height) = (facts.width.unwrap_or(0), facts.height.unwrap_or(0));
                assert!(u64::from(width) * u64::from(height) <= limits.pixels);
                assert!(width.max(height) <= limits.side && facts.frames.unwrap_or(0) <= limits.frames);
            }
            // Four bytes a second and a minute of grace: nothing plays longer than its bytes allow.
            let most = data.len() as f64 / 4.0 + 61.0;
            assert!(facts.seconds.is_none_or(|seconds| seconds.as_f64() <= most));
            assert!(facts.channels != Some(0) && facts.sample_rate != Some(0));
            assert!(facts.page_sizes.as_ref().is_none_or(|sizes| sizes.len() <= 16));
            assert!((1..=8).contains(&facts.orientation));
            assert_eq!(data, media.data());
        }
    }
});
