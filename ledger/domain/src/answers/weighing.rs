//! Decisions weighed: who had to be there, how many had to agree, and what is known of both (rules
//! 24 to 26).
//!
//! Stratum (rule 27): rights; reads recorded acts, law.

use crate::answers::electorate::Electorate;
use crate::answers::session::{DecisionFacts, SessionFrame};
use crate::answers::thresholds::{Applied, BY_ANALOGY, Candidate, Outcome, Reading};
use crate::answers::view::{Parties, View};
use crate::entry::event::Votes;
use crate::entry::norm::ask::Threshold;
use crate::entry::norm::{CountedOf, Support, ThresholdRule};
use crate::id::position::Position;
use crate::id::{ArticleRef, FunctionId};
use crate::law::in_force::InForce;
use crate::time::truth::Truth;

/// A number that is known between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// In every reading of the record.
    pub certain: u64,
    /// At most in any.
    pub possible: u64,
}

impl Tally {
    /// A number of which nothing is known.
    pub const UNKNOWN: Self = Self {
        certain: 0,
        possible: u64::MAX,
    };

    /// Returns whether nothing bounds it from above.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.possible == Self::UNKNOWN.possible
    }

    /// Returns a number that is known.
    #[must_use]
    pub const fn known(count: u64) -> Self {
        Self {
            certain: count,
            possible: count,
        }
    }
}

/// What the roll of a session comes down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attended {
    /// The parties with the vote.
    pub entitled: Tally,
    /// Those of them there in person.
    pub in_person: Tally,
    /// Those of them, not there in person, who stated their will in writing.
    pub in_writing: Tally,
    /// Whether those there in person are recorded in full, as the source says.
    pub in_person_complete: bool,
    /// Whether those who stated their will in writing are.
    pub in_writing_complete: bool,
    /// What the law says of those who vote; of a frozen roll it is the parties.
    pub electorate: Electorate,
}

/// What cannot be so in the record of a vote. How many there were is told with how many there can
/// have been at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contradiction {
    /// More votes in person than parties to cast them.
    InPerson(u64, u64),
    /// More votes in writing than parties to cast them.
    InWriting(u64, u64),
    /// More votes in all than parties to cast them.
    Together(u64, u64),
    /// A vote that is called unanimous, with so many against.
    Unanimous(u64),
}

/// A decision's quorum or majority under one article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighing {
    /// The article that sets the threshold.
    pub article: ArticleRef,
    /// How it is cited.
    pub citation: String,
    /// The entry of its version.
    pub position: Position,
    /// How the norm is known.
    pub support: Support,
    /// Whether it is applied by analogy.
    pub by_analogy: bool,
    /// The threshold.
    pub rule: ThresholdRule,
    /// Of how many the fraction is taken.
    pub counted: Tally,
    /// How many are needed.
    pub needed: Tally,
    /// How many there were: present for a quorum, in favour for a majority.
    pub found: Tally,
    /// Whether it was met, if it applied: unknown where it may not have, unless it was met anyway.
    pub met: Truth,
    /// How many more there must have been at least, where it is not certain that it was met.
    pub lacking: u64,
    /// What is not modelled of it, as a part of a sentence; empty if nothing is.
    pub not_modelled: String,
}

/// A decision weighed for one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// The function.
    pub function: FunctionId,
    /// Where the thresholds come from.
    pub reading: Reading,
    /// The article by which written votes count as presence; none where they do not.
    pub writing: Option<ArticleRef>,
    /// How many count as present.
    pub present: Tally,
    /// The quorum, under each article that may set it; empty where none is set.
    pub quorum: Vec<Weighing>,
    /// Whether it was met, in every way in which the articles may apply; unknown where none is set.
    pub quorum_met: Truth,
    /// The majority, likewise.
    pub majority: Vec<Weighing>,
    /// Whether it was met, likewise.
    pub majority_met: Truth,
}

