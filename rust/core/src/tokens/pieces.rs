//! Where the next piece of a text ends: tiktoken's two patterns, written out.
//!
//! cl100k: `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$`
//! `|\s*[\r\n]|\s+(?!\S)|\s`
//!
//! o200k: `[^\r\n\p{L}\p{N}]?[HEAD]*[TAIL]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?`
//! `|[^\r\n\p{L}\p{N}]?[HEAD]+[TAIL]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?`
//! `|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
//!
//! Alternatives are tried in order and the first that matches wins, as the regex engine does it. The tests
//! hold both against the patterns themselves on that engine.

use super::Encoding;
use super::classes::{BLANK, BREAK, HEAD, LETTER, NUMBER, TAIL, class, run};

/// Cuts texts for one encoding.
#[derive(Clone, Copy)]
pub(super) struct Cutter(pub(super) Encoding);

impl Cutter {
    /// Where the piece that begins at `at` ends; always further on. `at` is before the text's end.
    pub(super) fn end(&self, text: &str, at: usize) -> usize {
        let word = match self.0 {
            Encoding::O200kBase => self.word_o200k(text, at),
            Encoding::Cl100kBase => self.word_cl100k(text, at),
        };
        word.unwrap_or_else(|| self.no_word(text, at))
    }

    #[inline(always)]
    fn word_cl100k(&self, text: &str, at: usize) -> Option<usize> {
        if let Some(end) = contraction(text, at) {
            return Some(end);
        }
        let (first, next) = class(text, at);
        if first & LETTER != 0 {
            return Some(run(text, next, LETTER));
        }
        if first & (NUMBER | BREAK) != 0 {
            return None;
        }
        let end = run(text, next, LETTER);
        (end > next).then_some(end)
    }

    #[inline(always)]
    fn word_o200k(&self, text: &str, at: usize) -> Option<usize> {
        let (first, next) = class(text, at);
        let prefixed = (first & (LETTER | NUMBER | BREAK) == 0).then_some(next);
        let starts = first & (HEAD | TAIL) != 0;
        let end = prefixed
            .and_then(|start| self.head_tail(text, start))
            .or_else(|| if starts { self.head_tail(text, at) } else { None })
            .or_else(|| prefixed.and_then(|start| self.heads(text, start)))
            .or_else(|| if starts { self.heads(text, at) } else { None })?;
        Some(contraction(text, end).unwrap_or(end))
    }

    /// `[HEAD]*[TAIL]+`: the heads give back as little as lets a tail follow.
    #[inline(always)]
    fn head_tail(&self, text: &str, start: usize) -> Option<usize> {
        let (mut at, mut both) = (start, None);
        while at < text.len() {
            let (found, next) = class(text, at);
            if found & HEAD == 0 {
                if found & TAIL != 0 {
                    return Some(run(text, next, TAIL));
                }
                break;
            }
            if found & TAIL != 0 {
                both = Some(next);
            }
            at = next;
        }
        both
    }

    /// `[HEAD]+[TAIL]*`, where no tail follows the heads: the alternative before would have taken it.
    fn heads(&self, text: &str, start: usize) -> Option<usize> {
        let end = run(text, start, HEAD);
        (end > start).then_some(end)
    }

    /// Numbers, marks and blanks.
    fn no_word(&self, text: &str, at: usize) -> usize {
        let (first, next) = class(text, at);
        if first & NUMBER != 0 {
            return self.number(text, next);
        }
        let bytes = text.as_bytes();
        let marks_from = if bytes[at] == b' ' { next } else { at };
        let marks_end = self.marks(text, marks_from);
        if marks_end > marks_from {
            let slash = self.0 == Encoding::O200kBase;
            let after = &bytes[marks_end..];
            let more =
                after.iter().position(|&byte| !(matches!(byte, b'\r' | b'\n') || slash && byte == b'/'));
            return marks_end + more.unwrap_or(after.len());
        }
        self.blanks(text, at)
    }

    fn number(&self, text: &str, second: usize) -> usize {
        let mut end = second;
        for _ in 1..3 {
            if end == text.len() {
                break;
            }
            let (found, next) = class(text, end);
            if found & NUMBER == 0 {
                break;
            }
            end = next;
        }
        end
    }

    fn marks(&self, text: &str, mut at: usize) -> usize {
        while at < text.len() {
            let (found, next) = class(text, at);
            if found & (BLANK | LETTER | NUMBER) != 0 {
                break;
            }
            at = next;
        }
        at
    }

    fn blanks(&self, text: &str, from: usize) -> usize {
        let (mut at, mut last, mut after_break) = (from, from, None);
        while at < text.len() {
            let (found, next) = class(text, at);
            if found & BLANK == 0 {
                break;
            }
            if found & BREAK != 0 {
                after_break = Some(next);
            }
            (last, at) = (at, next);
        }
        match after_break {
            _ if at == text.len() && self.0 == Encoding::Cl100kBase => at,
            Some(end) => end,
            None if at == text.len() || last == from => at,
            // Text follows: the last blank is left to it.
            None => last,
        }
    }
}

/// The end of `(?i:'s|'t|'re|'ve|'m|'ll|'d)` at `at`. U+017F is a small s to a regex that ignores case.
#[inline(always)]
fn contraction(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'\'') {
        return None;
    }
    let pair = (bytes.get(at + 1)?, bytes.get(at + 2).unwrap_or(&0));
    match (pair.0.to_ascii_lowercase(), pair.1.to_ascii_lowercase()) {
        (b's' | b't' | b'm' | b'd', _) => Some(at + 2),
        (b'r' | b'v', b'e') | (b'l', b'l') => Some(at + 3),
        (0xC5, 0xBF) => Some(at + 3),
        _ => None,
    }
}
