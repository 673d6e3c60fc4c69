//! What a watch tells, a line each.

use super::entry::event;
use super::{instant, joined, time, verdict};
use standing_proto::v1::entry_ref::Ref;
use standing_proto::v1::{ChangeCause, Entry, RightChange, RightsEvent};

/// How wide the columns are at least: a position, a kind, a party.
const POSITION: usize = 6;
const KIND: usize = 22;
const PARTY: usize = 16;
const RIGHT: usize = 20;

/// How many bodies are named; of more, their number.
const NAMED: usize = 2;

/// Writes an entry: where it stands, when it was recorded, and what it says.
pub fn entry(entry: &Entry) -> String {
    let draft = entry.draft.clone().unwrap_or_default();
    let recorded = entry.record_time.as_ref().map_or_else(String::new, instant);
    let (party, says) = event::about(&draft);
    let effective = match time::when(draft.effective.as_ref()) {
        day if day.is_empty() => day,
        day => format!("effective {day}"),
    };
    let corrects = match draft.corrects.and_then(|target| target.r#ref) {
        None => String::new(),
        Some(target) => {
            let target = match target {
                Ref::Position(position) => position.to_string(),
                Ref::Id(id) => id,
            };
            let verb = if draft.event.is_some() {
                "corrects"
            } else {
                "withdraws"
            };
            format!("{verb} entry {target}")
        }
    };
    let kind = event::kind(&entry.draft.clone().unwrap_or_default());
    let said = joined([says.as_str(), &effective, &corrects], ", ");
    let line = format!(
        "{:>POSITION$}  {recorded}  {kind:<KIND$}  {party:<PARTY$}  {said}",
        entry.position
    );
    line.trim_end().to_owned()
}

/// Writes a change of a right; nothing where nothing changed.
pub fn change(event: &RightsEvent) -> Option<String> {
    let cursor = event.cursor.clone().unwrap_or_default();
    let change = event.change.as_ref()?;
    let place = format!("#{}", cursor.position);
    let (day, party) = (&cursor.day, &change.party);
    let right = right(&change.right, &change.bodies);
    let [before, after] = [change.before(), change.after()].map(verdict);
    let stretch = stretch(change);
    let cause = cause(change.cause());
    Some(format!(
        "{place:>POSITION$}  {day}  {party:<PARTY$}  {right:<RIGHT$}  {before} -> {after}  {stretch}  {cause}"
    ))
}

/// Writes on which days it changed.
pub fn stretch(change: &RightChange) -> String {
    match change.end_date.as_str() {
        "" => format!("from {}", change.start_date),
        end => format!("from {} until {end} (that day out)", change.start_date),
    }
}

/// Writes a right, and the bodies in which it changes: their names, or how many they are.
pub fn right(right: &str, bodies: &[String]) -> String {
    let named = bodies.iter().filter(|body| !body.is_empty());
    let bodies: Vec<&str> = named.map(String::as_str).collect();
    match bodies.len() {
        0 => right.to_owned(),
        1..=NAMED => format!("{right} in {}", bodies.join(", ")),
        count => format!("{right} in {count} bodies"),
    }
}

/// Writes why it changed.
pub fn cause(cause: ChangeCause) -> &'static str {
    match cause {
        ChangeCause::Unspecified => "",
        ChangeCause::Recorded => "recorded",
        ChangeCause::Scheduled => "scheduled",
        ChangeCause::Corrected => "corrected",
        ChangeCause::LawChanged => "law changed",
        ChangeCause::RulesChanged => "rules changed",
        ChangeCause::PassageOfTime => "passage of time",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use standing_domain::time::record_time::RecordTime;
    use standing_proto::json::from_json;
    use standing_proto::time::timestamp;
    use standing_proto::v1::{ChangeCursor, Verdict};

    fn told(draft: &str, expected: &Expect) {
        let recorded = Entry {
            position: 812,
            record_time: Some(timestamp(RecordTime::from_micros(1_795_600_931_000_000))),
            draft: Some(from_json(draft).unwrap()),
            ..Entry::default()
        };
        expected.assert_eq(&entry(&recorded));
    }

    #[test]
    fn an_entry_is_a_line() {
        told(
            r#"{"effective":{"date":"2024-09-25"},"memberAdmitted":{"party":"cn-qinghai","class":"full"}}"#,
            &expect![
                "   812  2026-11-25 10:02:11 UTC  member_admitted         cn-qinghai        class full, effective 2024-09-25"
            ],
        );
        told(
            r#"{"corrects":{"position":"7"},"termDeclared":{"kind":"TERM_KIND_RIGHT","term":"vote"}}"#,
            &expect![
                "   812  2026-11-25 10:02:11 UTC  term_declared                             kind right; term vote, corrects entry 7"
            ],
        );
        told(
            r#"{"corrects":{"position":"7"}}"#,
            &expect![
                "   812  2026-11-25 10:02:11 UTC  withdrawal                                withdraws entry 7"
            ],
        );
    }

    #[test]
    fn a_change_is_a_line_and_no_change_is_none() {
        let mut event = RightsEvent {
            end: None,
            cursor: Some(ChangeCursor {
                position: 812,
                day: "2026-11-25".to_owned(),
                index: 1,
                count: 1,
                ..ChangeCursor::default()
            }),
            change: Some(RightChange {
                party: "cn-qinghai".to_owned(),
                right: "vote".to_owned(),
                bodies: vec![String::new()],
                before: Verdict::NotHeld.into(),
                after: Verdict::Held.into(),
                start_date: "2024-09-25".to_owned(),
                cause: ChangeCause::Recorded.into(),
                ..RightChange::default()
            }),
            record_time: None,
        };
        expect!["  #812  2026-11-25  cn-qinghai        vote                  NOT HELD -> HELD  from 2024-09-25  recorded"]
            .assert_eq(&change(&event).unwrap());
        let changed = event.change.as_mut().unwrap();
        changed.bodies = vec![String::new(), "assembly".to_owned()];
        changed.end_date = "2025-01-01".to_owned();
        expect!["  #812  2026-11-25  cn-qinghai        vote in assembly      NOT HELD -> HELD  from 2024-09-25 until 2025-01-01 (that day out)  recorded"]
            .assert_eq(&change(&event).unwrap());
        let changed = event.change.as_mut().unwrap();
        changed.bodies = ["", "a", "b", "c"].map(str::to_owned).to_vec();
        assert!(change(&event).unwrap().contains("vote in 3 bodies  "));
        event.change = None;
        assert_eq!(change(&event), None);
    }
}
