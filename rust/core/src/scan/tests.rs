use super::*;
use crate::media::samples::still_png;

fn base64_of(bytes: &[u8]) -> String {
    let mut out = vec![0; crate::base64::encoded_len(bytes.len())];
    crate::base64::encode_into(bytes, &mut out);
    String::from_utf8(out).unwrap()
}

fn url(bytes: &[u8]) -> String {
    format!("data:image/png;base64,{}", base64_of(bytes))
}

fn read(body: &str) -> Result<Document<&[u8]>, Refusal> {
    scan(body.as_bytes(), &Limits::default())
}

fn code(body: &[u8], limits: &Limits) -> &'static str {
    scan(body, limits).map_or_else(|refusal| refusal.code, |_| "ok")
}

fn media(body: &str) -> usize {
    read(body).unwrap().media().len()
}

/// The first byte that is wrong is named, for each class of mistake.
#[test]
fn offsets() {
    let cases: [(&[u8], &str, usize); 12] = [
        (b"{\"a\":1,}", "body_invalid_json", 7),
        (b"{\"a\":1", "body_invalid_json", 6),
        (b"{\"a\" 1}", "body_invalid_json", 5),
        (b"{\"a\":[1 2]}", "body_invalid_json", 8),
        (b"{\"a\":01}", "body_invalid_json", 5),
        (b"{\"a\":\"x", "body_invalid_json", 5),
        (b"{\"a\":\"x\ty\"}", "body_invalid_json", 7),
        (b"{\"a\":\"\\ud800x\"}", "body_invalid_json", 6),
        (b"{\"a\":\"x\xff\"}", "body_invalid_utf8", 7),
        (b"{} x", "body_invalid_json", 3),
        (b"{\"a\":1,\"\\u0061\":2}", "body_duplicate_key", 7),
        (b"\xef\xbb\xbf{}", "body_invalid_json", 0),
    ];
    for (body, expected, offset) in cases {
        let refusal = scan(body, &Limits::default()).unwrap_err();
        assert_eq!((expected, Some(offset)), (refusal.code, refusal.offset), "{body:?}");
    }
}

/// A body that is JSON but no object is told apart from one that is no JSON.
#[test]
fn top_level() {
    for body in ["[]", " [1]", "\"x\"", "1", "-1", "true ", "null"] {
        assert_eq!("body_not_an_object", code(body.as_bytes(), &Limits::default()), "{body}");
    }
    for body in ["", " ", "nul", "hello", "}"] {
        assert_eq!("body_invalid_json", code(body.as_bytes(), &Limits::default()), "{body}");
    }
}

/// Each cap is inclusive.
#[test]
fn caps() {
    let limits = Limits { body_bytes: 20, depth: 3, nodes: 4, ..Limits::default() };
    assert_eq!("ok", code(b"{\"a\":[[1]]}", &limits));
    assert_eq!("body_too_deep", code(b"{\"a\":[[[]]]}", &limits));
    assert_eq!("ok", code(b"{\"a\":[1,2]}", &limits));
    assert_eq!("body_too_many_values", code(b"{\"a\":[1,2,3]}", &limits));
    assert_eq!("ok", code(b"{\"a\":\"0123456789xy\"}", &limits));
    assert_eq!("body_too_large", code(b"{\"a\":\"0123456789xyz\"}", &limits));
}

/// A hundred thousand brackets are refused by depth, not by the end of the stack.
#[test]
fn deep() {
    let body = "{\"a\":".to_owned() + &"[".repeat(100_000);
    assert_eq!("body_too_deep", code(body.as_bytes(), &Limits::default()));
    let limits = Limits { depth: 1_000_000, nodes: 1_000_000, ..Limits::default() };
    assert_eq!("body_invalid_json", code(body.as_bytes(), &limits));
}

