//! Reading canonical JSON. What has its default value is left out there, and large numbers are
//! texts.

use serde_json::Value;

/// Returns what stands at a path, such as `answer.verdict` or `terms.0.holder.party`; null if
/// nothing does.
pub fn pick<'v>(value: &'v Value, path: &str) -> &'v Value {
    static NOTHING: Value = Value::Null;
    let mut found = value;
    for step in path.split('.') {
        let inner = match step.parse::<usize>() {
            Ok(index) => found.get(index),
            Err(_) => found.get(step),
        };
        found = inner.unwrap_or(&NOTHING);
    }
    found
}

/// Returns the text at a path; an absent one is empty.
pub fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    match pick(value, path) {
        Value::Null => "",
        other => other
            .as_str()
            .unwrap_or_else(|| panic!("{path} is no text: {other}")),
    }
}

/// Returns the number at a path; an absent one is 0.
pub fn number(value: &Value, path: &str) -> u64 {
    let found = pick(value, path);
    match found {
        Value::Null => 0,
        Value::String(digits) => digits.parse().expect("digits"),
        other => other
            .as_u64()
            .unwrap_or_else(|| panic!("{path} is no number: {other}")),
    }
}

/// Returns the list at a path; an absent one is empty.
pub fn list<'v>(value: &'v Value, path: &str) -> &'v [Value] {
    match pick(value, path) {
        Value::Null => &[],
        other => other
            .as_array()
            .unwrap_or_else(|| panic!("{path} is no list: {other}")),
    }
}

/// Returns when an `Interval` begins: a day, or the two ends of a window.
pub fn dates(interval: &Value) -> String {
    let earliest = text(interval, "earliestStartDate");
    match text(interval, "latestStartDate") {
        latest if latest == earliest => earliest.to_owned(),
        latest => format!("{earliest}..{latest}"),
    }
}

/// Returns the position of the entry with this draft id.
pub fn position(entries: &[Value], id: &str) -> u64 {
    let mut found = entries.iter().filter(|entry| text(entry, "draft.id") == id);
    let entry = found.next().unwrap_or_else(|| panic!("no entry is {id}"));
    assert!(found.next().is_none(), "{id} is there twice");
    number(entry, "position")
}

/// Returns a value without the fields of these names, however deep.
pub fn without(mut value: Value, names: &[&str]) -> Value {
    strip(&mut value, names);
    value
}

fn strip(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !names.contains(&name.as_str()));
            fields.values_mut().for_each(|inner| strip(inner, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| strip(inner, names)),
        _ => {}
    }
}
