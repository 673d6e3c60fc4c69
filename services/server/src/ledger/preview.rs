//! What drafts would do, as the contract writes it: the same questions, asked of the ledger and of
//! one that assumes the drafts, and what differs between their answers.

mod accounts;
mod counts;
mod findings;
mod quorums;
mod undone;

use crate::call::errors::Problem;
use crate::call::point::{Pinned, pin};
use crate::dear::Ask;
use prost::Message;
use standing_domain::entry::Content;
use standing_domain::entry::draft::Draft;
use standing_domain::entry::expectation::{Expectation, Expected};
use standing_domain::id::position::Position;
use standing_domain::judge::refusal::Refusal;
use standing_domain::record::book::Book;
use standing_domain::time::day::Day;
use standing_domain::time::when::{Edge, When};
use standing_domain::words;
use standing_engine::{Ledger, Preview};
use standing_proto::ask::ledger;
use standing_proto::ask::point::PointInTime;
use standing_proto::change::write_change;
use standing_proto::v1;
use std::collections::BTreeSet;

/// The most items of one list.
const MOST: usize = 1_000;

/// The most bytes of one list: with all lists full, clients still take the answer.
const MOST_BYTES: usize = 400 << 10;

/// Of how many days counts are compared, besides today.
const DAYS: usize = 10;

/// The ledger as it is, and with the drafts assumed, each pinned to its own position.
struct Both<'a> {
    before: Ask<'a>,
    after: Ask<'a>,
    /// Today, where the ledger is as it is.
    at: Pinned,
    /// The position known with the drafts.
    last: Position,
}

impl Both<'_> {
    /// Asks both the same question about a position.
    fn each<T>(
        &self,
        ask: impl Fn(&Ask<'_>, Position) -> Result<T, Problem>,
    ) -> Result<[T; 2], Problem> {
        Ok([
            ask(&self.before, self.at.position)?,
            ask(&self.after, self.last)?,
        ])
    }
}

/// Answers what drafts would do.
pub(crate) fn preview(
    ledger: &Ask<'_>,
    asked: ledger::Preview,
) -> Result<v1::PreviewResponse, Problem> {
    let now = PointInTime {
        at_least: asked.min_position,
        epoch: asked.epoch,
        ..PointInTime::default()
    };
    let at = pin(&now, ledger)?;
    for position in asked.drafts.iter().flat_map(Draft::positions) {
        ledger.is_of(asked.epoch, position)?;
    }
    let count = asked.drafts.len();
    let preview = ledger.preview(asked.drafts, at.position, ledger.stop)?;
    let irregular = preview.irregular(ledger.stop)?;
    let said = v1::PreviewResponse {
        drafts: said(&preview.contents, count)?,
        recordable: !preview.is_refused() && (irregular.is_empty() || !asked.refuse_irregular),
        refusals: told(preview.refusals.iter().map(refusal).map(Ok))?,
        refusals_total: total(preview.refusals.len()),
        basis: Some(at.basis(ledger)?),
        ..v1::PreviewResponse::default()
    };
    if preview.is_refused() {
        return Ok(said);
    }
    let both = Both {
        before: ledger.beside(ledger),
        after: ledger.beside(&preview.layer),
        at,
        last: preview.last(),
    };
    let days = days(&preview);
    let compared_on = days.last().copied().unwrap_or(at.on).max(at.on);
    let irregular: Vec<_> = irregular.into_iter().map(|found| found.finding).collect();
    let changes = preview.changes(ledger.stop)?;
    let first_position = Some(preview.first());
    let answer = v1::PreviewResponse {
        irregular: findings::write(&both.after, &irregular)?,
        irregular_total: total(irregular.len()),
        compared_on: compared_on.to_string(),
        changes: told(
            changes
                .iter()
                .map(|of| Ok(write_change(of, first_position))),
        )?,
        changes_total: changes.len() as u64,
        counts: counts::compare(&both, days)?,
        quorums: quorums::compare(&both)?,
        expectations: preview.expectations().iter().map(expectation).collect(),
        ..said
    };
    let answer = undone::tell(&both, &preview, answer)?;
    let answer = accounts::compare(&both, &preview, compared_on, answer)?;
    findings::compare(&both, compared_on, answer)
}

/// Returns as many items, in their order, as one list tells.
fn told<T: Message>(
    items: impl IntoIterator<Item = Result<T, Problem>>,
) -> Result<Vec<T>, Problem> {
    let (mut told, mut bytes) = (Vec::new(), 0);
    for item in items.into_iter().take(MOST) {
        let item = item?;
        bytes += item.encoded_len();
        if bytes > MOST_BYTES {
            break;
        }
        told.push(item);
    }
    Ok(told)
}

fn total(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Says what each draft says; nothing of any where a reference is to no entry.
fn said(contents: &[Content], count: usize) -> Result<Vec<v1::DraftSaid>, Problem> {
    let sentences = contents.iter().map(words::says_when);
    let sentences = sentences.chain(std::iter::repeat(String::new()));
    let said = sentences.map(|sentence| Ok(v1::DraftSaid { sentence }));
    told(said.take(count))
}

fn refusal(refusal: &Refusal) -> v1::DraftRefusal {
    v1::DraftRefusal {
        draft: total(refusal.draft),
        reason: refusal.reason.code().to_owned(),
        subject: refusal.subject.clone(),
        message: refusal.message.clone(),
        positions: refusal.collides.iter().map(|of| of.number()).collect(),
        drafts: refusal.drafts.iter().map(|draft| total(*draft)).collect(),
    }
}

fn expectation(expected: &Expectation) -> v1::Expectation {
    use v1::expectation::Subject;
    v1::Expectation {
        subject: Some(match &expected.of {
            Expected::Log => Subject::Log(true),
            Expected::Party(party) => Subject::Party(party.to_string()),
            Expected::Instrument(instrument) => Subject::Instrument(instrument.to_string()),
        }),
        position: expected.position.number(),
        epoch: expected.epoch.number(),
    }
}

/// Returns the days on which drafts certainly take effect, ascending.
fn days(preview: &Preview) -> BTreeSet<Day> {
    let layer: &Ledger = &preview.layer;
    let reader = layer.at(preview.last());
    let book = reader.view().book;
    let effective = preview.contents.iter();
    let effective = effective.filter_map(|content| content.effective.as_ref());
    let days = effective.filter_map(|when| day_of(book, when, preview.last()));
    days.collect()
}

/// Returns the last day on which something takes effect; none where it may be any, or never comes.
fn day_of(book: &Book, when: &When, known_at: Position) -> Option<Day> {
    let window = match when {
        When::Window(window) => *window,
        When::Anchor { session, edge } => {
            let days = book.session_days(session, known_at)?;
            match edge {
                Edge::Opening => days.opening,
                Edge::Close => days.closing,
            }
        }
    };
    (window.latest < Day::MAX).then_some(window.latest)
}