/// Duplicates are found in small and large objects, by what the keys say and not how they are spelled.
#[test]
fn duplicates() {
    let many = |last: &str| {
        let members: Vec<String> = (0..100).map(|n| format!("\"k{n}\":{{\"k{n}\":0}}")).collect();
        format!("{{{},\"{last}\":1}}", members.join(","))
    };
    assert_eq!("ok", code(many("k100").as_bytes(), &Limits::default()));
    for last in ["k0", "k15", "k16", "k99", "\\u006b50"] {
        assert_eq!("body_duplicate_key", code(many(last).as_bytes(), &Limits::default()), "{last}");
    }
    let refusal = read(r#"{"a":{"x":[0,{"b/c":1,"b\/c":2}]}}"#).unwrap_err();
    assert_eq!(Some("/a/x/1/b~1c".to_owned()), refusal.path);
}

/// Numbers have the RFC's grammar, at most 128 characters, and fit a double.
#[test]
fn numbers() {
    for good in ["0", "-0", "-0.0", "1e5", "1E+5", "1.5e-9", "1e308", "1e-400", &"9".repeat(128)] {
        assert_eq!("ok", code(format!("{{\"a\":{good}}}").as_bytes(), &Limits::default()), "{good}");
    }
    let bad = ["01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "1e309", "-1e400", "NaN", "-Infinity", "1_0"];
    for bad in bad.into_iter().chain([&*"9".repeat(129)]) {
        assert_eq!(
            "body_invalid_json",
            code(format!("{{\"a\":{bad}}}").as_bytes(), &Limits::default()),
            "{bad}"
        );
    }
}

/// A data URL is lifted under each key where a dialect puts one, and under no other.
#[test]
fn keys() {
    let url = url(&still_png(1, 1));
    let lifted = [
        "url",
        "image_url",
        "file_data",
        "data",
        "video_url",
        "audio_url",
        "input_audio",
        "document_url",
        "file_url",
    ];
    for key in lifted {
        assert_eq!(1, media(&format!("{{\"x\":[{{\"{key}\":\"{url}\"}}]}}")), "{key}");
    }
    for key in ["text", "content", "arguments", "URL", "href"] {
        assert_eq!(0, media(&format!("{{\"x\":[{{\"{key}\":\"{url}\"}}]}}")), "{key}");
    }
    assert_eq!(0, media(&format!("{{\"url\":[\"{url}\"]}}")));
}

/// Words that quote a broken data URL are words.
#[test]
fn quoted_data_urls_stay_text() {
    assert_eq!(0, media(r#"{"content":"data:image/png;base64,not base64 at all"}"#));
    assert_eq!(0, media(r#"{"content":[{"type":"text","text":"data:image/png;base64,!!"}]}"#));
}

/// Bare base64 is lifted from 64 characters on when it decodes, and is an ordinary string otherwise.
#[test]
fn bare_base64() {
    let png = base64_of(&still_png(1, 1));
    assert_eq!(1, media(&format!("{{\"data\":\"{png}\"}}")));
    assert_eq!(1, media(&format!("{{\"file_data\":\"{}\"}}", png.trim_end_matches('='))));
    assert_eq!(0, media(&format!("{{\"url\":\"{png}\"}}")));
    assert_eq!(1, media(&format!("{{\"data\":\"{}\"}}", "A".repeat(64))));
    assert_eq!(0, media(&format!("{{\"data\":\"{}\"}}", "A".repeat(63))));
    assert_eq!(0, media(&format!("{{\"data\":\"{}\"}}", "A".repeat(65))));
    assert_eq!(0, media(&format!("{{\"data\":\"{} words\"}}", "A".repeat(64))));
}

/// Scheme and marker are read in any letter case, parameters are skipped, escapes are resolved.
#[test]
fn spellings() {
    let png = base64_of(&still_png(1, 1));
    let escaped = png.replace('/', "\\/").replacen('i', "\\u0069", 1);
    for text in [
        format!("DATA:image/PNG;BASE64,{png}"),
        format!("data:image/png;name=a.png;charset=x;base64,{png}"),
        format!("data:;base64,{png}"),
        format!("data:image\\/png;base64,{escaped}"),
        format!("d\\u0061ta:image/png;base64,{png}"),
    ] {
        let body = format!("{{\"url\":\"{text}\"}}");
        let document = read(&body).unwrap();
        assert_eq!(still_png(1, 1), document.media().next().unwrap().data(), "{text}");
    }
}

/// What begins like a data URL but is not base64 stays for the dialect to judge.
#[test]
fn not_base64_urls() {
    for text in
        ["data:text/plain,hello", "data:", "data", "data:image/png;base64", "https://x/data:;base64,AA"]
    {
        assert_eq!(0, media(&format!("{{\"url\":\"{text}\"}}")), "{text}");
    }
}

/// A broken medium is refused with its ordinal, its pointer, its offset, and what would work.
#[test]
fn broken_media() {
    let good = url(&still_png(1, 1));
    let body =
        |second: &str| format!("{{\"m\":[{{\"url\":\"{good}\"}},{{\"a/b\":{{\"url\":\"{second}\"}}}}]}}");
    let long = format!("data:image/png;{};base64,AAAA", "x".repeat(300));
    let cases = [
        ("data:image/png;base64,-_-_", "media_invalid_base64", "URL-safe"),
        ("data:image/png;base64,AAAA\\nAAAA", "media_invalid_base64", "line breaks"),
        ("data:image/png;base64,AAAAA", "media_invalid_base64", "padding"),
        ("data:image/png;base64,", "media_invalid_data_url", "no data"),
        ("data:image;base64,AAAA", "media_invalid_data_url", "<type>"),
        ("data:image/p ng;base64,AAAA", "media_invalid_data_url", "<type>"),
        (&long, "media_invalid_data_url", "<type>"),
        ("data:image/png;base64,AAAA", "media_unsupported", "PNG, JPEG"),
        ("data:image/png;base64,JVBERi0x", "media_type_mismatch", "declare"),
    ];
    for (second, code, hint) in cases {
        let text = body(second);
        let refusal = read(&text).unwrap_err();
        assert_eq!((code, Some(1)), (refusal.code, refusal.part), "{second}");
        assert_eq!(Some("/m/1/a~1b/url".to_owned()), refusal.path);
        assert_eq!(text.rfind(second).map(|at| at - 1), refusal.offset);
        assert!(refusal.message.contains(hint), "{}", refusal.message);
    }
}

/// Count and size of media are refused before any decoding; text under the same keys is not counted.
#[test]
fn media_caps() {
    let limits = Limits { media: 2, media_bytes: 60, ..Limits::default() };
    let bare = "A".repeat(80);
    let three = |third: &str| {
        format!("{{\"m\":[{{\"data\":\"{bare}\"}},{{\"data\":\"{bare}\"}},{{\"data\":\"{third}\"}}]}}")
    };
    assert_eq!("media_too_many", code(three(&bare).as_bytes(), &limits));
    assert_eq!("media_too_many", code(three("data:;base64,!").as_bytes(), &limits));
    assert_eq!("ok", code(three(&"words ".repeat(30)).as_bytes(), &limits));
    assert_eq!("ok", code(format!("{{\"data\":\"{bare}\"}}").as_bytes(), &limits));
    assert_eq!("media_too_large", code(format!("{{\"data\":\"{bare}AAAA\"}}").as_bytes(), &limits));
    assert_eq!(
        "media_too_large",
        code(format!("{{\"url\":\"data:;base64,{bare}!!!!\"}}").as_bytes(), &limits)
    );
}

/// The skeleton is the same JSON with a placeholder for each medium, which names it.
#[test]
fn skeletons() {
    let (one, two) = (url(&still_png(1, 1)), base64_of(&still_png(2, 2)));
    let body = format!("{{ \"a\": [ {{\"url\":\"{one}\"}}, {{\"data\" : \"{two}\"}} ], \"b\":1e5 }}");
    let document = read(&body).unwrap();
    let skeleton: serde_json::Value = serde_json::from_slice(document.skeleton().unwrap()).unwrap();
    let first = skeleton["a"][0]["url"].as_str().unwrap();
    let second = skeleton["a"][1]["data"].as_str().unwrap();
    assert_eq!((Some(0), Some(1)), (document.media_index(first), document.media_index(second)));
    assert!(first.starts_with('\0') && second.starts_with('\0'));
    assert_eq!(vec!["/a/0/url", "/a/1/data"], document.media().map(|m| m.path()).collect::<Vec<_>>());
    assert_eq!(
        (Some(Form::DataUrl), Some(Form::Base64), None),
        (document.form(0), document.form(1), document.form(2))
    );
    for forged in ["", "\0wb:0:url", &format!("{first}x"), &first[1..], &first.replace(":0:", ":00:")] {
        assert_eq!(None, document.media_index(forged));
    }
    assert!(read("{\"a\":1}").unwrap().skeleton().is_none());
}

/// A pointer that a client makes absurdly long is left out instead of copied per medium.
#[test]
fn long_pointers() {
    let key = "k".repeat(2_000);
    let body = format!("{{\"{key}\":{{\"data\":\"{}\"}}}}", "A".repeat(64));
    assert_eq!("", read(&body).unwrap().media().next().unwrap().path());
}

/// A scan that goes on tells every medium it could not read, keeps their places, and reads the others.
#[test]
fn going_on() {
    let sound = url(&still_png(7, 5));
    let body = format!(
        r#"{{"a":[{{"url":"{sound}"}},{{"url":"data:audio/wav;base64,!!"}},{{"url":"{sound}"}},{{"url":"data:image/png;base64,{}"}}]}}"#,
        base64_of(b"\x89PNG\r\n\x1a\nxx")
    );
    assert_eq!(scan(body.as_bytes(), &Limits::default()).unwrap_err().code, "media_invalid_base64");
    let document = scan_on(body.as_bytes(), &Limits::default()).unwrap();
    let kinds: Vec<_> =
        document.media().map(|media| (media.facts().kind.as_str(), media.facts().width)).collect();
    assert_eq!(kinds, [("image", Some(7)), ("audio", None), ("image", Some(7)), ("image", None)]);
    let told: Vec<_> = document.refused().iter().map(|refusal| (refusal.code, refusal.part)).collect();
    assert_eq!(told, [("media_invalid_base64", Some(1)), ("media_corrupt", Some(3))]);
    assert_eq!(document.refused()[1].path.as_deref(), Some("/a/3/url"));
}

/// What is wrong with the body itself ends a scan that goes on, and one medium too many is that.
#[test]
fn going_on_has_an_end() {
    let sound = url(&still_png(7, 5));
    let body = format!(r#"{{"a":[{{"url":"{sound}"}},{{"url":"{sound}"}}]}}"#);
    let limits = Limits { media: 1, ..Limits::default() };
    assert_eq!(scan_on(body.as_bytes(), &limits).unwrap_err().code, "media_too_many");
    assert_eq!(scan_on(&b"{\"a\":"[..], &Limits::default()).unwrap_err().code, "body_invalid_json");
    assert_eq!(scan_on(&b"[]"[..], &Limits::default()).unwrap_err().code, "body_not_an_object");
}
