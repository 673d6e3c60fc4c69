//! Annulments of acts (rule 3), found by what they annul and by themselves.

pub(crate) mod annulled;
pub(crate) mod lawmaking;
pub mod undone;

use crate::id::position::Position;
use crate::record::fact::At;
use crate::record::without::{NOTHING, Without};
use crate::time::steps::Steps;
use crate::time::timeline::{Change, Switch, Undone};
use crate::time::truth::Truth;
use crate::time::when::Window;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

/// An annulment of an act (rule 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annulment {
    /// From when; none is from the start.
    pub from: Option<At>,
    /// Its order of the day.
    pub order: u16,
    /// Its entry.
    pub position: Position,
    /// The entry that corrects it.
    pub until: Position,
}

impl Annulment {
    pub(crate) fn is_known(&self, known_at: Position) -> bool {
        self.position <= known_at && known_at < self.until
    }
}

/// An annulment as it bears on a fact.
pub(crate) struct Undoing<'a> {
    /// The annulment.
    pub annulment: &'a Annulment,
    /// What it takes back: the fact, by its entry, or another annulment.
    pub of: Position,
}

/// Where each annulment stands among switches: one may annul several facts of a slot.
#[derive(Default)]
pub(crate) struct UndoneOnce(FxHashMap<Position, usize>);

impl UndoneOnce {
    /// Adds an annulment to the switches, or what more it takes back to the switch that it is.
    pub fn add<V>(&mut self, undoing: &Undoing<'_>, window: Window, switches: &mut Vec<Switch<V>>) {
        let Undoing { annulment, of } = *undoing;
        match self.0.entry(annulment.position) {
            Entry::Occupied(place) => {
                if let Change::Undo(undone) = &mut switches[*place.get()].change
                    && !undone.of.contains(&of)
                {
                    undone.of.push(of);
                }
            }
            Entry::Vacant(place) => {
                place.insert(switches.len());
                switches.push(Switch {
                    window,
                    order: u32::from(annulment.order),
                    position: annulment.position,
                    change: Change::Undo(Undone {
                        of: vec![of],
                        from_start: annulment.from.is_none(),
                    }),
                });
            }
        }
    }
}

/// All annulments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Annulments {
    /// By what they annul.
    of: BTreeMap<Position, Vec<Annulment>>,
    /// What an annulment annuls, by its entry: the act, and the corrections of it.
    annuls: BTreeMap<Position, Vec<Position>>,
    /// The annulments that an entry corrects.
    ended: BTreeMap<Position, Vec<Position>>,
}

impl Annulments {
    /// Returns the annulments of an entry, known or corrected.
    pub fn of(&self, entry: Position) -> &[Annulment] {
        self.of.get(&entry).map_or(&[], Vec::as_slice)
    }

    /// Returns whether an entry annuls another.
    pub fn is_one(&self, position: Position) -> bool {
        self.annuls.contains_key(&position)
    }

    /// Returns the entries that are annulled from a day which hangs on a session, known or not.
    pub fn hanging_on_sessions(&self) -> impl Iterator<Item = Position> {
        let hangs = |annulment: &Annulment| matches!(annulment.from, Some(At::Anchor(..)));
        let hanging = self.of.iter().filter(move |(_, of)| of.iter().any(hangs));
        hanging.map(|(entry, _)| *entry)
    }

    /// Returns what an entry annuls: the act, and the corrections of it; nothing of another entry.
    pub fn annulled_by(&self, position: Position) -> &[Position] {
        self.annuls.get(&position).map_or(&[], Vec::as_slice)
    }

    pub fn add(&mut self, entry: Position, annulment: Annulment) {
        self.annuls
            .entry(annulment.position)
            .or_default()
            .push(entry);
        self.of.entry(entry).or_default().push(annulment);
    }

    /// Makes the annulments of a corrected entry those of the entry in its place; returns whether
    /// there are any.
    pub fn inherit(&mut self, target: Position, by: Position) -> bool {
        let standing = self.of(target).iter();
        let standing = standing.filter(|annulment| annulment.until == Position::MAX);
        let inherited: Vec<Annulment> = standing.cloned().collect();
        let any = !inherited.is_empty();
        for annulment in inherited {
            self.add(by, annulment);
        }
        any
    }

    /// Ends the knowledge of an annulment, from the entry at `by` on. A second correction, which
    /// will be refused, leaves the first.
    pub fn end(&mut self, annulment: Position, by: Position) {
        let mut ends = false;
        self.each_of(annulment, |a| {
            ends |= by < a.until;
            a.until = a.until.min(by);
        });
        if ends {
            self.ended.entry(by).or_default().push(annulment);
        }
    }

    fn each_of(&mut self, annulment: Position, mut change: impl FnMut(&mut Annulment)) {
        for entry in self.annuls.get(&annulment).into_iter().flatten() {
            let of = self.of.get_mut(entry).into_iter().flatten();
            of.filter(|a| a.position == annulment).for_each(&mut change);
        }
    }

    /// Returns whether an entry is annulled from the start and for good, as known at a position: by
    /// an annulment that nothing annuls on any day.
    pub fn is_void(&self, entry: Position, known_at: Position) -> bool {
        self.is_void_without(entry, known_at, NOTHING)
    }