impl Attended {
    /// Returns what the lines that were counted come down to, as the session's attendance is
    /// recorded, and what the law says of those who vote.
    pub(crate) fn as_recorded(&self, frame: &SessionFrame) -> Self {
        let mut attended = Self {
            in_person_complete: frame.in_person_complete,
            in_writing_complete: frame.in_writing_complete,
            electorate: frame.voters(),
            ..*self
        };
        if attended.electorate != Electorate::Parties {
            attended.entitled = Tally::UNKNOWN;
        }
        if !frame.named_in_person {
            // Nobody is named: as many as the source counts, or anybody, may have been there.
            let most = match u64::from(frame.bodies_counted) {
                0 => attended.entitled.possible,
                counted => counted.min(attended.entitled.possible),
            };
            attended.in_person.possible = most;
        }
        if !frame.in_writing_complete {
            let all = attended.entitled;
            let rest = if all.is_open() {
                all.possible
            } else {
                all.possible.saturating_sub(attended.in_person.possible)
            };
            attended.in_writing.possible = rest.max(attended.in_writing.possible);
        }
        attended
    }

    /// Returns what cannot be so in the record of a vote, given who was there (rule 24). Where it
    /// is not known who votes, no number is too large.
    #[must_use]
    pub fn contradictions(&self, votes: &Votes) -> Vec<Contradiction> {
        let mut found = Vec::new();
        if votes.unanimous && against(votes) > 0 {
            found.push(Contradiction::Unanimous(against(votes)));
        }
        if self.electorate != Electorate::Parties {
            return found;
        }
        let most = |complete: bool, there: Tally| {
            let those = if complete { there } else { self.entitled };
            those.possible
        };
        let (cast, by_post) = (in_person(votes), written(votes));
        let in_person = most(self.in_person_complete, self.in_person);
        let in_writing = most(self.in_writing_complete, self.in_writing);
        if cast > in_person {
            found.push(Contradiction::InPerson(cast, in_person));
        }
        if by_post > in_writing {
            found.push(Contradiction::InWriting(by_post, in_writing));
        }
        let (all, entitled) = (cast + by_post, self.entitled.possible);
        if cast <= in_person && by_post <= in_writing && all > entitled {
            found.push(Contradiction::Together(all, entitled));
        }
        found
    }

    /// Returns whether as many as voted can have voted.
    #[must_use]
    pub fn can_count(&self, votes: &Votes) -> bool {
        let contradictions = self.contradictions(votes);
        contradictions.iter().all(|one| match one {
            Contradiction::InPerson(..)
            | Contradiction::InWriting(..)
            | Contradiction::Together(..) => false,
            Contradiction::Unanimous(_) => true,
        })
    }

    /// Returns how many count as present, given what is recorded of the votes; `counts` says
    /// whether their numbers prove anything.
    fn present(&self, votes: Option<&Votes>, writing: bool, counts: bool) -> Tally {
        let most = self.entitled.possible;
        let by_post = votes.map_or(0, written);
        let written = if !writing {
            Tally::default()
        } else if counts && by_post > 0 {
            Tally::known(by_post.max(self.in_writing.certain))
        } else {
            self.in_writing
        };
        if !counts {
            // The record contradicts itself: those there are not fewer than it names.
            let certain = self.in_person.certain + written.certain;
            return Tally {
                certain: certain.min(most),
                possible: most,
            };
        }
        // Votes that were cast were cast by somebody.
        let cast = votes.map_or(0, in_person);
        let person = Tally {
            certain: self.in_person.certain.max(cast),
            possible: self.in_person.possible.max(cast),
        };
        let possible = person.possible.saturating_add(written.possible);
        Tally {
            certain: (person.certain + written.certain).min(most),
            possible: possible.min(most),
        }
    }
}

fn in_person(votes: &Votes) -> u64 {
    [votes.in_favour, votes.against, votes.abstaining]
        .map(u64::from)
        .iter()
        .sum()
}

fn written(votes: &Votes) -> u64 {
    let counts = [
        votes.written_in_favour,
        votes.written_against,
        votes.written_abstaining,
    ];
    counts.map(u64::from).iter().sum()
}

