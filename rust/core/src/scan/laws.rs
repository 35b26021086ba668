//! Laws of the scan, against `serde_json` as the independent reader.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;

/// Any JSON value of moderate size.
pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e300..1e300f64).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "data:[a-z/]{0,9}(;base64)?,[A-Za-z0-9+/=]{0,40}".prop_map(Value::from),
        "[A-Za-z0-9+/]{60,80}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((any_key(), inner), 0..6)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Keys of dialects as often as arbitrary ones.
pub(crate) fn any_key() -> impl Strategy<Value = String> {
    prop_oneof!["data|url|file_data|text|model", any::<String>()]
}

/// Any JSON object.
pub(crate) fn any_object() -> impl Strategy<Value = Value> {
    proptest::collection::vec((any_key(), any_value()), 0..6)
        .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>()))
}

/// A text near JSON: a written value with one place changed.
fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    (any_object(), any::<usize>(), any::<u8>(), 0..4u8).prop_map(|(value, at, byte, how)| {
        let mut text = serde_json::to_vec(&value).unwrap();
        let at = at % text.len();
        match how {
            0 => text[at] = byte,
            1 => text.insert(at, byte),
            2 => {
                text.remove(at);
            }
            _ => text.truncate(at),
        }
        text
    })
}

/// Puts the base64 of the media back where the placeholders are.
fn restore(value: &mut Value, document: &Document<&[u8]>, body: &[u8]) {
    match value {
        Value::String(text) => {
            if let Some(index) = document.media_index(text) {
                let span = document.lifted[index].span.clone();
                *value = serde_json::from_slice(&body[span]).unwrap();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| restore(item, document, body)),
        Value::Object(members) => members.values_mut().for_each(|item| restore(item, document, body)),
        _ => {}
    }
}

proptest! {
    /// Whatever is written as an object is accepted, unless a medium in it is refused, and the skeleton
    /// with its placeholders undone says the same.
    #[test]
    fn accepts_and_keeps(value in any_object(), pretty in any::<bool>()) {
        let write = if pretty { serde_json::to_vec_pretty } else { serde_json::to_vec };
        let body = write(&value).unwrap();
        match scan(&body[..], &Limits::default()) {
            Err(refusal) => prop_assert!(refusal.code.starts_with("media_"), "{refusal}"),
            Ok(document) => {
                let mut skeleton = serde_json::from_slice(document.skeleton().unwrap_or(&body)).unwrap();
                restore(&mut skeleton, &document, &body);
                prop_assert_eq!(value, skeleton);
                for member in &document.members {
                    let text = &body[member.value..member.span.end];
                    prop_assert!(check_value(text).is_ok());
                }
            }
        }
    }

    /// Whatever the scan accepts, the independent reader accepts too.
    #[test]
    fn never_laxer(body in nearly_json()) {
        if scan(&body[..], &Limits::default()).is_ok() {
            prop_assert!(serde_json::from_slice::<Value>(&body).is_ok_and(|value| value.is_object()));
        }
    }

    /// Whatever the independent reader accepts, the scan accepts or refuses for a stricter rule.
    #[test]
    fn stricter_only_by_rule(body in nearly_json()) {
        let theirs = serde_json::from_slice::<Value>(&body);
        if let (Ok(value), Err(refusal)) = (theirs, scan(&body[..], &Limits::default())) {
            let by_rule = matches!(refusal.code, "body_duplicate_key" | "body_not_an_object")
                || refusal.code.starts_with("media_");
            prop_assert!(by_rule, "{refusal} for {value}");
        }
    }

    /// Any bytes are accepted or refused, without a panic.
    #[test]
    fn any_bytes(body in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _verdict = scan(&body[..], &Limits::default());
        let _value = check_value(&body);
    }

    /// Every string that serde_json writes or escapes reads back the same as a key.
    #[test]
    fn keys_decode(key in any::<String>(), all_escaped in any::<bool>()) {
        let written = if all_escaped {
            let units = key.encode_utf16().map(|unit| format!("\\u{unit:04X}"));
            format!("\"{}\"", units.collect::<String>())
        } else {
            serde_json::to_string(&key).unwrap()
        };
        let body = format!("{{{written}:0}}");
        let document = scan(body.as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(key.as_bytes(), &document.members[0].key[..]);
    }
}
