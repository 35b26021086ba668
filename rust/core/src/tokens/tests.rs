use proptest::prelude::*;

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
    for engine in BOTH.map(engine) {
        for number in 0..1000 {
            for text in [format!("{number}"), format!("{number:02}"), format!("{number:03}")] {
                assert_eq!(1, engine.merged(text.as_bytes(), &mut Vec::new()), "{text}");
            }
        }
        for byte in 0..0x80 {
            assert_eq!(1, engine.merged(&[byte], &mut Vec::new()), "{byte}");
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

proptest! {
    /// The patterns written out cut as the patterns do.
    #[test]
    fn cuts_as_the_patterns_do(text in r"([ \n\r\t]{0,3}|[a-zA-Z']{0,6}|[0-9]{0,5}|\PC{0,4}|[中日あ한é'sSſ/\x{300}\x{93f}\x{3000}]{0,4}){0,12}") {
        for encoding in BOTH {
            let cutter = Cutter::new(encoding);
            let mut ends = vec![0];
            while let Some(&at) = ends.last().filter(|&&at| at < text.len()) {
                ends.push(cutter.end(&text, at));
            }
            prop_assert_eq!(exact::ends(&text, encoding), ends);
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
