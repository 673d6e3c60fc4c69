//! Decisions weighed: who had to be there, how many had to agree, and what is known of both (rules
//! 24 to 26).
//!
//! Stratum (rule 27): rights; reads recorded acts, law.

use crate::answers::session::{DecisionFacts, RollEntry, SessionFrame};
use crate::answers::view::{Parties, View};
use crate::entry::event::Votes;
use crate::entry::norm::ask::Threshold;
use crate::entry::norm::{CountedOf, Support, ThresholdRule};
use crate::id::position::Position;
use crate::id::{ArticleRef, BodyId, FunctionId};
use crate::law::condition::Circumstances;
use crate::law::in_force::InForce;
use crate::time::truth::Truth;
use std::collections::BTreeSet;

/// The reading that applies the thresholds of a body that hands functions to this one, where the
/// law sets none for it.
pub const BY_ANALOGY: &str = "by-analogy";

/// The reading that applies what the law says of the body itself, and nothing else.
pub const TEXT_ONLY: &str = "text-only";

/// A number that is known between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// In every reading of the record.
    pub certain: u64,
    /// At most in any.
    pub possible: u64,
}

impl Tally {
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
}

/// Where the thresholds that are applied come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Its name: [`BY_ANALOGY`] or [`TEXT_ONLY`]; none where the law speaks of the body itself and
    /// nothing is to be read into it.
    pub applied: Option<&'static str>,
    /// The names of those that could be applied instead.
    pub others: Vec<&'static str>,
    /// The body whose thresholds are applied.
    pub of: Option<BodyId>,
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
    /// Whether it was met.
    pub met: Truth,
    /// How many more there must have been at least, where it is not certain that it was met.
    pub lacking: u64,
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
    /// The majority, likewise.
    pub majority: Vec<Weighing>,
}

impl Weighed {
    /// Returns whether the quorum was met, in every article that may set it; unknown where none is
    /// set.
    #[must_use]
    pub fn quorum_met(&self) -> Truth {
        met(&self.quorum)
    }

    /// Returns whether the majority was met, in every article that may set it; unknown where none
    /// is set.
    #[must_use]
    pub fn majority_met(&self) -> Truth {
        met(&self.majority)
    }
}

fn met(weighings: &[Weighing]) -> Truth {
    if weighings.is_empty() {
        return Truth::Unknown;
    }
    Truth::agreed(weighings.iter().map(|weighing| weighing.met))
}

impl Attended {
    /// Counts one more line of a session's roll.
    pub(crate) fn add(&mut self, line: &RollEntry) {
        for tally in self.tallies_of(line) {
            tally.certain += u64::from(line.counted == Truth::Yes);
            tally.possible += u64::from(line.counted != Truth::No);
        }
    }

    /// Takes back a line that was counted.
    pub(crate) fn take(&mut self, line: &RollEntry) {
        for tally in self.tallies_of(line) {
            tally.certain -= u64::from(line.counted == Truth::Yes);
            tally.possible -= u64::from(line.counted != Truth::No);
        }
    }

    fn tallies_of(&mut self, line: &RollEntry) -> impl Iterator<Item = &mut Tally> {
        let there = match (line.present, line.in_writing) {
            (true, _) => Some(&mut self.in_person),
            (false, true) => Some(&mut self.in_writing),
            (false, false) => None,
        };
        std::iter::once(&mut self.entitled).chain(there)
    }

    /// Returns what the lines that were counted come down to, as the session's attendance is
    /// recorded.
    pub(crate) fn as_recorded(&self, frame: &SessionFrame) -> Self {
        let mut attended = *self;
        if !frame.named_in_person {
            // Nobody is named: as many as the source counts, or anybody, may have been there.
            let most = match u64::from(frame.bodies_counted) {
                0 => attended.entitled.possible,
                counted => counted.min(attended.entitled.possible),
            };
            attended.in_person.possible = most;
        }
        if !frame.in_writing_complete {
            let rest = attended.entitled.possible - attended.in_person.possible;
            attended.in_writing.possible = rest.max(attended.in_writing.possible);
        }
        attended
    }

