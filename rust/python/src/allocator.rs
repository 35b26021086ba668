//! `tune_allocator`: keep the pages of big bodies instead of returning and faulting them per request.

use pyo3::prelude::*;

use crate::errors::guard;

/// The largest threshold glibc takes on 64-bit machines: half of one heap.
#[cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]
const MMAP_THRESHOLD: libc::c_int = 32 << 20;

/// Free memory at the top of the heap that is kept.
#[cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]
const TRIM_THRESHOLD: libc::c_int = 128 << 20;

#[pyfunction]
pub(crate) fn tune_allocator() -> PyResult<bool> {
    guard("tune_allocator", || Ok(tune()))
}

#[cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]
#[allow(unsafe_code)]
fn tune() -> bool {
    // SAFETY: mallopt takes two integers, keeps no pointer, and takes the allocator's own locks.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MMAP_THRESHOLD) == 1
            && libc::mallopt(libc::M_TRIM_THRESHOLD, TRIM_THRESHOLD) == 1
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64")))]
fn tune() -> bool {
    false
}
