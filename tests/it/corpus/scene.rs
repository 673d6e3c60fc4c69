//! What a history is about, read off its entries: whom and what there is to ask for.

use super::asked::Asked;
use crate::harness::{list, pick, text};
use serde_json::Value;
use std::collections::BTreeSet;

/// The words and days of a history, each in the order of its letters.
pub struct Scene {
    pub entries: Vec<Value>,
    pub parties: Vec<String>,
    pub classes: Vec<String>,
    pub rights: Vec<String>,
    pub bodies: Vec<String>,
    pub offices: Vec<String>,
    pub sessions: Vec<String>,
    pub instruments: Vec<String>,
    /// An instrument and an article of it.
    pub articles: Vec<(String, String)>,
    days: Vec<String>,
}

impl Scene {
    /// Reads the whole log.
    pub fn of(asked: &Asked) -> Self {
        let answer = asked
            .client
            .answer("LedgerService/ListEntries", r#"{"pageSize": 1000}"#);
        assert_eq!(text(&answer, "nextPageToken"), "", "the log fits on a page");
        let entries = list(&answer, "entries").to_vec();
        let all = |path: &str| -> Vec<String> {
            let found = entries.iter().map(|entry| text(entry, path).to_owned());
            let found: BTreeSet<String> = found.filter(|word| !word.is_empty()).collect();
            found.into_iter().collect()
        };
        let terms = |kind: &str| -> Vec<String> {
            let of = entries
                .iter()
                .map(|entry| pick(entry, "draft.termDeclared"));
            let of = of.filter(|term| text(term, "kind") == kind);
            let found: BTreeSet<String> = of.map(|term| text(term, "term").to_owned()).collect();
            found.into_iter().collect()
        };
        let enacted = entries
            .iter()
            .map(|entry| pick(entry, "draft.articleEnacted"));
        let articles = enacted.filter(|article| !article.is_null()).map(|of| {
            (
                text(of, "instrument").to_owned(),
                text(of, "article").to_owned(),
            )
        });
        let mut days = BTreeSet::new();
        for entry in &entries {
            dated(pick(entry, "draft"), &mut days);
        }
        Self {
            parties: all("draft.partyRegistered.party"),
            classes: terms("TERM_KIND_CLASS"),
            rights: terms("TERM_KIND_RIGHT"),
            bodies: terms("TERM_KIND_BODY"),
            offices: terms("TERM_KIND_OFFICE"),
            sessions: all("draft.sessionConvened.session"),
            instruments: all("draft.instrumentAdopted.instrument"),
            articles: articles.collect::<BTreeSet<_>>().into_iter().collect(),
            days: days.into_iter().collect(),
            entries,
        }
    }

    /// At most so many of the days that the history names, the first and the last among them; a day
    /// long after where it names none.
    pub fn days(&self, most: usize) -> Vec<String> {
        let count = self.days.len();
        if count == 0 {
            return vec!["2030-01-01".to_owned()];
        }
        let most = most.min(count).max(1);
        let at = |i: usize| {
            if most == 1 {
                count - 1
            } else {
                i * (count - 1) / (most - 1)
            }
        };
        (0..most).map(|i| self.days[at(i)].clone()).collect()
    }
}

/// Collects every text that is a day. Dates of sources say nothing about the history, and are as
/// good as others.
fn dated(value: &Value, days: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if is_day(text) => {
            days.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| dated(item, days)),
        Value::Object(fields) => fields.values().for_each(|field| dated(field, days)),
        _ => {}
    }
}

fn is_day(text: &str) -> bool {
    let shape = |(i, byte): (usize, u8)| match i {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.bytes().enumerate().all(shape)
}
