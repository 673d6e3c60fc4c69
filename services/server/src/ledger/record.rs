//! Reading a request to record: its shape only, what it means is judged by the engine.

use crate::call::errors::Problem;
use crate::call::fields::Fields;
use prost::Message as _;
use standing_domain::id::{ActorId, DraftId, InstrumentId, PartyId};
use standing_domain::record::book::Ref;
use standing_engine::{Expectation, Expected, Request};
use standing_proto::draft::read_batch;
use standing_proto::v1;
use standing_proto::v1::expectation::Subject;

/// The most bytes of all drafts of a batch.
const MOST_BYTES: usize = 16 << 20;

/// The most expectations of a batch.
const MOST_EXPECTATIONS: usize = 1_024;

/// Reads a request; every malformed field is reported at once.
pub(crate) fn read(wire: v1::RecordRequest, actor: ActorId) -> Result<Request, Problem> {
    let canonical = canonical(&wire.drafts);
    let bytes = canonical.len();
    if bytes > MOST_BYTES {
        let description = format!("{bytes} bytes in all, {MOST_BYTES} at most");
        return Err(Problem::of_field("TOO_LARGE", "drafts", description)
            .with("bytes", bytes)
            .with("most", MOST_BYTES));
    }
    let mut fields = Fields::default();
    let id = fields.id("request_id", &wire.request_id, DraftId::new);
    let drafts = fields.part(read_batch(wire.drafts));
    let expectations = read_expectations(&mut fields, &wire.expectations);
    let irregular = v1::IrregularPolicy::try_from(wire.irregular)
        .ok()
        .or_else(|| {
            let description = format!("{} is no value this version knows", wire.irregular);
            fields.refuse("irregular", "UNKNOWN_VALUE", description)
        });
    match (id, drafts, expectations, irregular) {
        (Some(id), Some(drafts), Some(expectations), Some(irregular)) => {
            fields.checked()?;
            Ok(Request {
                id,
                actor,
                drafts,
                canonical,
                expectations,
                validate_only: wire.validate_only,
                // People are told before they break a rule; who imports a history says that it is to be recorded as it was.
                refuse_irregular: irregular != v1::IrregularPolicy::Record,
            })
        }
        _ => Err(fields.problem()),
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

fn read_expectations(fields: &mut Fields, wire: &[v1::Expectation]) -> Option<Vec<Expectation>> {
    if wire.len() > MOST_EXPECTATIONS {
        let description = format!("{} items, {MOST_EXPECTATIONS} at most", wire.len());
        return fields.refuse("expectations", "TOO_MANY", description);
    }
    // Every item is read before any is missed.
    let read: Vec<Option<Expectation>> = wire
        .iter()
        .enumerate()
        .map(|(index, wire)| read_expectation(fields, index, wire))
        .collect();
    read.into_iter().collect()
}

fn read_expectation(
    fields: &mut Fields,
    index: usize,
    wire: &v1::Expectation,
) -> Option<Expectation> {
    let at = format!("expectations[{index}]");
    let of = match &wire.subject {
        None => fields.refuse(
            at,
            "MISSING",
            "is missing: the log, a party or an instrument",
        ),
        Some(Subject::Log(true)) => Some(Expected::Log),
        Some(Subject::Log(false)) => {
            fields.refuse(format!("{at}.log"), "NOT_TRUE", "is true or left out")
        }
        Some(Subject::Party(id)) => fields
            .id(format!("{at}.party"), id, PartyId::new)
            .map(|id| Expected::Of(Ref::Party(id))),
        Some(Subject::Instrument(id)) => fields
            .id(format!("{at}.instrument"), id, InstrumentId::new)
            .map(|id| Expected::Of(Ref::Instrument(id))),
    };
    Some(Expectation {
        of: of?,
        position: wire.position,
    })
}
