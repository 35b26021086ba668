//! How many pixels a sequence's parameters (SPS, H.265 7.3.2.2) ask a decoder to hold, before it does.

/// Whether this unit holds the parameters of a sequence, of the layer that is decoded.
pub(super) fn is_one(unit: &[u8]) -> bool {
    matches!(unit, [first, second, ..] if first >> 1 == 33 && second >> 3 == 0)
}

/// Pixels of the picture, those included that are not shown; `None` when the unit ends early.
pub(super) fn pixels(unit: &[u8]) -> Option<u64> {
    let mut bits = Bits { bytes: unescaped(unit.get(2..)?), at: 0 };
    upto_size(&mut bits)?;
    bits.counted()?.checked_mul(bits.counted()?)
}

/// Passes what stands before the width.
fn upto_size(bits: &mut Bits) -> Option<()> {
    bits.number(4)?;
    let layers = bits.number(3)?;
    bits.number(1)?;
    // profile and level of the whole, then of each layer that says it has its own
    bits.skip(88 + 8);
    let owned: Vec<(u64, u64)> =
        (0..layers).map(|_| bits.number(1).zip(bits.number(1))).collect::<Option<_>>()?;
    if layers > 0 {
        bits.skip(2 * (8 - layers as usize));
    }
    for (profile, level) in owned {
        bits.skip(88 * profile as usize + 8 * level as usize);
    }
    bits.counted()?;
    let whole_colour = 3;
    if bits.counted()? == whole_colour {
        bits.number(1)?;
    }
    Some(())
}

/// Without the bytes that keep the content from looking like a start code.
fn unescaped(content: &[u8]) -> Vec<u8> {
    let mut zeros = 0;
    let keep = |byte: &&u8| {
        let escape = zeros >= 2 && **byte == 3;
        zeros = if **byte == 0 { zeros + 1 } else { 0 };
        !escape
    };
    content.iter().filter(keep).copied().collect()
}

struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    fn skip(&mut self, bits: usize) {
        self.at += bits;
    }

    /// A number of so many bits.
    fn number(&mut self, bits: usize) -> Option<u64> {
        let mut number = 0;
        for _ in 0..bits {
            let byte = self.bytes.get(self.at / 8)?;
            number = number << 1 | u64::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(number)
    }

    /// A number that is preceded by as many noughts as it has bits but one (9.2): one too large.
    fn counted(&mut self) -> Option<u64> {
        let mut zeros = 0;
        while self.number(1)? == 0 {
            zeros += 1;
        }
        (zeros <= 32).then_some(())?;
        Some((1 << zeros | self.number(zeros)?) - 1)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The same parameters for a picture of another size, all of which is shown.
    pub(in super::super) fn resized(unit: &[u8], width: u64, height: u64) -> Vec<u8> {
        let mut bits = Bits { bytes: unescaped(&unit[2..]), at: 0 };
        upto_size(&mut bits).unwrap();
        let mut out: Vec<bool> = (0..bits.at).map(|at| bits.bytes[at / 8] >> (7 - at % 8) & 1 == 1).collect();
        for side in [width + 1, height + 1] {
            let digits = 64 - side.leading_zeros();
            out.extend((0..digits - 1).map(|_| false));
            out.extend((0..digits).rev().map(|digit| side >> digit & 1 == 1));
        }
        bits.counted().unwrap();
        bits.counted().unwrap();
        while let Some(bit) = bits.number(1) {
            out.push(bit == 1);
        }
        let bytes = out.chunks(8).map(|eight| {
            eight.iter().enumerate().fold(0, |byte, (at, bit)| byte | u8::from(*bit) << (7 - at))
        });
        let mut escaped = unit[..2].to_vec();
        for byte in bytes {
            if byte <= 3 && escaped.len() > 3 && escaped.ends_with(&[0, 0]) {
                escaped.push(3);
            }
            escaped.push(byte);
        }
        escaped
    }

    /// The parameters of a file by libheif say its size, and any other that they are given; their beginning
    /// alone says nothing.
    #[test]
    fn sizes_are_read() {
        let file = include_bytes!("../../../../../../tests/golden/heic/plain.heic");
        let at = memchr::memmem::find(file, b"\x42\x01\x01").unwrap();
        let length = usize::from(u16::from_be_bytes([file[at - 2], file[at - 1]]));
        let unit = &file[at..at + length];
        assert!(is_one(unit) && !is_one(&file[at + 1..]) && !is_one(&[]));
        assert_eq!(Some(96 * 72), pixels(unit));
        for (width, height) in [(1, 1), (4_032, 3_024), (65_535, 65_535)] {
            assert_eq!(Some(width * height), pixels(&resized(unit, width, height)));
        }
        for length in 0..14 {
            assert_eq!(None, pixels(&unit[..length]));
        }
    }
}
