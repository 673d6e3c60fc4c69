//! Malformed drafts: every field that is wrong, each with its reason.

mod ask;
mod claim;
mod money;
mod policy;

use standing_domain::entry::draft::Draft;
use standing_proto::draft::read_batch;
use standing_proto::{Malformed, json, v1};

fn read(text: &str) -> Result<Draft, Malformed> {
    Draft::try_from(json::from_json::<v1::Draft>(text).unwrap())
}

/// Returns the fields and reasons of a malformed draft, one to a line.
fn violations(text: &str) -> String {
    summary(&read(text).unwrap_err())
}

fn summary(malformed: &Malformed) -> String {
    let line = |v: &standing_proto::FieldViolation| format!("{} {}", v.field, v.reason);
    malformed
        .violations
        .iter()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Judges an event that takes effect on a day.
fn event(text: &str) -> String {
    violations(&format!(
        r#"{{"effective":{{"date":"2024-09-25"}},{text}}}"#
    ))
}

/// Judges a norm.
fn norm(text: &str) -> String {
    let article = r#""instrument":"charter","article":"1","change":"ARTICLE_CHANGE_ADDED""#;
    event(&format!(
        r#""articleEnacted":{{{article},"norms":[{{{text}}}]}}"#
    ))
    .replace("article_enacted.norms[0].", "")
}

#[test]
fn every_malformed_field_is_reported() {
    let found = violations(
        r#"{"id":"A","effective":{"date":"2024-02-30"},"order":65536,"acted":{},
            "authority":{"decision":"","article":"x"},
            "sources":[{"reference":"a"},{"date":"2024-13"}],
            "confidence":9,"note":"a\u0000","corrects":{},
            "memberAdmitted":{"party":"X","class":""}}"#,
    );
    let expected = "id NOT_AN_ID
effective.date NOT_A_DATE
order OUT_OF_RANGE
acted MISSING
authority.decision NOT_AN_ID
authority.article NOT_AN_ID
sources[1].reference EMPTY
sources[1].date NOT_A_DATE
confidence UNKNOWN_VALUE
note CONTROL_CHARACTER
corrects MISSING
member_admitted.party NOT_AN_ID
member_admitted.class NOT_AN_ID";
    assert_eq!(found, expected);
}

