//! The days on which something changes.

use crate::call::errors::Problem;
use crate::call::paging::open;
use crate::call::point::Pinned;
use crate::dear::Ask;
use crate::law::articles;
use crate::roll::offices;
use crate::words::nearest::suggest;
use standing_domain::answers::roll::ClassSpan;
use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::event::TermKind;
use standing_domain::id::position::Position;
use standing_domain::id::{ArticleRef, OfficeId, PartyId, SessionId};
use standing_domain::record::party::PartyRecord;
use standing_domain::time::day::Day;
use standing_domain::time::timeline::Timeline;
use standing_domain::time::truth::Truth;
use standing_domain::time::when::Window;
use standing_engine::Among;
use standing_proto::ask::calendar::{ListChangeDays, Subject};
use standing_proto::v1;
use standing_proto::v1::ChangeAspect;
use std::collections::{BTreeMap, BTreeSet};

/// The most entries that are named with a day.
const ENTRIES: usize = 16;

/// What changes on a day.
#[derive(Debug)]
struct Changed {
    aspects: BTreeSet<ChangeAspect>,
    /// Whether all of it certainly does so on this day.
    certain: bool,
    /// No more than are named.
    entries: BTreeSet<Position>,
}

/// The days found so far.
#[derive(Debug, Default)]
struct Days {
    days: BTreeMap<Day, Changed>,
}

impl Days {
    /// Adds a day.
    fn on(&mut self, day: Day, aspect: ChangeAspect, certain: bool, entry: Position) {
        // What was always so changes on no day.
        if day == Day::MIN || day == Day::MAX {
            return;
        }
        let changed = self.days.entry(day).or_insert_with(|| Changed {
            aspects: BTreeSet::new(),
            certain: true,
            entries: BTreeSet::new(),
        });
        changed.aspects.insert(aspect);
        changed.certain &= certain;
        if entry != Position::ZERO {
            changed.entries.insert(entry);
            if changed.entries.len() > ENTRIES {
                changed.entries.pop_last();
            }
        }
    }

    /// Adds a day that is known, or the first and the last on which it may be.
    fn within(&mut self, window: Window, aspect: ChangeAspect, entry: Position) {
        let certain = window.earliest == window.latest;
        for day in BTreeSet::from([window.earliest, window.latest]) {
            self.on(day, aspect, certain, entry);
        }
    }

    /// Adds every step of a timeline.
    fn steps<V>(&mut self, line: &Timeline<V>, aspect: ChangeAspect) {
        for step in line.steps() {
            self.within(step.window, aspect, step.position);
        }
    }

    /// Adds the days on which a class begins and ends; what never was changed nothing.
    fn classes(&mut self, history: &[ClassSpan]) {
        for span in history.iter().filter(|span| !span.never_was()) {
            self.within(span.span.start, ChangeAspect::Class, span.position);
            if let Some(end) = span.span.end {
                self.within(end, ChangeAspect::Class, Position::ZERO);
            }
        }
    }
}

pub(crate) fn list_change_days(
    ledger: &Ask<'_>,
    asked: &ListChangeDays,
) -> Result<v1::ListChangeDaysResponse, Problem> {
    let page = open(ledger, &asked.at, &asked.page)?;
    let at = page.at;
    let near = |unknown| suggest(ledger, at.position, unknown);
    let found = match &asked.subject {
        Subject::Party(party) => of_party(ledger, party, at).map_err(near)?,
        Subject::Session(session) => of_session(ledger, session, at).map_err(near)?,
        Subject::Article(article) => of_article(ledger, article, at)?,
        Subject::Office(office) => of_office(ledger, office, at).map_err(near)?,
        Subject::Roll => of_roll(ledger, at)?,
    };
    let (first, last) = (
        asked.first.unwrap_or(Day::MIN),
        asked.last.unwrap_or(Day::MAX),
    );
    let days: Vec<(Day, Changed)> = found.days.into_iter().collect();
    let of_interest = days
        .into_iter()
        .filter(|(day, _)| (first..=last).contains(day));
    let days: Vec<v1::ChangeDay> = of_interest.map(write).collect();
    let begins = asked.first.or_else(|| {
        let first = days.first()?;
        Day::parse(&first.date).ok()
    });
    let (days, next_page_token) = page.of_list(days)?;
    let on = begins.unwrap_or(at.on);
    Ok(v1::ListChangeDaysResponse {
        days,
        next_page_token,
        basis: Some(Pinned { on, ..at }.basis(ledger)?),
    })
}

