//! Offices that pass from party to party: whose turn it is, and who follows.
//!
//! The order is one of places, a place for each party in it. Who sits in a place for one turn is
//! its owner, or the party with which the owner swapped; the next turn is that of the next place,
//! whoever sat in the last.
//!
//! Stratum (rule 27): rights; reads recorded acts, law, accounts.

mod heirs;
mod order;
mod walk;

use crate::answers::view::{Parties, View};
use crate::entry::event::Holder;
use crate::entry::norm::RotationRule;
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{OfficeId, PartyId};
use crate::record::party::PartyRecord;
use crate::stop::Stopped;
use crate::time::day::Day;
use crate::time::timeline::Timeline;
use crate::time::when::Window;
use heirs::Heirs;
use order::Order;
use std::collections::{BTreeMap, BTreeSet};
use walk::{Done, Moment, Turns, Walk};

/// What is done with every party that is met on a walk.
pub type Visit<'v> = dyn FnMut(&PartyId, &PartyRecord) -> Result<(), Stopped> + 'v;

/// Walks over registered parties, all at least that ever had a class, until a visit or the walk
/// itself is given up.
pub type Everyone<'a> = dyn Fn(&mut Visit<'_>) -> Result<(), Stopped> + 'a;

/// A turn that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Who took it.
    pub party: PartyId,
    /// The days of which one is that on which it began.
    pub since: Window,
    /// The entry.
    pub position: Position,
    /// Whether the office was passed on in rotation, and not assumed otherwise.
    pub rotated: bool,
    /// Whose turn it was instead; none where it was this party's, may have been, or nobody's.
    pub due: Option<PartyId>,
}

/// A turn that lies ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// Who takes it.
    pub party: PartyId,
    /// Whose place in the order it is.
    pub place: PartyId,
    /// The number of that place in the order, from 1.
    pub number: usize,
    /// Why it is not another's: what was passed over on the way to it, and swaps, in this order.
    pub why: Vec<Why>,
}

/// Why a turn is, or is not, a party's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It takes the turn of the other by a swap.
    Swapped {
        /// With whom it swapped.
        with: PartyId,
        /// The entry.
        position: Position,
    },
    /// A swap came to nothing, as one of the two takes no turns any more or declined.
    Lapsed {
        /// Who takes no turns or declined.
        by: PartyId,
        /// The entry of the swap.
        position: Position,
    },
    /// A party declined the turn.
    Declined {
        /// Who.
        party: PartyId,
        /// In which days the turn begins that it declined; none where it is the next.
        turn: Option<Window>,
        /// The entry.
        position: Position,
    },
    /// A party is in the order and takes no turns, as it has none of the classes that do.
    NoMember(PartyId),
    /// A party is in the order, and whether it has a class that takes turns is not known.
    Unknown(PartyId),
}

/// How an office goes round under a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The turns that were taken by a day, in order.
    pub taken: Vec<Taken>,
    /// Those ahead.
    pub ahead: Vec<Ahead>,
}

/// What an order is made of.
struct Places<'a> {
    rule: &'a RotationRule,
    /// Those listed, or those who may ever have a place.
    candidates: &'a [PartyId],
    heirs: &'a Heirs,
}

