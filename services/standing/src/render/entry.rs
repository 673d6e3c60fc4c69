//! Entries of the log.

pub mod event;
pub mod list;
pub mod preview;

use super::{Lines as _, confidence, instant, party, table, time};
use crate::failure::Failure;
use standing_proto::json::to_json_pretty;
use standing_proto::v1::authority::Kind;
use standing_proto::v1::draft::Event;
use standing_proto::v1::entry_ref::Ref;
use standing_proto::v1::{
    Authority, AuthorityKind, Draft, Entry, EntryRef, GetHeadResponse, GetPartyResponse, Head,
    ListEntriesResponse,
};
use std::collections::BTreeMap;

/// Writes an entry in full.
///
/// # Errors
/// Its event has no form in JSON.
pub fn entry(entry: &Entry) -> Result<String, Failure> {
    let draft = entry.draft.clone().unwrap_or_default();
    let recorded = entry.record_time.as_ref().map_or_else(String::new, instant);
    let batch = if entry.first_position == entry.last_position {
        String::new()
    } else {
        format!("{} to {}", entry.first_position, entry.last_position)
    };
    let order = if draft.order == 0 {
        String::new()
    } else {
        draft.order.to_string()
    };
    let sources: Vec<[&str; 3]> = draft
        .sources
        .iter()
        .map(|source| [&source.reference, &source.locator, &source.date].map(String::as_str))
        .collect();
    let mut rows = vec![
        ("id", draft.id.clone()),
        ("recorded", recorded),
        ("by", entry.actor.clone()),
        ("request", entry.request_id.clone()),
        ("batch", batch),
        ("effective", time::when(draft.effective.as_ref())),
        ("order", order),
        ("acted", time::when(draft.acted.as_ref())),
        (
            "authority",
            draft.authority.as_ref().map_or_else(String::new, authority),
        ),
        ("confidence", confidence(draft.confidence()).to_owned()),
        (
            "corrects",
            draft.corrects.as_ref().map_or_else(String::new, reference),
        ),
        ("note", draft.note.clone()),
    ];
    let sources = sources.into_iter();
    rows.extend(sources.map(|source| ("source", super::joined(source, ", "))));
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
    let rows = rows.map(|(key, value)| [format!("  {key}"), value]);
    let kind = event::kind(&draft);
    let mut text = format!(
        "entry {}: {kind}\n{}",
        entry.position,
        table(["", ""], rows.collect())
    );
    let event = Draft {
        event: draft.event,
        ..Draft::default()
    };
    let json = to_json_pretty(&event)
        .map_err(|error| Failure::failed("the entry cannot be written as JSON").because(&error))?;
    text.line(&format!("\n{json}"));
    Ok(text)
}

fn authority(authority: &Authority) -> String {
    let kind = match &authority.kind {
        Some(Kind::Decision(decision)) => decision.as_str(),
        Some(Kind::Other(other)) => match AuthorityKind::try_from(*other).unwrap_or_default() {
            AuthorityKind::Unspecified | AuthorityKind::Unknown => "unknown",
            AuthorityKind::None => "none",
            AuthorityKind::Notification => "notification",
            AuthorityKind::Appointment => "appointment",
            AuthorityKind::OperationOfLaw => "operation of law",
            AuthorityKind::Founding => "founding",
        },
        None => "",
    };
    super::joined([kind, &authority.article, &authority.note], "; ")
}

fn reference(reference: &EntryRef) -> String {
    match &reference.r#ref {
        Some(Ref::Position(position)) => format!("entry {position}"),
        Some(Ref::Id(id)) => id.clone(),
        None => String::new(),
    }
}

