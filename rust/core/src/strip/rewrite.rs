//! A new file made of stretches of an old one. As long as it says the same, nothing is copied.

use std::ops::Range;

/// The new file so far.
pub(super) struct Rewrite<'a> {
    file: &'a [u8],
    /// So much of the new file is the beginning of the old one, and not written.
    same: usize,
    /// All of the new file, from where it first says something else.
    written: Option<Vec<u8>>,
}

impl<'a> Rewrite<'a> {
    pub(super) fn of(file: &'a [u8]) -> Self {
        Self { file, same: 0, written: None }
    }

    /// A new file that is written already.
    pub(super) fn done(file: &'a [u8], written: Vec<u8>) -> Self {
        Self { file, same: file.len(), written: (written != file).then_some(written) }
    }

    /// Adds a stretch of the file; `None` when the file ends before it does.
    pub(super) fn keep(&mut self, span: Range<usize>) -> Option<()> {
        let bytes = self.file.get(span.clone())?;
        if self.written.is_none() && span.start == self.same {
            self.same = span.end;
        } else {
            self.write(bytes);
        }
        Some(())
    }

    /// Adds bytes of our own.
    pub(super) fn make(&mut self, bytes: &[u8]) {
        if self.written.is_none() && self.file[self.same..].starts_with(bytes) {
            self.same += bytes.len();
        } else {
            self.write(bytes);
        }
    }

    /// The new file; `None` when it is the old one.
    pub(super) fn into_file(self) -> Option<Vec<u8>> {
        let cut_short = || (self.same < self.file.len()).then(|| self.file[..self.same].to_vec());
        self.written.or_else(cut_short)
    }

    fn write(&mut self, bytes: &[u8]) {
        let written = self.written.get_or_insert_with(|| {
            // What is made is rarely more than what is cut.
            let mut written = Vec::with_capacity(self.file.len());
            written.extend_from_slice(&self.file[..self.same]);
            written
        });
        written.extend_from_slice(bytes);
    }
}
