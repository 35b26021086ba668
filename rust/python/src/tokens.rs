//! `count_tokens`: how many tokens a text is.

use pyo3::exceptions::PyValueError;
use pyo3::marker::Ungil;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use weighbridge_core::tokens::{self, Encoding};

use crate::buffer;
use crate::errors::guard;

/// Building a vocabulary's tables takes longer than any text: the first call lets go, however short its text.
fn detached<T: Ungil>(
    py: Python<'_>,
    encoding: Encoding,
    bytes: usize,
    work: impl FnOnce() -> T + Ungil,
) -> T {
    buffer::detached(py, if tokens::loaded(encoding) { bytes } else { usize::MAX }, work)
}

fn parse(encoding: &str) -> PyResult<Encoding> {
    Encoding::parse(encoding)
        .ok_or_else(|| PyValueError::new_err("encoding must be o200k_base, o200k_harmony or cl100k_base"))
}

#[pyfunction]
pub(crate) fn count_tokens(py: Python<'_>, text: &str, encoding: &str) -> PyResult<usize> {
    let encoding = parse(encoding)?;
    guard("count_tokens", || Ok(detached(py, encoding, text.len(), || tokens::count(text, encoding))))
}

#[pyfunction]
pub(crate) fn count_tokens_batch(py: Python<'_>, texts: Vec<PyBackedStr>, encoding: &str) -> PyResult<usize> {
    let encoding = parse(encoding)?;
    guard("count_tokens_batch", || {
        let size = texts.iter().map(|text| text.len()).sum();
        Ok(detached(py, encoding, size, || texts.iter().map(|text| tokens::count(text, encoding)).sum()))
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
        Ok(detached(py, encoding, text.len(), || tokens::count_until(text, encoding, most)))
    })
}
