//! Invariant: counts equal those of an independent implementation (GitHub's `bpe-openai`) on any text.
#![no_main]

use bpe_openai::{cl100k_base, o200k_base};
use libfuzzer_sys::fuzz_target;
use weighbridge_core::tokens::{Encoding, count, count_until};

fuzz_target!(|text: &str| {
    let tokens = count(text, Encoding::O200kBase);
    assert_eq!(o200k_base().count(text), tokens);
    assert_eq!(Some(tokens), count_until(text, Encoding::O200kBase, tokens));
    assert_eq!(cl100k_base().count(text), count(text, Encoding::Cl100kBase));
});
