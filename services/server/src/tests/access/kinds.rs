//! Which kinds of events somebody may record, and what acts on them.

use super::*;
use tokio_stream::iter;

/// A fund, and acts on an admission: of the first and of the second remove.
const BEFORE: &str = r#"{"id":"fund","fundEstablished":{"fund":"core","currency":"usd","names":[{"language":"en","text":"Core"}]}}
{"id":"corrected","corrects":{"id":"north-full"},"effective":{"date":"2012-08"},"memberAdmitted":{"party":"north","class":"full"}}
{"id":"corrected-again","corrects":{"id":"corrected"},"effective":{"date":"2012-09"},"memberAdmitted":{"party":"north","class":"full"}}"#;

/// Acts on an admission, and on those acts.
const ACTS: &str = r#"{"id":"annulled","effective":{"date":"2013-01-01"},"actAnnulled":{"entry":{"id":"east-full"}}}
{"id":"annulled-again","effective":{"date":"2013-02-01"},"actAnnulled":{"entry":{"id":"annulled"}}}"#;

/// A payment.
fn paid(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","effective":{{"date":"2012-01-01"}},"duesPaid":{{"party":"east","fund":"core","amount":{{"currency":"usd","minorUnits":"100"}}}}}}"#
    )
}

fn admitted(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","effective":{{"date":"2015-01-01"}},"memberAdmitted":{{"party":"north","class":"full"}}}}"#
    )
}

