//! Reading a request to record: its shape only, what it means is judged by the ledger.

use crate::access::Identity;
use crate::call::errors::Problem;
use crate::dear::Ask;
use crate::ledger::warnings::{Named, Warnings};
use prost::Message;
use standing_domain::entry::draft::Draft;
use standing_engine::{Ledger, Outcome, Request};
use standing_proto::ask::ledger::{Preview, Record};
use standing_proto::ask::read_watching;
use standing_proto::time::timestamp;
use standing_proto::v1;
use std::fmt::Display;

/// The most bytes of all drafts of a batch.
const MOST_BYTES: usize = 16 << 20;

/// Of a batch with more drafts the reading takes longer than a thread of the runtime should be
/// kept.
const FEW: usize = 64;

/// So does that of one with more bytes: its texts are searched for names.
const SHORT: usize = 64 << 10;

/// A request as read, and what whoever sent it should look at again.
pub(crate) struct Submitted {
    pub request: Request,
    pub warnings: Vec<v1::RecordWarning>,
}

/// Returns whether the reading of a request takes longer than a thread of the runtime should be
/// kept.
pub(crate) fn is_long(wire: &v1::RecordRequest) -> bool {
    wire.drafts.len() > FEW || wire.encoded_len() > SHORT
}

/// Reads a request; every malformed field is reported at once. Warnings tell too of persons whom
/// requests before it name that are on their way.
pub(crate) fn read(
    ledger: &Ledger,
    wire: v1::RecordRequest,
    who: &Identity,
    before: &[Named],
) -> Result<Submitted, Problem> {
    let canonical = canonical(&wire.drafts);
    limit(canonical.len())?;
    let warnings = Warnings::of(ledger, &wire.drafts, before);
    let see = |field: &dyn Display, text: &str| warnings.see(field, text);
    let asked: Record = read_watching(wire, &|| (), &see)?;
    for position in asked.drafts.iter().flat_map(Draft::positions) {
        ledger.is_of(asked.epoch, position)?;
    }
    let request = Request {
        id: asked.id,
        actor: who.actor.clone(),
        drafts: asked.drafts,
        canonical,
        expectations: asked.expectations,
        validate_only: asked.validate_only,
        refuse_irregular: asked.refuse_irregular,
        allowed: who.grants.allowed(),
    };
    Ok(Submitted {
        request,
        warnings: warnings.told()?,
    })
}

/// Reads drafts of which it is asked what they would do, with what to look at again in them.
pub(crate) fn read_preview(
    ask: &Ask<'_>,
    wire: v1::PreviewRequest,
) -> Result<(Preview, Vec<v1::RecordWarning>), Problem> {
    limit(wire.drafts.iter().map(Message::encoded_len).sum())?;
    let warnings = Warnings::of(ask, &wire.drafts, &[]);
    let see = |field: &dyn Display, text: &str| warnings.see(field, text);
    // Whether to go on is asked right after it.
    let between = || {
        let _ = ask.stop.check();
    };
    let read = read_watching(wire, &between, &see);
    ask.stop.check()?;
    Ok((read?, warnings.told()?))
}

/// Refuses drafts that have too many bytes in all.
fn limit(bytes: usize) -> Result<(), Problem> {
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    let description = format!("{bytes} bytes in all, {MOST_BYTES} at most");
    Err(Problem::of_field("TOO_LARGE", "drafts", description)
        .with("bytes", bytes)
        .with("most", MOST_BYTES))
}

/// Returns what is answered to a request.
pub(crate) fn response(
    ledger: &Ledger,
    outcome: Outcome,
    warnings: Vec<v1::RecordWarning>,
) -> v1::RecordResponse {
    let recorded = outcome.recorded();
    let epoch = recorded.map(|recorded| ledger.epoch(recorded.last));
    v1::RecordResponse {
        first_position: recorded.map_or(0, |recorded| recorded.first.number()),
        last_position: recorded.map_or(0, |recorded| recorded.last.number()),
        record_time: recorded.map(|recorded| timestamp(recorded.record_time)),
        replayed: outcome.is_replayed(),
        warnings,
        epoch: epoch.unwrap_or_default().number(),
    }
}

/// Returns the drafts in a form that stays the same for ever: each with its length, fields by their
/// numbers, and nothing for what is left to default, so that fields added to the contract later
/// change nothing.
fn canonical(drafts: &[v1::Draft]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for draft in drafts {
        // Memory is all that it can run out of.
        let _ = draft.encode_length_delimited(&mut bytes);
    }
    bytes
}
