//! The slow way, for tests: tiktoken's patterns on tiktoken's regex engine.
//!
//! The engine has no look-ahead, which the patterns use in one place: `\s+(?!\S)` takes a run of white
//! space but for its last character when text follows. It is written as two patterns, `\s+$` and
//! `\s+\s`, the latter giving its last character back. Possessive quantifiers are dropped: after none
//! of them could the rest of its alternative match by giving back.

use std::sync::LazyLock;

use super::Encoding;
use regex_automata::{Anchored, Input, meta::Regex};

/// Index of the pattern that gives its last character back.
const GIVES_BACK: usize = 1;

static CL100K: LazyLock<Regex> = LazyLock::new(|| {
    build(&[
        concat!(
            r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}",
            r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+$|\s*[\r\n]",
        ),
        r"\s+\s",
        r"\s",
    ])
});

static O200K: LazyLock<Regex> = LazyLock::new(|| {
    build(&[
        concat!(
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+$",
        ),
        r"\s+\s",
        r"\s+",
    ])
});

#[expect(clippy::expect_used, reason = "constant patterns; every one is built by a test")]
fn build(patterns: &[&str]) -> Regex {
    Regex::new_many(patterns).expect("constant pattern")
}

/// The pieces of `text`, by their ends.
pub(super) fn ends(text: &str, encoding: Encoding) -> Vec<usize> {
    let pattern = match encoding {
        Encoding::O200kBase => &*O200K,
        Encoding::Cl100kBase => &*CL100K,
    };
    let mut ends = vec![0];
    while let Some(&at) = ends.last().filter(|&&at| at < text.len()) {
        ends.push(piece_end(pattern, text, at));
    }
    ends
}

/// Where the piece starting at `at` ends; always further on.
fn piece_end(pattern: &Regex, text: &str, at: usize) -> usize {
    let Some(found) = pattern.find(Input::new(text).range(at..).anchored(Anchored::Yes)) else {
        return text.len(); // no character escapes the patterns; were one to, it must not loop
    };
    let given_back = match found.pattern().as_usize() {
        GIVES_BACK => text[at..found.end()].chars().next_back().map_or(0, char::len_utf8),
        _ => 0,
    };
    found.end() - given_back
}
