//! What if, and why: questions on top of the record, and answers as chains.

use super::ask;
use crate::harness::{list, near, number, pick, text};
use serde_json::{Value, json};

fn admission() -> Value {
    json!({
        "id": "what-if-admission",
        "effective": {"date": "2026-07-01"},
        "memberAdmitted": {"party": "ru-tatarstan", "class": "associate"},
    })
}

fn at(drafts: &[Value]) -> Value {
    json!({"on": "2026-07-01", "assume": drafts})
}

#[test]
fn every_kind_of_question_takes_drafts() {
    let assumed = at(&[admission()]);
    let plain = json!({"on": "2026-07-01"});
    let both = |method: &str, mut question: Value| {
        question["at"] = plain.clone();
        let before = ask(method, &question);
        question["at"] = assumed.clone();
        let after = ask(method, &question);
        assert_eq!(number(&after, "basis.assumed"), 1, "{method}");
        assert_eq!(
            pick(&before, "basis.position"),
            pick(&after, "basis.position"),
            "{method}"
        );
        (before, after)
    };
    let question = json!({"question": {"party": "ru-tatarstan", "right": "participate"}});
    let (before, after) = both("RightsService/CheckRight", question.clone());
    assert_eq!(text(&before, "answer.verdict"), "VERDICT_NOT_HELD");
    assert_eq!(text(&after, "answer.verdict"), "VERDICT_HELD");
    let mut quick = question;
    quick["verdictOnly"] = json!(true);
    let (_, after) = both("RightsService/CheckRight", quick);
    assert_eq!(text(&after, "answer.verdict"), "VERDICT_HELD");

    let class = |answer: &Value| pick(answer, "party.classes.0").clone();
    let (before, after) = both("RollService/GetParty", json!({"party": "ru-tatarstan"}));
    assert_eq!(
        (class(&before), class(&after)),
        (json!(""), json!("associate"))
    );

    let (before, after) = both("RollService/CountMembers", json!({}));
    let associates = |answer: &Value| {
        let mut classes = list(answer, "classes").iter();
        number(
            classes.find(|of| text(of, "class") == "associate").unwrap(),
            "count.certain",
        )
    };
    assert_eq!(associates(&before) + 1, associates(&after));

    let holders = json!({"right": "participate", "pageSize": 1000});
    let (before, after) = both("RightsService/ListHolders", holders);
    let held = |answer: &Value| list(answer, "holders").len();
    assert_eq!(held(&before) + 1, held(&after));

    let first = json!({"right": "participate", "pageSize": 10});
    let (_, page) = both("RightsService/ListHolders", first.clone());
    let mut next = first;
    next["at"] = assumed.clone();
    next["pageToken"] = pick(&page, "nextPageToken").clone();
    assert_eq!(
        list(&ask("RightsService/ListHolders", &next), "holders").len(),
        10
    );
    // A page of what was assumed is no page of what is recorded.
    next["at"] = plain.clone();
    let refused = near()
        .client()
        .ask("RightsService/ListHolders", &next.to_string());
    assert_eq!(refused.unwrap_err().code, tonic::Code::InvalidArgument);
}

#[test]
fn an_assumed_amendment_takes_a_right() {
    // "Does this amendment take a right from anyone?"
    let amendment = json!({
        "id": "what-if-amendment",
        "effective": {"date": "2026-07-01"},
        "articleEnacted": {
            "instrument": "charter", "article": "9.1", "citation": "9(1)", "change": "ARTICLE_CHANGE_AMENDED",
            "norms": [{"support": "SUPPORT_TEXT", "confer": {"right": "vote", "classes": ["associate"]}}],
        },
    });
    let votes = |at: &Value| {
        let question = json!({"right": "vote", "at": at, "pageSize": 1000});
        let answer = ask("RightsService/ListHolders", &question);
        let holders = list(&answer, "holders").iter();
        holders
            .filter(|h| text(h, "verdict") == "VERDICT_HELD")
            .count()
    };
    let before = votes(&json!({"on": "2026-07-01"}));
    assert!(before > 80);
    // 5-2 withholds the vote from associates, whatever 9(1) would confer: nobody is left.
    assert_eq!(votes(&at(&[amendment])), 0);
    assert_eq!(votes(&json!({"on": "2026-07-01"})), before);
}

