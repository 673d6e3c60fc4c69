//! Findings on names: those that fit two parties, those that look like one another, and those of
//! natural persons that stand in clear.

mod alike;

use super::persons::InClear;
use crate::answers::view::Parties;
use crate::audit::{Audit, Code, Finding, Severity};
use crate::id::position::Position;
use crate::id::{PartyId, Word};
use crate::record::party::PartyRecord;
use crate::stop::Stopped;
use crate::text::folded;
use crate::time::day::Day;
use crate::time::when::Window;
use std::collections::BTreeMap;

use alike::LookAlikes;

/// Who bears a name in a language: each with the entry and the name as it is written there.
type Bearers = BTreeMap<(String, Word), Vec<(PartyId, Position, String)>>;

impl<P: Parties> Audit<'_, P> {
    /// Names that fit two parties or look like one another, and those that stand in clear.
    pub(in crate::audit) fn name_findings(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        let mut bearers = Bearers::new();
        let mut alike = LookAlikes::default();
        let mut in_clear = InClear::default();
        self.walks.in_clear(&mut |party, record| {
            self.note_in_clear(party, record, &mut in_clear);
            Ok(())
        })?;
        self.walks.namesakes(&mut |party, record| {
            self.note_names(party, record, &mut bearers);
            self.note_looks(party, record, &mut alike);
            Ok(())
        })?;
        found.extend(in_clear.into_findings());
        self.ambiguous(bearers, found)?;
        alike.into_findings(self.on, self.stop, found)
    }

    fn note_names(&self, party: &PartyId, record: &PartyRecord, bearers: &mut Bearers) {
        for fact in record.name_facts() {
            let Some(language) = self.view.book.word(fact.value.language) else {
                continue;
            };
            if fact.is_known(self.view.known_at) {
                let name = (folded(&fact.value.text), language.clone());
                let text = fact.value.text.to_string();
                let of = bearers.entry(name).or_default();
                of.push((party.clone(), fact.position, text));
            }
        }
    }

    /// Names that fit two parties, whenever they bear them.
    fn ambiguous(&self, bearers: Bearers, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        for ((_, language), mut of) in bearers {
            self.stop.check()?;
            of.sort();
            of.dedup_by(|a, b| a.0 == b.0);
            if of.len() < 2 {
                continue;
            }
            let since = of
                .iter()
                .filter_map(|(_, position, _)| self.content(*position));
            let since = since.filter_map(|content| self.effective(&content));
            let date = since.max().unwrap_or(Window::day(Day::MIN));
            let parties: Vec<PartyId> = of.iter().map(|(party, ..)| party.clone()).collect();
            let name = &of[0].2;
            let message = format!("the name {name} ({language}) fits {} parties", of.len());
            let entries = of.iter().map(|(_, position, _)| *position);
            let (code, severity) = (Code::AmbiguousName, Severity::Note);
            let finding = Finding::new(code, severity, date, entries, message);
            found.push(finding.of_parties(parties));
        }
        Ok(())
    }
}
