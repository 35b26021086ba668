//! Input that is refused: one value, rendered into an error row by Python.

use std::fmt;

/// Why input was refused. `code` is a row of `gateway.errors`; the message never echoes input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code, a row of `gateway.errors`.
    pub code: &'static str,
    /// Ordinal of the medium among the media of the body.
    pub part: Option<usize>,
    /// JSON pointer of the offending value.
    pub path: Option<String>,
    /// Byte offset in the body.
    pub offset: Option<usize>,
    /// What was wrong and what would work.
    pub message: String,
}

impl Refusal {
    /// A refusal without a place.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, part: None, path: None, offset: None, message: message.into() }
    }

    /// The same refusal at a byte offset of the body.
    #[must_use]
    pub fn at(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }

    /// The same refusal for the medium with this ordinal.
    #[must_use]
    pub fn of_part(mut self, part: usize) -> Self {
        self.part = Some(part);
        self
    }

    /// The same refusal under this JSON pointer.
    #[must_use]
    pub fn under(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}
