//! What a membership brings with it when it passes (rule 12): the record of the party that has it,
//! with the suspensions, waivers and notices that came with it, and their clocks.

use crate::entry::event::Event;
use crate::entry::gathered::dues_slot;
use crate::entry::slot::DuesSlot;
use crate::id::position::Position;
use crate::id::{ClassId, PartyId};
use crate::record::book::Book;
use crate::record::class::ClassValue;
use crate::record::fact::Fact;
use crate::record::number::ClassIx;
use crate::record::party::{Heir, PartyRecord};
use crate::record::passage::{Known, Passage};
use crate::time::day::Day;
use crate::time::timeline::{Flaw, Timeline};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many successions a membership is followed through.
const LONGEST_CHAIN: usize = 32;

type Facts = Vec<Fact<Arc<Event>>>;

/// How a fact lies to a succession.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lies {
    Before,
    /// On the same day, as far as is known.
    Beside,
    After,
}

impl Book {
    /// Returns the party with a number.
    #[must_use]
    pub fn party(&self, ix: u32) -> Option<&PartyId> {
        self.parties.get(ix)
    }

    /// Returns the class that the succession of an entry says results.
    #[must_use]
    pub fn resulting_class(&self, succession: Position) -> Option<ClassIx> {
        self.resulting.get(&succession).copied()
    }
}

