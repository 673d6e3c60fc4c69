//! What no text of a draft may hold, whatever field it stands in.

use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value,
};
use standing_domain::entry::draft::Draft;
use standing_proto::{FILE_DESCRIPTOR_SET, v1};

/// A way from a draft to a field, from the outermost message in.
type Way = Vec<FieldDescriptor>;

/// Returns the ways to every text field of a message; messages that nest are gone through once.
fn texts(message: &MessageDescriptor, way: &Way, within: &[String], found: &mut Vec<Way>) {
    let name = message.full_name().to_owned();
    if within.contains(&name) {
        return;
    }
    let within: Vec<String> = within.iter().cloned().chain([name]).collect();
    for field in message.fields() {
        let way: Way = way.iter().cloned().chain([field.clone()]).collect();
        match field.kind() {
            Kind::String => found.push(way),
            Kind::Message(inner) => texts(&inner, &way, &within, found),
            _ => {}
        }
    }
}

/// Makes a message in which nothing but the field at the end of a way is set.
fn with(message: &MessageDescriptor, way: &[FieldDescriptor], text: &str) -> DynamicMessage {
    let mut made = DynamicMessage::new(message.clone());
    let (field, rest) = way.split_first().unwrap();
    let value = match field.kind() {
        Kind::Message(inner) => Value::Message(with(&inner, rest, text)),
        _ => Value::String(text.to_owned()),
    };
    let value = if field.is_list() {
        Value::List(vec![value])
    } else {
        value
    };
    made.set_field(field, value);
    made
}

/// Writes a way as violations write it.
fn path(way: &[FieldDescriptor]) -> String {
    let steps = way.iter().map(|field| {
        let index = if field.is_list() { "[0]" } else { "" };
        format!("{}{index}", field.name())
    });
    steps.collect::<Vec<_>>().join(".")
}

#[test]
fn every_text_field_of_a_draft_refuses_what_steers_hides_or_is_blank() {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let draft = pool.get_message_by_name("standing.v1.Draft").unwrap();
    let mut ways = Vec::new();
    texts(&draft, &Vec::new(), &[], &mut ways);
    assert!(ways.len() > 100, "{}", ways.len());
    let mut accepted = Vec::new();
    for way in &ways {
        for text in [
            "Real\nb",
            "a\tb",
            "a\u{1b}[2J",
            "a\u{85}b",
            "a\u{2028}b",
            "a\u{2029}b",
            "a\u{202e}b",
            "a\u{2066}b",
            "a\u{200b}b",
            "a\u{2060}b",
            "\u{feff}a",
            "   ",
            "\u{200e}",
        ] {
            let wire: v1::Draft = with(&draft, way, text).transcode_to().unwrap();
            let refused = Draft::try_from(wire).unwrap_err();
            let field = path(way);
            // A reference is refused as a whole, where it stands.
            let is_told = |v: &standing_proto::FieldViolation| field.starts_with(&v.field);
            if !refused.violations.iter().any(is_told) {
                accepted.push(format!("{field}: {text:?}"));
            }
        }
    }
    assert!(accepted.is_empty(), "{}", accepted.join("\n"));
}
