//! Who belongs: the class of a party on a day, its application, its admission, its names (rules 7,
//! 10, 12).
//!
//! Stratum (rule 27): losses and endings; reads recorded acts, law.

use crate::answers::losses::endings::Begun;
use crate::answers::view::{Parties, View};
use crate::entry::event::{Event, Name, NameKind};
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{ArticleRef, ClassId, PartyId};
use crate::record::class::ClassValue;
use crate::record::number::ClassIx;
use crate::record::party::{ApplicationValue, PartyRecord};
use crate::time::day::Day;
use crate::time::timeline::{Change, Timeline};
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::collections::BTreeSet;

/// How many successions a membership is followed through; longer chains are taken as ended.
const LONGEST_CHAIN: usize = 32;

/// A class a party may have, with the entry it follows from. No class, where it may have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    /// The class; none where it may have none.
    pub class: Option<ClassIx>,
    /// The entry it follows from; none before the first.
    pub position: Option<Position>,
}

/// Days from the first to the last on which something may begin or end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// When it begins.
    pub start: Window,
    /// When it no longer holds: the first day without; none where nothing recorded ends it.
    pub end: Option<Window>,
}

/// A stretch of a party's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassSpan {
    /// The class; none after an end.
    pub class: Option<ClassId>,
    /// When.
    pub span: Span,
    /// The entry that began it; of what arrears ended, the version of the article that ends it.
    pub position: Position,
    /// The entry that annulled that one: from the day on which the stretch ends, or from the start,
    /// and it is then one of no day.
    pub annulled_by: Option<Position>,
    /// Whether and when it ends by arrears before anything that is recorded ends it (rule 27).
    pub arrears: Option<EndByArrears>,
    /// The article by whose policy the stretch before ended; none where an act began this one.
    pub ended_under: Option<ArticleRef>,
}

impl ClassSpan {
    /// Returns whether it never was, as what began it was annulled from the start.
    #[must_use]
    pub fn never_was(&self) -> bool {
        self.annulled_by.is_some() && self.span.end == Some(self.span.start)
    }
}

/// The end of a membership by arrears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndByArrears {
    /// The first day on which it may have ended.
    pub earliest: Day,
    /// The first day on which it certainly has; none where it never is certain.
    pub latest: Option<Day>,
}

