//! Drafts: from the wire with every check of shape, and back as entries show them.

mod circumstance;
mod claim;
mod dues;
mod event_read;
mod event_write;
mod term;
mod write;

use crate::kind;
use crate::limit;
use crate::malformed::Malformed;
use crate::read::{At, Read, read};
use crate::time::read_when;
use crate::v1;
use crate::v1::draft::Event as Wire;
use circumstance::{read_authority, read_reference, read_source};
use event_read::read_proposed;
use standing_domain::entry::draft::Draft;
use standing_domain::entry::event::kind::Dating;

impl TryFrom<v1::Draft> for Draft {
    type Error = Malformed;

    fn try_from(wire: v1::Draft) -> Result<Self, Malformed> {
        read(|at| read_draft(at, wire))
    }
}

/// Reads the drafts of a batch; fields are named as in `RecordRequest`: `drafts[3].effective.date`.
///
/// ```
/// use standing_proto::draft::read_batch;
/// use standing_proto::json::from_json;
///
/// let admitted = r#"{"memberAdmitted":{"party":"north","class":"full"}}"#;
/// let nameless = r#"{"termDeclared":{"kind":"TERM_KIND_RIGHT"}}"#;
/// let malformed = read_batch(vec![from_json(admitted)?, from_json(nameless)?]).err();
/// // All that is wrong is told at once.
/// let violations = malformed.ok_or("read")?.violations;
/// let fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
/// assert_eq!(fields, ["drafts[0].effective", "drafts[1].term_declared.term"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A draft is malformed, there is none, or there are more than 10,000.
pub fn read_batch(drafts: Vec<v1::Draft>) -> Result<Vec<Draft>, Malformed> {
    read(|at| at.list("drafts", drafts, &limit::DRAFTS, read_draft))
}

/// Returns whom drafts name as natural persons, by the ids, with the names, which are not sealed
/// yet. Nothing of it is checked.
pub fn persons_named(drafts: &[v1::Draft]) -> impl Iterator<Item = (&str, &str)> {
    let persons = drafts.iter().filter_map(|draft| match &draft.event {
        Some(Wire::PersonNamed(person)) => Some(person),
        _ => None,
    });
    persons.flat_map(|of| {
        let names = of.names.iter();
        names.map(|name| (of.person.as_str(), name.text.as_str()))
    })
}

pub(crate) fn read_draft(at: &At, wire: v1::Draft) -> Read<Draft> {
    let undated = wire.event.as_ref().is_none_or(may_be_undated);

    let id = at.optional_id("id", &wire.id);
    at.coined("id", &wire.id);
    let effective = if wire.effective.is_none() && !undated {
        at.field("effective")
            .missing("this event has an effective date")
    } else {
        at.optional("effective", wire.effective, read_when)
    };
    let order = u16::try_from(wire.order).or_else(|_| {
        let description = format_args!("{} is above {}", wire.order, u16::MAX);
        at.field("order").refuse("OUT_OF_RANGE", description)
    });
    let acted = at.optional("acted", wire.acted, read_when);
    let authority = read_authority(&at.field("authority"), wire.authority.unwrap_or_default());
    let sources = at.list("sources", wire.sources, &limit::SOME, read_source);
    let confidence = at.choice("confidence", wire.confidence);
    let note = at.text("note", wire.note, &limit::WORDS);
    let corrects = at.optional("corrects", wire.corrects.as_ref(), read_reference);
    let event = match wire.event {
        Some(event) => {
            let name = kind::of(&event).name;
            read_proposed(&at.field(name), event).map(Some)
        }
        None if wire.corrects.is_some() => Ok(None),
        None => at
            .field("event")
            .missing("only a draft that corrects another has none"),
    };

    Ok(Draft {
        id: id?,
        effective: effective?,
        order: order?,
        acted: acted?,
        authority: authority?,
        sources: sources?,
        confidence: confidence?,
        note: note?,
        corrects: corrects?,
        event: event?,
    })
}

/// Returns whether the contract lets the event stand without an effective date.
fn may_be_undated(event: &Wire) -> bool {
    kind::of(event).dating == Dating::Undated
}
