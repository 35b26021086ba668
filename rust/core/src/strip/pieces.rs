//! What is kept of a file, and a little that is new, as pieces: a file that keeps all of itself is never copied.

use std::ops::Range;

/// More pieces than any honest file comes to. Beyond, they are joined as they come, so that a file of
/// nothing but tiny segments does not take many times its own memory.
const MANY: usize = 4_096;

/// A stretch of the file, or bytes of our own.
enum Piece {
    Kept(Range<usize>),
    Made(Vec<u8>),
}

/// The new file: what is joined already, then the pieces, in order.
pub(super) struct Pieces<'a> {
    file: &'a [u8],
    joined: Vec<u8>,
    pieces: Vec<Piece>,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(file: &'a [u8]) -> Self {
        Self::written(file, Vec::new())
    }

    /// A new file that is written already, at least its beginning.
    pub(super) fn written(file: &'a [u8], joined: Vec<u8>) -> Self {
        Self { file, joined, pieces: Vec::new() }
    }

    /// Keeps a stretch of the file; `None` when the file ends before it does.
    pub(super) fn keep(&mut self, span: Range<usize>) -> Option<()> {
        self.file.get(span.clone())?;
        match self.pieces.last_mut() {
            Some(Piece::Kept(before)) if before.end == span.start => before.end = span.end,
            _ => self.push(Piece::Kept(span)),
        }
        Some(())
    }

    /// Adds bytes of our own.
    pub(super) fn make(&mut self, bytes: &[u8]) {
        self.push(Piece::Made(bytes.to_vec()));
    }

    /// The new file; `None` when it is the old one.
    pub(super) fn into_file(mut self) -> Option<Vec<u8>> {
        let length =
            self.joined.len() + self.pieces.iter().map(|piece| bytes(self.file, piece).len()).sum::<usize>();
        if length == self.file.len() && self.is_the_file() {
            return None;
        }
        self.joined.reserve_exact(length - self.joined.len());
        self.join();
        Some(self.joined)
    }

    fn push(&mut self, piece: Piece) {
        if self.pieces.len() == MANY {
            self.join();
        }
        self.pieces.push(piece);
    }

    fn join(&mut self) {
        for piece in self.pieces.drain(..) {
            self.joined.extend_from_slice(bytes(self.file, &piece));
        }
    }

    /// Whether a new file that is as long as the old one is the same. What stands in its old place is not read.
    fn is_the_file(&self) -> bool {
        let mut at = self.joined.len();
        self.file.starts_with(&self.joined)
            && self.pieces.iter().all(|piece| {
                let bytes = bytes(self.file, piece);
                let place = at..at + bytes.len();
                at = place.end;
                matches!(piece, Piece::Kept(span) if *span == place) || self.file.get(place) == Some(bytes)
            })
    }
}

fn bytes<'a>(file: &'a [u8], piece: &'a Piece) -> &'a [u8] {
    match piece {
        Piece::Kept(span) => file.get(span.clone()).unwrap_or_default(),
        Piece::Made(bytes) => bytes,
    }
}
