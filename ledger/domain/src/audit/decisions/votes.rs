//! Findings on votes: those that cannot have been so, and those of which nothing says whose they
//! are.

use crate::answers::electorate::{Electorate, Voting};
use crate::answers::session::DecisionFacts;
use crate::answers::view::Parties;
use crate::answers::weighing::{Contradiction, Weighed};
use crate::audit::{Audit, AuditedSession, Code, Finding, Severity};
use crate::entry::event::Outcome;
use crate::id::position::Position;
use crate::id::{ArticleRef, BodyId};
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::collections::BTreeMap;

/// Votes that cannot have been so (rule 31): a record that contradicts itself breaks no rule.
pub(super) fn contradicted(session: &AuditedSession, found: &mut Vec<Finding>) {
    for decision in &session.frame.decisions {
        let attended = session.rolls.attended(decision.roll);
        let votes = decision.decision.votes.as_ref();
        let contradictions = votes.map_or_else(Vec::new, |votes| attended.contradictions(votes));
        if contradictions.is_empty() {
            continue;
        }
        let told: Vec<String> = contradictions.iter().map(told).collect();
        let message = told.join("; ");
        let (code, severity) = (Code::Tally, Severity::Mismatch);
        let entries = [decision.position];
        let finding = Finding::new(code, severity, decision.window, entries, message);
        found.push(finding.of_session(&session.frame.facts.session));
    }
}

fn told(contradiction: &Contradiction) -> String {
    let more = |cast: u64, how: &str, most: u64| {
        format!(
            "votes recorded {how}: {cast}; parties with the vote that can have cast them: {most} at most"
        )
    };
    match contradiction {
        Contradiction::InPerson(cast, most) => more(*cast, "as cast in person", *most),
        Contradiction::InWriting(cast, most) => more(*cast, "as cast in writing", *most),
        Contradiction::Together(cast, most) => more(*cast, "in all", *most),
        Contradiction::Unanimous(against) => {
            format!("the vote is recorded as unanimous, and with {against} against")
        }
    }
}

/// Decisions dated outside the days of their session, as certainly as these are known.
pub(super) fn dated_elsewhere(session: &AuditedSession, found: &mut Vec<Finding>) {
    let facts = &session.frame.facts;
    let days = Window {
        earliest: facts.opening.earliest,
        latest: facts.closing.latest,
    };
    let elsewhere = session.frame.decisions.iter();
    let elsewhere = elsewhere.filter(|taken| !facts.cancelled && !taken.window.overlaps(days));
    for taken in elsewhere {
        let message = format!(
            "{} is dated {}, and {} met on {days}",
            taken.decision.decision, taken.window, facts.session
        );
        let (code, severity) = (Code::DecisionDay, Severity::Mismatch);
        let entries = [taken.position];
        let finding = Finding::new(code, severity, taken.window, entries, message);
        found.push(finding.of_session(&facts.session));
    }
}

/// A decision that met every threshold that the law sets for it, and was rejected.
pub(super) fn carried_and_rejected(
    session: &AuditedSession,
    taken: &DecisionFacts,
    weighed: &[Weighed],
    found: &mut Vec<Finding>,
) {
    let carried = |weighed: &Weighed| {
        let quorate = weighed.quorum.is_empty() || weighed.quorum_met == Truth::Yes;
        let own = weighed.reading.applied.is_none();
        own && quorate && weighed.majority_met == Truth::Yes
    };
    let rejected = taken.decision.outcome == Outcome::Rejected;
    if !rejected || weighed.is_empty() || !weighed.iter().all(carried) {
        return;
    }
    let weighings = weighed
        .iter()
        .flat_map(|weighed| weighed.quorum.iter().chain(&weighed.majority));
    let articles: Vec<ArticleRef> = weighings.map(|weighing| weighing.article.clone()).collect();
    let decision = &taken.decision.decision;
    let message = format!("{decision} is recorded as rejected, and met every threshold set for it");
    let (code, severity) = (Code::Outcome, Severity::Note);
    let on = session.frame.facts.opening;
    let finding = Finding::new(code, severity, on, [taken.position], message);
    found.push(
        finding
            .under(articles)
            .of_session(&session.frame.facts.session),
    );
}

/// A body that decides, and of which nothing says who votes in it.
struct Unsaid {
    since: Window,
    entries: Vec<Position>,
    articles: Vec<ArticleRef>,
}

impl<P: Parties> Audit<'_, P> {
    /// Bodies that decide, or for which a threshold is set, and in which no article confers the
    /// vote (rule 24): one finding for a body.
    pub(super) fn electorates(&self, found: &mut Vec<Finding>) {
        let mut bodies: BTreeMap<&BodyId, Unsaid> = BTreeMap::new();
        let mut add = |body, on: Window, entry, article: Option<ArticleRef>| {
            let of = bodies.entry(body).or_insert_with(|| Unsaid {
                since: on,
                entries: Vec::new(),
                articles: Vec::new(),
            });
            of.since = of.since.min(on);
            of.entries.push(entry);
            of.articles.extend(article);
        };
        for session in self.sessions {
            let frame = &session.frame;
            if frame.voters() == Electorate::Unsaid {
                for decision in &frame.decisions {
                    let body = &frame.facts.session.series;
                    add(body, decision.window, decision.position, None);
                }
            }
        }
        let norms = self.view.law.in_force(self.on);
        let voting = Voting::under(&norms);
        for norm in &norms {
            let Some(threshold) = norm.norm.rule.threshold() else {
                continue;
            };
            let body = &threshold.rule().body;
            if voting.covers(body) || !self.view.not_modelled(body).is_empty() {
                continue;
            }
            let content = self.content(norm.position);
            let on = content.and_then(|content| self.effective(&content));
            let on = on.unwrap_or(Window::day(self.on));
            add(body, on, norm.position, Some(norm.article.clone()));
        }
        for (body, of) in bodies {
            let message = format!(
                "{body} decides, and no article on record says who votes in it: how many had the vote is not known"
            );
            let (code, severity) = (Code::Electorate, Severity::Gap);
            let finding = Finding::new(code, severity, of.since, of.entries, message);
            found.push(finding.under(of.articles));
        }
    }
}
