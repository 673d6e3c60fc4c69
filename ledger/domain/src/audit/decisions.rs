//! Findings on what sessions decided: quorum, majority, votes in writing, frozen rolls.

mod powers;
mod rolls;
mod votes;

use super::{Audit, AuditedSession, Code, Finding, Severity};
use crate::answers::electorate::Electorate;
use crate::answers::session::DecisionFacts;
use crate::answers::view::{Parties, View};
use crate::answers::weighing::{Attended, Tally, Weighed, Weighing};
use crate::entry::AuthorityKind;
use crate::entry::event::Outcome;
use crate::entry::norm::CountedOf;
use crate::entry::policy::Comparator;
use crate::id::ArticleRef;
use crate::id::position::Position;
use crate::stop::{Stop, Stopped};
use crate::time::truth::Truth;
use powers::competence;
use std::collections::{BTreeMap, BTreeSet};

impl<P: Parties> Audit<'_, P> {
    pub(super) fn decision_findings(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        for session in self.sessions {
            self.stop.check()?;
            let view = View {
                law: &session.laws.judging,
                ..self.view_again()
            };
            let decisions: Vec<&DecisionFacts> = session
                .frame
                .decisions
                .iter()
                .filter(|decision| self.is_judged(decision))
                .collect();
            weigh(&view, session, &decisions, self.stop, found)?;
            votes::contradicted(session, found);
            votes::dated_elsewhere(session, found);
            competence(&view, session, &decisions, self.stop, found)?;
            written(session, &decisions, found);
            frozen(session, found);
        }
        self.electorates(found);
        Ok(())
    }

    pub(super) fn view_again(&self) -> View<'_, P> {
        View {
            book: self.view.book,
            law: self.view.law,
            parties: self.view.parties,
            known_at: self.view.known_at,
            readings: self.view.readings,
            without: self.view.without,
        }
    }

    /// A founding act meets no condition of competence and quorum (rule 13), nor does what was only
    /// noted.
    fn is_judged(&self, decision: &DecisionFacts) -> bool {
        let founding = self
            .content(decision.position)
            .is_some_and(|content| content.authority.kind == AuthorityKind::Founding);
        let outcome = decision.decision.outcome;
        matches!(outcome, Outcome::Adopted | Outcome::Rejected) && !founding
    }
}

/// The thresholds of a session's decisions that are not known to be met, by how they fail and what
/// is missing.
type Unmet = BTreeMap<(Severity, String), Missed>;

#[derive(Default)]
struct Missed {
    entries: Vec<Position>,
    articles: Vec<ArticleRef>,
    /// The arithmetic and of what the articles speak, with the articles.
    sums: BTreeMap<(String, String), BTreeSet<ArticleRef>>,
}

fn weigh<P: Parties>(
    view: &View<'_, P>,
    session: &AuditedSession,
    decisions: &[&DecisionFacts],
    stop: Stop<'_>,
    found: &mut Vec<Finding>,
) -> Result<(), Stopped> {
    let mut quorums = Unmet::new();
    let mut majorities = Unmet::new();
    let mut open_writing: BTreeMap<ArticleRef, Vec<Position>> = BTreeMap::new();
    for decision in decisions {
        stop.check()?;
        let attended = session.rolls.attended(decision.roll);
        let weighed = view.weigh_decision(&session.frame, &attended, decision, None);
        votes::carried_and_rejected(session, decision, &weighed, found);
        for weighed in weighed {
            let unmet = unmet(session, &attended, decision, (Kind::Quorum, &weighed));
            if unmet.is_some()
                && session.frame.named_in_person
                && !session.frame.in_writing_complete
                && let Some(article) = &weighed.writing
            {
                let entries = open_writing.entry(article.clone()).or_default();
                entries.push(decision.position);
            }
            add(
                &mut quorums,
                session,
                decision,
                (Kind::Quorum, &weighed),
                unmet,
            );
            // Nothing is carried by rejecting it.
            if decision.decision.outcome == Outcome::Adopted {
                let of = (Kind::Majority, &weighed);
                let unmet = self::unmet(session, &attended, decision, of);
                add(
                    &mut majorities,
                    session,
                    decision,
                    (Kind::Majority, &weighed),
                    unmet,
                );
            }
        }
    }
    for (code, unmet) in [(Code::Quorum, quorums), (Code::Majority, majorities)] {
        for ((severity, missing), missed) in unmet {
            found.push(threshold_finding(session, code, severity, &missing, missed));
        }
    }
    for (article, entries) in open_writing {
        let message = format!(
            "{article} lets votes in writing count as presence; whether any were given and accepted is not recorded"
        );
        let (code, severity) = (Code::WrittenVotes, Severity::Unproven);
        let window = session.frame.facts.opening;
        let finding = Finding::new(code, severity, window, entries, message);
        found.push(
            finding
                .under([article])
                .of_session(&session.frame.facts.session),
        );
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Quorum,
    Majority,
}

impl Kind {
    /// Returns the thresholds of this kind, and whether they are met together.
    fn of(self, weighed: &Weighed) -> (&[Weighing], Truth) {
        match self {
            Self::Quorum => (&weighed.quorum, weighed.quorum_met),
            Self::Majority => (&weighed.majority, weighed.majority_met),
        }
    }
}

/// Returns how the thresholds fail that are to be met together, and what is missing; none if they
/// are met or none is set.
fn unmet(
    session: &AuditedSession,
    attended: &Attended,
    decision: &DecisionFacts,
    (kind, weighed): (Kind, &Weighed),
) -> Option<(Severity, String)> {
    let (weighings, met) = kind.of(weighed);
    if weighings.is_empty() || met == Truth::Yes {
        return None;
    }
    // A threshold that is only read into the law is not broken by its text.
    if met == Truth::No && weighed.reading.applied.is_none() {
        let missed = missed(weighed, weighings, met);
        let weakest = missed.map(|weighing| weighing.support).max();
        let known_as = weakest.map_or("", super::known_as);
        return Some((Severity::Irregular, known_as.to_owned()));
    }
    let missing = unrecorded(session, attended, decision, weighed, kind);
    Some((Severity::Unproven, missing))
}

/// Returns the thresholds that make the outcome what it is. Where nobody says which applies, all
/// are told.
fn missed<'w>(
    weighed: &Weighed,
    weighings: &'w [Weighing],
    met: Truth,
) -> impl Iterator<Item = &'w Weighing> {
    let all = weighed.reading.applied.is_some();
    let some = weighings.iter().any(|weighing| weighing.met == met);
    weighings
        .iter()
        .filter(move |weighing| all || weighing.met == met || (!some && weighing.met != Truth::Yes))
}

