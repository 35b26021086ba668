//! Rows on their way from a decoder to whoever wants them.

use crate::Refusal;

/// One plane of a picture, before its rows come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    /// Samples of a row, and rows.
    pub(super) width: usize,
    pub(super) height: usize,
    /// Columns and rows that lie under the picture; the last ones of halved chroma may do so in part.
    pub(super) covers: (f64, f64),
}

impl Shape {
    /// A plane that lies under the picture whole.
    pub(super) fn whole((width, height): (usize, usize)) -> Self {
        Self { width, height, covers: (width as f64, height as f64) }
    }
}

/// Takes a picture's rows: of each plane from top to bottom, of several planes in any mixture.
pub(super) trait Sink {
    /// Whether the rows of this plane are wanted at all.
    fn wants(&self, _plane: usize) -> bool {
        true
    }

    /// Asked from time to time while no rows come yet.
    ///
    /// # Errors
    /// Whatever should end the decoding.
    fn go_on(&mut self) -> Result<(), Refusal> {
        Ok(())
    }

    /// One row.
    ///
    /// # Errors
    /// Whatever should end the decoding.
    fn row(&mut self, plane: usize, row: &[u8]) -> Result<(), Refusal>;
}
