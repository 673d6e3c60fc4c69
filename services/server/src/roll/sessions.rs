//! Sessions: what is known of them, who was on their roll, what they decided.

use crate::call::errors::Problem;
use crate::call::paging::{Page, open};
use crate::dear::Ask;
use crate::rights::holders::STRIDE;
use crate::roll::party_state::class_texts;
use crate::roll::weighing;
use crate::words::cited::Cited;
use crate::words::nearest::suggest;
use standing_domain::answers::competence::Route;
use standing_domain::answers::rolls::Rolls;
use standing_domain::answers::session::{
    DecisionFacts, Frozen, RollEntry, SessionFacts, SessionFrame,
};
use standing_domain::answers::thresholds::{BY_ANALOGY, TEXT_ONLY};
use standing_domain::answers::view::{Parties, View};
use standing_domain::audit::AuditedSession;
use standing_domain::entry::event::TermKind;
use standing_domain::id::position::Position;
use standing_domain::id::{DecisionId, PartyId, SessionId, Word};
use standing_domain::law::LawView;
use standing_domain::time::truth::Truth;
use standing_domain::words;
use standing_engine::{Ledger, RollPage};
use standing_proto::ask::roll;
use standing_proto::change::write_verdict;
use standing_proto::v1;

pub(crate) fn list_sessions(
    ledger: &Ask<'_>,
    asked: &roll::ListSessions,
) -> Result<v1::ListSessionsResponse, Problem> {
    let page = open(ledger, &asked.at, &asked.page)?;
    let position = page.at.position;
    if let Some(series) = &asked.series
        && !ledger.knows_term(TermKind::Body, series.into(), position)
    {
        let unknown = Problem::unknown("UNKNOWN_BODY", "body", series);
        return Err(suggest(ledger, position, unknown));
    }
    let ids: Vec<SessionId> = {
        let reader = ledger.at(position);
        let sessions = reader.view().book.sessions(asked.series.as_ref());
        sessions.cloned().collect()
    };
    let mut sessions = Vec::with_capacity(ids.len());
    for some in ids.chunks(STRIDE) {
        ledger.stop.check()?;
        let reader = ledger.at(position);
        let view = reader.view();
        let facts = some
            .iter()
            .filter_map(|session| view.session_facts(session));
        sessions.extend(facts.map(|facts| write_session(&facts)));
    }
    let (sessions, next_page_token) = page.of_list(sessions)?;
    Ok(v1::ListSessionsResponse {
        sessions,
        next_page_token,
        basis: Some(page.at.basis(ledger)?),
    })
}

fn write_session(facts: &SessionFacts) -> v1::SessionState {
    v1::SessionState {
        session: facts.session.to_string(),
        opening: facts.opening.to_string(),
        closing: facts.closing.to_string(),
        venue: facts.venue.clone(),
        host: facts
            .host
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        online: facts.online,
        cancelled: facts.cancelled,
        position: facts.position.number(),
        annulled_by: facts.annulled_by.unwrap_or_default().number(),
    }
}

pub(crate) fn get_session(
    ledger: &Ask<'_>,
    asked: &roll::GetSession,
) -> Result<v1::GetSessionResponse, Problem> {
    let page = open(ledger, &asked.at, &asked.page)?;
    let (session, position) = (&asked.session, page.at.position);
    let Some(audited) = ledger.session_rolls(session, position, ledger.stop)? else {
        let unknown = Problem::unknown("UNKNOWN_SESSION", "session", session);
        return Err(suggest(ledger, position, unknown));
    };
    let AuditedSession { frame, laws, rolls } = &*audited;
    let law = &laws.judging;
    let place = place_of(ledger, position, frame, asked.decision.as_ref())?;
    let asked_for = |name: &&Word| [BY_ANALOGY, TEXT_ONLY].contains(&name.as_str());
    let reading = ledger.readings().iter().find(asked_for).map(Word::as_str);
    let mut weighed = Vec::with_capacity(frame.decisions.len());
    for decision in &frame.decisions {
        ledger.stop.check()?;
        let reader = ledger.at(position);
        let view = reader.view_under(law);
        let routes = routes(&view, frame, law, decision);
        let attended = rolls.attended(decision.roll);
        weighed.push((
            routes,
            view.weigh_decision(frame, &attended, decision, reading),
        ));
    }
    let (roll, next_page_token) = roll_page(ledger, &audited, place, &page)?;
    let cited = Cited::read(ledger, frame.decisions.iter().map(|d| d.position))?;
    let decisions = frame.decisions.iter().zip(weighed);
    let decisions = decisions.map(|(decision, (routes, weighed))| v1::DecisionState {
        weighed: weighed.iter().map(weighing::write).collect(),
        ..write_decision(frame, rolls, decision, routes, &cited)
    });
    let (day, attended) = (day_of_roll(frame, place), rolls.attended(place));
    let mut basis = ledger.basis(frame.law_day, position)?;
    // The law that governs a session is without the session's own acts (rule 22).
    law.digest(frame.law_day)
        .clone_into(&mut basis.norms_digest);
    basis.rules_version = law.rules_version;
    Ok(v1::GetSessionResponse {
        session: Some(write_session(&frame.facts)),
        roll_date: day,
        roll,
        entitled: Some(weighing::tally(attended.entitled)),
        entitled_present: Some(weighing::tally(attended.in_person)),
        entitled_in_writing: Some(weighing::tally(attended.in_writing)),
        frozen: frame.frozen.as_ref().map(write_frozen),
        electorate_unknown: words::electorate(attended.electorate).to_owned(),
        present: present(frame),
        attendance_not_recorded: !frame.attendance_recorded,
        in_writing_recorded: frame.in_writing_complete,
        decisions: decisions.collect(),
        basis: Some(page.at.write(&basis)),
        next_page_token,
        decision: asked
            .decision
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
    })
}

