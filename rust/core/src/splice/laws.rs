//! Laws of the splice, on arbitrary bodies.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::limits::Limits;
use crate::scan::laws::{any_key, any_object, any_value};
use crate::scan::scan;

fn changes() -> impl Strategy<Value = BTreeMap<String, Option<Value>>> {
    proptest::collection::btree_map(any_key(), proptest::option::of(any_value()), 0..5)
}

proptest! {
    /// Splicing nothing gives the same bytes.
    #[test]
    fn nothing(value in any_object(), pretty in any::<bool>()) {
        let write = if pretty { serde_json::to_vec_pretty } else { serde_json::to_vec };
        let body = write(&value).unwrap();
        if let Ok(document) = scan(&body[..], &Limits::default()) {
            let (members, media) = (BTreeMap::<String, Option<Vec<u8>>>::new(), BTreeMap::new());
            prop_assert_eq!(&body, &splice(&document, &members, &media).unwrap().to_vec());
        }
    }

    /// The result reads as the old object with the members set, added and removed, and scans again.
    #[test]
    fn members_read_back(value in any_object(), changes in changes(), pretty in any::<bool>()) {
        let write = if pretty { serde_json::to_vec_pretty } else { serde_json::to_vec };
        let body = write(&value).unwrap();
        let Ok(document) = scan(&body[..], &Limits::default()) else { return Ok(()) };
        let texts = changes
            .iter()
            .map(|(name, value)| (name.clone(), value.as_ref().map(|value| serde_json::to_vec(value).unwrap())))
            .collect();
        let out = splice(&document, &texts, &BTreeMap::new()).unwrap().to_vec();
        let mut expected = value.as_object().unwrap().clone();
        for (name, value) in changes {
            match value {
                Some(value) => expected.insert(name, value),
                None => expected.remove(&name),
            };
        }
        prop_assert_eq!(Value::from(expected), serde_json::from_slice::<Value>(&out).unwrap());
        prop_assert!(check_value(&out).is_ok());
    }

    /// Replacing every medium by itself keeps what the body says about its media.
    #[test]
    fn media_read_back(value in any_object()) {
        let body = serde_json::to_vec(&value).unwrap();
        let Ok(document) = scan(&body[..], &Limits::default()) else { return Ok(()) };
        let same: BTreeMap<usize, Media> = document.media().cloned().enumerate().collect();
        let out = splice(&document, &BTreeMap::<String, Option<Vec<u8>>>::new(), &same).unwrap().to_vec();
        let again = scan(&out[..], &Limits::default()).unwrap();
        let digests = |media: &Media| *media.digest();
        prop_assert_eq!(
            document.media().map(digests).collect::<Vec<_>>(),
            again.media().map(digests).collect::<Vec<_>>()
        );
    }
}
