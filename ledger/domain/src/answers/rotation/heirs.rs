//! Who has the places of a listed order: whom the law lists, and after them their successors (rule
//! 12).
//!
//! Stratum (rule 27): rights; reads law.

use super::{Ahead, Why};
use crate::answers::view::{Parties, View};
use crate::id::PartyId;
use crate::time::day::Day;
use std::collections::{BTreeMap, BTreeSet};

/// The parties that followed others in their places by some day. A place goes by whom the law
/// lists, whoever has it.
#[derive(Debug, Default)]
pub(super) struct Heirs(BTreeMap<PartyId, PartyId>);

impl Heirs {
    /// Returns the party that the law lists for the place of another.
    pub fn listed<'p>(&'p self, party: &'p PartyId) -> &'p PartyId {
        self.0.get(party).unwrap_or(party)
    }
}

impl<P: Parties> View<'_, P> {
    /// Returns who followed listed parties in their places by a day. Who is listed itself has its
    /// own place, and who follows several has that of the first.
    pub(super) fn heirs_of(&self, listed: &[PartyId], day: Day) -> Heirs {
        let own: BTreeSet<&PartyId> = listed.iter().collect();
        let mut heirs = BTreeMap::new();
        for party in listed {
            for heir in self.heirs(party, day) {
                if !own.contains(&heir) {
                    heirs.entry(heir).or_insert_with(|| party.clone());
                }
            }
        }
        Heirs(heirs)
    }

    /// Returns who has the place of a listed party on a day.
    pub(super) fn in_place_of(&self, listed: &PartyId, heirs: &Heirs, day: Day) -> PartyId {
        if heirs.0.is_empty() {
            return listed.clone();
        }
        let last = self.heirs(listed, day).pop();
        let last = last.filter(|heir| heirs.listed(heir) == listed);
        last.unwrap_or_else(|| listed.clone())
    }

    /// Names those of a turn that lies ahead as they are on a day.
    pub(super) fn as_on(&self, turn: Ahead, heirs: &Heirs, day: Day) -> Ahead {
        let on = |party: PartyId| self.in_place_of(&party, heirs, day);
        let why = turn.why.into_iter().map(|why| match why {
            Why::Swapped { with, position } => Why::Swapped {
                with: on(with),
                position,
            },
            Why::Lapsed { by, position } => Why::Lapsed {
                by: on(by),
                position,
            },
            Why::Declined {
                party,
                turn,
                position,
            } => Why::Declined {
                party: on(party),
                turn,
                position,
            },
            Why::NoMember(party) => Why::NoMember(on(party)),
            Why::Unknown(party) => Why::Unknown(on(party)),
        });
        Ahead {
            party: on(turn.party),
            place: on(turn.place),
            number: turn.number,
            why: why.collect(),
        }
    }
}
