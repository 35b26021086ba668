//! One strict pass over the JSON body of a request.
//!
//! Every JSON parser accepts more than RFC 8259, each in its own way, and a gateway that checks one
//! reading while the upstream acts on another can be walked round. So the scan accepts only bodies on
//! which all readers agree:
//!
//! | refused | because |
//! |---|---|
//! | the same key twice in an object, compared after unescaping | parsers keep the first, or the last |
//! | bytes that are not UTF-8, a lone surrogate, a byte order mark | parsers replace, drop or keep them |
//! | `NaN`, `Infinity`, numbers outside the grammar, over 128 characters, or beyond a double | same |
//! | raw control characters in strings, anything behind the value | same |
//! | depth, values, bytes over the cap | cost |
//!
//! On the way, media are lifted out ([`lift`] says which strings are media), so that the rest of the
//! gateway sees a small *skeleton*: the same JSON with a placeholder in the place of each medium.

mod document;
mod frames;
mod lift;
mod machine;
mod number;
mod seen;
mod text;

#[cfg(test)]
pub(crate) mod laws;
#[cfg(test)]
mod tests;

pub use document::Document;
pub use lift::Form;
pub(crate) use machine::Member;
pub use seen::Seen;

use crate::limits::Limits;
use crate::refusal::Refusal;
use lift::Lifter;
use machine::{Findings, Machine};

/// Caps for JSON that the gateway wrote itself: only the nesting is bounded.
const OWN: Limits = Limits { depth: 1_024, media: 0, ..Limits::NONE };

/// Reads a body. The document keeps the body: nothing of it is copied except what is decoded.
///
/// # Errors
/// Every `body_*`, `media_*` and `image_*` code; see the table above.
pub fn scan<B: AsRef<[u8]>>(body: B, limits: &Limits) -> Result<Document<B>, Refusal> {
    let findings = read(body.as_ref(), limits, None)?;
    Ok(Document::new(body, findings))
}

/// As [`scan`], with the media of earlier bodies of the same owner at hand: one that comes again is neither
/// decoded into memory of its own nor digested again, and what this body brings is kept for the next.
///
/// # Errors
/// As [`scan`].
pub fn scan_again<B: AsRef<[u8]>>(
    body: B,
    limits: &Limits,
    seen: &Seen,
    owner: &str,
) -> Result<Document<B>, Refusal> {
    let findings = read(body.as_ref(), limits, Some((seen, owner.as_bytes())))?;
    Ok(Document::new(body, findings))
}

/// As [`scan`], for a report on all of a body: a medium that is refused leaves its place to one that was not
/// read, and [`Document::refused`] tells why. Such a document must not be sent.
///
/// # Errors
/// As [`scan`], without those of a single medium.
pub fn scan_on<B: AsRef<[u8]>>(body: B, limits: &Limits) -> Result<Document<B>, Refusal> {
    let bytes = body.as_ref();
    sized(bytes, limits)?;
    let findings = Machine::new(bytes, limits, Some(Lifter::new(bytes, limits, None).going_on())).run()?;
    Ok(Document::new(body, findings))
}

/// Refuses what is not one JSON value under the same strict rules, whatever its type.
///
/// # Errors
/// `body_invalid_json`, `body_invalid_utf8`, `body_duplicate_key`, `body_too_deep`.
pub fn check_value(text: &[u8]) -> Result<(), Refusal> {
    Machine::new(text, &OWN, None).run().map(|_| ())
}

fn read(body: &[u8], limits: &Limits, earlier: Option<(&Seen, &[u8])>) -> Result<Findings, Refusal> {
    sized(body, limits)?;
    Machine::new(body, limits, Some(Lifter::new(body, limits, earlier))).run()
}

/// Refuses a body that is too large, or that is no object.
fn sized(body: &[u8], limits: &Limits) -> Result<(), Refusal> {
    if body.len() > limits.body_bytes {
        let message = format!("the body has more than {} bytes", limits.body_bytes);
        return Err(Refusal::new("body_too_large", message));
    }
    require_object(body)
}

/// Tells a body that is no object apart from one that is no JSON, by its first byte where that suffices.
fn require_object(body: &[u8]) -> Result<(), Refusal> {
    if body.starts_with(b"\xef\xbb\xbf") {
        return Err(fault("the body starts with a byte order mark; send plain UTF-8", 0));
    }
    let trimmed = body.trim_ascii();
    match trimmed.first() {
        Some(b'[' | b'"' | b'-' | b'0'..=b'9') => {}
        Some(_) if matches!(trimmed, b"true" | b"false" | b"null") => {}
        Some(_) => return Ok(()),
        None => return Err(fault("the body is empty; send a JSON object", 0)),
    }
    Err(Refusal::new("body_not_an_object", "the body must be a JSON object").at(0))
}

/// The refusal of bytes outside the grammar.
fn fault(what: &str, offset: usize) -> Refusal {
    Refusal::new("body_invalid_json", format!("the body is not valid JSON: {what}")).at(offset)
}
