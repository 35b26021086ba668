//! The double-array trie of a vocabulary.

use std::collections::VecDeque;
use std::ops::Range;

use crate::layout::{BASE, CHECK, ENDS, ENDS_AT, USED, child};

/// The bytes under one node are at most this many, and so are the places a base reaches.
const BLOCK: usize = 256;
/// Blocks behind the last that are still searched for room.
const OPEN: usize = 24;

pub(crate) struct Trie {
    pub(crate) units: Vec<u64>,
    /// Whether a base is somebody's; nought is nobody's, for it says that there are no children.
    taken: Vec<bool>,
    /// Free places among the open blocks, ascending.
    free: Vec<usize>,
}

impl Trie {
    /// `tokens` by number; the root is unit 0. Level by level, so that what short prefixes need lies together.
    pub(crate) fn build(tokens: &[&[u8]]) -> Self {
        let mut sorted: Vec<u32> = (0..tokens.len() as u32).collect();
        sorted.sort_unstable_by_key(|&token| tokens[token as usize]);
        let mut trie = Self { units: Vec::new(), taken: Vec::new(), free: Vec::new() };
        trie.grow();
        trie.free.remove(0);
        trie.units[0] = USED;
        trie.taken[0] = true;
        let mut waiting = VecDeque::from([(0, 0..sorted.len(), 0)]);
        while let Some((unit, range, depth)) = waiting.pop_front() {
            let children = children(tokens, &sorted, range, depth);
            if children.is_empty() {
                continue;
            }
            let base = trie.room(&children);
            trie.units[unit] |= base as u64;
            for (byte, range) in children {
                let place = base ^ usize::from(byte);
                trie.units[place] = child(byte);
                let first = sorted[range.start];
                if tokens[first as usize].len() == depth + 1 {
                    trie.units[place] |= ENDS | u64::from(first) << ENDS_AT;
                }
                waiting.push_back((place, range, depth + 1));
            }
        }
        trie
    }

    /// A base that is nobody's and whose places for these children are free; they are taken.
    fn room(&mut self, children: &[(u8, Range<usize>)]) -> usize {
        let first = usize::from(children[0].0);
        let base = loop {
            let found = self.free.iter().map(|&place| place ^ first).find(|base| {
                !self.taken[*base]
                    && children[1..]
                        .iter()
                        .all(|(byte, _)| self.units[base ^ usize::from(*byte)] & CHECK == 0)
            });
            match found {
                Some(base) => break base,
                None => self.grow(),
            }
        };
        self.taken[base] = true;
        for (byte, _) in children {
            let place = base ^ usize::from(*byte);
            if let Ok(at) = self.free.binary_search(&place) {
                self.free.remove(at);
            }
        }
        base
    }

    fn grow(&mut self) {
        let from = self.units.len();
        assert!(from + BLOCK <= BASE as usize, "the trie has outgrown its bases");
        self.units.resize(from + BLOCK, 0);
        self.taken.resize(from + BLOCK, false);
        let closed = from.saturating_sub(OPEN * BLOCK);
        self.free.retain(|&place| place >= closed);
        self.free.extend(from..from + BLOCK);
    }

    /// The token with these bytes.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<u32> {
        let mut unit = 0;
        for &byte in bytes {
            let place = (self.units[unit] & BASE) as usize ^ usize::from(byte);
            if self.units[place] & CHECK != child(byte) {
                return None;
            }
            unit = place;
        }
        (self.units[unit] & ENDS != 0).then_some((self.units[unit] >> ENDS_AT) as u32)
    }
}

/// The bytes that follow in the tokens of a range of equal beginnings, with the range of each.
fn children(tokens: &[&[u8]], sorted: &[u32], range: Range<usize>, depth: usize) -> Vec<(u8, Range<usize>)> {
    let mut children: Vec<(u8, Range<usize>)> = Vec::new();
    for at in range {
        let Some(&byte) = tokens[sorted[at] as usize].get(depth) else { continue };
        match children.last_mut() {
            Some((last, range)) if *last == byte => range.end = at + 1,
            _ => children.push((byte, at..at + 1)),
        }
    }
    children
}
