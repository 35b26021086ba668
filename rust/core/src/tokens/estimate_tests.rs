use proptest::prelude::*;

use super::*;

const BOTH: [Encoding; 2] = [Encoding::O200kBase, Encoding::Cl100kBase];

/// Each script's characters are counted as that script's.
#[test]
fn scripts_are_told_apart() {
    for (text, script) in [
        ("weigh", Script::Latin),
        ("12345", Script::Digits),
        ("{}();", Script::Marks),
        ("привет", Script::Greek),
        ("مرحبا", Script::Arabic),
        ("नमस्ते", Script::Indic),
        ("สวัสดี", Script::Asian),
        ("東京都", Script::Han),
        ("ひらがな", Script::Kana),
        ("한국어", Script::Hangul),
        ("🙂→∑", Script::Symbols),
        ("\u{10a00}\u{11000}", Script::Other),
        ("KH5uQJs4xZnnu1N43NVUSbqTmVu/vboZlFkOLUSwECpHGGCRxp", Script::Data),
        ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Script::Data),
    ] {
        let scripts = weigh([text], Encoding::O200kBase, usize::MAX).scripts;
        let most = (0..scripts.len()).max_by_key(|&place| scripts[place]);
        assert_eq!(Some(script as usize), most, "{text}");
    }
}

/// Within the cap everything is counted and nothing is in doubt; what comes after it is estimated.
#[test]
fn the_cap_divides_counted_from_estimated() {
    let page = "How much does this page weigh, in tokens? ".repeat(50);
    for encoding in BOTH {
        let counted = weigh([page.as_str(), &page], encoding, 2 * page.len());
        assert_eq!((2 * count(&page, encoding), 0), (counted.tokens, counted.error));
        let half = weigh([page.as_str(), &page], encoding, page.len());
        let guess = estimate(&page, encoding);
        assert_eq!((count(&page, encoding) + guess.tokens, guess.error), (half.tokens, half.error));
        assert!(guess.error > 0);
    }
}

/// The stated error holds for a page of plain English, in which nothing is unusual.
#[test]
fn the_stated_error_holds() {
    let page = include_str!("../../../../README.md");
    for encoding in BOTH {
        let guess = estimate(page, encoding);
        assert!(count(page, encoding).abs_diff(guess.tokens) <= guess.error, "{guess:?}");
    }
}

proptest! {
    /// Any text has an estimate between one token and a token a byte, and its scripts add up to it.
    #[test]
    fn any_text(text in any::<String>()) {
        for encoding in BOTH {
            let guess = estimate(&text, encoding);
            prop_assert!(guess.tokens <= text.len() && (guess.tokens > 0 || text.is_empty()));
            let whole = weigh([text.as_str()], encoding, usize::MAX);
            prop_assert_eq!(count(&text, encoding), whole.tokens);
            prop_assert!(whole.tokens.abs_diff(whole.scripts.iter().sum()) <= Script::ALL.len());
        }
    }
}
