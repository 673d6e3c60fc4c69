//! What was known when: how it was known to change, and where two states of knowledge part.

use crate::render::{
    Lines as _, basis, classes, counted, instant, knowledge, table, verdict, watch,
};
use standing_proto::v1::{
    CompareKnowledgeResponse, KnowledgeDifference, KnownSpan, ListHistoryResponse, RightDifference,
    TimelineSpan, Verdict,
};

/// Writes how it was known to change, from each entry on with which it was known otherwise.
pub fn history(response: &ListHistoryResponse) -> String {
    let mut text = String::new();
    for known in &response.known {
        text.line(&heading(known));
        if known.spans.is_empty() {
            text.line("  not registered");
            continue;
        }
        let rows = known.spans.iter().map(span).collect();
        let told = table([""; 3], rows);
        for line in told.lines() {
            text.line(&format!("  {line}"));
        }
    }
    if response.known.is_empty() {
        text.line("Nothing was ever known.");
    }
    text + &knowledge(response.basis.as_ref())
}

/// For example: `as known from entry 12 on (2026-03-01 09:00:00 UTC), by entries 11, 12`.
fn heading(known: &KnownSpan) -> String {
    let time = known.record_time.as_ref();
    let time = time.map_or_else(String::new, |time| format!(" ({})", instant(time)));
    let entries: Vec<String> = known.positions.iter().map(ToString::to_string).collect();
    let by = match entries.as_slice() {
        [] => String::new(),
        [entry] => format!(", by entry {entry}"),
        entries => format!(", by entries {}", entries.join(", ")),
    };
    format!("as known from entry {} on{time}{by}", known.position)
}

fn span(span: &TimelineSpan) -> [String; 3] {
    let until = match span.end_date.as_str() {
        "" => String::new(),
        end => format!(" until {end}"),
    };
    let held = match span.verdict() {
        Verdict::Unspecified => "",
        said => verdict(said),
    };
    [
        format!("from {}{until}", span.start_date),
        classes(&span.classes),
        held.to_owned(),
    ]
}

/// Writes whose answers differ.
pub fn differences(response: &CompareKnowledgeResponse) -> String {
    let mut text = String::new();
    for difference in &response.differences {
        text.line(&format!(
            "{}: since entry {}",
            difference.party, difference.position
        ));
        for line in told(difference) {
            text.line(&format!("  {line}"));
        }
    }
    let count = response.differences.len();
    let count = counted(count, "party differs", "parties differ");
    let earlier = response.before.as_ref().map_or(0, |basis| basis.position);
    text.line(&format!("{count} from what was known at entry {earlier}"));
    text + &basis(response.basis.as_ref())
}

fn told(difference: &KnowledgeDifference) -> Vec<String> {
    let class = |texts: &[String]| {
        if texts.is_empty() {
            "not registered".to_owned()
        } else {
            classes(texts)
        }
    };
    let (before, after) = (&difference.classes_before, &difference.classes_after);
    let mut lines = Vec::new();
    if before != after {
        lines.push(format!(
            "class: {} before, {} now",
            class(before),
            class(after)
        ));
    }
    lines.extend(difference.rights.iter().map(right));
    lines
}

fn right(of: &RightDifference) -> String {
    let (before, after) = (verdict(of.before()), verdict(of.after()));
    let right = watch::right(&of.right, &of.bodies);
    format!("{right}: {before} before, {after} now")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn what_was_known_is_told_state_by_state() {
        let span = |start: &str, end: &str, class: &str, verdict: Verdict| TimelineSpan {
            start_date: start.to_owned(),
            end_date: end.to_owned(),
            verdict: verdict.into(),
            classes: vec![class.to_owned()],
        };
        let known = |position, positions: &[u64], spans| KnownSpan {
            position,
            record_time: None,
            spans,
            positions: positions.to_vec(),
        };
        let held = vec![
            span("2001-01-01", "2002-07-01", "", Verdict::NotHeld),
            span("2002-07-01", "", "full", Verdict::Held),
        ];
        let response = ListHistoryResponse {
            known: vec![
                known(12, &[11, 12], held),
                known(
                    20,
                    &[20],
                    vec![span("2001-01-01", "", "full", Verdict::Unspecified)],
                ),
                known(30, &[], Vec::new()),
            ],
            ..ListHistoryResponse::default()
        };
        expect![[r"
            as known from entry 12 on, by entries 11, 12
              from 2001-01-01 until 2002-07-01  no class  NOT HELD
              from 2002-07-01                   full      HELD
            as known from entry 20 on, by entry 20
              from 2001-01-01  full
            as known from entry 30 on
              not registered
        "]]
        .assert_eq(&history(&response));
    }

    #[test]
    fn two_states_of_knowledge_are_told_party_by_party() {
        let right = RightDifference {
            right: "vote".to_owned(),
            bodies: vec![String::new(), "assembly".to_owned()],
            before: Verdict::Held.into(),
            after: Verdict::Undetermined.into(),
        };
        let response = CompareKnowledgeResponse {
            differences: vec![
                KnowledgeDifference {
                    party: "aa-north".to_owned(),
                    classes_before: vec!["full".to_owned()],
                    classes_after: vec![String::new(), "full".to_owned()],
                    rights: vec![right],
                    position: 12,
                },
                KnowledgeDifference {
                    party: "bb-south".to_owned(),
                    classes_before: Vec::new(),
                    classes_after: vec![String::new()],
                    rights: Vec::new(),
                    position: 13,
                },
            ],
            ..CompareKnowledgeResponse::default()
        };
        expect![[r"
            aa-north: since entry 12
              class: full before, full or none now
              vote in assembly: HELD before, UNDETERMINED now
            bb-south: since entry 13
              class: not registered before, no class now
            2 parties differ from what was known at entry 0
        "]]
        .assert_eq(&differences(&response));
    }
}
