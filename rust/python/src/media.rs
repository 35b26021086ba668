//! `Media`: a handle on decoded bytes that stay outside Python until asked for.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use weighbridge_core::digest::hex;
use weighbridge_core::media::{Media, Ratio};

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
    fn digest(&self, py: Python<'_>) -> String {
        let to_read = if self.0.is_digested() { 0 } else { self.0.data().len() };
        detached(py, to_read, || hex(self.0.digest()))
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
    fn seconds(&self) -> Option<f64> {
        self.0.facts().seconds.map(Ratio::as_f64)
    }

    #[getter]
    fn audio_codec(&self) -> Option<&'static str> {
        self.0.facts().audio_codec
    }

    #[getter]
    fn channels(&self) -> Option<u32> {
        self.0.facts().channels
    }

    #[getter]
    fn sample_rate(&self) -> Option<u32> {
        self.0.facts().sample_rate
    }

    #[getter]
    fn video_codec(&self) -> Option<&'static str> {
        self.0.facts().video_codec
    }

    #[getter]
    fn frame_rate(&self) -> Option<f64> {
        self.0.facts().frame_rate.map(Ratio::as_f64)
    }

    #[getter]
    fn pages(&self) -> Option<u32> {
        self.0.facts().pages
    }

    #[getter]
    fn page_sizes<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let points = |milli: u32| f64::from(milli) / 1000.0;
        let sizes = self.0.facts().page_sizes.as_deref();
        sizes
            .map(|sizes| PyTuple::new(py, sizes.iter().map(|size| (points(size.width), points(size.height)))))
            .transpose()
    }

    #[getter]
    fn path(&self) -> &str {
        self.0.path()
    }

    fn at(&self, path: &str) -> Self {
        Self(self.0.clone().at_path(path))
    }

    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.data())
    }

    fn __repr__(&self) -> String {
        format!("<{:?}>", self.0)
    }
}
