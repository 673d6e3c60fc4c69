//! Entries, and drafts that name them.

use standing_domain::entry::draft::{Draft, EntryRef, Proposed};
use standing_domain::entry::event::{Event, SealedName};
use standing_domain::entry::{AuthorityKind, BatchSpan, Confidence, Content, Entry};
use standing_domain::id::position::Position;
use standing_domain::id::{ActorId, ArticleId, DraftId, InstrumentId, PersonId, Word};
use standing_domain::time::record_time::RecordTime;
use standing_proto::entry::write_entry;
use standing_proto::{json, v1};

fn draft(text: &str) -> Draft {
    Draft::try_from(json::from_json::<v1::Draft>(text).unwrap()).unwrap()
}

fn id(text: &str) -> DraftId {
    DraftId::new(text).unwrap()
}

#[test]
fn an_entry_shows_the_draft_without_names_of_persons() {
    let name = SealedName {
        language: Word::new("ko").unwrap(),
        sealed: b"secret".to_vec(),
    };
    let person = PersonId::new("p1").unwrap();
    let event = Event::PersonNamed {
        person,
        names: vec![name],
    };
    let content = Content {
        id: Some(id("d1")),
        ..Content::bare(None, Some(event))
    };
    let entry = Entry {
        position: Position::new(3),
        record_time: RecordTime::from_micros(1_500_000),
        actor: ActorId::new("local/operator").unwrap(),
        request: id("r1"),
        batch: BatchSpan {
            first: Position::new(2),
            last: Position::new(4),
        },
        content,
    };
    let expected = concat!(
        r#"{"position":"3","recordTime":"1970-01-01T00:00:01.500Z","actor":"local/operator","#,
        r#""requestId":"r1","firstPosition":"2","lastPosition":"4","kindNumber":65,"payloadVersion":1,"#,
        r#""draft":{"id":"d1","authority":{"other":"AUTHORITY_KIND_UNKNOWN"},"#,
        r#""confidence":"CONFIDENCE_CONFIRMED","personNamed":{"person":"p1"}},"stored":"AAE=","kind":"person_named"}"#,
    );
    let wire = write_entry(&entry, 1, vec![0, 1]);
    assert_eq!(json::to_json(&wire).unwrap(), expected);
}

#[test]
fn entries_are_named_by_position_or_by_id() {
    let by_position = draft(r#"{"corrects":{"position":"7"}}"#);
    assert_eq!(
        by_position.corrects,
        Some(EntryRef::Position(Position::new(7)))
    );
    assert_eq!(by_position.event, None);

    let by_id = draft(r#"{"corrects":{"id":"d7"}}"#);
    assert_eq!(by_id.corrects, Some(EntryRef::Draft(id("d7"))));

    let by_position = draft(r#"{"actAnnulled":{"entry":{"position":"7"}}}"#);
    assert_eq!(
        by_position.event,
        Some(Proposed::ActAnnulled(EntryRef::Position(Position::new(7))))
    );

    let by_id = draft(r#"{"actRatified":{"entry":{"id":"d7"}}}"#);
    assert_eq!(
        by_id.event,
        Some(Proposed::ActRatified(EntryRef::Draft(id("d7"))))
    );
    assert_eq!(by_id.corrects, None);
}

#[test]
fn an_article_names_the_act_that_it_is_part_of_by_position_or_by_id() {
    let repealed = |amendment: &str| {
        let article = r#""instrument":"charter","article":"9""#;
        let event = format!(r#""articleRepealed":{{{article}{amendment}}}"#);
        draft(&format!(
            r#"{{"effective":{{"date":"2024-01-01"}},{event}}}"#
        ))
        .event
    };
    let event = |amendment| Event::ArticleRepealed {
        instrument: InstrumentId::new("charter").unwrap(),
        article: ArticleId::new("9").unwrap(),
        amendment,
    };
    assert_eq!(repealed(""), Some(Proposed::Event(event(None))));
    assert_eq!(
        repealed(r#","amendment":{"position":"7"}"#),
        Some(Proposed::Event(event(Some(Position::new(7)))))
    );
    assert_eq!(
        repealed(r#","amendment":{"id":"d7"}"#),
        Some(Proposed::Part(event(None), id("d7")))
    );
}

#[test]
fn what_is_not_said_has_a_meaning() {
    let draft = draft(r#"{"decisionTaken":{"decision":"d","session":"s/1"}}"#);
    assert_eq!(draft.id, None);
    assert_eq!(draft.effective, None);
    assert_eq!(draft.authority.kind, AuthorityKind::Unknown);
    assert_eq!(draft.confidence, Confidence::Confirmed);
    let Some(Event::DecisionTaken(decision)) = draft.settled().unwrap().event else {
        panic!()
    };
    assert_eq!(
        decision.outcome,
        standing_domain::entry::event::Outcome::NotRecorded
    );
    assert_eq!(decision.votes, None);
}

#[test]
fn names_of_persons_arrive_in_plain_text() {
    let text = r#"{"personNamed":{"person":"p1","names":[{"language":"ko","text":"김"}]}}"#;
    let Some(Proposed::PersonNamed { names, .. }) = draft(text).event else {
        panic!()
    };
    assert_eq!(names[0].text, "김");
}
