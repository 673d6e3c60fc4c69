//! What whoever records is told to look at again: texts that name a natural person in clear.

use crate::call::errors::Problem;
use standing_domain::id::PersonId;
use standing_engine::{EntryError, Ledger, PersonSearch};
use standing_proto::draft::persons_named;
use standing_proto::v1;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// How many warnings an answer has at most.
const MOST: usize = 100;

/// A person and a name, that a request on its way gives: neither is recorded yet.
#[derive(Clone)]
pub(crate) struct Named(Arc<(PersonId, String)>);

impl Named {
    /// Takes note of a name; none if the id of the person is malformed: then it is refused where it
    /// is read.
    pub fn new(person: &str, name: &str) -> Option<Self> {
        let person = PersonId::new(person).ok()?;
        Some(Self(Arc::new((person, name.to_owned()))))
    }
}

/// Collects warnings while a request is read.
pub(crate) struct Warnings<'l> {
    is_idle: bool,
    search: RefCell<PersonSearch<'l>>,
    found: RefCell<Vec<v1::RecordWarning>>,
    failed: RefCell<Option<EntryError>>,
}

impl<'l> Warnings<'l> {
    /// Begins to collect them for drafts. Whom they name themselves is looked for too, and whom
    /// those name that come before them and are on their way.
    pub fn of(ledger: &'l Ledger, drafts: &[v1::Draft], before: &[Named]) -> Self {
        let mut search = ledger.person_search();
        for Named(named) in before {
            search.note(&named.0, &named.1);
        }
        for (person, name) in persons_named(drafts) {
            // A malformed id is refused where it is read.
            if let Ok(person) = PersonId::new(person) {
                search.note(&person, name);
            }
        }
        Self {
            is_idle: search.is_empty(),
            search: RefCell::new(search),
            found: RefCell::default(),
            failed: RefCell::default(),
        }
    }

    /// Looks at a text in a field.
    pub fn see(&self, field: &dyn fmt::Display, text: &str) {
        let left = MOST - self.found.borrow().len();
        if self.is_idle || left == 0 || self.failed.borrow().is_some() {
            return;
        }
        match self.search.borrow_mut().find(text) {
            Ok(persons) => self.warn(field, &persons, left),
            Err(error) => *self.failed.borrow_mut() = Some(error),
        }
    }

    fn warn(&self, field: &dyn fmt::Display, persons: &BTreeSet<PersonId>, left: usize) {
        let warnings = persons.iter().take(left).map(|person| v1::RecordWarning {
            field: field.to_string(),
            reason: "PERSON_NAMED".to_owned(),
            subject: person.to_string(),
            message: format!(
                "contains the name of person {person} in clear, where no erasure reaches it: write \
                 {person}, or leave the name out"
            ),
        });
        self.found.borrow_mut().extend(warnings);
    }

    /// Returns them, in the order of the request.
    pub fn told(self) -> Result<Vec<v1::RecordWarning>, Problem> {
        match self.failed.into_inner() {
            Some(error) => Err(error.into()),
            None => Ok(self.found.into_inner()),
        }
    }
}
