//! What an event says, gathered from all its answers: the keys of its facts, and everything that an
//! entry refers to, its circumstances included.

use crate::entry::about::{each_key, event_refs};
use crate::entry::event::Event;
use crate::entry::key::Key;
use crate::entry::refs::when_refs;
use crate::entry::slot::{DuesSlot, Ref};
use crate::entry::{AuthorityKind, Content};

/// Returns what an event's facts are about; the first is what the event is about in the first
/// place.
#[must_use]
pub fn keys(event: &Event) -> Vec<Key> {
    let mut keys = Vec::with_capacity(1);
    each_key(event, &mut |key| keys.push(key));
    keys
}

/// Returns what an event about a party's money is about; none of any other event.
#[must_use]
pub fn dues_slot(event: &Event) -> Option<DuesSlot> {
    let mut found = None;
    each_key(event, &mut |key| {
        if let Key::Dues(_, slot) = key {
            found = Some(slot);
        }
    });
    found
}

/// Names to `found` everything that an entry refers to or defines, in the order of the text; some
/// of it twice.
pub fn each_ref(content: &Content, found: &mut dyn FnMut(Ref)) {
    for when in [&content.effective, &content.acted].into_iter().flatten() {
        when_refs(when, found);
    }
    if let AuthorityKind::Decision(decision) = &content.authority.kind {
        found(Ref::Decision(decision.clone()));
    }
    if let Some(article) = &content.authority.article {
        found(Ref::Article(article.clone()));
    }
    if let Some(event) = &content.event {
        event_refs(event, found);
    }
}
