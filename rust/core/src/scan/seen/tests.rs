use proptest::prelude::*;

use super::super::{Document, Refusal, scan, scan_again};
use super::*;
use crate::media::samples::png;

/// A picture of 20,000 bytes that differs from others by its seed.
fn picture(seed: u8) -> Vec<u8> {
    png(8, 8, &[(b"IDAT", &[seed; 20_000])])
}

fn body(bytes: &[u8], declared: &str) -> String {
    let mut text = vec![0; base64::encoded_len(bytes.len())];
    base64::encode_into(bytes, &mut text);
    format!(r#"{{"a":{{"url":"data:{declared};base64,{}"}}}}"#, String::from_utf8(text).unwrap())
}

fn read<'a>(body: &'a str, seen: &Seen, owner: &str) -> Document<&'a str> {
    scan_again(body, &Limits::default(), seen, owner).unwrap()
}

/// The code of the refusal; a document says too much where a test fails.
fn code(body: &str, limits: &Limits, seen: &Seen) -> &'static str {
    scan_again(body, limits, seen, "t").map_or_else(|refusal| refusal.code, |_| "ok")
}

/// The one medium of a body.
fn medium(document: &Document<&str>) -> Media {
    document.media().next().unwrap().clone()
}

/// Whether two media are one: not equal bytes but the same ones.
fn shared(one: &Media, other: &Media) -> bool {
    std::ptr::eq(one.data(), other.data())
}

/// A picture that comes again is the picture that came before, digest and all, under its new path.
#[test]
fn the_second_time_is_free() {
    let seen = Seen::new(1_000_000);
    let (first, second) =
        (body(&picture(1), "image/png"), body(&picture(1), "image/png").replace("\"a\"", "\"b\""));
    let before = medium(&read(&first, &seen, "t"));
    assert_eq!(blake3::hash(&picture(1)).as_bytes(), before.digest());
    let again = medium(&read(&second, &seen, "t"));
    assert!(shared(&before, &again) && again.is_digested());
    assert_eq!(("/a/url", "/b/url"), (before.path(), again.path()));
    assert_eq!(1, seen.len());
}

/// Another owner, another declared type and other caps each make it a new picture.
#[test]
fn a_name_has_an_owner_a_type_and_caps() {
    let seen = Seen::new(1_000_000);
    let (png, jpeg, none) =
        (body(&picture(1), "image/png"), body(&picture(1), "image/jpeg"), body(&picture(1), ""));
    let before = medium(&read(&png, &seen, "t"));
    for (text, owner) in [(&png, "u"), (&png, ""), (&jpeg, "t"), (&none, "t")] {
        assert!(!shared(&before, &medium(&read(text, &seen, owner))));
    }
    let strict = Limits { pixels: 1, ..Limits::default() };
    assert_eq!("image_too_large", code(&png, &strict, &seen));
    assert!(shared(&before, &medium(&read(&png, &seen, "t"))));
}

/// A text with the name of another one is read as itself, and takes the place.
#[test]
fn a_name_proves_nothing() {
    let seen = Seen::new(1_000_000);
    let (one, mut other) = (picture(1), picture(1));
    other[700] = 2; // between two samples
    let (one, other) = (body(&one, "image/png"), body(&other, "image/png"));
    let [first, second, third] = [&one, &other, &other].map(|text| medium(&read(text, &seen, "t")));
    assert_eq!((1, 2), (first.data()[700], second.data()[700]));
    assert!(!shared(&first, &second) && shared(&second, &third));
    assert_eq!(1, seen.len());
}

/// Base64 that is broken is refused whatever was seen, and is not kept.
#[test]
fn what_is_broken_is_refused() {
    let seen = Seen::new(1_000_000);
    let text = body(&picture(1), "image/png");
    read(&text, &seen, "t");
    let broken = format!("{}!{}", &text[..1_000], &text[1_001..]);
    assert_eq!("media_invalid_base64", code(&broken, &Limits::default(), &seen));
    assert_eq!(1, seen.len());
}

/// The bytes held stay under the most; what was used least recently goes first; what is larger than all of it
/// never comes in, nor does what is small.
#[test]
fn memory_is_bounded() {
    let seen = Seen::new(45_000);
    let texts = [1, 2, 3].map(|seed| body(&picture(seed), "image/png"));
    let first = texts.each_ref().map(|text| {
        let media = medium(&read(text, &seen, "t"));
        read(&texts[0], &seen, "t");
        media
    });
    assert_eq!(2, seen.len());
    assert!(seen.bytes() <= 45_000);
    assert!(shared(&first[0], &medium(&read(&texts[0], &seen, "t"))));
    assert!(shared(&first[2], &medium(&read(&texts[2], &seen, "t"))));
    assert!(!shared(&first[1], &medium(&read(&texts[1], &seen, "t"))));
    let before = seen.bytes();
    read(&body(&png(8, 8, &[(b"IDAT", &[9; 45_000])]), "image/png"), &seen, "t");
    read(&body(&png(8, 8, &[(b"IDAT", &[9; 10_000])]), "image/png"), &seen, "t");
    assert_eq!((2, before), (seen.len(), seen.bytes()));
    let none = Seen::new(0);
    read(&texts[0], &none, "t");
    assert!(none.is_empty());
}

/// Media of a bare base64 member are seen as well, and padding is part of a text.
#[test]
fn bare_texts_are_seen() {
    let seen = Seen::new(1_000_000);
    let text = body(&picture(1), "image/png").replace("data:image/png;base64,", "").replace("url", "data");
    let before = medium(&read(&text, &seen, "t"));
    assert!(shared(&before, &medium(&read(&text, &seen, "t"))));
    let unpadded = text.replace('=', "");
    assert_eq!(before.data(), medium(&read(&unpadded, &seen, "t")).data());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A body is read the same whatever was seen before it: here, the same body less one byte's difference.
    #[test]
    fn what_was_seen_changes_nothing(
        bytes in proptest::collection::vec(any::<u8>(), 12_500..14_000),
        at in any::<prop::sample::Index>(),
        byte in proptest::sample::select(&b"A/+=\"\\ \x00\xff"[..]),
    ) {
        let seen = Seen::new(1_000_000);
        let before = body(&bytes, "");
        read(&before, &seen, "t");
        let mut after = before.into_bytes();
        let at = at.index(after.len());
        after[at] = byte;
        let told = |read: Result<Document<&[u8]>, Refusal>| {
            read.map(|document| document.media().cloned().collect::<Vec<_>>())
        };
        let limits = Limits::default();
        let alone = told(scan(&after[..], &limits));
        prop_assert_eq!(&alone, &told(scan_again(&after[..], &limits, &seen, "t")));
        prop_assert_eq!(&alone, &told(scan_again(&after[..], &limits, &seen, "t")));
    }
}
