//! Streams of a PDF: where one begins, and what it holds once inflated, within a budget.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use super::lex::{Value, Values, get, pairs};

/// Bytes that one document may inflate to in all.
const BUDGET: usize = 1 << 20;
/// The first guess of a stream's size.
const FIRST: usize = 16_384;

/// How many more bytes may be inflated.
pub(super) struct Budget(usize);

impl Budget {
    /// In proportion to the document, so that a small one cannot make us work.
    pub(super) fn of(size: usize) -> Self {
        Self((size / 2 + 65_536).min(BUDGET))
    }

    /// The stream behind its dictionary, which ends at `at`, without its filter.
    pub(super) fn stream(&mut self, data: &[u8], at: usize, dictionary: &[u8]) -> Option<Vec<u8>> {
        let packed = content(data, at, dictionary)?;
        let flat = match get(dictionary, b"Filter") {
            None => {
                let length = usize::try_from(get(dictionary, b"Length")?.whole()?).ok()?;
                packed.get(..length).filter(|flat| flat.len() <= self.0)?.to_vec()
            }
            Some(filter) if is_deflate(filter) => inflate(packed, self.0)?,
            Some(_) => return None,
        };
        self.0 -= flat.len().min(self.0);
        unpredict(flat, dictionary)
    }
}

/// What stands behind the keyword; as far as its dictionary says, if it says so itself.
fn content<'a>(data: &'a [u8], at: usize, dictionary: &[u8]) -> Option<&'a [u8]> {
    let mut values = Values::new(data, at);
    if values.next()? != Value::Other(b"stream") {
        return None;
    }
    let rest = data.get(values.at..)?;
    let rest = rest
        .strip_prefix(b"\r\n")
        .or_else(|| rest.strip_prefix(b"\n"))
        .or_else(|| rest.strip_prefix(b"\r"))?;
    let length = get(dictionary, b"Length").and_then(Value::whole);
    let length = length.and_then(|length| usize::try_from(length).ok()).unwrap_or(rest.len());
    Some(&rest[..length.min(rest.len())])
}

fn is_deflate(filter: Value<'_>) -> bool {
    match filter {
        Value::Name(name) => name == b"FlateDecode" || name == b"Fl",
        Value::Array(inside) => {
            let mut values = Values::new(inside, 0);
            values.next().is_some_and(is_deflate) && values.next().is_none()
        }
        _ => false,
    }
}

/// The bytes of a whole zlib stream of at most `cap` bytes.
fn inflate(packed: &[u8], cap: usize) -> Option<Vec<u8>> {
    use inflate_flags::{TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF};
    let flags = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut state = Box::<DecompressorOxide>::default();
    let mut flat = vec![0; FIRST.min(cap)];
    let (mut read, mut written) = (0, 0);
    loop {
        let (status, more, out) = decompress(&mut state, &packed[read..], &mut flat, written, flags);
        (read, written) = (read + more, written + out);
        match status {
            TINFLStatus::Done => {
                flat.truncate(written);
                return Some(flat);
            }
            TINFLStatus::HasMoreOutput if flat.len() < cap => flat.resize((flat.len() * 2).min(cap), 0),
            _ => return None,
        }
    }
}

/// Undoes the row filters of PNG, which cross-reference streams are packed with.
fn unpredict(flat: Vec<u8>, dictionary: &[u8]) -> Option<Vec<u8>> {
    let parameters = match get(dictionary, b"DecodeParms") {
        Some(Value::Array(inside)) => Values::new(inside, 0).next(),
        other => other,
    };
    let (mut predictor, mut columns, mut colors, mut depth) = (1, 1, 1, 8);
    for (key, value) in parameters.and_then(Value::dictionary).into_iter().flat_map(pairs) {
        let value = value.whole().unwrap_or(0);
        match key {
            b"Predictor" => predictor = value,
            b"Columns" => columns = value,
            b"Colors" => colors = value,
            b"BitsPerComponent" => depth = value,
            _ => {}
        }
    }
    if predictor == 1 {
        return Some(flat);
    }
    if !(10..=15).contains(&predictor) || colors != 1 || depth != 8 || !(1..=64).contains(&columns) {
        return None;
    }
    Some(unfilter(&flat, usize::try_from(columns).ok()?))
}

/// Rows of `columns` bytes, each behind the number of its filter.
fn unfilter(flat: &[u8], columns: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(flat.len());
    let mut above = [0_u8; 64];
    for row in flat.chunks_exact(columns + 1) {
        let (mut left, mut corner) = (0_u8, 0_u8);
        for (byte, above) in row[1..].iter().zip(&mut above) {
            let up = *above;
            let guess = match row[0] {
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                4 => paeth(left, up, corner),
                _ => 0,
            };
            left = byte.wrapping_add(guess);
            (corner, *above) = (up, left);
            out.push(left);
        }
    }
    out
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let far = |byte: u8| (guess - i16::from(byte)).abs();
    if far(left) <= far(up) && far(left) <= far(corner) {
        left
    } else if far(up) <= far(corner) {
        up
    } else {
        corner
    }
}
