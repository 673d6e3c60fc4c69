//! Enums of the contract and of the domain, both ways.

use crate::v1;
use standing_domain::audit;
use standing_domain::entry;
use standing_domain::entry::event;
use standing_domain::entry::norm;
use standing_domain::entry::policy;
use standing_domain::time::when;

/// A domain enum that travels as an enum of the contract.
pub(crate) trait Choice: Sized {
    /// The enum of the contract.
    type Wire: TryFrom<i32>;

    /// Returns the meaning of a value; none where the contract refuses it unsaid.
    fn choose(wire: Self::Wire) -> Option<Self>;
}

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
