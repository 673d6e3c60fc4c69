//! Roles: names for what somebody may do, those that are there from the start and those that the
//! configuration adds.

use crate::access::grants::{BUILT_IN, Grant, Grants, of};
use std::collections::BTreeMap;

/// Every role, with what it holds.
#[derive(Debug, Clone)]
pub(crate) struct Roles(BTreeMap<String, Grants>);

/// A role that is named and is not there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownRole(pub String);

impl Default for Roles {
    fn default() -> Self {
        let built_in = BUILT_IN.map(|(name, grants)| (name.to_owned(), of(grants)));
        Self(built_in.into())
    }
}

impl Roles {
    /// Adds a role.
    ///
    /// # Errors
    /// It is there already, or holds what is no permission; the text says which.
    pub fn add(&mut self, name: &str, permissions: &[String]) -> Result<(), String> {
        if self.0.contains_key(name) {
            return Err(format!(
                "the role {name} is there already: give it another name"
            ));
        }
        let mut grants = Grants::default();
        for permission in permissions {
            let known = Grant::ALL
                .into_iter()
                .find(|grant| grant.word() == permission);
            let Some(grant) = known else {
                let all = Grant::ALL.map(Grant::word).join(", ");
                return Err(format!(
                    "the role {name} holds {permission:?}, which is no permission: there are {all}"
                ));
            };
            grants = grants.with(grant);
        }
        self.0.insert(name.to_owned(), grants);
        Ok(())
    }

    /// Returns what some roles hold together.
    pub fn of<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<Grants, UnknownRole> {
        let mut grants = Grants::default();
        for name in names {
            let role = self
                .0
                .get(name)
                .ok_or_else(|| UnknownRole(name.to_owned()))?;
            grants = grants.and(*role);
        }
        Ok(grants)
    }

    /// Says that a role is not there, and which are.
    pub fn no_such(&self, name: &str) -> String {
        let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
        format!("there is no role {name:?}, only {}", known.join(", "))
    }
}
