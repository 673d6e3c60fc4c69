//! Computed changes of rights: how every right of a party is answered on every day, and what is
//! answered otherwise after a batch, or after the start of a day.
//!
//! Stratum (rule 27): rights; reads questions, recorded acts, law, losses and endings.

pub mod ahead;

use crate::answers::question::Asked;
use crate::answers::roll::Standing;
use crate::answers::view::{Parties, View};
use crate::entry::reach::{Reach, Touch};
use crate::id::{BodyId, ClassId, PartyId, RightId};
use crate::record::class::ClassValue;
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::steps::Steps;
use crate::time::timeline::Timeline;
use crate::time::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};

/// A right in a body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RightIn {
    /// The right.
    pub right: RightId,
    /// The body; none is in any.
    pub body: Option<BodyId>,
}

/// The days from which an answer is another, ascending, the first of them [`Day::MIN`].
type Line = Steps<Truth>;

/// How every right of a party is answered on every day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Laid {
    lines: BTreeMap<RightIn, Line>,
}

/// What is answered about a party at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// The classes that it may have; none where it may have none.
    pub classes: BTreeSet<Option<ClassId>>,
    /// Every right that it holds, or may hold, in any body and in each; the others it does not.
    pub rights: BTreeMap<RightIn, Truth>,
}

impl Held {
    /// Returns the answers that are others than in `before`: the right, the bodies, the answer
    /// before and now, by right.
    #[must_use]
    pub fn otherwise(&self, before: &Self) -> Vec<Otherwise> {
        let answer = |held: &Self, key: &RightIn| *held.rights.get(key).unwrap_or(&Truth::No);
        let keys: BTreeSet<&RightIn> = before.rights.keys().chain(self.rights.keys()).collect();
        let mut found: BTreeMap<(&RightId, Truth, Truth), Vec<Option<BodyId>>> = BTreeMap::new();
        for key in keys {
            let (was, is) = (answer(before, key), answer(self, key));
            if was != is {
                let bodies = found.entry((&key.right, was, is)).or_default();
                bodies.push(key.body.clone());
            }
        }
        let found = found.into_iter();
        found
            .map(|((right, before, after), bodies)| Otherwise {
                right: right.clone(),
                bodies,
                before,
                after,
            })
            .collect()
    }
}

/// A right that is answered otherwise in the same way in some bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otherwise {
    /// The right.
    pub right: RightId,
    /// The bodies, in order; none is a question that leaves the body out.
    pub bodies: Vec<Option<BodyId>>,
    /// The answer before.
    pub before: Truth,
    /// The answer now.
    pub after: Truth,
}

/// Why an answer changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Something was recorded, and takes effect by the day.
    Recorded,
    /// Something was recorded, and takes effect later.
    Scheduled,
    /// The past is restated.
    Corrected,
    /// The law, its vocabulary, or a session on which law or rights hang, changed for everybody.
    LawChanged,
    /// A version of the rule semantics was adopted.
    RulesChanged,
    /// A day began on which the answer is another than the day before.
    PassageOfTime,
}

/// A stretch of days on which a party's right is answered otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightChange {
    /// The party.
    pub party: PartyId,
    /// The right.
    pub right: RightId,
    /// The bodies, in order; none is a question that leaves the body out.
    pub bodies: Vec<Option<BodyId>>,
    /// The answer before; not held also where party, right or body was not known.
    pub before: Truth,
    /// The answer from now on.
    pub after: Truth,
    /// The first day of the stretch.
    pub start: Day,
    /// The day after its last; none is open.
    pub end: Option<Day>,
    /// Why.
    pub cause: Cause,
}

impl Laid {
    /// Returns the answer on a day; not held where right or body is not known.
    #[must_use]
    pub fn on(&self, right: &RightIn, day: Day) -> Truth {
        self.lines
            .get(right)
            .map_or(Truth::No, |line| at(line, day))
    }

    /// Returns the days on which some answer is another than the day before, ascending.
    #[must_use]
    pub fn days(&self) -> BTreeSet<Day> {
        let days = self.lines.values().flat_map(Line::days);
        days.filter(|day| *day > Day::MIN).collect()
    }

    /// Returns the stretches on which answers differ from those of `before`, by right and start.
    #[must_use]
    pub fn since(
        &self,
        before: &Self,
        party: &PartyId,
        cause: &dyn Fn(Day, Option<Day>) -> Cause,
    ) -> Vec<RightChange> {
        let nothing = Line::default();
        let rights: BTreeSet<&RightIn> = before.lines.keys().chain(self.lines.keys()).collect();
        let mut found = Differing::new();
        for key in rights {
            let [old, new] = [before, self].map(|laid| laid.lines.get(key).unwrap_or(&nothing));
            for stretch in differences(old, new) {
                let of_right = found.entry((&key.right, stretch)).or_default();
                of_right.push(key.body.clone());
            }
        }
        changes(party, found, cause)
    }

