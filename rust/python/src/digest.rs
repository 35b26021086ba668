//! `digest`: one name for several byte strings.

use pyo3::prelude::*;
use weighbridge_core::digest;

use crate::buffer::{Buffer, detached};
use crate::errors::guard;

#[pyfunction(name = "digest")]
#[pyo3(signature = (*parts))]
pub(crate) fn digest_parts(py: Python<'_>, parts: Vec<Buffer>) -> PyResult<String> {
    guard("digest", || {
        let size = parts.iter().map(|part| part.0.len()).sum();
        Ok(detached(py, size, || digest::hex(&digest::digest(parts.iter().map(|part| &part.0[..])))))
    })
}
