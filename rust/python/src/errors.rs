//! Refusals and panics as Python exceptions.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::{create_exception, intern};
use weighbridge_core::splice::SpliceError;

create_exception!(gateway._core, Refusal, PyValueError, "Input that is refused; see the attributes.");

/// The exception class. An instance that Rust did not make has its attributes too, empty.
pub(crate) fn refusal_class(py: Python<'_>) -> PyResult<Bound<'_, pyo3::types::PyType>> {
    let class = py.get_type::<Refusal>();
    for name in ["code", "message"] {
        class.setattr(name, "")?;
    }
    for name in ["part", "path", "offset"] {
        class.setattr(name, py.None())?;
    }
    Ok(class)
}

/// A refusal of the core as an exception.
pub(crate) fn refused(refusal: weighbridge_core::Refusal) -> PyErr {
    Python::attach(|py| {
        let error = Refusal::new_err(refusal.message.clone());
        let value = error.value(py);
        let set = || -> PyResult<()> {
            value.setattr(intern!(py, "code"), refusal.code)?;
            value.setattr(intern!(py, "part"), refusal.part)?;
            value.setattr(intern!(py, "path"), refusal.path)?;
            value.setattr(intern!(py, "offset"), refusal.offset)?;
            value.setattr(intern!(py, "message"), refusal.message)
        };
        set().err().unwrap_or(error)
    })
}

/// A mistake of the caller as an exception.
pub(crate) fn misused(error: SpliceError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Runs one entry point; a panic inside becomes one `RuntimeError` that names the entry.
///
/// pyo3 would raise its own exception outside of `Exception`, which ends a worker instead of a request.
pub(crate) fn guard<T>(entry: &str, call: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|_| Err(PyRuntimeError::new_err(format!("internal panic in {entry}"))))
}

/// Reports the place of a panic, without its text: that may quote a client's bytes.
pub(crate) fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic.location().map_or(("unknown", 0), |place| (place.file(), place.line()));
        eprintln!("gateway._core: internal panic at {file}:{line}");
    }));
}
