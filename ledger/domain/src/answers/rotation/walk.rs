//! A walk from turn to turn, with the swaps and declines that are still to be spent.
//!
//! Stratum (rule 27): rights; reads no other.

use super::order::{Key, Order};
use super::{Ahead, Why};
use crate::id::PartyId;
use crate::id::position::Position;
use crate::time::day::Day;
use crate::time::steps::Steps;
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::collections::{BTreeMap, BTreeSet};

/// What is recorded of an office's turns, by the days on which it was done.
#[derive(Debug, Default)]
pub(super) struct Turns {
    swaps: Vec<Swapped>,
    declines: BTreeMap<PartyId, Vec<Declined>>,
}

/// Something that was done about turns.
#[derive(Debug)]
pub(super) struct Done {
    /// When.
    pub on: Window,
    /// The entry.
    pub position: Position,
    /// On which days it is annulled: turns that begin then go as if it had never been.
    pub annulled: Steps<Truth>,
}

#[derive(Debug)]
struct Swapped {
    done: Done,
    first: PartyId,
    second: PartyId,
}

#[derive(Debug)]
struct Declined {
    done: Done,
    /// The days in which the turn begins that was declined; none where it is the next.
    turn: Option<Window>,
}

impl Turns {
    pub fn swap(&mut self, done: Done, between: (&PartyId, &PartyId)) {
        self.swaps.push(Swapped {
            done,
            first: between.0.clone(),
            second: between.1.clone(),
        });
    }

    pub fn decline(&mut self, done: Done, party: &PartyId, turn: Option<Window>) {
        let of = self.declines.entry(party.clone()).or_default();
        of.push(Declined { done, turn });
    }

    /// Puts what was entered in order.
    pub fn close(&mut self) {
        self.swaps.sort_by_key(|swap| {
            let Done { on, position, .. } = &swap.done;
            (on.earliest, on.latest, *position)
        });
        for declines in self.declines.values_mut() {
            // What names a turn is for that turn, and goes first.
            declines.sort_by_key(|of| (of.turn.is_none(), of.done.on.earliest, of.done.position));
        }
    }
}

/// When a turn begins.
pub(super) struct Moment {
    /// The day, as it is placed.
    day: Day,
    /// The days of which one is that day; none of a turn that lies ahead.
    window: Option<Window>,
    /// Whether what may have been done before counts, or only what certainly was.
    perhaps: bool,
}

impl Moment {
    pub fn of(day: Day, window: Window, perhaps: bool) -> Self {
        Self {
            day,
            window: Some(window),
            perhaps,
        }
    }

    /// Returns whether something was done before the turn, and is not annulled when it begins.
    fn is_after(&self, done: &Done) -> bool {
        let day = if self.perhaps {
            done.on.earliest
        } else {
            done.on.latest
        };
        day < self.day && !self.is_without(done)
    }

    /// Returns whether something is annulled when the turn begins.
    fn is_without(&self, done: &Done) -> bool {
        match done.annulled.holds(self.day) {
            Truth::Yes => true,
            Truth::Unknown => !self.perhaps,
            Truth::No => false,
        }
    }

    /// Returns whether a decline of a turn in these days means the turn.
    fn is_meant(&self, turn: Window) -> bool {
        match self.window {
            Some(window) => window.overlaps(turn),
            None => turn.latest >= self.day,
        }
    }
}

/// How far the turns have come.
#[derive(Debug, Clone, Default)]
pub(super) struct Walk {
    /// The place of the last turn, with its owner.
    place: Option<(Key, PartyId)>,
    /// The swaps that count from some turn on.
    begun: BTreeSet<Position>,
    /// The declines that were spent.
    declined: BTreeSet<Position>,
    /// Who sits for the owner of a place, and by which swap.
    sitting: BTreeMap<PartyId, Sitting>,
}

#[derive(Debug, Clone)]
struct Sitting {
    party: PartyId,
    /// The owner of the place that was given for it.
    other: PartyId,
    position: Position,
    /// Who sat there before the swap, by another.
    before: Option<Box<Sitting>>,
}

/// Whether a party is passed over.
enum Passed {
    /// It takes its turn.
    No,
    /// It is, and why; that goes without saying where nothing is told.
    Over(Option<Why>),
}

