//! Entries as a list: who recorded what, and when.

use super::event;
use crate::render::{instant, table, time};
use standing_proto::v1::{Entry, ListEntriesResponse};

/// Writes entries, a line each, and where the log stood.
pub fn entries(response: &ListEntriesResponse) -> String {
    let text = if response.entries.is_empty() {
        "No such entry is recorded.\n".to_owned()
    } else {
        let header = ["ENTRY", "RECORDED", "BY", "EFFECTIVE", "KIND", "SAYS"];
        table(header, response.entries.iter().map(row).collect())
    };
    let head = response.head.as_ref();
    let head = head.map_or(0, |head| head.position);
    text + &format!("\nThe log stands at position {head}.\n")
}

fn row(entry: &Entry) -> [String; 6] {
    let draft = entry.draft.clone().unwrap_or_default();
    [
        entry.position.to_string(),
        entry.record_time.as_ref().map_or_else(String::new, instant),
        entry.actor.clone(),
        time::when(draft.effective.as_ref()),
        event::kind(&draft).to_owned(),
        event::says(&draft),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_domain::time::record_time::RecordTime;
    use standing_proto::json::from_json;
    use standing_proto::time::timestamp;
    use standing_proto::v1::Head;

    #[test]
    fn entries_are_listed_with_who_recorded_them() {
        let entry = |position, draft: &str| Entry {
            position,
            actor: "local/operator".to_owned(),
            record_time: Some(timestamp(RecordTime::from_micros(1_795_600_931_000_000))),
            draft: Some(from_json(draft).unwrap()),
            ..Entry::default()
        };
        let admitted = r#"{"effective":{"date":"2012-07"},"memberAdmitted":{"party":"aa-north","class":"full"}}"#;
        let mut response = ListEntriesResponse {
            entries: vec![
                entry(8, admitted),
                entry(9, r#"{"corrects":{"position":"8"}}"#),
            ],
            head: Some(Head {
                position: 12,
                ..Head::default()
            }),
            ..ListEntriesResponse::default()
        };
        expect![[r"
            ENTRY  RECORDED                 BY              EFFECTIVE  KIND             SAYS
            8      2026-11-25 10:02:11 UTC  local/operator  2012-07    member_admitted  class full; party aa-north
            9      2026-11-25 10:02:11 UTC  local/operator             withdrawal

            The log stands at position 12.
        "]]
        .assert_eq(&entries(&response));
        response.entries.clear();
        expect![[r"
            No such entry is recorded.

            The log stands at position 12.
        "]]
        .assert_eq(&entries(&response));
    }
}
