//! The grammar as a loop over states: no recursion, so depth costs heap and never stack.

use std::ops::Range;

use super::frames::{Frames, Inside};
use super::lift::{Lifted, Lifter};
use super::{fault, number, text};
use crate::limits::Limits;
use crate::refusal::Refusal;

/// A member of the top-level object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// The decoded key.
    pub(crate) key: Vec<u8>,
    /// From the opening quote of the key to the end of the value.
    pub(crate) span: Range<usize>,
    /// Where the value starts.
    pub(crate) value: usize,
}

/// What one pass found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) members: Vec<Member>,
    pub(crate) lifted: Vec<Lifted>,
    pub(crate) refused: Vec<Refusal>,
}

enum State {
    Value,
    FirstItem,
    FirstKey,
    Key,
    After,
}

pub(super) struct Machine<'a> {
    body: &'a [u8],
    limits: &'a Limits,
    at: usize,
    nodes: usize,
    frames: Frames<'a>,
    members: Vec<Member>,
    lifter: Option<Lifter<'a>>,
}

impl<'a> Machine<'a> {
    /// A machine over one JSON text. Without a lifter no string is taken for a medium.
    pub(super) fn new(body: &'a [u8], limits: &'a Limits, lifter: Option<Lifter<'a>>) -> Self {
        Self { body, limits, at: 0, nodes: 0, frames: Frames::default(), members: Vec::new(), lifter }
    }

    /// Reads the whole text: one value and nothing after it.
    pub(super) fn run(mut self) -> Result<Findings, Refusal> {
        let mut state = State::Value;
        loop {
            self.skip_whitespace();
            state = match state {
                State::Value => self.value()?,
                State::FirstItem if self.eat(b']') => self.close(),
                State::FirstItem => State::Value,
                State::FirstKey if self.eat(b'}') => self.close(),
                State::FirstKey | State::Key => self.key()?,
                State::After if self.frames.inside() == Inside::Nothing => break,
                State::After => self.after()?,
            };
        }
        if self.at < self.body.len() {
            return Err(fault("there is something after the end of the JSON value", self.at));
        }
        let (lifted, refused) = self.lifter.map(Lifter::finish).unwrap_or_default();
        Ok(Findings { members: self.members, lifted, refused })
    }

    fn value(&mut self) -> Result<State, Refusal> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let message = format!("the body has more than {} JSON values", self.limits.nodes);
            return Err(Refusal::new("body_too_many_values", message).at(self.at));
        }
        if self.frames.depth() == 1
            && let Some(member) = self.members.last_mut()
        {
            member.value = self.at;
        }
        match self.body.get(self.at) {
            Some(b'{') => self.open(State::FirstKey),
            Some(b'[') => self.open(State::FirstItem),
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => {
                self.at = number::end(self.body, self.at)?;
                Ok(self.complete())
            }
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            Some(_) => Err(fault("a JSON value was expected", self.at)),
            None => Err(fault("the body ends in the middle of a JSON value", self.at)),
        }
    }

    fn open(&mut self, state: State) -> Result<State, Refusal> {
        if self.frames.depth() >= self.limits.depth {
            let message = format!("the body is nested deeper than {} levels", self.limits.depth);
            return Err(Refusal::new("body_too_deep", message).at(self.at));
        }
        match state {
            State::FirstItem => self.frames.open_array(),
            _ => self.frames.open_object(),
        }
        self.at += 1;
        Ok(state)
    }

    fn close(&mut self) -> State {
        self.frames.close();
        self.complete()
    }

    fn string(&mut self) -> Result<State, Refusal> {
        let span = text::find(self.body, self.at)?;
        let lifted = match (&mut self.lifter, self.frames.member()) {
            (Some(lifter), Some(key)) => lifter.consider(key, span, &self.frames)?,
            _ => false,
        };
        if !lifted {
            text::check(self.body, span)?;
        }
        self.at = span.end + 1;
        Ok(self.complete())
    }

    fn literal(&mut self, word: &[u8]) -> Result<State, Refusal> {
        if !self.body[self.at..].starts_with(word) {
            return Err(fault("a JSON value was expected", self.at));
        }
        self.at += word.len();
        Ok(self.complete())
    }

    /// A value has just ended at the present place.
    fn complete(&mut self) -> State {
        if self.frames.depth() == 1
            && let Some(member) = self.members.last_mut()
        {
            member.span.end = self.at;
        }
        State::After
    }

    fn key(&mut self) -> Result<State, Refusal> {
        let quote = self.at;
        if self.body.get(quote) != Some(&b'"') {
            return Err(fault("a member name in double quotes was expected", quote));
        }
        let span = text::find(self.body, quote)?;
        text::check(self.body, span)?;
        let key = span.decoded(self.body);
        if self.frames.depth() == 1 {
            self.members.push(Member { key: key.to_vec(), span: quote..quote, value: quote });
        }
        if !self.frames.enter_member(key) {
            let message = "an object has the same member name twice; send each name once";
            return Err(Refusal::new("body_duplicate_key", message).at(quote).under(self.frames.pointer()));
        }
        self.at = span.end + 1;
        self.skip_whitespace();
        if !self.eat(b':') {
            return Err(fault("a colon was expected after a member name", self.at));
        }
        Ok(State::Value)
    }

    fn after(&mut self) -> Result<State, Refusal> {
        let next = self.body.get(self.at).copied();
        let inside = self.frames.inside();
        let state = match (inside, next) {
            (Inside::Array, Some(b',')) => {
                self.frames.next_item();
                State::Value
            }
            (Inside::Object, Some(b',')) => State::Key,
            (Inside::Array, Some(b']')) | (Inside::Object, Some(b'}')) => {
                self.at += 1;
                return Ok(self.close());
            }
            (_, None) => return Err(fault("the body ends before its last bracket is closed", self.at)),
            (Inside::Array, _) => return Err(fault("a comma or ] was expected", self.at)),
            _ => return Err(fault("a comma or } was expected", self.at)),
        };
        self.at += 1;
        Ok(state)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.body.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn skip_whitespace(&mut self) {
        while matches!(self.body.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }
}
