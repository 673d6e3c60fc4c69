//! Drafts that are refused or malformed.

use super::{assert_refused, big, on_small, rows};
use crate::harness::batch;
use standing_proto::v1;
use tonic::Code;

/// What history cannot have: the reason, what is named, the draft.
const REFUSED: &str = r#"
    UNKNOWN_PARTY | xx-nobody | {"effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": "xx-nobody", "class": "full"}}
    UNKNOWN_PARTY | xx-nobody | {"attendanceRecorded": {"session": "assembly/2", "present": ["aa-alder", "xx-nobody"]}}
    UNKNOWN_CLASS | platinum | {"effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": "bb-dogwood", "class": "platinum"}}
    UNKNOWN_CLASS | platinum | {"effective": {"date": "2012-01-01"}, "applicationFiled": {"party": "bb-dogwood", "class": "platinum"}}
    UNKNOWN_RIGHT | veto | {"effective": {"date": "2012-01-01"}, "articleEnacted": {"instrument": "charter", "article": "3", "citation": "3", "change": "ARTICLE_CHANGE_ADDED", "norms": [{"support": "SUPPORT_TEXT", "confer": {"right": "veto", "classes": ["full"]}}]}}
    UNKNOWN_BODY | senate | {"effective": {"date": "2012-01-01"}, "sessionConvened": {"session": "senate/1"}}
    UNKNOWN_BODY | senate | {"effective": {"date": "2012-01-01"}, "articleEnacted": {"instrument": "charter", "article": "3", "citation": "3", "change": "ARTICLE_CHANGE_ADDED", "norms": [{"support": "SUPPORT_TEXT", "functions": {"body": "senate", "functions": ["admit"]}}]}}
    UNKNOWN_FUNCTION | dissolve | {"effective": {"date": "2010-06-02"}, "decisionTaken": {"decision": "d", "session": "assembly/2", "functions": ["dissolve"]}}
    UNKNOWN_OFFICE | jester | {"effective": {"date": "2012-01-01"}, "officeAssumed": {"office": "jester", "holder": {"party": "aa-alder"}}}
    UNKNOWN_SESSION | assembly/9 | {"effective": {"anchor": {"session": "assembly/9", "edge": "SESSION_EDGE_CLOSE"}}, "chairRotated": {"office": "chair", "toParty": "aa-birch"}}
    UNKNOWN_DECISION | no-such | {"effective": {"date": "2012-01-01"}, "authority": {"decision": "no-such"}, "memberAdmitted": {"party": "bb-dogwood", "class": "full"}}
    UNKNOWN_INSTRUMENT | statute | {"effective": {"date": "2012-01-01"}, "instrumentAmended": {"instrument": "statute"}}
    UNKNOWN_ARTICLE | charter/99 | {"effective": {"date": "2012-01-01"}, "authority": {"article": "charter/99"}, "memberAdmitted": {"party": "bb-dogwood", "class": "full"}}
    UNKNOWN_ARTICLE | charter/99 | {"effective": {"date": "2012-01-01"}, "articleRepealed": {"instrument": "charter", "article": "99"}}
    UNKNOWN_COMMITTEE | rivers | {"effective": {"date": "2012-01-01"}, "committeeAbolished": {"committee": "rivers"}}
    UNKNOWN_PERSON | p-9 | {"effective": {"date": "2012-01-01"}, "officeAssumed": {"office": "chair", "holder": {"person": "p-9"}}}
    BY_RESTORE | 7 | {"historyResumed": {"epoch": "7", "keptPosition": "3", "root": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}
    UNKNOWN_RULES | 2 | {"rulesAdopted": {"rulesVersion": 2}}
    ORDER_MISSING | aa-birch | {"effective": {"date": "2005-03-01"}, "observerAccepted": {"party": "aa-birch", "class": "observer"}}
    ORDER_MISSING | bb-cedar | {"effective": {"date": "2008-05"}, "memberAdmitted": {"party": "bb-cedar", "class": "full"}}
    ORDER_MISSING | chair | {"effective": {"date": "2000-01-01"}, "chairRotated": {"office": "chair", "toParty": "aa-birch"}}
    NOT_HELD | bb-dogwood | {"effective": {"date": "2012-01-01"}, "membershipEnded": {"party": "bb-dogwood", "ground": "END_GROUND_WITHDRAWAL"}}
    NOT_HELD | aa-birch | {"effective": {"date": "2005-02-28"}, "membershipEnded": {"party": "aa-birch", "ground": "END_GROUND_EXPULSION"}}
    NOT_HELD | bb-dogwood | {"effective": {"date": "2012-01-01"}, "applicationWithdrawn": {"party": "bb-dogwood"}}
    NOT_HELD | auditor | {"effective": {"date": "2012-01-01"}, "officeVacated": {"office": "auditor"}}
    NOT_HELD | forests | {"effective": {"date": "2000-12-31"}, "committeeAbolished": {"committee": "forests"}}
    NOT_HELD | forests | {"effective": {"date": "2012-01-01"}, "coordinatorReleased": {"committee": "forests", "seat": "co"}}
    UNKNOWN_ENTRY | 9999 | {"corrects": {"position": "9999"}}
    UNKNOWN_ENTRY | no-such | {"corrects": {"id": "no-such"}}
    UNKNOWN_ENTRY | no-such | {"actAnnulled": {"entry": {"id": "no-such"}}}
    UNKNOWN_ENTRY | 9999 | {"actRatified": {"entry": {"position": "9999"}}}
    OTHER_SLOT | 23 | {"effective": {"date": "2012-01-01"}, "corrects": {"id": "s-admit-birch"}, "memberAdmitted": {"party": "bb-dogwood", "class": "full"}}
    RESTED_ON | aa-alder | {"corrects": {"id": "s-party-alder"}}
    RESTED_ON | assembly/1 | {"corrects": {"id": "s-session-1"}}
    RESTED_ON | full | {"corrects": {"id": "s-class-full"}}
    RESTED_ON | charter | {"corrects": {"id": "s-charter"}}
    ALREADY_EXISTS | aa-alder | {"partyRegistered": {"party": "aa-alder", "kind": "town"}}
    ALREADY_EXISTS | s-seat | {"id": "s-seat", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}
    ALREADY_EXISTS | assembly/2 | {"effective": {"date": "2012-01-01"}, "sessionConvened": {"session": "assembly/2"}}
    ASSOCIATION | the association | {"effective": {"date": "2012-01-01"}, "associationFounded": {"association": "other", "names": [{"language": "en", "text": "Other"}], "timeZone": "Asia/Seoul"}}
    EFFECTIVE_DATE | assembly/3 | {"effective": {"date": "2012-06-03"}, "sessionConvened": {"session": "assembly/3", "closing": {"date": "2012-06-01"}}}
"#;

/// What is wrong whatever the state: the field, what is said of it, the draft.
const MALFORMED: &str = r#"
    drafts[0].effective.date | 2023-02-30 | {"effective": {"date": "2023-02-30"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective.date | 2023-02-29 | {"effective": {"date": "2023-02-29"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective.date | 2023-13 | {"effective": {"date": "2023-13"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective.date | tomorrow | {"effective": {"date": "tomorrow"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective.date | 1899-12-31 | {"effective": {"date": "1899-12-31"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective.date | 2201-01-01 | {"effective": {"date": "2201-01-01"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective.date | 1899 | {"effective": {"date": "1899"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective.date | bbb | {"effective": {"date": "BIG"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective.date | - | {"effective": {"date": ""}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective.window | 2012-01-01 | {"effective": {"window": {"earliestDate": "2012-01-02", "latestDate": "2012-01-01"}}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective.window.latest_date | 2012-04-31 | {"effective": {"window": {"earliestDate": "2012-01-02", "latestDate": "2012-04-31"}}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective | missing | {"seatPlaced": {"place": "Birch"}}
    drafts[0].effective | missing | {"effective": {}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective.anchor.edge | not said | {"effective": {"anchor": {"session": "assembly/1"}}, "seatPlaced": {"place": "Birch"}}
    drafts[0].effective.anchor.session | assembly | {"effective": {"anchor": {"session": "assembly", "edge": "SESSION_EDGE_CLOSE"}}, "seatPlaced": {"place": "Birch"}}
    drafts[0].acted.date | 2023-02-30 | {"effective": {"date": "2023-03-01"}, "acted": {"date": "2023-02-30"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].event | missing | {"note": "Nothing happened."}
    drafts[0].id | Seat | {"id": "Seat", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].id | - | {"id": "BIG", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].seat_placed.place | empty | {"effective": {"date": "2012-01-01"}, "seatPlaced": {"place": ""}}
    drafts[0].seat_placed.place | 1048576 | {"effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "BIG"}}
    drafts[0].note | 1048576 | {"note": "BIG", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].member_admitted.party | - | {"effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": "", "class": "full"}}
    drafts[0].member_admitted.party | - | {"effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": "BIG", "class": "full"}}
    drafts[0].member_admitted.party | Aa Alder | {"effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": "Aa Alder", "class": "full"}}
    drafts[0].member_admitted.class | - | {"effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": "bb-dogwood", "class": ""}}
    drafts[0].membership_ended.ground | not said | {"effective": {"date": "2012-01-01"}, "membershipEnded": {"party": "aa-birch"}}
    drafts[0].name_taken.name.text | empty | {"effective": {"date": "2012-01-01"}, "nameTaken": {"party": "aa-birch", "name": {"language": "en", "text": ""}}}
    drafts[0].name_taken.name.text | 1048576 | {"effective": {"date": "2012-01-01"}, "nameTaken": {"party": "aa-birch", "name": {"language": "en", "text": "BIG"}}}
    drafts[0].name_taken.name.text | U+0000 | {"effective": {"date": "2012-01-01"}, "nameTaken": {"party": "aa-birch", "name": {"language": "en", "text": "a\u0000b"}}}
    drafts[0].article_enacted.texts[0].text | 1048576 | {"effective": {"date": "2012-01-01"}, "articleEnacted": {"instrument": "charter", "article": "3", "citation": "3", "change": "ARTICLE_CHANGE_ADDED", "texts": [{"language": "en", "text": "BIG"}]}}
    drafts[0].article_enacted.article | Article 3 | {"effective": {"date": "2012-01-01"}, "articleEnacted": {"instrument": "charter", "article": "Article 3", "citation": "3", "change": "ARTICLE_CHANGE_ADDED"}}
    drafts[0].article_enacted.norms[0].support | not said | {"effective": {"date": "2012-01-01"}, "articleEnacted": {"instrument": "charter", "article": "3", "citation": "3", "change": "ARTICLE_CHANGE_ADDED", "norms": [{"confer": {"right": "vote", "classes": ["full"]}}]}}
    drafts[0].name_taken.name.text | U+000A, a line break | {"effective": {"date": "2012-01-01"}, "nameTaken": {"party": "aa-birch", "name": {"language": "en", "text": "Real\nb  full  founder  Forged"}}}
    drafts[0].name_taken.name.text | U+202E, a change of direction | {"effective": {"date": "2012-01-01"}, "nameTaken": {"party": "aa-birch", "name": {"language": "en", "text": "a\u202eb"}}}
    drafts[0].name_taken.name.text | blank | {"effective": {"date": "2012-01-01"}, "nameTaken": {"party": "aa-birch", "name": {"language": "en", "text": "   "}}}
    drafts[0].note | U+FEFF, a byte order mark | {"note": "\ufeffa", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}
    drafts[0].membership_ended.ground | END_GROUND_WITHDRAWAL, END_GROUND_EXPULSION | {"effective": {"date": "2012-01-01"}, "membershipEnded": {"party": "aa-birch"}}
    drafts[0].association_founded.time_zone | nearest is Asia/Seoul | {"effective": {"date": "2012-01-01"}, "associationFounded": {"association": "other", "timeZone": "Asia/Seul"}}
    drafts[0].association_founded.time_zone | Korea time | {"effective": {"date": "2012-01-01"}, "associationFounded": {"association": "other", "timeZone": "Korea time"}}
"#;

/// What is refused for entries that are there: which, and the draft. It would be entry 29 itself.
const COLLIDING: &str = r#"
    (entries 23) | {"effective": {"date": "2005-03-01"}, "observerAccepted": {"party": "aa-birch", "class": "observer"}}
    (entries 12) | {"partyRegistered": {"party": "aa-alder", "kind": "town"}}
    (entries 16, 22, 26, 27, 28) | {"corrects": {"id": "s-party-alder"}}
    (entries 18) | {"corrects": {"id": "s-session-2"}}
"#;

/// Makes a request of one draft, whose id is `d` unless it has one.
fn request(draft: &str) -> v1::RecordRequest {
    let draft = draft.replace("BIG", big());
    let mut request = v1::RecordRequest {
        irregular: v1::IrregularPolicy::Record.into(),
        request_id: "bad".to_owned(),
        ..v1::RecordRequest::default()
    };
    let mut draft: v1::Draft =
        standing_proto::json::from_json(&draft).unwrap_or_else(|error| panic!("{error}"));
    if draft.id.is_empty() {
        "d".clone_into(&mut draft.id);
    }
    request.drafts.push(draft);
    request
}

#[test]
fn what_makes_history_impossible_is_refused() {
    on_small(|client| {
        for [reason, name, draft] in rows(REFUSED) {
            let expected = (Code::FailedPrecondition, "REFUSED", name);
            let failure = assert_refused(client.record(&request(draft)), expected, draft);
            let found = failure
                .violations
                .iter()
                .any(|violation| violation.starts_with(&format!("{reason}: ")));
            assert!(found, "{draft}: no {reason}: {failure:?}");
            assert_eq!(client.head(), 28, "{draft}");
        }
    });
}

#[test]
fn a_refusal_names_the_entries_it_collides_with() {
    on_small(|client| {
        for [entries, draft] in rows(COLLIDING) {
            let expected = (Code::FailedPrecondition, "REFUSED", entries);
            assert_refused(client.record(&request(draft)), expected, draft);
        }
    });
}

#[test]
fn an_entry_is_corrected_once_and_its_correction_after_that() {
    let folder = crate::harness::Folder::new();
    let server = crate::recording::small(&folder);
    let client = server.client();
    let correct = |id: &str, of: &str, day: &str| {
        let line = format!(
            r#"{{"id": "{id}", "effective": {{"date": "{day}"}}, "corrects": {{"id": "{of}"}}, "seatPlaced": {{"place": "Birch"}}}}"#
        );
        client.record(&batch(id, &line))
    };
    correct("c-1", "s-seat", "2000-01-02").unwrap();
    let again = correct("c-2", "s-seat", "2000-01-03");
    let expected = (Code::FailedPrecondition, "REFUSED", "29");
    let failure = assert_refused(again, expected, "a second correction");
    assert!(
        failure.violations[0].starts_with("ALREADY_CORRECTED: "),
        "{failure:?}"
    );
    assert_eq!(client.head(), 29);
    correct("c-2", "c-1", "2000-01-03").unwrap();
}

#[test]
fn what_is_malformed_is_named_field_by_field() {
    on_small(|client| {
        for [field, said, draft] in rows(MALFORMED) {
            let expected = (Code::InvalidArgument, "MALFORMED", said);
            let failure = assert_refused(client.record(&request(draft)), expected, draft);
            let found = failure
                .violations
                .iter()
                .any(|violation| violation.starts_with(&format!("{field}: ")));
            assert!(found, "{draft}: {field} is not named: {failure:?}");
        }
    });
}

#[test]
fn everything_malformed_comes_at_once() {
    on_small(|client| {
        let mut bad = request(
            r#"{"effective": {"date": "2023-02-30"}, "note": "BIG", "memberAdmitted": {"party": "", "class": "Full"}}"#,
        );
        bad.request_id = String::new();
        bad.drafts
            .push(request(r#"{"note": "Nothing happened."}"#).drafts.remove(0));
        let expected = (Code::InvalidArgument, "MALFORMED", "");
        let failure = assert_refused(client.record(&bad), expected, "all");
        for field in [
            "request_id: ",
            "drafts[0].effective.date: ",
            "drafts[0].note: ",
            "drafts[0].member_admitted.party: ",
            "drafts[0].member_admitted.class: ",
            "drafts[1].event: ",
        ] {
            let found = failure.violations.iter().any(|v| v.starts_with(field));
            assert!(found, "{field}: {failure:?}");
        }
    });
}

#[test]
fn a_batch_has_one_to_ten_thousand_drafts_of_sixteen_mebibytes() {
    on_small(|client| {
        let good =
            request(r#"{"effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}"#);
        let many = |count: usize, note: &str| {
            let mut request = good.clone();
            let draft = request.drafts.remove(0);
            request.drafts = (0..count)
                .map(|place| v1::Draft {
                    id: format!("d-{place}"),
                    note: note.to_owned(),
                    ..draft.clone()
                })
                .collect();
            client.record(&request)
        };
        let malformed = (Code::InvalidArgument, "MALFORMED", "drafts");
        assert_refused(many(0, ""), malformed, "no draft");
        assert_refused(many(10_001, ""), malformed, "10,001 drafts");
        let too_large = (Code::InvalidArgument, "TOO_LARGE", "drafts");
        assert_refused(many(4_300, &"n".repeat(4_000)), too_large, "16.5 MiB");
        // What is far too large is not even read.
        let far_too_large = (Code::OutOfRange, "MESSAGE_TOO_LARGE", "limit");
        assert_refused(many(5_000, &"n".repeat(4_000)), far_too_large, "19 MiB");
        for id in ["", "No Good", big()] {
            let mut request = good.clone();
            id.clone_into(&mut request.request_id);
            let malformed = (Code::InvalidArgument, "MALFORMED", "request_id");
            assert_refused(client.record(&request), malformed, "request id");
        }
    });
}
