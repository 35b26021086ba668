//! An output as a list of pieces, so that it is allocated once, at its exact size, and written once.

use crate::base64;
use crate::media::Media;
use crate::scan::Form;

/// A piece of an output.
#[derive(Debug)]
enum Piece<'a> {
    /// Copied as it is.
    Bytes(&'a [u8]),
    /// Written by us.
    Text(String),
    /// Written as base64.
    Base64(&'a [u8]),
}

impl Piece<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Text(text) => text.len(),
            Self::Base64(bytes) => base64::encoded_len(bytes.len()),
        }
    }

    fn write(&self, out: &mut [u8]) {
        match self {
            Self::Bytes(bytes) => out.copy_from_slice(bytes),
            Self::Text(text) => out.copy_from_slice(text.as_bytes()),
            Self::Base64(bytes) => base64::encode_into(bytes, out),
        }
    }
}

/// A finished output that is not written yet.
#[derive(Debug, Default)]
pub struct Plan<'a> {
    pieces: Vec<Piece<'a>>,
    length: usize,
}

impl<'a> Plan<'a> {
    /// Exact number of bytes of the output.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether the output is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Writes the output over the whole of `out`, whose length is [`Plan::len`].
    pub fn write(&self, out: &mut [u8]) {
        let mut rest = out;
        for piece in &self.pieces {
            let (now, later) = rest.split_at_mut(piece.len());
            piece.write(now);
            rest = later;
        }
    }

    /// The output in a vector of its own.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = vec![0; self.length];
        self.write(&mut out);
        out
    }

    pub(super) fn bytes(&mut self, bytes: &'a [u8]) {
        if !bytes.is_empty() {
            self.push(Piece::Bytes(bytes));
        }
    }

    pub(super) fn text(&mut self, text: impl Into<String>) {
        self.push(Piece::Text(text.into()));
    }

    /// The medium as a JSON string in this form. MIME types hold no character that needs escaping.
    pub(super) fn medium(&mut self, media: &'a Media, form: Form) {
        match form {
            Form::DataUrl => self.text(format!("\"data:{};base64,", media.wire_mime())),
            Form::Base64 => self.text("\""),
        }
        self.push(Piece::Base64(media.data()));
        self.text("\"");
    }

    fn push(&mut self, piece: Piece<'a>) {
        self.length += piece.len();
        self.pieces.push(piece);
    }
}
