//! Findings on natural persons: names that an older log holds in clear.

use crate::answers::view::Parties;
use crate::audit::{Audit, Code, Finding, Severity};
use crate::entry::event::Event;
use crate::id::position::Position;
use crate::id::{PartyId, Word};
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::when::Window;
use std::collections::{BTreeMap, BTreeSet};

/// The names of natural persons that stand in clear, by the kind of party: one cause, whether the
/// kind was declared so before or after they were recorded.
#[derive(Default)]
pub(super) struct InClear {
    kinds: BTreeMap<Word, Clear>,
}

/// Whose names stand in clear, where, and since when.
struct Clear {
    parties: BTreeSet<PartyId>,
    entries: BTreeSet<Position>,
    since: Window,
}

impl InClear {
    /// Returns a finding for each kind.
    pub fn into_findings(self) -> impl Iterator<Item = Finding> {
        self.kinds.into_iter().map(|(kind, clear)| {
            let message = format!(
                "names of natural persons (kind {kind}) stand in the log in clear, where nothing erases them"
            );
            let (code, severity) = (Code::NameInClear, Severity::Note);
            let finding = Finding::new(code, severity, clear.since, clear.entries, message);
            finding.of_parties(clear.parties)
        })
    }
}

impl<P: Parties> Audit<'_, P> {
    /// Takes note of the names and aliases of a party that is a natural person.
    pub(super) fn note_in_clear(&self, party: &PartyId, record: &PartyRecord, found: &mut InClear) {
        let known_at = self.view.known_at;
        let Some(attributes) = self.view.attributes(record) else {
            return;
        };
        if !self.view.book.is_natural(&attributes.kind, known_at) {
            return;
        }
        let names = record.name_facts().iter();
        let mut entries: BTreeSet<Position> = names
            .filter(|fact| fact.is_known(known_at))
            .map(|fact| fact.position)
            .collect();
        let registration = record.registration(known_at).map(|fact| fact.position);
        entries.extend(registration.filter(|position| {
            let content = self.content(*position);
            let event = content.and_then(|content| content.event);
            event
                .as_ref()
                .and_then(Event::aliases)
                .is_some_and(|aliases| !aliases.is_empty())
        }));
        if entries.is_empty() {
            return;
        }
        let since = entries.iter().filter_map(|entry| self.content(*entry));
        let since = since.filter_map(|content| self.effective(&content)).min();
        let since = since.unwrap_or(Window::day(Day::MIN));
        let clear = found.kinds.entry(attributes.kind.clone());
        let clear = clear.or_insert_with(|| Clear {
            parties: BTreeSet::new(),
            entries: BTreeSet::new(),
            since,
        });
        clear.parties.insert(party.clone());
        clear.entries.extend(entries);
        clear.since = clear.since.min(since);
    }
}