    /// Returns the answers that are others on a day than the day before, and until when they hold.
    #[must_use]
    pub fn at_start_of(&self, day: Day, party: &PartyId) -> Vec<RightChange> {
        let mut found = Differing::new();
        for (key, line) in &self.lines {
            let stretch = Stretch {
                start: day,
                end: line.after(day).map(|(from, _)| *from),
                before: at(line, day.previous()),
                after: at(line, day),
            };
            if stretch.before != stretch.after {
                let of_right = found.entry((&key.right, stretch)).or_default();
                of_right.push(key.body.clone());
            }
        }
        changes(party, found, &|_, _| Cause::PassageOfTime)
    }
}

/// Days in a row on which an answer is another than before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stretch {
    /// The first day.
    start: Day,
    /// The day after the last; none is open.
    end: Option<Day>,
    /// The answer before.
    before: Truth,
    /// The answer now.
    after: Truth,
}

/// The bodies in which the answer about a right differs in the same way, by right and stretch.
type Differing<'a> = BTreeMap<(&'a RightId, Stretch), Vec<Option<BodyId>>>;

fn changes(
    party: &PartyId,
    found: Differing<'_>,
    cause: &dyn Fn(Day, Option<Day>) -> Cause,
) -> Vec<RightChange> {
    let changes = found.into_iter();
    let changes = changes.map(|((right, stretch), bodies)| RightChange {
        party: party.clone(),
        right: right.clone(),
        bodies,
        before: stretch.before,
        after: stretch.after,
        start: stretch.start,
        end: stretch.end,
        cause: cause(stretch.start, stretch.end),
    });
    changes.collect()
}

fn at(line: &Line, day: Day) -> Truth {
    line.at(day).copied().unwrap_or(Truth::No)
}

/// Returns the stretches on which two lines differ, each with one answer before and one after.
fn differences(old: &Line, new: &Line) -> Vec<Stretch> {
    if old == new {
        return Vec::new();
    }
    let days: BTreeSet<Day> = old.days().chain(new.days()).collect();
    let mut found: Vec<Stretch> = Vec::new();
    let mut open: Option<Stretch> = None;
    for day in days {
        let (before, after) = (at(old, day), at(new, day));
        if let Some(stretch) = open {
            if (stretch.before, stretch.after) == (before, after) {
                continue;
            }
            found.push(Stretch {
                end: Some(day),
                ..stretch
            });
        }
        open = (before != after).then_some(Stretch {
            start: day,
            end: None,
            before,
            after,
        });
    }
    found.extend(open);
    found
}

/// Returns why a party's answers are others on a stretch of days, given how a batch that was
/// recorded on `today` reaches it.
fn cause(touch: Touch, rules: bool, today: Day, start: Day, end: Option<Day>) -> Cause {
    if rules {
        Cause::RulesChanged
    } else if touch.restates {
        Cause::Corrected
    } else if !touch.directly {
        Cause::LawChanged
    } else if start > today {
        Cause::Scheduled
    } else if end.is_some_and(|end| end <= today) {
        Cause::Corrected
    } else {
        Cause::Recorded
    }
}

