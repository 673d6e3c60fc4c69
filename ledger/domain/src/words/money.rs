//! What events about money, and about the rights that hang on it, say in words.

use super::joined;
use crate::entry::event::dues::{
    Assessment, Money, Payment, PaymentPlan, Suspension, Waiver, WriteOff,
};
use crate::id::BodyId;
use crate::time::when::When;

/// Returns what is owed for a year.
pub(super) fn assessed(dues: &Assessment) -> String {
    let (party, fund, year) = (&dues.party, &dues.fund, dues.year);
    let (owed, due) = (amount(&dues.amount), &dues.due);
    let revision = match dues.revision {
        0 => String::new(),
        revision => format!(" (revision {revision})"),
    };
    format!("{party} owes {owed} to {fund} for {year}, due {due}{revision}")
}

/// Returns what was paid.
pub(super) fn paid(paid: &Payment) -> String {
    let year = paid.year.map(|year| format!(" for {year}"));
    let (paid_sum, year) = (amount(&paid.amount), year.unwrap_or_default());
    format!("{} pays {paid_sum} to {}{year}", paid.party, paid.fund)
}

/// Returns what need not be paid.
pub(super) fn written_off(off: &WriteOff) -> String {
    let (sum, year) = (amount(&off.amount), off.year);
    let (party, fund) = (&off.party, &off.fund);
    format!("{sum} that {party} owes to {fund} for {year} is written off")
}

/// Returns what is paid by when.
pub(super) fn agreed(plan: &PaymentPlan) -> String {
    let instalments: Vec<String> = plan
        .instalments
        .iter()
        .map(|part| format!("{} by {}", amount(&part.amount), part.due))
        .collect();
    let (party, fund) = (&plan.party, &plan.fund);
    let (all, until) = (instalments.join(", "), until(plan.until.as_ref()));
    format!("{party} agrees to pay {fund} {all}{until}")
}

/// Returns what a party may keep.
pub(super) fn granted(waiver: &Waiver) -> String {
    let (party, article) = (&waiver.party, &waiver.article);
    let (bodies, until) = (within(&waiver.bodies), until(waiver.until.as_ref()));
    format!("{party} keeps what {article} takes{bodies}{until}")
}

/// Returns what is taken from a party by decision.
pub(super) fn suspended(suspension: &Suspension) -> String {
    let (party, article) = (&suspension.party, &suspension.article);
    let rights = joined(&suspension.rights);
    let (bodies, until) = (within(&suspension.bodies), until(suspension.until.as_ref()));
    format!("{rights} of {party} are suspended under {article}{bodies}{until}")
}

fn amount(amount: &Money) -> String {
    super::amount::amount(amount.minor_units, amount.currency.as_str())
}

fn within(bodies: &[BodyId]) -> String {
    if bodies.is_empty() {
        return String::new();
    }
    format!(" in {}", joined(bodies))
}

/// The day named is the first on which it no longer holds, and the words say so (rule 5).
fn until(until: Option<&When>) -> String {
    until
        .map(|when| format!(", until {when} (that day out)"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::event::Event;
    use crate::entry::event::dues::{Fund, Instalment};
    use crate::id::{ArticleRef, FundId, PartyId, RightId, Word};
    use crate::time::when::Window;
    use crate::words::event;

    fn party() -> PartyId {
        PartyId::new("aa-north").unwrap()
    }

    fn fund() -> FundId {
        FundId::new("annual-fee").unwrap()
    }

    fn article() -> ArticleRef {
        ArticleRef::new("charter/6").unwrap()
    }

    fn word(text: &str) -> Word {
        Word::new(text).unwrap()
    }

    fn when(text: &str) -> When {
        When::Window(Window::parse(text).unwrap())
    }

    fn money(currency: &str, minor_units: u64) -> Money {
        Money {
            currency: word(currency),
            minor_units,
        }
    }

    fn check(said: &Event, expected: &str) {
        assert_eq!(event(said), expected);
    }

    #[test]
    fn what_is_owed_and_paid_is_told_in_amounts() {
        check(
            &Event::FundEstablished(Fund {
                fund: fund(),
                currency: word("usd"),
                names: Vec::new(),
            }),
            "fund annual-fee is established in usd",
        );
        let owed = "aa-north owes 1,000.00 usd to annual-fee for 2024, due 2024-04-30";
        for (revision, further) in [(0, ""), (2, " (revision 2)")] {
            let assessed = Assessment {
                party: party(),
                fund: fund(),
                year: 2024,
                revision,
                amount: money("usd", 100_000),
                due: when("2024-04-30"),
                ground: String::new(),
            };
            check(&Event::DuesAssessed(assessed), &format!("{owed}{further}"));
        }
        for (year, further) in [(Some(2024), " for 2024"), (None, "")] {
            let paid = Payment {
                party: party(),
                fund: fund(),
                amount: money("usd", 100_000),
                year,
                reference: String::new(),
            };
            let expected = format!("aa-north pays 1,000.00 usd to annual-fee{further}");
            check(&Event::DuesPaid(paid), &expected);
        }
        check(
            &Event::DuesWrittenOff(WriteOff {
                party: party(),
                fund: fund(),
                year: 2024,
                amount: money("usd", 100_000),
                ground: String::new(),
            }),
            "1,000.00 usd that aa-north owes to annual-fee for 2024 is written off",
        );
    }

    #[test]
    fn plans_are_told_with_their_instalments() {
        check(
            &Event::PlanAgreed(PaymentPlan {
                party: party(),
                fund: fund(),
                instalments: vec![Instalment {
                    due: when("2025-06"),
                    amount: money("krw", 5_000),
                }],
                until: Some(when("2026")),
            }),
            "aa-north agrees to pay annual-fee 5,000 krw by 2025-06, until 2026 (that day out)",
        );
        check(
            &Event::PlanEnded {
                party: party(),
                fund: fund(),
                reason: String::new(),
            },
            "the payment plan of aa-north with annual-fee ends",
        );
    }

    #[test]
    fn rights_that_hang_on_money_are_told_with_their_article() {
        let bodies = ["assembly", "council"].map(|body| BodyId::new(body).unwrap());
        check(
            &Event::WaiverGranted(Waiver {
                party: party(),
                article: article(),
                bodies: bodies.to_vec(),
                ground: String::new(),
                until: Some(when("2025-01-01")),
            }),
            "aa-north keeps what charter/6 takes in assembly, council, until 2025-01-01 (that day out)",
        );
        check(
            &Event::WaiverEnded {
                party: party(),
                article: article(),
            },
            "the waiver for aa-north under charter/6 ends",
        );
        let rights = ["vote", "stand"].map(|right| RightId::new(right).unwrap());
        check(
            &Event::RightsSuspended(Suspension {
                party: party(),
                rights: rights.to_vec(),
                bodies: Vec::new(),
                article: article(),
                until: None,
            }),
            "vote, stand of aa-north are suspended under charter/6",
        );
        check(
            &Event::SuspensionLifted {
                party: party(),
                article: article(),
            },
            "the suspension of aa-north under charter/6 is lifted",
        );
        check(
            &Event::NoticeServed {
                party: party(),
                article: article(),
                subject: "pay".to_owned(),
            },
            "aa-north is given notice under charter/6",
        );
        for (suspended, is) in [(true, "is"), (false, "is not")] {
            let status = Event::ParentStatusRecorded {
                party: party(),
                parent: word("un"),
                suspended,
            };
            check(&status, &format!("aa-north {is} suspended in un"));
        }
    }
}
