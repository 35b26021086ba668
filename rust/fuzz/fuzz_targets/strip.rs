//! Invariant: stripping is idempotent, keeps what the header says, and never makes a file longer but for one tag.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weighbridge_core::limits::Limits;
use weighbridge_core::media::Media;
use weighbridge_core::strip::strip;

/// Bytes of the smallest EXIF block with its marker or chunk header.
const ONE_TAG: usize = 38;

fuzz_target!(|data: &[u8]| {
    let limits = Limits { pixels: 1_000_000, frames: 20, ..Limits::default() };
    let Ok(media) = Media::new(data.to_vec(), None, &limits) else { return };
    match strip(&media) {
        Ok(Some(bare)) => {
            assert_eq!(media.facts(), bare.facts());
            assert!(bare.data().len() <= data.len() + ONE_TAG);
            assert!(strip(&bare).expect("a file of ours").is_none());
        }
        Ok(None) => {}
        Err(refusal) => assert_eq!("media_corrupt", refusal.code),
    }
});