    /// Returns how many count as present, given what is recorded of the votes.
    fn present(&self, votes: Option<&Votes>, writing: bool) -> Tally {
        let written = match (writing, votes) {
            (false, _) => Tally::default(),
            (true, Some(votes)) if written(votes) > 0 => {
                let count = written(votes);
                Tally {
                    certain: count.max(self.in_writing.certain),
                    possible: count.max(self.in_writing.certain),
                }
            }
            (true, _) => self.in_writing,
        };
        // Votes that were cast were cast by somebody.
        let cast = votes.map_or(0, in_person);
        let person = Tally {
            certain: self.in_person.certain.max(cast),
            possible: self.in_person.possible.max(cast),
        };
        let most = self.entitled.possible;
        Tally {
            certain: (person.certain + written.certain).min(most),
            possible: (person.possible + written.possible).min(most),
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

/// Returns how many were in favour: exactly where votes are recorded, all where the source says so,
/// else anybody present.
fn in_favour(votes: Option<&Votes>, present: Tally, writing: bool) -> Tally {
    match votes {
        Some(votes) if in_person(votes) + written(votes) > 0 => {
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

impl<P: Parties> View<'_, P> {
    /// Weighs a decision, for each function it exercised. The view's law must be the one that
    /// governs the session (rule 22). `reading` is one of [`BY_ANALOGY`] and [`TEXT_ONLY`]; none
    /// applies the default.
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

    fn weigh_function(
        &self,
        frame: &SessionFrame,
        attended: &Attended,
        function: &FunctionId,
        votes: Option<&Votes>,
        reading: Option<&str>,
    ) -> Weighed {
        let norms = self.law.in_force(frame.law_day);
        let body = &frame.facts.session.series;
        let (applicable, reading) = applicable(&norms, body, function, reading);
        let of = reading.of.clone();
        let writing = norms.iter().find(|norm| {
            let by = norm.norm.rule.written_presence();
            by.is_some_and(|by| Some(by) == of.as_ref() || by == body) && norm.certain == Truth::Yes
        });
        let present = attended.present(votes, writing.is_some());
        let mut weighed = Weighed {
            function: function.clone(),
            reading,
            writing: writing.map(|norm| norm.article.clone()),
            present,
            quorum: Vec::new(),
            majority: Vec::new(),
        };
        let by_analogy = weighed.reading.applied == Some(BY_ANALOGY);
        let favour = in_favour(votes, present, writing.is_some());
        for norm in applicable {
            let Some(threshold) = norm.norm.rule.threshold() else {
                continue;
            };
            let (rule, found, of_those, into) = match threshold {
                Threshold::Quorum(rule) => (rule, present, attended.entitled, &mut weighed.quorum),
                Threshold::Majority(rule) => (rule, favour, present, &mut weighed.majority),
            };
            let counted = match rule.counted_of {
                CountedOf::Entitled => attended.entitled,
                CountedOf::Present => of_those,
            };
            let applies = self.judge_at(norm, frame);
            let mut weighing = weighing(norm, rule, counted, found, by_analogy, applies);
            // All of those present are a majority of them, however many they were (rule 18).
            let of_present = rule.counted_of == CountedOf::Present;
            let unanimous = votes.is_some_and(|votes| votes.unanimous);
            let is_majority = matches!(threshold, Threshold::Majority(_));
            if is_majority && of_present && unanimous && applies == Truth::Yes {
                weighing.met = Truth::Yes;
                weighing.lacking = 0;
            }
            into.push(weighing);
        }
        weighed
    }

    fn judge_at(&self, norm: &InForce<'_>, frame: &SessionFrame) -> Truth {
        let now = Circumstances {
            book: self.book,
            known_at: self.known_at,
            day: frame.law_day,
            party: None,
            record: None,
            without: self.without,
        };
        norm.certain.and(now.judge(&norm.norm.condition))
    }
}

fn weighing(
    norm: &InForce<'_>,
    rule: &ThresholdRule,
    counted: Tally,
    found: Tally,
    by_analogy: bool,
    applies: Truth,
) -> Weighing {
    let needed = Tally {
        certain: rule.least(counted.certain),
        possible: rule.least(counted.possible),
    };
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
    Weighing {
        article: norm.article.clone(),
        citation: norm.version.citation.clone(),
        position: norm.position,
        support: norm.norm.support,
        by_analogy,
        rule: rule.clone(),
        counted,
        needed,
        found,
        // A threshold that may not apply leaves open what one that applies would decide.
        met: if applies == Truth::Yes {
            met
        } else {
            Truth::Unknown
        },
        lacking: needed.certain.saturating_sub(found.certain),
    }
}

/// Returns the thresholds that apply to a function of a body, and how that is read (rule 25). Where
/// the law sets none for it, those of a body that hands functions to this one are read into it,
/// else those the body has for other functions: where they list the function, these; otherwise all,
/// for nobody says which.
fn applicable<'n, 'a>(
    norms: &'n [InForce<'a>],
    body: &BodyId,
    function: &FunctionId,
    reading: Option<&str>,
) -> (Vec<&'n InForce<'a>>, Reading) {
    let own = thresholds(norms, body);
    let meant = about(&own, function);
    if !meant.is_empty() {
        let reading = Reading {
            applied: None,
            others: Vec::new(),
            of: Some(body.clone()),
        };
        return (meant, reading);
    }
    let handing = norms.iter().filter_map(|norm| {
        let rule = norm.norm.rule.delegation()?;
        (rule.to == *body).then_some(&rule.from)
    });
    let bodies: BTreeSet<&BodyId> = handing.collect();
    let of_bodies = bodies.into_iter().map(|of| (of, thresholds(norms, of)));
    let mut analogues = of_bodies
        .chain([(body, own)])
        .filter(|(_, of)| !of.is_empty());
    let Some((of, all)) = analogues.next() else {
        let reading = Reading {
            applied: None,
            others: Vec::new(),
            of: None,
        };
        return (Vec::new(), reading);
    };
    if reading == Some(TEXT_ONLY) {
        let reading = Reading {
            applied: Some(TEXT_ONLY),
            others: vec![BY_ANALOGY],
            of: None,
        };
        return (Vec::new(), reading);
    }
    let reading = Reading {
        applied: Some(BY_ANALOGY),
        others: vec![TEXT_ONLY],
        of: Some(of.clone()),
    };
    let meant = about(&all, function);
    (if meant.is_empty() { all } else { meant }, reading)
}

/// Returns the thresholds of a body.
fn thresholds<'n, 'a>(norms: &'n [InForce<'a>], body: &BodyId) -> Vec<&'n InForce<'a>> {
    let of_body = |norm: &&InForce<'_>| threshold(norm).is_some_and(|rule| rule.body == *body);
    norms.iter().filter(of_body).collect()
}

/// Returns those that list a function; where none does, those that list none.
fn about<'n, 'a>(all: &[&'n InForce<'a>], function: &FunctionId) -> Vec<&'n InForce<'a>> {
    let pick = |test: &dyn Fn(&ThresholdRule) -> bool| -> Vec<&'n InForce<'a>> {
        let picked = all.iter().filter(|norm| threshold(norm).is_some_and(test));
        picked.copied().collect()
    };
    let listing = pick(&|rule| rule.functions.contains(function));
    if listing.is_empty() {
        return pick(&|rule| rule.functions.is_empty());
    }
    listing
}

fn threshold<'a>(norm: &InForce<'a>) -> Option<&'a ThresholdRule> {
    norm.norm.rule.threshold().map(|threshold| threshold.rule())
}