/// Returns the place of the roll that a decision was taken by, or of the first.
fn place_of(
    ledger: &Ledger,
    known_at: Position,
    frame: &SessionFrame,
    decision: Option<&DecisionId>,
) -> Result<usize, Problem> {
    let Some(id) = decision else {
        return Ok(0);
    };
    let mut taken = frame.decisions.iter();
    let taken = taken.find(|taken| taken.decision.decision == *id);
    let unknown = || {
        let unknown = Problem::unknown("UNKNOWN_DECISION", "decision", id);
        match taken_elsewhere(ledger, known_at, id) {
            Some(session) => unknown.instead(&format!(
                "decision {id} was taken by {session}, not by {}",
                frame.facts.session
            )),
            None => suggest(ledger, known_at, unknown),
        }
    };
    Ok(taken.ok_or_else(unknown)?.roll)
}

/// Returns the session that took a decision, as known at a position.
fn taken_elsewhere(ledger: &Ledger, known_at: Position, id: &DecisionId) -> Option<SessionId> {
    let reader = ledger.at(known_at);
    let view = reader.view();
    let known = view.book.decision(id, known_at)?;
    Some(known.value.decision()?.session.clone())
}

fn write_frozen(frozen: &Frozen) -> v1::FrozenRoll {
    v1::FrozenRoll {
        entitled: frozen.entitled.iter().map(ToString::to_string).collect(),
        known_at: frozen.known_at.number(),
        position: frozen.position.number(),
    }
}

/// A source may count more bodies than it names.
fn present(frame: &SessionFrame) -> u32 {
    let named = u32::try_from(frame.present.len()).unwrap_or(u32::MAX);
    named.max(frame.bodies_counted)
}

/// Returns the day of a roll, by its place, as text.
fn day_of_roll(frame: &SessionFrame, place: usize) -> String {
    let roll = frame.rolls.get(place);
    roll.map_or_else(String::new, |roll| roll.window.to_string())
}

/// Writes the page of a roll, by its place; returns the token of the next, if there is one.
fn roll_page(
    ledger: &Ask<'_>,
    audited: &AuditedSession,
    place: usize,
    page: &Page,
) -> Result<(Vec<v1::RollEntry>, String), Problem> {
    let after = page.after.as_deref();
    let after = after.and_then(|after| PartyId::new(after).ok());
    let position = page.at.position;
    let asked = RollPage {
        roll: place,
        after: after.as_ref(),
        // One more than fits says whether there is another page.
        limit: page.limit + 1,
    };
    let mut lines = ledger.roll_page(audited, &asked, position, ledger.stop)?;
    let more = lines.len() > page.limit;
    lines.truncate(page.limit);
    let last = lines.last().filter(|_| more);
    let token = last.map_or_else(String::new, |(party, _)| page.token(party.as_str()));
    let mut roll = Vec::with_capacity(lines.len());
    for lines in lines.chunks(STRIDE) {
        ledger.stop.check()?;
        let reader = ledger.at(position);
        write_roll(&reader.view_under(&audited.laws.judging), lines, &mut roll);
    }
    Ok((roll, token))
}

fn write_roll<P: Parties>(
    view: &View<'_, P>,
    lines: &[(PartyId, RollEntry)],
    to: &mut Vec<v1::RollEntry>,
) {
    let entries = lines.iter().map(|(party, line)| v1::RollEntry {
        party: party.to_string(),
        classes: class_texts(view, &line.standings),
        vote: write_verdict(line.vote).into(),
        present: line.present,
        in_writing: line.in_writing,
        counted: write_verdict(line.counted).into(),
    });
    to.extend(entries);
}

/// Returns the routes to a decision, each function's in turn.
fn routes<P: Parties>(
    view: &View<'_, P>,
    frame: &SessionFrame,
    law: &LawView,
    decision: &DecisionFacts,
) -> Vec<v1::CompetenceRoute> {
    let series = &frame.facts.session.series;
    let functions = decision.decision.functions.iter();
    functions
        .flat_map(|function| view.competence(series, function, frame.law_day, law))
        .map(write_route)
        .collect()
}

fn write_route(route: Route) -> v1::CompetenceRoute {
    let openness = match route.open {
        Truth::Yes => v1::Openness::Open,
        Truth::No => v1::Openness::Closed,
        Truth::Unknown => v1::Openness::Unknown,
    };
    let kind = if route.delegated {
        v1::RouteKind::Delegated
    } else {
        v1::RouteKind::Own
    };
    v1::CompetenceRoute {
        function: route.function.to_string(),
        kind: kind.into(),
        article: route.article.to_string(),
        openness: openness.into(),
        missing: route.missing,
    }
}

fn write_decision(
    frame: &SessionFrame,
    rolls: &Rolls,
    facts: &DecisionFacts,
    routes: Vec<v1::CompetenceRoute>,
    cited: &Cited,
) -> v1::DecisionState {
    let effective = match cited.effective(facts.position) {
        // Not dated itself: taken on the day of the session.
        none if none.is_empty() => facts.window.to_string(),
        recorded => recorded,
    };
    let attended = rolls.attended(facts.roll);
    v1::DecisionState {
        decision: Some((&facts.decision).into()),
        effective,
        position: facts.position.number(),
        routes,
        weighed: Vec::new(),
        annulled_by: facts.annulled_by.unwrap_or_default().number(),
        roll_date: day_of_roll(frame, facts.roll),
        entitled: Some(weighing::tally(attended.entitled)),
        entitled_present: Some(weighing::tally(attended.in_person)),
        entitled_in_writing: Some(weighing::tally(attended.in_writing)),
    }
}
