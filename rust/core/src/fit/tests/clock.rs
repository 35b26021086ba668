//! The clock, seen from outside.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::fit::luma::luma;

/// Without time no picture of any format is decoded: not to be fitted, not for its levels, not to be split.
#[test]
fn the_clock_ends_all_formats() {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds/fit");
    let hurried = Limits { decoding: Duration::ZERO, ..Limits::default() };
    let mut formats = BTreeSet::new();
    for seed in std::fs::read_dir(seeds).unwrap() {
        // three bytes say what the fuzz target is to do with the file
        let file = std::fs::read(seed.unwrap().path()).unwrap().split_off(3);
        let Ok(media) = Media::new(file, None, &Limits::default()) else { continue };
        if fit(&media, 1, 1, OutputFormat::Jpeg, 90, &Limits::default()).is_err() {
            continue;
        }
        formats.insert(media.facts().mime);
        for refusal in [
            fit(&media, 1, 1, OutputFormat::Jpeg, 90, &hurried).map(|_| ()),
            luma(&media, &hurried).map(|_| ()),
            split(&media, 2, 0, OutputFormat::Jpeg, 90, &Limits { media: usize::MAX, ..hurried }).map(|_| ()),
        ] {
            // what is lower than two pieces is not split but fitted
            assert_eq!("image_too_large", refusal.unwrap_err().code, "{}", media.facts().mime);
        }
    }
    let all = ["bmp", "gif", "heic", "jpeg", "png", "tiff", "webp"].map(|name| format!("image/{name}"));
    assert_eq!(all.to_vec(), formats.into_iter().collect::<Vec<_>>());
}
