//! From members and media to a list of edits of the body, in order and without overlap.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Plan, SpliceError, placeholder};
use crate::media::Media;
use crate::scan::{Document, Form, Member};

/// What takes the place of a span of the body.
enum Change<'a> {
    Nothing,
    Value(&'a [u8]),
    Medium(&'a Media, Form),
    /// New members; true when a comma must separate them from what stands before.
    Members(Vec<(&'a str, &'a [u8])>, bool),
}

pub(super) struct Edits<'a, B> {
    document: &'a Document<B>,
    media: &'a BTreeMap<usize, Media>,
    edits: Vec<(Range<usize>, Change<'a>)>,
}

impl<'a, B: AsRef<[u8]>> Edits<'a, B> {
    pub(super) fn new<T: AsRef<[u8]>>(
        document: &'a Document<B>,
        members: &'a BTreeMap<String, Option<T>>,
        media: &'a BTreeMap<usize, Media>,
    ) -> Self {
        let mut this = Self { document, media, edits: Vec::new() };
        this.change_members(members);
        this.change_media();
        this
    }

    /// Set values, removed members, and added ones behind the last member that stays.
    fn change_members<T: AsRef<[u8]>>(&mut self, members: &'a BTreeMap<String, Option<T>>) {
        let old = &self.document.members;
        let new_text = |member: &Member| {
            let name = std::str::from_utf8(&member.key).ok()?;
            members.get(name).map(|text| text.as_ref().map(AsRef::as_ref))
        };
        let stays = |member: &Member| new_text(member) != Some(None);
        let last = old.iter().rposition(stays);
        for (index, member) in old.iter().enumerate() {
            match new_text(member) {
                Some(Some(text)) => {
                    self.edits.push((member.value..member.span.end, Change::Value(text)));
                }
                // Up to the next key: the comma goes with the member before it.
                Some(None) if last.is_some_and(|last| index < last) => {
                    self.edits.push((member.span.start..old[index + 1].span.start, Change::Nothing));
                }
                _ => {}
            }
        }
        let known = |name: &str| old.iter().any(|member| member.key == name.as_bytes());
        let added = members.iter().filter(|(name, _)| !known(name));
        let added: Vec<_> =
            added.filter_map(|(name, text)| Some((name.as_str(), text.as_ref()?.as_ref()))).collect();
        let tail = self.tail(last);
        if !added.is_empty() || !tail.is_empty() {
            self.edits.push((tail, Change::Members(added, last.is_some())));
        }
    }

    /// From the end of the last member that stays to the end of the last member.
    fn tail(&self, last: Option<usize>) -> Range<usize> {
        let old = &self.document.members;
        match (last, old.first(), old.last()) {
            (Some(last), _, Some(end)) => old[last].span.end..end.span.end,
            (None, Some(first), Some(end)) => first.span.start..end.span.end,
            _ => {
                let inside = memchr::memchr(b'{', self.document.body()).map_or(0, |brace| brace + 1);
                inside..inside
            }
        }
    }

    /// Replaced media whose member is not itself replaced or removed.
    fn change_media(&mut self) {
        let covered: Vec<Range<usize>> = self.edits.iter().map(|(span, _)| span.clone()).collect();
        for (index, media) in self.media {
            let Some(lifted) = self.document.lifted.get(*index) else { continue };
            if !covered.iter().any(|span| span.contains(&lifted.span.start)) {
                self.edits.push((lifted.span.clone(), Change::Medium(media, lifted.form)));
            }
        }
        // Stable: an empty insertion behind a value stays behind the edit that ends there.
        self.edits.sort_by_key(|(span, _)| (span.start, span.end));
    }

    pub(super) fn plan(self) -> Result<Plan<'a>, SpliceError> {
        let body = self.document.body();
        let mut plan = Plan::default();
        let mut from = 0;
        for (span, change) in &self.edits {
            plan.bytes(&body[from..span.start]);
            self.write(change, &mut plan)?;
            from = span.end;
        }
        plan.bytes(&body[from..]);
        Ok(plan)
    }

    fn write(&self, change: &Change<'a>, plan: &mut Plan<'a>) -> Result<(), SpliceError> {
        match change {
            Change::Nothing => {}
            Change::Value(text) => self.value(text, plan)?,
            Change::Medium(media, form) => plan.medium(media, *form),
            Change::Members(added, follows) => {
                for (index, (name, text)) in added.iter().enumerate() {
                    let comma = if *follows || index > 0 { "," } else { "" };
                    plan.text(format!("{comma}{}:", json_string(name)));
                    self.value(text, plan)?;
                }
            }
        }
        Ok(())
    }

    /// JSON text of ours, with the document's media in the place of its placeholders.
    fn value(&self, text: &'a [u8], plan: &mut Plan<'a>) -> Result<(), SpliceError> {
        let mut from = 0;
        for found in placeholder::find(text) {
            let found = found.map_err(SpliceError::PartOfString)?;
            plan.bytes(&text[from..found.span.start]);
            self.medium(found.index, found.form, plan)?;
            from = found.span.end;
        }
        plan.bytes(&text[from..]);
        Ok(())
    }

    /// The client's own spelling where it fits, for its bytes are already there.
    fn medium(&self, index: usize, form: Form, plan: &mut Plan<'a>) -> Result<(), SpliceError> {
        let lifted = self.document.lifted.get(index).ok_or(SpliceError::NoMedium(index))?;
        match self.media.get(&index) {
            Some(media) => plan.medium(media, form),
            None if form == lifted.form => plan.bytes(&self.document.body()[lifted.span.clone()]),
            None => plan.medium(&lifted.media, form),
        }
        Ok(())
    }
}

fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
