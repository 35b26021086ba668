//! Invariant: any file gives signals within their ranges or a refusal, and so does any part cut out of it;
//! never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weighbridge_core::fit::{Crop, OutputFormat, Turn, Wanted, fit_with, split};
use weighbridge_core::limits::Limits;
use weighbridge_core::media::Media;
use weighbridge_core::signals::{CELL_COLUMNS, CELL_ROWS, of_plane, signals};

const KNOWN: [&str; 3] = ["media_unsupported", "media_corrupt", "media_too_large"];

// Six bytes that choose a crop, a turn and a cut, then the file.
fuzz_target!(|input: &[u8]| {
    let Some(([x, y, width, height, turn, rows], data)) = input.split_first_chunk() else { return };
    let plane = (usize::from(*width), usize::from(*height), usize::from(*x));
    let _ = of_plane(data, plane, 1.0, *turn);
    let limits = Limits { pixels: 65_536, side: 1_024, frames: 20, ..Limits::default() };
    let Ok(media) = Media::new(data.to_vec(), None, &limits) else { return };
    match signals(&media, &limits) {
        Ok(signals) => {
            assert!((0.0..=1.0).contains(&signals.text_score) && (0.0..=8.0).contains(&signals.entropy));
            assert!(signals.glyph_height.is_none_or(|height| height > 0.0 && height <= 1_024.0));
            assert_eq!(CELL_COLUMNS * CELL_ROWS, signals.cells.len());
        }
        Err(refusal) => assert!(KNOWN.contains(&refusal.code)),
    }
    let [x, y, width, height, rows] = [x, y, width, height, rows].map(|byte| u32::from(*byte));
    let turn = Turn::parse(u32::from(turn % 4) * 90).expect("a quarter turn");
    let sideways = matches!(turn, Turn::Right | Turn::Left);
    let size = if sideways { (height, width) } else { (width, height) };
    let wanted = Wanted { crop: Some(Crop { x, y, width, height }), turn, ..Wanted::at(size.0, size.1) };
    match fit_with(&media, &wanted, &limits) {
        Ok(part) => assert_eq!((Some(size.0), Some(size.1)), (part.facts().width, part.facts().height)),
        Err(refusal) => assert!(KNOWN.contains(&refusal.code)),
    }
    match split(&media, rows, rows / 4, OutputFormat::Keep, 85, &limits) {
        Ok(pieces) => assert!(pieces.iter().all(|piece| piece.facts().height <= Some(rows))),
        Err(refusal) => assert!(KNOWN.contains(&refusal.code)),
    }
});
