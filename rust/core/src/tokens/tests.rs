use std::sync::LazyLock;

use proptest::prelude::*;
use toktok::Tokenizer;

use super::*;

const BOTH: [Encoding; 2] = [Encoding::O200kBase, Encoding::Cl100kBase];

/// Counts known from tiktoken 0.14, in the order of [`BOTH`].
#[test]
fn known_counts() {
    for (text, expected) in [
        ("", [0, 0]),
        ("hello world", [2, 2]),
        ("<|endoftext|>", [7, 7]),
        (" I'\u{17f}", [2, 4]),
        ("d}\0\u{14e47}T\u{16eb6}-vector", [14, 14]),
        ("이터\u{18dd2}_m\u{2028}", [8, 10]),
    ] {
        assert_eq!(expected, BOTH.map(|encoding| count(text, encoding)), "{text:?}");
    }
}

/// A name and its encoding are the same thing; no other name is known.
#[test]
fn names() {
    for encoding in BOTH {
        assert_eq!(Some(encoding), Encoding::parse(encoding.as_str()));
    }
    assert_eq!(Some(Encoding::O200kBase), Encoding::parse("o200k_harmony"));
    assert_eq!(None, Encoding::parse("p50k_base"));
}

/// Every byte that is a character, and every number of up to three digits, is one token.
#[test]
fn digits_and_bytes_are_tokens() {
    for encoding in BOTH {
        let mut desk = merge::Desk::default();
        for number in 0..1000 {
            for text in [format!("{number}"), format!("{number:02}"), format!("{number:03}")] {
                assert_eq!(1, merge::merged(vocabulary(encoding), text.as_bytes(), &mut desk), "{text}");
            }
        }
        for byte in 0..0x80 {
            assert_eq!(1, merge::merged(vocabulary(encoding), &[byte], &mut desk), "{byte}");
        }
    }
}

/// A long run of one character is no special case: no overflow, no quadratic time.
#[test]
fn long_runs() {
    for encoding in BOTH {
        for unit in [" ", "a", "\n", "1", "=", "\u{3000}", "中", "\u{17f}", "\u{16eb6}", "a\u{301}", "亚A"]
        {
            let text = unit.repeat(300_000 / unit.len());
            let tokens = count(&text, encoding);
            assert!(0 < tokens && tokens <= text.len());
        }
    }
}

/// Where the pieces end that `end` tells one by one.
fn ends(text: &str, mut end: impl FnMut(usize) -> usize) -> Vec<usize> {
    let mut ends = vec![0];
    while let Some(&at) = ends.last().filter(|&&at| at < text.len()) {
        ends.push(end(at));
    }
    ends
}

static RANKS: LazyLock<[Tokenizer; 2]> =
    LazyLock::new(|| BOTH.map(|encoding| Tokenizer::builtin(encoding.as_str()).expect("a known name")));

/// Byte-pair encoding by its definition.
fn defined(piece: &[u8], encoding: Encoding) -> usize {
    let ranks = RANKS[encoding as usize].vocab();
    let mut cuts: Vec<usize> = (0..=piece.len()).collect();
    let lowest = |cuts: &[usize]| {
        (1..cuts.len() - 1)
            .map(|cut| (ranks.find_id(&piece[cuts[cut - 1]..cuts[cut + 1]]), cut))
            .min()
            .filter(|&(rank, _)| rank != u32::MAX)
    };
    while let Some((_, cut)) = lowest(&cuts) {
        cuts.remove(cut);
    }
    cuts.len() - 1
}

proptest! {
    /// The patterns written out cut as the patterns do, and so do the vectors where they decide.
    #[test]
    fn cuts_as_the_patterns_do(text in r"([ \n\r\t]{0,3}|[a-zA-Z']{0,6}|[a-zA-Z]{9,70}|[0-9]{0,5}|[ -~]{0,9}|\PC{0,4}|[中日あ한é'sSſ/\x{300}\x{93f}\x{3000}]{0,4}){0,12}") {
        for encoding in BOTH {
            let expected = exact::ends(&text, encoding);
            prop_assert_eq!(&expected, &ends(&text, |at| Cutter(encoding).end(&text, at)));
            let vectors = dispatch!(Level::new(), simd => {
                let mut window = Window::open(simd, text.as_bytes(), 0);
                ends(&text, |at| {
                    let decided = window.piece(simd, text.as_bytes(), at, encoding);
                    decided.unwrap_or_else(|| Cutter(encoding).end(&text, at))
                })
            });
            prop_assert_eq!(&expected, &vectors);
        }
    }

    /// A piece is merged as the definition says: of all neighbours that make a token, the lowest first.
    #[test]
    fn merges_as_defined(piece in prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..24),
        "[a-zA-Z]{1,32}".prop_map(String::into_bytes),
        "( |=|-|ab){1,40}".prop_map(String::into_bytes),
        "[一-龥ぁ-ん]{1,12}".prop_map(String::into_bytes),
    ]) {
        for encoding in BOTH {
            let mut desk = merge::Desk::default();
            prop_assert_eq!(defined(&piece, encoding), merge::merged(vocabulary(encoding), &piece, &mut desk));
        }
    }

    /// The limit is the last count that is told.
    #[test]
    fn the_limit_is_told(text in r"([ \n\r\t]{0,3}|[a-zA-Z']{0,6}|\PC{0,4}){0,24}") {
        for encoding in BOTH {
            let whole = count(&text, encoding);
            prop_assert_eq!(Some(whole), count_until(&text, encoding, whole));
            if whole > 0 {
                prop_assert_eq!(None, count_until(&text, encoding, whole - 1));
            }
        }
    }

    /// A token holds at least one byte.
    #[test]
    fn never_more_tokens_than_bytes(text in any::<String>()) {
        for encoding in BOTH {
            prop_assert!(count(&text, encoding) <= text.len());
        }
    }
}
