//! Enums of the contract and of the domain, both ways.

use crate::v1;
use standing_domain::audit;
use standing_domain::entry;
use standing_domain::entry::event;
use standing_domain::entry::norm;
use standing_domain::entry::policy;
use standing_domain::time::when;

/// An enum of the contract, whose values can be listed.
pub(crate) trait Listed: TryFrom<i32> {
    /// Returns the name of a value, as JSON writes it.
    fn name(&self) -> &'static str;

    /// Returns the names of all values that say something, one after the other.
    fn names() -> String {
        let values = (1..=MOST_VALUES).filter_map(|number| Self::try_from(number).ok());
        let names: Vec<&str> = values.map(|value| value.name()).collect();
        names.join(", ")
    }
}

/// The numbers of the values of every enum lie below this.
const MOST_VALUES: i32 = 64;

/// A domain enum that travels as an enum of the contract.
pub(crate) trait Choice: Sized {
    /// The enum of the contract.
    type Wire: Listed;

    /// Returns the meaning of a value; none where the contract refuses it unsaid.
    fn choose(wire: Self::Wire) -> Option<Self>;
}

macro_rules! listed {
    ($wire:path) => {
        impl Listed for $wire {
            fn name(&self) -> &'static str {
                self.as_str_name()
            }
        }
    };
}

listed!(v1::AuthorityKind);
listed!(v1::Completeness);
listed!(v1::DuesDay);
listed!(v1::DuesMode);
listed!(v1::IrregularPolicy);
listed!(v1::UpcomingKind);

macro_rules! choices {
    ($($domain:path, $wire:path: $unspecified:expr, [$($variant:ident),*];)*) => {$(
        impl Choice for $domain {
            type Wire = $wire;

            fn choose(wire: $wire) -> Option<Self> {
                match wire {
                    <$wire>::Unspecified => $unspecified,
                    $(<$wire>::$variant => Some(Self::$variant),)*
                }
            }
        }

        listed!($wire);

        impl From<$domain> for $wire {
            fn from(domain: $domain) -> Self {
                match domain {
                    $(<$domain>::$variant => Self::$variant,)*
                }
            }
        }
    )*};
}

choices! {
    audit::Severity, v1::Severity: None, [Irregular, Unproven, Mismatch, Gap, Note];
    entry::Confidence, v1::Confidence: Some(Self::Confirmed), [Confirmed, Inferred, Disputed, Unconfirmed];
    event::NameKind, v1::NameKind: Some(Self::Public), [Public, Legal];
    event::Outcome, v1::Outcome: Some(Self::NotRecorded), [NotRecorded, Adopted, Rejected, Noted];
    event::ArticleChange, v1::ArticleChange: None, [Original, Added, Amended];
    event::EndGround, v1::EndGround: None, [Withdrawal, Expulsion, Succession];
    norm::Passing, v1::Passing: None, [Membership, Offices, Accounts, Seats];
    event::TermKind, v1::TermKind: None, [Class, Right, Body, Function, Office, PartyKind];
    policy::Comparator, v1::Comparator: None, [AtLeast, MoreThan];
    norm::CountedOf, v1::CountedOf: None, [Entitled, Present, NotModelled];
    norm::Support, v1::Support: None, [Text, Attested, Presumed, Unknown];
    policy::PaymentOrder, v1::PaymentOrder: None, [OldestFirst, NamedYearFirst, NewestFirst];
    policy::CountedFrom, v1::DuesCountedFrom: None, [DueDate, YearEnd];
    policy::Restoration, v1::DuesRestoration: None, [BelowThreshold, PaidInFull, PlanAgreed, Decision];
    when::Edge, v1::SessionEdge: None, [Opening, Close];
}