impl<P: Parties> View<'_, P> {
    /// Returns the classes a party may have at the end of a day, each once. One where it is
    /// certain.
    #[must_use]
    pub fn classes(&self, record: &PartyRecord, day: Day) -> Vec<Standing> {
        match self.class_line(record) {
            Ok(line) => self.classes_along(record, &line, day),
            Err(_) => Vec::new(),
        }
    }

    /// Returns the same, given the timeline of the class.
    pub(crate) fn classes_along(
        &self,
        record: &PartyRecord,
        line: &Timeline<ClassValue>,
        day: Day,
    ) -> Vec<Standing> {
        let birth = self.birth(record);
        let mut standings: BTreeSet<Standing> = BTreeSet::new();
        if day < birth.latest {
            standings.insert(Standing {
                class: None,
                position: record.registration(self.known_at).map(|fact| fact.position),
            });
        }
        if day >= birth.earliest {
            for step in line.last_steps(day) {
                let standing = self.standing_after(line, step, LONGEST_CHAIN);
                standings.extend(self.unless_ended(record, line, step, standing, day));
            }
        }
        standings.into_iter().collect()
    }

    /// Returns a standing that the record gives, or what arrears have left of it (rule 27).
    fn unless_ended(
        &self,
        record: &PartyRecord,
        line: &Timeline<ClassValue>,
        step: Option<usize>,
        standing: Standing,
        day: Day,
    ) -> Vec<Standing> {
        let none = Standing {
            class: None,
            ..standing
        };
        let step = step.filter(|_| standing.class.is_some() && self.law.ends_memberships());
        let Some(step) = step else {
            return vec![standing];
        };
        let begun = self.begun(record, line, step, LONGEST_CHAIN).into_iter();
        let ended = begun.map(|begun| {
            begun.map_or(Truth::Yes, |begun| {
                self.ended_by_arrears(record, begun, day)
            })
        });
        match Truth::agreed(ended) {
            Truth::No => vec![standing],
            Truth::Yes => vec![none],
            Truth::Unknown => vec![none, standing],
        }
    }

    /// Returns the window of a party's birth as a legal person, before which it holds nothing (rule
    /// 12); the first day of all where none is recorded.
    #[must_use]
    pub fn birth(&self, record: &PartyRecord) -> Window {
        let registration = record.registration(self.known_at);
        let birth = registration.and_then(|fact| self.book.window(fact.at, self.known_at));
        birth.unwrap_or(Window::day(Day::MIN))
    }

    fn standing_after(
        &self,
        line: &Timeline<ClassValue>,
        step: Option<usize>,
        chain: usize,
    ) -> Standing {
        match line.value_after(step) {
            None => Standing {
                class: None,
                position: None,
            },
            Some((ClassValue::Ended(_), position)) => Standing {
                class: None,
                position: Some(position),
            },
            Some((ClassValue::Taken { class, .. }, position)) => Standing {
                class: Some(*class),
                position: Some(position),
            },
            Some((ClassValue::PassedFrom(party), position)) => {
                let class = chain.checked_sub(1).and_then(|chain| {
                    let (_, from, before) = self.before_passing(*party, position)?;
                    let passed = self.standing_after(&from, before, chain).class?;
                    Some(self.book.resulting_class(position).unwrap_or(passed))
                });
                Standing {
                    class,
                    position: Some(position),
                }
            }
        }
    }

    /// Returns a predecessor, its timeline, and the step before the succession at a position.
    pub(crate) fn before_passing(
        &self,
        party: u32,
        position: Position,
    ) -> Option<(PartyRecord, Timeline<ClassValue>, Option<usize>)> {
        let record = self.record(self.book.party(party)?)?;
        let line = self.class_line(&record).ok()?;
        let step = line
            .steps()
            .iter()
            .position(|step| step.position == position)?;
        Some((record, line, step.checked_sub(1)))
    }

    /// Returns since when a party has the class it certainly has on a day, through successions, and
    /// whether it is a founder; none where it has no class, or it is not certain which. Before its
    /// birth it is no member, whatever is recorded, and what it took before it has since then (rule
    /// 12).
    #[must_use]
    pub fn admission(&self, record: &PartyRecord, day: Day) -> Option<(Window, bool)> {
        if day < self.birth(record).latest {
            return None;
        }
        let line = self.class_line(record).ok()?;
        if self.law.ends_memberships() {
            let standings = self.classes(record, day);
            if standings.iter().any(|standing| standing.class.is_none()) {
                return None;
            }
        }
        let mut steps = line.last_steps(day);
        let step = steps.next()?;
        let class = self.standing_after(&line, step, LONGEST_CHAIN).class?;
        if steps.any(|other| self.standing_after(&line, other, LONGEST_CHAIN).class != Some(class))
        {
            return None;
        }
        self.admitted_by(record, &line, step?, LONGEST_CHAIN)
    }

    /// Returns the class that stands after a step.
    pub(super) fn class_after(
        &self,
        line: &Timeline<ClassValue>,
        step: usize,
        chain: usize,
    ) -> Option<ClassIx> {
        self.standing_after(line, Some(step), chain).class
    }

    /// Returns whether a membership certainly begins with a step, as the one before had ended by
    /// arrears.
    pub(crate) fn begins_anew(
        &self,
        record: &PartyRecord,
        line: &Timeline<ClassValue>,
        step: usize,
    ) -> bool {
        let begun = self.begun(record, line, step, LONGEST_CHAIN);
        self.law.ends_memberships() && begun == Begun::from([Some(line.steps()[step].window)])
    }

    /// Returns the history of a party's classes, in order, with the memberships that arrears end.
    /// Spans of no day appear (rule 11).
    #[must_use]
    pub fn class_history(&self, record: &PartyRecord) -> Vec<ClassSpan> {
        let Ok(line) = self.class_line(record) else {
            return Vec::new();
        };
        let days = self.days_of_endings(record);
        let spans = spans(&line, |step| {
            (step, self.standing_after(&line, Some(step), LONGEST_CHAIN))
        });
        let spans = spans.into_iter();
        let history = spans.flat_map(|((step, standing), span, position)| {
            let class = standing.class.and_then(|class| self.book.class(class));
            let told = ClassSpan {
                class: class.cloned(),
                span,
                position,
                annulled_by: self.annulled_by(position),
                arrears: None,
                ended_under: None,
            };
            let ended = |day: &Day| {
                let left = self.unless_ended(record, &line, Some(step), standing, *day);
                left.iter().any(|left| left.class.is_none())
            };
            let certainly = |day: &Day| {
                let left = self.unless_ended(record, &line, Some(step), standing, *day);
                left.iter().all(|left| left.class.is_none())
            };
            let start = span.start.earliest;
            let later = days.range(start.next()..).copied();
            let own = later.take_while(|day| span.end.is_none_or(|end| *day < end.latest));
            let days: Vec<Day> = std::iter::once(start).chain(own).collect();
            let first = |ended: &dyn Fn(&Day) -> bool| {
                let place = days.partition_point(|day| !ended(day));
                days.get(place).copied()
            };
            let end = standing.class.and_then(|_| first(&ended));
            let Some(earliest) = end else {
                return vec![told];
            };
            let latest = first(&certainly);
            self.ended_span(record, told, EndByArrears { earliest, latest })
        });
        let mut history: Vec<ClassSpan> = history.collect();
        history.extend(self.annulled_classes(record));
        history.sort_by_key(|span| span.span.start.earliest);
        history
    }

    /// Returns what is recorded of a party's class and annulled from the start, each as a stretch
    /// of no day.
    fn annulled_classes(&self, record: &PartyRecord) -> Vec<ClassSpan> {
        let facts = record.class_facts().iter();
        let void = facts.filter(|fact| {
            fact.is_known(self.known_at)
                && self
                    .book
                    .is_void(fact.position, fact.annulled, self.known_at)
        });
        let stretches = void.filter_map(|fact| {
            let on = self.book.window(fact.at, self.known_at)?;
            let class = match fact.value {
                ClassValue::Taken { class, .. } => self.book.class(class).cloned(),
                ClassValue::Ended(_) | ClassValue::PassedFrom(_) => None,
            };
            Some(ClassSpan {
                class,
                span: Span {
                    start: on,
                    end: Some(on),
                },
                position: fact.position,
                annulled_by: self.annulled_by(fact.position),
                arrears: None,
                ended_under: None,
            })
        });
        stretches.collect()
    }

    /// Returns a stretch up to its end by arrears, and the one after; what passed on when it had
    /// ended already never begins.
    fn ended_span(
        &self,
        record: &PartyRecord,
        told: ClassSpan,
        arrears: EndByArrears,
    ) -> Vec<ClassSpan> {
        let from_the_start = told.span.start.earliest == arrears.earliest;
        if from_the_start && arrears.latest == Some(arrears.earliest) {
            return vec![ClassSpan {
                class: None,
                ..told
            }];
        }
        let grounds = self.dues_grounds(record, arrears.earliest).into_iter();
        let mut ending =
            grounds.filter(|ground| ground.ends_membership && ground.taken != Truth::No);
        let ground = ending.next();
        let latest = arrears.latest.or(told.span.end.map(|end| end.latest));
        let start = Window {
            earliest: arrears.earliest,
            latest: latest.unwrap_or(Day::MAX),
        };
        let after = ClassSpan {
            class: None,
            span: Span {
                start,
                end: told.span.end,
            },
            position: ground.as_ref().map_or(told.position, |by| by.position),
            annulled_by: None,
            arrears: Some(arrears),
            ended_under: ground.map(|by| by.article),
        };
        let until = ClassSpan {
            arrears: Some(arrears),
            ..told
        };
        vec![until, after]
    }

    /// Returns the classes a party may have an application pending for at the end of a day, with
    /// the entries that filed them; none where there may be none. An application stands beside a
    /// class and ends by admission to the class applied for, by a membership of that class that
    /// passes to the party, by withdrawal or by rejection (rule 10).
    #[must_use]
    pub fn applications(&self, record: &PartyRecord, day: Day) -> Vec<Option<(ClassId, Position)>> {
        let Ok(line) = record.application_line(self.book, self.known_at) else {
            return Vec::new();
        };
        let Ok(classes) = self.class_line(record) else {
            return Vec::new();
        };
        let mut pending = BTreeSet::new();
        for last in line.last_steps(day) {
            let Some((ApplicationValue::Filed(class), position)) = line.value_after(last) else {
                pending.insert(None);
                continue;
            };
            let filed = line.steps().iter().find(|step| step.position == position);
            let filed = filed.map_or(Window::day(Day::MIN), |step| step.window);
            let mut steps = classes.steps().iter().enumerate();
            let granted = steps.find(|(place, step)| {
                step.window.latest >= filed.earliest
                    && matches!(&step.change, Change::Set(value) if value.stands())
                    && classes.standing_after(*place) == Some(*place)
                    && self.class_after(&classes, *place, LONGEST_CHAIN) == Some(*class)
            });
            let granted = granted.map(|(_, step)| step);
            let class = self
                .book
                .class(*class)
                .map(|class| (class.clone(), position));
            match granted {
                Some(step) if step.window.latest <= day => {
                    pending.insert(None);
                }
                Some(step) if step.window.earliest <= day => pending.extend([None, class]),
                _ => {
                    pending.insert(class);
                }
            }
        }
        pending.into_iter().collect()
    }

    /// Returns the names that a party may bear on a day, by kind and language, further names last.
    #[must_use]
    pub fn names(&self, record: &PartyRecord, day: Day) -> Vec<(NameKind, Name)> {
        let mut names = Vec::new();
        for ((kind, language), line) in record.name_lines(self.book, self.known_at) {
            let Ok(line) = line else { continue };
            for (text, _) in line.possible(day).flatten() {
                names.push((
                    kind,
                    Name {
                        language: language.clone(),
                        text: text.to_string(),
                    },
                ));
            }
        }
        for fact in record
            .name_facts()
            .iter()
            .filter(|fact| fact.value.further && fact.is_known(self.known_at))
        {
            let Some(language) = self.book.word(fact.value.language) else {
                continue;
            };
            let name = Name {
                language: language.clone(),
                text: fact.value.text.to_string(),
            };
            names.push((fact.value.kind, name));
        }
        names
    }

    /// Returns the parties that a party followed, and those that follow it, as known at the
    /// position.
    #[must_use]
    pub fn succession(&self, party: &PartyId) -> (Vec<PartyId>, Vec<PartyId>) {
        let others = |slot: &Slot, other: fn(&Event) -> Option<&PartyId>| {
            let facts = self.book.known(slot, self.known_at);
            let set: BTreeSet<PartyId> = facts
                .filter_map(|fact| other(&fact.value).cloned())
                .collect();
            set.into_iter().collect()
        };
        (
            others(&Slot::Predecessors(party.clone()), |event| {
                Some(event.succession()?.from)
            }),
            others(&Slot::Successors(party.clone()), |event| {
                Some(event.succession()?.to)
            }),
        )
    }
}

/// Returns the stretches between the steps of a timeline, in order, with the entry that began each.
pub fn spans<V, T>(line: &Timeline<V>, value: impl Fn(usize) -> T) -> Vec<(T, Span, Position)> {
    let steps = line.steps();
    (0..steps.len())
        .map(|i| {
            let end = steps.get(i + 1).map(|next| next.window);
            (
                value(i),
                Span {
                    start: steps[i].window,
                    end,
                },
                steps[i].position,
            )
        })
        .collect()
}
