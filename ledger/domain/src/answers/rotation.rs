//! Offices that pass from party to party: whose turn it is.
//!
//! Stratum (rule 27): rights; reads recorded acts, law, losses and endings.

use crate::answers::view::{Parties, View};
use crate::entry::event::NameKind;
use crate::entry::norm::{RotationOrder, RotationRule};
use crate::entry::slot::Slot;
use crate::id::{ClassId, OfficeId, PartyId};
use crate::record::party::PartyRecord;
use crate::stop::Stopped;
use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::time::when::Window;

/// What is done with every party that is met on a walk.
pub type Visit<'v> = dyn FnMut(&PartyId, &PartyRecord) -> Result<(), Stopped> + 'v;

/// Walks over every registered party, until a visit or the walk itself is given up.
pub type Everyone<'a> = dyn Fn(&mut Visit<'_>) -> Result<(), Stopped> + 'a;

impl<P: Parties> View<'_, P> {
    /// Returns the parties that take turns on a day, in their order, as swapped.
    ///
    /// # Errors
    /// The walk over everyone was given up.
    pub fn turns(
        &self,
        rule: &RotationRule,
        day: Day,
        everyone: &Everyone,
    ) -> Result<Vec<PartyId>, Stopped> {
        let mut turns: Vec<(String, PartyId)> = Vec::new();
        let listed: &[PartyId] = match &rule.order {
            RotationOrder::Listed(parties) => parties,
            RotationOrder::Alphabetical(_) => &[],
        };
        everyone(&mut |party, record| {
            if !self.takes_turns(&rule.classes, record, day) {
                return Ok(());
            }
            let key = match &rule.order {
                RotationOrder::Listed(_) => {
                    let place = listed.iter().position(|listed| listed == party);
                    place.map(|place| format!("{place:08}"))
                }
                RotationOrder::Alphabetical(language) => {
                    let names = self.names(record, day).into_iter();
                    let mut public = names.filter(|(kind, _)| *kind == NameKind::Public);
                    public
                        .find(|(_, name)| name.language == *language)
                        .map(|(_, name)| name.text)
                }
            };
            turns.extend(key.map(|key| (key, party.clone())));
            Ok(())
        })?;
        turns.sort();
        let mut turns: Vec<PartyId> = turns.into_iter().map(|(_, party)| party).collect();
        for (first, second) in self.swaps(&rule.office, day) {
            let place = |party: &PartyId| turns.iter().position(|other| other == party);
            if let (Some(a), Some(b)) = (place(&first), place(&second)) {
                turns.swap(a, b);
            }
        }
        Ok(turns)
    }

    /// Returns whose turn follows that of a party, leaving out those that declined since a day;
    /// none if nobody takes turns.
    ///
    /// # Errors
    /// The walk over everyone was given up.
    pub fn next_in_turn(
        &self,
        rule: &RotationRule,
        after: &PartyId,
        since: Window,
        day: Day,
        everyone: &Everyone,
    ) -> Result<Option<PartyId>, Stopped> {
        let turns = self.turns(rule, day, everyone)?;
        let declined = self.declined(&rule.office, since, day);
        let Some(last) = turns.iter().position(|party| party == after) else {
            return Ok(None);
        };
        let next = (1..=turns.len()).map(|step| &turns[(last + step) % turns.len()]);
        let mut willing = next.filter(|party| !declined.contains(party));
        Ok(willing.next().cloned())
    }

    fn takes_turns(&self, classes: &[ClassId], record: &PartyRecord, day: Day) -> bool {
        let standings = self.classes(record, day);
        let of = |class: &ClassId| classes.contains(class);
        let truths = standings.iter().map(|standing| {
            let class = standing.class.and_then(|class| self.book.class(class));
            Truth::known(class.is_some_and(of))
        });
        Truth::agreed(truths) == Truth::Yes
    }

    fn swaps(&self, office: &OfficeId, day: Day) -> Vec<(PartyId, PartyId)> {
        let slot = Slot::Turns(office.clone());
        let known = self.book.known(&slot, self.known_at);
        let swaps = known.filter_map(|fact| {
            let swap = fact.value.swap()?;
            let on = self.book.window(fact.at, self.known_at)?;
            let annulled = self.book.annulled(fact.position, self.known_at);
            (on.latest <= day && annulled.holds(day) != Truth::Yes)
                .then(|| (swap.first.clone(), swap.second.clone()))
        });
        swaps.collect()
    }

    fn declined(&self, office: &OfficeId, since: Window, day: Day) -> Vec<PartyId> {
        let slot = Slot::Turns(office.clone());
        let known = self.book.known(&slot, self.known_at);
        let declined = known.filter_map(|fact| {
            let party = fact.value.declined_by()?;
            let on = self.book.window(fact.at, self.known_at)?;
            let annulled = self.book.annulled(fact.position, self.known_at);
            (annulled.holds(day) != Truth::Yes && since.earliest <= on.earliest && on.latest <= day)
                .then(|| party.clone())
        });
        declined.collect()
    }
}
