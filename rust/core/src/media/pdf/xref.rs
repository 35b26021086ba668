//! Where the objects of a PDF are: cross-reference tables and streams, the newest first.

use std::cell::Cell;

use memchr::memmem;

use super::inflate::Budget;
use super::lex::{Value, Values, get};

/// Sections of an incrementally saved document that are followed.
const SECTIONS: usize = 32;
/// Subsections of one section that are searched.
const RANGES: usize = 1_024;
/// Subsections that all look-ups together may go through.
const STEPS: usize = 65_536;
/// Bytes of all trailers together.
const TRAILERS: usize = 65_536;
/// How far from the end the last section's place is written.
const TAIL: usize = 2_048;
/// Bytes of an entry of a table.
const ENTRY: usize = 20;

/// Where an object is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// At this offset.
    At(usize),
    /// Within the object stream of this number.
    Within(u32),
}

enum Section<'a> {
    /// Everything from the first subsection of a table on.
    Table(&'a [u8]),
    Stream {
        entries: Vec<u8>,
        widths: [usize; 3],
        index: Option<&'a [u8]>,
        size: u64,
    },
}

/// The sections of a document, the newest first, and what its trailer says.
pub(super) struct Sections<'a> {
    sections: Vec<Section<'a>>,
    steps: Cell<usize>,
    pub(super) root: u32,
}

impl<'a> Sections<'a> {
    /// All sections; `None` when one is broken, or when the document is encrypted.
    pub(super) fn read(data: &'a [u8], budget: &mut Budget) -> Option<Self> {
        let mut queue = [0; 2 * SECTIONS];
        let mut known = 1;
        queue[0] = start(data)?;
        let mut found = Self { sections: Vec::new(), steps: Cell::new(STEPS), root: 0 };
        let (mut root, mut trailers) = (None, TRAILERS);
        let mut next = 0;
        while next < known {
            let (section, trailer) = section(data, queue[next], budget)?;
            next += 1;
            trailers = trailers.checked_sub(trailer.len())?;
            found.sections.push(section);
            if get(trailer, b"Encrypt").is_some() {
                return None;
            }
            if let Some(Value::Reference(object)) = get(trailer, b"Root") {
                root = root.or(Some(object));
            }
            // A hybrid document keeps a stream for those that read streams, beside the table for the others.
            for key in [&b"XRefStm"[..], b"Prev"] {
                let Some(at) = get(trailer, key).and_then(Value::whole) else { continue };
                let at = usize::try_from(at).ok()?;
                if queue[..known].contains(&at) {
                    continue;
                }
                *queue.get_mut(known)? = at;
                known += 1;
            }
        }
        found.root = root?;
        Some(found)
    }

    /// Where the newest version of an object is.
    pub(super) fn place(&self, object: u32) -> Option<Place> {
        let found = self.sections.iter().find_map(|section| section.place(object, &self.steps))?;
        // A section that was not searched to its end might have had a newer version.
        found.filter(|_| self.steps.get() > 0)
    }
}

impl Section<'_> {
    /// `None`: this section does not have it; `Some(None)`: it says that there is none.
    fn place(&self, object: u32, steps: &Cell<usize>) -> Option<Option<Place>> {
        match self {
            Self::Table(table) => in_table(table, object, steps),
            Self::Stream { entries, widths, index, size } => {
                let row = row(*index, *size, object, steps)?;
                let width = widths.iter().sum::<usize>();
                let entry = entries.get(row.checked_mul(width)?..)?.get(..width)?;
                let (kind, rest) = entry.split_at(widths[0]);
                let (second, _) = rest.split_at(widths[1]);
                let second = number(second);
                Some(match if widths[0] == 0 { 1 } else { number(kind) } {
                    1 => usize::try_from(second).ok().map(Place::At),
                    2 => u32::try_from(second).ok().map(Place::Within),
                    _ => None,
                })
            }
        }
    }
}

fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// The offset that the end of the file names.
fn start(data: &[u8]) -> Option<usize> {
    let tail = &data[data.len().saturating_sub(TAIL)..];
    let at = memmem::rfind(tail, b"startxref")? + 9;
    usize::try_from(Values::new(tail, at).next()?.whole()?).ok()
}

