//! PDF: how many pages, and how large they are, without reading what is on them.
//!
//! The way is that of every reader: the cross-reference at the end, the catalogue, the page tree. A document
//! whose cross-reference is broken, which is encrypted, or which contradicts itself tells nothing here; to mend
//! it is the business of whoever reads it.

mod inflate;
mod lex;
mod xref;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use memchr::memmem;

use inflate::Budget;
use lex::{Value, Values, get, pairs};
use xref::{Place, Sections};

/// Pages whose sizes are told.
const SIZES: usize = 16;
/// Nodes of the page tree that are looked at for them, and how deep they may lie.
const NODES: usize = 64;
const DEPTH: usize = 32;
/// Bytes of objects that are read for them.
const FUEL: usize = 1 << 20;
/// How far from the start the header may stand.
const HEADER: usize = 1_024;
/// More pages nobody has.
const MOST: u64 = 10_000_000;

/// A page as seen upright, in thousandths of a point (1/72 inch).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// What the page tree says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Pages {
    pub(super) count: Option<u32>,
    pub(super) sizes: Option<Arc<[PageSize]>>,
}

/// Number of pages, and sizes of the first ones.
pub(super) fn read(data: &[u8]) -> Pages {
    // Offsets count from the header, and some bytes may stand before it; not every writer knows that.
    let header = memmem::find(&data[..data.len().min(HEADER)], b"%PDF-").unwrap_or(0);
    let from = |at: usize| Reader::new(&data[at..]).pages();
    from(header).or_else(|| if header == 0 { None } else { from(0) }).unwrap_or_default()
}

struct Reader<'a> {
    data: &'a [u8],
    budget: Budget,
    sections: Option<Sections<'a>>,
    /// The object streams that were inflated, all of them within the budget: page trees hop between them.
    packed: Vec<Packed>,
    fuel: usize,
}

struct Packed {
    number: u32,
    objects: usize,
    first: usize,
    flat: Vec<u8>,
}

/// What a node of the tree hands down to its children.
#[derive(Clone, Copy, Default)]
struct Inherited {
    media: Option<[i64; 4]>,
    crop: Option<[i64; 4]>,
    turned: bool,
}

/// A node of the page tree; nothing in it borrows from the document.
#[derive(Default)]
struct Node {
    own: Inherited,
    count: Option<u64>,
    kids: Option<Vec<u32>>,
}

impl<'a> Reader<'a> {
    fn new(data: &'a [u8]) -> Self {
        Self { data, budget: Budget::of(data.len()), sections: None, packed: Vec::new(), fuel: FUEL }
    }

    fn pages(&mut self) -> Option<Pages> {
        let sections = Sections::read(self.data, &mut self.budget)?;
        let root = sections.root;
        self.sections = Some(sections);
        let tree = self.with(root, |catalogue| match get(catalogue, b"Pages") {
            Some(Value::Reference(object)) => Some(object),
            _ => None,
        })?;
        let top = self.node(tree, Inherited::default())?;
        let count = top.count.filter(|count| *count <= MOST).and_then(|count| u32::try_from(count).ok());
        let (sizes, whole) = self.sizes(top);
        // Readers differ in whom they believe when a tree has other pages than its root claims.
        if whole && count != u32::try_from(sizes.len()).ok() {
            return None;
        }
        let complete = whole || sizes.len() == SIZES;
        Some(Pages { count, sizes: (complete && !sizes.is_empty()).then(|| Arc::from(sizes)) })
    }

    /// Sizes of the first pages, in their order, and whether these are all.
    fn sizes(&mut self, top: Node) -> (Vec<PageSize>, bool) {
        let mut sizes = Vec::new();
        let mut stack = vec![(top.own, top.kids.unwrap_or_default().into_iter())];
        let mut nodes = 0;
        while let Some((own, kids)) = stack.last_mut() {
            let own = *own;
            let Some(kid) = kids.next() else {
                stack.pop();
                continue;
            };
            nodes += 1;
            if nodes > NODES || sizes.len() == SIZES || stack.len() == DEPTH {
                return (sizes, false);
            }
            let Some(node) = self.node(kid, own) else { return (Vec::new(), false) };
            match (node.kids, node.own.size()) {
                (Some(kids), _) => stack.push((node.own, kids.into_iter())),
                (None, Some(size)) => sizes.push(size),
                (None, None) => return (Vec::new(), false),
            }
        }
        (sizes, true)
    }

