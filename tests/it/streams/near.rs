//! NEAR's history, imported by a server that publishes: who reads the streams learns what the
//! ledger answers.

use super::settled;
use crate::harness::{CONSUMERS, Consumer, Nats, Server, Watched, list, number, shared, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;

pub const ENTRIES: &str = "standing-near-entries";
pub const RIGHTS: &str = "standing-near-rights";

/// A server with streams that all tests share and only read.
pub struct Published {
    pub nats: Nats,
    pub server: Server,
}

/// The server with NEAR's history and streams, when everything is published.
pub fn published() -> &'static Published {
    static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
        let nats = Nats::shared();
        let server = shared(&["--nats", &nats.url()]);
        settled(&server, "CAUGHT_UP");
        Published { nats, server }
    });
    &PUBLISHED
}

impl Published {
    /// Reads one of the streams to its end.
    pub fn watch(&self, consumer: Consumer, stream: &str, days: &[&str]) -> Watched {
        let last = self.nats.last(&format!("standing-near-{stream}"));
        consumer.watch(&["--url", &self.nats.url()], "near", stream, last, days)
    }
}

#[test]
fn consumers_of_two_languages_read_every_entry_at_the_sequence_of_its_position() {
    let entries = published().server.client().entries();
    for consumer in CONSUMERS {
        let read = published().watch(consumer, "entries", &[]);
        assert_eq!(read.messages.len(), entries.len(), "{consumer:?}");
        for (message, entry) in read.messages.iter().zip(&entries) {
            assert_eq!(&message["message"], entry, "{consumer:?}");
            assert_eq!(number(message, "sequence"), number(entry, "position"));
        }
    }
}

#[test]
fn changes_of_rights_add_up_to_what_the_ledger_answers() {
    let days = [
        "1995-01-01",
        "1996-09-10",
        "2007-06-30",
        "2012-07-15",
        "2024-09-25",
        "2031-01-01",
    ];
    for consumer in CONSUMERS {
        let Watched { answers, .. } = published().watch(consumer, "rights", &days);
        let questions: BTreeSet<_> = answers
            .keys()
            .map(|(_, right, body, _)| (right, body))
            .collect();
        assert!(questions.len() > 1, "{consumer:?}: {questions:?}");
        let mut held = 0;
        for day in days {
            for (right, body) in &questions {
                for (party, verdict) in verdicts(right, body, day) {
                    let key = (party, (*right).clone(), (*body).clone(), day.to_owned());
                    let told = answers.get(&key).map_or("VERDICT_NOT_HELD", String::as_str);
                    assert_eq!(told, verdict, "{consumer:?}: {key:?}");
                    held += usize::from(told == "VERDICT_HELD");
                }
            }
        }
        assert!(held > 100, "{consumer:?}: only {held} are held");
    }
}

/// What the ledger answers on a day about a right of every party.
fn verdicts(right: &str, body: &str, on: &str) -> Vec<(String, String)> {
    static PARTIES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let client = published().server.client();
        let all = client.answer("RollService/ListParties", r#"{"pageSize": 1000}"#);
        let parties = list(&all, "parties").iter();
        parties
            .map(|party| text(party, "party").to_owned())
            .collect()
    });
    let questions = PARTIES.iter();
    let questions: Vec<_> = questions
        .map(|party| json!({"party": party, "right": right, "body": body}))
        .collect();
    assert!(questions.len() > 80, "{questions:?}");
    let asked = json!({"questions": questions, "at": {"on": on}, "verdictOnly": true});
    let client = published().server.client();
    let answer = client.answer("RightsService/CheckRights", &asked.to_string());
    let results = list(&answer, "results").iter().map(verdict);
    PARTIES.iter().cloned().zip(results).collect()
}

/// Who was not known then, or in a body not known then, held nothing.
fn verdict(result: &Value) -> String {
    match text(result, "answer.verdict") {
        "" => "VERDICT_NOT_HELD".to_owned(),
        verdict => verdict.to_owned(),
    }
}

#[test]
fn every_message_of_a_step_is_there_and_in_order() {
    let read = published().watch(Consumer::Python, "rights", &[]);
    let number = |message: &Value, name: &str| number(&message["headers"], name);
    let mut expected = 1;
    for message in &read.messages {
        let (index, count) = (
            number(message, "standing-index"),
            number(message, "standing-count"),
        );
        assert_eq!(index, if count == 0 { 0 } else { expected }, "{message}");
        expected = if index == count { 1 } else { index + 1 };
    }
    assert_eq!(expected, 1, "the last step is not complete");
    let places = read.messages.iter().map(|message| {
        let day = text(&message["headers"], "standing-day").to_owned();
        let (position, index) = (
            number(message, "standing-position"),
            number(message, "standing-index"),
        );
        (position, day, index)
    });
    assert!(places.is_sorted_by(|a, b| a < b));
}

#[test]
fn the_command_line_tells_that_everything_is_published() {
    let server = &published().server;
    let printed = server.cli(["stream", "status", "--json"]).ok();
    let status: Value = serde_json::from_str(&printed).unwrap();
    let head = server.client().head();
    assert_eq!(text(&status, "role"), "STREAM_ROLE_WRITER");
    assert_eq!(text(&status, "state"), "STREAM_STATE_CAUGHT_UP");
    assert_eq!(text(&status, "problem"), "");
    assert_eq!(text(&status, "entriesStream"), ENTRIES);
    assert_eq!(number(&status, "entriesPosition"), head);
    assert_eq!(text(&status, "rightsStream"), RIGHTS);
    assert_eq!(number(&status, "rightsCursor.position"), head);
    assert_eq!(
        text(&status, "writer"),
        format!("http://{}", server.address())
    );
    let table = server.cli(["stream", "status"]).ok();
    for part in [ENTRIES, RIGHTS, &head.to_string()] {
        assert!(table.contains(part), "no {part}: {table}");
    }
}
