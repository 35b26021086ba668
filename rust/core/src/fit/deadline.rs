//! When the work on one picture has to be over, and how decoders that take a whole file at a call are told.
//!
//! The clock starts when the call does: opening a file, which for some formats is decoding it, counts. Who
//! hands on rows asks before each of them; who reads a file at a stretch reads it through [`Timed`].

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::time::{Duration, Instant};

use crate::{Limits, Refusal};

/// The end of the time that one call has for pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    /// Nothing when that is beyond what the clock can say.
    at: Option<Instant>,
    allowed: Duration,
}

impl Deadline {
    /// The deadline of a call that starts now.
    pub(super) fn of(limits: &Limits) -> Self {
        Self { at: Instant::now().checked_add(limits.decoding), allowed: limits.decoding }
    }

    /// Refuses to go on once it has come.
    pub(super) fn check(self) -> Result<(), Refusal> {
        if self.at.is_some_and(|at| Instant::now() >= at) {
            let message = format!(
                "decoding the picture took longer than the {} s allowed; send a smaller one",
                self.allowed.as_secs_f64()
            );
            return Err(Refusal::new("image_too_large", message));
        }
        Ok(())
    }

    /// As [`check`](Self::check), in the words of readers.
    pub(super) fn read(self) -> io::Result<()> {
        self.check().map_err(|_| io::ErrorKind::TimedOut.into())
    }
}

/// Bytes that are read between two looks at the clock. Deflate makes 16 MiB of them at most.
const STRETCH: usize = 16_384;

/// A file in memory that cannot be read any more once the deadline has come. What a decoder made of the error
/// does not matter: its caller asks the deadline first.
pub(super) struct Timed<'a> {
    file: io::Cursor<&'a [u8]>,
    /// Bytes to be read before the clock is looked at again.
    left: usize,
    deadline: Deadline,
}

impl<'a> Timed<'a> {
    pub(super) fn new(data: &'a [u8], deadline: Deadline) -> Self {
        Self { file: io::Cursor::new(data), left: 0, deadline }
    }
}

impl BufRead for Timed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            self.deadline.read()?;
            self.left = STRETCH;
        }
        let rest = self.file.fill_buf()?;
        Ok(&rest[..rest.len().min(self.left)])
    }

    fn consume(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
        self.file.consume(bytes);
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let from = self.fill_buf()?;
        let bytes = from.len().min(to.len());
        to[..bytes].copy_from_slice(&from[..bytes]);
        self.consume(bytes);
        Ok(bytes)
    }
}

impl Seek for Timed<'_> {
    /// Whoever goes to and fro is asked each time: a file may name the same bytes over and over.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.left = 0;
        self.file.seek(to)
    }
}

#[cfg(test)]
impl Deadline {
    /// One that never comes.
    pub(super) const NEVER: Self = Self { at: None, allowed: Duration::MAX };

    /// One that has come.
    pub(super) fn past() -> Self {
        Self::of(&Limits { decoding: Duration::ZERO, ..Limits::NONE })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read in stretches is the file, wherever one goes in it.
    #[test]
    fn reads_the_file() {
        let data: Vec<u8> = (0..3 * STRETCH + 5).map(|at| (at % 251) as u8).collect();
        let mut timed = Timed::new(&data, Deadline::NEVER);
        let mut found = Vec::new();
        timed.read_to_end(&mut found).unwrap();
        assert_eq!(data, found);
        timed.seek(SeekFrom::Start(STRETCH as u64 + 1)).unwrap();
        timed.read_exact(&mut found[..STRETCH + 2]).unwrap();
        assert_eq!(data[STRETCH + 1..][..STRETCH + 2], found[..STRETCH + 2]);
    }

    /// A reader ends at the next look at the clock, and a seek is one.
    #[test]
    fn reading_ends() {
        let data = vec![7; 2 * STRETCH];
        let mut timed = Timed::new(&data, Deadline::NEVER);
        timed.read_exact(&mut [0]).unwrap();
        timed.deadline = Deadline::past();
        timed.read_exact(&mut vec![0; STRETCH - 1]).unwrap();
        assert_eq!(io::ErrorKind::TimedOut, timed.read(&mut [0]).unwrap_err().kind());
        timed.left = STRETCH;
        timed.seek(SeekFrom::Start(0)).unwrap();
        assert_eq!(io::ErrorKind::TimedOut, timed.fill_buf().unwrap_err().kind());
    }

    /// The refusal is one row, which names the limit.
    #[test]
    fn names_the_limit() {
        let half = Limits { decoding: Duration::from_millis(500), ..Limits::NONE };
        let refusal = Deadline { at: Deadline::past().at, ..Deadline::of(&half) }.check().unwrap_err();
        assert_eq!("image_too_large", refusal.code);
        assert!(refusal.message.contains("0.5 s"), "{}", refusal.message);
        assert_eq!(Ok(()), Deadline::NEVER.check());
    }
}
