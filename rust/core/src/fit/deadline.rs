//! When the work on a picture has to be done.

use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};
use std::time::Instant;

use super::rows::Sink;
use crate::{Limits, Refusal};

/// The end of the time that one picture may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// The clock starts now.
    pub(super) fn of(limits: &Limits) -> Self {
        Self(Instant::now().checked_add(limits.decoding))
    }

    /// # Errors
    /// `image_too_large` when it has passed.
    pub(super) fn check(self) -> Result<(), Refusal> {
        if self.0.is_some_and(|end| Instant::now() > end) {
            let message = "decoding the picture took longer than allowed; send a smaller one";
            return Err(Refusal::new("image_too_large", message));
        }
        Ok(())
    }
}

/// A sink that ends the decoding in time.
pub(super) struct Timed<'a> {
    pub(super) sink: &'a mut dyn Sink,
    pub(super) deadline: Deadline,
}

impl Sink for Timed<'_> {
    fn wants(&self, plane: usize) -> bool {
        self.sink.wants(plane)
    }

    fn go_on(&mut self) -> Result<(), Refusal> {
        self.deadline.check()?;
        self.sink.go_on()
    }

    fn row(&mut self, plane: usize, row: &[u8]) -> Result<(), Refusal> {
        self.sink.row(plane, row)?;
        self.deadline.check()
    }
}

/// A file for decoders that take no sink: reading it fails once the time is over.
pub(super) struct TimedFile<'a> {
    file: Cursor<&'a [u8]>,
    deadline: Deadline,
    reads: u32,
}

/// Reads between two looks at the clock, of which one takes as long as ten of them: a power of two.
const READS: u32 = 256;

impl<'a> TimedFile<'a> {
    pub(super) fn new(file: &'a [u8], deadline: Deadline) -> Self {
        Self { file: Cursor::new(file), deadline, reads: 0 }
    }

    fn in_time(&mut self) -> io::Result<()> {
        self.reads = self.reads.wrapping_add(1);
        match self.reads % READS {
            1 => self.deadline.check().map_err(|_| io::ErrorKind::TimedOut.into()),
            _ => Ok(()),
        }
    }
}

impl Read for TimedFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.in_time()?;
        self.file.read(buffer)
    }
}

impl BufRead for TimedFile<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.in_time()?;
        self.file.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.file.consume(amount);
    }
}

impl Seek for TimedFile<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::Media;
    use crate::fit::luma::luma;
    use crate::fit::{OutputFormat, fit, split};

    /// Without time no picture of any format is decoded: not to be fitted, not for its levels, not to be split.
    #[test]
    fn the_clock_ends_all_formats() {
        let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds/fit");
        let hurried = Limits { decoding: Duration::ZERO, ..Limits::default() };
        let mut formats = BTreeSet::new();
        for seed in std::fs::read_dir(seeds).unwrap() {
            // three bytes say what the fuzz target is to do with the file
            let file = std::fs::read(seed.unwrap().path()).unwrap().split_off(3);
            let Ok(media) = Media::new(file, None, &Limits::default()) else { continue };
            if fit(&media, 1, 1, OutputFormat::Jpeg, 90, &Limits::default()).is_err() {
                continue;
            }
            formats.insert(media.facts().mime);
            for refusal in [
                fit(&media, 1, 1, OutputFormat::Jpeg, 90, &hurried).map(|_| ()),
                luma(&media, &hurried).map(|_| ()),
                split(&media, 2, 0, OutputFormat::Jpeg, 90, &Limits { media: usize::MAX, ..hurried })
                    .map(|_| ()),
            ] {
                // what is lower than two pieces is not split but fitted
                assert_eq!("image_too_large", refusal.unwrap_err().code, "{}", media.facts().mime);
            }
        }
        let all = ["bmp", "gif", "heic", "jpeg", "png", "tiff", "webp"].map(|name| format!("image/{name}"));
        assert_eq!(all.to_vec(), formats.into_iter().collect::<Vec<_>>());
    }
}
