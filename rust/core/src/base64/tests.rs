use base64::Engine as _;
use base64::engine::general_purpose;
use proptest::prelude::*;

use super::*;

/// Standard text with whole padding or none decodes; everything else does not.
#[test]
fn grammar() {
    let good: [(&[u8], &[u8]); 7] = [
        (b"", b""),
        (b"QQ==", b"A"),
        (b"QQ", b"A"),
        (b"QUI=", b"AB"),
        (b"QUI", b"AB"),
        (b"QUJD", b"ABC"),
        (b"+/+/", b"\xfb\xff\xbf"),
    ];
    for (text, bytes) in good {
        assert_eq!(Some(bytes.to_vec()), decode(text), "{text:?}");
        assert!(is_valid(text));
    }
    let bad: [&[u8]; 13] = [
        b"Q",
        b"QQ=",
        b"Q===",
        b"====",
        b"=",
        b"QUI==",
        b"-_-_",
        b"QU\nJD",
        b" QUJD",
        b"QR==",
        b"QR",
        b"QUJDQ",
        b"QQ==QUJD",
    ];
    for text in bad {
        assert_eq!(None, decode(text), "{text:?}");
        assert!(!is_valid(text), "{text:?}");
    }
}

/// A text says its own bytes and no others, whichever block of it holds the difference.
#[test]
fn says_its_bytes_alone() {
    for length in [0, 1, 6_143, 6_144, 6_145, 12_288, 20_000] {
        let bytes: Vec<u8> = (0..length).map(|at| (at * 7 + at / 251) as u8).collect();
        let mut text = vec![0; encoded_len(length)];
        encode_into(&bytes, &mut text);
        assert!(says(&text, &bytes));
        assert!(says(bare(&text), &bytes));
        assert!(!says(&text, &[&bytes[..], b"\0"].concat()));
        for at in [0, 6_143, 6_144, length.saturating_sub(1)] {
            let mut other = bytes.clone();
            if let Some(byte) = other.get_mut(at) {
                *byte ^= 1;
                assert!(!says(&text, &other), "{length}, {at}");
            }
        }
        if length > 8_192 {
            text[8_191] = b'=';
            assert!(!says(&text, &bytes) && !is_valid(&text), "padding inside");
        }
    }
}

fn bare(text: &[u8]) -> &[u8] {
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    &text[..text.len() - padding]
}

/// The explanation names the mistake that clients really make.
#[test]
fn explanations() {
    assert!(explain(b"AB-_").contains("URL-safe"));
    assert!(explain(b"AB\nCD").contains("line breaks"));
    assert!(explain(b"AB!D").contains("outside"));
    assert!(explain(b"ABCDE").contains("padding"));
}

proptest! {
    /// Encoding fills exactly the computed length and decodes to the same bytes, padded or not.
    #[test]
    fn round_trip(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut out = vec![0; encoded_len(bytes.len())];
        encode_into(&bytes, &mut out);
        prop_assert_eq!(Some(bytes.clone()), decode(&out));
        prop_assert_eq!(bytes.len(), decoded_len(&out));
        let bare: Vec<u8> = out.iter().copied().filter(|byte| *byte != b'=').collect();
        prop_assert_eq!(Some(bytes.clone()), decode(&bare));
        prop_assert_eq!(bytes.len(), decoded_len(&bare));
    }

    /// Checking and decoding agree on every input.
    #[test]
    fn check_agrees(text in "[A-Da-d+/=\\-_ ]{0,12}") {
        prop_assert_eq!(is_valid(text.as_bytes()), decode(text.as_bytes()).is_some());
    }

    /// Another program reads every text as we do, whatever instructions this machine has for it.
    #[test]
    fn agrees_with_another_program(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        damage in proptest::option::of((any::<prop::sample::Index>(), any::<u8>())),
        cut in 0usize..4,
    ) {
        let mut text = general_purpose::STANDARD.encode(&bytes).into_bytes();
        text.truncate(text.len().saturating_sub(cut));
        if let (Some((at, byte)), false) = (damage, text.is_empty()) {
            let at = at.index(text.len());
            text[at] = byte;
        }
        let whole = text.len().is_multiple_of(4);
        let other = if whole { general_purpose::STANDARD } else { general_purpose::STANDARD_NO_PAD };
        prop_assert_eq!(other.decode(&text).ok(), decode(&text));
        prop_assert_eq!(decode(&text).is_some(), is_valid(&text));
    }
}
