use super::*;
use crate::limits::Limits;
use crate::media::samples::{jpeg, still_png};
use crate::scan::{Form, scan};

fn base64_of(bytes: &[u8]) -> String {
    let mut out = vec![0; crate::base64::encoded_len(bytes.len())];
    crate::base64::encode_into(bytes, &mut out);
    String::from_utf8(out).unwrap()
}

fn medium(data: Vec<u8>) -> Media {
    Media::new(data, None, &Limits::default()).unwrap()
}

type Members<'a> = &'a [(&'a str, Option<&'a str>)];

fn spliced(body: &str, members: Members<'_>, media: &[(usize, Media)]) -> Result<String, SpliceError> {
    let document = scan(body.as_bytes(), &Limits::default()).unwrap();
    let members = members.iter().map(|(name, text)| ((*name).to_owned(), text.map(str::as_bytes))).collect();
    let media = media.iter().cloned().collect();
    let out = splice(&document, &members, &media)?.to_vec();
    scan(&out[..], &Limits::default()).unwrap();
    Ok(String::from_utf8(out).unwrap())
}

/// Members are set, added and removed; commas come out right; all other bytes stay.
#[test]
fn members() {
    let cases: [(&str, Members<'_>, &str); 16] = [
        ("{\"a\": 1}", &[], "{\"a\": 1}"),
        ("{\"a\": 1 , \"b\":2}", &[("a", Some("[]"))], "{\"a\": [] , \"b\":2}"),
        ("{\"a\": 1 , \"b\":2}", &[("a", None)], "{\"b\":2}"),
        ("{\"a\": 1 , \"b\":2 }", &[("b", None)], "{\"a\": 1 }"),
        ("{\"a\": 1 , \"b\":2 }", &[("a", None), ("b", None)], "{ }"),
        ("{\"a\":1,\"b\":2,\"c\":3}", &[("b", None), ("c", None)], "{\"a\":1}"),
        ("{\"a\":1,\"b\":2,\"c\":3}", &[("a", None), ("b", None)], "{\"c\":3}"),
        ("{\"a\":1,\"b\":2,\"c\":3}", &[("a", None), ("c", None)], "{\"b\":2}"),
        ("{}", &[("z", Some("true"))], "{\"z\":true}"),
        (" { } ", &[("z", Some("true")), ("y", Some("0"))], " {\"y\":0,\"z\":true } "),
        ("{\"a\":1 }", &[("z", Some("true"))], "{\"a\":1,\"z\":true }"),
        ("{\"a\":1 }", &[("a", Some("2")), ("z", Some("3"))], "{\"a\":2,\"z\":3 }"),
        ("{\"a\":1,\"b\":2}", &[("b", None), ("z", Some("3"))], "{\"a\":1,\"z\":3}"),
        ("{\"a\":1}", &[("a", None), ("z", Some("3"))], "{\"z\":3}"),
        ("{\"a\":1}", &[("absent", None)], "{\"a\":1}"),
        ("{\"\\u0061\":1}", &[("a", Some("2"))], "{\"\\u0061\":2}"),
    ];
    for (body, changes, expected) in cases {
        assert_eq!(Ok(expected.to_owned()), spliced(body, changes, &[]), "{body} {changes:?}");
    }
    assert_eq!(Ok("{\"q\\\"\\u0001\":1}".to_owned()), spliced("{}", &[("q\"\u{1}", Some("1"))], &[]));
}

/// A medium is replaced in the form the client used, under the type its bytes have.
#[test]
fn media() {
    let (old, new) = (base64_of(&still_png(1, 1)), base64_of(&jpeg(2, 2, &[])));
    let body = format!("{{\"x\":{{\"url\":\"data:image/png;base64,{old}\"}},\"data\":\"{old}\",\"n\":1}}");
    let jpeg = medium(jpeg(2, 2, &[]));
    let both = [(0, jpeg.clone()), (1, jpeg.clone())];
    let expected =
        format!("{{\"x\":{{\"url\":\"data:image/jpeg;base64,{new}\"}},\"data\":\"{new}\",\"n\":1}}");
    assert_eq!(Ok(expected), spliced(&body, &[], &both));
    let expected = format!("{{\"data\":\"{new}\",\"n\":2}}");
    assert_eq!(Ok(expected), spliced(&body, &[("x", None), ("n", Some("2"))], &both));
    let expected = format!("{{\"x\":0,\"data\":\"{old}\",\"n\":1}}");
    assert_eq!(Ok(expected), spliced(&body, &[("x", Some("0"))], &[(0, jpeg.clone())]));
    assert_eq!(Err(SpliceError::NoMedium(2)), spliced(&body, &[], &[(2, jpeg)]));
}

/// A placeholder in a new member is written as the client wrote the medium, or as its replacement.
#[test]
fn placeholders_in_members() {
    let old = base64_of(&still_png(1, 1)).replace('/', "\\/");
    let body = format!("{{\"m\":[{{\"url\":\"data:;base64,{old}\"}}]}}");
    let moved = format!("[7,{}]", placeholder::json(0, Form::DataUrl));
    let kept = format!("{{\"m\":[7,\"data:;base64,{old}\"]}}");
    assert_eq!(Ok(kept), spliced(&body, &[("m", Some(&moved))], &[]));
    let jpeg = medium(jpeg(2, 2, &[]));
    let replaced = format!("{{\"m\":[7,\"data:image/jpeg;base64,{}\"]}}", base64_of(jpeg.data()));
    assert_eq!(Ok(replaced), spliced(&body, &[("m", Some(&moved))], &[(0, jpeg)]));
    let bare = placeholder::json(0, Form::Base64);
    let expected = format!("{{\"m\":\"{}\"}}", base64_of(&still_png(1, 1)));
    assert_eq!(Ok(expected), spliced(&body, &[("m", Some(&bare))], &[]));
    let beyond = placeholder::json(1, Form::Base64);
    assert_eq!(Err(SpliceError::NoMedium(1)), spliced(&body, &[("m", Some(&beyond))], &[]));
}

/// A new value that is not exactly one JSON value never reaches the body.
#[test]
fn members_are_json() {
    for text in ["", "1,\"admin\":true", "{", "NaN", "{\"a\":1,\"a\":2}"] {
        let error = SpliceError::NotJson("a".to_owned());
        assert_eq!(Err(error), spliced("{\"a\":1}", &[("a", Some(text))], &[]), "{text}");
    }
}

/// A template gets each medium in the form its placeholder asks for.
#[test]
fn fills() {
    let media = [medium(still_png(1, 1)), medium(jpeg(2, 2, &[]))];
    let (png, jpeg) = (base64_of(media[0].data()), base64_of(media[1].data()));
    let template = format!(
        "{{\"a\":{},\"b\":[{},{}]}}",
        placeholder::json(1, Form::DataUrl),
        placeholder::json(0, Form::Base64),
        placeholder::json(1, Form::Base64)
    );
    let expected = format!("{{\"a\":\"data:image/jpeg;base64,{jpeg}\",\"b\":[\"{png}\",\"{jpeg}\"]}}");
    assert_eq!(expected.as_bytes(), fill(template.as_bytes(), &media).unwrap().to_vec());
    assert_eq!(b"{}".to_vec(), fill(b"{}", &media).unwrap().to_vec());
    assert_eq!(Some(SpliceError::NoMedium(1)), fill(template.as_bytes(), &media[..1]).err());
    let part = placeholder::json(0, Form::Base64).replace("64\"", "64 and more\"");
    assert_eq!(Some(SpliceError::PartOfString(0)), fill(part.as_bytes(), &media).err());
}

/// A placeholder as a serialiser writes it is the one that is found.
#[test]
fn serialisers_agree() {
    for form in [Form::DataUrl, Form::Base64] {
        let text = placeholder::text(3, form);
        assert_eq!(serde_json::to_string(&text).unwrap(), placeholder::json(3, form));
        assert_eq!(Some((3, form)), placeholder::parse(&text));
        assert!(placeholder::json(usize::MAX, form).len() <= placeholder::MAX_JSON_LEN);
    }
}
