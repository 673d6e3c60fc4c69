//! The `AsyncAPI` document says what the binary does.

use crate::harness::{Consumer, lines, list, node, number, pick, text};
use crate::streams::published;
use prost_reflect::DescriptorPool;
use serde_json::{Value, json};
use standing_domain::entry::event::kind::{KINDS, WITHDRAWAL};
use standing_proto::FILE_DESCRIPTOR_SET;
use std::collections::BTreeSet;
use std::sync::LazyLock;

const CHANNELS: [&str; 2] = ["entries", "rights"];

/// Runs messages through the checker; returns the document, and what it says of each.
fn check(messages: &[Value]) -> (Value, Vec<Value>) {
    let rows: String = messages.iter().map(|row| row.to_string() + "\n").collect();
    let path = crate::house::tidy::root().join("proto/asyncapi.yaml");
    let mut printed = lines(node("asyncapi.mjs").arg(path), &rows);
    let checked = printed.split_off(1);
    (printed.remove(0), checked)
}

/// The document, which keeps the schema that `AsyncAPI` itself publishes.
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| check(&[]).0);
    &DOCUMENT
}

/// The one message of a channel.
fn message(channel: &str) -> &'static Value {
    let messages = pick(document(), &format!("channels.{channel}.messages"));
    let messages = messages.as_object().unwrap().values();
    let [message] = messages.collect::<Vec<_>>()[..] else {
        panic!("{channel} has several messages")
    };
    message
}

fn contract() -> DescriptorPool {
    DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap()
}

#[test]
fn both_streams_are_as_they_are_set() {
    for channel in CHANNELS {
        let said = pick(document(), &format!("channels.{channel}.x-jetstream"));
        let of = |text: &str| text.replace("{association}", "near");
        let name = of(text(said, "name"));
        let stream = published().nats.stream(&name).unwrap();
        let subjects = list(said, "subjects").iter();
        let subjects: Vec<_> = subjects
            .map(|subject| of(subject.as_str().unwrap()))
            .collect();
        assert_eq!(stream["config"]["subjects"], json!(subjects), "{name}");
        for (setting, value) in said["config"].as_object().unwrap() {
            // What is off is left out.
            let found = stream["config"].get(setting);
            assert_eq!(found.unwrap_or(&json!(false)), value, "{name}: {setting}");
        }
        let address = of(text(document(), &format!("channels.{channel}.address")));
        let above = subjects[0].trim_end_matches('>');
        assert!(address.starts_with(above), "{address}");
    }
}

#[test]
fn every_kind_of_entry_is_listed() {
    let listed = list(document(), "channels.entries.parameters.kind.enum").iter();
    let listed: Vec<_> = listed.map(|kind| kind.as_str().unwrap()).collect();
    let kinds = KINDS.iter().map(|kind| kind.name);
    let kinds: Vec<_> = [WITHDRAWAL.name].into_iter().chain(kinds).collect();
    assert_eq!(listed, kinds);
}

#[test]
fn every_cause_is_listed() {
    let listed = message("rights")["x-causes"].as_object().unwrap().keys();
    let listed: BTreeSet<_> = listed.cloned().collect();
    let causes = contract()
        .get_enum_by_name("standing.v1.ChangeCause")
        .unwrap();
    let sent = causes.values().filter(|cause| cause.number() != 0);
    let sent: BTreeSet<_> = sent.map(|cause| cause.name().to_owned()).collect();
    assert_eq!(listed, sent);
}

#[test]
fn each_payload_is_a_message_of_the_file_it_imports() {
    for channel in CHANNELS {
        let name = text(message(channel), "name");
        let schema = text(message(channel), "payload.schema");
        let imported = schema
            .split('"')
            .find(|part| part.strip_suffix(".proto").is_some());
        let descriptor = contract().get_message_by_name(name).unwrap();
        assert_eq!(Some(descriptor.parent_file().name()), imported, "{channel}");
        let said = text(message(channel), "headers.properties.ce-type.const");
        assert_eq!(said, name);
    }
}

#[test]
fn every_message_is_what_the_document_says() {
    for channel in CHANNELS {
        let messages = published().watch(Consumer::Python, channel, &[]).messages;
        let (_, checked) = check(&messages);
        assert_eq!(checked.len(), messages.len());
        let mut met = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for (found, said) in messages.iter().zip(&checked) {
            assert_eq!(said["channel"], channel, "{found}");
            assert_eq!(said["problems"], json!([]), "{found}");
            assert_eq!(said["parameters"]["association"], "near");
            let sequence = format!("{:020}", number(found, "sequence"));
            assert_eq!(text(&found["headers"], "ce-sequence"), sequence);
            assert!(ids.insert(text(&found["headers"], "ce-id")), "{found}");
            assert_fields(channel, found);
            met.extend(found["headers"].as_object().unwrap().keys().cloned());
        }
        met.retain(|name| !name.starts_with("Nats-"));
        let described = pick(message(channel), "headers.properties");
        let described: BTreeSet<_> = described.as_object().unwrap().keys().cloned().collect();
        assert_eq!(met, described, "{channel}");
    }
}

#[test]
fn each_entry_names_the_digest_of_the_one_before() {
    let messages = published().watch(Consumer::Python, "entries", &[]).messages;
    let mut before = "";
    for message in &messages {
        assert_eq!(text(&message["headers"], "standing-previous"), before);
        before = text(&message["headers"], "standing-sha256");
    }
}

/// Checks the headers that say what a field of the payload does.
fn assert_fields(channel: &str, found: &Value) {
    let described = pick(message(channel), "headers.properties");
    for (header, schema) in described.as_object().unwrap() {
        let Some(path) = schema["x-field"].as_str() else {
            continue;
        };
        let (mut field, mut said) = (
            printed(pick(&found["message"], &camel(path))),
            text(&found["headers"], header).to_owned(),
        );
        if header == "ce-sequence" {
            said = said.trim_start_matches('0').to_owned();
        }
        // What has its default value is left out of JSON.
        if field.is_empty() && said == "0" {
            field = "0".to_owned();
        }
        assert_eq!(said, field, "{header} and {path}: {found}");
    }
}

fn printed(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The name of a field in JSON.
fn camel(path: &str) -> String {
    let mut upper = false;
    let letters = path.chars().filter_map(|letter| match letter {
        '_' => {
            upper = true;
            None
        }
        letter if std::mem::take(&mut upper) => Some(letter.to_ascii_uppercase()),
        letter => Some(letter),
    });
    letters.collect()
}

#[test]
fn a_header_or_an_address_of_another_kind_is_found() {
    let mut found = published()
        .watch(Consumer::Python, "entries", &[])
        .messages
        .remove(0);
    found["headers"]["ce-specversion"] = json!("0.3");
    found["headers"]["standing-novel"] = json!("yes");
    let elsewhere = json!({"subject": "standing.near.greeting", "headers": {}});
    let (_, checked) = check(&[found, elsewhere]);
    assert_eq!(list(&checked[0], "problems").len(), 2, "{checked:?}");
    assert_eq!(list(&checked[1], "problems").len(), 1, "{checked:?}");
}
