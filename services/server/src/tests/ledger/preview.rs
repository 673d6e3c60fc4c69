//! What drafts would do, asked over the wire.

use crate::tests::*;

/// A fund with a policy of a year's grace, what west owes, and a session yet to come with a quorum.
const AHEAD: &str = r#"
{"id":"fund","fundEstablished":{"fund":"core","currency":"usd","names":[{"language":"en","text":"Core"}]}}
{"id":"owed","effective":{"date":"2020-01-01"},"duesAssessed":{"fund":"core","year":2020,"party":"west","amount":{"currency":"usd","minorUnits":"10000"},"due":{"date":"2020-06-30"}}}
{"id":"quorum","effective":{"date":"2020-01-01"},"articleEnacted":{"instrument":"charter","article":"12","citation":"12","change":"ARTICLE_CHANGE_ADDED","norms":[{"support":"SUPPORT_TEXT","quorum":{"body":"assembly","numerator":1,"denominator":2,"comparator":"COMPARATOR_AT_LEAST","countedOf":"COUNTED_OF_ENTITLED"}}]}}
{"id":"ahead","effective":{"date":"2199-05-05"},"sessionConvened":{"session":"assembly/3"}}
"#;

/// West leaves, pays first, and somebody new is admitted.
const DRAFTS: &str = r#"
{"id":"paid","effective":{"date":"2021-01-01"},"duesPaid":{"fund":"core","party":"west","amount":{"currency":"usd","minorUnits":"10000"}}}
{"id":"south","partyRegistered":{"party":"south","kind":"government","country":"jp"}}
{"id":"south-full","effective":{"date":"2022-01-01"},"memberAdmitted":{"party":"south","class":"full"}}
"#;

fn asked(text: &str) -> v1::PreviewRequest {
    v1::PreviewRequest {
        drafts: batch("unused", text).drafts,
        irregular: v1::IrregularPolicy::Record.into(),
        ..v1::PreviewRequest::default()
    }
}

async fn preview(world: &mut World, text: &str) -> v1::PreviewResponse {
    let answer = world.ledger.preview(asked(text)).await.unwrap();
    answer.into_inner()
}

async fn ahead() -> World {
    let mut world = league().await;
    let mut law = batch("ahead", AHEAD);
    law.irregular = v1::IrregularPolicy::Record.into();
    world.ledger.record(law).await.unwrap();
    world
}

async fn head(world: &mut World) -> v1::Head {
    let head = world.ledger.get_head(v1::GetHeadRequest {}).await.unwrap();
    head.into_inner().head.unwrap()
}

#[tokio::test]
async fn drafts_are_told_with_what_they_would_do_and_nothing_is_written() {
    let mut world = ahead().await;
    let before = head(&mut world).await;
    let answer = preview(&mut world, DRAFTS).await;
    assert_eq!(head(&mut world).await, before);
    assert!(answer.recordable && answer.refusals.is_empty() && answer.undone.is_empty());
    let said: Vec<_> = answer
        .drafts
        .iter()
        .map(|of| of.sentence.as_str())
        .collect();
    assert_eq!(said[1], "south is registered");
    assert_eq!(said[2], "south is admitted as full, effective 2022-01-01");
    let basis = answer.basis.clone().unwrap();
    assert_eq!((basis.position, basis.assumed), (before.position, 0));

    // Rights, counts, the quorum of the session ahead, the account.
    let rights: Vec<_> = answer
        .changes
        .iter()
        .map(|of| (&*of.party, &*of.right))
        .collect();
    assert_eq!(rights, [("south", "speak"), ("south", "vote")]);
    assert_eq!(answer.changes_total, 2);
    let since = (before.position + 1, "2022-01-01");
    let change = &answer.changes[1];
    assert_eq!((change.first_position, &*change.start_date), since);
    let counted = |count: &v1::CountPreview| {
        let [before, after] = [&count.before, &count.after].map(|of| of.unwrap().certain);
        (count.on.clone(), count.class.clone(), before, after)
    };
    let counts: Vec<_> = answer.counts.iter().map(counted).collect();
    let full = "full".to_owned();
    assert_eq!(counts[0], ("2022-01-01".to_owned(), full, 3, 4));
    let [quorum] = &answer.quorums[..] else {
        panic!("{:?}", answer.quorums);
    };
    let entitled = [quorum.entitled_before, quorum.entitled_after];
    assert_eq!(entitled.map(|of| of.unwrap().certain), [3, 4]);
    let needed = [&quorum.quorums_before, &quorum.quorums_after];
    let needed = needed.map(|of| of[0].needed.unwrap().certain);
    assert_eq!((&*quorum.session, needed), ("assembly/3", [2, 2]));
    let [account] = &answer.accounts[..] else {
        panic!("{:?}", answer.accounts);
    };
    let unpaid = |of: &[v1::AccountView]| of[0].lines[0].unpaid;
    assert_eq!(&*account.party, "west");
    assert_eq!(
        (unpaid(&account.before), unpaid(&account.after)),
        (10_000, 0)
    );
}

