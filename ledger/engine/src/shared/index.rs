//! Who has what: the ids of parties by what is recorded of them, in order, so that a list is paged
//! through and a walk goes over those it is about, never over everybody who is registered. Of each
//! it is kept whether it ever was so, corrected or not, known or not yet: whoever asks looks at the
//! record. Sets in order of ids, and not of numbers, as that is the order of every list.

pub(crate) mod kinds;

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

/// What is recorded of a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Registered,
    /// Its class, its application or its money.
    Concerned,
    Account,
    /// A membership passed to it.
    Heir,
    Class(ClassIx),
}

/// The ids of parties by what is recorded of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Index {
    sets: BTreeMap<Kind, BTreeSet<PartyId>>,
}

impl Index {
    /// Takes note of what a change says of a party.
    pub fn note(&mut self, party: &PartyId, kinds: impl Iterator<Item = Kind>) {
        for kind in kinds {
            let set = self.sets.entry(kind).or_default();
            if !set.contains(party) {
                set.insert(party.clone());
            }
        }
    }

    /// Takes a party out of what is not recorded of it any more.
    pub fn forget(&mut self, party: &PartyId, kinds: impl Iterator<Item = Kind>) {
        for kind in kinds {
            if let Some(set) = self.sets.get_mut(&kind) {
                set.remove(party);
                if set.is_empty() {
                    self.sets.remove(&kind);
                }
            }
        }
    }

    /// Returns up to `limit` of those a list goes over, after one, in order.
    pub fn after(&self, among: &Among, after: Option<&PartyId>, limit: usize) -> Vec<PartyId> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let from = |kind: Kind| {
            let set = self.sets.get(&kind).into_iter();
            let after = set.flat_map(move |set| set.range::<PartyId, _>((start, Bound::Unbounded)));
            after.take(limit).cloned()
        };
        match among {
            Among::Everybody => from(Kind::Registered).collect(),
            Among::Concerned => from(Kind::Concerned).collect(),
            Among::Accounts => from(Kind::Account).collect(),
            Among::Classes(classes) => {
                let kinds = classes.iter().map(|class| Kind::Class(*class));
                let parties = kinds.chain([Kind::Heir]).flat_map(from);
                first(parties.collect(), limit)
            }
        }
    }

    /// Returns whether something is recorded of a party's class, application or money.
    pub fn concerns(&self, party: &PartyId) -> bool {
        let concerned = self.sets.get(&Kind::Concerned);
        concerned.is_some_and(|set| set.contains(party))
    }
}

/// Returns the first of some parties, each once, in order.
pub(crate) fn first(mut parties: Vec<PartyId>, limit: usize) -> Vec<PartyId> {
    parties.sort_unstable();
    parties.dedup();
    parties.truncate(limit);
    parties
}

/// Returns what a change says of a party.
pub(crate) fn said(change: &PartyChange) -> [Option<Kind>; 2] {
    match change {
        PartyChange::Registered(_) => [Some(Kind::Registered), None],
        PartyChange::Application(_) => [Some(Kind::Concerned), None],
        PartyChange::Dues(_) | PartyChange::Succeeded(..) => {
            [Some(Kind::Concerned), Some(Kind::Account)]
        }
        PartyChange::Class(fact) => [Some(Kind::Concerned), of_class(fact)],
        PartyChange::Mentioned(_)
        | PartyChange::Name(_)
        | PartyChange::Superseded { .. }
        | PartyChange::Annulled(_) => [None, None],
    }
}

/// Returns what a record says of a party; nothing of one that the ledger never heard of.
pub(crate) fn recorded(record: Option<&PartyRecord>) -> BTreeSet<Kind> {
    let mut kinds = BTreeSet::new();
    let Some(record) = record else {
        return kinds;
    };
    let account = !record.dues_facts().is_empty();
    let facts = record.class_facts();
    if record.was_registered() {
        kinds.insert(Kind::Registered);
    }
    if account {
        kinds.insert(Kind::Account);
    }
    if account || !facts.is_empty() || !record.application_facts().is_empty() {
        kinds.insert(Kind::Concerned);
    }
    kinds.extend(facts.iter().filter_map(of_class));
    kinds
}

fn of_class(fact: &Fact<ClassValue>) -> Option<Kind> {
    match fact.value {
        ClassValue::Taken { class, .. } => Some(Kind::Class(class)),
        ClassValue::PassedFrom(_) => Some(Kind::Heir),
        ClassValue::Ended(_) => None,
    }
}
