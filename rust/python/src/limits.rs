//! `Limits`: the caps of one scan or fit.

use std::time::Duration;

use pyo3::prelude::*;
use weighbridge_core::limits::Limits;

#[pyclass(frozen, eq, hash, name = "Limits", module = "gateway._core")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct PyLimits(pub(crate) Limits);

#[pymethods]
impl PyLimits {
    #[new]
    #[pyo3(signature = (
        *,
        body_bytes = 52_428_800,
        depth = 128,
        nodes = 100_000,
        media = 64,
        media_bytes = 26_214_400,
        pixels = 50_000_000,
        side = 16_384,
        frames = 1_000,
        scans = 100,
        decode_seconds = 30.0,
        ancillary_bytes = 16_777_216,
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only caps, each with its unit in its name")]
    fn new(
        body_bytes: usize,
        depth: usize,
        nodes: usize,
        media: usize,
        media_bytes: usize,
        pixels: u64,
        side: u32,
        frames: u32,
        scans: u32,
        decode_seconds: f64,
        ancillary_bytes: usize,
    ) -> Self {
        let decoding = Duration::try_from_secs_f64(decode_seconds).unwrap_or(Duration::ZERO);
        Self(Limits {
            body_bytes,
            depth,
            nodes,
            media,
            media_bytes,
            pixels,
            side,
            frames,
            scans,
            decoding,
            ancillary_bytes,
        })
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// The given limits, or the defaults.
pub(crate) fn or_default(limits: Option<&Bound<'_, PyLimits>>) -> Limits {
    limits.map_or_else(Limits::default, |limits| limits.get().0)
}