#[tokio::test]
async fn what_is_recorded_then_is_what_was_told_unless_somebody_was_quicker() {
    let mut world = ahead().await;
    let answer = preview(&mut world, DRAFTS).await;
    let request = v1::RecordRequest {
        expectations: answer.expectations.clone(),
        irregular: v1::IrregularPolicy::Record.into(),
        ..batch("drafts", DRAFTS)
    };
    let recorded = world
        .ledger
        .record(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(recorded.first_position, answer.changes[0].first_position);
    // Whoever was slower is told.
    let later = v1::RecordRequest {
        request_id: "later".to_owned(),
        drafts: batch("later", &DRAFTS.replace("\"id\":\"", "\"id\":\"later-")).drafts,
        ..request
    };
    let refused = world.ledger.record(later).await.unwrap_err();
    assert_eq!(refused.code(), Code::Aborted);
    let previewed = preview(&mut world, r#"{"id":"x","corrects":{"id":"south-full"}}"#).await;
    let [undone] = &previewed.undone[..] else {
        panic!("{:?}", previewed.undone);
    };
    assert_eq!(undone.fate(), v1::EntryFate::Withdrawn);
    assert_eq!(undone.position, recorded.last_position);
    assert_eq!(undone.sentence, answer.drafts[2].sentence);
}

#[tokio::test]
async fn what_loses_its_effect_is_told_first_with_what_goes_with_it() {
    let mut world = league().await;
    let adopted = r#"
{"id":"rules","effective":{"date":"2003-01-01"},"authority":{"decision":"admit-west"},"instrumentAdopted":{"instrument":"rules"}}
{"id":"rules-1","effective":{"date":"2003-01-01"},"authority":{"decision":"admit-west"},"articleEnacted":{"instrument":"rules","article":"1","citation":"1","change":"ARTICLE_CHANGE_ORIGINAL"}}
"#;
    let mut request = batch("rules", adopted);
    request.irregular = v1::IrregularPolicy::Record.into();
    let first = world.ledger.record(request).await.unwrap().into_inner();
    let annulled = r#"{"id":"annul","actAnnulled":{"entry":{"id":"rules"}}}"#;
    let answer = preview(&mut world, annulled).await;
    let undone: Vec<_> = answer
        .undone
        .iter()
        .map(|of| (of.position, of.fate()))
        .collect();
    let annulled_too = v1::EntryFate::Annulled;
    let expected = [first.first_position, first.last_position].map(|of| (of, annulled_too));
    assert_eq!(undone, expected);
    // An act that annuls the session takes its decision along.
    let session = r#"{"id":"annul","actAnnulled":{"entry":{"id":"assembly-2"}}}"#;
    let answer = preview(&mut world, session).await;
    let said: Vec<_> = answer
        .undone
        .iter()
        .map(|of| of.sentence.as_str())
        .collect();
    assert!(
        said.contains(&"assembly/2 takes decision admit-west"),
        "{said:?}"
    );
    // What annulled is annulled: the act stands again.
    let mut request = batch("annul", annulled);
    request.irregular = v1::IrregularPolicy::Record.into();
    world.ledger.record(request).await.unwrap();
    let again = r#"{"id":"again","actAnnulled":{"entry":{"id":"annul"}}}"#;
    let answer = preview(&mut world, again).await;
    let stands: Vec<_> = answer.undone.iter().map(v1::UndoneEntry::fate).collect();
    assert_eq!(
        stands,
        [
            v1::EntryFate::StandsAgain,
            v1::EntryFate::StandsAgain,
            annulled_too
        ]
    );
}

#[tokio::test]
async fn all_reasons_to_refuse_are_an_answer() {
    let mut world = league().await;
    let before = head(&mut world).await;
    let drafts = r#"
{"id":"a","effective":{"date":"2022-01-01"},"memberAdmitted":{"party":"nobody","class":"full"}}
{"id":"b","effective":{"date":"2022-01-01"},"memberAdmitted":{"party":"east","class":"none"}}
"#;
    let answer = preview(&mut world, drafts).await;
    assert!(!answer.recordable && answer.changes.is_empty() && answer.counts.is_empty());
    let reasons = answer.refusals.iter();
    let reasons: Vec<_> = reasons
        .map(|of| (of.draft, &*of.reason, &*of.subject))
        .collect();
    assert_eq!(
        reasons,
        [(0, "UNKNOWN_PARTY", "nobody"), (1, "UNKNOWN_CLASS", "none")]
    );
    assert_eq!(
        answer.drafts[0].sentence,
        "nobody is admitted as full, effective 2022-01-01"
    );
    // A reference to nothing is one, and then nothing can be said of any.
    let answer = preview(&mut world, r#"{"id":"c","corrects":{"id":"not-there"}}"#).await;
    assert_eq!(answer.refusals[0].reason, "UNKNOWN_ENTRY");
    assert_eq!(answer.drafts, [v1::DraftSaid::default()]);
    assert_eq!(head(&mut world).await, before);
    // What is malformed is no answer.
    let none = world.ledger.preview(v1::PreviewRequest::default()).await;
    assert_eq!(none.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn rule_35_what_is_irregular_is_told_and_decides_by_the_policy() {
    let mut world = super::irregular::ruled().await;
    for (policy, recordable) in [
        (v1::IrregularPolicy::Unspecified, false),
        (v1::IrregularPolicy::Refuse, false),
        (v1::IrregularPolicy::Record, true),
    ] {
        let request = v1::PreviewRequest {
            irregular: policy.into(),
            ..asked(super::irregular::IRREGULAR)
        };
        let answer = world.ledger.preview(request).await.unwrap().into_inner();
        assert_eq!(answer.recordable, recordable);
        let codes: Vec<_> = answer.irregular.iter().map(|of| of.code.as_str()).collect();
        assert_eq!(codes, ["competence", "eligibility"]);
        let coming = answer.findings_coming.iter();
        let coming: Vec<_> = coming.filter(|of| codes.contains(&&*of.code)).collect();
        assert!(coming.len() >= 2, "{:?}", answer.findings_coming);
    }
}

#[tokio::test]
async fn a_list_is_cut_with_its_total() {
    let mut world = league().await;
    let towns = (0..1_500).map(|n| {
        format!(
            r#"{{"id":"t-{n}","partyRegistered":{{"party":"t-{n}","kind":"government"}}}}
{{"id":"a-{n}","effective":{{"date":"2022-01-01"}},"memberAdmitted":{{"party":"t-{n}","class":"observer"}}}}
"#
        )
    });
    let answer = preview(&mut world, &towns.collect::<String>()).await;
    assert!(answer.recordable);
    assert_eq!((answer.changes.len(), answer.changes_total), (1_000, 1_500));
    assert_eq!(answer.drafts.len(), 1_000);
    let log = v1::expectation::Subject::Log(true);
    assert_eq!(answer.expectations[0].subject, Some(log));
}
