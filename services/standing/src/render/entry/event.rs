//! Events in words: the fields of the event as the contract names them, so that no kind is ever
//! left out.

use serde_json::{Map, Value};
use standing_domain::entry::event::kind::WITHDRAWAL;
use standing_domain::words::amount;
use standing_proto::json::to_json;
use standing_proto::json::words::{is_event, word};
use standing_proto::kind;
use standing_proto::v1::Draft;

/// The longest text that is told in full, in characters.
const LONGEST: usize = 160;

/// How many items of a list are told.
const ITEMS: usize = 6;

/// Returns the kind of a draft's event, as its field in the contract.
pub fn kind(draft: &Draft) -> &'static str {
    draft.event.as_ref().map_or(&WITHDRAWAL, kind::of).name
}

/// Writes what a draft's event says.
pub fn says(draft: &Draft) -> String {
    let event = event(draft);
    event.as_ref().map_or_else(String::new, told)
}

/// Returns the party that a draft's event is about first, if it names one so, and what else it
/// says.
pub fn about(draft: &Draft) -> (String, String) {
    let Some(Value::Object(mut fields)) = event(draft) else {
        return (String::new(), says(draft));
    };
    let party = match fields.get("party") {
        Some(Value::String(party)) => party.clone(),
        _ => String::new(),
    };
    if !party.is_empty() {
        fields.remove("party");
    }
    (party, told(&Value::Object(fields)))
}

fn event(draft: &Draft) -> Option<Value> {
    let Ok(Value::Object(fields)) = serde_json::from_str(&to_json(draft).ok()?) else {
        return None;
    };
    let mut events = fields.into_iter();
    events
        .find(|(name, _)| is_event(name))
        .map(|(_, event)| event)
}

fn told(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => shortened(word(text).unwrap_or(text)),
        Value::Array(items) => {
            let mut words: Vec<String> = items.iter().take(ITEMS).map(told).collect();
            if let Some(more @ 1..) = items.len().checked_sub(ITEMS) {
                words.push(format!("and {more} more"));
            }
            words.join(", ")
        }
        Value::Object(fields) => {
            // A name or a wording: the text, without its language.
            if let (Some(_), Some(Value::String(text))) =
                (fields.get("language"), fields.get("text"))
            {
                return shortened(text);
            }
            if let Some(amount) = amount(fields) {
                return amount;
            }
            let words = fields.iter().map(|(name, value)| match value {
                Value::Bool(true) => spaced(name),
                Value::Array(rules) if name == "norms" => format!("norms {}", rules.len()),
                value => format!("{} {}", spaced(name), told(value)),
            });
            words.collect::<Vec<_>>().join("; ")
        }
    }
}

/// Reads an amount; zero minor units are left out of JSON.
fn amount(fields: &Map<String, Value>) -> Option<String> {
    let currency = fields.get("currency")?.as_str()?;
    let minor_units = match fields.get("minorUnits") {
        None => 0,
        Some(number) => number.as_str()?.parse::<u64>().ok()?,
    };
    let others = fields.len() > 1 + usize::from(fields.contains_key("minorUnits"));
    (!others).then(|| amount::amount(minor_units, currency))
}

/// Reads the name of a field: `toParty` is `to party`.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use standing_proto::json::from_json;

    fn check(text: &str, expected: &str) {
        let draft: Draft = from_json(text).unwrap();
        assert_eq!(format!("{}: {}", kind(&draft), says(&draft)), expected);
    }

    #[test]
    fn events_are_told_by_their_fields() {
        check(
            r#"{"id":"a","effective":{"date":"2012-07"},"memberAdmitted":{"party":"aa-north","class":"full","founder":true}}"#,
            "member_admitted: class full; founder; party aa-north",
        );
        check(
            r#"{"partySucceeded":{"fromParty":"a","toParty":"b","passes":["PASSING_MEMBERSHIP","PASSING_OFFICES"]}}"#,
            "party_succeeded: from party a; passes membership, offices; to party b",
        );
        check(
            r#"{"nameTaken":{"party":"a","kind":"NAME_KIND_LEGAL","name":{"language":"ko","text":"북도"}}}"#,
            "name_taken: kind legal; name 북도; party a",
        );
        check(r#"{"corrects":{"position":"7"}}"#, "withdrawal: ");
    }

    #[test]
    fn amounts_are_told_with_the_digits_of_their_currency() {
        check(
            r#"{"duesPaid":{"party":"a","fund":"f","amount":{"currency":"usd","minorUnits":"100000"}}}"#,
            "dues_paid: amount 1,000.00 usd; fund f; party a",
        );
        check(
            r#"{"duesAssessed":{"party":"a","fund":"f","year":2024,"amount":{"currency":"krw"}}}"#,
            "dues_assessed: amount 0 krw; fund f; party a; year 2024",
        );
        check(
            r#"{"fundEstablished":{"fund":"f","currency":"usd"}}"#,
            "fund_established: currency usd; fund f",
        );
    }

    #[test]
    fn claims_are_told_with_their_question() {
        check(
            r#"{"claimRecorded":{"answer":"82","membersOfClass":{"class":"full","on":"2024"}}}"#,
            "claim_recorded: answer 82; members of class class full; on 2024",
        );
    }

    #[test]
    fn long_lists_and_texts_are_cut() {
        let present: Vec<String> = (0..9).map(|n| format!("\"p-{n}\"")).collect();
        check(
            &format!(
                r#"{{"attendanceRecorded":{{"session":"a/1","present":[{}]}}}}"#,
                present.join(",")
            ),
            "attendance_recorded: present p-0, p-1, p-2, p-3, p-4, p-5, and 3 more; session a/1",
        );
        assert_eq!(shortened(&"하".repeat(200)).chars().count(), LONGEST + 3);
    }
}
