//! Questions about what is not known, and malformed ones.

use super::{World, assert_refused, big, on_small, rows};
use crate::harness::{list, near, number, pick, text};
use serde_json::json;
use tonic::Code;

/// What is not known: the reason, what is named, the method, the question.
const UNKNOWN: &str = r#"
    UNKNOWN_PARTY | xx-nobody | RightsService/CheckRight | {"question": {"party": "xx-nobody", "right": "vote"}}
    UNKNOWN_RIGHT | veto | RightsService/CheckRight | {"question": {"party": "aa-alder", "right": "veto"}}
    UNKNOWN_BODY | senate | RightsService/CheckRight | {"question": {"party": "aa-alder", "right": "vote", "body": "senate"}}
    UNKNOWN_PARTY | xx-nobody | RightsService/CheckRight | {"question": {"party": "xx-nobody", "right": "vote"}, "verdictOnly": true}
    UNKNOWN_RIGHT | veto | RightsService/CheckRight | {"question": {"party": "aa-alder", "right": "veto"}, "verdictOnly": true}
    UNKNOWN_RIGHT | veto | RightsService/CheckRight | {"question": {"party": "bb-dogwood", "right": "veto"}, "verdictOnly": true}
    UNKNOWN_BODY | senate | RightsService/CheckRight | {"question": {"party": "bb-dogwood", "right": "vote", "body": "senate"}, "verdictOnly": true}
    UNKNOWN_PARTY | xx-nobody | RightsService/GetStanding | {"party": "xx-nobody"}
    UNKNOWN_RIGHT | veto | RightsService/ListHolders | {"right": "veto"}
    UNKNOWN_BODY | senate | RightsService/ListHolders | {"right": "vote", "body": "senate"}
    UNKNOWN_PARTY | xx-nobody | RightsService/GetTimeline | {"question": {"party": "xx-nobody", "right": "vote"}}
    UNKNOWN_RIGHT | veto | RightsService/GetTimeline | {"question": {"party": "aa-alder", "right": "veto"}}
    UNKNOWN_PARTY | xx-nobody | RollService/GetParty | {"party": "xx-nobody"}
    UNKNOWN_PARTY | aa-alder | RollService/GetParty | {"party": "aa-alder", "at": {"position": "0"}}
    UNKNOWN_CLASS | platinum | RollService/ListParties | {"class": "platinum"}
    UNKNOWN_OFFICE | jester | RollService/ListOfficeHolders | {"office": "jester"}
    UNKNOWN_OFFICE | jester | RollService/GetRotation | {"office": "jester"}
    UNKNOWN_SESSION | assembly/9 | RollService/GetSession | {"session": "assembly/9"}
    UNKNOWN_SESSION | assembly/1 | RollService/GetSession | {"session": "assembly/1", "at": {"position": "0"}}
    UNKNOWN_DECISION | assembly-9-nothing | RollService/GetSession | {"session": "assembly/2", "decision": "assembly-9-nothing"}
    UNKNOWN_DECISION | nearest is assembly-2-admissions | RollService/GetSession | {"session": "assembly/2", "decision": "assembly-2-admission"}
    UNKNOWN_DECISION | was taken by assembly/2, not by assembly/1 | RollService/GetSession | {"session": "assembly/1", "decision": "assembly-2-admissions"}
    UNKNOWN_OFFICE | nearest is chair | RollService/GetRotation | {"office": "chairr"}
    UNKNOWN_INSTRUMENT | statute | LawService/GetInstrument | {"instrument": "statute"}
    UNKNOWN_INSTRUMENT | statute | LawService/GetArticle | {"instrument": "statute", "article": "1"}
    UNKNOWN_ARTICLE | 99 | LawService/GetArticle | {"instrument": "charter", "article": "99"}
    UNKNOWN_ARTICLE | 99 | LawService/ListArticleVersions | {"instrument": "charter", "article": "99"}
    UNKNOWN_INSTRUMENT | statute | LawService/CompareInstrument | {"instrument": "statute", "earlierDate": "2001-01-01"}
    UNKNOWN_ARTICLE | 99 | LawService/CompareArticle | {"instrument": "charter", "article": "99", "earlierDate": "2001-01-01"}
    UNKNOWN_ENTRY | 29 | LedgerService/GetEntry | {"position": "29"}
    UNKNOWN_PARTY | xx-nobody | LedgerService/ListEntries | {"party": "xx-nobody"}
    UNKNOWN_SESSION | assembly/9 | LedgerService/ListEntries | {"session": "assembly/9"}
    UNKNOWN_SESSION | assembly/1 | LedgerService/ListEntries | {"session": "assembly/1", "lastPosition": "1"}