impl<P: Parties> View<'_, P> {
    /// Returns what a batch changes of the rights of a registered party: how its answers differ
    /// from those of `before`, the same ledger as known before the batch, which was recorded on
    /// `today`.
    #[must_use]
    pub fn changed_since(
        &self,
        before: &Self,
        party: &PartyId,
        record: &PartyRecord,
        reach: &Reach,
        today: Day,
    ) -> Vec<RightChange> {
        let Some(touch) = reach.of(party) else {
            return Vec::new();
        };
        let plain = record.plain_class(today, self.known_at).is_ok();
        if plain && !touch.directly && self.law.moves_as(before.law, reach.sessions) {
            return Vec::new();
        }
        let lay = |view: &Self| match record.registration(view.known_at) {
            Some(_) => view.lay_rights(record),
            None => Laid::default(),
        };
        let why = |start, end| cause(touch, reach.rules, today, start, end);
        lay(self).since(&lay(before), party, &why)
    }

    /// Returns what the start of a day changes of the rights of a registered party.
    #[must_use]
    pub fn changed_on(&self, day: Day, party: &PartyId, record: &PartyRecord) -> Vec<RightChange> {
        if self.may_turn(record, day) && self.is_turned(record, day) {
            self.lay_rights(record).at_start_of(day, party)
        } else {
            Vec::new()
        }
    }

    /// Returns what is answered about a party at the end of a day: its classes, and every right of
    /// the vocabulary in any body and in each.
    #[must_use]
    pub fn held_on(&self, record: &PartyRecord, day: Day) -> Held {
        let standings = self.classes(record, day);
        let class = |standing: &Standing| Some(self.book.class(standing.class?)?.clone());
        let classes = standings.iter().map(class).collect();
        let bodies = self.bodies();
        let mut rights = BTreeMap::new();
        for right in self.law.rights() {
            let answers = self.answers(right, &bodies, record, &standings, day);
            for (body, answer) in bodies.iter().zip(answers) {
                if answer != Truth::No {
                    let (right, body) = (right.clone(), body.cloned());
                    rights.insert(RightIn { right, body }, answer);
                }
            }
        }
        Held { classes, rights }
    }

    /// Lays out how every right of a party is answered on every day, in any body and in each of the
    /// vocabulary.
    #[must_use]
    pub fn lay_rights(&self, record: &PartyRecord) -> Laid {
        let line = self.class_line(record).ok();
        let fixed = self.fixed_days(record, line.as_ref());
        let with_money = !record.dues_facts().is_empty();
        let mut by_year = fixed.clone();
        // There are many sessions: they are gone through only for what hangs on them.
        if with_money || self.law.has_conditional_rights() {
            let years = self.years_of_sessions();
            if with_money {
                by_year.extend(self.dues_days(record, &years));
            }
            by_year.extend(years);
        }
        let bodies = self.bodies();
        let mut standings: BTreeMap<Day, Vec<Standing>> = BTreeMap::new();
        let mut laid = Laid::default();
        let never = Line::from_iter([(Day::MIN, Truth::No)]);
        for right in self.law.rights() {
            let moved = with_money || self.law.is_conditional(right);
            let mut lines = vec![Line::default(); bodies.len()];
            for day in if moved { &by_year } else { &fixed } {
                let known = standings.entry(*day);
                let known = known.or_insert_with(|| self.standings(record, line.as_ref(), *day));
                let answers = self.answers(right, &bodies, record, known, *day);
                for (line, answer) in lines.iter_mut().zip(answers) {
                    if line.last() != Some(&answer) {
                        line.push(*day, answer);
                    }
                }
            }
            for (body, line) in bodies.iter().zip(lines) {
                if line != never {
                    let (right, body) = (right.clone(), body.cloned());
                    laid.lines.insert(RightIn { right, body }, line);
                }
            }
        }
        laid
    }

    /// Returns the classes a party may have on a day, given the timeline of its class.
    fn standings(
        &self,
        record: &PartyRecord,
        line: Option<&Timeline<ClassValue>>,
        day: Day,
    ) -> Vec<Standing> {
        match (record.plain_class(day, self.known_at), line) {
            (Ok(class), _) => {
                let position = None;
                vec![Standing { class, position }]
            }
            (Err(_), Some(line)) => self.classes_along(record, line, day),
            (Err(_), None) => Vec::new(),
        }
    }

    /// Returns the bodies that a right is asked about: any, and each of the vocabulary.
    fn bodies(&self) -> Vec<Option<&BodyId>> {
        let bodies = self.law.bodies().map(Some);
        std::iter::once(None).chain(bodies).collect()
    }

    /// Answers whether a party holds a right, in each of the bodies.
    fn answers(
        &self,
        right: &RightId,
        bodies: &[Option<&BodyId>],
        record: &PartyRecord,
        standings: &[Standing],
        day: Day,
    ) -> Vec<Truth> {
        let takings = self.takings(record, right, day);
        let answers = bodies.iter().map(|body| {
            let asked = Asked { right, body: *body };
            self.verdict_against(asked, record, standings, day, &takings)
        });
        answers.collect()
    }

    /// Returns whether some answer for a party is another on a day than the day before.
    fn is_turned(&self, record: &PartyRecord, day: Day) -> bool {
        let days = [day.previous(), day];
        let standings = days.map(|day| self.classes(record, day));
        let bodies = self.bodies();
        self.law.rights().any(|right| {
            let [before, now] =
                [0, 1].map(|i| self.answers(right, &bodies, record, &standings[i], days[i]));
            before != now
        })
    }

    /// Returns whether an answer for a party may be another on a day than the day before.
    fn may_turn(&self, record: &PartyRecord, day: Day) -> bool {
        let [before, now] = [day.previous(), day].map(|day| record.plain_class(day, self.known_at));
        let plain = before.is_ok() && before == now;
        let new_year = Day::first_of_year(day.year()) == day;
        !plain || self.law.changes_on(day) || (new_year && self.law.has_conditional_rights())
    }

    /// Returns the days on which the law, or the class of a party, may be another than the day
    /// before, given the timeline of its class.
    fn fixed_days(
        &self,
        record: &PartyRecord,
        line: Option<&Timeline<ClassValue>>,
    ) -> BTreeSet<Day> {
        let mut days = self.law.change_days();
        days.insert(Day::MIN);
        let birth = self.birth(record);
        days.extend([birth.earliest, birth.latest]);
        let steps = line.into_iter().flat_map(Timeline::steps);
        days.extend(steps.flat_map(|step| [step.window.earliest, step.window.latest]));
        days
    }
}
