//! The classes of every code point, in blocks of which most are alike.
//!
//! They come from `regex-syntax`, which tiktoken's own engine reads them from: while both keep the same
//! Unicode version (16), they agree on every code point. tests/native/test_tokens.py walks them all.

use std::error::Error;

use regex_syntax::hir::{Class, HirKind};

use crate::layout::{BLANK, BLOCK, BREAK, HEAD, LETTER, NUMBER, TAIL};

const PATTERNS: [(&str, u8); 6] = [
    (r"\p{L}", LETTER),
    (r"\p{N}", NUMBER),
    (r"\s", BLANK),
    (r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", HEAD),
    (r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", TAIL),
    (r"[\r\n]", BREAK),
];

/// (the number of each block's pattern, the different patterns one after the other).
pub(crate) fn blocks() -> Result<(Vec<u8>, Vec<u8>), Box<dyn Error>> {
    let mut all = vec![0; char::MAX as usize + 1];
    for (pattern, class) in PATTERNS {
        let hir = regex_syntax::parse(pattern)?;
        let HirKind::Class(Class::Unicode(ranges)) = hir.kind() else { return Err(pattern.into()) };
        for range in ranges.iter() {
            for entry in &mut all[range.start() as usize..=range.end() as usize] {
                *entry |= class;
            }
        }
    }
    let (mut numbers, mut different) = (Vec::new(), Vec::<&[u8]>::new());
    for block in all.chunks(BLOCK) {
        let number = different.iter().position(|known| *known == block).unwrap_or(different.len());
        if number == different.len() {
            different.push(block);
        }
        numbers.push(u8::try_from(number)?);
    }
    Ok((numbers, different.concat()))
}
