//! Drafts: from the wire with every check of shape, and back as entries show them.

mod circumstance;
mod claim;
mod dues;
mod event_read;
mod event_write;
mod write;

use crate::kind;
use crate::limit;
use crate::malformed::Malformed;
use crate::read::{At, Read, read};
use crate::time::read_when;
use crate::v1;
use crate::v1::draft::Event as Wire;
use circumstance::{read_authority, read_reference, read_source};
use event_read::read_event;
use standing_domain::entry::event::kind::Dating;
use standing_domain::entry::{Content, Draft};

impl TryFrom<v1::Draft> for Draft {
    type Error = Malformed;

    fn try_from(wire: v1::Draft) -> Result<Self, Malformed> {
        read(|at| read_draft(at, wire))
    }
}

/// Reads the drafts of a batch; fields are named as in `RecordRequest`: `drafts[3].effective.date`.
///
/// # Errors
/// A draft is malformed, there is none, or there are more than 10,000.
pub fn read_batch(drafts: Vec<v1::Draft>) -> Result<Vec<Draft>, Malformed> {
    read(|at| at.list("drafts", drafts, &limit::DRAFTS, read_draft))
}

pub(crate) fn read_draft(at: &At, wire: v1::Draft) -> Read<Draft> {
    let undated = wire.event.as_ref().is_none_or(may_be_undated);

    let id = at.optional_id("id", &wire.id);
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
            read_event(&at.field(name), event).map(|(event, target)| (Some(event), target))
        }
        None if wire.corrects.is_some() => Ok((None, None)),
        None => at
            .field("event")
            .missing("only a draft that corrects another has none"),
    };

    let (corrects, corrects_id) = corrects?.unzip();
    let (event, target) = event?;
    Ok(Draft {
        content: Content {
            id: id?,
            effective: effective?,
            order: order?,
            acted: acted?,
            authority: authority?,
            sources: sources?,
            confidence: confidence?,
            note: note?,
            corrects,
            event,
        },
        corrects: corrects_id.flatten(),
        target,
    })
}

/// Returns whether the contract lets the event stand without an effective date.
fn may_be_undated(event: &Wire) -> bool {
    kind::of(event).dating == Dating::Undated
}
