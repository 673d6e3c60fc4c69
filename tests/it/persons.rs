//! Natural persons as members: what is shown of them, to whom, and what is left of it where.

use crate::harness::{Client, Folder, JetStream, Nats, Server, batch, sha256, text};
use crate::recording::small_with;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A kind that is natural persons, a person, the party that the person is, and what both do.
const MEMBER: &str = r#"{"id": "k", "termDeclared": {"kind": "TERM_KIND_PARTY_KIND", "term": "expert", "naturalPerson": true}}
{"id": "n", "personNamed": {"person": "s-1", "names": [{"language": "en", "text": "Ada Unmistakable"}]}}
{"id": "p", "partyRegistered": {"party": "m-1", "kind": "expert", "country": "aa", "person": "s-1"}}
{"id": "a", "effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": "m-1", "class": "full"}}
{"id": "c", "effective": {"date": "2013-01-01"}, "officeAssumed": {"office": "auditor", "holder": {"party": "m-1"}}}
"#;

/// A server that publishes, and a member who is a natural person.
fn with_member(folder: &Folder, nats: &Nats) -> Server {
    let file = folder.write("member.jsonl", MEMBER);
    let server = small_with(folder, &["--nats", &nats.url()]);
    let record = ["record", "--irregular", "record", "--request-id", "member"];
    let record = record.map(String::from).into_iter();
    let output = server.cli(record.chain([file.display().to_string()]));
    assert_eq!(output.stderr, "", "nothing to look at again");
    output.ok();
    server
}

/// Where the name may stand in an answer.
fn shown(client: &Client) -> Vec<(&'static str, String)> {
    let asked = [
        (
            "GetParty",
            "party.personNames.0.text",
            r#"{"party": "m-1"}"#,
        ),
        (
            "ListParties",
            "parties.0.personNames.0.text",
            r#"{"class": "full", "membersOnly": true, "name": "m-1"}"#,
        ),
        (
            "ListOfficeHolders",
            "terms.0.displayName",
            r#"{"office": "auditor", "at": {"on": "2014-01-01"}}"#,
        ),
    ];
    let shown = asked.map(|(method, at, question)| {
        let answer = client.answer(&format!("RollService/{method}"), question);
        let at: String = at
            .split('.')
            .fold(String::new(), |at, step| at + "/" + step);
        let name = answer.pointer(&at).and_then(Value::as_str);
        (method, name.unwrap_or_default().to_owned())
    });
    let question = r#"{"right": "vote", "at": {"on": "2014-01-01"}}"#;
    let answer = client.answer("RightsService/ListHolders", question);
    let holders = answer["holders"].as_array().unwrap();
    let member = holders.iter().find(|holder| holder["party"] == "m-1");
    let name = member.and_then(|holder| holder["displayName"].as_str());
    let held = ("ListHolders", name.unwrap_or_default().to_owned());
    shown.into_iter().chain([held]).collect()
}

