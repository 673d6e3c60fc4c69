//! Which findings are cured: the act was ratified, by a decision that nothing is wrong with (rule
//! 3).

use super::{Audit, Code, Finding, Severity};
use crate::answers::view::Parties;
use crate::entry::AuthorityKind;
use crate::entry::event::Outcome;
use crate::entry::slot::Slot;
use crate::id::SessionId;
use crate::id::position::Position;
use crate::record::fact::Said;
use crate::stop::Stopped;
use crate::time::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};

/// A ratification that cures, if nothing is wrong with its decision.
struct Cure {
    ratification: Position,
    decision: Position,
}

/// What findings on entries rest on besides: the decisions by which they were ratified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resting {
    /// The entries that are cited, and the decisions that they rest on.
    pub entries: BTreeSet<Position>,
    /// Decisions that ratify these, or one another.
    pub ratifying: BTreeSet<Position>,
    /// The sessions that took any of the decisions.
    pub sessions: BTreeSet<SessionId>,
}

impl Code {
    /// Returns whether who ratifies an act cures it of this.
    fn is_curable(self) -> bool {
        match self {
            Self::Competence
            | Self::Quorum
            | Self::Majority
            | Self::WrittenVotes
            | Self::NoAuthority
            | Self::RestsOn => true,
            Self::Eligibility
            | Self::ClassBeforeArticle
            | Self::EffectiveBeforeDecided
            | Self::AmendmentWithoutClause
            | Self::CommencementWindow
            | Self::OfficeVacant
            | Self::TermElapsed
            | Self::CoordinatorDuty
            | Self::Calendar
            | Self::Rotation
            | Self::SuccessionWithoutClause
            | Self::AmbiguousName
            | Self::LookAlikeName
            | Self::Claim
            | Self::FrozenRoll
            | Self::MembershipTwice
            | Self::SuspensionGround
            | Self::SuccessionLapsed
            | Self::Tally
            | Self::Electorate
            | Self::Outcome
            | Self::DecisionDay
            | Self::Attendance
            | Self::ActingBeside
            | Self::SessionsOverlap
            | Self::OrdinalTwice
            | Self::ChangeKind
            | Self::PredecessorRemains
            | Self::BeforeFounding
            | Self::BeforeBirth
            | Self::WriteOff
            | Self::AbolishedCommittee
            | Self::FoundingAuthority
            | Self::NameInClear
            | Self::ConditionOfNobody
            | Self::CalledOff
            | Self::AnnulmentUndated
            | Self::RollSinceAnnulled => false,
        }
    }
}

impl Finding {
    fn is_curable(&self) -> bool {
        let cured = match self.severity {
            Severity::Irregular | Severity::Unproven | Severity::Note => true,
            Severity::Mismatch | Severity::Gap => false,
        };
        cured && self.code.is_curable()
    }
}

