//! What surrounds an event: its authority, its sources, its references to other entries; and names.

use crate::limit;
use crate::limit::Limit;
use crate::read::{At, Read, build};
use crate::time::read_date;
use crate::v1;
use crate::v1::authority::Kind;
use crate::v1::entry_ref::Ref;
use standing_domain::entry::draft::{EntryRef, PersonName};
use standing_domain::entry::event::{Holder, Name};
use standing_domain::entry::{Authority, AuthorityKind, Source};

/// Reads on what an act rests; nothing said is an unknown authority.
pub(super) fn read_authority(at: &At, wire: v1::Authority) -> Read<Authority> {
    build!(Authority {
        kind: match wire.kind {
            None => Ok(AuthorityKind::Unknown),
            Some(Kind::Decision(id)) => at.id("decision", &id).map(AuthorityKind::Decision),
            Some(Kind::Other(number)) => at.field("other").known(number).map(other_authority),
        },
        article: at.optional_id("article", &wire.article),
        note: at.text("note", wire.note, &limit::WORDS),
    })
}

fn other_authority(wire: v1::AuthorityKind) -> AuthorityKind {
    match wire {
        v1::AuthorityKind::Unspecified | v1::AuthorityKind::Unknown => AuthorityKind::Unknown,
        v1::AuthorityKind::None => AuthorityKind::None,
        v1::AuthorityKind::Notification => AuthorityKind::Notification,
        v1::AuthorityKind::Appointment => AuthorityKind::Appointment,
        v1::AuthorityKind::OperationOfLaw => AuthorityKind::OperationOfLaw,
        v1::AuthorityKind::Founding => AuthorityKind::Founding,
    }
}

pub(super) fn read_source(at: &At, wire: v1::Source) -> Read<Source> {
    build!(Source {
        reference: at.text("reference", wire.reference, &limit::SOME_WORDS),
        locator: at.text("locator", wire.locator, &limit::TEXT),
        date: if wire.date.is_empty() {
            Ok(None)
        } else {
            read_date(&at.field("date"), &wire.date).map(Some)
        },
    })
}

/// Reads which entry is meant.
pub(super) fn read_reference(at: &At, wire: &v1::EntryRef) -> Read<EntryRef> {
    match &wire.r#ref {
        None => at.missing("a position or an id"),
        Some(Ref::Position(number)) => at.position("position", *number).map(EntryRef::Position),
        Some(Ref::Id(id)) => at.id("id", id).map(EntryRef::Draft),
    }
}

pub(super) fn read_names(at: &At, field: &'static str, wire: Vec<v1::Name>) -> Read<Vec<Name>> {
    at.list(field, wire, &limit::SOME, read_name)
}

pub(super) fn read_name(at: &At, wire: v1::Name) -> Read<Name> {
    build!(Name {
        language: at.id("language", &wire.language),
        text: at.text("text", wire.text, &limit::NAME),
    })
}

/// Reads a person's names.
pub(super) fn read_person_names(
    at: &At,
    wire: Vec<v1::Name>,
    limit: &Limit,
) -> Read<Vec<PersonName>> {
    at.list("names", wire, limit, |at, wire| {
        let text = at.field("text");
        build!(PersonName {
            language: at.id("language", &wire.language),
            text: text.sealed_text_here(wire.text, &limit::NAME),
        })
    })
}

pub(super) fn read_holder(at: &At, wire: v1::Holder) -> Read<Holder> {
    match wire.kind {
        None => at.missing("a party or a person"),
        Some(v1::holder::Kind::Party(id)) => at.id("party", &id).map(Holder::Party),
        Some(v1::holder::Kind::Person(id)) => at.id("person", &id).map(Holder::Person),
    }
}
