//! Bytes from Python, and the decision when to let go of the interpreter.

use pyo3::exceptions::PyTypeError;
use pyo3::marker::Ungil;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView};
use weighbridge_core::splice::Plan;

/// Below this many bytes the work is shorter than handing the interpreter over and back.
const WORTH_DETACHING: usize = 2_048;

/// A `bytes`, `bytearray` or `memoryview`. `bytes` are borrowed; the others are copied once, for they may
/// change while the interpreter is let go.
pub(crate) struct Buffer(pub(crate) PyBackedBytes);

impl<'py> FromPyObject<'_, 'py> for Buffer {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.cast::<PyBytes>() {
            Ok(Self(bytes.to_owned().into()))
        } else if let Ok(array) = object.cast::<PyByteArray>() {
            Ok(Self(array.to_owned().into()))
        } else if object.is_instance_of::<PyMemoryView>() {
            Ok(Self(object.call_method0("tobytes")?.cast_into::<PyBytes>()?.into()))
        } else {
            Err(PyTypeError::new_err("a bytes, bytearray or memoryview object is needed"))
        }
    }
}

/// Does the work, without the interpreter when it is about more than a few bytes.
pub(crate) fn detached<T: Ungil>(py: Python<'_>, bytes: usize, work: impl FnOnce() -> T + Ungil) -> T {
    if bytes < WORTH_DETACHING { work() } else { py.detach(work) }
}

/// A planned output as `bytes`, written in place.
pub(crate) fn written<'py>(py: Python<'py>, plan: &Plan<'_>) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, plan.len(), |out| {
        detached(py, plan.len(), || plan.write(out));
        Ok(())
    })
}
