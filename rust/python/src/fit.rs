//! `fit` and `strip`: smaller and barer pictures.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use weighbridge_core::fit::{self, OutputFormat};
use weighbridge_core::strip;

use crate::errors::{guard, refused};
use crate::limits::{PyLimits, or_default};
use crate::media::PyMedia;

#[pyfunction(name = "fit")]
#[pyo3(signature = (media, width, height, *, format = "keep", quality = 85, limits = None))]
pub(crate) fn fit_media(
    py: Python<'_>,
    media: &Bound<'_, PyMedia>,
    width: u32,
    height: u32,
    format: &str,
    quality: u8,
    limits: Option<&Bound<'_, PyLimits>>,
) -> PyResult<PyMedia> {
    let format = match format {
        "keep" => OutputFormat::Keep,
        "jpeg" => OutputFormat::Jpeg,
        "png" => OutputFormat::Png,
        "webp" => OutputFormat::Webp,
        _ => return Err(PyValueError::new_err("format must be keep, jpeg, png or webp")),
    };
    if width == 0 || height == 0 || !(1..=100).contains(&quality) {
        return Err(PyValueError::new_err("width and height must be at least 1, quality 1 to 100"));
    }
    let (media, limits) = (media.get(), or_default(limits));
    guard("fit", || {
        py.detach(|| fit::fit(&media.0, width, height, format, quality, &limits))
            .map(PyMedia)
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
