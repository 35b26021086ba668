//! WebP: chunks, kept or cut one by one; the flags and the file length follow.

use super::orientation_tiff;
use super::rewrite::Rewrite;

const KEPT: [&[u8; 4]; 7] = [b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

/// Bits of the extended header that announce EXIF and XMP.
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;

/// What decoding needs of the file; `None` when its chunks do not add up. Its length stands in front, so it
/// is written as it is read.
pub(super) fn cut(data: &[u8], orientation: u8) -> Option<Rewrite<'_>> {
    let file = data.get(..usize::try_from(le32(data, 4)?).ok()?.checked_add(8)?)?;
    let mut out = Vec::with_capacity(data.len() + 34);
    out.extend_from_slice(file.get(..12)?);
    let mut at = 12;
    while at < file.len() {
        let length = usize::try_from(le32(file, at + 4)?).ok()?;
        let name = file.get(at..at + 4)?;
        let end = at.checked_add(8)?.checked_add(length)?;
        let padded = end.checked_add(length % 2)?;
        if KEPT.iter().any(|kept| kept.as_slice() == name) {
            let start = out.len();
            out.extend_from_slice(file.get(at..end)?);
            if padded > end {
                out.push(0);
            }
            if name == b"VP8X" {
                let flags = out.get_mut(start + 8)?;
                *flags = *flags & !(EXIF | XMP) | if orientation == 1 { 0 } else { EXIF };
            }
        }
        at = padded;
    }
    if orientation != 1 {
        out.extend_from_slice(b"EXIF\x1a\0\0\0");
        out.extend_from_slice(&orientation_tiff(orientation));
    }
    let length = u32::try_from(out.len() - 8).ok()?;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    Some(Rewrite::done(data, out))
}

fn le32(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
