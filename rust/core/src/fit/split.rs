//! One tall page as several, each low enough for a model's side limit.

use super::deadline::Deadline;
use super::decode::Source;
use super::view::Crop;
use super::{OutputFormat, Wanted, fit_with, opened, source, written};
use crate::{Limits, Media, Refusal};

/// The picture cut across into pieces of at most `height` rows, from top to bottom, none scaled; each
/// begins `overlap` rows (or a few more) above the end of the one before it. A picture that is low enough
/// comes out as [`super::fit`] leaves it at its own size.
///
/// Pieces are equally tall but for the last, which may lack a few rows. The file is decoded once; beside
/// it, peak memory is that of one piece and of the files made so far.
///
/// # Errors
/// As [`super::fit`]; `media_unsupported` too when the overlap is more than half of the height, or when
/// there would be more pieces than `limits.media`.
pub fn split(
    media: &Media,
    height: u32,
    overlap: u32,
    format: OutputFormat,
    quality: u8,
    limits: &Limits,
) -> Result<Vec<Media>, Refusal> {
    let deadline = Deadline::of(limits);
    let upright = opened(media, limits)?;
    let pieces = pieces(upright.1, height, overlap)
        .filter(|pieces| pieces.len() <= limits.media)
        .ok_or_else(|| unfit(height, overlap, limits))?;
    let whole = Wanted { format, quality, ..Wanted::at(upright.0, upright.1) };
    if pieces.len() == 1 {
        return Ok(vec![fit_with(media, &whole, limits)?]);
    }
    let source = source(media, limits, deadline)?;
    let (lossy, picture) = (source.lossy, source.whole(deadline)?);
    let piece = |(y, height): (u32, u32)| {
        let crop = Some(Crop { x: 0, y, width: upright.0, height });
        let source = Source::of(picture.clone(), lossy);
        written(media, source, &Wanted { height, crop, ..whole }, deadline)
    };
    pieces.into_iter().map(piece).collect()
}

/// First row and rows of every piece; nothing when these numbers make no sense.
fn pieces(total: u32, height: u32, overlap: u32) -> Option<Vec<(u32, u32)>> {
    if height == 0 || overlap > height / 2 {
        return None;
    }
    if total <= height {
        return Some(vec![(0, total)]);
    }
    let count = (total - overlap).div_ceil(height - overlap);
    // the rows of all pieces together, shared out equally: no sliver at the end
    let rows = u64::from(total) + u64::from(count - 1) * u64::from(overlap);
    let each = u32::try_from(rows.div_ceil(u64::from(count))).ok()?;
    let step = each - overlap;
    Some((0..count).map(|index| (index * step, each.min(total - index * step))).collect())
}

fn unfit(height: u32, overlap: u32, limits: &Limits) -> Refusal {
    let message = format!(
        "pieces of {height} rows that overlap by {overlap} do not do; the overlap may be half of the height, \
         the pieces {} in number",
        limits.media
    );
    Refusal::new("media_unsupported", message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A page that is low enough stays whole; sizes of nothing and wide overlaps are refused.
    #[test]
    fn shapes_of_pieces() {
        assert_eq!(Some(vec![(0, 100)]), pieces(100, 100, 50));
        assert_eq!(Some(vec![(0, 51), (49, 51)]), pieces(100, 99, 2));
        assert_eq!(None, pieces(100, 0, 0));
        assert_eq!(None, pieces(100, 10, 6));
    }

    proptest! {
        /// Pieces cover every row, none is too tall, each overlaps the next by what was asked, all but the
        /// last are equally tall, and there are as few as can be.
        #[test]
        fn pieces_cover(total in 1u32..20_000, height in 1u32..4_000, overlap in 0.0f64..=0.5) {
            let overlap = (f64::from(height) * overlap) as u32;
            let pieces = pieces(total, height, overlap).unwrap();
            prop_assert_eq!(0, pieces[0].0);
            let last = pieces[pieces.len() - 1];
            prop_assert_eq!(total, last.0 + last.1);
            for pair in pieces.windows(2) {
                prop_assert_eq!(overlap, pair[0].0 + pair[0].1 - pair[1].0);
                prop_assert_eq!(pieces[0].1, pair[0].1);
            }
            for (_, rows) in &pieces {
                prop_assert!(*rows > 0 && *rows <= height);
            }
            let fewest = total.saturating_sub(overlap).div_ceil(height - overlap).max(1);
            prop_assert_eq!(fewest as usize, pieces.len());
        }
    }
}
