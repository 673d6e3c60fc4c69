//! Who has what: the ids of parties by what is recorded of them, in order, so that a list is paged
//! through and a walk goes over those it is about, never over everybody who is registered. Of each
//! it is kept whether it ever was so, corrected or not, known or not yet: whoever asks looks at the
//! record. Sets in order of ids, and not of numbers, as that is the order of every list.

use standing_domain::id::PartyId;
use standing_domain::record::class::ClassValue;
use standing_domain::record::fact::Fact;
use standing_domain::record::number::ClassIx;
use standing_domain::record::party::{PartyChange, PartyRecord};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// Those a walk or a list goes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Among {
    /// Everybody who is registered.
    Everybody,
    /// Those of whose class, application or money something is recorded.
    Concerned,
    /// Those of whose money something is recorded.
    Accounts,
    /// Those to whom one of these classes was ever given, and those to whom a membership passed, of
    /// whatever class.
    Classes(Vec<ClassIx>),
}

/// The ids of parties by what is recorded of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Index {
    registered: BTreeSet<PartyId>,
    concerned: BTreeSet<PartyId>,
    accounts: BTreeSet<PartyId>,
    classes: BTreeMap<ClassIx, BTreeSet<PartyId>>,
    heirs: BTreeSet<PartyId>,
}

impl Index {
    /// Takes note of a change to the record of a party, if it is of a kind that is looked for.
    pub fn note(&mut self, party: &PartyId, change: &PartyChange) {
        let sets: &mut [&mut BTreeSet<PartyId>] = match change {
            PartyChange::Registered(_) => &mut [&mut self.registered],
            PartyChange::Application(_) => &mut [&mut self.concerned],
            PartyChange::Dues(_) | PartyChange::Succeeded(..) => {
                &mut [&mut self.concerned, &mut self.accounts]
            }
            PartyChange::Class(fact) => match fact.value {
                ClassValue::Taken { class, .. } => {
                    let of_class = self.classes.entry(class).or_default();
                    &mut [&mut self.concerned, of_class]
                }
                ClassValue::PassedFrom(_) => &mut [&mut self.concerned, &mut self.heirs],
                ClassValue::Ended(_) => &mut [&mut self.concerned],
            },
            PartyChange::Mentioned(_)
            | PartyChange::Name(_)
            | PartyChange::Superseded { .. }
            | PartyChange::Annulled(_) => &mut [],
        };
        for set in sets {
            if !set.contains(party) {
                set.insert(party.clone());
            }
        }
    }

    /// Returns whether a change is of a kind that is looked for.
    pub fn is_noted(change: &PartyChange) -> bool {
        match change {
            PartyChange::Registered(_)
            | PartyChange::Application(_)
            | PartyChange::Dues(_)
            | PartyChange::Succeeded(..)
            | PartyChange::Class(_) => true,
            PartyChange::Mentioned(_)
            | PartyChange::Name(_)
            | PartyChange::Superseded { .. }
            | PartyChange::Annulled(_) => false,
        }
    }

    /// Takes a party out where what is left of its record does not have it any more.
    pub fn settle(&mut self, party: &PartyId, before: &Kinds, after: &Kinds) {
        let sets = [
            (&mut self.registered, after.registered),
            (&mut self.concerned, after.concerned),
            (&mut self.accounts, after.account),
            (&mut self.heirs, after.heir),
        ];
        for (set, stays) in sets {
            if !stays {
                set.remove(party);
            }
        }
        for class in before.classes.difference(&after.classes) {
            if let Some(of_class) = self.classes.get_mut(class) {
                of_class.remove(party);
                if of_class.is_empty() {
                    self.classes.remove(class);
                }
            }
        }
    }

    /// Returns up to `limit` of those a list goes over, after one, in order.
    pub fn after(&self, among: &Among, after: Option<&PartyId>, limit: usize) -> Vec<PartyId> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let from = |set: &BTreeSet<PartyId>| -> Vec<PartyId> {
            let after = set.range::<PartyId, _>((start, Bound::Unbounded));
            after.take(limit).cloned().collect()
        };
        match among {
            Among::Everybody => from(&self.registered),
            Among::Concerned => from(&self.concerned),
            Among::Accounts => from(&self.accounts),
            Among::Classes(classes) => {
                let sets = classes.iter().filter_map(|class| self.classes.get(class));
                let parties = sets.chain([&self.heirs]).map(from);
                first(parties.flatten().collect(), limit)
            }
        }
    }

    /// Returns whether something is recorded of a party's class, application or money.
    pub fn concerns(&self, party: &PartyId) -> bool {
        self.concerned.contains(party)
    }
}

/// Returns the first of some parties, each once, in order.
pub(crate) fn first(mut parties: Vec<PartyId>, limit: usize) -> Vec<PartyId> {
    parties.sort_unstable();
    parties.dedup();
    parties.truncate(limit);
    parties
}

/// What of a party's record is looked for.
#[derive(Debug, Default)]
pub(crate) struct Kinds {
    registered: bool,
    concerned: bool,
    account: bool,
    heir: bool,
    classes: BTreeSet<ClassIx>,
}

impl Kinds {
    /// Reads a record; there is nothing to read of a party that the ledger never heard of.
    pub fn of(record: Option<&PartyRecord>) -> Self {
        let Some(record) = record else {
            return Self::default();
        };
        let facts = record.class_facts();
        let account = !record.dues_facts().is_empty();
        Self {
            registered: record.was_registered(),
            concerned: account || !facts.is_empty() || !record.application_facts().is_empty(),
            account,
            heir: facts.iter().any(|fact| match fact.value {
                ClassValue::PassedFrom(_) => true,
                ClassValue::Taken { .. } | ClassValue::Ended(_) => false,
            }),
            classes: facts.iter().filter_map(taken).collect(),
        }
    }
}

fn taken(fact: &Fact<ClassValue>) -> Option<ClassIx> {
    match fact.value {
        ClassValue::Taken { class, .. } => Some(class),
        ClassValue::PassedFrom(_) | ClassValue::Ended(_) => None,
    }
}