/// Says what would have to be known.
fn unrecorded(
    session: &AuditedSession,
    attended: &Attended,
    decision: &DecisionFacts,
    weighed: &Weighed,
    kind: Kind,
) -> String {
    let frame = &session.frame;
    let body = &frame.facts.session.series;
    match frame.voters() {
        Electorate::Parties => {}
        Electorate::Unsaid => return format!("; no article on record says who votes in {body}"),
        Electorate::NotModelled => {
            let why = &frame.not_modelled;
            return format!("; who votes in {body} is not modelled: {why}");
        }
    }
    let votes = decision.decision.votes.as_ref();
    let contradicted = |votes| match kind {
        Kind::Quorum => !attended.can_count(votes),
        Kind::Majority => !attended.contradictions(votes).is_empty(),
    };
    if votes.is_some_and(contradicted) {
        return "; what is recorded of the votes cannot be so".to_owned();
    }
    if kind == Kind::Majority {
        let votes = decision.decision.votes.as_ref();
        let missing = match votes {
            Some(votes) if votes.are_counted() => "",
            Some(votes) if votes.unanimous => {
                "; the vote was unanimous, of how many is not recorded"
            }
            _ => "; the votes are not recorded",
        };
        return missing.to_owned();
    }
    if frame.named_in_person {
        let open = weighed.writing.is_some() && !frame.in_writing_complete;
        let missing = if open {
            "; votes in writing are not recorded"
        } else {
            ""
        };
        return missing.to_owned();
    }
    match frame.bodies_counted {
        0 => "; who was present is not recorded".to_owned(),
        counted => {
            format!("; {counted} bodies are counted, which of them had the vote is not recorded")
        }
    }
}

fn add(
    unmet: &mut Unmet,
    session: &AuditedSession,
    decision: &DecisionFacts,
    (kind, weighed): (Kind, &Weighed),
    failed: Option<(Severity, String)>,
) {
    let Some(failed) = failed else { return };
    let (weighings, met) = kind.of(weighed);
    let series = &session.frame.facts.session.series;
    let missed = unmet.entry(failed).or_default();
    missed.entries.push(decision.position);
    for weighing in self::missed(weighed, weighings, met) {
        missed.articles.push(weighing.article.clone());
        // Where the law is silent, what is read into it says so.
        let meant = match &weighed.reading.of {
            Some(of) if weighing.by_analogy && of == series => ", of other functions".to_owned(),
            Some(of) if weighing.by_analogy => format!(", of {of}"),
            _ => String::new(),
        };
        let articles = missed.sums.entry((sum(weighing, kind), meant)).or_default();
        articles.insert(weighing.article.clone());
    }
}

