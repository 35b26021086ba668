//! JPEG: marker segments, kept or cut one by one; scans copied whole.

use memchr::memchr_iter;

use super::orientation_tiff;

const SOI: [u8; 2] = [0xFF, 0xD8];
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;

/// The file with only what decoding needs; `None` when its segments do not add up.
pub(super) fn cut(data: &[u8], orientation: u8) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(data.len() + 36);
    walk(data, orientation, |piece| out.extend_from_slice(piece))?;
    Some(out)
}

/// Hands over what decoding needs, piece by piece; `None` when the segments do not add up.
fn walk(data: &[u8], orientation: u8, mut keep: impl FnMut(&[u8])) -> Option<()> {
    keep(data.get(..2).filter(|start| *start == SOI)?);
    let mut turned = orientation == 1;
    let mut at = 2;
    loop {
        let marker = marker(data, &mut at)?;
        if !turned && marker != APP0 {
            turned = true;
            keep(b"\xff\xe1\x00\x22Exif\0\0");
            keep(&orientation_tiff(orientation));
        }
        if matches!(marker, 0x01 | 0xD0..=0xD7) {
            continue; // stands alone and means nothing here
        }
        if marker == EOI {
            keep(&[0xFF, EOI]);
            return Some(());
        }
        let length = usize::from(u16::from_be_bytes([*data.get(at)?, *data.get(at + 1)?]));
        let segment = data.get(at..at.checked_add(length)?)?;
        if keeps(marker, segment.get(2..)?) {
            keep(&[0xFF, marker]);
            keep(segment);
        }
        at += length;
        if marker == SOS {
            let end = scan_end(data, at)?;
            keep(&data[at..end]);
            at = end;
        }
    }
}

/// Whether a decoder needs this segment: no application segment and no comment, but for the JFIF
/// header, a colour profile, and Adobe's colour transform.
fn keeps(marker: u8, content: &[u8]) -> bool {
    match marker {
        0xE0 => content.starts_with(b"JFIF\0"),
        0xE2 => content.starts_with(b"ICC_PROFILE\0"),
        0xEE => content.starts_with(b"Adobe"),
        0xE1 | 0xE3..=0xED | 0xEF | 0xFE => false,
        _ => true,
    }
}

/// The marker at `at`, fill bytes skipped; `at` then stands behind it.
fn marker(data: &[u8], at: &mut usize) -> Option<u8> {
    if *data.get(*at)? != 0xFF {
        return None;
    }
    while *data.get(*at)? == 0xFF {
        *at += 1;
    }
    let code = data[*at];
    *at += 1;
    (code != 0).then_some(code)
}

/// Where the entropy-coded data starting at `start` ends: the first marker that is no restart.
fn scan_end(data: &[u8], start: usize) -> Option<usize> {
    let is_end = |at: &usize| !matches!(data.get(start + at + 1), Some(0 | 0xD0..=0xD7 | 0xFF));
    let at = start + memchr_iter(0xFF, data.get(start..)?).find(is_end)?;
    (at + 1 < data.len()).then_some(at)
}
