//! JPEG: marker segments, kept or cut one by one; scans kept whole.

use std::ops::Range;

use super::orientation_tiff;
use super::rewrite::Rewrite;

const SOI: [u8; 2] = [0xFF, 0xD8];
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;

/// Bytes of a scan looked at together.
const BLOCK: usize = 512;

/// Bytes of a scan looked at before they are copied.
const WINDOW: usize = 16_384;

/// What decoding needs of the file; `None` when its segments do not add up.
pub(super) fn cut(data: &[u8], orientation: u8) -> Option<Rewrite<'_>> {
    walk(data, orientation, Rewrite::of(data))
}

fn walk<'a>(data: &[u8], orientation: u8, mut rewrite: Rewrite<'a>) -> Option<Rewrite<'a>> {
    rewrite.keep(0..data.starts_with(&SOI).then_some(SOI.len())?)?;
    let mut turned = orientation == 1;
    let mut at = 2;
    loop {
        let marker = marker(data, &mut at)?;
        if !turned && marker != APP0 {
            turned = true;
            rewrite.make(b"\xff\xe1\x00\x22Exif\0\0");
            rewrite.make(&orientation_tiff(orientation));
        }
        if matches!(marker, 0x01 | 0xD0..=0xD7) {
            continue; // stands alone and means nothing here
        }
        // Fill bytes may stand before a marker; its own two stand last.
        let start = at - 2;
        if marker == EOI {
            rewrite.keep(start..at)?;
            return Some(rewrite);
        }
        let length = usize::from(u16::from_be_bytes([*data.get(at)?, *data.get(at + 1)?]));
        let segment = data.get(at..at.checked_add(length)?)?;
        at += length;
        if keeps(marker, segment.get(2..)?) {
            rewrite.keep(start..at)?;
        }
        if marker == SOS {
            at = keep_scan(data, at, &mut rewrite)?;
        }
    }
}

/// Keeps a scan and tells its end. It is looked through and kept window by window: what is copied is then
/// still near.
fn keep_scan(data: &[u8], start: usize, rewrite: &mut Rewrite<'_>) -> Option<usize> {
    let mut at = start;
    // The last byte of a file ends no scan.
    while at < data.len() {
        let window = at..at.saturating_add(WINDOW).min(data.len());
        let end = scan_end(data, &window);
        at = end.unwrap_or(window.end);
        rewrite.keep(window.start..at)?;
        if end.is_some() {
            return end;
        }
    }
    None
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

/// Where in this window the entropy-coded data ends: the first marker that is no restart.
///
/// In it FF is followed by 0, now and then by the number of a restart, and before a marker there may be more
/// FF. The folds without an early exit become wide compares: one pass at the speed of memory for a scan
/// without restarts, two where there are some; only the last block is read byte by byte.
fn scan_end(data: &[u8], window: &Range<usize>) -> Option<usize> {
    let second = data.get(window.start + 1..data.len().min(window.end + 1))?;
    let first = &data[window.start..][..second.len()];
    let blocks = (first.as_chunks::<BLOCK>().0, second.as_chunks::<BLOCK>().0);
    let holds_the_end = |(first, second): (&[u8; BLOCK], &[u8; BLOCK])| {
        let pairs = || first.iter().zip(second);
        pairs().fold(0, |seen, (one, two)| seen | if *one == 0xFF { *two } else { 0 }) != 0
            && pairs().fold(false, |seen, (one, two)| seen | ends(*one, *two))
    };
    let block = blocks.0.iter().zip(blocks.1).position(holds_the_end);
    let from = block.unwrap_or(blocks.1.len()) * BLOCK;
    let at = first[from..].iter().zip(&second[from..]).position(|(one, two)| ends(*one, *two))?;
    Some(window.start + from + at)
}

/// Whether these two bytes end a scan. Without branches, for the fold's sake.
fn ends(one: u8, two: u8) -> bool {
    (one == 0xFF) & (two != 0) & (two & 0xF8 != 0xD0) & (two != 0xFF)
}
