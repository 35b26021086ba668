//! The open arrays and objects: their keys, their duplicates, and the JSON pointer of the present place.

use std::borrow::Cow;
use std::collections::HashSet;

/// Above this many keys an object gets a hash set; below, comparing is faster.
const FEW_KEYS: usize = 16;

/// Longer pointers are given as empty: 64 media below one 50 MB key must not cost 64 copies of it.
const MAX_POINTER: usize = 1024;

type Key<'a> = Cow<'a, [u8]>;

enum Frame<'a> {
    Array { index: usize },
    Object { first_key: usize, seen: HashSet<Key<'a>> },
}

/// What kind of container the scanner is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    Nothing,
    Array,
    Object,
}

/// The stack of open containers. All open objects share one list of decoded keys.
#[derive(Default)]
pub(super) struct Frames<'a> {
    frames: Vec<Frame<'a>>,
    keys: Vec<Key<'a>>,
}

impl<'a> Frames<'a> {
    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn inside(&self) -> Inside {
        match self.frames.last() {
            None => Inside::Nothing,
            Some(Frame::Array { .. }) => Inside::Array,
            Some(Frame::Object { .. }) => Inside::Object,
        }
    }

    pub(super) fn open_array(&mut self) {
        self.frames.push(Frame::Array { index: 0 });
    }

    pub(super) fn open_object(&mut self) {
        self.frames.push(Frame::Object { first_key: self.keys.len(), seen: HashSet::new() });
    }

    pub(super) fn close(&mut self) {
        if let Some(Frame::Object { first_key, .. }) = self.frames.pop() {
            self.keys.truncate(first_key);
        }
    }

    pub(super) fn next_item(&mut self) {
        if let Some(Frame::Array { index }) = self.frames.last_mut() {
            *index += 1;
        }
    }

    /// Enters a member of the innermost object; false when the object already has this key.
    pub(super) fn enter_member(&mut self, key: Key<'a>) -> bool {
        let Some(Frame::Object { first_key, seen }) = self.frames.last_mut() else { return true };
        let siblings = &self.keys[*first_key..];
        let fresh = if siblings.len() < FEW_KEYS {
            !siblings.contains(&key)
        } else {
            if seen.is_empty() {
                seen.extend(siblings.iter().cloned());
            }
            seen.insert(key.clone())
        };
        self.keys.push(key);
        fresh
    }

    /// The key of the member whose value comes next; `None` in an array.
    pub(super) fn member(&self) -> Option<&[u8]> {
        match self.frames.last()? {
            Frame::Array { .. } => None,
            Frame::Object { .. } => self.keys.last().map(AsRef::as_ref),
        }
    }

    /// RFC 6901 pointer of the present value; empty when it would be longer than 1,024 bytes.
    pub(super) fn pointer(&self) -> String {
        let mut pointer = String::new();
        let mut firsts = self.frames.iter().filter_map(Frame::first_key).skip(1);
        for frame in &self.frames {
            pointer.push('/');
            match frame {
                Frame::Array { index } => pointer.push_str(&index.to_string()),
                Frame::Object { .. } => {
                    let end = firsts.next().unwrap_or(self.keys.len());
                    let key = end.checked_sub(1).and_then(|last| self.keys.get(last));
                    push_escaped(&mut pointer, key.map_or(&[][..], AsRef::as_ref));
                }
            }
            if pointer.len() > MAX_POINTER {
                return String::new();
            }
        }
        pointer
    }
}

impl Frame<'_> {
    fn first_key(&self) -> Option<usize> {
        match self {
            Self::Array { .. } => None,
            Self::Object { first_key, .. } => Some(*first_key),
        }
    }
}

fn push_escaped(pointer: &mut String, key: &[u8]) {
    // A key this long makes the pointer too long anyway; its copy is not made.
    let key = &key[..key.len().min(MAX_POINTER + 1)];
    for character in String::from_utf8_lossy(key).chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}
