//! `gateway._core`: convert, detach from the GIL, call the core, map the error. Nothing else.

use pyo3::prelude::*;

mod allocator;
mod buffer;
mod digest;
mod document;
mod errors;
mod fit;
mod limits;
mod media;
mod signals;
mod sse;
mod tokens;

/// Panics, so that a test can show what a panic becomes.
#[pyfunction]
#[expect(clippy::panic, reason = "the one panic that is wanted")]
fn _panic_for_tests(py: Python<'_>) -> PyResult<()> {
    errors::guard("_panic_for_tests", || py.detach(|| panic!("wanted by a test")))
}

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    errors::quiet_panics();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("Refusal", errors::refusal_class(module.py())?)?;
    module.add_class::<limits::PyLimits>()?;
    module.add_class::<media::PyMedia>()?;
    module.add_class::<signals::PySignals>()?;
    module.add_class::<document::PyDocument>()?;
    module.add_class::<document::PySeen>()?;
    module.add_class::<sse::PySseReader>()?;
    module.add_function(wrap_pyfunction!(document::scan, module)?)?;
    module.add_function(wrap_pyfunction!(document::make_placeholder, module)?)?;
    module.add_function(wrap_pyfunction!(document::fill, module)?)?;
    module.add_function(wrap_pyfunction!(fit::fit_media, module)?)?;
    module.add_function(wrap_pyfunction!(fit::split_media, module)?)?;
    module.add_function(wrap_pyfunction!(fit::strip_media, module)?)?;
    module.add_function(wrap_pyfunction!(signals::signals_of, module)?)?;
    module.add_function(wrap_pyfunction!(signals::frame_cells, module)?)?;
    module.add_function(wrap_pyfunction!(signals::changed_tiles, module)?)?;
    module.add_function(wrap_pyfunction!(tokens::count_tokens, module)?)?;
    module.add_function(wrap_pyfunction!(tokens::count_tokens_batch, module)?)?;
    module.add_function(wrap_pyfunction!(tokens::count_until, module)?)?;
    module.add_class::<tokens::PyTextCount>()?;
    module.add_function(wrap_pyfunction!(tokens::weigh_texts, module)?)?;
    module.add_function(wrap_pyfunction!(tokens::text_features, module)?)?;
    module.add_function(wrap_pyfunction!(digest::digest_parts, module)?)?;
    module.add_function(wrap_pyfunction!(allocator::tune_allocator, module)?)?;
    module.add_function(wrap_pyfunction!(_panic_for_tests, module)?)
}
