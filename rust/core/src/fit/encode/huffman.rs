//! Entropy coding with the four tables of the standard (ITU-T T.81, annex K.3).

use super::dct::Coefficients;

/// How many codes there are of each length from 1 to 16 bits, and their symbols in order.
pub(super) struct Table {
    pub(super) counts: [u8; 16],
    pub(super) symbols: &'static [u8],
}

pub(super) const DC_LUMA: Table = Table {
    counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
    symbols: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
};
pub(super) const DC_CHROMA: Table = Table {
    counts: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
    symbols: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
};
pub(super) const AC_LUMA: Table = Table {
    counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D],
    symbols: b"\x01\x02\x03\x00\x04\x11\x05\x12\x21\x31\x41\x06\x13\x51\x61\x07\x22\x71\x14\x32\x81\x91\xa1\x08\
        \x23\x42\xb1\xc1\x15\x52\xd1\xf0\x24\x33\x62\x72\x82\x09\x0a\x16\x17\x18\x19\x1a\x25\x26\x27\x28\x29\x2a\
        \x34\x35\x36\x37\x38\x39\x3a\x43\x44\x45\x46\x47\x48\x49\x4a\x53\x54\x55\x56\x57\x58\x59\x5a\x63\x64\x65\
        \x66\x67\x68\x69\x6a\x73\x74\x75\x76\x77\x78\x79\x7a\x83\x84\x85\x86\x87\x88\x89\x8a\x92\x93\x94\x95\x96\
        \x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3\xc4\xc5\
        \xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf1\xf2\
        \xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa",
};
pub(super) const AC_CHROMA: Table = Table {
    counts: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77],
    symbols: b"\x00\x01\x02\x03\x11\x04\x05\x21\x31\x06\x12\x41\x51\x07\x61\x71\x13\x22\x32\x81\x08\x14\x42\x91\
        \xa1\xb1\xc1\x09\x23\x33\x52\xf0\x15\x62\x72\xd1\x0a\x16\x24\x34\xe1\x25\xf1\x17\x18\x19\x1a\x26\x27\x28\
        \x29\x2a\x35\x36\x37\x38\x39\x3a\x43\x44\x45\x46\x47\x48\x49\x4a\x53\x54\x55\x56\x57\x58\x59\x5a\x63\x64\
        \x65\x66\x67\x68\x69\x6a\x73\x74\x75\x76\x77\x78\x79\x7a\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x92\x93\x94\
        \x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3\
        \xc4\xc5\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf2\
        \xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa",
};

/// Code and length per symbol.
pub(super) struct Codes([(u32, u32); 256]);

impl Codes {
    pub(super) fn new(table: &Table) -> Self {
        let (mut codes, mut code, mut symbols) = ([(0, 0); 256], 0, table.symbols.iter());
        for (length, count) in (1u32..).zip(table.counts) {
            for symbol in symbols.by_ref().take(usize::from(count)) {
                codes[usize::from(*symbol)] = (code, length);
                code += 1;
            }
            code <<= 1;
        }
        Self(codes)
    }
}

/// Symbol for sixteen zeros, and for zeros to the end of the block.
const SIXTEEN_ZEROS: usize = 0xF0;
const END_OF_BLOCK: usize = 0;

/// Bits into bytes, each FF followed by a zero so that it is no marker.
pub(super) struct Writer {
    pub(super) out: Vec<u8>,
    bits: u64,
    filled: u32,
}

impl Writer {
    pub(super) fn new(out: Vec<u8>) -> Self {
        Self { out, bits: 0, filled: 0 }
    }

    /// One block, its first coefficient as the difference to `previous`.
    #[inline(always)]
    pub(super) fn block(&mut self, block: &Coefficients, previous: i16, dc: &Codes, ac: &Codes) {
        self.value(0, i32::from(block.values[0]) - i32::from(previous), dc);
        let mut rest = block.filled & !1;
        let mut last = 0;
        while rest != 0 {
            let at = rest.trailing_zeros();
            rest &= rest - 1;
            let mut zeros = at - last - 1;
            while zeros >= 16 {
                let (code, length) = ac.0[SIXTEEN_ZEROS];
                self.put(code, length);
                zeros -= 16;
            }
            self.value(zeros, i32::from(block.at(at as usize)), ac);
            last = at;
        }
        if last < 63 {
            let (code, length) = ac.0[END_OF_BLOCK];
            self.put(code, length);
        }
    }

    /// A value behind its run of zeros: the code of (run, magnitude), then the magnitude's bits.
    #[inline(always)]
    fn value(&mut self, zeros: u32, value: i32, codes: &Codes) {
        let magnitude = 32 - value.unsigned_abs().leading_zeros();
        let (code, length) = codes.0[(zeros << 4 | magnitude) as usize];
        let bits = (value + (value >> 31)) as u32 & ((1 << magnitude) - 1);
        self.put(code << magnitude | bits, length + magnitude);
    }

    /// At most 27 bits.
    #[inline(always)]
    fn put(&mut self, bits: u32, length: u32) {
        self.bits = self.bits << length | u64::from(bits);
        self.filled += length;
        if self.filled >= 32 {
            self.filled -= 32;
            self.flush((self.bits >> self.filled) as u32);
        }
    }

    fn flush(&mut self, word: u32) {
        let holds_ff = (!word).wrapping_sub(0x0101_0101) & word & 0x8080_8080 != 0;
        if !holds_ff {
            self.out.extend_from_slice(&word.to_be_bytes());
            return;
        }
        for byte in word.to_be_bytes() {
            self.byte(byte);
        }
    }

    fn byte(&mut self, byte: u8) {
        self.out.push(byte);
        if byte == 0xFF {
            self.out.push(0);
        }
    }

    /// The bytes, the last one filled up with ones.
    pub(super) fn finish(mut self) -> Vec<u8> {
        while !self.filled.is_multiple_of(8) {
            self.bits = self.bits << 1 | 1;
            self.filled += 1;
        }
        while self.filled > 0 {
            self.filled -= 8;
            self.byte((self.bits >> self.filled) as u8);
        }
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every table is complete: as many symbols as its counts say, none twice.
    #[test]
    fn tables_are_complete() {
        for table in [DC_LUMA, DC_CHROMA, AC_LUMA, AC_CHROMA] {
            let total: usize = table.counts.iter().map(|count| usize::from(*count)).sum();
            assert_eq!(total, table.symbols.len());
            let mut symbols = table.symbols.to_vec();
            symbols.sort_unstable();
            symbols.dedup();
            assert_eq!(total, symbols.len());
        }
    }

    /// Codes known from the standard.
    #[test]
    fn codes_of_the_standard() {
        let ac = Codes::new(&AC_LUMA);
        assert_eq!((0b1010, 4), ac.0[0]);
        assert_eq!((0b111_1111_1001, 11), ac.0[0xF0]);
        assert_eq!((0b1111_1111_1111_1110, 16), ac.0[0xFA]);
        assert_eq!((0b00, 2), Codes::new(&DC_LUMA).0[0]);
    }

    /// FF is never left bare in the stream.
    #[test]
    fn stuffing() {
        let mut writer = Writer::new(Vec::new());
        for _ in 0..5 {
            writer.put(0xFFFF, 16);
        }
        writer.put(0, 3);
        assert_eq!([[0xFF, 0x00]; 10].as_flattened(), &writer.finish()[..20]);
    }
}
