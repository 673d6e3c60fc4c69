//! Findings on conditions that ask what a party is by words that fit no party on record: a slip of
//! the pen leaves such a norm without effect, and nothing else tells.

use crate::answers::view::Parties;
use crate::audit::{Audit, Code, Finding, Severity};
use crate::entry::event::TermKind;
use crate::entry::norm::ask::Attribute;
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{ArticleRef, Word};
use crate::stop::Stopped;
use crate::time::when::Window;
use std::collections::{BTreeMap, BTreeSet};

/// What is asked of parties, by the article that asks and its version.
type Asked<'a> = BTreeMap<(&'a ArticleRef, Position), BTreeSet<(Attribute, &'a Word)>>;

impl<P: Parties> Audit<'_, P> {
    /// Notes on articles in force whose conditions name a kind, a country or a region that no party
    /// on record has, and for kinds that nobody declared.
    pub(in crate::audit) fn condition_findings(
        &self,
        found: &mut Vec<Finding>,
    ) -> Result<(), Stopped> {
        let mut asked = Asked::new();
        for norm in self.view.law.in_force(self.on) {
            self.stop.check()?;
            let mut words = BTreeSet::new();
            let mut each = |attribute, word| {
                words.insert((attribute, word));
            };
            norm.norm.condition.each_attribute(&mut each);
            let class = norm.norm.rule.class();
            if let Some(eligibility) = class.and_then(|rule| rule.eligibility.as_ref()) {
                eligibility.each_attribute(&mut each);
            }
            if !words.is_empty() {
                let of = asked.entry((norm.article, norm.position)).or_default();
                of.append(&mut words);
            }
        }
        if asked.is_empty() {
            return Ok(());
        }
        let known = self.known_attributes()?;
        for ((article, position), words) in asked {
            let is_unknown = |(attribute, word): &(Attribute, &Word)| {
                let declared = *attribute == Attribute::Kind && self.is_declared(word);
                !declared && !known.contains(&(*attribute, (*word).clone()))
            };
            let unknown: Vec<String> = words
                .into_iter()
                .filter(is_unknown)
                .map(|(attribute, word)| format!("{} {word}", attribute.noun()))
                .collect();
            if unknown.is_empty() {
                continue;
            }
            let message = format!(
                "{article} asks whether a party is of {}: no party on record is, nor is it declared",
                unknown.join(", ")
            );
            let window = self
                .content(position)
                .and_then(|said| self.effective(&said));
            let window = window.unwrap_or(Window::day(self.on));
            let (code, severity) = (Code::ConditionOfNobody, Severity::Note);
            let finding = Finding::new(code, severity, window, [position], message);
            found.push(finding.under([article.clone()]));
        }
        Ok(())
    }

    /// Returns what parties are, by the record.
    fn known_attributes(&self) -> Result<BTreeSet<(Attribute, Word)>, Stopped> {
        let mut known = BTreeSet::new();
        self.walks.of_every_kind(&mut |_, record| {
            if let Some(attributes) = self.view.attributes(record) {
                let kind = Some(&attributes.kind);
                let of = [
                    (Attribute::Kind, kind),
                    (Attribute::Country, attributes.country.as_ref()),
                    (Attribute::Region, attributes.region.as_ref()),
                ];
                for (attribute, word) in of {
                    known.extend(word.map(|word| (attribute, word.clone())));
                }
            }
            Ok(())
        })?;
        Ok(known)
    }

    /// Returns whether a kind of party is a word of the vocabulary.
    fn is_declared(&self, kind: &Word) -> bool {
        let slot = Slot::Term(TermKind::PartyKind, kind.clone());
        let mut known = self.view.book.known(&slot, self.view.known_at);
        known.next().is_some()
    }
}
