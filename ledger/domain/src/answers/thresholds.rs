//! Which thresholds apply to a function of a body, and whether those that apply are met together
//! (rules 24 and 25).
//!
//! What the record leaves open is tried in every way: which version of an article was in force, and
//! how an unknown condition turns out. The ways are not written out: of each article it is enough
//! to know what its versions can do to the outcome, so the work grows with the norms alone.
//!
//! Stratum (rule 27): rights; reads recorded acts, law.

use crate::answers::view::{Parties, View};
use crate::entry::event::ArticleEnacted;
use crate::entry::norm::ask::Threshold;
use crate::entry::norm::{Condition, CountedOf, Norm, Support, ThresholdRule};
use crate::id::position::Position;
use crate::id::{ArticleRef, BodyId, FunctionId};
use crate::law::ArticleLine;
use crate::law::condition::{Assignment, Circumstances};
use crate::time::day::Day;
use crate::time::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};

/// The reading that applies the thresholds of a body that hands functions to this one, where the
/// law sets none for it.
pub const BY_ANALOGY: &str = "by-analogy";

/// The reading that applies what the law says of the body itself, and nothing else.
pub const TEXT_ONLY: &str = "text-only";

/// Where the thresholds that are applied come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Its name: [`BY_ANALOGY`] or [`TEXT_ONLY`]; none where the law speaks of the body itself and
    /// nothing is to be read into it.
    pub applied: Option<&'static str>,
    /// The names of those that could be applied instead.
    pub others: Vec<&'static str>,
    /// The body whose thresholds are applied.
    pub of: Option<BodyId>,
}

/// A norm that sets a threshold, and may be in force.
#[derive(Clone)]
pub(super) struct Candidate<'a> {
    /// The article that carries it.
    pub article: &'a ArticleRef,
    /// The first version that carries it.
    pub version: &'a ArticleEnacted,
    /// The entry of that version.
    pub position: Position,
    /// The norm.
    pub norm: &'a Norm,
    /// Of what it is a threshold.
    pub threshold: Threshold<'a>,
    /// Which of the versions that may be in force carry it.
    carried: Vec<bool>,
}

/// The thresholds that apply to a function, and how that is read.
pub(super) struct Applicable<'a> {
    /// How it is read.
    pub reading: Reading,
    /// Sets of thresholds; where there are several, one of them applies and nobody says which.
    sets: Vec<Vec<Candidate<'a>>>,
    /// The function, where thresholds that list it come before those that list none.
    function: Option<FunctionId>,
}

/// A threshold that is applied, in some way in which the record can be read at least.
pub(super) struct Applied<'c, 'a> {
    /// The norm.
    pub candidate: &'c Candidate<'a>,
    /// Whether it is met where it applies.
    pub met: Truth,
    /// Whether it applies.
    pub applies: Truth,
}

/// What is applied of one kind of threshold.
pub(super) struct Outcome<'c, 'a> {
    /// The thresholds, by article.
    pub applied: Vec<Applied<'c, 'a>>,
    /// Whether they are met; unknown where none is set.
    pub met: Truth,
}

/// A threshold among those of its kind, as it is weighed.
struct Member<'c, 'a> {
    candidate: &'c Candidate<'a>,
    /// Whether it comes before those that list no function.
    first: bool,
    met: Truth,
}

/// What the versions of one article can do to the outcome.
#[derive(Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is asked by itself, and several are so at once"
)]
struct Ways {
    /// Nothing of it need come first.
    silent: bool,
    /// Something of it that comes first may not be met.
    first_unmet: bool,
    /// Nothing of it comes first, and something else of it may not be met.
    silent_unmet: bool,
    /// Nothing of it that has to come first is missed.
    avoids: bool,
    /// The same, and something of it comes first that is not missed.
    leads: bool,
    /// Nothing of it comes first, and nothing else of it that has to apply is missed.
    passes: bool,
}

impl Applied<'_, '_> {
    /// Returns whether it is shown to be met, or missed: what may not apply is kept in any case if
    /// it is met.
    pub(super) fn shown(&self) -> Truth {
        match (self.applies, self.met) {
            (Truth::Yes, met) => met,
            (_, Truth::Yes) => Truth::Yes,
            (_, Truth::No | Truth::Unknown) => Truth::Unknown,
        }
    }