#[test]
fn a_batch_numbers_its_drafts() {
    let draft = |text| json::from_json::<v1::Draft>(text).unwrap();
    let good = draft(r#"{"rulesAdopted":{"rulesVersion":1}}"#);
    let bad = draft(r#"{"memberAdmitted":{"party":"x","class":"X"}}"#);
    let found = read_batch(vec![good.clone(), bad.clone(), good.clone(), bad]).unwrap_err();
    let expected = "drafts[1].effective MISSING
drafts[1].member_admitted.class NOT_AN_ID
drafts[3].effective MISSING
drafts[3].member_admitted.class NOT_AN_ID";
    assert_eq!(summary(&found), expected);
    assert!(
        found
            .to_string()
            .starts_with("drafts[1].effective: is missing: this event has")
    );

    assert_eq!(
        read_batch(vec![good.clone(); 10_000]).unwrap().len(),
        10_000
    );
    assert_eq!(
        summary(&read_batch(vec![good; 10_001]).unwrap_err()),
        "drafts TOO_MANY"
    );
    assert_eq!(
        summary(&read_batch(Vec::new()).unwrap_err()),
        "drafts EMPTY"
    );
}

#[test]
fn the_text_of_an_error_stays_readable() {
    let found = read_batch(vec![v1::Draft::default(); 12]).unwrap_err();
    assert_eq!(found.violations.len(), 12);
    assert!(found.to_string().ends_with("; and 2 more"));
}

#[test]
fn dates_exist_and_are_counted() {
    let cases = [
        (r#""date":"2024-02-30""#, "date NOT_A_DATE"),
        (r#""date":"30.2.2024""#, "date NOT_A_DATE"),
        (r#""date":"""#, "date NOT_A_DATE"),
        (r#""date":"1899-12-31""#, "date DATE_OUT_OF_RANGE"),
        (r#""date":"2201""#, "date DATE_OUT_OF_RANGE"),
        (
            r#""window":{"earliestDate":"2024-02","latestDate":""}"#,
            "window.earliest_date NOT_A_DATE\neffective.window.latest_date NOT_A_DATE",
        ),
        (
            r#""window":{"earliestDate":"2024-02-02","latestDate":"2024-02-01"}"#,
            "window ENDS_BEFORE_IT_BEGINS",
        ),
        (
            r#""anchor":{"session":"s"}"#,
            "anchor.session NOT_AN_ID\neffective.anchor.edge UNSPECIFIED",
        ),
    ];
    for (when, expected) in cases {
        let text = format!(r#"{{"effective":{{{when}}},"rulesAdopted":{{}}}}"#);
        assert_eq!(violations(&text), format!("effective.{expected}"), "{when}");
    }
}

#[test]
fn what_must_be_there_is_there() {
    assert_eq!(violations("{}"), "event MISSING");
    assert!(read(r#"{"corrects":{"position":"1"}}"#).is_ok());
    assert_eq!(
        violations(r#"{"corrects":{"position":"0"}}"#),
        "corrects.position OUT_OF_RANGE"
    );
    assert_eq!(
        violations(r#"{"actAnnulled":{}}"#),
        "act_annulled.entry MISSING"
    );
    assert_eq!(
        violations(r#"{"sessionCancelled":{"session":"s/1"}}"#),
        "effective MISSING"
    );
    let cases = [
        (
            r#""nameTaken":{}"#,
            "name_taken.subject MISSING\nname_taken.name MISSING",
        ),
        (
            r#""officeAssumed":{"office":"chair"}"#,
            "office_assumed.holder MISSING",
        ),
        (
            r#""actingAssumed":{"office":"chair","holder":{}}"#,
            "acting_assumed.holder MISSING",
        ),
        (
            r#""membershipEnded":{"party":"a"}"#,
            "membership_ended.ground UNSPECIFIED",
        ),
        (
            r#""partySucceeded":{"fromParty":"a","toParty":"b","passes":[1,0,9]}"#,
            "party_succeeded.passes[1] UNSPECIFIED\nparty_succeeded.passes[2] UNKNOWN_VALUE",
        ),
        (
            r#""termDeclared":{"term":"vote"}"#,
            "term_declared.kind UNSPECIFIED",
        ),
        (
            r#""articleEnacted":{"instrument":"charter","article":"9-2"}"#,
            "article_enacted.change UNSPECIFIED",
        ),
        (
            r#""personNamed":{"person":"p"}"#,
            "person_named.names EMPTY",
        ),
        (
            r#""committeesMerged":{"intoCommittee":"c"}"#,
            "committees_merged.from_committees EMPTY",
        ),
        (r#""seatPlaced":{}"#, "seat_placed.place EMPTY"),
    ];
    for (text, expected) in cases {
        assert_eq!(event(text), expected, "{text}");
    }
}

#[test]
fn what_only_one_kind_of_word_can_say_is_refused_of_another() {
    let cases = [
        ("RIGHT", r#""membership":false"#, "membership"),
        (
            "BODY",
            r#""nouns":[{"language":"en","text":"member"}]"#,
            "nouns",
        ),
        (
            "CLASS",
            r#""electorateNotModelled":"weights""#,
            "electorate_not_modelled",
        ),
        ("OFFICE", r#""naturalPerson":true"#, "natural_person"),
    ];
    for (kind, said, field) in cases {
        let text = format!(r#""termDeclared":{{"kind":"TERM_KIND_{kind}","term":"a",{said}}}"#);
        assert_eq!(
            event(&text),
            format!("term_declared.{field} NOT_APPLICABLE"),
            "{text}"
        );
    }
    let both = r#""termDeclared":{"kind":"TERM_KIND_RIGHT","term":"A","membership":true}"#;
    assert_eq!(
        event(both),
        "term_declared.membership NOT_APPLICABLE\nterm_declared.term NOT_AN_ID"
    );
    let class = r#""partySucceeded":{"fromParty":"a","toParty":"b","passes":[3],"class":"full"}"#;
    assert_eq!(event(class), "party_succeeded.class NOT_APPLICABLE");
}

#[test]
fn some_events_need_no_effective_date() {
    for text in [
        r#""rollFrozen":{"session":"s/1"}"#,
        r#""turnDeclined":{"office":"chair","party":"a"}"#,
        r#""turnsSwapped":{"office":"chair","firstParty":"a","secondParty":"b"}"#,
        r#""fundEstablished":{"fund":"f","currency":"usd"}"#,
        r#""claimRecorded":{"answer":"7","founders":{}}"#,
    ] {
        assert!(read(&format!("{{{text}}}")).is_ok(), "{text}");
    }
    assert_eq!(
        violations(r#"{"parentStatusRecorded":{"party":"a","parent":"un"}}"#),
        "effective MISSING"
    );
}

#[test]
fn texts_have_limits() {
    let place = |bytes: usize| format!(r#""seatPlaced":{{"place":"{}"}}"#, "a".repeat(bytes));
    let accepted = format!(r#"{{"effective":{{"date":"2024"}},{}}}"#, place(4_096));
    assert!(read(&accepted).is_ok());
    for bytes in [4_097, 1_048_576] {
        assert_eq!(event(&place(bytes)), "seat_placed.place TOO_LONG");
    }

    let name = |text: &str| {
        let name = format!(r#"{{"language":"ko","text":"{text}"}}"#);
        event(&format!(r#""nameTaken":{{"party":"A","name":{name}}}"#))
    };
    let and_party = |rest: &str| format!("name_taken.party NOT_AN_ID{rest}");
    assert_eq!(name(&"a".repeat(512)), and_party(""));
    assert_eq!(
        name(&"a".repeat(513)),
        and_party("\nname_taken.name.text TOO_LONG")
    );
    assert_eq!(name(""), and_party("\nname_taken.name.text EMPTY"));
    for control in ["\\u0000", "\\u001b", "\\r", "\\u007f", "\\u0085"] {
        assert_eq!(
            name(control),
            and_party("\nname_taken.name.text CONTROL_CHARACTER")
        );
    }
    assert_eq!(name("a\\n\\tb 친"), and_party(""));
}

#[test]
fn lists_have_limits() {
    let sources = |count: usize| {
        let sources = vec![r#"{"reference":"a"}"#; count].join(",");
        read(&format!(r#"{{"sources":[{sources}],"rulesAdopted":{{}}}}"#))
    };
    assert!(sources(64).is_ok());
    assert_eq!(summary(&sources(65).unwrap_err()), "sources TOO_MANY");

    let present = |count: usize| {
        let present = vec![r#""a""#; count].join(",");
        let text = format!(r#""session":"s/1","present":[{present}]"#);
        read(&format!(r#"{{"attendanceRecorded":{{{text}}}}}"#))
    };
    assert!(present(10_000).is_ok());
    let found = present(10_001).unwrap_err();
    assert_eq!(summary(&found), "attendance_recorded.present TOO_MANY");
}

#[test]
fn a_time_zone_looks_like_one() {
    let zone = |zone: &str| {
        let founded = format!(r#""association":"near","timeZone":"{zone}""#);
        let founded = format!(r#""associationFounded":{{{founded}}}"#);
        read(&format!(
            r#"{{"effective":{{"date":"1996-09-12"}},{founded}}}"#
        ))
    };
    for good in [
        "Asia/Seoul",
        "UTC",
        "America/Argentina/Buenos_Aires",
        "Etc/GMT+9",
    ] {
        assert!(zone(good).is_ok(), "{good}");
    }
    for bad in [
        "Asia/",
        "/Seoul",
        "+09:00",
        "../etc/passwd",
        "Asia//Seoul",
        "Asia/Se oul",
        "서울",
    ] {
        let found = zone(bad).unwrap_err();
        assert_eq!(
            summary(&found),
            "association_founded.time_zone NOT_A_TIME_ZONE",
            "{bad}"
        );
    }
    assert_eq!(
        summary(&zone("").unwrap_err()),
        "association_founded.time_zone EMPTY"
    );
}

#[test]
fn norms_are_checked() {
    let text = r#""support":"SUPPORT_TEXT""#;
    let with = |rule: &str| norm(&format!("{text},{rule}"));
    assert_eq!(
        norm(r#""writtenPresence":{"body":"b"}"#),
        "support UNSPECIFIED"
    );
    assert_eq!(norm(text), "rule MISSING");
    assert_eq!(with(r#""confer":{"right":"vote"}"#), "confer.classes EMPTY");

    let threshold = |n: u32, d: u32| {
        let fraction = format!(r#""numerator":{n},"denominator":{d}"#);
        with(&format!(
            r#""quorum":{{"body":"b","countedOf":1,{fraction}}}"#
        ))
    };
    let comparator = "quorum.comparator UNSPECIFIED";
    assert_eq!(threshold(2, 3), comparator);
    assert_eq!(
        threshold(0, 0),
        format!("quorum.denominator NOT_A_FRACTION\n{comparator}")
    );
    assert_eq!(
        threshold(2, 0),
        format!("quorum.denominator NOT_A_FRACTION\n{comparator}")
    );
    assert_eq!(
        threshold(4, 3),
        format!("quorum.numerator NOT_A_FRACTION\n{comparator}")
    );
}

#[test]
fn conditions_are_not_empty_and_not_too_deep() {
    let nested = |levels: usize| {
        let nots = r#"{"not":"#.repeat(levels - 1);
        let condition = format!(
            r#"{nots}{{"yearWithoutSession":{{"series":"s"}}}}{}"#,
            "}".repeat(levels - 1)
        );
        norm(&format!(
            r#""condition":{condition},"writtenPresence":{{"body":"b"}}"#
        ))
    };
    let support = "support UNSPECIFIED";
    assert_eq!(nested(16), support);
    let too_deep = format!("condition{} TOO_DEEP\n{support}", ".not".repeat(16));
    assert_eq!(nested(17), too_deep);

    let condition = |text: &str| {
        norm(&format!(
            r#""condition":{text},"support":1,"writtenPresence":{{"body":"b"}}"#
        ))
    };
    assert_eq!(condition("{}"), "condition MISSING");
    assert_eq!(condition(r#"{"all":{}}"#), "condition.all.conditions EMPTY");
    assert_eq!(
        condition(r#"{"partyKind":{"ids":[]}}"#),
        "condition.party_kind.ids EMPTY"
    );
    assert_eq!(
        condition(r#"{"any":{"conditions":[{},{"partyKind":{"ids":["x","Y"]}}]}}"#),
        "condition.any.conditions[0] MISSING\ncondition.any.conditions[1].party_kind.ids[1] NOT_AN_ID"
    );
}

#[test]
fn successions_and_rotations_are_checked() {
    let with = |rule: &str| norm(&format!(r#""support":"SUPPORT_TEXT",{rule}"#));
    assert_eq!(
        with(r#""succession":{"passes":["membership","Offices","debts"]}"#),
        "succession.passes[1] UNKNOWN_VALUE\nsuccession.passes[2] UNKNOWN_VALUE"
    );
    assert_eq!(with(r#""succession":{}"#), "succession.passes EMPTY");
    assert_eq!(
        with(r#""rotation":{"office":"chair","classes":["full"]}"#),
        "rotation.order MISSING"
    );
    assert_eq!(
        with(r#""rotation":{"office":"chair","listed":{}}"#),
        "rotation.classes EMPTY\nrotation.listed.ids EMPTY"
    );
    assert_eq!(
        with(r#""convening":{"body":"b","deputyOf":"X"}"#),
        "convening.deputy_of NOT_AN_ID"
    );
    assert_eq!(
        norm(r#""support":1,"condition":{"parentSuspended":{}},"writtenPresence":{"body":"b"}"#),
        "condition.parent_suspended.parent NOT_AN_ID"
    );
}