impl<P: Parties> Audit<'_, P> {
    /// Marks the findings that are cured. Of a finding on several acts of which some were ratified,
    /// those are a finding of their own.
    pub(super) fn cure(&self, found: Vec<Finding>) -> Result<Vec<Finding>, Stopped> {
        // How many irregular findings that are not cured there are on each entry.
        let mut irregular: BTreeMap<Position, usize> = BTreeMap::new();
        for finding in &found {
            if finding.severity == Severity::Irregular {
                for entry in &finding.entries {
                    *irregular.entry(*entry).or_default() += 1;
                }
            }
        }
        // What waits for each decision, until nothing is wrong with it.
        let mut waiting: BTreeMap<Position, Vec<(usize, Position, Position)>> = BTreeMap::new();
        for (place, finding) in found.iter().enumerate() {
            self.stop.check()?;
            if !finding.is_curable() {
                continue;
            }
            for entry in &finding.entries {
                for cure in self.cures(*entry) {
                    let of = waiting.entry(cure.decision).or_default();
                    of.push((place, *entry, cure.ratification));
                }
            }
        }
        let sound = |irregular: &BTreeMap<Position, usize>, entry: &Position| {
            irregular.get(entry).is_none_or(|count| *count == 0)
        };
        let decisions = waiting.keys().copied();
        let mut open: Vec<Position> = decisions.filter(|d| sound(&irregular, d)).collect();
        let mut cured: BTreeMap<(usize, Position), Position> = BTreeMap::new();
        while let Some(decision) = open.pop() {
            for (place, entry, by) in waiting.remove(&decision).unwrap_or_default() {
                if let Some(first) = cured.get_mut(&(place, entry)) {
                    *first = by.min(*first);
                    continue;
                }
                cured.insert((place, entry), by);
                if found[place].severity == Severity::Irregular
                    && let Some(count) = irregular.get_mut(&entry)
                {
                    *count = count.saturating_sub(1);
                    if *count == 0 {
                        open.push(entry);
                    }
                }
            }
        }
        Ok(marked(found, &cured))
    }

    /// Returns the ratifications of an act, or of one that it came with, that stand on the day of
    /// the question, each with its decision.
    fn cures(&self, entry: Position) -> Vec<Cure> {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let mut cures = Vec::new();
        for ratified in book.with_acts(entry, known_at) {
            for fact in book.known(&Slot::Ratifications(ratified), known_at) {
                let Some(content) = self.content(fact.position) else {
                    continue;
                };
                let AuthorityKind::Decision(decision) = &content.authority.kind else {
                    continue;
                };
                let day = |when: &Option<_>| self.view.when(when.as_ref()?);
                let on = day(&content.effective)
                    .or_else(|| day(&content.acted))
                    .or_else(|| book.decided(decision, known_at));
                let Some(taken) = book.decision(decision, known_at) else {
                    continue;
                };
                let is_adopted = taken
                    .value
                    .decision()
                    .is_some_and(|decision| decision.outcome == Outcome::Adopted);
                let has_come = on.is_some_and(|on| on.latest <= self.on);
                if is_adopted && has_come && self.stands(taken) {
                    cures.push(Cure {
                        ratification: fact.position,
                        decision: taken.position,
                    });
                }
            }
        }
        cures
    }

    /// Returns whether a decision is certainly not annulled on the day of the question, nor its
    /// session, and that was held.
    fn stands(&self, taken: &Said) -> bool {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let annulled = book.decision_annulled(taken, known_at);
        let session = taken.value.decision().map(|taken| &taken.session);
        session.is_some_and(|session| book.session_days(session, known_at).is_some())
            && annulled.holds(self.on) == Truth::No
    }

    /// Returns what findings on an answer rest on when it cites these entries.
    #[must_use]
    pub fn rests_on(&self, cited: impl IntoIterator<Item = Position>) -> Resting {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let mut resting = Resting::default();
        for position in cited {
            resting.entries.insert(position);
            let authority = self.content(position).map(|content| content.authority.kind);
            let Some(AuthorityKind::Decision(decision)) = authority else {
                continue;
            };
            if let Some(fact) = book.decision(&decision, known_at) {
                resting.entries.insert(fact.position);
                let taken = fact.value.decision();
                resting
                    .sessions
                    .extend(taken.map(|taken| taken.session.clone()));
            }
        }
        let mut open: Vec<Position> = resting.entries.iter().copied().collect();
        while let Some(entry) = open.pop() {
            for cure in self.cures(entry) {
                if resting.entries.contains(&cure.decision)
                    || !resting.ratifying.insert(cure.decision)
                {
                    continue;
                }
                open.push(cure.decision);
                let content = self.content(cure.decision);
                let event = content.and_then(|content| content.event);
                let session = event.and_then(|event| Some(event.decision()?.session.clone()));
                resting.sessions.extend(session);
            }
        }
        resting
    }
}

/// Marks findings with the ratifications of their entries, and takes apart those of which some
/// entries only were ratified.
fn marked(found: Vec<Finding>, cured: &BTreeMap<(usize, Position), Position>) -> Vec<Finding> {
    let mut told = Vec::with_capacity(found.len());
    for (place, finding) in found.into_iter().enumerate() {
        let mut parts: BTreeMap<Option<Position>, Vec<Position>> = BTreeMap::new();
        for entry in &finding.entries {
            let by = cured.get(&(place, *entry)).copied();
            parts.entry(by).or_default().push(*entry);
        }
        if parts.len() < 2 {
            let cured_by = parts.into_keys().next().flatten();
            told.push(Finding {
                cured_by,
                ..finding
            });
            continue;
        }
        told.extend(parts.into_iter().map(|(cured_by, entries)| Finding {
            entries,
            cured_by,
            ..finding.clone()
        }));
    }
    told
}