    /// Returns what is not modelled of it, as a part of a sentence; empty if nothing is.
    pub(super) fn not_modelled(&self) -> String {
        let norm = self.candidate.norm;
        let counted = match self.candidate.rule().counted_of {
            CountedOf::NotModelled if !norm.note.is_empty() => {
                format!("; not modelled: {}", norm.note)
            }
            CountedOf::NotModelled | CountedOf::Entitled | CountedOf::Present => String::new(),
        };
        match self.applies {
            Truth::Unknown => counted + &norm.condition.told_not_modelled(),
            Truth::Yes | Truth::No => counted,
        }
    }
}

impl<'a> Candidate<'a> {
    fn rule(&self) -> &'a ThresholdRule {
        self.threshold.rule()
    }

    /// Returns whether its article carries it as nobody doubts.
    fn certain(&self) -> Truth {
        let carried = self.carried.iter().map(|carried| Truth::known(*carried));
        Truth::agreed(carried)
    }

    fn lists(&self, function: &FunctionId) -> bool {
        self.rule().functions.contains(function)
    }
}

impl<P: Parties> View<'_, P> {
    /// Returns the thresholds that apply to a function of a body on a day, and how that is read
    /// (rule 25). Where the law sets none for it, those of a body that hands functions to this one
    /// are read into it, else those the body has for other functions: where they list the function,
    /// these; otherwise all, for nobody says which. What applies under no condition that may hold
    /// is none.
    pub(super) fn applicable(
        &self,
        body: &BodyId,
        function: &FunctionId,
        day: Day,
        reading: Option<&str>,
    ) -> Applicable<'_> {
        let own = self.thresholds(body, day);
        let meant = about(&own, function);
        if !meant.is_empty() {
            return Applicable {
                reading: Reading {
                    of: Some(body.clone()),
                    ..Reading::default()
                },
                sets: vec![meant],
                function: Some(function.clone()),
            };
        }
        let norms = self.law.in_force(day);
        let handing = norms.iter().filter_map(|norm| {
            let rule = norm.norm.rule.delegation()?;
            (rule.to == *body).then_some(&rule.from)
        });
        let bodies: BTreeSet<&BodyId> = handing.collect();
        let of_bodies = bodies.into_iter().map(|of| (of, self.thresholds(of, day)));
        let mut analogues = of_bodies
            .chain([(body, own)])
            .filter(|(_, of)| !of.is_empty());
        let Some((of, all)) = analogues.next() else {
            return Applicable::none(Reading::default());
        };
        if reading == Some(TEXT_ONLY) {
            return Applicable::none(Reading {
                applied: Some(TEXT_ONLY),
                others: vec![BY_ANALOGY],
                of: None,
            });
        }
        let reading = Reading {
            applied: Some(BY_ANALOGY),
            others: vec![TEXT_ONLY],
            of: Some(of.clone()),
        };
        let meant = about(&all, function);
        if !meant.is_empty() {
            return Applicable {
                reading,
                sets: vec![meant],
                function: Some(function.clone()),
            };
        }
        let mut sets: BTreeMap<&[FunctionId], Vec<Candidate<'_>>> = BTreeMap::new();
        for candidate in &all {
            let of = sets.entry(&candidate.rule().functions).or_default();
            of.push(candidate.clone());
        }
        Applicable {
            reading,
            sets: sets.into_values().collect(),
            function: None,
        }
    }

    /// Returns the quorums of a body that may apply on a day, by article, each with whether it does
    /// as far as the record and its own condition go.
    pub(super) fn quorums_set(&self, body: &BodyId, day: Day) -> Vec<(Candidate<'_>, Truth)> {
        let now = self.lawful(day);
        let mut set = self.thresholds(body, day);
        set.retain(|candidate| matches!(candidate.threshold, Threshold::Quorum(_)));
        let each = set.into_iter().map(|candidate| {
            let known = match candidate.norm.support {
                Support::Text | Support::Attested | Support::Presumed => Truth::Yes,
                Support::Unknown => Truth::Unknown,
            };
            let judged = now.judge(&candidate.norm.condition);
            let applies = candidate.certain().and(known).and(judged);
            (candidate, applies)
        });
        each.collect()
    }

    /// Returns the thresholds of a body that may apply on a day, by article.
    fn thresholds(&self, body: &BodyId, day: Day) -> Vec<Candidate<'_>> {
        let now = self.lawful(day);
        let of_body = |norm: &Norm| {
            let rule = norm.rule.threshold().map(|threshold| threshold.rule());
            rule.is_some_and(|rule| rule.body == *body)
        };
        let articles = self.law.articles().iter();
        let articles = articles.filter(|line| line.norms().any(of_body));
        let mut found = articles.flat_map(|line| candidates(line, day, &of_body));
        let mut all: Vec<Candidate<'_>> = found.by_ref().collect();
        all.retain(|candidate| now.judge(&candidate.norm.condition) != Truth::No);
        all
    }
}