/// An act on another: `actAnnulled` or `actRatified`, and what is meant.
fn act(id: &str, what: &str, on: &str) -> String {
    format!(r#"{{"id":"{id}","effective":{{"date":"2014-01-01"}},"{what}":{{"entry":{on}}}}}"#)
}

/// Takes an entry back.
fn withdrawn(id: &str, on: &str) -> String {
    format!(r#"{{"id":"{id}","corrects":{on}}}"#)
}

fn id(of: &str) -> String {
    format!(r#"{{"id":"{of}"}}"#)
}

fn at(position: u64) -> String {
    format!(r#"{{"position":"{position}"}}"#)
}

fn irregular(id: &str, text: &str) -> v1::RecordRequest {
    v1::RecordRequest {
        irregular: v1::IrregularPolicy::Record.into(),
        ..batch(id, text)
    }
}

/// A league with a fund, and acts on its admissions.
async fn founded() -> Guarded {
    let mut guarded = guarded(TOKENS).await;
    for (name, text) in [("league", LEAGUE), ("before", BEFORE), ("acts", ACTS)] {
        let request = by("recorder", irregular(name, text));
        guarded.world.ledger.record(request).await.unwrap();
    }
    guarded
        .record("money", "paid", &paid("paid"))
        .await
        .unwrap();
    guarded
}

/// Holds an error to the draft and the kind that it names.
#[track_caller]
fn not_allowed(outcome: Result<v1::RecordResponse, Status>, draft: usize, kind: &str) {
    let details = refused(outcome, Code::PermissionDenied, "KIND_NOT_ALLOWED");
    let told = &details.error_info().unwrap().metadata;
    let told = (told["draft"].as_str(), told["kind"].as_str());
    assert_eq!(told, (&*draft.to_string(), kind));
}

/// Batches that who records money alone may not record, with the draft and the kind for which.
fn beyond() -> Vec<(String, usize, &'static str)> {
    let admission = World::position("east-full");
    let chain: Vec<String> = (0..9)
        .map(|n: usize| {
            let on = n
                .checked_sub(1)
                .map_or("paid".into(), |n| format!("far-{n}"));
            act(&format!("far-{n}"), "actAnnulled", &id(&on))
        })
        .collect();
    let of = "member_admitted";
    vec![
        (admitted("x"), 1, of),
        ([paid("y"), admitted("x")].join("\n"), 2, of),
        ([admitted("x"), paid("y")].join("\n"), 1, of),
        // Acts on an admission, by its position and by its id.
        (withdrawn("x", &id("north-full")), 1, of),
        (withdrawn("x", &at(admission)), 1, of),
        (act("x", "actAnnulled", &id("east-full")), 1, of),
        (act("x", "actAnnulled", &at(admission)), 1, of),
        (act("x", "actRatified", &id("east-full")), 1, of),
        (act("x", "actRatified", &at(admission)), 1, of),
        // A payment in place of an admission.
        (
            paid("x").replacen('{', r#"{"corrects":{"id":"north-full"},"#, 1),
            1,
            of,
        ),
        // Of the second remove, and of the third.
        (withdrawn("x", &id("corrected-again")), 1, of),
        (withdrawn("x", &id("annulled")), 1, of),
        (act("x", "actRatified", &id("corrected-again")), 1, of),
        (act("x", "actAnnulled", &id("annulled-again")), 1, of),
        (act("x", "actRatified", &id("annulled-again")), 1, of),
        // Beside acts on money in the same batch.
        (
            [
                paid("y"),
                act("x", "actAnnulled", &id("y")),
                withdrawn("z", &id("north-full")),
            ]
            .join("\n"),
            3,
            of,
        ),
        // Farther than anything is followed, though it is about money in the end.
        (chain.join("\n"), 8, "dues_paid"),
    ]
}

#[tokio::test]
async fn who_records_money_records_no_membership_and_no_act_on_it() {
    let mut guarded = founded().await;
    let head = guarded.head().await;
    for (number, (text, draft, kind)) in beyond().into_iter().enumerate() {
        for validate_only in [true, false] {
            let request = v1::RecordRequest {
                validate_only,
                ..irregular(&format!("x-{number}"), &text)
            };
            let outcome = guarded.world.ledger.record(by("money", request)).await;
            let outcome = outcome.map(tonic::Response::into_inner);
            not_allowed(outcome, draft, kind);
        }
        let request = iter([v1::RecordStreamRequest {
            request: Some(irregular(&format!("x-{number}"), &text)),
        }]);
        let answers = guarded
            .world
            .ledger
            .record_stream(by("money", request))
            .await;
        let answer = answers.unwrap().into_inner().message().await;
        not_allowed(answer.map(|_| v1::RecordResponse::default()), draft, kind);
    }
    assert_eq!(guarded.head().await, head);
    // Whoever may record membership as well gets past that; what is refused is refused by rules.
    for (text, _, kind) in beyond() {
        let request = v1::RecordRequest {
            validate_only: true,
            ..irregular("both", &text)
        };
        let outcome = guarded.world.ledger.record(by("both", request)).await;
        let reason = outcome.err().map(|status| told(Some(&status)));
        let expected = (kind == "dues_paid").then_some("KIND_NOT_ALLOWED");
        let reason = reason.filter(|reason| reason != "yes");
        assert_eq!(reason.as_deref(), expected, "{text}");
    }
}

#[tokio::test]
async fn who_records_money_acts_on_money() {
    let mut guarded = founded().await;
    let head = guarded.head().await;
    let texts = [
        paid("more"),
        paid("less").replacen('{', r#"{"corrects":{"id":"more"},"#, 1),
        act("gone", "actAnnulled", &id("less")),
        withdrawn("back", &id("paid")),
    ];
    for (number, text) in texts.iter().enumerate() {
        let request = by("money", irregular(&format!("m-{number}"), text));
        guarded.world.ledger.record(request).await.unwrap();
    }
    assert_eq!(guarded.head().await, head + 4);
    // In a batch, by the id and by the position that the first of it will have.
    for (number, on) in [id("first-0"), at(head + 7)].iter().enumerate() {
        let first = format!("first-{number}");
        let text = [
            paid(&first),
            act(&format!("second-{number}"), "actAnnulled", on),
        ]
        .join("\n");
        let request = by("money", irregular(&first, &text));
        guarded.world.ledger.record(request).await.unwrap();
    }
    let batched = [paid("with"), admitted("again")].join("\n");
    let outcome = guarded.record("money", "batched", &batched).await;
    not_allowed(outcome, 2, "member_admitted");
    let request = by("both", irregular("batched", &batched));
    guarded.world.ledger.record(request).await.unwrap();
}

#[tokio::test]
async fn what_if_anything_had_been_recorded_is_asked_by_whoever_reads() {
    let mut guarded = founded().await;
    let assume = batch("x", &[paid("y"), admitted("x")].join("\n")).drafts;
    for (token, expected) in [
        ("reader", None),
        ("recorder", None),
        ("money", Some("PERMISSION_MISSING")),
    ] {
        let at = v1::PointInTime {
            assume: assume.clone(),
            ..on("2016-01-01").unwrap()
        };
        let asked = v1::GetPartyRequest {
            party: "north".to_owned(),
            at: Some(at),
        };
        let answer = guarded.world.roll.get_party(by(token, asked)).await;
        let reason = answer.err().map(|status| told(Some(&status)));
        assert_eq!(reason.as_deref(), expected, "{token}");
    }
}
