//! Dues through the real binary: an example of every policy, both sides of its threshold, and bad
//! input.

use crate::harness::{Client, Failure, Folder, batch, list, number, pick, text};
use crate::house::tidy::root;
use serde_json::{Value, json};
use standing_proto::v1;
use std::collections::BTreeMap;
use tonic::Code;

/// Both sides of every threshold: file, party, right, body, day, verdict, tier, stage, arrears that
/// count in cents.
const THRESHOLDS: &str = "
    near-2017 | alder | vote | general-assembly | 2025-05-01 | HELD | 1 | CLEAR | 0
    near-2017 | birch | vote | general-assembly | 2025-04-30 | HELD | 1 | CLEAR | 0
    near-2017 | birch | vote | general-assembly | 2025-05-01 | HELD | 1 | LIABLE | 100000
    near-2017 | birch | vote | general-assembly | 2025-06-09 | HELD | 1 | LIABLE | 100000
    near-2017 | birch | vote | general-assembly | 2025-06-10 | NOT_HELD | 1 | LIABLE | 100000
    near-2017 | birch | vote | general-assembly | 2025-08-31 | NOT_HELD | 1 | LIABLE | 100000
    near-2017 | birch | vote | general-assembly | 2025-09-01 | HELD | 1 | CLEAR | 0
    near-2019 | birch | vote | - | 2026-04-30 | HELD | 1 | CLEAR | 100000
    near-2019 | birch | stand | - | 2026-05-01 | HELD | 1 | LIABLE | 200000
    near-2019 | alder | vote | - | 2026-05-01 | HELD | 1 | CLEAR | 100000
    un-19 | birch | vote | general-assembly | 2026-12-31 | HELD | 1 | CLEAR | 100000
    un-19 | birch | vote | general-assembly | 2027-01-01 | NOT_HELD | 1 | LOST | 200000
    un-19 | alder | vote | general-assembly | 2027-01-01 | HELD | 1 | CLEAR | 199999
    un-19 | cedar | vote | general-assembly | 2027-01-31 | NOT_HELD | 1 | LOST | 200000
    un-19 | cedar | vote | general-assembly | 2027-02-01 | HELD | 1 | LOST | 200000
    un-19 | cedar | vote | general-assembly | 2028-09-10 | HELD | 1 | LOST | 200000
    un-19 | cedar | vote | general-assembly | 2028-09-11 | UNDETERMINED | 1 | LOST | 200000
    ilo-13-4 | birch | elect | governing-body | 2026-12-31 | HELD | 1 | CLEAR | 100000
    ilo-13-4 | birch | elect | governing-body | 2027-01-01 | NOT_HELD | 1 | LOST | 200000
    ilo-13-4 | alder | vote | conference | 2027-01-01 | HELD | 1 | CLEAR | 199999
    who-7 | birch | vote | - | 2027-05-18 | HELD | 1 | LIABLE | 200000
    who-7 | birch | services | - | 2027-05-19 | HELD | 1 | LIABLE | 200000
    who-7 | birch | vote | - | 2028-05-16 | NOT_HELD | 1 | LOST | 300000
    who-7 | alder | vote | - | 2028-05-16 | HELD | 1 | CLEAR | 199999
    unesco-iv-c-8 | birch | vote | general-conference | 2027-04-30 | HELD | 1 | CLEAR | 100001
    unesco-iv-c-8 | birch | vote | general-conference | 2027-05-01 | NOT_HELD | 1 | LOST | 200001
    unesco-iv-c-8 | alder | vote | general-conference | 2027-05-01 | HELD | 1 | CLEAR | 200000
    fao-iii-4 | birch | vote | conference | 2026-12-31 | HELD | 1 | CLEAR | 100000
    fao-iii-4 | birch | vote | conference | 2027-01-01 | NOT_HELD | 1 | LOST | 200000
    fao-iii-4 | alder | vote | conference | 2027-01-01 | HELD | 1 | CLEAR | 199999
    unido-5 | birch | vote | general-conference | 2026-12-31 | HELD | 1 | CLEAR | 100000
    unido-5 | birch | vote | general-conference | 2027-01-01 | NOT_HELD | 1 | LOST | 200000
    unido-5 | alder | vote | general-conference | 2027-01-01 | HELD | 1 | CLEAR | 199999
    unido-5 | birch | vote | board | 2027-02-28 | NOT_HELD | 1 | LOST | 200000
    unido-5 | birch | vote | board | 2027-03-01 | HELD | 1 | LOST | 200000
    unido-5 | birch | vote | general-conference | 2027-03-01 | NOT_HELD | 1 | LOST | 200000
    unido-5 | cedar | vote | - | 2026-02-28 | HELD | - | - | -
    unido-5 | cedar | vote | - | 2026-03-01 | NOT_HELD | 1 | CLEAR | 0
    imo-61 | birch | vote | council | 2026-04-30 | HELD | 1 | CLEAR | 1
    imo-61 | birch | vote | council | 2026-05-01 | NOT_HELD | 1 | LOST | 1
    imo-61 | alder | vote | council | 2026-05-01 | HELD | 1 | CLEAR | 0
    imo-61 | birch | stand | council | 2026-06-30 | NOT_HELD | 2 | LOST | 1
    imo-61 | birch | stand | council | 2026-07-01 | HELD | 2 | CLEAR | 0
    imo-61 | birch | stand | council | 2027-01-01 | NOT_HELD | 2 | LOST | 1
    iccrom-9 | birch | vote | - | 2022-04-30 | HELD | 1 | CLEAR | 20000
    iccrom-9 | birch | vote | - | 2022-05-01 | NOT_HELD | 1 | LOST | 30000
    iccrom-9 | alder | vote | - | 2022-05-01 | HELD | 1 | CLEAR | 20000
    iccrom-9 | birch | services | - | 2023-12-31 | HELD | 2 | CLEAR | 30000
    iccrom-9 | birch | services | - | 2024-01-01 | NOT_HELD | 2 | LOST | 40000
    iccrom-9 | alder | services | - | 2024-01-01 | HELD | 2 | CLEAR | 20000
    iccrom-9 | birch | services | - | 2025-12-31 | NOT_HELD | 3 | CLEAR | 50000
    iccrom-9 | birch | services | - | 2026-01-01 | NOT_HELD | 3 | LOST | 60000
    au-2018 | birch | speak | - | 2025-10-30 | HELD | 1 | CLEAR | 50001
    au-2018 | birch | speak | - | 2025-10-31 | NOT_HELD | 1 | LOST | 50001
    au-2018 | alder | speak | - | 2025-10-31 | HELD | 1 | CLEAR | 50000
    au-2018 | alder | stand | - | 2026-04-30 | HELD | 2 | CLEAR | 50000
    au-2018 | alder | stand | - | 2026-05-01 | NOT_HELD | 2 | LOST | 50000
    au-2018 | birch | participate | - | 2027-04-30 | HELD | 3 | CLEAR | 50001
    au-2018 | birch | participate | - | 2027-05-01 | NOT_HELD | 3 | LOST | 50001
    uclg-36 | birch | vote | general-assembly | 2025-12-31 | HELD | 1 | CLEAR | 0
    uclg-36 | birch | vote | general-assembly | 2026-03-10 | NOT_HELD | 1 | LOST | 1
    uclg-36 | alder | stand | general-assembly | 2026-03-10 | HELD | 1 | CLEAR | 0
    iclei-2-3a | birch | speak | council | 2026-04-30 | HELD | 1 | CLEAR | 1
    iclei-2-3a | birch | speak | council | 2026-05-01 | NOT_HELD | 1 | LOST | 1
    iclei-2-3a | alder | vote | - | 2026-05-01 | HELD | 1 | CLEAR | 0
    deemed-resignation-12m | birch | vote | - | 2026-04-30 | HELD | 1 | CLEAR | 1
    deemed-resignation-12m | birch | vote | - | 2026-05-01 | NOT_HELD | 1 | LOST | 1
    deemed-resignation-12m | birch | vote | - | 2026-08-31 | NOT_HELD | 1 | LOST | 1
    deemed-resignation-12m | birch | vote | - | 2026-09-01 | HELD | 1 | CLEAR | 0
    deemed-resignation-12m | alder | vote | - | 2026-05-01 | HELD | 1 | CLEAR | 0
