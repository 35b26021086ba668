//! `signals`: what a picture is like; `frame_cells` and `changed_tiles`: whether a frame shows anything new.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use weighbridge_core::signals::{self, Signals};

use crate::buffer::{Buffer, detached};
use crate::errors::{guard, refused};
use crate::limits::{PyLimits, or_default};
use crate::media::PyMedia;

#[pyclass(frozen, name = "Signals", module = "gateway._core")]
pub(crate) struct PySignals(Signals);

#[pymethods]
impl PySignals {
    #[getter]
    fn text_score(&self) -> f32 {
        self.0.text_score
    }

    #[getter]
    fn glyph_height(&self) -> Option<f32> {
        self.0.glyph_height
    }

    #[getter]
    fn sharpness(&self) -> f32 {
        self.0.sharpness
    }

    #[getter]
    fn brightness(&self) -> f32 {
        self.0.brightness
    }

    #[getter]
    fn contrast(&self) -> f32 {
        self.0.contrast
    }

    #[getter]
    fn shadows(&self) -> f32 {
        self.0.shadows
    }

    #[getter]
    fn highlights(&self) -> f32 {
        self.0.highlights
    }

    #[getter]
    fn entropy(&self) -> f32 {
        self.0.entropy
    }

    #[getter]
    fn phash(&self) -> u64 {
        self.0.phash
    }

    #[getter]
    fn cells<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.cells)
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}

#[pyfunction(name = "signals")]
#[pyo3(signature = (media, limits = None))]
pub(crate) fn signals_of(
    py: Python<'_>,
    media: &Bound<'_, PyMedia>,
    limits: Option<&Bound<'_, PyLimits>>,
) -> PyResult<PySignals> {
    let (media, limits) = (media.get(), or_default(limits));
    guard("signals", || py.detach(|| signals::signals(&media.0, &limits)).map(PySignals).map_err(refused))
}

#[pyfunction]
#[pyo3(signature = (luma, width, height, *, stride = None))]
pub(crate) fn frame_cells<'py>(
    py: Python<'py>,
    luma: Buffer,
    width: usize,
    height: usize,
    stride: Option<usize>,
) -> PyResult<Bound<'py, PyBytes>> {
    let size = (width, height, stride.unwrap_or(width));
    guard("frame_cells", || {
        let cells = detached(py, luma.0.len(), || signals::frame_cells(&luma.0, size));
        let cells = cells.ok_or_else(|| {
            PyValueError::new_err("luma must hold height rows of width bytes, stride bytes apart")
        })?;
        Ok(PyBytes::new(py, &cells))
    })
}

#[pyfunction]
#[pyo3(signature = (before, after, *, levels = 6))]
pub(crate) fn changed_tiles(before: Buffer, after: Buffer, levels: u8) -> usize {
    signals::changed_tiles(&before.0, &after.0, levels)
}
