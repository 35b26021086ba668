//! `Media`: a handle on decoded bytes that stay outside Python until asked for.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use weighbridge_core::digest::hex;
use weighbridge_core::media::Media;

use crate::buffer::{Buffer, detached};
use crate::errors::{guard, refused};
use crate::limits::{PyLimits, or_default};

#[pyclass(frozen, name = "Media", module = "gateway._core")]
pub(crate) struct PyMedia(pub(crate) Media);

#[pymethods]
impl PyMedia {
    #[new]
    #[pyo3(signature = (data, *, declared = None, limits = None))]
    fn new(
        py: Python<'_>,
        data: Buffer,
        declared: Option<String>,
        limits: Option<&Bound<'_, PyLimits>>,
    ) -> PyResult<Self> {
        let limits = or_default(limits);
        guard("Media", || {
            let bytes = &data.0;
            detached(py, bytes.len(), || Media::copied(bytes, declared, &limits)).map(Self).map_err(refused)
        })
    }

    #[getter]
    fn digest(&self) -> String {
        hex(self.0.digest())
    }

    #[getter]
    fn kind(&self) -> &'static str {
        self.0.facts().kind.as_str()
    }

    #[getter]
    fn mime(&self) -> &'static str {
        self.0.facts().mime
    }

    #[getter]
    fn declared(&self) -> Option<&str> {
        self.0.declared()
    }

    #[getter]
    fn size(&self) -> usize {
        self.0.data().len()
    }

    #[getter]
    fn width(&self) -> Option<u32> {
        self.0.facts().width
    }

    #[getter]
    fn height(&self) -> Option<u32> {
        self.0.facts().height
    }

    #[getter]
    fn frames(&self) -> Option<u32> {
        self.0.facts().frames
    }

    #[getter]
    fn orientation(&self) -> u8 {
        self.0.facts().orientation
    }

    #[getter]
    fn path(&self) -> &str {
        self.0.path()
    }

    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.data())
    }

    fn __repr__(&self) -> String {
        format!("<{:?}>", self.0)
    }
}