/// Writes a party's history: its classes, and every entry that concerns it.
pub fn history(party: &GetPartyResponse, entries: &ListEntriesResponse) -> String {
    let mut text = String::new();
    if let Some(state) = &party.party {
        text.push_str(&party::headline(state));
        text.push_str(&party::class_history(&state.class_history));
        text.push('\n');
    }
    let marks = marks(&entries.entries);
    let rows = entries.entries.iter().map(|entry| {
        let draft = entry.draft.clone().unwrap_or_default();
        let marked = marks.get(&entry.position).map(Vec::as_slice);
        let confidence = std::iter::once(confidence(draft.confidence()));
        let confidence = confidence.chain(marked.unwrap_or_default().iter().map(String::as_str));
        [
            entry.position.to_string(),
            time::when(draft.effective.as_ref()),
            event::kind(&draft).to_owned(),
            confidence.collect::<Vec<_>>().join(", "),
            event::says(&draft),
        ]
    });
    let header = ["ENTRY", "EFFECTIVE", "KIND", "CONFIDENCE", "SAYS"];
    text.push_str(&table(header, rows.collect()));
    text + &super::basis(party.basis.as_ref())
}

/// Returns what later entries do to earlier ones, by the earlier: `annulled by 7`.
fn marks(entries: &[Entry]) -> BTreeMap<u64, Vec<String>> {
    let position = |reference: Option<&EntryRef>| match reference?.r#ref.as_ref()? {
        Ref::Position(position) => Some(*position),
        Ref::Id(_) => None,
    };
    let mut marks: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for entry in entries {
        let Some(draft) = &entry.draft else { continue };
        let corrects = position(draft.corrects.as_ref());
        let corrected = match draft.event {
            Some(_) => "corrected",
            None => "withdrawn",
        };
        let judged = match &draft.event {
            Some(Event::ActAnnulled(act)) => Some(("annulled", position(act.entry.as_ref()))),
            Some(Event::ActRatified(act)) => Some(("ratified", position(act.entry.as_ref()))),
            _ => None,
        };
        for (done, of) in judged.into_iter().chain([(corrected, corrects)]) {
            if let Some(of) = of {
                let mark = format!("{done} by {}", entry.position);
                marks.entry(of).or_default().push(mark);
            }
        }
    }
    marks
}

/// Writes where the log stands.
pub fn head(response: &GetHeadResponse) -> String {
    let head = response.head.clone().unwrap_or_default();
    let Head {
        position,
        record_time,
        rules_version,
        association,
        epoch,
    } = head;
    let epoch = if epoch == 0 {
        String::new()
    } else {
        epoch.to_string()
    };
    let rows = [
        ("association", association),
        ("position", position.to_string()),
        (
            "recorded",
            record_time.as_ref().map_or_else(String::new, instant),
        ),
        ("epoch", epoch),
        ("rules version", rules_version.to_string()),
        ("today", response.today.clone()),
    ];
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
    let rows = rows.map(|(key, value)| [key.to_owned(), value]);
    table(["", ""], rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::json::from_json;

    #[test]
    fn an_entry_is_told_with_its_circumstances() {
        let draft = r#"{"id": "near-a", "effective": {"date": "2012-07"}, "authority": {"other": "AUTHORITY_KIND_UNKNOWN"},
            "sources": [{"reference": "A report", "locator": "line 7", "date": "2025"}], "note": "The day is not known.",
            "corrects": {"position": "3"}, "memberAdmitted": {"party": "aa-north", "class": "full"}}"#;
        let recorded = Entry {
            position: 9,
            actor: "local/operator".to_owned(),
            request_id: "near-a".to_owned(),
            first_position: 9,
            last_position: 9,
            draft: Some(from_json(draft).unwrap()),
            ..Entry::default()
        };
        expect![[r#"
            entry 9: member_admitted
              id          near-a
              by          local/operator
              request     near-a
              effective   2012-07
              authority   unknown
              confidence  confirmed
              corrects    entry 3
              note        The day is not known.
              source      A report, line 7, 2025

            {
              "memberAdmitted": {
                "party": "aa-north",
                "class": "full"
              }
            }
        "#]]
        .assert_eq(&entry(&recorded).unwrap());
    }

    #[test]
    fn an_empty_ledger_has_a_head() {
        let response = GetHeadResponse {
            head: Some(Head::default()),
            today: "2024-09-25".to_owned(),
        };
        expect![[r"
            position       0
            rules version  0
            today          2024-09-25
        "]]
        .assert_eq(&head(&response));
    }
}
