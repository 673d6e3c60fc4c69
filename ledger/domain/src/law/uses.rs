//! What goes with what by the law of a day: which functions a body has, who admits to a class,
//! which seats an office has. It says what may be said, not what was right: whether a condition is
//! met is not asked.
//!
//! Stratum (rule 27): law; reads recorded acts.

use crate::entry::event::TermKind;
use crate::entry::norm::ask::Power;
use crate::entry::norm::{DelegationRule, OfficeRule};
use crate::id::{BodyId, ClassId, FunctionId, OfficeId, Word};
use crate::law::LawView;
use crate::time::day::Day;
use std::collections::{BTreeMap, BTreeSet};

/// What goes with what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uses {
    /// The functions that a body has, or that can be handed to it.
    pub functions: BTreeMap<BodyId, BTreeSet<FunctionId>>,
    /// The bodies that go with another word of the vocabulary: that have a function, admit to a
    /// class, elect to an office or whose host holds it.
    pub bodies: BTreeMap<(TermKind, Word), BTreeSet<BodyId>>,
    /// The seats of an office.
    pub seats: BTreeMap<OfficeId, BTreeSet<Word>>,
}

/// Returns what functions that admit to a class are called.
pub(crate) fn admitting(class: &ClassId) -> [String; 2] {
    [format!("admit-{class}"), format!("admit-{class}-members")]
}

impl Uses {
    /// Gathers what goes with what on a day, where these functions are declared.
    #[must_use]
    pub fn of(law: &LawView, day: Day, declared: &BTreeSet<FunctionId>) -> Self {
        let mut uses = Self::default();
        let mut delegations: Vec<&DelegationRule> = Vec::new();
        for norm in law.in_force(day) {
            match norm.norm.rule.power() {
                Some(Power::Functions(rule)) => uses.give(&rule.body, &rule.functions),
                Some(Power::Class(rule)) => {
                    let names = admitting(&rule.class);
                    let functions = names.iter().filter_map(|name| declared.get(name.as_str()));
                    let functions: Vec<&FunctionId> = functions.collect();
                    for body in &rule.admitted_by {
                        uses.name((TermKind::Class, (&rule.class).into()), body);
                        uses.give(body, functions.iter().copied());
                    }
                }
                Some(Power::Delegation(rule)) => delegations.push(rule),
                None => {}
            }
            if let Some(rule) = norm.norm.rule.office() {
                uses.fill(rule);
            }
        }
        // What is handed on is what the other has of its own.
        let own = uses.functions.clone();
        for rule in delegations {
            if rule.functions.is_empty() {
                uses.give(&rule.to, own.get(&rule.from).into_iter().flatten());
            } else {
                uses.give(&rule.to, &rule.functions);
            }
        }
        uses
    }

    fn give<'f>(&mut self, body: &BodyId, functions: impl IntoIterator<Item = &'f FunctionId>) {
        for function in functions {
            self.name((TermKind::Function, function.into()), body);
            let of_body = self.functions.entry(body.clone()).or_default();
            of_body.insert(function.clone());
        }
    }

    fn name(&mut self, term: (TermKind, Word), body: &BodyId) {
        let bodies = self.bodies.entry(term).or_default();
        bodies.insert(body.clone());
    }

    fn fill(&mut self, rule: &OfficeRule) {
        let bodies = [&rule.elected_by, &rule.held_by_host_of];
        for body in bodies.into_iter().flatten() {
            self.name((TermKind::Office, (&rule.office).into()), body);
        }
        let seats = self.seats.entry(rule.office.clone()).or_default();
        seats.extend(rule.seats.iter().cloned());
    }
}