impl Walk {
    /// Returns whose turn it is next, and goes past whom it passes over; none if nobody takes
    /// turns.
    pub fn next(&mut self, order: &Order, turns: &Turns, at: &Moment) -> Option<Ahead> {
        self.begin_swaps(order, turns, at);
        let places = order.places();
        let first = match &self.place {
            Some((key, owner)) => order.after(key, owner),
            None => 0,
        };
        let mut why = Vec::new();
        // A place comes twice only where a decline is spent on the way.
        let steps = 2 * places.len() + turns.declines.values().map(Vec::len).sum::<usize>();
        for place in places.iter().cycle().skip(first).take(steps) {
            let owner = &place.owner;
            why.extend(self.lapse(owner, order, turns, at));
            // Who is passed over has had the turn, whether it was in its own place or in another's.
            let sitting = self.sitting.get(owner).cloned();
            let party = sitting.as_ref().map_or(owner, |sitting| &sitting.party);
            if let Passed::Over(reason) = self.passed_over(party, order, turns, at) {
                self.sitting.remove(owner);
                why.extend(reason);
                continue;
            }
            let party = party.clone();
            why.extend(sitting.map(|sitting| Why::Swapped {
                with: owner.clone(),
                position: sitting.position,
            }));
            return Some(Ahead {
                party,
                place: owner.clone(),
                number: order.number(owner)? + 1,
                why,
            });
        }
        None
    }

    /// Returns why a party is passed over, if it is; a decline is spent by it. That those who take
    /// no turns are passed over goes without saying where the order is not listed.
    fn passed_over(
        &mut self,
        party: &PartyId,
        order: &Order,
        turns: &Turns,
        at: &Moment,
    ) -> Passed {
        match order.takes(party) {
            Truth::No => return Passed::Over(order.listed.then(|| Why::NoMember(party.clone()))),
            Truth::Unknown if !at.perhaps => {
                return Passed::Over(Some(Why::Unknown(party.clone())));
            }
            Truth::Unknown | Truth::Yes => {}
        }
        let Some((turn, position)) = turns.declined(party, &self.declined, at) else {
            return Passed::No;
        };
        self.declined.insert(position);
        Passed::Over(Some(Why::Declined {
            party: party.clone(),
            turn,
            position,
        }))
    }

    /// Returns whether a turn was taken yet.
    pub fn has_begun(&self) -> bool {
        self.place.is_some()
    }

    /// Begins with a turn that nobody can say is out of turn: in the holder's own place, or in the
    /// one for which it swapped.
    pub fn begin(&mut self, order: &Order, turns: &Turns, holder: &PartyId, since: Window) {
        let at = Moment::of(since.latest, since, false);
        self.begin_swaps(order, turns, &at);
        if let Some((_, position)) = turns.declined(holder, &self.declined, &at) {
            self.declined.insert(position);
        }
        let place = self.next_place(order, holder);
        self.go_to(order, place.as_ref());
    }

    /// Goes on from the place of a turn that was taken in turn.
    pub fn sit(&mut self, order: &Order, due: &Ahead) {
        self.go_to(order, Some(&due.place));
    }

    /// Goes on from the own place of a party that took a turn out of turn. Its swaps come to
    /// nothing.
    pub fn sit_out_of_turn(&mut self, order: &Order, party: &PartyId) {
        self.sitting
            .retain(|owner, sitting| sitting.party != *party && owner != party);
        self.go_to(order, Some(party));
    }

    /// A holder without a place leaves it where it was.
    fn go_to(&mut self, order: &Order, owner: Option<&PartyId>) {
        let Some(owner) = owner else { return };
        self.sitting.remove(owner);
        if let Some(place) = order.place(owner) {
            self.place = Some((place.key.clone(), owner.clone()));
        }
    }

    /// Returns as many turns as are asked for, from the end of a day on.
    pub fn ahead(mut self, order: &Order, turns: &Turns, day: Day, count: usize) -> Vec<Ahead> {
        let at = Moment {
            day: day.next(),
            window: None,
            perhaps: false,
        };
        let mut ahead = Vec::new();
        while ahead.len() < count {
            let Some(next) = self.next(order, turns, &at) else {
                break;
            };
            self.sit(order, &next);
            ahead.push(next);
        }
        ahead
    }

