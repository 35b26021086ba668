//! Which strings are media, and turning one into a [`Media`].
//!
//! A data URL is lifted only where the public dialects put one: under the keys of [`URL_KEYS`]. Text
//! keys (`text`, `content`, `arguments`, ...) are never looked into, because a message that quotes
//! `data:image/png;base64,...` is words to be counted and answered, not a picture to be decoded, and a
//! broken example in such a message must not refuse the request.
//!
//! Bare base64 is lifted under [`BARE_KEYS`] from [`BARE_MIN`] characters on, and only when it decodes:
//! the same key also carries plain text in some dialects, and that stays an ordinary string.

use std::ops::Range;

use super::frames::Frames;
use super::seen::{self, Seen};
use super::text::Span;
use crate::base64;
use crate::limits::Limits;
use crate::media::{Media, too_large, valid_mime};
use crate::refusal::Refusal;

/// Keys whose string values may be data URLs.
const URL_KEYS: [&[u8]; 9] = [
    b"url",
    b"image_url",
    b"file_data",
    b"data",
    b"video_url",
    b"audio_url",
    b"input_audio",
    b"document_url",
    b"file_url",
];

/// Keys whose string values may be base64 without a data URL round it.
const BARE_KEYS: [&[u8]; 2] = [b"data", b"file_data"];

/// Shorter bare strings are not worth lifting, and are too easily words.
const BARE_MIN: usize = 64;

/// Room for any registered type with parameters; a longer header is an attack or an accident.
const MAX_HEADER: usize = 256;

/// How a client wrote a medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `data:<type>;base64,<text>`
    DataUrl,
    /// The base64 text alone.
    Base64,
}

/// A medium lifted out of a body.
#[derive(Debug)]
pub(crate) struct Lifted {
    /// The string as written, quotes included.
    pub(crate) span: Range<usize>,
    pub(crate) form: Form,
    pub(crate) media: Media,
}

pub(super) struct Lifter<'a> {
    body: &'a [u8],
    limits: &'a Limits,
    /// Media of earlier bodies, and who asks.
    earlier: Option<(&'a Seen, &'a [u8])>,
    lifted: Vec<Lifted>,
    /// Refusals of single media; `None` where the first one ends it.
    refused: Option<Vec<Refusal>>,
}

impl<'a> Lifter<'a> {
    pub(super) fn new(body: &'a [u8], limits: &'a Limits, earlier: Option<(&'a Seen, &'a [u8])>) -> Self {
        Self { body, limits, earlier, lifted: Vec::new(), refused: None }
    }

    /// The same, but a medium that is refused leaves its place to one that was not read.
    pub(super) fn going_on(mut self) -> Self {
        self.refused = Some(Vec::new());
        self
    }

    /// The media, and the refusals of those that were not read.
    pub(super) fn finish(self) -> (Vec<Lifted>, Vec<Refusal>) {
        (self.lifted, self.refused.unwrap_or_default())
    }

    /// Lifts the string if it is a medium; false leaves it an ordinary string.
    pub(super) fn consider(&mut self, key: &[u8], span: Span, frames: &Frames<'_>) -> Result<bool, Refusal> {
        if !URL_KEYS.contains(&key) {
            return Ok(false);
        }
        let text = span.decoded(self.body);
        let found = match split_data_url(&text) {
            Some((header, payload)) => self.data_url(header, payload).map(Some),
            None if BARE_KEYS.contains(&key) && text.len() >= BARE_MIN => self.bare(&text),
            None => return Ok(false),
        };
        let part = self.lifted.len();
        let place = |refusal: Refusal| refusal.of_part(part).under(frames.pointer()).at(span.start - 1);
        let found = match (found.map_err(place), &mut self.refused) {
            // One medium too many is the body's fault and not that medium's.
            (Err(refusal), Some(refused)) if refusal.code != "media_too_many" => {
                refused.push(refusal);
                Some(unread(&text))
            }
            (found, _) => found?,
        };
        let Some((form, media)) = found else { return Ok(false) };
        let media = media.at_path(&frames.pointer());
        self.lifted.push(Lifted { span: span.start - 1..span.end + 1, form, media });
        Ok(true)
    }