fn section<'a>(data: &'a [u8], at: usize, budget: &mut Budget) -> Option<(Section<'a>, &'a [u8])> {
    let mut values = Values::new(data, at);
    if values.next()? == Value::Other(b"xref") {
        let table = &data[values.at..];
        let trailer = behind_table(table)?;
        return Some((Section::Table(table), Values::new(table, trailer).next()?.dictionary()?));
    }
    let (_, dictionary, behind) = object(data, at)?;
    if get(dictionary, b"Type") != Some(Value::Name(b"XRef")) {
        return None;
    }
    let mut widths = [0; 3];
    let Value::Array(inside) = get(dictionary, b"W")? else { return None };
    for (width, value) in widths.iter_mut().zip(Values::new(inside, 0)) {
        *width = usize::try_from(value.whole()?).ok().filter(|width| *width <= 8)?;
    }
    let index = get(dictionary, b"Index").and_then(|index| match index {
        Value::Array(inside) => Some(inside),
        _ => None,
    });
    let size = get(dictionary, b"Size")?.whole()?;
    let entries = budget.stream(data, behind, dictionary)?;
    Some((Section::Stream { entries, widths, index, size }, dictionary))
}

/// Number and dictionary of the object that begins at an offset, and where the dictionary ends.
pub(super) fn object(data: &[u8], at: usize) -> Option<(u32, &[u8], usize)> {
    let mut values = Values::new(data, at);
    let object = u32::try_from(values.next()?.whole()?).ok()?;
    values.next()?.whole()?;
    if values.next()? != Value::Other(b"obj") {
        return None;
    }
    let dictionary = values.next()?.dictionary()?;
    Some((object, dictionary, values.at))
}

/// The subsections of a table: first object, how many, and where their entries begin.
fn ranges(table: &[u8]) -> impl Iterator<Item = (u64, usize, usize)> {
    let mut values = Values::new(table, 0);
    let found = std::iter::from_fn(move || {
        let (first, count) = (values.next()?.whole()?, usize::try_from(values.next()?.whole()?).ok()?);
        let blank = |byte: &u8| byte.is_ascii_whitespace();
        values.at += table.get(values.at..)?.iter().take_while(|byte| blank(byte)).count();
        let start = values.at;
        values = Values::new(table, start.checked_add(count.checked_mul(ENTRY)?)?);
        Some((first, count, start))
    });
    found.take(RANGES)
}

/// Where the dictionary behind the entries begins.
fn behind_table(table: &[u8]) -> Option<usize> {
    let end = ranges(table).last().map_or(0, |(_, count, start)| start.saturating_add(count * ENTRY));
    let mut values = Values::new(table, end);
    (values.next()? == Value::Other(b"trailer")).then_some(values.at)
}

/// Counts a step; `None` when there were enough.
fn step(steps: &Cell<usize>) -> Option<()> {
    steps.set(steps.get().checked_sub(1)?);
    Some(())
}

fn in_table(table: &[u8], object: u32, steps: &Cell<usize>) -> Option<Option<Place>> {
    let wanted = u64::from(object);
    let (first, _, start) = ranges(table)
        .take_while(|_| step(steps).is_some())
        .find(|(first, count, _)| wanted >= *first && wanted - first < *count as u64)?;
    let at = start.checked_add(usize::try_from(wanted - first).ok()?.checked_mul(ENTRY)?)?;
    let entry = table.get(at..)?.get(..ENTRY)?;
    // A table that is off by a byte has no entry here: what it says then is not believed.
    if entry[10] != b' ' || entry[16] != b' ' {
        return None;
    }
    let offset = Values::new(&entry[..10], 0).next()?.whole()?;
    Some(if entry[17] == b'n' { usize::try_from(offset).ok().map(Place::At) } else { None })
}

/// The row of an object in a cross-reference stream.
fn row(index: Option<&[u8]>, size: u64, object: u32, steps: &Cell<usize>) -> Option<usize> {
    let object = u64::from(object);
    let Some(index) = index else { return (object < size).then_some(usize::try_from(object).ok()?) };
    let mut values = Values::new(index, 0);
    let mut before = 0_u64;
    for _ in 0..RANGES {
        step(steps)?;
        let (first, count) = (values.next()?.whole()?, values.next()?.whole()?);
        if object >= first && object - first < count {
            return usize::try_from(before + object - first).ok();
        }
        before = before.checked_add(count)?;
    }
    None
}
