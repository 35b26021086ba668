//! Which of the patterns' classes a character is in: one byte a code point, from the build script's table.

use super::layout::BLOCK;
pub(super) use super::layout::{BLANK, BREAK, HEAD, LETTER, NUMBER, TAIL};

static NUMBERS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/classes.numbers"));
static BLOCKS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/classes.blocks"));

/// The classes of the character at `at`, and where the next one begins. `at` is a boundary within `text`.
#[inline(always)]
pub(super) fn class(text: &str, at: usize) -> (u8, usize) {
    let byte = text.as_bytes()[at];
    ascii(byte).map_or_else(|| beyond_ascii(text, at), |class| (class, at + 1))
}

/// The classes of an ASCII character: the first block is theirs.
#[inline(always)]
pub(super) fn ascii(byte: u8) -> Option<u8> {
    (byte < 0x80).then(|| BLOCKS[usize::from(byte)])
}

fn beyond_ascii(text: &str, at: usize) -> (u8, usize) {
    match text[at..].chars().next() {
        Some(letter) => {
            let (block, place) = (letter as usize / BLOCK, letter as usize % BLOCK);
            (BLOCKS[usize::from(NUMBERS[block]) * BLOCK + place], at + letter.len_utf8())
        }
        None => (0, text.len()),
    }
}

/// Where the run of characters in `class` that begins at `at` ends.
#[inline(always)]
pub(super) fn run(text: &str, mut at: usize, wanted: u8) -> usize {
    while at < text.len() {
        let (found, next) = class(text, at);
        if found & wanted == 0 {
            break;
        }
        at = next;
    }
    at
}