"#;

/// What is malformed: the field, the method, the question.
const MALFORMED: &str = r#"
    party | RightsService/CheckRight | {"question": {"party": "", "right": "vote"}}
    party | RightsService/CheckRight | {"question": {"party": "Nobody There", "right": "vote"}}
    party | RightsService/CheckRight | {"question": {"party": "BIG", "right": "vote"}}
    party | RightsService/CheckRight | {"question": {"party": "BIG", "right": "vote"}, "verdictOnly": true}
    right | RightsService/CheckRight | {"question": {"party": "aa-alder"}}
    body | RightsService/CheckRight | {"question": {"party": "aa-alder", "right": "vote", "body": "BIG"}}
    questions | RightsService/CheckRights | {}
    party | RightsService/GetStanding | {"party": "BIG"}
    right | RightsService/ListHolders | {}
    right | RightsService/ListHolders | {"right": "BIG"}
    last_date | RightsService/GetTimeline | {"question": {"party": "aa-alder", "right": "vote"}, "firstDate": "2012-01-02", "lastDate": "2012-01-01"}
    first_date | RightsService/GetTimeline | {"question": {"party": "aa-alder", "right": "vote"}, "firstDate": "2012-02-30"}
    party | RollService/GetParty | {}
    party | RollService/GetParty | {"party": "BIG"}
    class | RollService/ListParties | {"class": "BIG"}
    query | RollService/ListParties | {"query": " - "}
    query | RollService/ListParties | {"query": "BIG"}
    query | RollService/ListParties | {"query": "alder", "name": "Alder"}
    office | RollService/ListOfficeHolders | {}
    office | RollService/GetRotation | {}
    session | RollService/GetSession | {"session": "assembly"}
    session | RollService/GetSession | {"session": "BIG"}
    instrument | LawService/GetInstrument | {}
    article | LawService/GetArticle | {"instrument": "charter"}
    article | LawService/GetArticle | {"instrument": "charter", "article": "BIG"}
    earlier_date | LawService/CompareInstrument | {"instrument": "charter"}
    earlier_date | LawService/CompareInstrument | {"instrument": "charter", "earlierDate": "2023-02-30"}
    article | LawService/CompareArticle | {"instrument": "charter", "earlierDate": "2001-01-01"}
    earlier_date | LawService/CompareArticle | {"instrument": "charter", "article": "1"}
    position | LedgerService/GetEntry | {}
    party | LedgerService/ListEntries | {"party": "BIG"}
    session | LedgerService/ListEntries | {"session": "assembly"}
    actor | LedgerService/ListEntries | {"actor": "BIG"}
    kinds[1] | LedgerService/ListEntries | {"kinds": ["withdrawal", "adored"]}
    last_recorded | LedgerService/ListEntries | {"firstRecorded": "2024-01-02", "lastRecorded": "2024-01-01"}
"#;

#[test]
fn what_is_not_known_is_named() {
    on_small(|client| {
        for [reason, name, method, question] in rows(UNKNOWN) {
            let expected = (Code::NotFound, reason, name);
            let row = format!("{method} {question}");
            assert_refused(client.ask(method, question), expected, &row);
        }
    });
}

#[test]
fn malformed_questions_name_the_field() {
    on_small(|client| {
        for [field, method, question] in rows(MALFORMED) {
            let row = format!("{method} {question}");
            let question = question.replace("BIG", big());
            let expected = (Code::InvalidArgument, "MALFORMED", field);
            let failure = assert_refused(client.ask(method, &question), expected, &row);
            let found = failure.violations.iter().any(|violation| {
                let named = violation.split(": ").next().unwrap_or_default();
                named == field || named.ends_with(&format!(".{field}"))
            });
            assert!(found, "{row}: {failure:?}");
        }
    });
}

#[test]
fn a_search_for_an_endless_name_finds_nobody_or_is_malformed() {
    on_small(|client| {
        let question = json!({"name": big()}).to_string();
        match client.ask("RollService/ListParties", &question) {
            Ok(answer) => assert!(list(&answer, "parties").is_empty()),
            Err(failure) => assert_eq!(failure.code, Code::InvalidArgument, "{failure:?}"),
        }
    });
}

