//! Steps of the vector kernels that more than one of them takes.
//!
//! Kernels are generic over `Simd` and called through `fearless_simd::dispatch!`, once for a row or more; it
//! compiles them for each kind of register that a processor may have. All that they call is marked
//! `#[inline(always)]`: what is not inlined would be compiled for the oldest processor.

use fearless_simd::{Simd, SimdBase};

/// Rows and columns of eight by eight exchanged.
#[inline(always)]
pub(super) fn turned<S: Simd, V: SimdBase<S>>(mut rows: [V; 8]) -> [V; 8] {
    for _ in 0..3 {
        let [a, b, c, d, e, f, g, h] = rows;
        rows = [
            a.zip_low(e),
            a.zip_high(e),
            b.zip_low(f),
            b.zip_high(f),
            c.zip_low(g),
            c.zip_high(g),
            d.zip_low(h),
            d.zip_high(h),
        ];
    }
    rows
}
