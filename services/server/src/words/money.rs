//! What events about money, and about the rights that hang on it, say in words.

use super::joined;
use standing_domain::entry::event::dues::{
    Assessment, Money, Payment, PaymentPlan, Suspension, Waiver, WriteOff,
};
use standing_domain::id::BodyId;
use standing_domain::time::when::When;
use standing_proto::money;

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
    money::amount(amount.minor_units, amount.currency.as_str())
}

fn within(bodies: &[BodyId]) -> String {
    if bodies.is_empty() {
        return String::new();
    }
    format!(" in {}", joined(bodies))
}

/// The day named is the first on which it no longer holds.
fn until(until: Option<&When>) -> String {
    until
        .map(|when| format!(", until {when}"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::words::says;
    use standing_domain::entry::Draft;
    use standing_proto::json::from_json;
    use standing_proto::v1;

    fn check(event: &str, expected: &str) {
        let text = format!(r#"{{"effective":{{"date":"2024"}},{event}}}"#);
        let draft = Draft::try_from(from_json::<v1::Draft>(&text).unwrap()).unwrap();
        assert_eq!(says(&draft.content), expected);
    }

    #[test]
    fn accounts_are_told_in_amounts() {
        check(
            r#""fundEstablished":{"fund":"annual-fee","currency":"usd"}"#,
            "fund annual-fee is established in usd",
        );
        let fee = r#""party":"aa-north","fund":"annual-fee","year":2024"#;
        let amount = r#""amount":{"currency":"usd","minorUnits":"100000"}"#;
        let assessed = format!(r#"{fee},{amount},"due":{{"date":"2024-04-30"}}"#);
        check(
            &format!(r#""duesAssessed":{{{assessed}}}"#),
            "aa-north owes 1,000.00 usd to annual-fee for 2024, due 2024-04-30",
        );
        check(
            &format!(r#""duesAssessed":{{{assessed},"revision":2}}"#),
            "aa-north owes 1,000.00 usd to annual-fee for 2024, due 2024-04-30 (revision 2)",
        );
        check(
            &format!(r#""duesPaid":{{{fee},{amount}}}"#),
            "aa-north pays 1,000.00 usd to annual-fee for 2024",
        );
        check(
            &format!(r#""duesWrittenOff":{{{fee},{amount}}}"#),
            "1,000.00 usd that aa-north owes to annual-fee for 2024 is written off",
        );
        let plan = r#""party":"aa-north","fund":"annual-fee""#;
        let won = r#"{"due":{"date":"2025-06"},"amount":{"currency":"krw","minorUnits":"5000"}}"#;
        check(
            &format!(r#""planAgreed":{{{plan},"instalments":[{won}],"until":{{"date":"2026"}}}}"#),
            "aa-north agrees to pay annual-fee 5,000 krw by 2025-06, until 2026",
        );
        check(
            &format!(r#""planEnded":{{{plan}}}"#),
            "the payment plan of aa-north with annual-fee ends",
        );
    }

    #[test]
    fn rights_that_hang_on_money_are_told_with_their_article() {
        let under = r#""party":"aa-north","article":"charter/6""#;
        let scope = r#""bodies":["assembly","council"],"until":{"date":"2025-01-01"}"#;
        check(
            &format!(r#""waiverGranted":{{{under},{scope}}}"#),
            "aa-north keeps what charter/6 takes in assembly, council, until 2025-01-01",
        );
        check(
            &format!(r#""waiverEnded":{{{under}}}"#),
            "the waiver for aa-north under charter/6 ends",
        );
        check(
            &format!(r#""rightsSuspended":{{{under},"rights":["vote","stand"]}}"#),
            "vote, stand of aa-north are suspended under charter/6",
        );
        check(
            &format!(r#""suspensionLifted":{{{under}}}"#),
            "the suspension of aa-north under charter/6 is lifted",
        );
        check(
            &format!(r#""noticeServed":{{{under},"subject":"pay"}}"#),
            "aa-north is given notice under charter/6",
        );
        for (suspended, is) in [("true", "is"), ("false", "is not")] {
            check(
                &format!(
                    r#""parentStatusRecorded":{{"party":"a","parent":"un","suspended":{suspended}}}"#
                ),
                &format!("a {is} suspended in un"),
            );
        }
    }
}
