//! `SseReader`: the events of one stream.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use weighbridge_core::sse::SseReader;

use crate::buffer::{Buffer, detached};
use crate::errors::{guard, refused};

/// The lock is never held while the interpreter is waited for, so two threads cannot block each other.
#[pyclass(frozen, name = "SseReader", module = "gateway._core")]
pub(crate) struct PySseReader(Mutex<SseReader>);

impl PySseReader {
    fn reader(&self) -> MutexGuard<'_, SseReader> {
        // A panic under the lock was raised as an error already; the reader itself stays usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event as the stub has it: its name and its data.
type PyEvent<'py> = (Option<String>, Bound<'py, PyBytes>);

#[pymethods]
impl PySseReader {
    #[new]
    #[pyo3(signature = (*, max_event_bytes = 1_048_576))]
    fn new(max_event_bytes: usize) -> Self {
        Self(Mutex::new(SseReader::new(max_event_bytes)))
    }

    fn feed<'py>(&self, py: Python<'py>, chunk: Buffer) -> PyResult<Vec<PyEvent<'py>>> {
        guard("SseReader.feed", || {
            let bytes = &chunk.0;
            let events = detached(py, bytes.len(), || self.reader().feed(bytes)).map_err(refused)?;
            Ok(events.into_iter().map(|event| (event.name, PyBytes::new(py, &event.data))).collect())
        })
    }

    #[getter]
    fn pending(&self) -> bool {
        self.reader().pending()
    }
}
