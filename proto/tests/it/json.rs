//! Canonical JSON: what it looks like, and what is wrong with what is not.

use standing_domain::time::record_time::RecordTime;
use standing_proto::json::{from_json, parse_jsonl, read_drafts, to_json, to_json_pretty};
use standing_proto::time::{record_time, timestamp};
use standing_proto::v1;

/// Returns what is said of a faulty draft.
fn fault(text: &str) -> String {
    from_json::<v1::Draft>(text).unwrap_err().to_string()
}

#[test]
fn json_is_canonical() {
    let head = v1::Head {
        position: 7,
        record_time: Some(timestamp(RecordTime::from_micros(1_727_222_400_123_456))),
        rules_version: 1,
        association: String::new(),
        epoch: 0,
    };
    let compact = r#"{"position":"7","recordTime":"2024-09-25T00:00:00.123456Z","rulesVersion":1}"#;
    assert_eq!(to_json(&head).unwrap(), compact);
    assert_eq!(from_json::<v1::Head>(compact).unwrap(), head);
    assert_eq!(
        to_json_pretty(&v1::GetEntryRequest {
            position: 7,
            epoch: None,
        })
        .unwrap(),
        "{\n  \"position\": \"7\"\n}"
    );
    assert_eq!(
        from_json::<v1::Head>(r#"{"rules_version":1}"#)
            .unwrap()
            .rules_version,
        1
    );
}

#[test]
fn what_json_cannot_express_is_an_error() {
    let record_time = Some(prost_types::Timestamp {
        seconds: i64::MAX,
        nanos: 0,
    });
    let head = v1::Head {
        record_time,
        ..v1::Head::default()
    };
    assert!(to_json(&head).is_err());
}

#[test]
fn instants_are_cut_to_the_microsecond() {
    for micros in [0, 1, 1_727_222_400_123_456] {
        let recorded = RecordTime::from_micros(micros);
        assert_eq!(record_time(&timestamp(recorded)), Some(recorded));
    }
    let instant = |seconds, nanos| prost_types::Timestamp { seconds, nanos };
    assert_eq!(
        record_time(&instant(1, 999)),
        Some(RecordTime::from_micros(1_000_000))
    );
    // Before 1970 the ledger knew nothing.
    assert_eq!(
        record_time(&instant(-1, 999_999_999)),
        Some(RecordTime::ZERO)
    );
    assert_eq!(record_time(&instant(1, -1)), None);
    assert_eq!(record_time(&instant(1, 1_000_000_000)), None);
    assert_eq!(record_time(&instant(i64::MAX, 0)), None);
}

#[test]
fn faults_name_the_field_and_the_place() {
    let cases = [
        (
            r#"{"memberAdmitted":{"partyy":"a"}}"#,
            "line 1, column 28: memberAdmitted.partyy: unknown field",
        ),
        (
            "{\n  \"member_admitted\": {\"party\": 7}\n}",
            "line 2, column 32: member_admitted.party: invalid type: integer `7`, expected a string",
        ),
        (
            r#"{"sources":[{"reference":"a"},{"referenc":"b"}]}"#,
            "line 1, column 42: sources[1].referenc: unknown field",
        ),
        (
            r#"{"note":"a","order":1,"note":"b"}"#,
            "line 1, column 29: note: the field is given twice",
        ),
        (
            r#"{"partySucceeded":{"fromParty":"a","from_party":"b"}}"#,
            "line 1, column 48: partySucceeded.from_party: the field is given twice",
        ),
        (
            r#"{"confidence":"SURE"}"#,
            "line 1, column 20: confidence: \"SURE\" is none of CONFIDENCE_CONFIRMED, CONFIDENCE_INFERRED, CONFIDENCE_DISPUTED, CONFIDENCE_UNCONFIRMED",
        ),
        (
            r#"{"memberAdmitted":{},"observerAccepted":{}}"#,
            "line 1, column 43: multiple fields provided for oneof 'event'",
        ),
        (r#"{"id":"a"} {}"#, "line 1, column 12: trailing characters"),
        (
            r#"{"id":"a""#,
            "line 1, column 9: EOF while parsing an object",
        ),
        (
            r#"{"memberAdmitted":{"party":"a""#,
            "line 1, column 30: memberAdmitted: EOF while parsing an object",
        ),
        (
            r#"["a"]"#,
            "line 1, column 1: invalid type: sequence, expected an object with the fields of standing.v1.Draft",
        ),
        ("", "line 1, column 0: EOF while parsing a value"),
    ];
    let (found, expected): (Vec<_>, Vec<_>) = cases
        .into_iter()
        .map(|(text, expected)| (fault(text), expected))
        .unzip();
    assert_eq!(found, expected);
}

#[test]
fn deep_nesting_is_an_error() {
    let deep = |levels: usize| {
        let (open, close) = (r#"{"not":"#.repeat(levels), "}".repeat(levels));
        from_json::<v1::Condition>(&format!("{open}{{}}{close}"))
    };
    assert!(deep(20).is_ok());
    for levels in [200, 10_000] {
        assert!(deep(levels).is_err());
    }
}

#[test]
fn files_are_read_line_by_line() {
    let text = "# Members\n\n{\"id\":\"a\"}\r\n   \n{\"id\":\"b\",\"x\":1}\n{}\n{\"id\":\"B\"}\n{\"id\":\"c\"}";
    let read: Vec<_> = parse_jsonl("members.jsonl", text)
        .map(|line| match line {
            Ok((number, draft)) => format!("{number} {}", draft.id),
            Err(error) => error.to_string(),
        })
        .collect();
    let expected = [
        "3 a",
        "members.jsonl:5: x: unknown field",
        "members.jsonl:6: id: every line has an id of its own",
        "members.jsonl:7: id: draft id \"B\" is not 1 to 64 of a-z, 0-9 and -",
        "8 c",
    ];
    assert_eq!(read, expected);
}

#[test]
fn a_byte_order_mark_at_the_start_of_a_file_is_no_part_of_its_text() {
    let ids = |text: &str| {
        let (drafts, faults) = read_drafts("rules.jsonl", text);
        let ids: Vec<_> = drafts
            .into_iter()
            .map(|(line, draft)| (line, draft.id))
            .collect();
        (ids, faults.len())
    };
    let rules = r#"{"id":"rules","rulesAdopted":{"rulesVersion":1}}"#;
    let read = |line| (vec![(line, "rules".to_owned())], 0);
    assert_eq!(ids(&format!("\u{feff}{rules}")), read(1));
    assert_eq!(ids(&format!("\u{feff}# A remark.\r\n{rules}\r\n")), read(2));
    assert_eq!(ids(&format!("\u{feff}\n{rules}")), read(2));
    // Anywhere else it is one character too many.
    assert_eq!(ids(&format!("\u{feff}\u{feff}{rules}")), (vec![], 1));
    assert_eq!(ids(&format!("{rules}\n\u{feff}{rules}")), (read(1).0, 1));
}

#[test]
fn all_that_is_wrong_with_a_file_is_told_at_once_as_it_is_spelt_there() {
    let text = r#"{"id":"a","effective":{"date":"2020"},"seat_placed":{"place":"x\ny"}}
{"id":"b","effective":{"date":"2020"},"partyRegistered":{"party":"A","kind":"town","names":[{"language":"en","text":"  "}]}}
{"id":"c","termDeclared":{"kind":"TERM_KIND_CLAS","term":"full"}}
{"id":"d","partySucceeded":{"passes":["PASSING_DEBTS"]}}
{"id":"e"
{"id":"f","note":"Nothing happened."}"#;
    let (drafts, faults) = read_drafts("law.jsonl", text);
    assert!(drafts.is_empty());
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let expected = [
        "law.jsonl:1: seat_placed.place: has U+000A, a line break, as its character 2: write a blank instead",
        "law.jsonl:2: partyRegistered.party: ",
        "law.jsonl:2: partyRegistered.names[0].text: is blank: write what shows, or leave the field out",
        "law.jsonl:3: termDeclared.kind: \"TERM_KIND_CLAS\" is none of TERM_KIND_CLASS, ",
        "law.jsonl:4: partySucceeded.passes[0]: \"PASSING_DEBTS\" is none of PASSING_MEMBERSHIP, ",
        "law.jsonl:5: EOF while parsing an object, at column 9",
        "law.jsonl:6: event: is missing: ",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}");
    }
    assert!(
        told[3].ends_with("; nearest is TERM_KIND_CLASS"),
        "{}",
        told[3]
    );
}
