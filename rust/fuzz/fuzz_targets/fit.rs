//! Invariant: any file gives a picture of exactly the wanted size, upright and bare, or a refusal; never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weighbridge_core::fit::{OutputFormat, fit};
use weighbridge_core::limits::Limits;
use weighbridge_core::media::Media;
use weighbridge_core::strip::strip;

const FORMATS: [OutputFormat; 4] =
    [OutputFormat::Keep, OutputFormat::Jpeg, OutputFormat::Png, OutputFormat::Webp];

// Three bytes that choose width, height and format, then the file.
fuzz_target!(|input: &[u8]| {
    let Some(([width, height, format], data)) = input.split_first_chunk() else { return };
    let limits = Limits { pixels: 65_536, side: 1_024, frames: 20, ..Limits::default() };
    let Ok(media) = Media::new(data.to_vec(), None, &limits) else { return };
    let (width, height) = (u32::from(*width), u32::from(*height));
    match fit(&media, width, height, FORMATS[usize::from(format % 4)], 85, &limits) {
        Ok(small) => {
            let facts = small.facts();
            assert_eq!((Some(width), Some(height), 1), (facts.width, facts.height, facts.orientation));
            assert!(strip(&small).expect("a file of ours").is_none());
        }
        Err(refusal) => {
            assert!(["media_unsupported", "media_corrupt", "media_too_large", "image_too_large"].contains(&refusal.code));
        }
    }
});