fn against(votes: &Votes) -> u64 {
    u64::from(votes.against) + u64::from(votes.written_against)
}

/// Returns whether it is recorded how many voted how.
fn counted(votes: &Votes) -> bool {
    in_person(votes) + written(votes) > 0
}

/// Returns how many were in favour: exactly where votes are recorded, all where the source says so,
/// else anybody present.
fn in_favour(votes: Option<&Votes>, present: Tally, writing: bool) -> Tally {
    match votes {
        Some(votes) if counted(votes) => {
            let written = if writing { votes.written_in_favour } else { 0 };
            Tally::known(u64::from(votes.in_favour) + u64::from(written))
        }
        Some(votes) if votes.unanimous => present,
        _ => Tally {
            certain: 0,
            possible: present.possible,
        },
    }
}

/// What is known of a vote, for the thresholds that are taken of it.
struct Known<'a> {
    attended: &'a Attended,
    present: Tally,
    favour: Tally,
    /// Whether the numbers of votes prove anything.
    counts: bool,
    /// Whether the source says that all agreed, and gives no numbers.
    unanimous: bool,
    /// Whether it says so beside votes against.
    contradicted: bool,
}

/// A threshold worked out.
struct Sum {
    counted: Tally,
    needed: Tally,
    found: Tally,
    met: Truth,
}

impl<P: Parties> View<'_, P> {
    /// Weighs a decision, for each function it exercised. The view's law must be the one that
    /// governs the session (rule 22). `reading` is [`BY_ANALOGY`] or `text-only`; none applies the
    /// default.
    #[must_use]
    pub fn weigh_decision(
        &self,
        frame: &SessionFrame,
        attended: &Attended,
        decision: &DecisionFacts,
        reading: Option<&str>,
    ) -> Vec<Weighed> {
        let functions = decision.decision.functions.iter();
        functions
            .map(|function| {
                let votes = decision.decision.votes.as_ref();
                self.weigh_function(frame, attended, function, votes, reading)
            })
            .collect()
    }

    /// Returns the quorums that the law sets for the body of a session itself, each as if it alone
    /// applied, whatever is decided (rule 24): what a session that has decided nothing will need.
    /// The view's law must be the one that governs the session (rule 22).
    #[must_use]
    pub fn quorums(&self, frame: &SessionFrame, attended: &Attended) -> Vec<Weighing> {
        let known = Known::of(attended, None, false);
        let quorums = self.quorums_set(&frame.facts.session.series, frame.law_day);
        let each = quorums.iter().map(|(candidate, applies)| {
            let sum = known.sum(candidate.threshold);
            let applied = Applied {
                candidate,
                met: sum.met,
                applies: *applies,
            };
            weighing(&applied, &sum, false)
        });
        each.collect()
    }

    fn weigh_function(
        &self,
        frame: &SessionFrame,
        attended: &Attended,
        function: &FunctionId,
        votes: Option<&Votes>,
        reading: Option<&str>,
    ) -> Weighed {
        let body = &frame.facts.session.series;
        let now = self.lawful(frame.law_day);
        let applicable = self.applicable(body, function, frame.law_day, reading);
        let of = applicable.reading.of.clone();
        let norms = self.law.in_force(frame.law_day);
        let applies = |norm: &InForce<'_>| norm.certain.and(now.judge(&norm.norm.condition));
        let writing = norms.iter().find(|norm| {
            let by = norm.norm.rule.written_presence();
            by.is_some_and(|by| Some(by) == of.as_ref() || by == body)
                && applies(norm) == Truth::Yes
        });
        let known = Known::of(attended, votes, writing.is_some());
        let by_analogy = applicable.reading.applied == Some(BY_ANALOGY);
        let met = |candidate: &Candidate<'_>| known.sum(candidate.threshold).met;
        let is_quorum = |threshold: &Threshold<'_>| matches!(threshold, Threshold::Quorum(_));
        let quorum = applicable.outcome(&now, is_quorum, met);
        let majority = applicable.outcome(&now, |threshold| !is_quorum(threshold), met);
        let told = |outcome: &Outcome<'_, '_>| -> Vec<Weighing> {
            let each = outcome.applied.iter().map(|one| {
                let sum = known.sum(one.candidate.threshold);
                weighing(one, &sum, by_analogy)
            });
            each.collect()
        };
        Weighed {
            function: function.clone(),
            writing: writing.map(|norm| norm.article.clone()),
            present: known.present,
            quorum: told(&quorum),
            quorum_met: quorum.met,
            majority: told(&majority),
            majority_met: majority.met,
            reading: applicable.reading,
        }
    }
}

