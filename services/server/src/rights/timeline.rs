//! How a right of a party changed over time.

use crate::call::errors::Problem;
use crate::call::point::Pinned;
use crate::dear::Ask;
use crate::rights::answers;
use crate::roll::party_state::class_texts;
use crate::words::nearest::suggest;
use standing_domain::answers::question::Question;
use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::slot::Slot;
use standing_domain::id::position::Position;
use standing_domain::record::party::PartyRecord;
use standing_domain::time::day::Day;
use standing_domain::time::timeline::Timeline;
use standing_domain::time::truth::Truth;
use standing_proto::ask::rights;
use standing_proto::change::write_verdict;
use standing_proto::v1;
use std::collections::BTreeSet;

/// A stretch of days: its first, the answer where a right is asked about, the classes.
pub(super) type Stretch = (Day, Option<Truth>, Vec<String>);

pub(crate) fn get_timeline(
    ledger: &Ask<'_>,
    asked: &rights::GetTimeline,
) -> Result<v1::GetTimelineResponse, Problem> {
    let (question, first, last) = (&asked.question, asked.first, asked.last);
    let at = ledger.pin(&asked.at)?;
    // Says whether party, right and body are known.
    answers::verdict(ledger, question, at)
        .map_err(|unknown| suggest(ledger, at.position, unknown))?;
    let (first, days, record) = {
        let reader = ledger.at(at.position);
        let view = reader.view();
        let Some(record) = view.record(&question.party) else {
            return Err(Problem::unknown("UNKNOWN_PARTY", "party", &question.party));
        };
        let first = first.unwrap_or_else(|| first_day(&view, &record, at.on));
        let first = last.map_or(first, |last| first.min(last));
        let days = days(&view, Some(question), &record, first, last);
        (first, days, record)
    };
    let stretches = stretches(ledger, Some(question), &record, &days, at.position)?;
    Ok(v1::GetTimelineResponse {
        spans: write(stretches, last),
        basis: Some(Pinned { on: first, ..at }.basis(ledger)?),
    })
}

/// The founding, or the first day on which anything is known of the party; else the day asked
/// about.
pub(super) fn first_day<P: Parties>(view: &View<'_, P>, record: &PartyRecord, on: Day) -> Day {
    let founded = view.book.known(&Slot::Association, view.known_at).last();
    let founded = founded.and_then(|fact| view.book.window(fact.at, view.known_at));
    founded
        .map(|window| window.earliest)
        .or_else(|| bounds(view, record).first().copied())
        .unwrap_or(on)
}

/// The days on which the class of a party may change: by what is recorded, by arrears, and where it
/// is born later than what is recorded of it.
fn bounds<P: Parties>(view: &View<'_, P>, record: &PartyRecord) -> BTreeSet<Day> {
    let line = record.class_line(view.book, view.known_at);
    let recorded = line
        .iter()
        .flat_map(Timeline::steps)
        .map(|step| step.window);
    let history = view.class_history(record).into_iter();
    let windows = history.flat_map(|span| [Some(span.span.start), span.span.end]);
    let windows = windows
        .flatten()
        .chain([view.birth(record)])
        .chain(recorded);
    let days = windows.flat_map(|window| [window.earliest, window.latest]);
    days.filter(|day| *day > Day::MIN).collect()
}

/// The days on which the answer, or the class, may change, and the first.
pub(super) fn days<P: Parties>(
    view: &View<'_, P>,
    question: Option<&Question>,
    record: &PartyRecord,
    first: Day,
    last: Option<Day>,
) -> Vec<Day> {
    let end = last.unwrap_or(Day::MAX);
    let mut days = BTreeSet::from([first]);
    if let Some(question) = question {
        let history = view.right_history(question, record, first, end);
        days.extend(history.into_iter().map(|(day, _)| day));
    }
    let classes = bounds(view, record);
    days.extend(
        classes
            .into_iter()
            .filter(|day| first < *day && *day <= end),
    );
    days.into_iter().collect()
}

pub(super) fn stretches(
    ledger: &Ask<'_>,
    question: Option<&Question>,
    record: &PartyRecord,
    days: &[Day],
    known_at: Position,
) -> Result<Vec<Stretch>, Problem> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for day in days.iter().copied() {
        // The book is let go in between.
        ledger.stop.check()?;
        let reader = ledger.at(known_at);
        let view = reader.view();
        let standings = view.classes(record, day);
        let verdict = question.map(|question| view.verdict_of(question, record, &standings, day));
        let classes = class_texts(&view, &standings);
        let same = stretches
            .last()
            .is_some_and(|(_, truth, held)| *truth == verdict && *held == classes);
        if !same {
            stretches.push((day, verdict, classes));
        }
    }
    Ok(stretches)
}

/// Writes stretches up to a last day, or open.
pub(super) fn write(stretches: Vec<Stretch>, last: Option<Day>) -> Vec<v1::TimelineSpan> {
    let starts: Vec<Day> = stretches.iter().map(|(day, ..)| *day).collect();
    // The day after the last day of all is not counted: what lasts until then is open.
    let close = last.filter(|last| *last < Day::MAX).map(Day::next);
    let ends = starts.iter().skip(1).copied().map(Some).chain([close]);
    stretches
        .into_iter()
        .zip(ends)
        .map(|((start, verdict, classes), end)| v1::TimelineSpan {
            start_date: start.to_string(),
            end_date: end.map(|end| end.to_string()).unwrap_or_default(),
            verdict: verdict.map(write_verdict).unwrap_or_default().into(),
            classes,
        })
        .collect()
}
