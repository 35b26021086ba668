//! Writing bodies: the client's own bytes with some members and media replaced, or a template of ours
//! with its placeholders filled.
//!
//! Laws: splicing nothing gives the same bytes; what is not replaced keeps its bytes, whitespace and
//! escapes included; the result scans again; a placeholder never leaves the process.

mod edits;
pub mod placeholder;
mod plan;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use crate::media::Media;
use crate::scan::{Document, check_value};
use edits::Edits;
pub use plan::Plan;

/// A call that cannot be carried out. It is always a mistake of the caller, never of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpliceError {
    /// The new text of this member is not one JSON value.
    NotJson(String),
    /// There is no medium with this index.
    NoMedium(usize),
    /// At this byte of a template, a placeholder is only a part of a longer string.
    PartOfString(usize),
}

impl fmt::Display for SpliceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(member) => write!(f, "the new value of member {member:?} is not JSON text"),
            Self::NoMedium(index) => write!(f, "there is no medium {index}"),
            Self::PartOfString(at) => write!(f, "the placeholder at byte {at} does not fill its string"),
        }
    }
}

impl std::error::Error for SpliceError {}

/// The body of `document` with members of the top level set (JSON text), added, or removed (`None`),
/// and media replaced in the form the client used.
///
/// A placeholder string inside a new member stands for the medium, as everywhere: it is written as the
/// client wrote it, or as its replacement.
///
/// # Errors
/// [`SpliceError`], for arguments that make no body.
pub fn splice<'a, B: AsRef<[u8]>, T: AsRef<[u8]>>(
    document: &'a Document<B>,
    members: &'a BTreeMap<String, Option<T>>,
    media: &'a BTreeMap<usize, Media>,
) -> Result<Plan<'a>, SpliceError> {
    if let Some(index) = media.keys().find(|index| **index >= document.lifted.len()) {
        return Err(SpliceError::NoMedium(*index));
    }
    for (name, text) in members {
        if text.as_ref().is_some_and(|text| check_value(text.as_ref()).is_err()) {
            return Err(SpliceError::NotJson(name.clone()));
        }
    }
    Edits::new(document, members, media).plan()
}

/// A JSON text of ours with every placeholder string replaced by its medium.
///
/// # Errors
/// [`SpliceError`], when a placeholder names no medium or is only a part of a string.
pub fn fill<'a>(template: &'a [u8], media: &'a [Media]) -> Result<Plan<'a>, SpliceError> {
    let mut plan = Plan::default();
    let mut from = 0;
    for found in placeholder::find(template) {
        let found = found.map_err(SpliceError::PartOfString)?;
        let medium = media.get(found.index).ok_or(SpliceError::NoMedium(found.index))?;
        plan.bytes(&template[from..found.span.start]);
        plan.medium(medium, found.form);
        from = found.span.end;
    }
    plan.bytes(&template[from..]);
    Ok(plan)
}