/// Returns the norms of an article that a test picks and that set a threshold, each once.
fn candidates<'a>(
    line: &'a ArticleLine,
    day: Day,
    test: &dyn Fn(&Norm) -> bool,
) -> Vec<Candidate<'a>> {
    let versions: Vec<_> = line.versions(day).collect();
    let mut found: Vec<Candidate<'a>> = Vec::new();
    for (version, position) in versions.iter().flatten() {
        for norm in version.norms.iter().filter(|norm| test(norm)) {
            let seen = found.iter().any(|other| other.norm == norm);
            let Some(threshold) = norm.rule.threshold().filter(|_| !seen) else {
                continue;
            };
            let carries = |(other, _): &(&ArticleEnacted, Position)| other.norms.contains(norm);
            found.push(Candidate {
                article: &line.article,
                version,
                position: *position,
                norm,
                threshold,
                carried: versions
                    .iter()
                    .map(|version| version.as_ref().is_some_and(carries))
                    .collect(),
            });
        }
    }
    found
}

/// Returns those that list a function or none.
fn about<'a>(all: &[Candidate<'a>], function: &FunctionId) -> Vec<Candidate<'a>> {
    let meant = all
        .iter()
        .filter(|one| one.lists(function) || one.rule().functions.is_empty());
    meant.cloned().collect()
}

impl<'a> Applicable<'a> {
    fn none(reading: Reading) -> Self {
        Self {
            reading,
            sets: Vec::new(),
            function: None,
        }
    }