impl<P: Parties> View<'_, P> {
    /// Returns how an office goes round under a rule: the turns that were taken by the end of a
    /// day, and as many ahead.
    ///
    /// # Errors
    /// The walk over everyone was given up.
    pub fn rotation(
        &self,
        rule: &RotationRule,
        day: Day,
        ahead: usize,
        everyone: &Everyone,
    ) -> Result<Rotation, Stopped> {
        let candidates = self.candidates(rule, everyone)?;
        let heirs = match order::listed(&rule.order) {
            Some(listed) => self.heirs_of(listed, day),
            None => Heirs::default(),
        };
        let turns = self.recorded_turns(&rule.office, &heirs);
        let places = Places {
            rule,
            candidates: &candidates,
            heirs: &heirs,
        };
        let mut walk = Walk::default();
        let mut taken = Vec::new();
        let mut after: BTreeMap<Position, Walk> = BTreeMap::new();
        for turn in self.turns_taken(&rule.office) {
            if turn.since.latest > day {
                break;
            }
            if let Some(before) = after.get(&turn.position) {
                // What came after it was annulled: it goes on from there.
                walk = before.clone();
                continue;
            }
            let (next, turn) = self.after_turn(&places, &turns, &walk, turn);
            walk = next;
            after.insert(turn.position, walk.clone());
            taken.push(turn);
        }
        let order = self.order(&places, day);
        let ahead = walk.ahead(&order, &turns, day, ahead).into_iter();
        let ahead = ahead.map(|turn| self.as_on(turn, &heirs, day)).collect();
        Ok(Rotation { taken, ahead })
    }

    /// Judges a turn, and goes on from its place. It is in its turn if it is so in any placement of
    /// the windows (rule 32).
    fn after_turn(
        &self,
        places: &Places,
        turns: &Turns,
        walk: &Walk,
        mut turn: Taken,
    ) -> (Walk, Taken) {
        let mut next = walk.clone();
        let eve = turn.since.latest.previous();
        let order = self.order(places, eve);
        let holder = places.heirs.listed(&turn.party);
        if !walk.has_begun() {
            next.begin(&order, turns, holder, turn.since);
            return (next, turn);
        }
        let due = next.next(
            &order,
            turns,
            &Moment::of(turn.since.latest, turn.since, false),
        );
        let is_in_turn = |due: &Ahead| due.party == *holder;
        if let Some(due) = due.as_ref().filter(|due| is_in_turn(due)) {
            next.sit(&order, due);
            return (next, turn);
        }
        for (day, perhaps) in placements(turn.since) {
            let order = self.order(places, day.previous());
            let mut perhaps_next = walk.clone();
            let moment = Moment::of(day, turn.since, perhaps);
            let due = perhaps_next.next(&order, turns, &moment);
            if let Some(due) = due.as_ref().filter(|due| is_in_turn(due)) {
                perhaps_next.sit(&order, due);
                return (perhaps_next, turn);
            }
        }
        next.sit_out_of_turn(&order, holder);
        turn.due = due.map(|due| self.in_place_of(&due.party, places.heirs, eve));
        (next, turn)
    }

    /// Returns the parties that held an office by themselves, each time that another began.
    fn turns_taken(&self, office: &OfficeId) -> Vec<Taken> {
        let slot = Slot::Holder(office.clone(), None);
        let Ok(line) = self.book.line(&slot, self.known_at) else {
            return Vec::new();
        };
        let mut before = None;
        let mut taken = Vec::new();
        for (place, step) in line.steps().iter().enumerate() {
            let Some((event, position)) = line.value_after(Some(place)) else {
                continue;
            };
            if before == Some(position) {
                continue;
            }
            before = Some(position);
            let Some(Holder::Party(party)) = event.holding().map(|holding| holding.holder) else {
                continue;
            };
            taken.push(Taken {
                party,
                since: step.window,
                position,
                rotated: event.rotated_to().is_some(),
                due: None,
            });
        }
        taken
    }

    /// Returns what is recorded of an office's turns, by the parties that are listed.
    fn recorded_turns(&self, office: &OfficeId, heirs: &Heirs) -> Turns {
        let slot = Slot::Turns(office.clone());
        let mut turns = Turns::default();
        let done = |position, on| Done {
            on,
            position,
            annulled: self.book.annulled(position, self.known_at),
        };
        for fact in self.book.known(&slot, self.known_at) {
            let Some(on) = self.book.window(fact.at, self.known_at) else {
                continue;
            };
            if let Some(swap) = fact.value.swap() {
                let between = (heirs.listed(swap.first), heirs.listed(swap.second));
                turns.swap(done(fact.position, on), between);
            }
            if let Some(declined) = fact.value.declined_by() {
                let turn = fact.value.declined_turn().map(|turn| self.when(turn));
                // A turn that begins on a day that does not come is none.
                if turn != Some(None) {
                    let declined = heirs.listed(declined);
                    turns.decline(done(fact.position, on), declined, turn.flatten());
                }
            }
        }
        turns.close();
        turns
    }

    fn order(&self, places: &Places, day: Day) -> Order {
        let Places { rule, heirs, .. } = places;
        let candidates = places.candidates.iter().enumerate();
        let found = candidates.filter_map(|(number, party)| {
            let record = self.record(&self.in_place_of(party, heirs, day))?;
            let key = self.place_key(&rule.order, number, &record, day)?;
            let takes = self.takes_turns(&rule.classes, &record, day);
            Some((key, party.clone(), takes))
        });
        Order::of(order::listed(&rule.order).is_some(), found)
    }

    /// Returns the parties that may ever take a turn: those that are listed, else those that ever
    /// had a class.
    fn candidates(
        &self,
        rule: &RotationRule,
        everyone: &Everyone,
    ) -> Result<Vec<PartyId>, Stopped> {
        let mut candidates = Vec::new();
        if let Some(listed) = order::listed(&rule.order) {
            let mut seen = BTreeSet::new();
            candidates.extend(listed.iter().filter(|party| seen.insert(*party)).cloned());
            return Ok(candidates);
        }
        everyone(&mut |party, record| {
            let line = record.class_line(self.book, self.known_at);
            if line.is_ok_and(|line: Timeline<_>| !line.steps().is_empty()) {
                candidates.push(party.clone());
            }
            Ok(())
        })?;
        Ok(candidates)
    }
}

/// Returns the other ways in which a turn and what was done before it may be placed.
fn placements(since: Window) -> Vec<(Day, bool)> {
    let mut placements = vec![(since.latest, true)];
    if since.earliest < since.latest {
        placements.extend([(since.earliest, false), (since.earliest, true)]);
    }
    placements
}
