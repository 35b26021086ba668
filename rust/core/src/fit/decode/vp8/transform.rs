//! From coefficients to differences (RFC 6386, section 14), to the bit as the standard has it.

/// The first coefficients of the sixteen luma blocks out of the block that holds them.
pub(super) fn spread(coefficients: &[i16; 16]) -> [i16; 16] {
    let input = coefficients.map(i32::from);
    let mut middle = [0; 16];
    for x in 0..4 {
        let [a, b, c, d] = [input[x], input[4 + x], input[8 + x], input[12 + x]];
        let [sum, inner, turned, outer] = [a + d, b + c, b - c, a - d];
        middle[x] = sum + inner;
        middle[4 + x] = turned + outer;
        middle[8 + x] = sum - inner;
        middle[12 + x] = outer - turned;
    }
    let mut out = [0; 16];
    for (row, out) in middle.as_chunks::<4>().0.iter().zip(out.as_chunks_mut::<4>().0) {
        let [a, b, c, d] = *row;
        let [sum, inner, turned, outer] = [a + d, b + c, b - c, a - d];
        *out =
            [sum + inner, turned + outer, sum - inner, outer - turned].map(|value| ((value + 3) >> 3) as i16);
    }
    out
}

/// Adds the differences that these coefficients mean to the 4 x 4 samples at `at`; `STRIDE` samples a row.
pub(super) fn add<const STRIDE: usize>(coefficients: &[i16; 16], samples: &mut [u8], at: usize) {
    let mut middle = [0i32; 16];
    for x in 0..4 {
        let column = [0, 4, 8, 12].map(|row| i32::from(coefficients[row + x]));
        let turned = butterfly(column);
        for row in 0..4 {
            middle[4 * row + x] = turned[row];
        }
    }
    let Some(samples) = samples.get_mut(at..at + 3 * STRIDE + 4) else { return };
    for (row, middle) in middle.as_chunks::<4>().0.iter().enumerate() {
        let differences = butterfly(*middle);
        for (sample, difference) in samples[row * STRIDE..][..4].iter_mut().zip(differences) {
            *sample = (i32::from(*sample) + ((difference + 4) >> 3)).clamp(0, 255) as u8;
        }
    }
}

/// The same for a first coefficient alone.
pub(super) fn add_flat<const STRIDE: usize>(first: i16, samples: &mut [u8], at: usize) {
    let difference = (i32::from(first) + 4) >> 3;
    let Some(samples) = samples.get_mut(at..at + 3 * STRIDE + 4) else { return };
    for row in 0..4 {
        for sample in &mut samples[row * STRIDE..][..4] {
            *sample = (i32::from(*sample) + difference).clamp(0, 255) as u8;
        }
    }
}

/// One dimension: the factors are the root of two by cosine and sine of an eighth of pi, in 16 bits.
#[inline(always)]
fn butterfly([a, b, c, d]: [i32; 4]) -> [i32; 4] {
    // coefficients beyond all reason wrap, and the sample is wrong as it should be
    let cosine = |value: i32| value + (value.wrapping_mul(20_091) >> 16);
    let sine = |value: i32| value.wrapping_mul(35_468) >> 16;
    let (even, odd) = (a + c, a - c);
    let (low, high) = (sine(b) - cosine(d), cosine(b) + sine(d));
    [even + high, odd + low, odd - low, even - high]
}
