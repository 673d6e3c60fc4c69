//! The evaluator of conditions: three-valued, and exact (rule 18).
//!
//! Conditions are judged leaf by leaf. Where a leaf is unknown, both its values are tried, the same
//! value everywhere the leaf stands, so that "in a year without an assembly, or in one with" is
//! true and not unknown.
//!
//! Stratum (rule 27): law; reads recorded acts.

use crate::entry::norm::Condition;
use crate::entry::norm::ask::Shape;
use crate::entry::slot::DuesSlot;
use crate::id::position::Position;
use crate::id::{BodyId, Word};
use crate::record::book::{Attributes, Book};
use crate::record::party::PartyRecord;
use crate::record::without::Without;
use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::time::when::Sitting;
use std::collections::BTreeMap;

/// What conditions are judged in.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// The book.
    pub book: &'a Book,
    /// As known when.
    pub known_at: Position,
    /// The day asked about.
    pub day: Day,
    /// What the party is; none where the question is about no party: conditions on parties are then
    /// unknown.
    pub party: Option<&'a Attributes>,
    /// What is recorded of the party; none where the question is about no party.
    pub record: Option<&'a PartyRecord>,
    /// The entries that are left out, as if they were not recorded.
    pub without: Without<'a>,
}

/// Leaves with values tried for them.
pub type Assignment = BTreeMap<Condition, bool>;

/// The most unknown leaves that are tried in all their combinations; beyond, plain three-valued
/// logic answers.
const MOST_LEAVES: usize = 8;

impl Circumstances<'_> {
    /// Judges a condition on its own.
    #[must_use]
    pub fn judge(&self, condition: &Condition) -> Truth {
        Truth::agreed(
            self.assignments([condition])
                .iter()
                .map(|a| self.judge_under(condition, a)),
        )
    }

    /// Judges a condition where some leaves have values.
    #[must_use]
    pub fn judge_under(&self, condition: &Condition, assignment: &Assignment) -> Truth {
        match condition.shape() {
            Shape::All(parts) => parts
                .iter()
                .map(|part| self.judge_under(part, assignment))
                .fold(Truth::Yes, Truth::and),
            Shape::Any(parts) => parts
                .iter()
                .map(|part| self.judge_under(part, assignment))
                .fold(Truth::No, Truth::or),
            Shape::Not(part) => !self.judge_under(part, assignment),
            Shape::Leaf => assignment
                .get(condition)
                .map_or_else(|| self.leaf(condition), |value| Truth::known(*value)),
        }
    }

    /// Returns all ways the unknown leaves of these conditions can turn out; one, empty, if all is
    /// known.
    pub fn assignments<'c>(
        &self,
        conditions: impl IntoIterator<Item = &'c Condition>,
    ) -> Vec<Assignment> {
        let mut unknown = Assignment::new();
        for condition in conditions {
            self.collect_unknown(condition, &mut unknown);
        }
        if unknown.len() > MOST_LEAVES {
            return vec![Assignment::new()];
        }
        let leaves: Vec<Condition> = unknown.into_keys().collect();
        (0..1_u32 << leaves.len())
            .map(|bits| {
                leaves
                    .iter()
                    .enumerate()
                    .map(|(i, leaf)| (leaf.clone(), bits >> i & 1 == 1))
                    .collect()
            })
            .collect()
    }

    fn collect_unknown(&self, condition: &Condition, unknown: &mut Assignment) {
        match condition.shape() {
            Shape::All(parts) | Shape::Any(parts) => {
                for part in parts {
                    self.collect_unknown(part, unknown);
                }
            }
            Shape::Not(part) => self.collect_unknown(part, unknown),
            Shape::Leaf if self.leaf(condition) == Truth::Unknown => {
                unknown.insert(condition.clone(), false);
            }
            Shape::Leaf => {}
        }
    }

    fn leaf(&self, leaf: &Condition) -> Truth {
        let of = |value: Option<&Word>, words: &[Word]| match value {
            Some(value) => Truth::known(words.contains(value)),
            None => Truth::No,
        };
        let unknown = Truth::Unknown;
        match leaf {
            Condition::YearWithoutSession(series) => self.year_without(series),
            Condition::PartyKind(words) => self
                .party
                .map_or(unknown, |party| of(Some(&party.kind), words)),
            Condition::PartyCountry(words) => self
                .party
                .map_or(unknown, |party| of(party.country.as_ref(), words)),
            Condition::PartyRegion(words) => self
                .party
                .and_then(|party| party.region.as_ref())
                .map_or(unknown, |region| Truth::known(words.contains(region))),
            Condition::ParentSuspended(parent) => {
                self.party.map_or(unknown, |_| self.suspended_by(parent))
            }
            // These are no leaves.
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => unknown,
        }
    }

    /// Judges whether the party is recorded as suspended in a parent organisation; an unrecorded
    /// status is none (rule 30).
    fn suspended_by(&self, parent: &Word) -> Truth {
        let slot = DuesSlot::Parent(parent.clone());
        let line = self
            .record
            .map(|record| record.dues_line(self.book, self.known_at, &slot, self.without));
        let Some(Ok(line)) = line else {
            return Truth::No;
        };
        Truth::agreed(line.possible(self.day).map(|value| {
            let suspended = value.and_then(|(event, _)| event.suspended_by_parent());
            Truth::known(suspended == Some(true))
        }))
    }

    /// Judges whether no session of a series is held in the calendar year (rule 20): true if none
    /// is recorded as held or convened in it, unknown if a window reaches into it. A session called
    /// off, or put off to another year, does not count.
    fn year_without(&self, series: &BodyId) -> Truth {
        let year = self.day.year();
        let mut held = Truth::No;
        for session in self.book.convened(series) {
            let days = self.book.session_days(session, self.known_at);
            let Some(Sitting { opening, closing }) = days else {
                continue;
            };
            let touches = opening.earliest.year() <= year && year <= closing.latest.year();
            let certain = opening.latest.year() <= year && year <= closing.earliest.year();
            held = held.or(match (touches, certain) {
                (_, true) => Truth::Yes,
                (true, false) => Truth::Unknown,
                (false, false) => Truth::No,
            });
        }
        !held
    }
}