";

/// Starts a server on an empty ledger with one example.
fn serving(example: &str, test: impl FnOnce(&Client)) {
    let folder = Folder::new();
    let file = root().join(format!("deploy/dues/{example}.jsonl"));
    let server = folder.serve_with(&["--import".into(), file]);
    test(server.client());
}

/// Asks whether a party holds a right, under readings.
fn check(client: &Client, [party, right, body, on]: [&str; 4], readings: &[&str]) -> Value {
    let question = json!({
        "question": {"party": party, "right": right, "body": body},
        "at": {"on": on, "readings": readings},
    });
    client.answer("RightsService/CheckRight", &question.to_string())
}

fn columns(row: &str) -> [&str; 9] {
    let columns: Vec<&str> = row.split(" | ").map(str::trim).collect();
    let columns = columns
        .iter()
        .map(|column| if *column == "-" { "" } else { column });
    let columns: Vec<&str> = columns.collect();
    columns.try_into().expect("nine columns")
}

#[test]
fn rule_29_every_example_shows_both_sides_of_its_threshold() {
    let mut by_file: BTreeMap<&str, Vec<[&str; 9]>> = BTreeMap::new();
    let rows = THRESHOLDS
        .lines()
        .map(str::trim)
        .filter(|row| !row.is_empty());
    for row in rows.map(columns) {
        by_file.entry(row[0]).or_default().push(row);
    }
    let folder = std::fs::read_dir(root().join("deploy/dues")).expect("the folder is there");
    let names = folder.map(|entry| entry.expect("an entry").file_name());
    let names = names.filter_map(|name| Some(name.to_str()?.strip_suffix(".jsonl")?.to_owned()));
    let mut names: Vec<String> = names.filter(|name| name != "same-history").collect();
    names.sort();
    assert_eq!(names, by_file.keys().copied().collect::<Vec<_>>());
    let mut wrong = Vec::new();
    for (file, rows) in by_file {
        serving(file, |client| {
            for row in rows {
                wrong.extend(differs(client, row));
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is answered otherwise than a row says.
fn differs(client: &Client, row: [&str; 9]) -> Option<String> {
    let [file, party, right, body, on, verdict, tier, stage, owed] = row;
    let answer = check(client, [party, right, body, on], &[]);
    let found = text(&answer, "answer.verdict").trim_start_matches("VERDICT_");
    let grounds = list(&answer, "answer.grounds.dues");
    let ground = grounds
        .iter()
        .find(|ground| number(ground, "tier").to_string() == tier);
    let seen = ground.map_or(["", "", ""].map(String::from), |ground| {
        [
            text(ground, "policy").to_owned(),
            text(ground, "stage")
                .trim_start_matches("DUES_STAGE_")
                .to_owned(),
            number(ground, "owed").to_string(),
        ]
    });
    let expected = if tier.is_empty() {
        ["", "", ""]
    } else {
        [file, stage, owed]
    };
    (found != verdict || seen != expected)
        .then(|| format!("{}: {found}, {}", row.join(" | "), seen.join(" ")))
}

/// USD 1,000 due each 30 April, and nothing paid from 2025 on, asked for 2027-03-01.
#[test]
fn rule_28_one_history_under_four_policies() {
    serving("same-history", |client| {
        let on = "2027-03-01";
        let ground_of = |answer: &Value| pick(answer, "answer.grounds.dues.0").clone();
        let expect = |party: &str, body: &str, expected: &[(&str, Value)]| {
            let answer = check(client, [party, "vote", body, on], &[]);
            for (path, value) in expected {
                assert_eq!(pick(&answer, path), value, "{party} {path}: {answer:#}");
            }
            ground_of(&answer)
        };
        let held = ("answer.verdict", json!("VERDICT_HELD"));
        let ground = expect(
            "member-near-2017",
            "general-assembly",
            std::slice::from_ref(&held),
        );
        assert_eq!(
            said(&ground),
            "DUES_STAGE_LIABLE since 2025-05-01, 200000 usd of 0, by decision, pay 200000"
        );
        assert_eq!(text(&ground, "oldestDueDate"), "2025-04-30");
        assert_eq!(text(&ground, "cause"), "dues for 2025 to core are overdue");
        let ground = expect(
            "member-near-2019",
            "general-assembly",
            std::slice::from_ref(&held),
        );
        assert_eq!(
            said(&ground),
            "DUES_STAGE_LIABLE since 2026-05-01, 200000 usd of 0, by decision, pay 100000"
        );
        assert_eq!(pick(&ground, "unpaidYears"), &json!([2025, 2026]));
        assert_eq!(text(&ground, "reading"), "due-date");
        assert_eq!(
            pick(&ground, "otherReadings"),
            &json!(["year-end", "due-date-automatic", "year-end-automatic"])
        );
        let lost = ("answer.verdict", json!("VERDICT_NOT_HELD"));
        let ground = expect("member-un-19", "general-assembly", &[lost]);
        assert_eq!(
            said(&ground),
            "DUES_STAGE_LOST since 2027-01-01, 200000 usd of 200000, pay 1"
        );
        assert_eq!(text(&ground, "cause"), "the year 2027 begins");
        let then = [
            held,
            ("answer.expiry.endDate", json!("2027-05-01")),
            ("answer.expiry.then", json!("VERDICT_NOT_HELD")),
            (
                "answer.expiry.cause",
                json!("unesco/iv-c-8: dues for 2027 to core are overdue"),
            ),
        ];
        let ground = expect("member-unesco-iv-c-8", "general-conference", &then);
        assert_eq!(
            said(&ground),
            "DUES_STAGE_CLEAR since , 200000 usd of 200000, pay 0"
        );
        assert_eq!(number(&ground, "keepAmount"), 100_000);
        assert_eq!(text(&ground, "keepByDate"), "2027-04-30");
    });
}

fn said(ground: &Value) -> String {
    let by_decision = if pick(ground, "byDecision") == &json!(true) {
        ", by decision"
    } else {
        ""
    };
    format!(
        "{} since {}, {} {} of {}{by_decision}, pay {}",
        text(ground, "stage"),
        text(ground, "sinceDate"),
        number(ground, "owed"),
        text(ground, "currency"),
        number(ground, "threshold"),
        number(ground, "smallestPayment"),
    )
}

#[test]
fn rule_25_a_reading_changes_the_answer_and_an_unknown_one_is_refused() {
    serving("same-history", |client| {
        let ask = |on, readings: &[&str]| {
            let asked = ["member-near-2019", "vote", "general-assembly", on];
            let answer = check(client, asked, readings);
            let stage = text(&answer, "answer.grounds.dues.0.stage").to_owned();
            let reading = text(&answer, "answer.grounds.dues.0.reading").to_owned();
            let verdict = text(&answer, "answer.verdict").to_owned();
            [verdict, stage, reading].join(" ")
        };
        let (on, liable) = ("2026-05-01", "DUES_STAGE_LIABLE");
        assert_eq!(ask(on, &[]), format!("VERDICT_HELD {liable} due-date"));
        assert_eq!(
            ask(on, &["year-end"]),
            "VERDICT_HELD DUES_STAGE_CLEAR year-end"
        );
        assert_eq!(
            ask("2027-01-01", &["year-end"]),
            format!("VERDICT_HELD {liable} year-end")
        );
        assert_eq!(
            ask(on, &["due-date-automatic"]),
            "VERDICT_NOT_HELD DUES_STAGE_LOST due-date-automatic"
        );
        let refused = |readings: Value| {
            let question = json!({
                "question": {"party": "member-near-2019", "right": "vote"},
                "at": {"on": on, "readings": readings},
            });
            let refused = client.ask("RightsService/CheckRight", &question.to_string());
            let failure = refused.expect_err("refused");
            assert_eq!(failure.code, Code::InvalidArgument, "{failure:?}");
            failure.message
        };
        assert!(refused(json!(["sunrise"])).contains("sunrise"));
        assert!(refused(json!(["due-date", "year-end"])).contains("year-end"));
    });
}

#[test]
fn rule_28_an_account_and_who_is_in_arrears() {
    serving("un-19", |client| {
        let account = |party, on| {
            let question = json!({"party": party, "at": {"on": on}});
            client.answer("DuesService/GetAccount", &question.to_string())
        };
        let answer = account("birch", "2027-01-01");
        assert_eq!(text(&answer, "views.0.article"), "charter/19");
        assert_eq!(number(&answer, "views.0.overdueAmount"), 200_000);
        let lines = list(&answer, "views.0.lines").iter();
        let lines: Vec<_> = lines
            .map(|line| {
                let columns =
                    ["year", "assessed", "paid", "unpaid"].map(|field| number(line, field));
                (
                    columns,
                    text(line, "dueDate"),
                    pick(line, "dueDatePassed") == &json!(true),
                )
            })
            .collect();
        assert_eq!(
            lines,
            [
                ([2024, 100_000, 100_000, 0], "2024-04-30", true),
                ([2025, 100_000, 0, 100_000], "2025-04-30", true),
                ([2026, 100_000, 0, 100_000], "2026-04-30", true),
            ]
        );
        assert_eq!(text(&answer, "views.0.grounds.0.stage"), "DUES_STAGE_LOST");
        assert_eq!(list(&answer, "entries").len(), 4);
        let before = account("birch", "2026-04-30");
        assert_eq!(number(&before, "views.0.overdueAmount"), 100_000);
        let question = json!({"party": "nobody", "at": {"on": "2027-01-01"}});
        let failure = client.ask("DuesService/GetAccount", &question.to_string());
        assert_eq!(failure.expect_err("refused").code, Code::NotFound);
        let question = json!({"at": {"on": "2027-01-01"}});
        let arrears = client.answer("DuesService/ListArrears", &question.to_string());
        let listed = list(&arrears, "arrears").iter();
        let listed: Vec<_> = listed
            .map(|line| {
                (
                    text(line, "party"),
                    number(line, "overdueAmount"),
                    text(line, "oldestDueDate"),
                )
            })
            .collect();
        assert_eq!(
            listed,
            [
                ("alder", 199_999, "2025-04-30"),
                ("birch", 200_000, "2025-04-30"),
                ("cedar", 200_000, "2025-04-30"),
            ]
        );
        let question = json!({"at": {"on": "2025-04-30"}});
        let arrears = client.answer("DuesService/ListArrears", &question.to_string());
        assert_eq!(list(&arrears, "arrears").len(), 0, "{arrears:#}");
    });
}

/// A late payment recorded after a deemed resignation and a readmission is accepted, and what it
/// changes is shown.
#[test]
fn rule_27_a_late_payment_dissolves_the_end_of_a_membership() {
    serving("deemed-resignation-12m", |client| {
        let vote = |on| {
            let answer = check(client, ["birch", "vote", "", on], &[]);
            text(&answer, "answer.verdict").to_owned()
        };
        let found = || {
            let question = json!({"at": {"on": "2027-01-01"}});
            let answer = client.answer("AuditService/ListFindings", &question.to_string());
            let codes = list(&answer, "findings").iter();
            let codes: Vec<_> = codes
                .map(|finding| text(finding, "code").to_owned())
                .collect();
            codes.contains(&"membership-twice".to_owned())
        };
        assert_eq!(
            (vote("2026-08-31"), found()),
            ("VERDICT_NOT_HELD".to_owned(), false)
        );
        let late = json!({
            "id": "late", "effective": {"date": "2026-04-29"},
            "duesPaid": {"party": "birch", "fund": "core", "amount": {"currency": "usd", "minorUnits": "1"}},
        });
        client
            .record(&batch("late", &late.to_string()))
            .expect("it is accepted");
        assert_eq!(
            (vote("2026-08-31"), found()),
            ("VERDICT_HELD".to_owned(), true)
        );
    });
}

/// What is refused or malformed: what the failure says, and the draft.
const BAD: &str = r#"
    dues_paid.amount.minor_units | {"effective": {"date": "2027-01-01"}, "duesPaid": {"party": "birch", "fund": "core", "amount": {"currency": "usd", "minorUnits": "-1"}}}
    dues_paid.amount.minor_units | {"effective": {"date": "2027-01-01"}, "duesPaid": {"party": "birch", "fund": "core", "amount": {"currency": "usd", "minorUnits": "1000000000000001"}}}
    dues_assessed.amount.minor_units | {"effective": {"date": "2027-01-01"}, "duesAssessed": {"party": "birch", "fund": "core", "year": 2027, "amount": {"currency": "usd", "minorUnits": "9223372036854775807"}, "due": {"date": "2027-04-30"}}}
    dues_paid.amount.currency | {"effective": {"date": "2027-01-01"}, "duesPaid": {"party": "birch", "fund": "core", "amount": {"currency": "dollars", "minorUnits": "1"}}}
    OTHER_CURRENCY: eur | {"effective": {"date": "2027-01-01"}, "duesPaid": {"party": "birch", "fund": "core", "amount": {"currency": "eur", "minorUnits": "1"}}}
    UNKNOWN_FUND: reserve | {"effective": {"date": "2027-01-01"}, "duesPaid": {"party": "birch", "fund": "reserve", "amount": {"currency": "usd", "minorUnits": "1"}}}
    UNKNOWN_PARTY: nobody | {"effective": {"date": "2027-01-01"}, "duesPaid": {"party": "nobody", "fund": "core", "amount": {"currency": "usd", "minorUnits": "1"}}}
    ALREADY_EXISTS | {"effective": {"date": "2027-01-01"}, "duesAssessed": {"party": "birch", "fund": "core", "year": 2026, "amount": {"currency": "usd", "minorUnits": "1"}, "due": {"date": "2027-04-30"}}}
    WAIVER_END: charter/19 | {"effective": {"date": "2027-01-01"}, "waiverGranted": {"party": "birch", "article": "charter/19", "ground": "Hardship."}}
    NOT_HELD | {"effective": {"date": "2027-01-01"}, "suspensionLifted": {"party": "birch", "article": "charter/19"}}
    charter/20: norms[0].dues.readings[0].tiers[0].lost_at | {"effective": {"date": "2027-01-01"}, "articleEnacted": {"instrument": "charter", "article": "20", "citation": "20", "change": "ARTICLE_CHANGE_ADDED", "norms": [{"support": "SUPPORT_TEXT", "dues": {"name": "own", "paymentOrder": "PAYMENT_ORDER_OLDEST_FIRST", "readings": [{"name": "text", "tiers": [{"age": {"months": 12, "countedFrom": "DUES_COUNTED_FROM_DUE_DATE"}, "comparator": "COMPARATOR_MORE_THAN", "mode": "DUES_MODE_AUTOMATIC", "lostAt": {"day": "DUES_DAY_OF_DECISION"}, "restoredAt": {"day": "DUES_DAY_ANY"}, "restoredBy": "DUES_RESTORATION_BELOW_THRESHOLD"}]}]}}]}}
    fraction | {"effective": {"date": "2027-01-01"}, "articleEnacted": {"instrument": "charter", "article": "20", "citation": "20", "change": "ARTICLE_CHANGE_ADDED", "norms": [{"support": "SUPPORT_TEXT", "dues": {"name": "own", "paymentOrder": "PAYMENT_ORDER_OLDEST_FIRST", "readings": [{"name": "text", "tiers": [{"fraction": {"paid": {"numerator": 3, "denominator": 2}, "months": 6}, "comparator": "COMPARATOR_MORE_THAN", "mode": "DUES_MODE_AUTOMATIC", "lostAt": {"day": "DUES_DAY_ANY"}, "restoredAt": {"day": "DUES_DAY_ANY"}, "restoredBy": "DUES_RESTORATION_BELOW_THRESHOLD"}]}]}}]}}
    built_in | {"effective": {"date": "2027-01-01"}, "articleEnacted": {"instrument": "charter", "article": "20", "citation": "20", "change": "ARTICLE_CHANGE_ADDED", "norms": [{"support": "SUPPORT_TEXT", "dues": {"builtIn": "un-20"}}]}}
"#;

#[test]
fn bad_money_is_refused_and_writes_nothing() {
    serving("un-19", |client| {
        let head = client.head();
        for row in BAD.lines().map(str::trim).filter(|row| !row.is_empty()) {
            let (expected, draft) = row.split_once(" | ").expect("two columns");
            let drafted: v1::Draft = standing_proto::json::from_json(draft)
                .unwrap_or_else(|error| panic!("{draft}: {error}"));
            let request = v1::RecordRequest {
                request_id: "bad".to_owned(),
                drafts: vec![v1::Draft {
                    id: "bad".to_owned(),
                    ..drafted
                }],
                irregular: v1::IrregularPolicy::Record.into(),
                ..v1::RecordRequest::default()
            };
            let failure: Failure = client.record(&request).expect_err(draft);
            assert!(
                matches!(
                    failure.code,
                    Code::InvalidArgument | Code::FailedPrecondition
                ),
                "{failure:?}"
            );
            let said = failure.violations.join("\n");
            assert!(said.contains(expected), "{draft}\n{said}");
            assert_eq!(client.head(), head, "{draft}");
        }
    });
}
