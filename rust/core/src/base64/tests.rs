use base64::Engine as _;
use base64::engine::general_purpose;
use fearless_simd::Simd;
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

/// Every kind of vector that this processor has, and none.
fn levels() -> Vec<Level> {
    let best = Level::new();
    #[cfg(target_arch = "x86_64")]
    let others =
        [best.as_avx2().map(Simd::level), best.as_sse4_2().map(Simd::level), Some(Level::baseline())];
    #[cfg(not(target_arch = "x86_64"))]
    let others = [Some(Level::baseline())];
    others.into_iter().flatten().chain([best]).collect()
}

/// The grammar by its definition, bit by bit.
fn naive(text: &[u8]) -> Option<Vec<u8>> {
    let letters = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*b"+/");
    let mut bits = Vec::new();
    let bare = match text {
        [rest @ .., b'=', b'='] if text.len().is_multiple_of(4) => rest,
        [rest @ .., b'='] if text.len().is_multiple_of(4) => rest,
        _ => text,
    };
    for character in bare {
        let value = letters.clone().position(|letter| letter == *character)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1 == 1));
    }
    let (bytes, unused) = bits.as_chunks::<8>();
    if unused.len() == 6 || unused.contains(&true) {
        return None;
    }
    Some(bytes.iter().map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect())
}

/// Every way of reading and every kind of vector says what the definition says.
fn agrees(text: &[u8]) {
    let wanted = naive(text);
    for level in levels() {
        assert_eq!(wanted, decode_at(level, text), "{level:?}");
        assert_eq!(wanted.is_some(), is_valid_at(level, text), "{level:?}");
        if let Some(bytes) = &wanted {
            assert!(says_at(level, text, bytes), "{level:?}");
        }
        let zeros = vec![0; decoded_len(text)];
        assert_eq!(wanted == Some(zeros.clone()), says_at(level, text, &zeros), "{level:?}");
    }
}

/// Every byte in every place of a block is taken when it is a letter, digit, plus or slash.
#[test]
fn every_byte_in_every_place() {
    let text: Vec<u8> = ALPHABET.iter().cycle().take(5 * CHARACTERS).copied().collect();
    for (level, at) in levels().into_iter().flat_map(|level| (0..CHARACTERS).map(move |at| (level, at))) {
        for byte in 0..=255 {
            let mut text = text.clone();
            text[at] = byte;
            let wanted = is_base64(byte) && byte != b'=';
            assert_eq!((wanted, wanted), (decode_at(level, &text).is_some(), is_valid_at(level, &text)));
        }
    }
}

/// Every bit of the bytes counts when a text is held against them, wherever blocks begin and end.
#[test]
fn every_bit_is_compared() {
    for length in [47, 48, 49, 64, 95, 96, 112, 200] {
        let bytes: Vec<u8> = (0..length).map(|at| (at * 89) as u8).collect();
        let mut text = vec![0; encoded_len(length)];
        encode_into(&bytes, &mut text);
        for (level, bit) in
            levels().into_iter().flat_map(|level| (0..8 * length).map(move |bit| (level, bit)))
        {
            let mut other = bytes.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!says_at(level, &text, &other), "{level:?}, {length}, {bit}");
        }
    }
}

/// Too little room is no reason to fall over.
#[test]
fn writes_no_further_than_there_is_room() {
    for (level, room) in levels().into_iter().flat_map(|level| (0..=272).map(move |room| (level, room))) {
        let (mut short, mut whole) = (vec![0; room], vec![0; 272]);
        encode_at(level, &[7; 203], &mut short);
        encode_at(level, &[7; 203], &mut whole);
        assert_eq!(whole[..room / 4 * 4], short[..room / 4 * 4]);
    }
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

    /// Every text is read as the definition and as another program read it, and written as that writes it,
    /// whatever instructions this machine has for it.
    #[test]
    fn agrees_with_the_definition_and_another_program(
        bytes in proptest::collection::vec(any::<u8>(), 0..700),
        damage in proptest::option::of((any::<prop::sample::Index>(), any::<u8>())),
        cut in 0usize..4,
    ) {
        let mut text = general_purpose::STANDARD.encode(&bytes).into_bytes();
        for level in levels() {
            let mut written = vec![0; encoded_len(bytes.len())];
            encode_at(level, &bytes, &mut written);
            prop_assert_eq!(&text, &written);
        }
        text.truncate(text.len().saturating_sub(cut));
        if let (Some((at, byte)), false) = (damage, text.is_empty()) {
            let at = at.index(text.len());
            text[at] = byte;
        }
        let whole = text.len().is_multiple_of(4);
        let other = if whole { general_purpose::STANDARD } else { general_purpose::STANDARD_NO_PAD };
        prop_assert_eq!(other.decode(&text).ok(), decode(&text));
        agrees(&text);
    }
}
