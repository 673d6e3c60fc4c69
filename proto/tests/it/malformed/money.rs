//! Malformed drafts about money.

use super::event;

#[test]
fn amounts_and_years_are_in_range() {
    let paid = |fields: &str| {
        event(&format!(
            r#""duesPaid":{{"party":"a","fund":"f",{fields}}}"#
        ))
    };
    let amount = |currency: &str, units: &str| {
        paid(&format!(
            r#""amount":{{"currency":"{currency}","minorUnits":"{units}"}}"#
        ))
    };
    // Malformed in one place only, so that what is well-formed is seen not to be reported.
    let year = "dues_paid.year OUT_OF_RANGE";
    let amount_and_year = |units: &str| {
        paid(&format!(
            r#""amount":{{"currency":"usd","minorUnits":"{units}"}},"year":1"#
        ))
    };
    assert_eq!(amount_and_year("0"), year);
    assert_eq!(amount_and_year("1000000000000000"), year);

    let units = "dues_paid.amount.minor_units";
    assert_eq!(amount("usd", "-1"), format!("{units} NEGATIVE"));
    assert_eq!(
        amount("usd", "-9223372036854775808"),
        format!("{units} NEGATIVE")
    );
    for above in ["1000000000000001", "9223372036854775807"] {
        assert_eq!(amount("usd", above), format!("{units} OUT_OF_RANGE"));
    }
    for currency in ["", "USD", "Usd", "zzz", "us", "usd ", "dollar"] {
        assert_eq!(
            amount(currency, "1"),
            "dues_paid.amount.currency NOT_A_CURRENCY",
            "{currency}"
        );
    }
    assert_eq!(
        amount("won", "-1"),
        format!("dues_paid.amount.currency NOT_A_CURRENCY\n{units} NEGATIVE")
    );
    assert_eq!(paid(r#""year":2024"#), "dues_paid.amount MISSING");
    assert_eq!(
        event(r#""fundEstablished":{"fund":"f","currency":"EUR"}"#),
        "fund_established.currency NOT_A_CURRENCY"
    );
}

#[test]
fn years_are_those_of_days() {
    let off = |year: u32| {
        let amount = r#""amount":{"currency":"usd","minorUnits":"1"}"#;
        let fields = format!(r#""party":"A","fund":"f",{amount},"year":{year}"#);
        event(&format!(r#""duesWrittenOff":{{{fields}}}"#))
    };
    let party = "dues_written_off.party NOT_AN_ID";
    for year in [1900, 2024, 2200] {
        assert_eq!(off(year), party, "{year}");
    }
    for year in [0, 1, 1899, 2201, 65_536, 67_560, u32::MAX] {
        let expected = format!("{party}\ndues_written_off.year OUT_OF_RANGE");
        assert_eq!(off(year), expected, "{year}");
    }
    assert_eq!(
        event(r#""duesAssessed":{"party":"a","fund":"f","year":2024,"revision":65536}"#),
        "dues_assessed.revision OUT_OF_RANGE
dues_assessed.amount MISSING
dues_assessed.due MISSING"
    );
}

#[test]
fn what_hangs_on_money_is_complete() {
    let cases = [
        (
            r#""planAgreed":{"party":"a","fund":"f"}"#,
            "plan_agreed.instalments EMPTY",
        ),
        (
            r#""planAgreed":{"party":"a","fund":"f","instalments":[{}]}"#,
            "plan_agreed.instalments[0].due MISSING\nplan_agreed.instalments[0].amount MISSING",
        ),
        (
            r#""waiverGranted":{"party":"a","article":"charter","until":{}}"#,
            "waiver_granted.article NOT_AN_ID\nwaiver_granted.until MISSING",
        ),
        (
            r#""rightsSuspended":{"party":"a","article":"charter/9"}"#,
            "rights_suspended.rights EMPTY",
        ),
        (
            r#""parentStatusRecorded":{"party":"a"}"#,
            "parent_status_recorded.parent NOT_AN_ID",
        ),
        (
            r#""rollFrozen":{"session":"s","entitled":["a","B"]}"#,
            "roll_frozen.session NOT_AN_ID\nroll_frozen.entitled[1] NOT_AN_ID",
        ),
        (
            r#""turnsSwapped":{"office":"chair","firstParty":"a"}"#,
            "turns_swapped.second_party NOT_AN_ID",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(event(text), expected, "{text}");
    }
}
