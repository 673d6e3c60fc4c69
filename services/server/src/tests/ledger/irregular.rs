use crate::tests::*;

/// A charter that leaves its amendment to the meeting, and full membership to clubs of one kind; a
/// board that may not amend it.
const LAW: &str = r#"
{"id":"rule-body","termDeclared":{"kind":"TERM_KIND_BODY","term":"board"}}
{"id":"rule-meeting","termDeclared":{"kind":"TERM_KIND_BODY","term":"council"}}
{"id":"rule-function","termDeclared":{"kind":"TERM_KIND_FUNCTION","term":"amend-rules"}}
{"id":"rule-class","termDeclared":{"kind":"TERM_KIND_CLASS","term":"honorary"}}
{"id":"rule-instrument","effective":{"date":"2001-01-01"},"instrumentAdopted":{"instrument":"rules"}}
{"id":"rule-1","effective":{"date":"2001-01-01"},"articleEnacted":{"instrument":"rules","article":"1","citation":"1","change":"ARTICLE_CHANGE_ORIGINAL","norms":[{"support":"SUPPORT_TEXT","functions":{"body":"council","functions":["amend-rules"]}}]}}
{"id":"rule-2","effective":{"date":"2010-01-01"},"articleEnacted":{"instrument":"rules","article":"2","citation":"2","change":"ARTICLE_CHANGE_ORIGINAL","norms":[{"support":"SUPPORT_TEXT","establishClass":{"class":"honorary","eligibility":{"partyKind":{"ids":["choir"]}}}}]}}
{"id":"rule-session","effective":{"date":"2012-01-01"},"sessionConvened":{"session":"board/1"}}
{"id":"rule-party","partyRegistered":{"party":"hikers","kind":"club","names":[{"language":"en","text":"Hikers"}]}}
"#;

/// What the board may not decide, and an admission of a club as if it were a choir.
pub const IRREGULAR: &str = r#"
{"id":"decision","effective":{"date":"2012-01-01"},"decisionTaken":{"decision":"amended","session":"board/1","functions":["amend-rules"],"outcome":"OUTCOME_ADOPTED"}}
{"id":"admission","effective":{"date":"2012-01-01"},"memberAdmitted":{"party":"hikers","class":"honorary"}}
"#;

pub async fn ruled() -> World {
    let mut world = league().await;
    let mut law = batch("law", LAW);
    law.irregular = v1::IrregularPolicy::Record.into();
    world.ledger.record(law).await.unwrap();
    world
}

#[tokio::test]
async fn rule_35_an_irregular_batch_is_refused_and_every_finding_named() {
    let mut world = ruled().await;
    // Who says nothing is asked whether it is meant.
    for policy in [
        v1::IrregularPolicy::Unspecified,
        v1::IrregularPolicy::Refuse,
    ] {
        for validate_only in [false, true] {
            let mut request = batch("irregular", IRREGULAR);
            request.irregular = policy.into();
            request.validate_only = validate_only;
            let outcome = world.ledger.record(request).await;
            let details = refused(outcome, Code::FailedPrecondition, "IRREGULAR");
            let violations = &details.precondition_failure().unwrap().violations;
            let named: Vec<_> = violations
                .iter()
                .map(|violation| (violation.r#type.as_str(), violation.subject.as_str()))
                .collect();
            assert_eq!(named, [("competence", "1"), ("eligibility", "2")]);
        }
    }
    let head = world.ledger.get_head(v1::GetHeadRequest {}).await.unwrap();
    let recorded = (LEAGUE.lines().count() + LAW.trim().lines().count()) as u64;
    assert_eq!(head.into_inner().head.unwrap().position, recorded);
}

#[tokio::test]
async fn rule_35_it_is_recorded_where_that_is_asked_for_and_the_flag_is_no_content() {
    let mut world = ruled().await;
    let mut request = batch("irregular", IRREGULAR);
    request.irregular = v1::IrregularPolicy::Record.into();
    let first = world.ledger.record(request.clone()).await.unwrap();
    request.irregular = v1::IrregularPolicy::Refuse.into();
    let again = world.ledger.record(request).await.unwrap().into_inner();
    assert!(again.replayed);
    assert_eq!(again.last_position, first.into_inner().last_position);
}

#[tokio::test]
async fn rule_35_what_is_irregular_already_holds_nothing_back() {
    let mut world = ruled().await;
    let mut request = batch("irregular", IRREGULAR);
    request.irregular = v1::IrregularPolicy::Record.into();
    world.ledger.record(request).await.unwrap();
    let later = r#"{"id":"later","effective":{"date":"2012-01-01"},"attendanceRecorded":{"session":"board/1","present":["hikers"]}}"#;
    world.record("later", later).await.unwrap();
    // A law that comes later, and makes an older act irregular, is recorded too.
    let law = r#"{"id":"law-later","effective":{"date":"2001-01-01"},"articleEnacted":{"instrument":"rules","article":"3","citation":"3","change":"ARTICLE_CHANGE_ORIGINAL","norms":[{"support":"SUPPORT_TEXT","establishClass":{"class":"full","eligibility":{"partyKind":{"ids":["choir"]}}}}]}}"#;
    world.record("law-later", law).await.unwrap();
}

#[tokio::test]
async fn rule_35_what_is_only_unproven_is_recorded() {
    let mut world = ruled().await;
    let delegation = r#"{"id":"delegation","effective":{"date":"2001-01-01"},"articleEnacted":{"instrument":"rules","article":"4","citation":"4","change":"ARTICLE_CHANGE_ORIGINAL","norms":[{"support":"SUPPORT_TEXT","delegate":{"fromBody":"council","toBody":"board","byAct":true}}]}}"#;
    world.record("delegation", delegation).await.unwrap();
    let decision = IRREGULAR.trim().lines().next().unwrap();
    world.record("unproven", decision).await.unwrap();
}
