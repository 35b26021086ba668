//! How many tokens is this text? Exactly as many as tiktoken's `encode_ordinary` gives.
//!
//! Two steps, as in every byte-level BPE: a pattern cuts the text into pieces, then each piece is
//! merged on its own. Special tokens such as `<|endoftext|>` are ordinary text here.
//!
//! **Engine.** The patterns are written out in [`pieces`], over a table of character classes; short pieces
//! are remembered with their counts in [`memo`], so no list of tokens is ever built; what is not remembered
//! is merged by the vocabulary of `toktok-rs` 0.3.0: 4 MB of tables in the binary, linear backtracking.
//! Its source was read before it was taken. Its own way of cutting is not used: its Unicode tables are newer
//! than tiktoken 0.14's (17 against 16), it does not fold U+017F into the `'s` contraction, and it packs a
//! short piece by reading 16 bytes, past the piece's end. Its merging has none of this.
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
mod memo;
mod pieces;
mod weights;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use toktok::Tokenizer;
use toktok::mb::encode_mb;

use memo::Memos;
use pieces::Cutter;

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

/// Tokens of `text`. Linear in its length; the first call per encoding builds the tables (measured:
/// o200k 0.6 s and 63 MB, cl100k 0.25 s and 38 MB).
#[must_use]
pub fn count(text: &str, encoding: Encoding) -> usize {
    count_until(text, encoding, usize::MAX).unwrap_or(usize::MAX)
}

/// Tokens of `text`, `None` when there are more than `most`: it is then not read to its end.
#[must_use]
pub fn count_until(text: &str, encoding: Encoding, most: usize) -> Option<usize> {
    engine(encoding).count_until(text, most)
}

/// Whether the tables of an encoding are built already.
#[must_use]
pub fn loaded(encoding: Encoding) -> bool {
    LOADED[encoding as usize].load(Ordering::Relaxed)
}

static LOADED: [AtomicBool; 2] = [const { AtomicBool::new(false) }; 2];
static O200K: LazyLock<Engine> = LazyLock::new(|| Engine::load(Encoding::O200kBase));
static CL100K: LazyLock<Engine> = LazyLock::new(|| Engine::load(Encoding::Cl100kBase));

fn engine(encoding: Encoding) -> &'static Engine {
    match encoding {
        Encoding::O200kBase => &O200K,
        Encoding::Cl100kBase => &CL100K,
    }
}

/// One encoding's tables.
struct Engine {
    cutter: Cutter,
    tokenizer: Tokenizer,
    memos: Memos,
}

impl Engine {
    #[expect(
        clippy::expect_used,
        reason = "the tables are part of the binary; a broken build must not guess"
    )]
    fn load(encoding: Encoding) -> Self {
        let tokenizer = Tokenizer::builtin(encoding.as_str()).expect("built-in vocabulary");
        LOADED[encoding as usize].store(true, Ordering::Relaxed);
        Self { cutter: Cutter::new(encoding), tokenizer, memos: Memos::new() }
    }

    fn count_until(&self, text: &str, most: usize) -> Option<usize> {
        let (mut at, mut total, mut ids) = (0, 0, Vec::new());
        self.memos.with(|memo| {
            while at < text.len() {
                let end = self.cutter.end(text, at);
                total += match text.as_bytes()[at] {
                    // Every byte is a token, and so is every number of up to three digits.
                    _ if end == at + 1 => 1,
                    b'0'..=b'9' if end - at <= 3 && text.as_bytes()[end - 1].is_ascii_digit() => 1,
                    _ => memo.count(text.as_bytes(), at, end, |piece| self.merged(piece, &mut ids)),
                };
                if total > most {
                    return None;
                }
                at = end;
            }
            Some(total)
        })
    }

    /// Tokens of one piece.
    fn merged(&self, piece: &[u8], ids: &mut Vec<u32>) -> usize {
        ids.clear();
        if piece[0] >= 0xE0 {
            encode_mb(self.tokenizer.vocab(), piece, ids);
        } else {
            self.tokenizer.vocab().encode(piece, ids);
        }
        ids.len()
    }
}

#[cfg(test)]
mod tests;