fn write((day, changed): (Day, Changed)) -> v1::ChangeDay {
    let aspects = changed.aspects.into_iter();
    let entries = changed.entries.into_iter();
    v1::ChangeDay {
        date: day.to_string(),
        aspects: aspects.map(Into::into).collect(),
        certain: changed.certain,
        positions: entries.map(Position::number).collect(),
    }
}

fn of_party(ledger: &Ask<'_>, party: &PartyId, at: Pinned) -> Result<Days, Problem> {
    let reader = ledger.at(at.position);
    let view = reader.view();
    let Some(record) = view.record(party) else {
        return Err(Problem::unknown("UNKNOWN_PARTY", "party", party));
    };
    let mut days = Days::default();
    days.within(view.birth(&record), ChangeAspect::Class, Position::ZERO);
    days.classes(&view.class_history(&record));
    for day in view.lay_rights(&record).days() {
        days.on(day, ChangeAspect::Rights, true, Position::ZERO);
    }
    for (_, line) in record.name_lines(view.book, at.position) {
        if let Ok(line) = line {
            days.steps(&line, ChangeAspect::Name);
        }
    }
    if let Ok(line) = record.application_line(view.book, at.position) {
        days.steps(&line, ChangeAspect::Application);
    }
    of_account(&view, &record, &mut days);
    Ok(days)
}

fn of_account<P: Parties>(view: &View<'_, P>, record: &PartyRecord, days: &mut Days) {
    let known = record.dues_facts().iter();
    for fact in known.filter(|fact| fact.is_known(view.known_at)) {
        let annulled = view.book.annulled(fact.position, view.known_at);
        // What was annulled from the start never took effect.
        if annulled.holds(Day::MIN) == Truth::Yes {
            continue;
        }
        if let Some(window) = view.book.window(fact.at, view.known_at) {
            days.within(window, ChangeAspect::Account, fact.position);
        }
        for day in annulled.days() {
            days.on(day, ChangeAspect::Account, true, fact.position);
        }
    }
}

fn of_session(ledger: &Ask<'_>, session: &SessionId, at: Pinned) -> Result<Days, Problem> {
    let reader = ledger.at(at.position);
    let view = reader.view();
    let Some(frame) = view.session_frame(session) else {
        return Err(Problem::unknown("UNKNOWN_SESSION", "session", session));
    };
    let facts = &frame.facts;
    let mut days = Days::default();
    days.within(facts.opening, ChangeAspect::Opening, facts.position);
    days.within(facts.closing, ChangeAspect::Close, facts.position);
    for decision in &frame.decisions {
        days.within(decision.window, ChangeAspect::Decision, decision.position);
    }
    Ok(days)
}

fn of_article(ledger: &Ask<'_>, article: &ArticleRef, at: Pinned) -> Result<Days, Problem> {
    let law = ledger.law(at.position);
    let line = articles::find(ledger, &law, article, at)?;
    let mut days = Days::default();
    days.steps(&line.line, ChangeAspect::Wording);
    Ok(days)
}

fn of_office(ledger: &Ask<'_>, office: &OfficeId, at: Pinned) -> Result<Days, Problem> {
    if !ledger.knows_term(TermKind::Office, office.into(), at.position) {
        return Err(Problem::unknown("UNKNOWN_OFFICE", "office", office));
    }
    let reader = ledger.at(at.position);
    let mut days = Days::default();
    for term in offices::terms(&reader.view(), office, None, at.on) {
        let entry = Position::new(term.wire.position);
        days.within(term.since, ChangeAspect::Holder, entry);
        if let Some(until) = term.until {
            days.within(until, ChangeAspect::Holder, Position::ZERO);
        }
    }
    Ok(days)
}

fn of_roll(ledger: &Ask<'_>, at: Pinned) -> Result<Days, Problem> {
    let mut days = Days::default();
    ledger.each_record(
        &Among::Concerned,
        at.position,
        ledger.stop,
        &mut |view, _, record| {
            let history = view.class_history(record);
            if !history.is_empty() {
                days.within(view.birth(record), ChangeAspect::Class, Position::ZERO);
            }
            days.classes(&history);
        },
    )?;
    Ok(days)
}
