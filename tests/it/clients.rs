//! Clients that nobody here wrote: they know the contract from the server's reflection alone, and
//! get the same answers as the command line.

use crate::harness::{near, python, text, tool};
use crate::house::tidy::root;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// What is asked: the command, the method and the request.
fn questions() -> Vec<(Vec<&'static str>, &'static str, Value)> {
    let day = json!({"on": "2024-09-25"});
    let on = ["--on", "2024-09-25"];
    vec![
        (
            [&["rights", "cn-qinghai"][..], &on].concat(),
            "RightsService/GetStanding",
            json!({"party": "cn-qinghai", "at": day}),
        ),
        (
            [&["holders", "vote"][..], &on].concat(),
            "RightsService/ListHolders",
            json!({"right": "vote", "at": day, "pageSize": 1000}),
        ),
        (
            [&["roll"][..], &on].concat(),
            "RollService/CountMembers",
            json!({"at": day}),
        ),
        (
            [&["party", "kr-pohang"][..], &on].concat(),
            "RollService/GetParty",
            json!({"party": "kr-pohang", "at": day}),
        ),
        (
            vec!["chairs"],
            "RollService/ListOfficeHolders",
            json!({"office": "chair", "pageSize": 1000}),
        ),
        (
            vec!["session", "working-committee/14"],
            "RollService/GetSession",
            json!({"session": "working-committee/14"}),
        ),
        (
            [&["law", "charter", "9-2"][..], &on].concat(),
            "LawService/GetArticle",
            json!({"instrument": "charter", "article": "9-2", "at": day}),
        ),
        (
            vec!["entry", "2"],
            "LedgerService/GetEntry",
            json!({"position": "2"}),
        ),
    ]
}

/// The answers of the command line.
fn answers() -> Vec<Value> {
    let questions = questions().into_iter();
    questions
        .map(|(arguments, ..)| {
            let printed = near().cli(arguments.iter().chain(&["--json"])).ok();
            serde_json::from_str(&printed).unwrap()
        })
        .collect()
}

/// Has a client in Python ask, a question a line, and returns what it printed of the services and
/// of each answer.
fn asked_from_python(lines: &str) -> Vec<Value> {
    let mut python = python("ask.py")
        .arg(near().address().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    stdin.write_all(lines.as_bytes()).unwrap();
    drop(stdin);
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn grpcio_from_python_gets_the_same_answers_through_reflection() {
    let unknown = json!({"party": "xx-nowhere"});
    let asked = questions().into_iter();
    let asked = asked.map(|(_, method, request)| (method, request));
    let lines = asked
        .chain([("RollService/GetParty", unknown)])
        .map(|(method, request)| {
            let question = json!({"method": format!("standing.v1.{method}"), "request": request});
            question.to_string() + "\n"
        })
        .collect::<String>();

    let printed = asked_from_python(&lines);
    let [services, answered @ .., error] = &printed[..] else {
        panic!("{printed:?}")
    };
    for service in [
        "LawService",
        "LedgerService",
        "RightsService",
        "RollService",
    ] {
        let service = json!(format!("standing.v1.{service}"));
        let services = services["services"].as_array().unwrap();
        assert!(services.contains(&service), "{services:?}");
    }
    assert_eq!(answered.len(), questions().len());
    for ((question, answer), expected) in questions().iter().zip(answered).zip(answers()) {
        assert_eq!(answer, &expected, "{question:?}");
    }
    assert_eq!(text(error, "code"), "NOT_FOUND");
    assert!(text(error, "message").contains("xx-nowhere"), "{error}");
}

#[test]
fn grpcio_from_python_has_a_stream_of_requests_judged_up_to_the_first_that_is_refused() {
    let trial = |id: &str, draft: Value| json!({"request": {"requestId": id, "validateOnly": true, "drafts": [draft]}});
    let registered = |id: &str| {
        let name = json!({"language": "en", "text": "Nowhere"});
        let party =
            json!({"party": id, "kind": "regional-government", "country": "cn", "names": [name]});
        trial(id, json!({"id": id, "partyRegistered": party}))
    };
    let admitted = json!({"party": "xx-nobody", "class": "full"});
    let on = json!({"date": "2024-01-01"});
    let refused = json!({"id": "admitted", "effective": on, "memberAdmitted": admitted});
    let requests = [
        registered("xx-a"),
        registered("xx-b"),
        trial("admitted", refused),
        registered("xx-c"),
    ];
    let method = "standing.v1.LedgerService/RecordStream";
    let question = json!({"method": method, "request": requests});
    let before = near().client().head();
    let printed = asked_from_python(&(question.to_string() + "\n"));
    let answer = &printed[1];
    assert_eq!(
        answer["answers"],
        json!([{"response": {}}, {"response": {}}])
    );
    assert_eq!(text(answer, "code"), "FAILED_PRECONDITION", "{answer}");
    assert!(text(answer, "message").contains("xx-nobody"), "{answer}");
    assert_eq!(near().client().head(), before);
}

#[test]
fn buf_curl_gets_the_same_answers_through_reflection() {
    let buf = tool("STANDING_TOOLS_BUF", "buf");
    for ((_, method, request), expected) in questions().into_iter().zip(answers()) {
        let url = format!("http://{}/standing.v1.{method}", near().address());
        let output = Command::new(&buf)
            .args(["curl", "--protocol", "grpc", "--http2-prior-knowledge"])
            .args(["--data", &request.to_string(), &url])
            .env("BUF_CACHE_DIR", root().join("target/tools/buf-cache"))
            .output()
            .unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{method}: {complaint}");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer, expected, "{method} {request}");
    }
}
