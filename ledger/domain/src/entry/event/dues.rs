//! What is recorded of money, and of the rights that hang on it (rules 28 to 30).

use crate::entry::event::Name;
use crate::id::{ArticleRef, BodyId, FundId, PartyId, RightId, Word};
use crate::time::when::When;
use iso_currency::Currency;
use serde::{Deserialize, Serialize};

/// The largest amount that can be recorded, in minor units: sums of any number of entries stay
/// exact.
pub const MOST: u64 = 1_000_000_000_000_000;

/// Returns whether a text is a currency: a code of ISO 4217, in lower case.
#[must_use]
pub fn is_currency(text: &str) -> bool {
    let code = Currency::from_code(&text.to_ascii_uppercase());
    code.is_some() && text.bytes().all(|b| b.is_ascii_lowercase())
}

/// An amount of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// The currency (ISO 4217, lower case).
    pub currency: Word,
    /// How many of its minor units, 0 to [`MOST`].
    pub minor_units: u64,
}

/// A fund that dues are owed to. It has one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fund {
    /// The fund.
    pub fund: FundId,
    /// Its currency (ISO 4217, lower case).
    pub currency: Word,
    /// What it is called.
    pub names: Vec<Name>,
}

/// What a party owes for a year. The effective date is that of the act; the amount is owed from
/// then on and falls due on a day of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The party.
    pub party: PartyId,
    /// The fund.
    pub fund: FundId,
    /// The year for which it is owed, as the policy counts years.
    pub year: u16,
    /// Which assessment of that year this is, from 0; the highest in effect counts. A reduction is
    /// a revision.
    pub revision: u16,
    /// How much.
    pub amount: Money,
    /// The last day on which it can be paid in time.
    pub due: When,
    /// Why it is revised; empty for the first.
    pub ground: String,
}

/// A payment as credited. The effective date is the day of its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The party for which it is credited.
    pub party: PartyId,
    /// The fund.
    pub fund: FundId,
    /// How much.
    pub amount: Money,
    /// The year that the payer names; none leaves it to the policy's order.
    pub year: Option<u16>,
    /// What the bank or the secretariat calls it.
    pub reference: String,
}

/// An amount that is no longer owed, by an act of the association.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteOff {
    /// The party.
    pub party: PartyId,
    /// The fund.
    pub fund: FundId,
    /// The year.
    pub year: u16,
    /// How much.
    pub amount: Money,
    /// Why.
    pub ground: String,
}

/// A plan by which arrears are paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentPlan {
    /// The party.
    pub party: PartyId,
    /// The fund.
    pub fund: FundId,
    /// What is to be paid by when.
    pub instalments: Vec<Instalment>,
    /// The first day on which it no longer holds; none: until it is ended.
    pub until: Option<When>,
}

/// A part of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instalment {
    /// The last day on which it can be paid in time.
    pub due: When,
    /// How much.
    pub amount: Money,
}

/// An act by which a body lets a party keep what a dues policy takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// The party.
    pub party: PartyId,
    /// The article that carries the policy.
    pub article: ArticleRef,
    /// The bodies in which the rights are kept; none is every body.
    pub bodies: Vec<BodyId>,
    /// Why.
    pub ground: String,
    /// The first day on which it no longer holds; none: until it is ended.
    pub until: Option<When>,
}

/// Rights suspended by decision, where the law says "may" (rule 17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// The party.
    pub party: PartyId,
    /// The rights.
    pub rights: Vec<RightId>,
    /// The bodies; none is every body.
    pub bodies: Vec<BodyId>,
    /// The article whose policy or power is used.
    pub article: ArticleRef,
    /// The first day on which it no longer holds; none: until it is lifted or the policy restores.
    pub until: Option<When>,
}