impl<'a> Known<'a> {
    fn of(attended: &'a Attended, votes: Option<&Votes>, writing: bool) -> Self {
        let counts = votes.is_none_or(|votes| attended.can_count(votes));
        let present = attended.present(votes, writing, counts);
        Self {
            attended,
            present,
            favour: in_favour(votes, present, writing),
            counts,
            unanimous: votes.is_some_and(|votes| votes.unanimous && !counted(votes)),
            contradicted: votes.is_some_and(|votes| votes.unanimous && against(votes) > 0),
        }
    }

    /// Works a threshold out, as if it applied.
    fn sum(&self, threshold: Threshold<'_>) -> Sum {
        let (rule, found, of_those) = match threshold {
            Threshold::Quorum(rule) => (rule, self.present, self.attended.entitled),
            Threshold::Majority(rule) => (rule, self.favour, self.present),
        };
        let counted = match rule.counted_of {
            CountedOf::Entitled => self.attended.entitled,
            CountedOf::Present => of_those,
            CountedOf::NotModelled => Tally::default(),
        };
        let needed = Tally {
            certain: rule.least(counted.certain),
            possible: rule.least(counted.possible),
        };
        if rule.counted_of == CountedOf::NotModelled {
            let (needed, met) = (Tally::default(), Truth::Unknown);
            return Sum {
                counted,
                needed,
                found,
                met,
            };
        }
        let met = if counted.possible == 0 {
            // With nobody entitled there is no quorum, and nothing to agree (rule 24).
            Truth::No
        } else if found.certain >= needed.possible {
            Truth::Yes
        } else if found.possible < needed.certain {
            Truth::No
        } else {
            Truth::Unknown
        };
        Sum {
            counted,
            needed,
            found,
            met: self.proven(threshold, met),
        }
    }

    /// Returns what is left of an outcome, given how far the record can be trusted: what
    /// contradicts itself proves nothing, and of what is not known who votes neither does a number.
    fn proven(&self, threshold: Threshold<'_>, met: Truth) -> Truth {
        match (self.attended.electorate, threshold) {
            (Electorate::Unsaid | Electorate::NotModelled, _) => Truth::Unknown,
            (Electorate::Parties, Threshold::Quorum(_)) => met,
            (Electorate::Parties, Threshold::Majority(_)) if !self.counts => Truth::Unknown,
            // All of those present are a majority of them, however many they were (rule 18).
            (Electorate::Parties, Threshold::Majority(rule))
                if self.unanimous && rule.counted_of == CountedOf::Present =>
            {
                Truth::Yes
            }
            (Electorate::Parties, Threshold::Majority(_)) => match met {
                Truth::No if self.contradicted => Truth::Unknown,
                met => met,
            },
        }
    }
}

fn weighing(applied: &Applied<'_, '_>, sum: &Sum, by_analogy: bool) -> Weighing {
    let Candidate {
        article,
        version,
        position,
        norm,
        threshold,
        ..
    } = applied.candidate;
    let met = applied.shown();
    Weighing {
        article: (*article).clone(),
        citation: version.citation.clone(),
        position: *position,
        support: norm.support,
        by_analogy,
        rule: threshold.rule().clone(),
        counted: sum.counted,
        needed: sum.needed,
        found: sum.found,
        met,
        not_modelled: applied.not_modelled(),
        lacking: match met {
            Truth::Yes => 0,
            Truth::No | Truth::Unknown => sum.needed.certain.saturating_sub(sum.found.certain),
        },
    }
}
