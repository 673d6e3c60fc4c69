//! Places in a list that passed to successors (rule 12): the order and the walk know a place by the
//! party that is listed, and everything else by who has its membership.
//!
//! Stratum (rule 27): rights; reads recorded acts, law.

use super::order::listed;
use super::{Ahead, Why};
use crate::answers::view::{Parties, View};
use crate::entry::norm::RotationRule;
use crate::id::PartyId;
use crate::time::day::Day;
use std::collections::{BTreeMap, BTreeSet};

/// Who ever succeeded to a place in a list.
#[derive(Debug, Default)]
pub(super) struct Heirs {
    listed: BTreeSet<PartyId>,
    places: BTreeMap<PartyId, PartyId>,
}

impl Heirs {
    /// Returns the party by which the place of a party is listed: itself, where it succeeded to
    /// none.
    pub fn place(&self, party: &PartyId) -> PartyId {
        self.places.get(party).unwrap_or(party).clone()
    }
}

impl<P: Parties> View<'_, P> {
    /// Returns who ever succeeded to a place. One that is listed itself has its own, and no other.
    pub(super) fn heirs(&self, rule: &RotationRule) -> Heirs {
        let mut heirs = Heirs::default();
        let Some(listed) = listed(&rule.order) else {
            return heirs;
        };
        heirs.listed.extend(listed.iter().cloned());
        let read = |party: &PartyId| self.record(party);
        let known = self.known(&read);
        for place in listed {
            let mut open = vec![place.clone()];
            while let Some(party) = open.pop() {
                let Some(record) = self.record(&party) else {
                    continue;
                };
                let passages = known.passages(&record).into_iter();
                let on = passages.filter(|passage| passage.membership && passage.from == party);
                for passage in on {
                    let to = passage.to;
                    if !heirs.listed.contains(&to) && !heirs.places.contains_key(&to) {
                        heirs.places.insert(to.clone(), place.clone());
                        open.push(to);
                    }
                }
            }
        }
        heirs
    }

    /// Returns who has a place on a day, given by whom it is listed.
    pub(super) fn has_place(&self, heirs: &Heirs, listed: &PartyId, day: Day) -> PartyId {
        if heirs.places.is_empty() {
            return listed.clone();
        }
        let heir = self.heir(listed, day);
        if heirs.place(&heir) == *listed {
            heir
        } else {
            listed.clone()
        }
    }

    /// Names the parties of a turn that lies ahead as they are on a day.
    pub(super) fn named(&self, heirs: &Heirs, ahead: Ahead, day: Day) -> Ahead {
        let who = |listed: &PartyId| self.has_place(heirs, listed, day);
        let why = ahead.why.into_iter().map(|why| match why {
            Why::Swapped { with, position } => Why::Swapped {
                with: who(&with),
                position,
            },
            Why::Lapsed { by, position } => Why::Lapsed {
                by: who(&by),
                position,
            },
            Why::Declined {
                party,
                turn,
                position,
            } => Why::Declined {
                party: who(&party),
                turn,
                position,
            },
            Why::NoMember(party) => Why::NoMember(who(&party)),
            Why::Unknown(party) => Why::Unknown(who(&party)),
        });
        Ahead {
            why: why.collect(),
            party: who(&ahead.party),
            place: who(&ahead.place),
            number: ahead.number,
        }
    }
}
