//! Dues: who owes what on a day, and which rights a policy takes for it (rules 27 to 30).
//!
//! A pure calculation over plain values: a [`crate::entry::policy::DuesPolicy`], the
//! [`account::Account`] of one party, and the sessions and notices around it. It knows no entries
//! and no books. What is not known to the day is placed twice, as well and as badly for the party
//! as the windows allow; where both agree, so does every placement between them.

pub mod account;
mod as_if;
pub mod built_in;
pub mod case;
mod choices;
mod contradiction;
mod decided;
pub mod loss;
pub mod measure;
mod paying;
mod points;
pub mod remedy;
