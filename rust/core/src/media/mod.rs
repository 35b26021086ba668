//! One decoded medium: its bytes, its digest, and what its header says.
//!
//! Nothing here decodes pixels or samples. A header that lies about its size is caught by the caps
//! before anything is allocated, because the facts come from a few hundred bytes.

mod container;
mod declared;
mod exif;
mod facts;
mod gif;
mod header;
mod heif;
mod jpeg;
mod other;
mod pdf;
mod png;
mod sniff;
mod webp;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

pub use container::Ratio;
pub(crate) use declared::valid as valid_mime;
pub use facts::{Facts, Kind};
pub use pdf::PageSize;

use crate::limits::Limits;
use crate::refusal::Refusal;

/// One decoded medium. Immutable, and cheap to clone: all but the path is shared.
#[derive(Clone)]
pub struct Media {
    shared: Arc<Shared>,
    path: Arc<str>,
}

/// What clones of a medium have in common.
struct Shared {
    data: Vec<u8>,
    /// Made when it is first asked for: what is only sent on needs none.
    digest: OnceLock<[u8; 32]>,
    declared: Option<String>,
    facts: Facts,
}

impl Media {
    /// A medium from its bytes.
    ///
    /// `declared` is the MIME type the sender named. It is checked against the kind the magic bytes
    /// show; a wrong subtype of the right kind is tolerated, because clients get that wrong.
    ///
    /// # Errors
    /// `media_too_large`, `media_corrupt`, `media_type_mismatch`, `media_unsupported`,
    /// `image_too_large`, `image_too_many_frames`.
    pub fn new(data: Vec<u8>, declared: Option<String>, limits: &Limits) -> Result<Self, Refusal> {
        if data.len() > limits.media_bytes {
            return Err(too_large(data.len(), limits));
        }
        let declared = declared.as_deref().and_then(declared::normalise).transpose()?;
        let facts = facts::read(&data, declared.as_deref(), limits)?;
        Ok(Self::shared(data, declared, facts, Arc::from("")))
    }

    /// In place of a medium that was refused, where the others are wanted all the same: no bytes, and the
    /// family that its sender named.
    pub(crate) fn unread(declared: Option<String>) -> Self {
        let facts = Facts::unread(declared.as_deref());
        Self::shared(Vec::new(), declared, facts, Arc::from(""))
    }

    /// The same medium in other bytes, of which all the same is true.
    pub(crate) fn rewritten(&self, data: Vec<u8>) -> Self {
        Self::shared(data, self.shared.declared.clone(), self.shared.facts.clone(), self.path.clone())
    }

    fn shared(data: Vec<u8>, declared: Option<String>, facts: Facts, path: Arc<str>) -> Self {
        Self { shared: Arc::new(Shared { data, digest: OnceLock::new(), declared, facts }), path }
    }

    /// A medium from bytes that someone else owns. Nothing over the byte cap is copied.
    ///
    /// # Errors
    /// As [`Media::new`].
    pub fn copied(data: &[u8], declared: Option<String>, limits: &Limits) -> Result<Self, Refusal> {
        if data.len() > limits.media_bytes {
            return Err(too_large(data.len(), limits));
        }
        Self::new(data.to_vec(), declared, limits)
    }

    /// The same medium, lifted from under this JSON pointer.
    #[must_use]
    pub fn at_path(mut self, path: &str) -> Self {
        self.path = Arc::from(path);
        self
    }

    /// The decoded bytes.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.shared.data
    }

    /// BLAKE3 of the decoded bytes, made once for all clones when it is first asked for.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        self.shared.digest.get_or_init(|| *blake3::hash(self.data()).as_bytes())
    }

    /// Whether [`Media::digest`] has nothing left to do.
    #[must_use]
    pub fn is_digested(&self) -> bool {
        self.shared.digest.get().is_some()
    }

    /// The MIME type the sender named.
    #[must_use]
    pub fn declared(&self) -> Option<&str> {
        self.shared.declared.as_deref()
    }

    /// What the header says.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.shared.facts
    }

    /// The type to send it under: by magic bytes, else as declared, else `application/octet-stream`.
    #[must_use]
    pub fn wire_mime(&self) -> &str {
        match (self.facts().kind, self.declared()) {
            (Kind::Other, Some(declared)) => declared,
            _ => self.facts().mime,
        }
    }

    /// JSON pointer of the string the medium was lifted from; empty when there is none.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl PartialEq for Media {
    fn eq(&self, other: &Self) -> bool {
        let parts = |media: &Self| (media.path.clone(), media.shared.declared.clone(), media.facts().clone());
        parts(self) == parts(other) && self.data() == other.data()
    }
}

impl Eq for Media {}

impl std::fmt::Debug for Media {
    /// Facts only: the bytes of a client never reach a log by accident.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Media({}, {} bytes, path {:?})", self.facts().mime, self.data().len(), self.path)
    }
}

/// The refusal of a medium over the byte cap.
pub(crate) fn too_large(size: usize, limits: &Limits) -> Refusal {
    let cap = limits.media_bytes;
    Refusal::new("media_too_large", format!("the medium has {size} bytes; at most {cap} are accepted"))
}