    /// A node of the tree with what it inherits.
    fn node(&mut self, object: u32, inherited: Inherited) -> Option<Node> {
        self.with(object, |dictionary| {
            let mut node = Node { own: inherited, ..Node::default() };
            for (key, value) in pairs(dictionary) {
                match (key, value) {
                    (b"Count", value) => node.count = value.whole(),
                    (b"MediaBox", value) => node.own.media = rectangle(value),
                    (b"CropBox", value) => node.own.crop = rectangle(value),
                    (b"Rotate", Value::Number(milli)) => node.own.turned = milli / 1000 % 180 != 0,
                    (b"Kids", Value::Array(inside)) => {
                        let references = Values::new(inside, 0).take(NODES + 1).map_while(|kid| match kid {
                            Value::Reference(object) => Some(object),
                            _ => None,
                        });
                        node.kids = Some(references.collect());
                    }
                    _ => {}
                }
            }
            Some(node)
        })
    }

    /// Reads the dictionary of an object, wherever it is.
    fn with<T>(&mut self, object: u32, read: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        match self.sections.as_ref()?.place(object)? {
            Place::At(offset) => {
                let (found, dictionary, _) = xref::object(self.data, offset)?;
                self.fuel = self.fuel.checked_sub(dictionary.len() + 1)?;
                if found == object { read(dictionary) } else { None }
            }
            Place::Within(stream) => {
                if !self.packed.iter().any(|packed| packed.number == stream) {
                    let packed = self.unpack(stream)?;
                    self.packed.push(packed);
                }
                let packed = self.packed.iter().find(|packed| packed.number == stream)?;
                let dictionary = packed.object(object)?;
                self.fuel = self.fuel.checked_sub(dictionary.len() + packed.first + 1)?;
                read(dictionary)
            }
        }
    }

    fn unpack(&mut self, number: u32) -> Option<Packed> {
        let Place::At(offset) = self.sections.as_ref()?.place(number)? else { return None };
        let (found, dictionary, behind) = xref::object(self.data, offset)?;
        let whole =
            |key| get(dictionary, key).and_then(Value::whole).and_then(|value| usize::try_from(value).ok());
        if found != number || get(dictionary, b"Type") != Some(Value::Name(b"ObjStm")) {
            return None;
        }
        let (objects, first) = (whole(b"N")?, whole(b"First")?);
        let flat = self.budget.stream(self.data, behind, dictionary)?;
        (first <= flat.len()).then_some(Packed { number, objects, first, flat })
    }
}

impl Packed {
    /// The dictionary of an object by the list of numbers and offsets in front.
    fn object(&self, wanted: u32) -> Option<&[u8]> {
        let mut values = Values::new(&self.flat[..self.first], 0);
        for _ in 0..self.objects {
            let (object, offset) = (values.next()?.whole()?, values.next()?.whole()?);
            if object == u64::from(wanted) {
                let at = self.first.checked_add(usize::try_from(offset).ok()?)?;
                return Values::new(&self.flat, at).next()?.dictionary();
            }
        }
        None
    }
}

impl Inherited {
    /// The part of the page that is shown, turned as it is shown.
    fn size(&self) -> Option<PageSize> {
        let [left, bottom, right, top] = self.media?;
        let crop = self.crop.unwrap_or([left, bottom, right, top]);
        let shown = [left.max(crop[0]), bottom.max(crop[1]), right.min(crop[2]), top.min(crop[3])];
        let side = |from: i64, to: i64| u32::try_from(to - from).ok().filter(|side| *side > 0);
        let (width, height) = (side(shown[0], shown[2])?, side(shown[1], shown[3])?);
        Some(if self.turned { PageSize { width: height, height: width } } else { PageSize { width, height } })
    }
}

/// Left, bottom, right and top, whichever corners are named.
fn rectangle(value: Value<'_>) -> Option<[i64; 4]> {
    let Value::Array(inside) = value else { return None };
    let mut corners = [0; 4];
    let mut values = Values::new(inside, 0);
    for corner in &mut corners {
        let Some(Value::Number(milli)) = values.next() else { return None };
        *corner = milli;
    }
    let [a, b, c, d] = corners;
    Some([a.min(c), b.min(d), a.max(c), b.max(d)])
}
