//! PNG and APNG: chunks, kept or cut one by one.

use super::orientation_tiff;
use super::rewrite::Rewrite;

const SIGNATURE: usize = 8;

/// Chunks beside the critical ones that change how the picture looks.
const KEPT: [&[u8; 4]; 14] = [
    b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI", b"sBIT", b"bKGD", b"pHYs",
    b"acTL", b"fcTL", b"fdAT",
];

/// What decoding needs of the file; `None` when its chunks do not add up.
pub(super) fn cut(data: &[u8], orientation: u8) -> Option<Rewrite<'_>> {
    let mut rewrite = Rewrite::of(data);
    rewrite.keep(0..SIGNATURE)?;
    let mut at = SIGNATURE;
    loop {
        let length = u32::from_be_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?);
        let end = at.checked_add(12)?.checked_add(usize::try_from(length).ok()?)?;
        let name = &data.get(at..end)?[4..8];
        if name[0].is_ascii_uppercase() || KEPT.iter().any(|kept| kept.as_slice() == name) {
            rewrite.keep(at..end)?;
        }
        match name {
            b"IHDR" if orientation != 1 && at == SIGNATURE => rewrite.make(&exif(orientation)),
            b"IEND" => return Some(rewrite),
            _ => {}
        }
        at = end;
    }
}

/// The whole chunk that says which way up.
fn exif(orientation: u8) -> Vec<u8> {
    let chunk = [b"eXIf", &orientation_tiff(orientation)[..]].concat();
    [&[0, 0, 0, 26], &chunk[..], &crc(&chunk).to_be_bytes()].concat()
}

/// CRC-32 as PNG wants it; thirty bytes at most, so bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}
