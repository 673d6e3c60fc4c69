//! Findings on what does not pass with a membership (rule 12).

use crate::answers::view::Parties;
use crate::audit::{Audit, Code, Finding, Severity};
use crate::dues::account::Placement;
use crate::entry::event::one::Succession;
use crate::entry::gathered::dues_slot;
use crate::entry::policy::DuesPolicy;
use crate::entry::slot::DuesSlot;
use crate::id::PartyId;
use crate::id::position::Position;
use crate::record::party::PartyRecord;
use crate::record::passage::Passage;
use crate::time::day::Day;
use std::collections::BTreeSet;

impl<P: Parties> Audit<'_, P> {
    /// A note lists what stood when a membership passed, and does not go on: where the successor
    /// had a membership of its own, and what hangs on dues where the account stays.
    pub(in crate::audit) fn lapsed_finding(
        &self,
        Succession { from, to, .. }: Succession<'_>,
        position: Position,
    ) -> Option<Finding> {
        let predecessor = self.view.record(from)?;
        let read = |party: &PartyId| self.view.record(party);
        let known = self.view.known(&read);
        let passages = known.passages(&predecessor).into_iter();
        let passage = passages
            .filter(|passage| passage.membership)
            .find(|passage| passage.position == position)?;
        let successor = self.view.record(to)?;
        let line = self.view.class_line(&successor).ok()?;
        let mut steps = line.steps().iter();
        let step = steps.position(|step| step.position == position)?;
        let had_one = step.checked_sub(1).is_some_and(|before| {
            let value = line.value_after(Some(before));
            value.is_some_and(|(value, _)| value.stands())
        });
        let before = known.at_passing(&predecessor, &passage);
        let passes = |slot: &DuesSlot| !had_one && slot.passes(passage.accounts);
        let stood = self.stood(&before, &passage);
        let lapsed: Vec<_> = stood
            .into_iter()
            .filter(|(slot, _)| !passes(slot))
            .collect();
        if lapsed.is_empty() {
            return None;
        }
        let named: Vec<String> = lapsed.iter().map(|(slot, _)| slot.name()).collect();
        let why = if had_one {
            format!("{to} had a membership of its own")
        } else {
            "the account does not pass".to_owned()
        };
        let message = format!(
            "the membership of {from} passes to {to}, and {} ends with it: {why}",
            named.join(", ")
        );
        let mut entries: BTreeSet<Position> = lapsed.iter().map(|(_, entry)| *entry).collect();
        entries.insert(position);
        let (code, severity) = (Code::SuccessionLapsed, Severity::Note);
        let finding = Finding::new(code, severity, passage.on, entries, message);
        Some(finding.of_parties([from.clone(), to.clone()]))
    }

    /// Returns the suspensions and waivers that certainly stood the day before a membership passed,
    /// and the notices of arrears that were still open, with their entries.
    fn stood(&self, record: &PartyRecord, passage: &Passage) -> Vec<(DuesSlot, Position)> {
        let eve = passage.on.earliest.previous();
        let mut stood = Vec::new();
        let slots: BTreeSet<DuesSlot> = self
            .view
            .known_dues(record)
            .filter_map(|fact| dues_slot(&fact.value))
            .filter(|slot| slot.passes(true))
            .collect();
        for slot in slots {
            if slot.is_timeline() {
                let standing = self.standing_on(record, &slot, eve);
                stood.extend(standing.map(|entry| (slot, entry)));
            } else if self.is_in_arrears(record, eve) {
                let facts = self.view.known_dues(record);
                let of_slot = facts.filter(|fact| dues_slot(&fact.value).as_ref() == Some(&slot));
                let given = of_slot.filter(|fact| {
                    let on = self.view.book.window(fact.at, self.view.known_at);
                    on.is_some_and(|on| on.latest <= eve)
                });
                stood.extend(given.map(|fact| (slot.clone(), fact.position)));
            }
        }
        stood
    }

    /// Returns the entry of what certainly stands in a slot on a day.
    fn standing_on(&self, record: &PartyRecord, slot: &DuesSlot, day: Day) -> Option<Position> {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let line = record
            .dues_line(book, known_at, slot, self.view.without)
            .ok()?;
        let mut last = line.last_steps(day);
        let step = last.next()?;
        let (event, position) = line.value_after(step)?;
        let until = event.takes_or_spares_until();
        let until = until.and_then(|until| self.view.when(until));
        let over = until.is_some_and(|until| until.earliest <= day);
        (last.next().is_none() && !event.ends() && !over).then_some(position)
    }

    fn is_in_arrears(&self, record: &PartyRecord, day: Day) -> bool {
        let account = self.view.account(record);
        DuesPolicy::plain().is_some_and(|plain| {
            let balance = account.at(&plain, day, Placement::Best);
            balance.overdue() > 0
        })
    }
}
