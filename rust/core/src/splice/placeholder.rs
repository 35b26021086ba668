//! The strings that stand for media in a skeleton, and finding them again.
//!
//! A placeholder is `\u{0}wb:<key>:<index>:<form>`. The key is 128 random bits, drawn once per process
//! and never sent anywhere, so no client can write a string that is taken for a medium.

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::scan::Form;

/// No placeholder is longer as JSON text, quotes included.
pub(crate) const MAX_JSON_LEN: usize = 80;

struct Secret {
    /// Start of every placeholder, as a decoded string.
    prefix: String,
    /// Finds the same start in JSON text, opening quote included.
    finder: Finder<'static>,
}

static SECRET: LazyLock<Secret> = LazyLock::new(|| {
    // The standard hasher is keyed from the operating system's random source.
    let random = std::hash::RandomState::new();
    let start = format!("wb:{:016x}{:016x}:", random.hash_one(0u8), random.hash_one(1u8));
    let finder = Finder::new(json_start(&start).as_bytes()).into_owned();
    Secret { prefix: format!("\0{start}"), finder }
});

fn json_start(start: &str) -> String {
    format!("\"\\u0000{start}")
}

/// The placeholder of medium `index`, as a decoded string.
#[must_use]
pub fn text(index: usize, form: Form) -> String {
    let form = match form {
        Form::DataUrl => "url",
        Form::Base64 => "b64",
    };
    format!("{}{index}:{form}", SECRET.prefix)
}

/// The placeholder as JSON text, quotes included.
#[must_use]
pub(crate) fn json(index: usize, form: Form) -> String {
    format!("\"\\u0000{}\"", &text(index, form)[1..])
}

/// Index and form of a decoded placeholder; `None` for every other string.
#[must_use]
pub fn parse(value: &str) -> Option<(usize, Form)> {
    parse_tail(value.strip_prefix(&SECRET.prefix)?)
}

/// Only the canonical spelling counts: no sign, no leading zero.
fn parse_tail(tail: &str) -> Option<(usize, Form)> {
    let (digits, form) = tail.split_once(':')?;
    let index: usize = digits.parse().ok()?;
    let form = match form {
        "url" => Form::DataUrl,
        "b64" => Form::Base64,
        _ => return None,
    };
    (index.to_string() == digits).then_some((index, form))
}

/// A placeholder in JSON text: the whole string with its quotes, its index and form.
pub(crate) struct Found {
    pub(crate) span: Range<usize>,
    pub(crate) index: usize,
    pub(crate) form: Form,
}

/// The placeholders of a JSON text in order; an `Err` is one that does not fill its whole string.
pub(crate) fn find(json: &[u8]) -> impl Iterator<Item = Result<Found, usize>> {
    SECRET.finder.find_iter(json).map(|start| {
        let tail_start = start + SECRET.finder.needle().len();
        let tail = &json[tail_start..json.len().min(tail_start + MAX_JSON_LEN)];
        let length = memchr::memchr(b'"', tail).ok_or(start)?;
        let tail = std::str::from_utf8(&tail[..length]).ok();
        let (index, form) = tail.and_then(parse_tail).ok_or(start)?;
        Ok(Found { span: start..tail_start + length + 1, index, form })
    })
}
