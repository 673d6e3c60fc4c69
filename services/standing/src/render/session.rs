//! Sessions: their days, who was there, what they decided.

use super::{
    annulled, basis, classes, counted, indented, joined, knowledge, range, table, verdict, weighing,
};
use standing_proto::v1::{
    CompetenceRoute, DecisionState, GetSessionResponse, ListSessionsResponse, Openness, Outcome,
    RollEntry, RouteKind, SessionState, Votes,
};

/// Writes sessions, a line each.
pub fn sessions(response: &ListSessionsResponse) -> String {
    let rows = response.sessions.iter().map(|session| {
        [
            session.session.clone(),
            session.opening.clone(),
            if session.closing == session.opening {
                String::new()
            } else {
                session.closing.clone()
            },
            session.host.clone(),
            annulled(session.position, session.annulled_by),
            place(session),
        ]
    });
    let mut text = if response.sessions.is_empty() {
        "No session is recorded.\n".to_owned()
    } else {
        table(
            ["SESSION", "OPENING", "LAST DAY", "HOST", "ENTRY", "VENUE"],
            rows.collect(),
        )
    };
    text.push_str(&knowledge(response.basis.as_ref()));
    text
}

/// Writes a session; with `roll`, its whole roll.
pub fn session(response: &GetSessionResponse, roll: bool) -> String {
    let mut text = response.session.as_ref().map_or_else(String::new, headline);
    text.push_str(&attendance(response));
    let listed: Vec<&RollEntry> = response
        .roll
        .iter()
        .filter(|entry| roll || entry.present || entry.in_writing)
        .collect();
    if !listed.is_empty() {
        text.push('\n');
        text.push_str(&table(
            ["PARTY", "CLASS", "VOTE", "PRESENCE"],
            listed.into_iter().map(roll_row).collect(),
        ));
    }
    for decision in &response.decisions {
        text.push('\n');
        text.push_str(&self::decision(decision, !response.attendance_not_recorded));
    }
    text + &basis(response.basis.as_ref())
}

fn headline(session: &SessionState) -> String {
    let days = if session.closing.is_empty() || session.closing == session.opening {
        session.opening.clone()
    } else {
        format!("{} to {}", session.opening, session.closing)
    };
    let host = match session.host.as_str() {
        "" => String::new(),
        host => format!("hosted by {host}"),
    };
    let told = joined(
        [days.as_str(), place(session).as_str(), host.as_str()],
        ", ",
    );
    let entry = annulled(session.position, session.annulled_by);
    format!("{}: {told} (entry {entry})\n", session.session)
}

fn place(session: &SessionState) -> String {
    let said = session.venue.contains("online");
    let online = if session.online && !said {
        "online"
    } else {
        ""
    };
    let cancelled = if session.cancelled { "called off" } else { "" };
    joined([session.venue.as_str(), online, cancelled], ", ")
}

fn attendance(response: &GetSessionResponse) -> String {
    let day = &response.roll_date;
    let of = match response.decision.as_str() {
        "" => String::new(),
        decision => format!(", by which {decision} was taken"),
    };
    let with_the_vote = match response.electorate_unknown.as_str() {
        "" => format!("{} with the vote", range(response.entitled.as_ref())),
        why => format!("how many had the vote is not known, as {why}"),
    };
    if response.attendance_not_recorded {
        return format!("Roll of {day}{of}: {with_the_vote}; attendance is not recorded\n");
    }
    let frozen = match &response.frozen {
        Some(frozen) => format!("; the roll is frozen (entry {})", frozen.position),
        None => String::new(),
    };
    let present = range(response.entitled_present.as_ref());
    let bodies = counted(response.present, "body", "bodies");
    let writing = if response.in_writing_recorded {
        ""
    } else {
        "; written statements are not recorded in full"
    };
    format!(
        "Roll of {day}{of}: {with_the_vote}, {present} of them recorded as present; {bodies} in person{writing}{frozen}\n"
    )
}

/// Writes the roll by which a decision was taken; where no attendance is recorded nobody is told to
/// have been there.
fn own_roll(state: &DecisionState, recorded: bool) -> String {
    let entitled = range(state.entitled.as_ref());
    let present = if recorded {
        let present = range(state.entitled_present.as_ref());
        format!(", {present} of them recorded as present")
    } else {
        String::new()
    };
    format!(
        "roll of {}: {entitled} with the vote{present}\n",
        state.roll_date
    )
}

fn roll_row(entry: &RollEntry) -> [String; 4] {
    let present = if entry.present { "in person" } else { "" };
    let writing = if entry.in_writing { "in writing" } else { "" };
    [
        entry.party.clone(),
        classes(&entry.classes),
        verdict(entry.vote()).to_owned(),
        joined([present, writing], ", "),
    ]
}

