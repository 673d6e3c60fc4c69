//! Computed changes of rights as answers and streams show them.

use crate::v1;
use standing_domain::answers::changes::{Cause, RightChange};
use standing_domain::id::BodyId;
use standing_domain::id::position::Position;
use standing_domain::time::truth::Truth;

/// Writes a change. `first` is the first position of the batch that made it; none for the start of
/// a day.
#[must_use]
pub fn write_change(change: &RightChange, first: Option<Position>) -> v1::RightChange {
    v1::RightChange {
        party: change.party.to_string(),
        right: change.right.to_string(),
        bodies: write_bodies(&change.bodies),
        before: write_verdict(change.before).into(),
        after: write_verdict(change.after).into(),
        start_date: change.start.to_string(),
        end_date: change.end.map(|day| day.to_string()).unwrap_or_default(),
        cause: write_cause(change.cause).into(),
        first_position: first.unwrap_or_default().number(),
    }
}

/// Writes bodies; an empty text is a question that leaves the body out.
#[must_use]
pub fn write_bodies(bodies: &[Option<BodyId>]) -> Vec<String> {
    let text = |body: &Option<BodyId>| body.as_ref().map(ToString::to_string);
    let texts = bodies.iter().map(text);
    texts.map(Option::unwrap_or_default).collect()
}

/// Writes an answer.
#[must_use]
pub fn write_verdict(truth: Truth) -> v1::Verdict {
    match truth {
        Truth::Yes => v1::Verdict::Held,
        Truth::No => v1::Verdict::NotHeld,
        Truth::Unknown => v1::Verdict::Undetermined,
    }
}

fn write_cause(cause: Cause) -> v1::ChangeCause {
    match cause {
        Cause::Recorded => v1::ChangeCause::Recorded,
        Cause::Scheduled => v1::ChangeCause::Scheduled,
        Cause::Corrected => v1::ChangeCause::Corrected,
        Cause::LawChanged => v1::ChangeCause::LawChanged,
        Cause::RulesChanged => v1::ChangeCause::RulesChanged,
        Cause::PassageOfTime => v1::ChangeCause::PassageOfTime,
    }
}
