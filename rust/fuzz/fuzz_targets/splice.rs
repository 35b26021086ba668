//! Invariant: splicing nothing is the identity; a set member reads back and all others keep their value and order.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use weighbridge_core::limits::Limits;
use weighbridge_core::media::Media;
use weighbridge_core::scan::scan;
use weighbridge_core::splice::{fill, splice};

type Members = BTreeMap<String, Option<Vec<u8>>>;

// A name, a line end, a new value (none: remove it), a line end, then the body.
fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(3, |byte| *byte == b'\n');
    let (Some(name), Some(value), Some(body)) = (parts.next(), parts.next(), parts.next()) else { return };
    // serde_json itself stops at a depth of 127.
    let limits = Limits { depth: 100, ..Limits::default() };
    let (Ok(name), Ok(document)) = (std::str::from_utf8(name), scan(body, &limits)) else { return };

    let (none, same) = (Members::new(), BTreeMap::new());
    assert_eq!(body, splice(&document, &none, &same).expect("nothing to refuse").to_vec());

    let text = (!value.is_empty()).then(|| value.to_vec());
    let members: Members = [(name.to_owned(), text.clone())].into();
    let media: BTreeMap<usize, Media> = document.media().cloned().enumerate().collect();
    let new = text.as_deref().map(serde_json::from_slice::<Value>);
    if new
        .as_ref()
        .is_some_and(|new| new.as_ref().is_err_and(|error| error.to_string().contains("recursion")))
    {
        return;
    }
    if let Ok(plan) = splice(&document, &members, &media) {
        let out = plan.to_vec();
        let mut expected: Value = serde_json::from_slice(body).expect("scanned");
        let spliced: Value = serde_json::from_slice(&out).expect("the result is JSON");
        let object = expected.as_object_mut().expect("scanned");
        match new {
            Some(new) => object.insert(name.to_owned(), new.expect("checked")),
            None => object.remove(name),
        };
        if media.is_empty() {
            assert_eq!(expected, spliced);
        }
        scan(
            &out[..],
            &Limits { body_bytes: usize::MAX, nodes: usize::MAX, depth: 2_000, ..Limits::default() },
        )
        .map_or_else(|refusal| assert!(refusal.code.starts_with("media_"), "{refusal}"), |_| ());
    }
    let _template = fill(body, &media.into_values().collect::<Vec<_>>()).map(|plan| plan.to_vec());
});