impl Known<'_> {
    /// Returns the record of a party as the membership that it may have on a day brought it. Where
    /// that passed to a party that had none, what was said of suspensions, waivers and notices
    /// under the names it stood under before is in it; else it is the record itself.
    #[must_use]
    pub fn as_member<'r>(&self, record: &'r PartyRecord, day: Day) -> Cow<'r, PartyRecord> {
        if record.kin().is_none() || !record.line().is_empty() {
            return Cow::Borrowed(record);
        }
        let Ok(line) = self.class_line(record) else {
            return Cow::Borrowed(record);
        };
        let gone = |passage: &Passage| {
            let undone = passage.until.is_some_and(|until| until.latest <= day);
            passage.on.latest <= day && !undone
        };
        let own = self.left(record, &gone);
        let step = line.last_steps(day).flatten().max();
        let found = step.and_then(|step| self.inherited(&own, &line, step, LONGEST_CHAIN));
        found.map_or(own, Cow::Owned)
    }

    /// Returns the record of a party without what went with a membership that it passed on.
    fn left<'r>(
        &self,
        record: &'r PartyRecord,
        gone: &dyn Fn(&Passage) -> bool,
    ) -> Cow<'r, PartyRecord> {
        let passages = self.passages(record).into_iter();
        let out = passages.filter(|passage| {
            passage.membership && Some(&passage.from) == record.kin() && gone(passage)
        });
        let last = out.max_by_key(|passage| (passage.on, passage.order));
        let (Some(last), Some(me)) = (last, record.kin()) else {
            return Cow::Borrowed(record);
        };
        let facts = record.dues_facts().iter();
        let stays = facts.filter(|fact| {
            let passes = dues_slot(&fact.value).is_some_and(|slot| slot.passes(true));
            !passes || self.lies(fact, &last) == Lies::After
        });
        let (party, by) = (me.clone(), None);
        Cow::Owned(record.inherited(stays.cloned().collect(), vec![Heir { party, by }]))
    }

    fn class_line(&self, record: &PartyRecord) -> Result<Timeline<ClassValue>, Vec<Flaw>> {
        let facts = record.class_facts();
        self.book.lay_without(facts, self.known_at, self.without)
    }

    /// Returns the succession by which the membership that stands after a step came to a party that
    /// had none.
    #[must_use]
    pub fn came_by(
        &self,
        record: &PartyRecord,
        line: &Timeline<ClassValue>,
        step: usize,
    ) -> Option<Passage> {
        let standing = |step: usize| {
            let step = line.standing_after(step)?;
            let (value, _) = line.value_after(Some(step))?;
            value.stands().then_some(step)
        };
        let mut first = standing(step)?;
        while let Some(earlier) = first.checked_sub(1).and_then(standing) {
            first = earlier;
        }
        let (ClassValue::PassedFrom(_), by) = line.value_after(Some(first))? else {
            return None;
        };
        let mut passages = self.passages(record).into_iter();
        passages.find(|passage| passage.membership && passage.position == by)
    }

    /// Returns the classes of the two parties of a succession just before it, by the recorded acts,
    /// where both certainly have one, the two differ and nothing says which results.
    #[must_use]
    pub fn two_classes(&self, passage: &Passage) -> Option<(&ClassId, &ClassId)> {
        let class = |party: &PartyId| {
            let record = (self.read)(party)?;
            let born = record.registration(self.known_at)?;
            let born = self.book.window(born.at, self.known_at)?;
            if passage.on.earliest < born.latest {
                return None;
            }
            self.class_before(&record, passage.position, LONGEST_CHAIN)
        };
        let (one, other) = (class(&passage.from)?, class(&passage.to)?);
        if one == other || passage.class.is_some() {
            return None;
        }
        Some((self.book.class(one)?, self.book.class(other)?))
    }

    /// Returns the class that stands before the step of an entry, by the recorded acts.
    fn class_before(&self, record: &PartyRecord, by: Position, chain: usize) -> Option<ClassIx> {
        let line = self.class_line(record).ok()?;
        let step = line.steps().iter().position(|step| step.position == by)?;
        match line.value_after(Some(step.checked_sub(1)?))? {
            (ClassValue::Ended(_), _) => None,
            (ClassValue::Taken { class, .. }, _) => Some(*class),
            (ClassValue::PassedFrom(party), by) => {
                let from = (self.read)(self.book.party(*party)?)?;
                let passed = self.class_before(&from, by, chain.checked_sub(1)?)?;
                Some(self.book.resulting_class(by).unwrap_or(passed))
            }
        }
    }

    fn inherited(
        &self,
        record: &PartyRecord,
        line: &Timeline<ClassValue>,
        step: usize,
        chain: usize,
    ) -> Option<PartyRecord> {
        let me = record.kin()?;
        let passage = self.came_by(record, line, step)?;
        let from = (self.read)(&passage.from)?;
        let before = self.before(&from, &passage, chain.checked_sub(1)?);
        let dues = self.merged(record, &before, &passage);
        let mut heirs = Vec::new();
        if passage.accounts {
            heirs.extend(before.line().iter().cloned());
            if heirs.is_empty() {
                let party = passage.from.clone();
                heirs.push(Heir { party, by: None });
            }
        }
        let by = passage.accounts.then_some(passage.position);
        let party = me.clone();
        heirs.push(Heir { party, by });
        Some(record.inherited(dues, heirs))
    }

    /// Returns the record of a predecessor as its membership had brought it when it passed on.
    #[must_use]
    pub fn at_passing<'r>(&self, from: &'r PartyRecord, passage: &Passage) -> Cow<'r, PartyRecord> {
        self.before(from, passage, LONGEST_CHAIN)
    }

    fn before<'r>(
        &self,
        from: &'r PartyRecord,
        passage: &Passage,
        chain: usize,
    ) -> Cow<'r, PartyRecord> {
        let gone = |other: &Passage| {
            let undone = other
                .until
                .is_some_and(|until| until.latest <= passage.on.earliest);
            (other.on, other.order) < (passage.on, passage.order) && !undone
        };
        let own = self.left(from, &gone);
        let found = self.class_line(from).ok().and_then(|line| {
            let mut steps = line.steps().iter();
            let passed = steps.position(|step| step.position == passage.position)?;
            self.inherited(&own, &line, passed.checked_sub(1)?, chain)
        });
        found.map_or(own, Cow::Owned)
    }

    /// Returns what is said of the money of a party, with what came with the membership. What came
    /// takes the place of what was said of the same before.
    fn merged(&self, record: &PartyRecord, before: &PartyRecord, passage: &Passage) -> Facts {
        let facts = before.dues_facts().iter();
        let came = facts.filter(|fact| self.stands(fact)).filter(|fact| {
            let passes = dues_slot(&fact.value).is_some_and(|slot| slot.passes(passage.accounts));
            passes && self.lies(fact, passage) != Lies::After
        });
        let mut merged: Facts = came.cloned().collect();
        let slots: BTreeSet<DuesSlot> = merged
            .iter()
            .filter_map(|fact| dues_slot(&fact.value))
            .filter(DuesSlot::is_timeline)
            .collect();
        let last = merged.iter().map(|fact| fact.order).max().unwrap_or(0);
        for fact in record.dues_facts() {
            let came = dues_slot(&fact.value).is_some_and(|slot| slots.contains(&slot));
            let lies = self.lies(fact, passage);
            if came && lies == Lies::Before {
                continue;
            }
            let mut fact = fact.clone();
            // What is said of one day under both names happened under the first first.
            if came && lies == Lies::Beside {
                fact.order = fact.order.saturating_add(last).saturating_add(1);
            }
            merged.push(fact);
        }
        merged.sort_by_key(|fact| fact.position);
        merged
    }

    fn lies(&self, fact: &Fact<Arc<Event>>, passage: &Passage) -> Lies {
        let Some(window) = self.book.window(fact.at, self.known_at) else {
            return Lies::Beside;
        };
        if window.overlaps(passage.on) {
            return match fact.order.cmp(&passage.order) {
                std::cmp::Ordering::Less => Lies::Before,
                std::cmp::Ordering::Equal => Lies::Beside,
                std::cmp::Ordering::Greater => Lies::After,
            };
        }
        if window.latest < passage.on.earliest {
            Lies::Before
        } else {
            Lies::After
        }
    }
}

impl DuesSlot {
    /// Returns whether what is said of it passes with a membership; of dues only with the account,
    /// of a parent organisation never (rule 12).
    #[must_use]
    pub fn passes(&self, with_account: bool) -> bool {
        match self {
            Self::Suspension(_) => true,
            Self::Waiver(_) | Self::Notices(_) => with_account,
            Self::Assessment(..)
            | Self::Payments(_)
            | Self::WriteOffs(..)
            | Self::Plan(_)
            | Self::Parent(_)
            | Self::Passed => false,
        }
    }
}
