//! The consumers of the tests read what they should, from messages made here.

use crate::harness::{CONSUMERS, JetStream, Message, Nats, list, near, sha256};
use prost::Message as _;
use serde_json::{Map, json};
use standing_proto::v1::{ListEntriesResponse, RightChange, RightsEvent, Verdict};

fn message(sequence: u64, subject: &str, payload: Vec<u8>, signed: &[u8]) -> Message {
    let headers = [
        ("ce-id", format!("near/{sequence}")),
        ("standing-sha256", sha256(signed)),
    ];
    Message {
        sequence,
        subject: subject.to_owned(),
        headers: Map::from_iter(headers.map(|(name, value)| (name.to_owned(), value.into()))),
        payload,
    }
}

fn server(stream: &str, subjects: &str, messages: &[Message]) -> Nats {
    let nats = Nats::start();
    let client = JetStream::new(&nats.url());
    client.create(&json!({"name": stream, "subjects": [subjects]}));
    client.publish(messages);
    nats
}

#[test]
fn entries_are_read_as_the_contract_prints_them() {
    let asked = r#"{"pageSize": 1000}"#;
    let method = "LedgerService/ListEntries";
    let bytes = near().client().bytes(method, asked).unwrap();
    let entries = ListEntriesResponse::decode(&bytes[..]).unwrap().entries;
    let numbered = (1..).zip(&entries);
    let subject = "standing.near.entry.test._";
    let messages = numbered
        .map(|(place, entry)| message(place, subject, entry.encode_to_vec(), &entry.stored));
    let messages: Vec<_> = messages.collect();
    let nats = server("standing-near-entries", "standing.near.entry.>", &messages);
    let printed = near().client().answer(method, asked);
    let url = nats.url();
    for consumer in CONSUMERS {
        let until = messages.len() as u64;
        let read = consumer.watch(&["--url", &url], "near", "entries", until, &[]);
        assert_eq!(read.messages.len(), messages.len(), "{consumer:?}");
        for (found, entry) in read.messages.iter().zip(list(&printed, "entries")) {
            assert_eq!(&found["message"], entry, "{consumer:?}");
            assert_eq!(found["subject"], subject);
            assert_eq!(
                found["headers"]["ce-id"],
                format!("near/{}", found["sequence"])
            );
        }
    }
}

#[test]
fn changes_of_rights_add_up() {
    let changes = [
        // start, end, after
        ("1996-01-01", "", Verdict::Held),
        ("2000-01-01", "2005-01-01", Verdict::Undetermined),
        ("2003-01-01", "2004-01-01", Verdict::NotHeld),
        ("2004-06-01", "2006-01-01", Verdict::Held),
        ("2020-01-01", "", Verdict::NotHeld),
    ];
    let days = [
        ("1995-12-31", "VERDICT_NOT_HELD"),
        ("1996-01-01", "VERDICT_HELD"),
        ("2000-01-01", "VERDICT_UNDETERMINED"),
        ("2002-12-31", "VERDICT_UNDETERMINED"),
        ("2003-06-01", "VERDICT_NOT_HELD"),
        ("2004-01-01", "VERDICT_UNDETERMINED"),
        ("2004-06-01", "VERDICT_HELD"),
        ("2019-12-31", "VERDICT_HELD"),
        ("2020-01-01", "VERDICT_NOT_HELD"),
    ];
    // A step that changed nothing comes first.
    let mut events = vec![RightsEvent::default()];
    events.extend(changes.map(|(start, end, after)| RightsEvent {
        change: Some(RightChange {
            party: "aa".to_owned(),
            right: "vote".to_owned(),
            bodies: vec![String::new(), "assembly".to_owned()],
            after: after.into(),
            start_date: start.to_owned(),
            end_date: end.to_owned(),
            ..RightChange::default()
        }),
        ..RightsEvent::default()
    }));
    let subject = "standing.near.rights.vote.aa";
    let numbered = (1..).zip(&events);
    let messages = numbered.map(|(place, event)| {
        let payload = event.encode_to_vec();
        message(place, subject, payload.clone(), &payload)
    });
    let messages: Vec<_> = messages.collect();
    let nats = server("standing-near-rights", "standing.near.rights.>", &messages);
    let url = nats.url();
    for consumer in CONSUMERS {
        let asked = days.map(|(day, _)| day);
        let read = consumer.watch(&["--url", &url], "near", "rights", 6, &asked);
        assert_eq!(read.answers.len(), 2 * days.len(), "{consumer:?}");
        for ((_, _, body, on), verdict) in &read.answers {
            let expected = days.iter().find(|(day, _)| day == on).unwrap().1;
            assert_eq!(verdict, expected, "{consumer:?}: {body} on {on}");
        }
    }
}
