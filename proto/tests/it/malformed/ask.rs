//! Malformed requests: every field that is wrong at once, each with its path and its reason.

use super::summary;
use prost::Name;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_proto::ask::audit::ListFindings;
use standing_proto::ask::changes::{WatchEntries, WatchRights};
use standing_proto::ask::law::{CompareArticle, CompareInstrument, GetArticle};
use standing_proto::ask::ledger::{GetEntry, ListEntries, Record};
use standing_proto::ask::point::{KnownAt, PointInTime};
use standing_proto::ask::rights::{CheckRight, CheckRights, GetTimeline};
use standing_proto::ask::roll::{CountMembers, ListParties};
use standing_proto::ask::{Asked, read_in_turns, read_request};
use standing_proto::json;
use std::cell::Cell;

fn read<A: Asked<Request: Name + Default>>(text: &str) -> Result<A, String> {
    let wire = json::from_json(text).unwrap();
    read_request(wire).map_err(|malformed| summary(&malformed))
}

/// Holds a malformed request to its fields and reasons.
#[track_caller]
fn refused<A: Asked<Request: Name + Default>>(text: &str, expected: &[&str]) {
    let found = read::<A>(text).err().unwrap_or_default();
    assert_eq!(found, expected.join("\n"), "{text}");
}

#[test]
fn a_question_names_all_that_is_wrong_with_it() {
    refused::<CheckRight>(
        r#"{"question":{"party":"East!","body":"B"},"at":{"on":"2024-02-30","instant":"1969-12-31T23:59:59Z","assume":[{}]}}"#,
        &[
            "at.on NOT_A_DATE",
            "at.assume[0].event MISSING",
            "question.party NOT_AN_ID",
            "question.right MISSING",
            "question.body NOT_AN_ID",
        ],
    );
    refused::<GetTimeline>(
        r#"{"firstDate":"2002-01-02","lastDate":"2002-01-01"}"#,
        &[
            "question.party MISSING",
            "question.right MISSING",
            "last_date ENDS_BEFORE_IT_BEGINS",
        ],
    );
    refused::<ListParties>(
        r#"{"class":"A B","country":"KR","at":{"on":"1899-12-31"}}"#,
        &[
            "at.on DATE_OUT_OF_RANGE",
            "class NOT_AN_ID",
            "country NOT_AN_ID",
        ],
    );
    refused::<ListParties>(r#"{"query":"north","name":"North"}"#, &["query NOT_ALONE"]);
    refused::<ListParties>(
        r#"{"query":" - ","class":"A"}"#,
        &["class NOT_AN_ID", "query BLANK"],
    );
    refused::<ListParties>(
        &format!(r#"{{"query":"{}"}}"#, "a".repeat(201)),
        &["query TOO_LONG"],
    );
    refused::<GetArticle>(
        r#"{"article":"제9조"}"#,
        &["instrument MISSING", "article NOT_AN_ID"],
    );
    refused::<CompareInstrument>(r#"{"instrument":"charter"}"#, &["earlier_date NOT_A_DATE"]);
    refused::<CompareArticle>(
        r#"{"instrument":"charter","earlierDate":"2001-02-29"}"#,
        &["article MISSING", "earlier_date NOT_A_DATE"],
    );
    refused::<ListFindings>(
        r#"{"codes":["quorum","luck"],"severities":[9,1,0],"session":"s","lastDate":"x"}"#,
        &[
            "codes[1] UNKNOWN_VALUE",
            "severities[0] UNKNOWN_VALUE",
            "severities[2] UNKNOWN_VALUE",
            "session NOT_AN_ID",
            "last_date NOT_A_DATE",
        ],
    );
    refused::<GetEntry>("{}", &["position OUT_OF_RANGE"]);
}

#[test]
fn entries_are_asked_for_by_what_there_can_be() {
    refused::<ListEntries>(
        r#"{"party":"A","session":"s","actor":"A. Person","kinds":["withdrawal","member-admitted"],"firstRecorded":"2024-01-02","lastRecorded":"2024-01-01"}"#,
        &[
            "party NOT_AN_ID",
            "session NOT_AN_ID",
            "actor NOT_AN_ID",
            "kinds[1] UNKNOWN_KIND",
            "last_recorded ENDS_BEFORE_IT_BEGINS",
        ],
    );
    refused::<ListEntries>(
        r#"{"firstRecorded":"x","lastRecorded":"2024-01"}"#,
        &["first_recorded NOT_A_DATE", "last_recorded NOT_A_DATE"],
    );
}

#[test]
fn an_unknown_kind_is_told_with_those_that_come_near() {
    let wire = json::from_json(r#"{"kinds":["member-admitted"]}"#).unwrap();
    let malformed = read_request::<ListEntries>(wire).unwrap_err();
    assert_eq!(
        malformed.violations[0].description,
        r#""member-admitted" is no kind of entry; nearest is member_admitted"#
    );
}

#[test]
fn what_is_watched_and_recorded_is_read_as_a_whole() {
    refused::<WatchEntries>(
        r#"{"fromNow":false,"kinds":["member_admitted","adored"],"parties":["A",""]}"#,
        &[
            "from_now NOT_TRUE",
            "kinds[1] UNKNOWN_KIND",
            "parties[0] NOT_AN_ID",
            "parties[1] MISSING",
        ],
    );
    refused::<WatchRights>(
        r#"{"after":{"position":"3","index":3,"count":2},"rights":["A"]}"#,
        &[
            "after.day MISSING",
            "after.index OUT_OF_RANGE",
            "rights[0] NOT_AN_ID",
        ],
    );
    refused::<Record>(
        r#"{"requestId":"","expectations":[{},{"log":false},{"party":"A"}],"irregular":9}"#,
        &[
            "request_id MISSING",
            "drafts EMPTY",
            "expectations[0] MISSING",
            "expectations[1].log NOT_TRUE",
            "expectations[2].party NOT_AN_ID",
            "irregular UNKNOWN_VALUE",
        ],
    );
    let kinds = vec!["\"member_admitted\""; 101].join(",");
    refused::<WatchEntries>(&format!(r#"{{"kinds":[{kinds}]}}"#), &["kinds TOO_MANY"]);
}

#[test]
fn in_bulk_every_question_is_malformed_for_itself() {
    let asked: CheckRights =
        read(r#"{"questions":[{"party":"a","right":"vote"},{"party":"A"}]}"#).unwrap();
    assert!(asked.questions[0].is_ok());
    assert_eq!(
        summary(asked.questions[1].as_ref().unwrap_err()),
        "question.party NOT_AN_ID\nquestion.right MISSING"
    );
    refused::<CheckRights>("{}", &["questions EMPTY"]);
}

#[test]
fn a_point_in_time_left_out_is_today_at_the_head() {
    let now: CountMembers = read("{}").unwrap();
    assert_eq!(now.at, PointInTime::default());
    let before: CountMembers =
        read(r#"{"at":{"instant":"1969-12-31T23:59:59Z","minPosition":"3"}}"#).unwrap();
    assert_eq!(
        (before.at.known_at, before.at.at_least),
        (KnownAt::Instant(RecordTime::ZERO), Position::new(3))
    );
}

/// What a page token belongs to is the question, whatever its point in time and its page.
#[test]
fn a_page_is_no_part_of_its_question() {
    let page = |text: &str| read::<ListParties>(text).unwrap().page;
    let first = page(r#"{"class":"full"}"#);
    let next = page(r#"{"class":"full","at":{"on":"2024-01-01"},"pageSize":7,"pageToken":"x"}"#);
    assert_eq!(first.question, next.question);
    assert_eq!((next.size, &*next.token), (7, "x"));
    assert_ne!(first.question, page(r#"{"class":"observer"}"#).question);
}

#[test]
fn others_have_their_turn_between_the_items_of_a_list() {
    let drafts = ["{}"; 7].join(",");
    let wire = json::from_json(&format!(r#"{{"at":{{"assume":[{drafts}]}}}}"#)).unwrap();
    let turns = Cell::new(0);
    let asked = read_in_turns::<CountMembers>(wire, &|| turns.set(turns.get() + 1));
    assert_eq!((asked.unwrap_err().violations.len(), turns.get()), (7, 7));
}
