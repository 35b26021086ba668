//! Of which two parts each token is merged, and which token two parts make.

use crate::layout::{EMPTY, FILTER_BITS, NONE, mark, mixed};
use crate::trie::Trie;

pub(crate) struct Merges {
    pub(crate) tokens: Vec<u32>,
    pub(crate) pairs: Vec<u32>,
    pub(crate) filter: Vec<u64>,
}

impl Merges {
    pub(crate) fn build(tokens: &[&[u8]], trie: &Trie) -> Result<Self, String> {
        let mut merges = Self {
            tokens: Vec::new(),
            pairs: vec![EMPTY; (tokens.len() * 2).next_power_of_two()],
            filter: vec![0; 1 << (FILTER_BITS - 6)],
        };
        for (number, token) in (0u32..).zip(tokens) {
            let (left, right) = match token.len() {
                1 => (number, number),
                _ => merges.join(parts(token, number, trie)?, number),
            };
            let prefix = (1..token.len()).rev().find_map(|length| trie.find(&token[..length]));
            merges.tokens.extend([left, right, prefix.unwrap_or(NONE), token.len() as u32]);
        }
        Ok(merges)
    }

    fn join(&mut self, (left, right): (u32, u32), token: u32) -> (u32, u32) {
        let mixed = mixed(left, right);
        let bit = mixed >> (64 - FILTER_BITS);
        self.filter[bit as usize / 64] |= 1 << (bit % 64);
        let mut at = (mixed >> (64 - self.pairs.len().trailing_zeros())) as usize;
        while self.pairs[at] != EMPTY {
            at = (at + 1) & (self.pairs.len() - 1);
        }
        self.pairs[at] = mark(mixed) | token;
        (left, right)
    }
}

/// The two tokens that are left when the bytes of a token are merged by all that rank before it. A vocabulary
/// with a token that no merge makes would need more than these tables: it stops the build.
fn parts(bytes: &[u8], token: u32, trie: &Trie) -> Result<(u32, u32), String> {
    let mut cuts: Vec<usize> = (0..=bytes.len()).collect();
    while cuts.len() > 3 {
        let first = (1..cuts.len() - 1)
            .filter_map(|cut| {
                let rank = trie.find(&bytes[cuts[cut - 1]..cuts[cut + 1]])?;
                (rank < token).then_some((rank, cut))
            })
            .min();
        let (_, cut) = first.ok_or(format!("no merge makes token {token}"))?;
        cuts.remove(cut);
    }
    match (trie.find(&bytes[..cuts[1]]), trie.find(&bytes[cuts[1]..])) {
        (Some(left), Some(right)) => Ok((left, right)),
        _ => Err(format!("a part of token {token} is no token")),
    }
}
