//! A scanned body: its bytes, what was lifted, and where.

use super::lift::{Form, Lifted};
use super::machine::{Findings, Member};
use crate::media::Media;
use crate::refusal::Refusal;
use crate::splice::placeholder;

/// A scanned body. `B` keeps the bytes alive; they are not copied.
#[derive(Debug)]
pub struct Document<B> {
    body: B,
    skeleton: Option<Vec<u8>>,
    pub(crate) members: Vec<Member>,
    pub(crate) lifted: Vec<Lifted>,
    refused: Vec<Refusal>,
}

impl<B: AsRef<[u8]>> Document<B> {
    pub(super) fn new(body: B, findings: Findings) -> Self {
        let skeleton = (!findings.lifted.is_empty()).then(|| skeleton(body.as_ref(), &findings.lifted));
        let Findings { members, lifted, refused } = findings;
        Self { body, skeleton, members, lifted, refused }
    }

    /// The client's own bytes.
    pub fn body(&self) -> &[u8] {
        self.body.as_ref()
    }

    /// Whatever keeps the bytes alive.
    pub fn owner(&self) -> &B {
        &self.body
    }

    /// The body with every medium replaced by its placeholder; `None` when that is the body itself.
    pub fn skeleton(&self) -> Option<&[u8]> {
        self.skeleton.as_deref()
    }

    /// The media in document order.
    pub fn media(&self) -> impl ExactSizeIterator<Item = &Media> {
        self.lifted.iter().map(|lifted| &lifted.media)
    }

    /// Why media were not read, of a body that was scanned with [`super::scan_on`]; each names its part.
    pub fn refused(&self) -> &[Refusal] {
        &self.refused
    }

    /// How the client wrote medium `index`.
    pub fn form(&self, index: usize) -> Option<Form> {
        self.lifted.get(index).map(|lifted| lifted.form)
    }

    /// Index of the medium that a decoded string of the skeleton stands for.
    pub fn media_index(&self, value: &str) -> Option<usize> {
        placeholder::parse(value).map(|(index, _)| index).filter(|index| *index < self.lifted.len())
    }
}

fn skeleton(body: &[u8], lifted: &[Lifted]) -> Vec<u8> {
    let spared: usize = lifted.iter().map(|medium| medium.span.len()).sum();
    let mut out = Vec::with_capacity(body.len() - spared + lifted.len() * placeholder::MAX_JSON_LEN);
    let mut from = 0;
    for (index, medium) in lifted.iter().enumerate() {
        out.extend_from_slice(&body[from..medium.span.start]);
        out.extend_from_slice(placeholder::json(index, medium.form).as_bytes());
        from = medium.span.end;
    }
    out.extend_from_slice(&body[from..]);
    out
}
