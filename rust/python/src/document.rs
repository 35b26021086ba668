//! `Document`, and the functions that read and write bodies.

use std::collections::BTreeMap;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyMapping, PySequence, PyTuple};
use weighbridge_core::media::Media;
use weighbridge_core::scan::{self as bodies, Document, Form, Seen};
use weighbridge_core::splice::{self, placeholder};

use crate::buffer::{Buffer, detached, written};
use crate::errors::{guard, misused, refused};
use crate::limits::PyLimits;
use crate::media::PyMedia;

#[pyclass(frozen, name = "Document", module = "gateway._core")]
pub(crate) struct PyDocument {
    document: Document<PyBackedBytes>,
    media: Py<PyTuple>,
}

#[pymethods]
impl PyDocument {
    #[getter]
    fn skeleton<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        match self.document.skeleton() {
            Some(skeleton) => Ok(PyBytes::new(py, skeleton)),
            // Without media the skeleton is the body: the object we were given, not a copy.
            None => Ok(self.document.owner().into_pyobject(py)?),
        }
    }

    #[getter]
    fn media(&self, py: Python<'_>) -> Py<PyTuple> {
        self.media.clone_ref(py)
    }

    #[getter]
    fn refused<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let told = self.document.refused().iter().cloned();
        PyTuple::new(py, told.map(|refusal| refused(refusal).into_value(py)).collect::<Vec<_>>())
    }

    fn media_index(&self, value: &str) -> Option<usize> {
        self.document.media_index(value)
    }

    #[pyo3(signature = (members, media = None))]
    fn splice<'py>(
        &self,
        py: Python<'py>,
        members: &Bound<'py, PyMapping>,
        media: Option<&Bound<'py, PyMapping>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let members = texts(members)?;
        let media = media.map(replacements).transpose()?.unwrap_or_default();
        guard("Document.splice", || {
            let size = members.values().flatten().map(|text| text.len()).sum();
            let plan = detached(py, size, || splice::splice(&self.document, &members, &media));
            written(py, &plan.map_err(misused)?)
        })
    }

    fn __repr__(&self) -> String {
        format!("<Document: {} bytes, {} media>", self.document.body().len(), self.document.media().len())
    }
}

/// The new members by name.
fn texts(members: &Bound<'_, PyMapping>) -> PyResult<BTreeMap<String, Option<PyBackedBytes>>> {
    let mut texts = BTreeMap::new();
    for item in members.items()? {
        let (name, text): (String, Option<Buffer>) = item.extract()?;
        texts.insert(name, text.map(|buffer| buffer.0));
    }
    Ok(texts)
}

/// The new media by index.
fn replacements(media: &Bound<'_, PyMapping>) -> PyResult<BTreeMap<usize, Media>> {
    let mut replacements = BTreeMap::new();
    for item in media.items()? {
        let (index, medium): (usize, Bound<'_, PyMedia>) = item.extract()?;
        replacements.insert(index, medium.get().0.clone());
    }
    Ok(replacements)
}

#[pyclass(frozen, name = "Seen", module = "gateway._core")]
pub(crate) struct PySeen(Seen);

#[pymethods]
impl PySeen {
    #[new]
    fn new(max_bytes: usize) -> Self {
        Self(Seen::new(max_bytes))
    }

    #[getter]
    fn size(&self) -> usize {
        self.0.bytes()
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        format!("<Seen: {} media, {} bytes>", self.0.len(), self.0.bytes())
    }
}

#[pyfunction]
#[pyo3(signature = (body, limits, seen = None, owner = "", *, go_on = false))]
pub(crate) fn scan(
    py: Python<'_>,
    body: Buffer,
    limits: &Bound<'_, PyLimits>,
    seen: Option<&Bound<'_, PySeen>>,
    owner: &str,
    go_on: bool,
) -> PyResult<PyDocument> {
    let limits = limits.get().0;
    let seen = seen.map(|seen| &seen.get().0);
    guard("scan", || {
        let size = body.0.len();
        let read = || match seen {
            _ if go_on => bodies::scan_on(body.0, &limits),
            Some(seen) => bodies::scan_again(body.0, &limits, seen, owner),
            None => bodies::scan(body.0, &limits),
        };
        let document = detached(py, size, read).map_err(refused)?;
        let media: Vec<PyMedia> = document.media().cloned().map(PyMedia).collect();
        Ok(PyDocument { media: PyTuple::new(py, media)?.unbind(), document })
    })
}

#[pyfunction(name = "placeholder")]
pub(crate) fn make_placeholder(index: usize, form: &str) -> PyResult<String> {
    let form = match form {
        "data_url" => Form::DataUrl,
        "base64" => Form::Base64,
        _ => return Err(PyValueError::new_err("form must be data_url or base64")),
    };
    guard("placeholder", || Ok(placeholder::text(index, form)))
}

#[pyfunction]
pub(crate) fn fill<'py>(
    py: Python<'py>,
    template: Buffer,
    media: &Bound<'py, PySequence>,
) -> PyResult<Bound<'py, PyBytes>> {
    let mut handles = Vec::with_capacity(media.len()?);
    for medium in media.try_iter()? {
        handles.push(medium?.cast_into::<PyMedia>()?.get().0.clone());
    }
    guard("fill", || {
        let plan = detached(py, template.0.len(), || splice::fill(&template.0, &handles));
        written(py, &plan.map_err(misused)?)
    })
}