#[test]
fn in_bulk_every_item_has_its_own_error_in_its_place() {
    on_small(|client| {
        let question = json!({"questions": [
            {"party": "aa-alder", "right": "vote"},
            {"party": "xx-nobody", "right": "vote"},
            {"party": "aa-alder", "right": "veto"},
            {"party": "aa-alder", "right": "vote", "body": "senate"},
            {"party": "", "right": "vote"},
            {"party": "bb-dogwood", "right": "vote"},
        ], "at": {"on": "2012-01-01"}});
        let answer = client.answer("RightsService/CheckRights", &question.to_string());
        let found: Vec<_> = list(&answer, "results")
            .iter()
            .map(|result| match text(result, "answer.verdict") {
                "" => (
                    text(result, "error.reason").to_owned(),
                    number(result, "error.code"),
                ),
                verdict => (verdict.to_owned(), 0),
            })
            .collect();
        let not_found = Code::NotFound as u64;
        let expected = [
            ("VERDICT_HELD", 0),
            ("UNKNOWN_PARTY", not_found),
            ("UNKNOWN_RIGHT", not_found),
            ("UNKNOWN_BODY", not_found),
            ("MALFORMED", Code::InvalidArgument as u64),
            ("VERDICT_NOT_HELD", 0),
        ];
        assert_eq!(found, expected.map(|(word, code)| (word.to_owned(), code)));
        assert!(text(&answer, "results.1.error.message").contains("xx-nobody"));
    });
}

#[test]
fn a_bulk_question_has_at_most_ten_thousand_items() {
    let items = |count: usize| {
        let item = json!({"party": "kr-busan", "right": "vote"});
        json!({"questions": vec![item; count], "verdictOnly": true}).to_string()
    };
    let answer = near()
        .client()
        .answer("RightsService/CheckRights", &items(10_000));
    assert_eq!(list(&answer, "results").len(), 10_000);
    let outcome = near()
        .client()
        .ask("RightsService/CheckRights", &items(10_001));
    let expected = (Code::InvalidArgument, "MALFORMED", "questions");
    assert_refused(outcome, expected, "10,001 questions");
}

#[test]
fn a_page_token_belongs_to_its_question() {
    let client = near().client();
    let first = client.answer("RollService/ListParties", r#"{"pageSize": 7}"#);
    let token = text(&first, "nextPageToken");
    assert!(!token.is_empty());
    let expected = (Code::InvalidArgument, "PAGE_TOKEN", "page_token");
    for (method, question) in [
        ("RollService/ListParties", json!({"class": "full"})),
        ("RollService/ListParties", json!({"country": "kr"})),
        ("RollService/ListParties", json!({"membersOnly": true})),
        (
            "RollService/ListParties",
            json!({"at": {"on": "1997-01-01"}}),
        ),
        (
            "RollService/ListParties",
            json!({"at": {"position": "100"}}),
        ),
        ("RollService/ListSessions", json!({})),
        ("RollService/ListCommittees", json!({})),
        ("RollService/ListOfficeHolders", json!({"office": "chair"})),
        ("RightsService/ListHolders", json!({"right": "vote"})),
        ("LedgerService/ListEntries", json!({})),
        (
            "LawService/ListArticleVersions",
            json!({"instrument": "charter", "article": "4"}),
        ),
    ] {
        let mut question = question;
        question["pageToken"] = json!(token);
        let row = format!("{method} {question}");
        assert_refused(client.ask(method, &question.to_string()), expected, &row);
    }
    let tampered = format!("{}00", &token[..token.len() - 2]);
    for token in ["x", "00", "no token at all", &tampered, big()] {
        let question = json!({"pageToken": token}).to_string();
        let row = format!("page token {token:.40}");
        assert_refused(
            client.ask("RollService/ListParties", &question),
            expected,
            &row,
        );
    }
}

/// Pages are of one moment: what is recorded between them does not show.
#[test]
fn pages_are_of_one_moment() {
    let world = World::new();
    let client = world.server.client();
    let page = |token: &str| {
        let question = json!({"pageSize": 2, "pageToken": token}).to_string();
        client.answer("RollService/ListParties", &question)
    };
    let first = page("");
    let line = r#"{"id": "elm", "partyRegistered": {"party": "bb-elm", "kind": "town"}}"#;
    client.record(&crate::harness::batch("elm", line)).unwrap();
    let second = page(text(&first, "nextPageToken"));
    let names = |page| {
        let parties = list(page, "parties").iter();
        parties
            .map(|party| text(party, "party"))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&first), ["aa-alder", "aa-birch"]);
    assert_eq!(names(&second), ["bb-cedar", "bb-dogwood"]);
    assert_eq!(text(&second, "nextPageToken"), "");
    assert_eq!(pick(&first, "basis"), pick(&second, "basis"));
    assert_eq!(list(&page(""), "parties").len(), 2);
}