    fn data_url(&self, header: &[u8], payload: &[u8]) -> Result<(Form, Media), Refusal> {
        self.check_count()?;
        let declared = declared_type(header)?;
        if payload.is_empty() {
            return Err(Refusal::new("media_invalid_data_url", "the data URL holds no data"));
        }
        self.check_size(payload)?;
        let Some(media) = self.medium(payload, declared)? else {
            let message = format!("the base64 of the data URL is not valid: {}", base64::explain(payload));
            return Err(Refusal::new("media_invalid_base64", message));
        };
        Ok((Form::DataUrl, media))
    }

    fn bare(&self, text: &[u8]) -> Result<Option<(Form, Media)>, Refusal> {
        let capped = self.check_count().and_then(|()| self.check_size(text));
        if capped.is_err() {
            // Only a medium can be one too many or too large; text under the same key stays text.
            return if base64::is_valid(text) { capped.map(|()| None) } else { Ok(None) };
        }
        Ok(self.medium(text, None)?.map(|media| (Form::Base64, media)))
    }

    /// The medium that a text says, of an earlier body where it was seen there; `None` when it is no base64.
    fn medium(&self, text: &[u8], declared: Option<String>) -> Result<Option<Media>, Refusal> {
        let known = self.earlier.and_then(|(seen, owner)| {
            Some((seen, seen::name(owner, declared.as_deref(), self.limits, text)?))
        });
        if let Some((seen, name)) = &known
            && let Some(media) = seen.find(name, text)
        {
            return Ok(Some(media));
        }
        let Some(data) = base64::decode(text) else { return Ok(None) };
        let media = Media::new(data, declared, self.limits)?;
        if let Some((seen, name)) = known {
            seen.keep(name, &media);
        }
        Ok(Some(media))
    }

    fn check_count(&self) -> Result<(), Refusal> {
        if self.lifted.len() < self.limits.media {
            return Ok(());
        }
        let message = format!("the body has more than {} media", self.limits.media);
        Err(Refusal::new("media_too_many", message))
    }

    fn check_size(&self, payload: &[u8]) -> Result<(), Refusal> {
        let size = base64::decoded_len(payload);
        if size > self.limits.media_bytes { Err(too_large(size, self.limits)) } else { Ok(()) }
    }
}

/// In place of a medium that was refused.
fn unread(text: &[u8]) -> (Form, Media) {
    match split_data_url(text) {
        Some((header, _)) => (Form::DataUrl, Media::unread(declared_type(header).unwrap_or_default())),
        None => (Form::Base64, Media::unread(None)),
    }
}

/// Header (between `data:` and the comma) and payload of a base64 data URL, in any letter case.
///
/// A string that begins with `data:` but whose header does not end in `;base64` is no base64 data URL
/// and stays an ordinary string: the dialect that knows the part decides about it.
fn split_data_url(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (scheme, rest) = text.split_at_checked(5)?;
    if !scheme.eq_ignore_ascii_case(b"data:") {
        return None;
    }
    let comma = memchr::memchr(b',', rest)?;
    let (params, marker) = rest[..comma].split_at_checked(comma.checked_sub(7)?)?;
    marker.eq_ignore_ascii_case(b";base64").then(|| (params, &rest[comma + 1..]))
}

/// The MIME type a data URL names, without parameters and in lower case; `None` when it names none.
fn declared_type(header: &[u8]) -> Result<Option<String>, Refusal> {
    let refuse = || {
        let message = "the data URL is malformed; it must read data:<type>/<subtype>;base64,<data>";
        Refusal::new("media_invalid_data_url", message)
    };
    let printable = header.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    if header.len() > MAX_HEADER || !printable {
        return Err(refuse());
    }
    let text = String::from_utf8_lossy(header).to_ascii_lowercase();
    let mime = text.split(';').next().unwrap_or_default();
    match mime {
        "" => Ok(None),
        mime if valid_mime(mime) => Ok(Some(mime.to_owned())),
        _ => Err(refuse()),
    }
}
