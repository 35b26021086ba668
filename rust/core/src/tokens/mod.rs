//! How many tokens is this text? Exactly as many as tiktoken's `encode_ordinary` gives.
//!
//! Two steps, as in every byte-level BPE: a pattern cuts the text into pieces, then each piece is
//! merged on its own. Special tokens such as `<|endoftext|>` are ordinary text here.
//!
//! **Engine.** The patterns are written out in [`pieces`], and for ASCII in [`ascii`], over a table of character
//! classes. Short pieces are remembered with their counts in [`memo`], so no list of tokens is ever built; what
//! is not remembered is merged ([`merge`]) by backtracking over tables that the build script has laid out
//! ([`layout`], [`vocabulary`]): 11 MB for o200k and 7 MB for cl100k in the binary, of which all processes
//! share the pages, and nothing to build when a process starts.
//!
//! The ranks come from `toktok-rs`, at build time only. It counts too, but builds 63 MB of tables in 0.6 s per
//! process, its Unicode tables are newer than tiktoken 0.14's (17 against 16), it does not fold U+017F into the
//! `'s` contraction, and it packs a short piece by reading 16 bytes, past the piece's end.
//!
//! `bpe-openai` 0.3.2 agrees with tiktoken on every input tried, but costs 54 MB of binary and counts
//! three to seven times slower; it is the independent witness of the fuzz target and of `make tokens`
//! instead. tiktoken's own engine overflows the stack on a megabyte of spaces and is not an option.
//!
//! `regex-syntax` must keep the Unicode version of tiktoken's build: tests/native/test_tokens.py
//! walks every code point and fails when the two part.

mod ascii;
mod census;
mod classes;
mod estimate;
#[cfg(test)]
mod exact;
mod layout;
mod memo;
mod merge;
mod pieces;
mod vocabulary;
mod weights;

use std::sync::Once;

use ascii::Window;
use fearless_simd::{Level, Simd, dispatch};
use memo::{Memo, Memos};
use pieces::Cutter;
use vocabulary::{CL100K, O200K, Vocabulary};

pub use census::Script;
pub use estimate::{Estimate, Weighed, estimate, features, weigh};

/// A vocabulary of OpenAI with its cutting pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// GPT-4o and later.
    O200kBase,
    /// GPT-4 and GPT-3.5.
    Cl100kBase,
}

impl Encoding {
    /// The name tiktoken gives it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::O200kBase => "o200k_base",
            Self::Cl100kBase => "cl100k_base",
        }
    }

    /// The encoding of that name. `o200k_harmony` is o200k_base with other special tokens, and those are
    /// ordinary text here.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == "o200k_harmony" {
            return Some(Self::O200kBase);
        }
        [Self::O200kBase, Self::Cl100kBase].into_iter().find(|encoding| encoding.as_str() == name)
    }
}

/// Tokens of `text`. Linear in its length; the first call per encoding brings its tables in (measured: 1.5 ms
/// and 14 MB for o200k).
#[must_use]
pub fn count(text: &str, encoding: Encoding) -> usize {
    count_until(text, encoding, usize::MAX).unwrap_or(usize::MAX)
}

/// Tokens of `text`, `None` when there are more than `most`: it is then not read to its end.
#[must_use]
pub fn count_until(text: &str, encoding: Encoding, most: usize) -> Option<usize> {
    let vocabulary = vocabulary(encoding);
    READY[encoding as usize].call_once(|| vocabulary.touch());
    MEMOS[encoding as usize]
        .with(vocabulary, |memo| dispatch!(Level::new(), simd => counted(simd, text, encoding, most, memo)))
}

#[inline(always)]
fn counted<S: Simd>(simd: S, text: &str, encoding: Encoding, most: usize, memo: &mut Memo) -> Option<usize> {
    let (cutter, vocabulary, bytes) = (Cutter(encoding), vocabulary(encoding), text.as_bytes());
    let (mut window, mut at, mut total) = (Window::open(simd, bytes, 0), 0, 0);
    while at < bytes.len() {
        let end = window.piece(simd, bytes, at, encoding).unwrap_or_else(|| cutter.end(text, at));
        total += match bytes[at] {
            // Every byte is a token, and so is every number of up to three digits.
            _ if end == at + 1 => 1,
            b'0'..=b'9' if end - at <= 3 && bytes[end - 1].is_ascii_digit() => 1,
            _ => memo.count(vocabulary, bytes, at, end),
        };
        if total > most {
            return None;
        }
        at = end;
    }
    Some(total)
}

fn vocabulary(encoding: Encoding) -> &'static Vocabulary {
    match encoding {
        Encoding::O200kBase => &O200K,
        Encoding::Cl100kBase => &CL100K,
    }
}

static READY: [Once; 2] = [const { Once::new() }; 2];
static MEMOS: [Memos; 2] = [const { Memos::new() }; 2];

#[cfg(test)]
mod tests;
