//! Entropy-coded bytes without their stuffing, and the bits in them.
//!
//! A scan is unstuffed into a window a few dozen kilobytes at a time. Behind its last byte zeros follow for
//! as long as anyone reads: whether bits were taken that the file does not hold is asked once a row, not once
//! a bit.

use memchr::memchr;

/// Bytes of the window, and what must be left in it before an MCU is begun: ten blocks of 64 coefficients of
/// 26 bits and a first one of 27 are less than 2,100 bytes.
const WINDOW: usize = 1 << 15;
const RESERVE: usize = 4096;

/// Bytes behind the last block that some encoders leave.
const IDLE: usize = 1024;

/// Where in the window the reader stands: the next `count` bits lie at the upper end of `bits`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cursor {
    bits: u64,
    count: u32,
    at: usize,
}

impl Cursor {
    /// At least 56 bits are in store after this.
    #[inline(always)]
    pub(super) fn refill(&mut self, window: &[u8]) {
        if let Some(eight) = window.get(self.at..self.at + 8).and_then(<[u8]>::first_chunk::<8>) {
            self.bits |= u64::from_be_bytes(*eight) >> self.count;
            self.at += ((63 - self.count) >> 3) as usize;
            self.count |= 56;
        }
    }

    /// The next `count` bits, which are not taken; at most 32.
    #[inline(always)]
    pub(super) fn peek(self, count: u32) -> u32 {
        (self.bits >> 32 >> (32 - count)) as u32
    }

    #[inline(always)]
    pub(super) fn skip(&mut self, count: u32) {
        self.bits <<= count;
        self.count = self.count.wrapping_sub(count);
    }

    /// The next `count` bits; at most 16, and there may be none.
    #[inline(always)]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        let value = self.peek(count);
        self.skip(count);
        value
    }

    /// A number of this many bits, the upper half of whose range is positive.
    #[inline(always)]
    pub(super) fn signed(&mut self, count: u32) -> i32 {
        let value = self.take(count) as i32;
        extended(value, count)
    }
}

/// The number that `count` bits stand for.
#[inline(always)]
pub(super) fn extended(value: i32, count: u32) -> i32 {
    if value < (1 << count >> 1) { value - (1 << count) + 1 } else { value }
}

/// The entropy-coded part of one scan.
pub(super) struct Window<'a> {
    /// What has not been unstuffed yet.
    rest: &'a [u8],
    pub(super) bytes: Box<[u8]>,
    /// Bytes of the window that come from the file.
    filled: usize,
    /// The unstuffing has come to a marker, or to the end of the file.
    ended: bool,
}

impl<'a> Window<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        let mut window =
            Self { rest, bytes: vec![0; WINDOW + RESERVE].into_boxed_slice(), filled: 0, ended: false };
        window.unstuff();
        window
    }

    /// Sees to it that a whole MCU can be read from here.
    #[inline(always)]
    pub(super) fn ready(&mut self, cursor: &mut Cursor) {
        if cursor.at + RESERVE > self.filled && !self.ended {
            self.slide(cursor);
        }
    }

    #[cold]
    fn slide(&mut self, cursor: &mut Cursor) {
        let from = cursor.at.min(self.filled);
        self.bytes.copy_within(from..self.filled, 0);
        self.filled -= from;
        cursor.at -= from;
        self.unstuff();
    }

    fn unstuff(&mut self) {
        while !self.ended && self.filled < WINDOW && !self.rest.is_empty() {
            let most = self.rest.len().min(WINDOW - self.filled);
            let plain = memchr(0xFF, &self.rest[..most]).unwrap_or(most);
            self.bytes[self.filled..self.filled + plain].copy_from_slice(&self.rest[..plain]);
            self.filled += plain;
            if plain == most {
                self.rest = &self.rest[most..];
            } else if self.rest.get(plain + 1) == Some(&0) {
                self.bytes[self.filled] = 0xFF;
                self.filled += 1;
                self.rest = &self.rest[plain + 2..];
            } else {
                self.rest = &self.rest[plain..];
                self.ended = true;
            }
        }
        self.ended |= self.rest.is_empty();
        self.bytes[self.filled..].fill(0);
    }

    /// Whether no bit was taken that the file does not hold. Far behind the last one the window itself ends:
    /// there more bits have been taken than were ever in store, and the count has gone below nought.
    pub(super) fn sound(&self, cursor: Cursor) -> bool {
        cursor.count <= 64 && (cursor.at * 8).saturating_sub(cursor.count as usize) <= self.filled * 8
    }

    /// Over the restart marker of this number, to the bits behind it; `None` when another thing stands there.
    pub(super) fn restart(&mut self, cursor: Cursor, number: usize) -> Option<Cursor> {
        if !self.sound(cursor) {
            return None;
        }
        // bytes that nobody asked for may stand before the marker
        while !self.ended {
            self.filled = 0;
            self.unstuff();
        }
        let mut at = 0;
        while self.rest.get(at) == Some(&0xFF) {
            at += 1;
        }
        if at == 0 || usize::from(*self.rest.get(at)?) != 0xD0 + number % 8 {
            return None;
        }
        self.rest = &self.rest[at + 1..];
        (self.filled, self.ended) = (0, false);
        self.unstuff();
        Some(Cursor::default())
    }

    /// What follows the scan, its marker first. `None` when bits were missing, or so many left over that the
    /// header must have lied.
    pub(super) fn end(mut self, cursor: Cursor) -> Option<&'a [u8]> {
        if !self.sound(cursor) {
            return None;
        }
        // bits in store may come from before the window was moved
        let taken = (cursor.at * 8).saturating_sub(cursor.count as usize) / 8;
        let mut left = self.filled.saturating_sub(taken);
        while !self.ended {
            self.filled = 0;
            self.unstuff();
            left += self.filled;
        }
        (left <= IDLE).then_some(self.rest)
    }
}
