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
}
