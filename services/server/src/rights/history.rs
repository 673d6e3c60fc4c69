//! How a right, or the class, of a party was known to change over time: both axes at once.

use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, Page, open, refuse};
use crate::call::point::Pinned;
use crate::dear::Ask;
use crate::rights::timeline::{Stretch, days, first_day, stretches};
use crate::rights::{answers, timeline};
use crate::words::nearest::suggest;
use prost::Message as _;
use standing_domain::answers::question::Question;
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_engine::KnowledgeStep;
use standing_proto::ask::rights;
use standing_proto::time::timestamp;
use standing_proto::v1;

/// How many batches that may move the answers a page looks at.
const STEPS: usize = 512;

/// The most entries that are named with a stretch of knowledge.
const ENTRIES: usize = 16;

/// What is asked of every state of knowledge.
struct Asked<'a> {
    party: &'a PartyId,
    question: Option<&'a Question>,
    first: Day,
    last: Option<Day>,
}

pub(crate) fn list_history(
    ledger: &Ask<'_>,
    wanted: &rights::ListHistory,
) -> Result<v1::ListHistoryResponse, Problem> {
    let page = open(ledger, &wanted.at, &wanted.page)?;
    let (party, at) = (&wanted.party, page.at);
    let question = wanted.right.as_ref().map(|(right, body)| Question {
        party: party.clone(),
        right: right.clone(),
        body: body.clone(),
    });
    if let Some(question) = &question {
        // Says whether party, right and body are known.
        answers::verdict(ledger, question, at)
            .map_err(|unknown| suggest(ledger, at.position, unknown))?;
    }
    let first = {
        let reader = ledger.at(at.position);
        let view = reader.view();
        let known = view.record(party);
        known.map(|record| timeline_start(wanted, first_day(&view, &record, at.on)))
    };
    let Some(first) = first else {
        let unknown = Problem::unknown("UNKNOWN_PARTY", "party", party);
        return Err(suggest(ledger, at.position, unknown));
    };
    let asked = Asked {
        party,
        question: question.as_ref(),
        first,
        last: wanted.last,
    };
    let (known, next_page_token) = known(ledger, &asked, &page)?;
    Ok(v1::ListHistoryResponse {
        known,
        next_page_token,
        basis: Some(Pinned { on: first, ..at }.basis(ledger)?),
    })
}

/// Returns the first day of interest: the one that is said, else where everything begins.
fn timeline_start(wanted: &rights::ListHistory, begins: Day) -> Day {
    let first = wanted.first.unwrap_or(begins);
    wanted.last.map_or(first, |last| first.min(last))
}

/// Returns a page of the stretches of knowledge, as many as fit, one at least, and the token of the
/// next.
fn known(
    ledger: &Ask<'_>,
    asked: &Asked<'_>,
    page: &Page,
) -> Result<(Vec<v1::KnownSpan>, String), Problem> {
    let reached = Position::new(page.reached()?);
    if reached > page.at.position {
        return Err(refuse("is not a page token"));
    }
    let range = (reached, page.at.position);
    let stirring = ledger.stirring(range, ledger.stop)?;
    let steps = ledger.knowledge_steps(asked.party, &stirring, ledger.stop)?;
    let mut before = told(ledger, asked, reached)?;
    let mut at = reached;
    let (mut known, mut bytes) = (Vec::<v1::KnownSpan>::new(), 0);
    for (looked, step) in steps.into_iter().enumerate() {
        ledger.stop.check()?;
        if looked == STEPS {
            return Ok((known, page.token(&at.to_string())));
        }
        at = step.last;
        let now = told(ledger, asked, step.last)?;
        if now == before {
            continue;
        }
        let span = span(ledger, asked, &step, now.clone())?;
        bytes += span.encoded_len();
        let full = known.len() == page.limit || bytes > MOST_BYTES;
        if let (true, Some(last)) = (full, known.last()) {
            let token = page.token(&last.position.to_string());
            return Ok((known, token));
        }
        known.push(span);
        before = now;
    }
    Ok((known, String::new()))
}

/// Returns how it was known to change at a position; none where the party was not registered.
fn told(
    ledger: &Ask<'_>,
    asked: &Asked<'_>,
    known_at: Position,
) -> Result<Option<Vec<Stretch>>, Problem> {
    let drawn = {
        let reader = ledger.at(known_at);
        let view = reader.view();
        view.record(asked.party).map(|record| {
            let days = days(&view, asked.question, &record, asked.first, asked.last);
            (record, days)
        })
    };
    drawn
        .map(|(record, days)| stretches(ledger, asked.question, &record, &days, known_at))
        .transpose()
}

fn span(
    ledger: &Ask<'_>,
    asked: &Asked<'_>,
    step: &KnowledgeStep,
    known: Option<Vec<Stretch>>,
) -> Result<v1::KnownSpan, Problem> {
    let basis = ledger.basis(asked.first, step.last)?;
    let spans = known.map(|stretches| timeline::write(stretches, asked.last));
    let entries = step.entries.iter().take(ENTRIES);
    Ok(v1::KnownSpan {
        position: step.last.number(),
        record_time: basis.record_time.map(timestamp),
        spans: spans.unwrap_or_default(),
        positions: entries.map(|entry| entry.number()).collect(),
    })
}
