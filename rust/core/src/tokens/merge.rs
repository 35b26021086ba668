//! How many tokens a piece is merged to.

use super::layout::NONE;
use super::vocabulary::Vocabulary;

/// What one piece's merging writes down; kept for the next.
#[derive(Default)]
pub(super) struct Desk {
    tokens: Vec<u32>,
    /// A bit for each place of the piece: nothing begins there, as was found out.
    dead: Vec<u64>,
}

impl Desk {
    /// Gives back what a piece without end took.
    pub(super) fn clear(&mut self) {
        if self.tokens.capacity() > ROOM {
            *self = Self::default();
        }
    }
}

/// Tokens for which a desk keeps room between two texts: 64 KiB.
const ROOM: usize = 1 << 14;

/// Tokens of a piece that is not empty. Linear in its length: takes the longest token at each place and, where
/// that cannot stand beside the one before, the next shorter; where none can, the place is dead and never
/// tried again.
pub(super) fn merged(vocabulary: &Vocabulary, piece: &[u8], desk: &mut Desk) -> usize {
    let (first, length) = vocabulary.longest(piece);
    if length == piece.len() {
        return 1;
    }
    desk.tokens.clear();
    desk.dead.clear();
    desk.dead.resize(piece.len() / 64 + 1, 0);
    let (mut at, mut token) = (0, first);
    // The pair that was last found to stand: a run of one character asks for it again and again.
    let mut stands = (NONE, NONE);
    loop {
        let last = desk.tokens.last().copied();
        let fits = loop {
            let end = at + vocabulary.length(token);
            let dead = desk.dead[end / 64] >> (end % 64) & 1 != 0;
            let beside = |last| stands == (last, token) || vocabulary.stand(last, token);
            if !dead && last.is_none_or(beside) {
                stands = (last.unwrap_or(NONE), token);
                break true;
            }
            match vocabulary.shorter(token) {
                Some(shorter) => token = shorter,
                None => break false,
            }
        };
        if fits {
            desk.tokens.push(token);
            at += vocabulary.length(token);
            if at == piece.len() {
                return desk.tokens.len();
            }
            token = vocabulary.longest(&piece[at..]).0;
        } else {
            desk.dead[at / 64] |= 1 << (at % 64);
            let Some(last) = desk.tokens.pop() else { return piece.len() };
            at -= vocabulary.length(last);
            token = last;
        }
    }
}
