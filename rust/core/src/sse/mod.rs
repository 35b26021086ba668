//! Server-sent events out of bytes, without IO: feed any chunking, get the same events.
//!
//! After the event stream grammar of the WHATWG HTML standard: lines end in LF, CRLF or CR; a line that
//! starts with a colon is a comment; a leading byte order mark is skipped; `id` and `retry` mean nothing
//! to a gateway and are dropped. Data stays bytes: whoever parses it says what bad UTF-8 means.

use memchr::memchr2;

use crate::refusal::Refusal;

#[cfg(test)]
mod tests;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// One dispatched event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The value of its last `event` line; `None` when there was none or it was empty.
    pub name: Option<String>,
    /// Its `data` lines joined by LF.
    pub data: Vec<u8>,
}

/// The events of one stream.
///
/// A refusal is final: the stream cannot be read on. When whole events stand before the offending one in
/// the same chunk they are given first and the next call refuses, so that chunking changes nothing.
#[derive(Debug)]
pub struct SseReader {
    max_event_bytes: usize,
    /// The unfinished line.
    line: Vec<u8>,
    name: Option<String>,
    /// Joined data lines; `None` until the first one.
    data: Option<Vec<u8>>,
    /// Bytes of the finished lines of the present event.
    held: usize,
    started: bool,
    /// The last line ended in CR: an LF that comes next belongs to it.
    after_cr: bool,
    refusal: Option<Refusal>,
}

impl SseReader {
    /// A reader whose events have at most this many bytes, field names included.
    #[must_use]
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            max_event_bytes,
            line: Vec::new(),
            name: None,
            data: None,
            held: 0,
            started: false,
            after_cr: false,
            refusal: None,
        }
    }

    /// The events that this chunk completes.
    ///
    /// # Errors
    /// `stream_event_too_large`.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<Vec<Event>, Refusal> {
        let mut events = Vec::new();
        if self.refusal.is_none() {
            self.refusal = self.read(chunk, &mut events).err();
        }
        match &self.refusal {
            Some(refusal) if events.is_empty() => Err(refusal.clone()),
            _ => Ok(events),
        }
    }

    /// Whether bytes of an undispatched event are held: an end of stream now means a cut stream.
    #[must_use]
    pub fn pending(&self) -> bool {
        let line =
            if self.started { &self.line[..] } else { self.line.strip_prefix(BOM).unwrap_or(&self.line) };
        let partial = !line.is_empty() && !line.starts_with(b":");
        partial || self.data.is_some() || self.name.is_some() || self.refusal.is_some()
    }

    fn read(&mut self, chunk: &[u8], events: &mut Vec<Event>) -> Result<(), Refusal> {
        let mut rest = chunk;
        while !rest.is_empty() {
            if std::mem::take(&mut self.after_cr) && rest[0] == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let Some(end) = memchr2(b'\n', b'\r', rest) else {
                self.check(rest.len())?;
                self.line.extend_from_slice(rest);
                return Ok(());
            };
            self.check(end)?;
            self.after_cr = rest[end] == b'\r';
            if self.line.is_empty() {
                self.end_line(&rest[..end], events);
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(&rest[..end]);
                self.end_line(&line, events);
                line.clear();
                self.line = line;
            }
            rest = &rest[end + 1..];
        }
        Ok(())
    }

    /// Refuses the present event when the present line, now this much longer, makes it too large.
    fn check(&self, more: usize) -> Result<(), Refusal> {
        if self.held + self.line.len() + more <= self.max_event_bytes {
            return Ok(());
        }
        let message = format!("an event of the stream has more than {} bytes", self.max_event_bytes);
        Err(Refusal::new("stream_event_too_large", message))
    }

    fn end_line(&mut self, line: &[u8], events: &mut Vec<Event>) {
        let line = if self.started { line } else { line.strip_prefix(BOM).unwrap_or(line) };
        self.started = true;
        if line.is_empty() {
            self.dispatch(events);
        } else if line[0] != b':' {
            self.held += line.len();
            self.field(line);
        }
    }

    fn field(&mut self, line: &[u8]) {
        let (name, value) = match memchr::memchr(b':', line) {
            Some(colon) => {
                (&line[..colon], line[colon + 1..].strip_prefix(b" ").unwrap_or(&line[colon + 1..]))
            }
            None => (line, &[][..]),
        };
        match name {
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            },
            b"event" if value.is_empty() => self.name = None,
            b"event" => self.name = Some(String::from_utf8_lossy(value).into_owned()),
            _ => {}
        }
    }

    fn dispatch(&mut self, events: &mut Vec<Event>) {
        self.held = 0;
        let name = self.name.take();
        if let Some(data) = self.data.take() {
            events.push(Event { name, data });
        }
    }
}
