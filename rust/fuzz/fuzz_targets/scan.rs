//! Invariant: a body that `scan` accepts is an object for serde_json too, and its skeleton scans again without media.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weighbridge_core::limits::Limits;
use weighbridge_core::scan::scan;

fuzz_target!(|body: &[u8]| {
    // serde_json itself stops at a depth of 127.
    let limits = Limits { depth: 100, pixels: 1_000_000, ..Limits::default() };
    match scan(body, &limits) {
        Ok(document) => {
            let theirs: serde_json::Value =
                serde_json::from_slice(body).expect("an independent reader agrees");
            assert!(theirs.is_object());
            let skeleton = document.skeleton().unwrap_or(body);
            let again = scan(skeleton, &limits).expect("the skeleton is a body");
            assert_eq!(0, again.media().len());
            assert_eq!(document.skeleton().is_some(), document.media().len() > 0);
        }
        Err(refusal) => {
            assert!(refusal.offset.is_none_or(|offset| offset <= body.len()));
            assert!(refusal.part.is_none_or(|part| part <= limits.media));
        }
    }
});
