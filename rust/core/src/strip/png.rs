//! PNG and APNG: chunks, kept or cut one by one.

use super::orientation_tiff;

const SIGNATURE: usize = 8;

/// Chunks beside the critical ones that change how the picture looks.
const KEPT: [&[u8; 4]; 14] = [
    b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI", b"sBIT", b"bKGD", b"pHYs",
    b"acTL", b"fcTL", b"fdAT",
];

/// The file with only what decoding needs; `None` when its chunks do not add up.
pub(super) fn cut(data: &[u8], orientation: u8) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(data.len() + 38);
    out.extend_from_slice(data.get(..SIGNATURE)?);
    let mut at = SIGNATURE;
    loop {
        let length = u32::from_be_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?);
        let end = at.checked_add(12)?.checked_add(usize::try_from(length).ok()?)?;
        let chunk = data.get(at..end)?;
        let name = &chunk[4..8];
        if name[0].is_ascii_uppercase() || KEPT.iter().any(|kept| kept.as_slice() == name) {
            out.extend_from_slice(chunk);
        }
        match name {
            b"IHDR" if orientation != 1 => exif(orientation, &mut out),
            b"IEND" => return Some(out),
            _ => {}
        }
        at = end;
    }
}

fn exif(orientation: u8, out: &mut Vec<u8>) {
    let tiff = orientation_tiff(orientation);
    let start = out.len() + 4;
    out.extend_from_slice(&[0, 0, 0, 26]);
    out.extend_from_slice(b"eXIf");
    out.extend_from_slice(&tiff);
    let check = crc(&out[start..]);
    out.extend_from_slice(&check.to_be_bytes());
}

/// CRC-32 as PNG wants it; thirty bytes at most, so bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}
