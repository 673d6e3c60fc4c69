//! Electorates and quorums of sessions yet to come, without drafts and with them.

use super::Both;
use crate::call::errors::Problem;
use crate::dear::Ask;
use crate::roll::weighing;
use standing_domain::id::SessionId;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::when::Window;
use standing_proto::v1;
use std::collections::BTreeMap;

/// The most sessions that are told.
const SESSIONS: usize = 20;

/// The most that are looked at.
const LOOKED_AT: usize = 100;

/// What a session needs before it decides anything.
#[derive(PartialEq)]
struct Needs {
    opening: String,
    entitled: v1::CountRange,
    quorums: Vec<v1::ThresholdWeighed>,
}

/// Returns the sessions of which that differs, the next first.
pub(super) fn compare(both: &Both<'_>) -> Result<Vec<v1::QuorumPreview>, Problem> {
    let today = both.at.on;
    let [before, after] = both.each(|ask, known_at| Ok(ahead(ask, today, known_at)))?;
    let mut all: BTreeMap<&SessionId, Day> = BTreeMap::new();
    for (session, opening) in before.iter().chain(&after) {
        all.insert(session, opening.earliest);
    }
    let mut all: Vec<(Day, &SessionId)> = all.into_iter().map(|(of, day)| (day, of)).collect();
    all.sort_unstable();
    let mut found = Vec::new();
    for (_, session) in all.into_iter().take(LOOKED_AT) {
        if found.len() == SESSIONS {
            break;
        }
        let was = before.contains_key(session);
        let is = after.contains_key(session);
        let was = was.then(|| needs(&both.before, session, both.at.position));
        let is = is.then(|| needs(&both.after, session, both.last));
        let (was, is) = (was.transpose()?.flatten(), is.transpose()?.flatten());
        if was != is {
            let opening = is.as_ref().or(was.as_ref()).map(|of| of.opening.clone());
            let (entitled_before, quorums_before) = split(was);
            let (entitled_after, quorums_after) = split(is);
            found.push(v1::QuorumPreview {
                session: session.to_string(),
                opening: opening.unwrap_or_default(),
                entitled_before,
                entitled_after,
                quorums_before,
                quorums_after,
            });
        }
    }
    Ok(found)
}

fn split(needs: Option<Needs>) -> (Option<v1::CountRange>, Vec<v1::ThresholdWeighed>) {
    needs.map_or((None, Vec::new()), |needs| {
        (Some(needs.entitled), needs.quorums)
    })
}

/// Returns the sessions that have certainly not opened by a day and are to be held, each with its
/// opening.
fn ahead(ask: &Ask<'_>, today: Day, known_at: Position) -> BTreeMap<SessionId, Window> {
    let reader = ask.at(known_at);
    let view = reader.view();
    let sessions = view.book.sessions(None).filter_map(|session| {
        let facts = view.session_facts(session)?;
        let is_ahead = facts.opening.earliest > today && !facts.cancelled;
        let is_held = is_ahead && facts.annulled_by.is_none();
        is_held.then(|| (session.clone(), facts.opening))
    });
    sessions.collect()
}

fn needs(ask: &Ask<'_>, session: &SessionId, known_at: Position) -> Result<Option<Needs>, Problem> {
    let Some(audited) = ask.session_rolls(session, known_at, ask.stop)? else {
        return Ok(None);
    };
    let frame = &audited.frame;
    let attended = audited.rolls.attended(0);
    let reader = ask.at(known_at);
    let quorums = reader
        .view_under(&audited.laws.judging)
        .quorums(frame, &attended);
    Ok(Some(Needs {
        opening: frame.facts.opening.to_string(),
        entitled: weighing::tally(attended.entitled),
        quorums: quorums.iter().map(weighing::threshold).collect(),
    }))
}
