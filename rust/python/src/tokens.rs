//! `count_tokens`: how many tokens a text is; `weigh_texts`: whose, and how sure.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyDict;
use weighbridge_core::tokens::{self, Encoding, Script, Weighed};

use crate::buffer;
use crate::errors::guard;

fn parse(encoding: &str) -> PyResult<Encoding> {
    Encoding::parse(encoding)
        .ok_or_else(|| PyValueError::new_err("encoding must be o200k_base, o200k_harmony or cl100k_base"))
}

#[pyfunction]
pub(crate) fn count_tokens(py: Python<'_>, text: &str, encoding: &str) -> PyResult<usize> {
    let encoding = parse(encoding)?;
    guard("count_tokens", || Ok(buffer::detached(py, text.len(), || tokens::count(text, encoding))))
}

#[pyfunction]
pub(crate) fn count_tokens_batch(py: Python<'_>, texts: Vec<PyBackedStr>, encoding: &str) -> PyResult<usize> {
    let encoding = parse(encoding)?;
    guard("count_tokens_batch", || {
        let size = texts.iter().map(|text| text.len()).sum();
        Ok(buffer::detached(py, size, || texts.iter().map(|text| tokens::count(text, encoding)).sum()))
    })
}

#[pyfunction]
pub(crate) fn count_until(
    py: Python<'_>,
    text: &str,
    encoding: &str,
    most: usize,
) -> PyResult<Option<usize>> {
    let encoding = parse(encoding)?;
    guard("count_until", || {
        Ok(buffer::detached(py, text.len(), || tokens::count_until(text, encoding, most)))
    })
}

/// See `TextCount` in the stub.
#[pyclass(frozen, name = "TextCount", module = "gateway._core")]
pub(crate) struct PyTextCount(Weighed);

#[pymethods]
impl PyTextCount {
    #[getter]
    fn tokens(&self) -> usize {
        self.0.tokens
    }

    #[getter]
    fn error(&self) -> usize {
        self.0.error
    }

    #[getter]
    fn scripts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let found = PyDict::new(py);
        for (script, tokens) in Script::ALL.iter().zip(self.0.scripts) {
            if tokens > 0 {
                found.set_item(script.as_str(), tokens)?;
            }
        }
        Ok(found)
    }
}

#[pyfunction]
#[pyo3(signature = (texts, encoding, *, cap))]
pub(crate) fn weigh_texts(
    py: Python<'_>,
    texts: Vec<PyBackedStr>,
    encoding: &str,
    cap: usize,
) -> PyResult<PyTextCount> {
    let encoding = parse(encoding)?;
    guard("weigh_texts", || {
        let size = texts.iter().map(|text| text.len()).sum();
        let weighed = || tokens::weigh(texts.iter().map(|text| &**text), encoding, cap);
        Ok(PyTextCount(buffer::detached(py, size, weighed)))
    })
}

#[pyfunction]
pub(crate) fn text_features(py: Python<'_>, text: &str) -> PyResult<Vec<u64>> {
    guard("text_features", || Ok(buffer::detached(py, text.len(), || tokens::features(text).to_vec())))
}
