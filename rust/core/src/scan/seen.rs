//! Pictures seen before. A chat sends all of them again with every turn.
//!
//! A text is recognised by being read again: decoded block by block and held against the bytes that are
//! kept. That costs a third of decoding it into memory of its own and hashing it, and no hash has to be
//! trusted: whoever contrives two texts with one name only makes the second one as slow as a new one.
//!
//! The name of a text is a digest of its owner, its length and samples of it. Owners never meet: what one
//! tenant sent is not even faster for another. Type and caps belong to the name too, for a medium that was
//! taken under other caps may be one that these refuse.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base64;
use crate::digest::digest;
use crate::limits::Limits;
use crate::media::Media;

/// Shorter texts are decoded sooner than looked up.
const SHORTEST: usize = 16_384;

/// Samples of a text, evenly spread, and characters of each.
const SAMPLES: usize = 16;
const SAMPLE: usize = 64;

/// Charged for an entry beside the bytes of its medium.
const OVERHEAD: usize = 512;

/// Media of earlier bodies, at most so many bytes of them, the least recently used going first.
#[derive(Debug)]
pub struct Seen {
    most: usize,
    table: Mutex<Table>,
}

/// What makes a text the same text for the same asker.
pub(super) type Name = [u8; 32];

#[derive(Debug, Default)]
struct Table {
    entries: HashMap<Name, (u64, Media)>,
    /// Names by when they were used last.
    uses: BTreeMap<u64, Name>,
    used: u64,
    bytes: usize,
}

impl Seen {
    /// A table that holds this many bytes at most.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, table: Mutex::default() }
    }

    /// Number of media held.
    pub fn len(&self) -> usize {
        self.table().entries.len()
    }

    /// Whether no medium is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held, as they are counted against the most.
    pub fn bytes(&self) -> usize {
        self.table().bytes
    }

    /// The medium this text was before. Nothing is held while the text is read.
    pub(super) fn find(&self, name: &Name, text: &[u8]) -> Option<Media> {
        let media = self.table().touch(name)?;
        base64::says(text, media.data()).then_some(media)
    }

    /// Keeps a medium under this name, in the place of another one.
    pub(super) fn keep(&self, name: Name, media: &Media) {
        if cost(media) <= self.most {
            // Freed after the lock is.
            let _gone = self.table().insert(name, media.clone(), self.most);
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn touch(&mut self, name: &Name) -> Option<Media> {
        let (used, media) = self.entries.get_mut(name)?;
        self.used += 1;
        self.uses.remove(used);
        self.uses.insert(self.used, *name);
        *used = self.used;
        Some(media.clone())
    }

    fn insert(&mut self, name: Name, media: Media, most: usize) -> Vec<Media> {
        let mut gone: Vec<Media> = self.remove(&name).into_iter().collect();
        self.used += 1;
        self.bytes += cost(&media);
        self.uses.insert(self.used, name);
        self.entries.insert(name, (self.used, media));
        while self.bytes > most
            && let Some((_, oldest)) = self.uses.first_key_value()
        {
            let oldest = *oldest;
            gone.extend(self.remove(&oldest));
        }
        gone
    }

    fn remove(&mut self, name: &Name) -> Option<Media> {
        let (used, media) = self.entries.remove(name)?;
        self.uses.remove(&used);
        self.bytes -= cost(&media);
        Some(media)
    }
}

fn cost(media: &Media) -> usize {
    media.data().len() + OVERHEAD
}

/// The name of a text; `None` for one that is not worth it.
pub(super) fn name(owner: &[u8], declared: Option<&str>, limits: &Limits, text: &[u8]) -> Option<Name> {
    if text.len() < SHORTEST {
        return None;
    }
    let (length, caps) = (text.len().to_le_bytes(), format!("{limits:?}"));
    let declared = declared.map_or([&b"-"[..], b""], |declared| [b"+", declared.as_bytes()]);
    let head = [owner, declared[0], declared[1], caps.as_bytes(), &length, &text[text.len() - SAMPLE..]];
    let samples = (0..SAMPLES).map(|index| &text[text.len() / SAMPLES * index..][..SAMPLE]);
    Some(digest(head.into_iter().chain(samples)))
}

#[cfg(test)]
mod tests;