fn threshold_finding(
    session: &AuditedSession,
    code: Code,
    severity: Severity,
    missing: &str,
    missed: Missed,
) -> Finding {
    let told = missed.sums.iter().map(|((sum, meant), articles)| {
        let articles: Vec<String> = articles.iter().map(ToString::to_string).collect();
        sum.replace('@', &format!("{}{meant}", articles.join(" and ")))
    });
    let message = format!("{}{missing}", told.collect::<Vec<_>>().join("; "));
    let window = session.frame.facts.opening;
    let finding = Finding::new(code, severity, window, missed.entries, message);
    finding
        .under(missed.articles)
        .of_session(&session.frame.facts.session)
}

/// For example: `41 of 81 entitled needed by analogy with @: 32 to 81 present, 9 short`; `@` stands
/// for the articles.
fn sum(weighing: &Weighing, kind: Kind) -> String {
    let rule = &weighing.rule;
    let of = match rule.counted_of {
        CountedOf::Entitled => "entitled",
        CountedOf::Present => "present",
        CountedOf::NotModelled => {
            return format!("how @ counts is not modelled{}", weighing.not_modelled);
        }
    };
    let by = if weighing.by_analogy {
        "by analogy with"
    } else {
        "by"
    };
    if weighing.counted.possible == 0 {
        return format!("no number is enough {by} @, for nobody is {of}");
    }
    let mut text = if weighing.counted.certain == 0 || weighing.counted.is_open() {
        let least = match rule.comparator {
            Comparator::AtLeast => "at least",
            Comparator::MoreThan => "more than",
        };
        let (part, whole) = (rule.numerator, rule.denominator);
        format!("{least} {part}/{whole} of those {of} needed {by} @")
    } else {
        let (needed, counted) = (range(weighing.needed), range(weighing.counted));
        format!("{needed} of {counted} {of} needed {by} @")
    };
    // That none is known to have been, and all may have been, says nothing.
    if weighing.found.certain > 0 || weighing.met == Truth::No {
        let what = match kind {
            Kind::Quorum => "present",
            Kind::Majority => "in favour",
        };
        text = format!("{text}: {} {what}", range(weighing.found));
        if weighing.lacking > 0 {
            text = format!("{text}, {} short", weighing.lacking);
        }
    }
    text + &weighing.not_modelled
}

fn range(tally: Tally) -> String {
    if tally.certain == tally.possible {
        return tally.certain.to_string();
    }
    format!("{} to {}", tally.certain, tally.possible)
}

/// Votes in writing were counted, and no article in force at the opening counts them in the body.
fn written(session: &AuditedSession, decisions: &[&DecisionFacts], found: &mut Vec<Finding>) {
    let frame = &session.frame;
    let series = &frame.facts.session.series;
    let cast = |decision: &&&DecisionFacts| {
        decision.decision.votes.is_some_and(|votes| {
            votes.written_in_favour + votes.written_against + votes.written_abstaining > 0
        })
    };
    let entries: Vec<Position> = decisions.iter().filter(cast).map(|d| d.position).collect();
    let norms = session.laws.judging.in_force(frame.law_day);
    let counting = norms
        .iter()
        .filter_map(|norm| Some((norm.norm.rule.written_presence()?, norm)));
    let counting: Vec<_> = counting.collect();
    let own = counting.iter().any(|(body, _)| *body == series);
    if own || entries.is_empty() {
        return;
    }
    let (severity, message) = match counting.first() {
        Some((body, norm)) => (
            Severity::Unproven,
            format!(
                "votes in writing are counted in {series}; {} counts them in {body}",
                norm.article
            ),
        ),
        None => (
            Severity::Irregular,
            format!(
                "votes in writing are counted in {series}; no article in force at the opening counts them"
            ),
        ),
    };
    let articles: Vec<ArticleRef> = counting.iter().map(|(_, n)| n.article.clone()).collect();
    let window = frame.facts.opening;
    let finding = Finding::new(Code::WrittenVotes, severity, window, entries, message);
    found.push(finding.under(articles).of_session(&frame.facts.session));
}

/// A frozen roll that differs from the roll as it follows from the record (rule 26).
fn frozen(session: &AuditedSession, found: &mut Vec<Finding>) {
    let Some(frozen) = &session.frame.frozen else {
        return;
    };
    let parties = session.rolls.frozen_otherwise();
    if parties.is_empty() {
        return;
    }
    let message = "the frozen roll is not that of its day as it follows from the record";
    let window = session.frame.facts.opening;
    let entries = [frozen.position];
    let finding = Finding::new(
        Code::FrozenRoll,
        Severity::Mismatch,
        window,
        entries,
        message,
    );
    found.push(
        finding
            .of_parties(parties.iter().cloned())
            .of_session(&session.frame.facts.session),
    );
}