    /// Returns what applies of the thresholds that `of_kind` picks, and whether that is met, given
    /// whether each is met where it applies. The thresholds of one set are to be met together; sets
    /// among which nobody chooses have to agree.
    pub(super) fn outcome<'c>(
        &'c self,
        now: &Circumstances<'_>,
        of_kind: impl Fn(&Threshold<'_>) -> bool,
        met: impl Fn(&Candidate<'a>) -> Truth,
    ) -> Outcome<'c, 'a> {
        let mut applied = Vec::new();
        let mut outcomes = Vec::new();
        for set in &self.sets {
            let members: Vec<Member<'c, 'a>> = set
                .iter()
                .filter(|candidate| of_kind(&candidate.threshold))
                .map(|candidate| Member {
                    candidate,
                    first: self.first(candidate),
                    met: match candidate.norm.support {
                        Support::Text | Support::Attested | Support::Presumed => met(candidate),
                        // Nobody knows how it reads.
                        Support::Unknown => Truth::Unknown,
                    },
                })
                .collect();
            if !members.is_empty() {
                outcomes.push(together(now, members, &mut applied));
            }
        }
        let met = if outcomes.is_empty() {
            Truth::Unknown
        } else {
            Truth::agreed(outcomes)
        };
        applied.sort_by_key(|one: &Applied<'_, '_>| one.candidate.article);
        Outcome { applied, met }
    }

    fn first(&self, candidate: &Candidate<'_>) -> bool {
        self.function
            .as_ref()
            .is_none_or(|function| candidate.lists(function))
    }
}

/// Returns whether thresholds of one kind are met together, in every way in which they may apply:
/// those that come first, or where none of these applies the rest. Those that apply in some way are
/// added to `applied`.
fn together<'c, 'a>(
    now: &Circumstances<'_>,
    members: Vec<Member<'c, 'a>>,
    applied: &mut Vec<Applied<'c, 'a>>,
) -> Truth {
    let mut articles: Vec<Vec<Member<'c, 'a>>> = Vec::new();
    for member in members {
        match articles.last_mut() {
            Some(last) if last[0].candidate.article == member.candidate.article => {
                last.push(member);
            }
            _ => articles.push(vec![member]),
        }
    }
    let conditions = |article: &'_ Vec<Member<'c, 'a>>| -> Vec<&'a Condition> {
        let conditions = article.iter();
        conditions
            .map(|member| &member.candidate.norm.condition)
            .collect()
    };
    let assignments = now.assignments(articles.iter().flat_map(conditions));
    let mut silent = false;
    let mut met = Vec::with_capacity(assignments.len());
    for assignment in &assignments {
        let ways: Vec<Ways> = articles
            .iter()
            .map(|article| ways(now, article, assignment))
            .collect();
        let all_silent = ways.iter().all(|ways| ways.silent);
        silent |= all_silent;
        let missed = ways.iter().any(|ways| ways.first_unmet)
            || (all_silent && ways.iter().any(|ways| ways.silent_unmet));
        let leads = ways.iter().any(|ways| ways.leads) && ways.iter().all(|ways| ways.avoids);
        let kept = leads || ways.iter().all(|ways| ways.passes);
        met.push(match (missed, kept) {
            (false, _) => Truth::Yes,
            (true, true) => Truth::Unknown,
            (true, false) => Truth::No,
        });
    }
    let some_first = articles.iter().flatten().any(|member| member.first);
    for member in articles.into_iter().flatten() {
        if !member.first && !silent {
            continue;
        }
        let known = match member.candidate.norm.support {
            Support::Text | Support::Attested | Support::Presumed => Truth::Yes,
            Support::Unknown => Truth::Unknown,
        };
        let alone = if member.first || !some_first {
            Truth::Yes
        } else {
            Truth::Unknown
        };
        let in_force = member.candidate.certain().and(known).and(alone);
        applied.push(Applied {
            candidate: member.candidate,
            met: member.met,
            applies: in_force.and(now.judge(&member.candidate.norm.condition)),
        });
    }
    Truth::agreed(met)
}

/// Returns what the versions of an article can do to the outcome, where unknown leaves of
/// conditions have the values of an assignment.
fn ways(now: &Circumstances<'_>, article: &[Member<'_, '_>], assignment: &Assignment) -> Ways {
    let judged: Vec<(&Member<'_, '_>, Truth)> = article
        .iter()
        .map(|member| {
            let condition = &member.candidate.norm.condition;
            (member, now.judge_under(condition, assignment))
        })
        .collect();
    let versions = article.first().map_or(0, |one| one.candidate.carried.len());
    let mut ways = Ways::default();
    for version in 0..versions {
        let apply = judged
            .iter()
            .filter(|(member, applies)| member.candidate.carried[version] && *applies != Truth::No);
        let (first, rest): (Vec<_>, Vec<_>) = apply.partition(|(member, _)| member.first);
        let has_to = |of: &[&(&Member<'_, '_>, Truth)], missed: bool| {
            of.iter().any(|(member, applies)| {
                *applies == Truth::Yes && (!missed || member.met == Truth::No)
            })
        };
        let may_miss = |of: &[&(&Member<'_, '_>, Truth)]| {
            of.iter().any(|(member, _)| member.met != Truth::Yes)
        };
        ways.first_unmet |= may_miss(&first);
        if !has_to(&first, true) {
            ways.avoids = true;
            ways.leads |= first.iter().any(|(member, _)| member.met != Truth::No);
        }
        if !has_to(&first, false) {
            ways.silent = true;
            ways.silent_unmet |= may_miss(&rest);
            ways.passes |= !has_to(&rest, true);
        }
    }
    ways
}