#[test]
fn what_would_be_refused_refuses_the_question() {
    let unknown = json!({
        "id": "what-if-nobody",
        "effective": {"date": "2026-07-01"},
        "memberAdmitted": {"party": "xx-nobody", "class": "associate"},
    });
    let question =
        |drafts: &[Value]| json!({"party": "cn-qinghai", "at": {"assume": drafts}}).to_string();
    let refused = near()
        .client()
        .ask("RollService/GetParty", &question(&[unknown]));
    assert_eq!(refused.unwrap_err().code, tonic::Code::FailedPrecondition);
    let malformed = json!({"id": "what-if-day", "effective": {"date": "2026-02-30"}, "membershipEnded": {"party": "cn-qinghai", "ground": "END_GROUND_WITHDRAWAL"}});
    let refused = near()
        .client()
        .ask("RollService/GetParty", &question(&[malformed]));
    let failure = refused.unwrap_err();
    assert_eq!(failure.code, tonic::Code::InvalidArgument);
    assert!(failure.message.contains("assume"), "{failure:?}");
}

#[test]
fn a_question_about_the_past_takes_drafts_as_known_then() {
    let recorded = super::entry("near-admit-cn-qinghai");
    let at = |drafts: &[Value]| {
        let at =
            json!({"on": "2024-09-25", "position": (recorded - 1).to_string(), "assume": drafts});
        let question = json!({"party": "cn-qinghai", "at": at});
        ask("RollService/GetParty", &question)
    };
    let class = |answer: &Value| pick(answer, "party.classes.0").clone();
    assert_eq!(class(&at(&[])), json!(""));
    let draft = json!({
        "id": "what-if-qinghai",
        "effective": {"date": "2024-09-25"},
        "observerAccepted": {"party": "cn-qinghai", "class": "observer"},
    });
    let answer = at(&[draft]);
    assert_eq!(class(&answer), json!("observer"));
    assert_eq!(number(&answer, "basis.position"), recorded - 1);
}

#[test]
fn an_answer_is_told_as_a_chain() {
    let question =
        json!({"question": {"party": "cn-qinghai", "right": "vote"}, "at": {"on": "2024-09-25"}});
    let answer = ask("RightsService/CheckRight", &question);
    let chain = pick(&answer, "answer.explanation");
    assert_eq!(text(chain, "says"), "cn-qinghai holds vote on 2024-09-25");
    let reasons = list(chain, "because");
    let article = text(&reasons[0], "says");
    assert!(
        article.starts_with("charter 9(1), in the version in force from 2016-09-27,"),
        "{article}"
    );
    let admission = reasons
        .iter()
        .find(|reason| text(reason, "says").contains("is admitted as full"));
    let admission = admission.unwrap();
    let decision = pick(admission, "because.0");
    assert!(
        text(decision, "says").contains("wc-14-item-2"),
        "{decision}"
    );
    assert!(
        list(decision, "findings").contains(&json!("quorum (unproven)")),
        "{decision}"
    );
    // The findings of what the answer rests on stand in its grounds.
    assert!(list(&answer, "answer.grounds.findings").contains(&json!("quorum (unproven)")));
    // The same bytes again.
    let client = near().client();
    let bytes = || {
        client
            .bytes("RightsService/CheckRight", &question.to_string())
            .unwrap()
    };
    assert_eq!(bytes(), bytes());
    let printed = near()
        .cli([
            "rights",
            "cn-qinghai",
            "--right",
            "vote",
            "--on",
            "2024-09-25",
            "--why",
        ])
        .ok();
    for line in [
        "cn-qinghai holds vote on 2024-09-25",
        "├─ charter 9(1), in the version in force from 2016-09-27, confers vote [presumed;",
        "└─ cn-qinghai is admitted as full, effective 2024-09-25 [confirmed;",
        "   ├─ working-committee/14 takes decision wc-14-item-2",
        "source: NEAR annual report 2024 (ko)",
    ] {
        assert!(printed.contains(line), "{line}\n{printed}");
    }
}
