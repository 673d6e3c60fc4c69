//! The walks that findings are gone after with, over the indexes of a running ledger.

use crate::shared::Shared;
use crate::shared::index::Among;
use crate::shared::search;
use crate::shared::unread::Unread;
use standing_domain::answers::rotation::Visit;
use standing_domain::answers::view::Parties as _;
use standing_domain::audit::walks::Walks;
use standing_domain::entry::Content;
use standing_domain::entry::event::Event;
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_domain::stop::{Stop, Stopped};
use std::collections::BTreeSet;

/// Walks over parties as known at a position.
pub(crate) struct Walking<'a> {
    pub shared: &'a Shared,
    pub known_at: Position,
    pub stop: Stop<'a>,
    /// Keeps an entry that cannot be read. Whoever walks asks for it before what was found is used.
    pub unread: &'a Unread,
}

impl Walking<'_> {
    fn over(&self, among: &Among, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        self.shared
            .each_registered(among, self.known_at, self.stop, visit)
    }

    /// Visits those of some parties that are registered.
    fn each_of<'p>(
        &self,
        parties: impl IntoIterator<Item = &'p PartyId>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Stopped> {
        for party in parties {
            self.stop.check()?;
            if let Some(record) = self.shared.record(party, self.known_at) {
                visit(party, &record)?;
            }
        }
        Ok(())
    }

    /// Returns those of whom one is found in an entry, as `named` finds it.
    fn named_in(
        &self,
        entries: Vec<Position>,
        named: impl Fn(&Content) -> Option<&PartyId>,
    ) -> BTreeSet<PartyId> {
        let given = entries.into_iter().filter_map(|entry| {
            let content = self.unread.keep(self.shared.content(entry))?;
            named(&content).cloned()
        });
        given.collect()
    }
}

impl Shared {
    /// Notes what a party is that an entry registers or names.
    pub(super) fn note_kind(&self, content: &Content, position: Position) {
        let event = content.event.as_ref();
        let Some(given) = event.and_then(Event::party_names) else {
            return;
        };
        let known = self.shards.with(given.party, |record| {
            let record = record?;
            let registration = record.registration(position)?;
            Some((registration.value, !record.name_facts().is_empty()))
        });
        let Some((attributes, has_names)) = known else {
            return;
        };
        let mut kinds = self.kinds.write();
        kinds.note(attributes, given.party);
        if has_names || !given.aliases.is_empty() {
            kinds.note_name(attributes);
        }
    }
}

impl Walks for Walking<'_> {
    fn concerned(&self, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        self.over(&Among::Concerned, visit)
    }

    fn namesakes(&self, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        let mut parties = BTreeSet::new();
        for look in self.shared.looks_given_again() {
            self.stop.check()?;
            let entries = self.shared.find_look(&look);
            let bearers = self.named_in(entries, |content| search::looking(content, &look));
            if bearers.len() > 1 {
                parties.extend(bearers);
            }
        }
        self.each_of(&parties, visit)
    }

    fn named(&self, name: &str, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        let entries = self.shared.find_name(name);
        let bearers = self.named_in(entries, |content| search::named(content, name));
        self.each_of(&bearers, visit)
    }

    fn in_clear(&self, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        let named = self.shared.kinds_with_names();
        let natural = {
            let book = self.shared.book.read();
            let is_natural = |attributes: u32| {
                let attributes = book.attributes(attributes);
                attributes.is_some_and(|of| book.is_natural(&of.kind, self.known_at))
            };
            named.into_iter().any(is_natural)
        };
        // Only an older log has such names.
        if natural {
            self.over(&Among::Everybody, visit)?;
        }
        Ok(())
    }

    fn of_every_kind(&self, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        let mut everybody = false;
        for (attributes, some) in self.shared.examples() {
            let mut met = false;
            self.each_of(&some.parties, &mut |party, record| {
                let registration = record.registration(self.known_at);
                met |= registration.is_some_and(|fact| fact.value == attributes);
                visit(party, record)
            })?;
            everybody |= some.more && !met;
        }
        if everybody {
            self.over(&Among::Everybody, visit)?;
        }
        Ok(())
    }
}
