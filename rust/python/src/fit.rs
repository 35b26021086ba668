//! `fit`, `split` and `strip`: smaller, lower and barer pictures.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use weighbridge_core::fit::{self, Crop, OutputFormat, Turn, Wanted};
use weighbridge_core::strip;

use crate::errors::{guard, refused};
use crate::limits::{PyLimits, or_default};
use crate::media::PyMedia;

/// The form of that name.
fn output_format(name: &str) -> PyResult<OutputFormat> {
    OutputFormat::parse(name)
        .ok_or_else(|| PyValueError::new_err("format must be keep, plain, jpeg, png or webp"))
}

fn check_quality(quality: u8) -> PyResult<()> {
    if (1..=100).contains(&quality) {
        return Ok(());
    }
    Err(PyValueError::new_err("quality must be 1 to 100"))
}

#[pyfunction(name = "fit")]
#[pyo3(signature = (
    media, width, height, *, format = "keep", quality = 85, crop = None, turn = 0, limits = None
))]
#[expect(clippy::too_many_arguments, reason = "keyword-only options of one call")]
pub(crate) fn fit_media(
    py: Python<'_>,
    media: &Bound<'_, PyMedia>,
    width: u32,
    height: u32,
    format: &str,
    quality: u8,
    crop: Option<(u32, u32, u32, u32)>,
    turn: u32,
    limits: Option<&Bound<'_, PyLimits>>,
) -> PyResult<PyMedia> {
    let format = output_format(format)?;
    check_quality(quality)?;
    if width == 0 || height == 0 {
        return Err(PyValueError::new_err("width and height must be at least 1"));
    }
    let turn =
        Turn::parse(turn).ok_or_else(|| PyValueError::new_err("turn must be 0, 90, 180 or 270 degrees"))?;
    let crop = crop.map(|(x, y, width, height)| Crop { x, y, width, height });
    let wanted = Wanted { width, height, format, quality, crop, turn };
    let (media, limits) = (media.get(), or_default(limits));
    guard("fit", || py.detach(|| fit::fit_with(&media.0, &wanted, &limits)).map(PyMedia).map_err(refused))
}

#[pyfunction(name = "split")]
#[pyo3(signature = (media, height, overlap = 0, *, format = "keep", quality = 85, limits = None))]
pub(crate) fn split_media(
    py: Python<'_>,
    media: &Bound<'_, PyMedia>,
    height: u32,
    overlap: u32,
    format: &str,
    quality: u8,
    limits: Option<&Bound<'_, PyLimits>>,
) -> PyResult<Vec<PyMedia>> {
    let format = output_format(format)?;
    check_quality(quality)?;
    if height == 0 || overlap > height / 2 {
        return Err(PyValueError::new_err("height must be at least 1, overlap at most half of it"));
    }
    let (media, limits) = (media.get(), or_default(limits));
    guard("split", || {
        py.detach(|| fit::split(&media.0, height, overlap, format, quality, &limits))
            .map(|pieces| pieces.into_iter().map(PyMedia).collect())
            .map_err(refused)
    })
}

#[pyfunction(name = "strip")]
pub(crate) fn strip_media(py: Python<'_>, media: &Bound<'_, PyMedia>) -> PyResult<Py<PyMedia>> {
    let handle = media.get();
    guard("strip", || match py.detach(|| strip::strip(&handle.0)).map_err(refused)? {
        Some(stripped) => Py::new(py, PyMedia(stripped)),
        None => Ok(media.clone().unbind()),
    })
}