fn assert_shown(client: &Client, expected: &str) {
    for (method, name) in shown(client) {
        assert_eq!(name, expected, "{method}");
    }
    let party = client.answer("RollService/GetParty", r#"{"party": "m-1"}"#);
    assert_eq!(text(&party, "party.person"), "s-1");
}

/// Fails where bytes hold the name, whole or in part, in clear.
fn assert_no_name(what: &str, bytes: &[u8]) {
    for part in ["Unmistakable", "unmistakable", "VW5taXN0YWthYmxl"] {
        let part = part.as_bytes();
        assert!(
            !bytes.windows(part.len()).any(|found| found == part),
            "{what}"
        );
    }
}

/// Takes the key of a person out of a key file, as an erasure does.
fn erase(keys: &Path, person: &str) {
    let whole = fs::read_to_string(keys).unwrap();
    let key = format!("person {person} ");
    let (of, others): (Vec<&str>, Vec<&str>) =
        whole.lines().partition(|line| line.starts_with(&key));
    assert_eq!(of.len(), 1, "a key of {person}");
    let erased = format!("erased {person}");
    let check = &sha256(erased.as_bytes())[..8];
    let mut lines = others;
    let erased = format!("{erased} {check}");
    // Behind the header and the key of digests.
    lines.insert(2, &erased);
    fs::write(keys, lines.join("\n") + "\n").unwrap();
}

fn published(nats: &Nats, server: &Server) {
    let (start, head) = (Instant::now(), server.client().head());
    while nats.last("standing-league-entries") < head {
        assert!(start.elapsed() < Duration::from_mins(1), "not published");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_member_who_is_a_natural_person_is_shown_until_the_key_is_erased() {
    let (nats, folder) = (Nats::start(), Folder::new());
    let server = with_member(&folder, &nats);
    let name = "Ada Unmistakable";
    assert_shown(server.client(), name);
    let page = server.cli(["party", "m-1"]).ok();
    for part in [
        "Ada Unmistakable · m-1: full",
        "person      s-1\n",
        "en  Ada Unmistakable  sealed",
    ] {
        assert!(page.contains(part), "no {part}: {page}");
    }
    // Who may see the name finds the party by it; a part of it is none.
    assert_eq!(server.cli(["party", "ADA unmistakable"]).ok(), page);
    let unknown = server.cli(["party", "Unmistakable"]).fails(3);
    assert!(unknown.contains("no party has"), "{unknown}");
    assert!(server.cli(["roll", "--list"]).ok().contains(name));

    published(&nats, &server);
    let following = Folder::new();
    let replica = following.replica(&nats.url());
    assert_shown(replica.client(), "");
    let page = replica.cli(["party", "m-1"]).ok();
    assert!(
        page.contains("s-1 (the name is erased, or is not known here)"),
        "{page}"
    );
    replica.cli(["party", name]).fails(3);

    let stream = JetStream::new(&nats.url());
    for name in ["standing-league-entries", "standing-league-rights"] {
        for message in stream.read(name) {
            assert_no_name(name, &message.payload);
            assert_no_name(name, json!(message.headers).to_string().as_bytes());
        }
    }
    assert!(replica.terminate().success() && server.terminate().success());
    for folder in [&folder, &following] {
        assert_no_name("the log", &fs::read(folder.ledger()).unwrap());
    }

    erase(&folder.keys(), "s-1");
    let server = folder.serve();
    assert_shown(server.client(), "");
    let page = server.cli(["party", "m-1"]).ok();
    assert!(
        page.starts_with("m-1: full") && !page.contains("Unmistakable"),
        "{page}"
    );
    let unknown = server.cli(["party", name]).fails(3);
    assert!(unknown.contains("no party has"), "{unknown}");
}

#[test]
fn a_natural_person_is_not_named_in_clear() {
    let (nats, folder) = (Nats::start(), Folder::new());
    let server = with_member(&folder, &nats);
    let taken = r#"{"id": "t", "effective": {"date": "2014-01-01"}, "nameTaken": {"party": "m-1", "kind": "NAME_KIND_PUBLIC", "name": {"language": "en", "text": "Ada U"}}}"#;
    let file = folder.write("taken.jsonl", taken);
    let file = file.to_str().unwrap();
    let validate = ["record", "--dry-run", file];
    for command in [
        vec!["record", file],
        validate.to_vec(),
        vec!["import", file],
        vec!["what-if", file, "party", "m-1"],
    ] {
        let refused = server.cli(&command).fails(3);
        for part in [
            "taken.jsonl:1: NAME_IN_CLEAR: ",
            "record the name with `person_named` for s-1",
        ] {
            assert!(refused.contains(part), "{command:?}: no {part}: {refused}");
        }
    }
    let named = r#"{"id": "q", "partyRegistered": {"party": "m-2", "kind": "natural-person", "names": [{"language": "en", "text": "Eve"}]}}"#;
    let refused = server.client().record(&batch("q", named)).unwrap_err();
    assert!(refused.message.contains("leave `names` out"), "{refused:?}");
}

#[test]
fn a_text_that_names_a_person_is_warned_of_where_it_stands() {
    let (nats, folder) = (Nats::start(), Folder::new());
    let server = with_member(&folder, &nats);
    let lines = r#"{"id": "seat", "effective": {"date": "2014-01-01"}, "note": "as ADA  Unmistakable's letter says", "seatPlaced": {"place": "Birch"}}

{"id": "seat-2", "effective": {"date": "2015-01-01"}, "sources": [{"reference": "Ada, to the board"}], "seat_placed": {"place": "House of Ada Unmistakable"}}
"#;
    let file = folder.write("seat.jsonl", lines);
    let warning = |line: u32, field: &str| {
        format!(
            "warning: {}:{line}: {field}: contains the name of person s-1 in clear, where no erasure \
             reaches it: write s-1, or leave the name out",
            file.display()
        )
    };
    let path = file.display().to_string();
    let both = [warning(1, "note"), warning(3, "seat_placed.place")].join("\n") + "\n";
    let tried = server.cli(["record", "--dry-run", &path]);
    assert_eq!(
        (tried.stderr.as_str(), tried.code),
        (both.as_str(), Some(0))
    );
    // Nothing is held back.
    let imported = server.cli(["import", &path]);
    assert_eq!(
        (imported.stderr.as_str(), imported.code),
        (both.as_str(), Some(0))
    );
    // Whom a request names is looked for in it too, ids of its own included.
    let own = r#"{"id": "n-2", "note": "Ben Nobody", "personNamed": {"person": "ben-nobody", "names": [{"language": "en", "text": "Ben Nobody"}]}}"#;
    let recorded = server.client().record(&batch("n-2", own)).unwrap();
    let fields: Vec<_> = recorded
        .warnings
        .iter()
        .map(|warning| (&*warning.field, &*warning.subject))
        .collect();
    assert_eq!(
        fields,
        [
            ("drafts[0].note", "ben-nobody"),
            ("drafts[0].person_named.person", "ben-nobody")
        ]
    );
    for warning in &recorded.warnings {
        assert_eq!(warning.reason, "PERSON_NAMED");
        assert!(!warning.message.contains("Ben Nobody"), "{warning:?}");
    }
}
