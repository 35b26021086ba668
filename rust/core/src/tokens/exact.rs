//! The slow way: tiktoken's patterns on tiktoken's regex engine.
//!
//! The engine has no look-ahead, which the patterns use in one place: `\s+(?!\S)` takes a run of white
//! space but for its last character when text follows. It is written as two patterns, `\s+$` and
//! `\s+\s`, the latter giving its last character back. Possessive quantifiers are dropped: after none
//! of them could the rest of its alternative match by giving back.

use std::sync::LazyLock;

use regex_automata::{Anchored, Input, meta::Regex};
use toktok::Vocab;

use super::Encoding;

/// Index of the pattern that gives its last character back.
const GIVES_BACK: usize = 1;

static SUSPECT: LazyLock<Regex> = LazyLock::new(|| build(&[r"[\p{Cn}\x{17F}]"]));

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

/// Whether the fast engine might cut this text differently.
pub(super) fn needed(text: &str) -> bool {
    !text.is_ascii() && SUSPECT.is_match(text)
}

/// Tokens of `text`, cut here and merged with `vocab`.
pub(super) fn count(text: &str, encoding: Encoding, vocab: &Vocab) -> usize {
    let pattern = match encoding {
        Encoding::O200kBase => &*O200K,
        Encoding::Cl100kBase => &*CL100K,
    };
    let (mut at, mut total, mut ids) = (0, 0, Vec::new());
    while at < text.len() {
        let end = piece_end(pattern, text, at);
        ids.clear();
        vocab.encode(&text.as_bytes()[at..end], &mut ids);
        total += ids.len();
        at = end;
    }
    total
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
