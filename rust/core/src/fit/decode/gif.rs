//! The first frame of a GIF, laid on its transparent canvas.

use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, MemoryLimit};

use super::corrupt;
use crate::Refusal;
use crate::fit::picture::{Colour, Picture};

pub(super) fn decode(data: &[u8], size: (usize, usize)) -> Result<Picture, Refusal> {
    read(data, size).ok_or_else(|| corrupt("GIF"))
}

fn read(data: &[u8], (width, height): (usize, usize)) -> Option<Picture> {
    let bytes = width.checked_mul(height)?.checked_mul(4)?;
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    options.check_frame_consistency(true);
    options.set_memory_limit(MemoryLimit::Bytes(NonZeroU64::new(bytes as u64 + (1 << 20))?));
    let mut decoder = options.read_info(data).ok()?;
    if (usize::from(decoder.width()), usize::from(decoder.height())) != (width, height) {
        return None;
    }
    let frame = decoder.read_next_frame().ok()??;
    let [left, top, columns, rows] = [frame.left, frame.top, frame.width, frame.height].map(usize::from);
    if frame.buffer.len() != columns * rows * 4 || columns == 0 || rows == 0 {
        return None;
    }
    let mut canvas = vec![0; bytes];
    for (row, pixels) in frame.buffer.chunks_exact(columns * 4).enumerate() {
        let at = ((top + row) * width + left) * 4;
        canvas.get_mut(at..at + columns * 4)?.copy_from_slice(pixels);
    }
    Some(Picture::single(width, height, Colour::Rgba, canvas))
}
