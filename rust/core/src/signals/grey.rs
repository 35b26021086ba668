//! A rectangle of grey levels, and smaller copies of it.

/// Grey levels row by row; the rows may be further apart than they are long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grey<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    stride: usize,
    samples: &'a [u8],
}

impl<'a> Grey<'a> {
    /// Nothing when there are not as many samples as that takes, or none at all.
    pub(super) fn new(samples: &'a [u8], width: usize, height: usize, stride: usize) -> Option<Self> {
        let needed = height.checked_sub(1)?.checked_mul(stride)?.checked_add(width)?;
        (width > 0 && width <= stride && needed <= samples.len()).then_some(Self {
            width,
            height,
            stride,
            samples,
        })
    }

    pub(super) fn row(&self, y: usize) -> &'a [u8] {
        &self.samples[y * self.stride..][..self.width]
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &'a [u8]> {
        let (samples, stride, width) = (self.samples, self.stride, self.width);
        (0..self.height).map(move |y| &samples[y * stride..][..width])
    }

    /// A part of it; it must lie inside.
    pub(super) fn part(&self, left: usize, top: usize, width: usize, height: usize) -> Self {
        Self { width, height, samples: &self.samples[top * self.stride + left..], ..*self }
    }

    /// Means of squares of `factor` x `factor` samples, with their columns and rows; what is left over at the
    /// right and below is dropped. The factor is a product of twos and threes, and no side is shorter.
    pub(super) fn reduced(&self, factor: usize) -> (Vec<u8>, usize, usize) {
        let step = if factor.is_multiple_of(2) { 2 } else { 3 };
        let (width, height) = (self.width / step, self.height / step);
        let mut samples = vec![0; width * height];
        let mut sums = vec![0; self.width];
        for (y, to) in samples.chunks_exact_mut(width.max(1)).enumerate() {
            if step == 2 {
                halve(self.row(2 * y), self.row(2 * y + 1), to);
            } else {
                third([self.row(3 * y), self.row(3 * y + 1), self.row(3 * y + 2)], &mut sums, to);
            }
        }
        match Grey::new(&samples, width, height, width) {
            Some(smaller) if factor > step => smaller.reduced(factor / step),
            _ => (samples, width, height),
        }
    }
}

/// Means of squares of four. Pairs are read as one number, which takes the fewest steps in wide registers.
fn halve(upper: &[u8], lower: &[u8], to: &mut [u8]) {
    let (upper, lower) = (upper.as_chunks::<2>().0, lower.as_chunks::<2>().0);
    for ((above, below), to) in upper.iter().zip(lower).zip(to) {
        let (above, below) = (u16::from_le_bytes(*above), u16::from_le_bytes(*below));
        *to = (((above & 0xff) + (above >> 8) + (below & 0xff) + (below >> 8) + 2) >> 2) as u8;
    }
}

/// Means of squares of nine.
fn third([upper, middle, lower]: [&[u8]; 3], sums: &mut [u16], to: &mut [u8]) {
    for (((sum, a), b), c) in sums.iter_mut().zip(upper).zip(middle).zip(lower) {
        *sum = u16::from(*a) + u16::from(*b) + u16::from(*c);
    }
    for (three, to) in sums.as_chunks::<3>().0.iter().zip(to) {
        // times 7282 and cut to the upper half is a ninth, exactly so for sums of nine levels
        *to = ((u32::from(three[0] + three[1] + three[2] + 4) * 7_282) >> 16) as u8;
    }
}
