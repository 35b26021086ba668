//! Which of the patterns' classes a character is in: one byte a code point.
//!
//! The classes come from `regex-syntax`, which tiktoken's own engine reads them from: while both keep the
//! same Unicode version (16), they agree on every code point. tests/native/test_tokens.py walks them all.

use regex_syntax::hir::{Class, HirKind};

/// `\p{L}`.
pub(super) const LETTER: u8 = 1;
/// `\p{N}`.
pub(super) const NUMBER: u8 = 2;
/// `\s`.
pub(super) const BLANK: u8 = 4;
/// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`, what a word of o200k begins with.
pub(super) const HEAD: u8 = 8;
/// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`, what it goes on with.
pub(super) const TAIL: u8 = 16;
/// `[\r\n]`.
pub(super) const BREAK: u8 = 32;

const PATTERNS: [(&str, u8); 6] = [
    (r"\p{L}", LETTER),
    (r"\p{N}", NUMBER),
    (r"\s", BLANK),
    (r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", HEAD),
    (r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", TAIL),
    (r"[\r\n]", BREAK),
];

/// The classes of every code point; untouched pages of it stay out of memory.
pub(super) struct Classes {
    ascii: [u8; 128],
    all: Vec<u8>,
}

impl Classes {
    pub(super) fn load() -> Self {
        let mut all = vec![0; char::MAX as usize + 1];
        for (pattern, class) in PATTERNS {
            let Ok(hir) = regex_syntax::parse(pattern) else { continue };
            let HirKind::Class(Class::Unicode(ranges)) = hir.kind() else { continue };
            for range in ranges.iter() {
                for entry in &mut all[range.start() as usize..=range.end() as usize] {
                    *entry |= class;
                }
            }
        }
        let mut ascii = [0; 128];
        ascii.copy_from_slice(&all[..128]);
        Self { ascii, all }
    }

    /// The classes of the character at `at`, and where the next one begins. `at` is a boundary within `text`.
    #[inline(always)]
    pub(super) fn at(&self, text: &str, at: usize) -> (u8, usize) {
        let byte = text.as_bytes()[at];
        if byte < 0x80 { (self.ascii[usize::from(byte & 0x7F)], at + 1) } else { self.beyond_ascii(text, at) }
    }

    fn beyond_ascii(&self, text: &str, at: usize) -> (u8, usize) {
        match text[at..].chars().next() {
            Some(letter) => (self.all[letter as usize], at + letter.len_utf8()),
            None => (0, text.len()),
        }
    }

    /// Where the run of characters in `class` that begins at `at` ends.
    #[inline(always)]
    pub(super) fn run(&self, text: &str, mut at: usize, class: u8) -> usize {
        while at < text.len() {
            let (found, next) = self.at(text, at);
            if found & class == 0 {
                break;
            }
            at = next;
        }
        at
    }
}
