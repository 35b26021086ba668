//! How many tokens is this text? Exactly as many as tiktoken's `encode_ordinary` gives.
//!
//! Two steps, as in every byte-level BPE: a pattern cuts the text into pieces, then each piece is
//! merged on its own. Special tokens such as `<|endoftext|>` are ordinary text here.
//!
//! **Engine.** `toktok-rs` 0.3.0 does both steps, several times faster than anything else measured,
//! with 4 MB of tables in the binary. Its source was read before it was taken: caches are bounded
//! (32 MiB per process), the merge is the linear backtracking one, its `unsafe` is confined to table
//! look-ups whose bounds the tables fix. Two faults were found, and both are answered here:
//!
//! 1. It packs a short piece by reading 16 bytes, past the piece's end. [`Fast::count`] therefore gives
//!    it a copy with 16 bytes of slack, so that the read stays inside one allocation.
//! 2. Its Unicode tables are newer than tiktoken 0.14's (17 against 16), and it does not fold U+017F
//!    into the `'s` contraction. Text that holds U+017F or a character unassigned in Unicode 16 is
//!    cut by the very patterns of tiktoken, on the same regex engine (see [`exact`]), then merged by
//!    the same vocabulary.
//!
//! `bpe-openai` 0.3.2 agrees with tiktoken on every input tried, but costs 54 MB of binary and counts
//! three to seven times slower; it is the independent witness of the fuzz target instead. tiktoken's
//! own engine overflows the stack on a megabyte of spaces and is not an option.
//!
//! `regex-automata` must keep the Unicode version of tiktoken's build: tests/native/test_tokens.py
//! walks every code point and fails when the two part.

mod exact;

use std::sync::LazyLock;

use toktok::Tokenizer;

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

/// Tokens of `text`. Linear in its length; the first call per encoding builds the tables (measured:
/// o200k 0.6 s and 63 MB, cl100k 0.25 s and 38 MB).
#[must_use]
pub fn count(text: &str, encoding: Encoding) -> usize {
    let fast = match encoding {
        Encoding::O200kBase => &*O200K,
        Encoding::Cl100kBase => &*CL100K,
    };
    if exact::needed(text) { exact::count(text, encoding, fast.0.vocab()) } else { fast.count(text) }
}

/// Tokens of `text`, `None` when there are more than `most`: it is then not read to its end.
///
/// Counted window by window. A window ends where an ASCII letter is followed by a space: a piece with a
/// letter ends with its letters in both patterns, so none goes across, and the sum is the whole's count.
#[must_use]
pub fn count_until(text: &str, encoding: Encoding, most: usize) -> Option<usize> {
    count_in_windows(text, encoding, most, WINDOW)
}

/// Bytes of a window at least: long enough for the engine, short against any limit worth asking for.
const WINDOW: usize = 16_384;

fn count_in_windows(text: &str, encoding: Encoding, most: usize, least: usize) -> Option<usize> {
    let (mut rest, mut total) = (text, 0);
    while !rest.is_empty() && total <= most {
        let (window, after) = rest.split_at(window_end(rest.as_bytes(), least));
        total += count(window, encoding);
        rest = after;
    }
    (total <= most).then_some(total)
}

fn window_end(text: &[u8], least: usize) -> usize {
    let from = least.max(1).min(text.len());
    let mut spaces = memchr::memchr_iter(b' ', &text[from..]).map(|at| from + at);
    spaces.find(|&at| text[at - 1].is_ascii_alphabetic()).unwrap_or(text.len())
}

static O200K: LazyLock<Fast> = LazyLock::new(|| Fast::load(Encoding::O200kBase));
static CL100K: LazyLock<Fast> = LazyLock::new(|| Fast::load(Encoding::Cl100kBase));

/// The fast engine, fenced.
struct Fast(Tokenizer);

impl Fast {
    /// Bytes the engine may read past the end of a piece.
    const SLACK: usize = 16;

    #[expect(
        clippy::expect_used,
        reason = "the tables are part of the binary; a broken build must not guess"
    )]
    fn load(encoding: Encoding) -> Self {
        Self(Tokenizer::builtin(encoding.as_str()).expect("built-in vocabulary"))
    }

    fn count(&self, text: &str) -> usize {
        let mut padded = Vec::with_capacity(text.len() + Self::SLACK);
        padded.extend_from_slice(text.as_bytes());
        padded.resize(text.len() + Self::SLACK, 0);
        self.0.count(&padded[..text.len()])
    }
}

#[cfg(test)]
mod tests;
