//! Decisions weighed: the 14th working committee, as the project promises it.

use super::ask;
use crate::harness::{list, near, number, pick, text};
use serde_json::{Value, json};

const SESSION: &str = "working-committee/14";

/// Nine of those entitled who were not there, with statements in writing.
fn nine_in_writing() -> Value {
    let nine = [
        "jp-akita",
        "jp-aomori",
        "jp-fukui",
        "jp-hyogo",
        "jp-ishikawa",
        "jp-kyoto",
        "jp-niigata",
        "jp-tottori",
        "jp-yamagata",
    ];
    json!({
        "id": "what-if-nine-in-writing",
        "attendanceRecorded": {
            "session": SESSION,
            "inWriting": nine,
            "inWritingRecorded": "COMPLETENESS_RECORDED",
        },
    })
}

fn session(at: &Value) -> Value {
    ask(
        "RollService/GetSession",
        &json!({"session": SESSION, "at": at}),
    )
}

/// The weighing of a decision: `41 of 81, 32..81 found: UNPROVEN, 9 lacking`, for each article.
fn weighed(answer: &Value, decision: usize, what: &str) -> Vec<String> {
    let range = |value: &Value| {
        let [certain, possible] =
            ["certain", "possible"].map(|end| value.get(end).map_or("0", |n| n.as_str().unwrap()));
        if certain == possible {
            certain.to_owned()
        } else {
            format!("{certain}..{possible}")
        }
    };
    let of = |weighing: &Value| {
        format!(
            "{}: {} of {}, {} found: {}, {} lacking",
            text(weighing, "article"),
            range(pick(weighing, "needed")),
            range(pick(weighing, "counted")),
            range(pick(weighing, "found")),
            text(weighing, "met").trim_start_matches("FULFILMENT_"),
            number(weighing, "lacking"),
        )
    };
    let path = format!("decisions.{decision}.weighed.0.{what}");
    list(answer, &path).iter().map(of).collect()
}

#[test]
fn its_quorum_is_unproven_and_at_least_nine_written_votes_short() {
    let answer = session(&json!({}));
    for decision in 0..3 {
        let quorum = weighed(&answer, decision, "quorum");
        assert_eq!(
            quorum,
            ["charter/9.2: 41 of 81, 32..81 found: UNPROVEN, 9 lacking"]
        );
        let path = format!("decisions.{decision}.weighed.0");
        let of = |field: &str| text(&answer, &format!("{path}.{field}")).to_owned();
        assert_eq!(of("reading"), "by-analogy");
        assert_eq!(of("thresholdsOf"), "general-assembly");
        assert_eq!(of("writtenVotesBy"), "charter/9.4");
        assert_eq!(of("otherReadings.0"), "text-only");
    }
    // No article says which threshold is that of special members: both are told, and the quorum is
    // the same.
    let quorum = weighed(&answer, 3, "quorum");
    assert_eq!(quorum.len(), 2, "{quorum:?}");
    assert!(
        quorum.iter().all(|one| one.contains("41 of 81")),
        "{quorum:?}"
    );
    let special = pick(&answer, "decisions.3.routes");
    let open = special.as_array().unwrap().iter().filter(|route| {
        (text(route, "article"), text(route, "openness")) == ("charter/4-3", "OPENNESS_OPEN")
    });
    assert_eq!(open.count(), 1, "within its own power by 4-3");
}

#[test]
fn with_nine_assumed_it_is_met_and_admissions_need_28_of_41() {
    let head = near().client().head();
    let answer = session(&json!({"assume": [nine_in_writing()]}));
    assert_eq!(
        weighed(&answer, 1, "quorum"),
        ["charter/9.2: 41 of 81, 41 found: MET, 0 lacking"]
    );
    assert_eq!(
        weighed(&answer, 1, "majority"),
        ["charter/9.2: 28 of 41, 0..41 found: UNPROVEN, 28 lacking"]
    );
    assert_eq!(number(&answer, "basis.assumed"), 1);
    assert_eq!(number(&answer, "basis.position"), head);
    // Nothing was written, and the next answer knows nothing of it.
    assert_eq!(near().client().head(), head);
    let again = session(&json!({}));
    assert_eq!(pick(&again, "basis.assumed"), &Value::Null);
    assert!(weighed(&again, 1, "quorum")[0].contains("UNPROVEN"));
}

#[test]
fn eight_are_not_enough() {
    let mut eight = nine_in_writing();
    eight["attendanceRecorded"]["inWriting"]
        .as_array_mut()
        .unwrap()
        .pop();
    let answer = session(&json!({"assume": [eight]}));
    assert_eq!(
        weighed(&answer, 1, "quorum"),
        ["charter/9.2: 41 of 81, 40 found: NOT_MET, 1 lacking"]
    );
}

#[test]
fn without_the_reading_no_threshold_is_set() {
    let answer = session(&json!({"readings": ["text-only"]}));
    assert_eq!(pick(&answer, "decisions.0.weighed.0.quorum"), &Value::Null);
    assert_eq!(text(&answer, "decisions.0.weighed.0.reading"), "text-only");
    let printed = near()
        .cli(["session", SESSION, "--reading", "text-only"])
        .ok();
    assert!(printed.contains("the law sets no threshold"), "{printed}");
    for wrong in [&["by-guess"][..], &["text-only", "by-analogy"]] {
        let question = json!({"session": SESSION, "at": {"readings": wrong}});
        let refused = near()
            .client()
            .ask("RollService/GetSession", &question.to_string());
        assert_eq!(
            refused.unwrap_err().code,
            tonic::Code::InvalidArgument,
            "{wrong:?}"
        );
    }
}

#[test]
fn the_arithmetic_is_printed_for_people() {
    let printed = near().cli(["session", SESSION]).ok();
    for line in [
        "Roll of 2024-09-25: 81 with the vote, 32 of them recorded as present; 38 bodies in person",
        "quorum: 41 of 81 entitled (more than 1/2 by charter/9.2 by analogy), 32..81 present: unproven, at least 9 more needed",
    ] {
        assert!(printed.contains(line), "{line}\n{printed}");
    }
    let folder = crate::harness::Folder::new();
    let drafts = folder.write("nine.jsonl", nine_in_writing().to_string());
    let drafts = drafts.to_str().unwrap();
    let printed = near().cli(["what-if", drafts, "session", SESSION]).ok();
    for line in [
        "quorum: 41 of 81 entitled (more than 1/2 by charter/9.2 by analogy), 41 present: met",
        "majority: 28 of 41 present",
        "hypothetical: 1 draft assumed on top, nothing recorded",
    ] {
        assert!(printed.contains(line), "{line}\n{printed}");
    }
}