fn decision(state: &DecisionState, recorded: bool) -> String {
    let Some(decision) = &state.decision else {
        return format!("entry {}\n", state.position);
    };
    let outcome = match decision.outcome() {
        Outcome::Adopted => "adopted",
        Outcome::Rejected => "rejected",
        Outcome::Noted => "noted",
        Outcome::NotRecorded | Outcome::Unspecified => "outcome not recorded",
    };
    let votes = decision.votes.as_ref().map_or_else(String::new, votes);
    let told = joined(
        [
            state.effective.as_str(),
            decision.subject.as_str(),
            outcome,
            votes.as_str(),
        ],
        "; ",
    );
    let id = &decision.decision;
    let entry = annulled(state.position, state.annulled_by);
    let mut text = format!("{id} (entry {entry}): {told}\n");
    text.push_str(&indented(&own_roll(state, recorded), 2));
    let routes = state.routes.iter().map(route).collect::<Vec<_>>();
    if !routes.is_empty() {
        text.push_str(&indented(&table([""; 4], routes), 2));
    }
    for weighed in &state.weighed {
        text.push_str(&indented(&weighing::weighed(weighed), 2));
    }
    text
}

fn route(route: &CompetenceRoute) -> [String; 4] {
    let openness = match route.openness() {
        Openness::Open => "open",
        Openness::Closed => "closed",
        Openness::Unknown => "not known",
        Openness::Unspecified => "",
    };
    let missing = match route.missing.as_str() {
        "" => String::new(),
        missing => format!("missing {missing}"),
    };
    [
        route.function.clone(),
        route_kind(route.kind()).to_owned(),
        route.article.clone(),
        joined([openness, missing.as_str()], ": "),
    ]
}

fn route_kind(kind: RouteKind) -> &'static str {
    match kind {
        RouteKind::Own => "own",
        RouteKind::Delegated => "delegated",
        RouteKind::Unspecified => "",
    }
}

fn votes(votes: &Votes) -> String {
    let cast = |what: &str, person: u32, writing: u32| match writing {
        0 => format!("{person} {what}"),
        _ => format!("{person} and {writing} in writing {what}"),
    };
    let counted = [
        cast("in favour", votes.in_favour, votes.written_in_favour),
        cast("against", votes.against, votes.written_against),
        cast("abstaining", votes.abstaining, votes.written_abstaining),
    ];
    let anybody = votes.in_favour
        + votes.written_in_favour
        + votes.against
        + votes.written_against
        + votes.abstaining
        + votes.written_abstaining;
    match (anybody, votes.unanimous) {
        (0, true) => "unanimous".to_owned(),
        (_, true) => format!("unanimous, {}", counted.join(", ")),
        (_, false) => counted.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::{CountRange, DecisionTaken, Verdict};

    fn admission() -> DecisionState {
        DecisionState {
            decision: Some(DecisionTaken {
                decision: "assembly-4-admit".to_owned(),
                subject: "Admission of South".to_owned(),
                outcome: Outcome::Adopted.into(),
                votes: Some(Votes {
                    unanimous: true,
                    ..Votes::default()
                }),
                ..DecisionTaken::default()
            }),
            effective: "2002-09-11".to_owned(),
            position: 8,
            annulled_by: 0,
            roll_date: "2002-09-11".to_owned(),
            entitled: Some(CountRange {
                certain: 2,
                possible: 2,
                unbounded: false,
            }),
            entitled_present: Some(CountRange {
                certain: 1,
                possible: 1,
                unbounded: false,
            }),
            entitled_in_writing: None,
            routes: vec![CompetenceRoute {
                function: "admit-member".to_owned(),
                kind: RouteKind::Own.into(),
                article: "charter/8.1".to_owned(),
                openness: Openness::Open.into(),
                missing: String::new(),
            }],
            weighed: Vec::new(),
        }
    }

    #[test]
    fn a_session_is_told_with_its_roll_and_decisions() {
        let entry = |party: &str, vote: Verdict, present| RollEntry {
            party: party.to_owned(),
            classes: vec!["full".to_owned()],
            vote: vote.into(),
            present,
            in_writing: false,
            counted: vote.into(),
        };
        let response = GetSessionResponse {
            session: Some(SessionState {
                session: "assembly/4".to_owned(),
                opening: "2002-09-10".to_owned(),
                closing: "2002-09-11".to_owned(),
                venue: "Northtown".to_owned(),
                host: "aa-north".to_owned(),
                position: 7,
                ..SessionState::default()
            }),
            roll_date: "2002-09-10".to_owned(),
            roll: vec![
                entry("aa-north", Verdict::Held, true),
                entry("bb-south", Verdict::Held, false),
            ],
            entitled: Some(CountRange {
                certain: 2,
                possible: 3,
                unbounded: false,
            }),
            entitled_present: Some(CountRange {
                certain: 1,
                possible: 1,
                unbounded: false,
            }),
            present: 1,
            decisions: vec![admission()],
            ..GetSessionResponse::default()
        };
        expect![[r"
            assembly/4: 2002-09-10 to 2002-09-11, Northtown, hosted by aa-north (entry 7)
            Roll of 2002-09-10: 2..3 with the vote, 1 of them recorded as present; 1 body in person; written statements are not recorded in full

            PARTY     CLASS  VOTE  PRESENCE
            aa-north  full   HELD  in person

            assembly-4-admit (entry 8): 2002-09-11; Admission of South; adopted; unanimous
              roll of 2002-09-11: 2 with the vote, 1 of them recorded as present
              admit-member  own  charter/8.1  open
        "]]
        .assert_eq(&session(&response, false));
    }
}