    /// Returns the same without the entries that `without` names.
    pub fn is_void_without(
        &self,
        entry: Position,
        known_at: Position,
        without: Without<'_>,
    ) -> bool {
        void(&self.under(entry, known_at, without))[0]
    }

    /// Returns the annulments of an entry that are not void themselves, and those of each of them
    /// in turn; with each the entry that it annuls.
    pub fn standing(
        &self,
        entry: Position,
        known_at: Position,
        without: Without<'_>,
    ) -> Vec<(Position, &Annulment)> {
        let under = self.under(entry, known_at, without);
        let void = void(&under);
        let mut standing = Vec::with_capacity(under.len());
        let mut is_left_out = vec![false; under.len() + 1];
        for (place, (of, annulment)) in (1..).zip(&under) {
            is_left_out[place] = void[place] || is_left_out[*of];
            if !is_left_out[place] {
                let annulled = of.checked_sub(1).map(|of| under[of].1.position);
                standing.push((annulled.unwrap_or(entry), *annulment));
            }
        }
        standing
    }

    /// Returns whether an entry is annulled, day by day. Of each annulment `since` says from when
    /// it annuls, if nothing annuls it.
    pub fn annulled(
        &self,
        entry: Position,
        known_at: Position,
        without: Without<'_>,
        since: &dyn Fn(&Annulment) -> Steps<Truth>,
    ) -> Steps<Truth> {
        let under = self.under(entry, known_at, without);
        let mut annulled: Vec<Vec<Steps<Truth>>> = vec![Vec::new(); under.len() + 1];
        for (before, (of, annulment)) in under.iter().enumerate().rev() {
            let own = std::mem::take(&mut annulled[before + 1]);
            annulled[*of].push(since(annulment).unless(&Steps::any(&own)));
        }
        Steps::any(&annulled[0])
    }

    /// Returns the annulments of an entry that are known, and those of each of them in turn, after
    /// it; with each the place of what it annuls, from 1 on, 0 for the entry itself.
    fn under(
        &self,
        entry: Position,
        known_at: Position,
        without: Without<'_>,
    ) -> Vec<(usize, &Annulment)> {
        let mut under = Vec::new();
        let mut open = vec![(0, entry)];
        while let Some((place, entry)) = open.pop() {
            let known = |a: &&Annulment| a.is_known(known_at) && !without(a.position);
            for annulment in self.of(entry).iter().filter(known) {
                under.push((place, annulment));
                open.push((under.len(), annulment.position));
            }
        }
        under
    }

    /// Forgets what was learned after a position.
    pub fn retract(&mut self, above: Position) {
        for by in self.ended.split_off(&above.next()).into_values().flatten() {
            self.each_of(by, |a| {
                if a.until > above {
                    a.until = Position::MAX;
                }
            });
        }
        for (annulment, entries) in self.annuls.split_off(&above.next()) {
            for entry in entries {
                if let Some(of) = self.of.get_mut(&entry) {
                    of.retain(|a| a.position != annulment);
                    if of.is_empty() {
                        self.of.remove(&entry);
                    }
                }
            }
        }
        for (entry, inherited) in self.of.split_off(&above.next()) {
            for annulment in inherited {
                if let Some(entries) = self.annuls.get_mut(&annulment.position) {
                    entries.retain(|of| *of != entry);
                }
            }
        }
    }
}

/// Returns whether an entry is annulled from the start and for good, in the first place, and each
/// of the annulments under it, in its own.
fn void(under: &[(usize, &Annulment)]) -> Vec<bool> {
    let (mut void, mut is_intact) = (vec![false; under.len() + 1], vec![true; under.len() + 1]);
    // Whatever annuls an annulment comes after it, so that each is settled before what it annuls.
    for (before, (annulled, annulment)) in under.iter().enumerate().rev() {
        let place = before + 1;
        if !void[place] {
            is_intact[*annulled] = false;
        }
        void[*annulled] |= annulment.from.is_none() && is_intact[place];
    }
    void
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u64) -> Position {
        Position::new(number)
    }

    fn annulment(position: Position) -> Annulment {
        Annulment {
            from: None,
            order: 0,
            position,
            until: Position::MAX,
        }
    }

    #[test]
    fn rule_3_an_annulled_annulment_has_no_effect_however_long_the_chain() {
        let mut all = Annulments::default();
        let length = 200_000;
        for position in at(2).to(at(length)) {
            all.add(position.previous(), annulment(position));
        }
        // Every second one stands, from the last on.
        for known_at in [1, 2, 3, 4, 5, length - 1, length] {
            assert_eq!(
                all.is_void(at(1), at(known_at)),
                known_at % 2 == 0,
                "{known_at}"
            );
        }
        all.add(at(1), annulment(at(length + 1)));
        assert!(all.is_void(at(1), at(length + 1)));
    }

    #[test]
    fn what_was_learned_after_a_position_is_forgotten() {
        let mut all = Annulments::default();
        all.add(at(1), annulment(at(3)));
        all.add(at(2), annulment(at(4)));
        all.end(at(4), at(5));
        let before = all.clone();
        assert!(all.inherit(at(1), at(6)));
        assert!(!all.inherit(at(2), at(7)));
        all.add(at(6), annulment(at(8)));
        all.end(at(3), at(9));
        all.end(at(4), at(10));
        assert!(all.is_void(at(1), at(8)) && !all.is_void(at(1), at(9)));
        all.retract(at(5));
        assert_eq!(all, before);
    }
}
