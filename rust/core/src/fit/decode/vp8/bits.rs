//! The arithmetic decoder of VP8 (RFC 6386, section 7), fed eight bytes at a time.

/// Reads one partition. After its end zeros come out, and [`Bits::ended`] says so.
#[derive(Debug, Clone)]
pub(super) struct Bits<'a> {
    rest: &'a [u8],
    /// Bits fetched; the lowest `spare` of them are not in use yet.
    window: u64,
    spare: i32,
    /// 128 to 255, on the scale of the eight bits above the spare ones.
    range: u32,
    ended: bool,
}

impl<'a> Bits<'a> {
    pub(super) fn new(partition: &'a [u8]) -> Self {
        Self { rest: partition, window: 0, spare: -8, range: 255, ended: false }
    }

    /// Whether more has been read than the partition holds.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// By value: a reader whose address is taken would not stay in registers.
    #[cold]
    #[inline(never)]
    fn refilled_slowly(rest: &'a [u8], window: u64) -> (&'a [u8], u64, bool) {
        match rest {
            [first, rest @ ..] => (rest, window << 8 | u64::from(*first), false),
            [] => (rest, window << 8, true),
        }
    }

    #[inline(always)]
    fn refill(&mut self) {
        // seven bytes: with the eight bits in use and the one that is missing they still fit
        if let Some((eight, _)) = self.rest.split_first_chunk::<8>() {
            self.window = self.window << 56 | u64::from_be_bytes(*eight) >> 8;
            self.spare += 56;
            self.rest = &self.rest[7..];
        } else {
            let ended;
            (self.rest, self.window, ended) = Self::refilled_slowly(self.rest, self.window);
            self.ended |= ended;
            self.spare += 8;
        }
    }

    /// One decision that is `false` with a chance of `chance` in 256.
    #[inline(always)]
    pub(super) fn bit(&mut self, chance: u8) -> bool {
        if self.spare < 0 {
            self.refill();
        }
        let split = 1 + (((self.range - 1) * u32::from(chance)) >> 8);
        let threshold = u64::from(split) << self.spare;
        if self.window >= threshold {
            self.window -= threshold;
            self.take(self.range - split);
            true
        } else {
            self.take(split);
            false
        }
    }

    /// Goes on with this range, scaled up.
    #[inline(always)]
    fn take(&mut self, range: u32) {
        let shift = (range | 1).leading_zeros() - 24; // never nought, which spares a test
        self.range = range << shift;
        self.spare -= shift.cast_signed();
    }

    /// One bit whose two values are equally likely.
    #[inline(always)]
    pub(super) fn flag(&mut self) -> bool {
        self.bit(128)
    }

    /// A number of so many bits, highest first.
    pub(super) fn number(&mut self, bits: u32) -> i32 {
        (0..bits).fold(0, |number, _| number << 1 | i32::from(self.flag()))
    }

    /// Magnitude, then sign.
    pub(super) fn signed(&mut self, bits: u32) -> i32 {
        let magnitude = self.number(bits);
        if self.flag() { -magnitude } else { magnitude }
    }

    /// A flag, then what it announces.
    pub(super) fn optional(&mut self, bits: u32) -> Option<i32> {
        self.flag().then(|| self.signed(bits))
    }
}