    /// Lets the swaps count that were made since the last turn: each gives the next turns of the
    /// two to each other.
    fn begin_swaps(&mut self, order: &Order, turns: &Turns, at: &Moment) {
        let annulled = |swap: &&Swapped| at.is_without(&swap.done);
        for swap in turns.swaps.iter().filter(annulled) {
            self.take_back(swap.done.position);
        }
        for swap in turns.swaps.iter().filter(|swap| at.is_after(&swap.done)) {
            if !self.begun.insert(swap.done.position) {
                continue;
            }
            let places = [&swap.first, &swap.second].map(|party| self.next_place(order, party));
            let [Some(first), Some(second)] = places else {
                continue;
            };
            let sit = |place: &PartyId, party: &PartyId, other: &PartyId| Sitting {
                party: party.clone(),
                other: other.clone(),
                position: swap.done.position,
                before: self.sitting.get(place).cloned().map(Box::new),
            };
            let sitting = [
                (first.clone(), sit(&first, &swap.second, &second)),
                (second.clone(), sit(&second, &swap.first, &first)),
            ];
            self.sitting.extend(sitting);
        }
    }

    /// Takes back what is left of a swap. One of which no turn was taken may count again.
    fn take_back(&mut self, swap: Position) {
        if !self.begun.contains(&swap) {
            return;
        }
        let given: Vec<(PartyId, Sitting)> = self
            .sitting
            .extract_if(.., |_, sitting| sitting.position == swap)
            .collect();
        if given.len() > 1 {
            self.begun.remove(&swap);
        }
        let before = given.into_iter().filter_map(|(owner, sitting)| {
            let before = sitting.before?;
            Some((owner, *before))
        });
        self.sitting.extend(before);
    }

    /// Returns the owner of the place in which a party sits next; none if it has no place.
    fn next_place(&self, order: &Order, party: &PartyId) -> Option<PartyId> {
        let count = order.places().len();
        let first = match &self.place {
            Some((key, owner)) => order.after(key, owner),
            None => 0,
        };
        let distance = |owner: &PartyId| {
            let number = order.number(owner)?;
            Some((number + count - first % count.max(1)) % count)
        };
        let given = self.sitting.iter();
        let given = given.filter(|(_, sitting)| sitting.party == *party);
        let own = (!self.sitting.contains_key(party)).then_some(party);
        let all = given.map(|(owner, _)| owner).chain(own);
        let near = all.filter_map(|owner| Some((distance(owner)?, owner)));
        near.min().map(|(_, owner)| owner.clone())
    }

    /// A swap comes to nothing if one of the two takes no turns any more, or declined, when the
    /// first of their places comes.
    fn lapse(&mut self, owner: &PartyId, order: &Order, turns: &Turns, at: &Moment) -> Option<Why> {
        let sitting = self.sitting.get(owner)?;
        let back = self.sitting.get(&sitting.other)?;
        if back.other != *owner || back.position != sitting.position {
            // The other of the two turns was taken.
            return None;
        }
        let gone = |party: &&PartyId| {
            order.takes(party) == Truth::No || turns.declined(party, &self.declined, at).is_some()
        };
        let by = [&sitting.party, &back.party]
            .into_iter()
            .find(gone)?
            .clone();
        let (position, other) = (sitting.position, sitting.other.clone());
        for place in [owner, &other] {
            let before = self.sitting.remove(place).and_then(|of| of.before);
            self.sitting
                .extend(before.map(|before| (place.clone(), *before)));
        }
        Some(Why::Lapsed { by, position })
    }
}

impl Turns {
    /// Returns the decline by which a party does not take a turn: of those that are not spent.
    fn declined(
        &self,
        party: &PartyId,
        spent: &BTreeSet<Position>,
        at: &Moment,
    ) -> Option<(Option<Window>, Position)> {
        let mut of = self.declines.get(party)?.iter();
        let meant = |of: &&Declined| {
            !spent.contains(&of.done.position)
                && at.is_after(&of.done)
                && of.turn.is_none_or(|turn| at.is_meant(turn))
        };
        of.find(meant).map(|of| (of.turn, of.done.position))
    }
}
