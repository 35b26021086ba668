//! AVIF and HEIC: the properties of the primary item. Nothing else is looked at.

use memchr::memmem;

use super::header::{Corrupt, Picture, be16, be32, bytes, size};

/// How far into a file without an index of items the size property is searched.
const HEAD: usize = 65_536;
/// Boxes side by side, and entries of a list, that are looked at.
const MOST: usize = 4_096;

/// Size and orientation; `None` when no property gives a size.
pub(super) fn read(data: &[u8]) -> Result<Option<Picture>, Corrupt> {
    let Some(meta) = find(data, b"meta") else { return Ok(anywhere(data)) };
    let meta = bytes(meta, 4, meta.len().saturating_sub(4))?;
    let (Some(primary), Some(properties)) = (find(meta, b"pitm"), find(meta, b"iprp")) else {
        return Ok(anywhere(data));
    };
    let primary = if bytes(primary, 0, 1)?[0] == 0 { be16(primary, 4)? } else { be32(primary, 4)? };
    let (Some(list), Some(uses)) = (find(properties, b"ipco"), find(properties, b"ipma")) else {
        return Ok(anywhere(data));
    };
    let mut picture = None;
    let mut orientation = 1;
    let list: Vec<_> = boxes(list).take(MOST).collect();
    for index in indices(uses, primary)? {
        match index.checked_sub(1).and_then(|index| list.get(index)) {
            Some((b"ispe", body)) => picture = Some((be32(body, 4)?, be32(body, 8)?)),
            Some((b"irot", body)) => {
                for _ in 0..bytes(body, 0, 1)?[0] & 3 {
                    orientation = after(orientation, [8, 5, 6, 7, 4, 1, 2, 3]);
                }
            }
            Some((b"imir", body)) if bytes(body, 0, 1)?[0] & 1 == 0 => {
                orientation = after(orientation, [4, 3, 2, 1, 8, 7, 6, 5]);
            }
            Some((b"imir", _)) => orientation = after(orientation, [2, 1, 4, 3, 6, 5, 8, 7]),
            _ => {}
        }
    }
    match picture {
        Some((width, height)) if width > 0 && height > 0 => {
            Ok(Some(Picture { orientation, ..Picture::still(width, height) }))
        }
        _ => Err(Corrupt("its primary item has no size")),
    }
}

/// The orientation, as EXIF numbers them, that one more turn or mirroring makes of each.
fn after(orientation: u8, table: [u8; 8]) -> u8 {
    table[usize::from(orientation - 1) & 7]
}

/// A sequence has no primary item: the largest size property, for tiles of a grid carry their own.
fn anywhere(data: &[u8]) -> Option<Picture> {
    let head = &data[..data.len().min(HEAD)];
    let sizes = memmem::find_iter(head, b"ispe")
        .filter_map(|at| Some((be32(head, at + 8).ok()?, be32(head, at + 12).ok()?)));
    let (width, height) = sizes.max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))?;
    Some(Picture::still(width, height))
}

/// Which properties an item has, counted from one, in the order in which they apply.
fn indices(uses: &[u8], item: u32) -> Result<Vec<usize>, Corrupt> {
    let (long_items, long_indices) = (bytes(uses, 0, 1)?[0] > 0, bytes(uses, 3, 1)?[0] & 1 == 1);
    let mut at = 8;
    for _ in 0..size(be32(uses, 4)?).min(MOST) {
        let found = if long_items { be32(uses, at)? } else { be16(uses, at)? };
        at += if long_items { 4 } else { 2 };
        let count = usize::from(bytes(uses, at, 1)?[0]);
        let width = if long_indices { 2 } else { 1 };
        let entries = bytes(uses, at + 1, count * width)?;
        if found == item {
            // the highest bit says that a reader must understand the property
            return Ok(entries
                .chunks_exact(width)
                .map(|entry| match entry {
                    [high, low] => usize::from(u16::from_be_bytes([high & 0x7F, *low])),
                    [short, ..] => usize::from(short & 0x7F),
                    [] => 0,
                })
                .collect());
        }
        at += 1 + count * width;
    }
    Ok(Vec::new())
}

fn find<'a>(data: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(data).take(MOST).find(|(found, _)| *found == name).map(|(_, body)| body)
}

/// The boxes side by side; a length that does not fit ends them.
fn boxes(data: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = data;
    std::iter::from_fn(move || {
        let (head, _) = rest.split_first_chunk::<8>()?;
        let [a, b, c, d, name @ ..] = head;
        let (start, length) = match u32::from_be_bytes([*a, *b, *c, *d]) {
            0 => (8, rest.len()),
            1 => (16, size(be32(rest, 12).ok().filter(|_| be32(rest, 8) == Ok(0))?)),
            length => (8, size(length)),
        };
        let body = rest.get(start..length)?;
        let name: &[u8; 4] = name.first_chunk()?;
        rest = &rest[length..];
        Some((name, body))
    })
}
