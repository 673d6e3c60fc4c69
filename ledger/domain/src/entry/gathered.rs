//! What an event says, gathered from all its answers: the keys of its facts, and everything that an
//! entry refers to, its circumstances included.

use crate::entry::about::{each_key, event_refs};
use crate::entry::event::Event;
use crate::entry::key::Key;
use crate::entry::refs::when_refs;
use crate::entry::slot::{DuesSlot, Ref};
use crate::entry::{AuthorityKind, Content};
use crate::id::position::Position;

/// Returns what an event's facts are about; the first is what the event is about in the first
/// place.
#[must_use]
pub fn keys(event: &Event) -> Vec<Key> {
    let mut keys = Vec::with_capacity(1);
    each_key(event, &mut |key| keys.push(key));
    keys
}

/// Returns whether all facts of an event are of a party's class, applications or money.
#[must_use]
pub fn is_of_party(event: &Event) -> bool {
    let keys = keys(event);
    let is_of = |key: &Key| match key {
        Key::Class(_) | Key::Application(_) | Key::Dues(..) => true,
        Key::Registration(_) | Key::Name(..) | Key::Book(_) | Key::Annulment(_) => false,
    };
    !keys.is_empty() && keys.iter().all(is_of)
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

/// Names to `found` the parties, instruments and sessions that an entry is about because the entry
/// is that it corrects, withdraws, annuls or ratifies; through an act upon an act, what that one is
/// about. `lookup` reads what an earlier entry said.
pub fn each_restated(
    content: &Content,
    lookup: &dyn Fn(Position) -> Option<Content>,
    found: &mut dyn FnMut(Ref),
) {
    let judged = content.event.as_ref().and_then(Event::judged_entry);
    for entry in [content.corrects, judged].into_iter().flatten() {
        let mut next = Some(entry);
        // Chains of acts upon acts may be long: they are walked, not followed by recursion.
        while let Some(entry) = next {
            let Some(restated) = lookup(entry) else { break };
            each_ref(&restated, &mut |what| match what {
                Ref::Party(_) | Ref::Instrument(_) | Ref::Session(_) => found(what),
                Ref::Term(..)
                | Ref::Decision(_)
                | Ref::Person(_)
                | Ref::Article(_)
                | Ref::Committee(_)
                | Ref::Fund(_)
                | Ref::Entry(_) => {}
            });
            let judged = restated.event.as_ref().and_then(Event::judged_entry);
            next = judged.filter(|judged| *judged < entry);
        }
    }
}

/// Returns the act that an annulment annuls in the end, through annulments of annulments, with its
/// entry; none of any other event, and where it is not found.
#[must_use]
pub fn annulled_act(
    event: &Event,
    lookup: &dyn Fn(Position) -> Option<Content>,
) -> Option<(Position, Content)> {
    let mut entry = event.annulled()?;
    loop {
        let content = lookup(entry)?;
        let next = content.event.as_ref()?.annulled();
        match next.filter(|next| *next < entry) {
            Some(next) => entry = next,
            None => return Some((entry, content)),
        }
    }
}
