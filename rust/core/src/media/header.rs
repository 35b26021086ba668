//! Reading numbers out of headers without ever going out of bounds.

/// Where a parser stopped because the header is cut short or contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Corrupt(pub(super) &'static str);

/// What a picture's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) frames: u32,
    pub(super) orientation: u8,
    /// Bytes beside the pixels.
    pub(super) ancillary: usize,
}

impl Picture {
    /// One upright frame and nothing beside it.
    pub(super) fn still(width: u32, height: u32) -> Self {
        Self { width, height, frames: 1, orientation: 1, ancillary: 0 }
    }
}

/// `length` bytes from `at` on.
pub(super) fn bytes(data: &[u8], at: usize, length: usize) -> Result<&[u8], Corrupt> {
    let end = at.checked_add(length).ok_or(Corrupt("a length in it overflows"))?;
    data.get(at..end).ok_or(Corrupt("it is cut short"))
}

pub(super) fn be16(data: &[u8], at: usize) -> Result<u32, Corrupt> {
    bytes(data, at, 2).map(|two| u32::from(u16::from_be_bytes([two[0], two[1]])))
}

pub(super) fn le16(data: &[u8], at: usize) -> Result<u32, Corrupt> {
    bytes(data, at, 2).map(|two| u32::from(u16::from_le_bytes([two[0], two[1]])))
}

pub(super) fn le24(data: &[u8], at: usize) -> Result<u32, Corrupt> {
    bytes(data, at, 3).map(|three| u32::from_le_bytes([three[0], three[1], three[2], 0]))
}

pub(super) fn be32(data: &[u8], at: usize) -> Result<u32, Corrupt> {
    bytes(data, at, 4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
}

pub(super) fn le32(data: &[u8], at: usize) -> Result<u32, Corrupt> {
    bytes(data, at, 4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

/// A file offset or length; on every platform we build for it fits.
pub(super) fn size(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
