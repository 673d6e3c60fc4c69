//! What was known when, over the wire.

use super::*;
use standing_proto::v1::audit_service_client::AuditServiceClient;
use standing_proto::v1::point_in_time::KnownAt;

#[expect(clippy::unnecessary_wraps, reason = "as requests carry it")]
fn about(party: &str, right: &str) -> Option<v1::RightQuestion> {
    Some(v1::RightQuestion {
        party: party.to_owned(),
        right: right.to_owned(),
        body: String::new(),
    })
}

/// Has the admission of West a year later than was recorded, then as it was.
async fn corrected(world: &mut World) -> (u64, u64) {
    let mut ends = Vec::new();
    for (id, of, date) in [
        ("later", World::position("west-observer"), "2002-05-05"),
        ("again", 0, "2001-05-05"),
    ] {
        let of = if of == 0 { ends[0] } else { of };
        let line = format!(
            r#"{{"id":"{id}","corrects":{{"position":"{of}"}},"effective":{{"date":"{date}"}},"observerAccepted":{{"party":"west","class":"observer"}}}}"#
        );
        let recorded = world.ledger.record(batch(id, &line)).await.unwrap();
        ends.push(recorded.into_inner().last_position);
    }
    (ends[0], ends[1])
}

#[tokio::test]
async fn a_history_is_told_on_both_axes() {
    let mut world = league().await;
    let (later, again) = corrected(&mut world).await;
    for (page_size, right) in [(0, ""), (1, ""), (0, "speak"), (1, "speak")] {
        let mut request = v1::ListHistoryRequest {
            question: about("west", right),
            page_size,
            ..v1::ListHistoryRequest::default()
        };
        let mut all = Vec::new();
        loop {
            let page = world.rights.list_history(request.clone()).await;
            let page = page.unwrap().into_inner();
            assert!(page_size == 0 || page.known.len() <= 1);
            all.extend(page.known);
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        let observer_since = |of: &v1::KnownSpan| {
            let mut spans = of.spans.iter();
            let span = spans.find(|span| span.classes == ["observer"]);
            span.map(|span| span.start_date.clone()).unwrap()
        };
        let told: Vec<(u64, String)> = all
            .iter()
            .map(|of| (of.position, observer_since(of)))
            .collect();
        let first = all[0].position;
        let expected = [
            (first, "2001-05-05".to_owned()),
            (later, "2002-05-05".to_owned()),
            (again, "2001-05-05".to_owned()),
        ];
        assert_eq!(told, expected, "{right}");
        assert_eq!(all[1].positions, [later]);
        assert!(all.iter().all(|of| of.record_time.is_some()));
        let is_held = |of: &v1::KnownSpan| {
            let mut spans = of.spans.iter();
            spans.any(|span| span.verdict() == v1::Verdict::Held)
        };
        assert_eq!(is_held(&all[2]), !right.is_empty());
    }
}

#[tokio::test]
async fn a_history_may_be_of_some_days_and_is_of_somebody() {
    let mut world = league().await;
    let (later, _) = corrected(&mut world).await;
    // As known before, and of a few days alone.
    let request = v1::ListHistoryRequest {
        question: about("west", ""),
        at: known("", later),
        first_date: "2003-01-01".to_owned(),
        last_date: "2003-12-31".to_owned(),
        ..v1::ListHistoryRequest::default()
    };
    let found = world.rights.list_history(request).await.unwrap();
    assert_eq!(found.into_inner().known.len(), 1);
    for (question, code, reason) in [
        (about("south", ""), Code::NotFound, "UNKNOWN_PARTY"),
        (about("west", "veto"), Code::NotFound, "UNKNOWN_RIGHT"),
        (about("", ""), Code::InvalidArgument, "MALFORMED"),
        (
            Some(v1::RightQuestion {
                party: "west".to_owned(),
                right: String::new(),
                body: "assembly".to_owned(),
            }),
            Code::InvalidArgument,
            "MALFORMED",
        ),
    ] {
        let request = v1::ListHistoryRequest {
            question,
            ..v1::ListHistoryRequest::default()
        };
        refused(world.rights.list_history(request).await, code, reason);
    }
}

fn compared(at: u64, before: u64, party: &str) -> v1::CompareKnowledgeRequest {
    v1::CompareKnowledgeRequest {
        at: known("2002-01-01", at),
        before: known("", before),
        party: party.to_owned(),
        ..v1::CompareKnowledgeRequest::default()
    }
}

/// What was recorded of the league, then with West's admission later, then again as it was; and
/// who asks about it.
async fn relearned() -> (World, AuditServiceClient<Channel>, [u64; 3]) {
    let mut world = league().await;
    let before = world.ledger.get_head(v1::GetHeadRequest {}).await.unwrap();
    let before = before.into_inner().head.unwrap().position;
    let (later, again) = corrected(&mut world).await;
    let audit = AuditServiceClient::connect(format!("http://{}", world.address));
    (world, audit.await.unwrap(), [before, later, again])
}

#[tokio::test]
async fn two_states_of_knowledge_are_compared() {
    let (_world, mut audit, [before, later, again]) = relearned().await;
    for party in ["", "west"] {
        let found = audit
            .compare_knowledge(compared(later, before, party))
            .await;
        let found = found.unwrap().into_inner();
        let [west] = &found.differences[..] else {
            panic!("{found:?}");
        };
        assert_eq!((west.party.as_str(), west.position), ("west", later));
        assert_eq!(west.classes_before, ["observer"]);
        assert_eq!(west.classes_after, [""]);
        let speak = &west.rights[0];
        assert_eq!(speak.right, "speak");
        assert_eq!(
            (speak.before(), speak.after()),
            (v1::Verdict::Held, v1::Verdict::NotHeld)
        );
        let basis = (found.basis.unwrap(), found.before.unwrap());
        assert_eq!((basis.0.position, basis.1.position), (later, before));
        assert_eq!(
            (basis.0.on, basis.1.on),
            ("2002-01-01".into(), "2002-01-01".into())
        );
    }
    // What went and came back is no difference.
    let found = audit.compare_knowledge(compared(again, before, "")).await;
    assert!(found.unwrap().into_inner().differences.is_empty());
    // Of a batch the entry is told that is about the party.
    let found = audit.compare_knowledge(compared(again, 0, "west")).await;
    let found = found.unwrap().into_inner();
    assert_eq!(found.differences[0].position, World::position("west"));
}

#[tokio::test]
async fn a_comparison_of_everybody_is_paged() {
    let (_world, mut audit, [_, later, again]) = relearned().await;
    let mut request = v1::CompareKnowledgeRequest {
        page_size: 1,
        ..compared(again, 0, "")
    };
    let mut parties = Vec::new();
    loop {
        let page = audit.compare_knowledge(request.clone()).await.unwrap();
        let page = page.into_inner();
        parties.extend(page.differences.into_iter().map(|of| of.party));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    // North, which was registered and has no class on that day, is no difference.
    assert_eq!(parties, ["east", "west"]);
    // A page of one comparison is none of another.
    let mut first = compared(again, 0, "");
    first.page_size = 1;
    let token = audit.compare_knowledge(first).await.unwrap().into_inner();
    let request = v1::CompareKnowledgeRequest {
        page_token: token.next_page_token,
        ..compared(again, later, "")
    };
    let found = audit.compare_knowledge(request).await;
    refused(found, Code::InvalidArgument, "PAGE_TOKEN");
}

#[tokio::test]
async fn a_comparison_with_what_came_later_or_with_nothing_is_refused() {
    let (_world, mut audit, [before, later, again]) = relearned().await;
    for (request, code, reason) in [
        (
            compared(before, later, ""),
            Code::InvalidArgument,
            "ENDS_BEFORE_IT_BEGINS",
        ),
        (
            compared(later, before, "south"),
            Code::NotFound,
            "UNKNOWN_PARTY",
        ),
        (
            v1::CompareKnowledgeRequest::default(),
            Code::InvalidArgument,
            "MALFORMED",
        ),
        (
            v1::CompareKnowledgeRequest {
                before: Some(v1::PointInTime::default()),
                ..v1::CompareKnowledgeRequest::default()
            },
            Code::InvalidArgument,
            "MALFORMED",
        ),
        (
            v1::CompareKnowledgeRequest {
                before: known("2001-01-01", 1),
                ..v1::CompareKnowledgeRequest::default()
            },
            Code::InvalidArgument,
            "MALFORMED",
        ),
    ] {
        refused(audit.compare_knowledge(request).await, code, reason);
    }
    // As known at the end of a day before anything was recorded.
    let day = |day: &str| {
        Some(v1::PointInTime {
            known_at: Some(KnownAt::Day(day.to_owned())),
            ..v1::PointInTime::default()
        })
    };
    let request = v1::CompareKnowledgeRequest {
        before: day("2020-01-01"),
        ..compared(again, 0, "")
    };
    let found = audit.compare_knowledge(request).await.unwrap();
    assert_eq!(found.into_inner().before.unwrap().position, 0);
}

/// What is learnt of whom a party succeeded is learnt of the party.
#[tokio::test]
async fn what_is_learnt_of_a_predecessor_is_a_step_of_its_heir() {
    let mut world = league().await;
    let lines = r#"{"id":"elder","partyRegistered":{"party":"elder","kind":"government"}}
{"id":"heir","partyRegistered":{"party":"heir","kind":"government"}}
{"id":"elder-in","effective":{"date":"2003-01-01"},"memberAdmitted":{"party":"elder","class":"full"}}
{"id":"passes","effective":{"date":"2005-01-01"},"partySucceeded":{"fromParty":"elder","toParty":"heir","passes":["PASSING_MEMBERSHIP"]}}"#;
    let recorded = world.record("succession", lines).await.unwrap();
    let line = format!(
        r#"{{"id":"mended","corrects":{{"position":"{}"}},"effective":{{"date":"2003-01-01"}},"memberAdmitted":{{"party":"elder","class":"observer"}}}}"#,
        recorded.first_position + 2
    );
    let mended = world.record("mended", &line).await.unwrap().last_position;
    let request = v1::ListHistoryRequest {
        question: about("heir", "vote"),
        ..v1::ListHistoryRequest::default()
    };
    let known = world.rights.list_history(request).await.unwrap();
    let known = known.into_inner().known;
    let positions: Vec<u64> = known.iter().map(|of| of.position).collect();
    assert_eq!(positions, [recorded.last_position, mended]);
    let last = |of: &v1::KnownSpan| of.spans.last().unwrap().classes.clone();
    assert_eq!(
        (last(&known[0]), last(&known[1])),
        (vec!["full".to_owned()], vec!["observer".to_owned()])
    );
    let mut audit = AuditServiceClient::connect(format!("http://{}", world.address))
        .await
        .unwrap();
    let request = v1::CompareKnowledgeRequest {
        at: super::known("2006-01-01", mended),
        before: super::known("", recorded.last_position),
        party: "heir".to_owned(),
        ..v1::CompareKnowledgeRequest::default()
    };
    let found = audit.compare_knowledge(request).await.unwrap().into_inner();
    assert_eq!(found.differences[0].position, mended);
}

/// What is assumed is known later; what was known before is so without it.
#[tokio::test]
async fn what_is_assumed_is_compared_with_what_was_known() {
    let (_world, mut audit, [before, ..]) = relearned().await;
    let line = r#"{"id":"assumed","effective":{"date":"2001-06-01"},"observerAccepted":{"party":"north","class":"observer"}}"#;
    let assume = batch("assumed", line).drafts;
    let request = |known_before: u64| v1::CompareKnowledgeRequest {
        at: Some(v1::PointInTime {
            on: "2002-01-01".to_owned(),
            assume: assume.clone(),
            ..v1::PointInTime::default()
        }),
        before: super::known("", known_before),
        ..v1::CompareKnowledgeRequest::default()
    };
    let found = audit.compare_knowledge(request(before)).await.unwrap();
    let found = found.into_inner();
    assert_eq!(found.before.unwrap().position, before);
    let parties: Vec<&str> = found
        .differences
        .iter()
        .map(|of| of.party.as_str())
        .collect();
    assert_eq!(parties, ["north"]);
    let basis = found.basis.unwrap();
    assert_eq!(found.differences[0].position, basis.position + 1);
    let found = audit.compare_knowledge(request(0)).await.unwrap();
    assert_eq!(found.into_inner().differences.len(), 3);
}

/// Before its birth a party is nothing, whatever is recorded of it.
#[tokio::test]
async fn a_history_of_classes_begins_with_the_birth() {
    let mut world = league().await;
    let lines = r#"{"id":"young","effective":{"date":"2010-01-01"},"partyRegistered":{"party":"young","kind":"government"}}
{"id":"young-in","effective":{"date":"2005-01-01"},"memberAdmitted":{"party":"young","class":"full"}}"#;
    world.record("young", lines).await.unwrap();
    let request = v1::ListHistoryRequest {
        question: about("young", ""),
        ..v1::ListHistoryRequest::default()
    };
    let known = world.rights.list_history(request).await.unwrap();
    let known = known.into_inner().known;
    let spans = known.iter().flat_map(|of| &of.spans);
    let told: Vec<(&str, &str)> = spans
        .map(|span| (span.start_date.as_str(), span.classes[0].as_str()))
        .collect();
    assert_eq!(told, [("2000-01-01", ""), ("2010-01-01", "full")]);
}
