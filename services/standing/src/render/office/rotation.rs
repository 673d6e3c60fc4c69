//! Whose turn is next, and why.

use crate::render::{Lines as _, basis, joined, support, table, time};
use standing_proto::v1::{GetRotationResponse, Rotation, TurnAhead};

/// Writes how an office goes round.
pub fn rotation(response: &GetRotationResponse, office: &str) -> String {
    let mut text = String::new();
    if response.rotations.is_empty() {
        text.line(&format!(
            "No article in force says how {office} goes round."
        ));
    }
    for rotation in &response.rotations {
        one(&mut text, rotation, office);
    }
    text.line("");
    text + &basis(response.basis.as_ref())
}

fn one(text: &mut String, rotation: &Rotation, office: &str) {
    let open = if rotation.certain {
        ""
    } else {
        "; whether it is in force is not certain"
    };
    text.line(&format!(
        "{office} goes round by {} ({}{open}).",
        rotation.article,
        support(rotation.support())
    ));
    match &rotation.last {
        None => text.line("No turn is recorded; the order begins with its first place."),
        Some(last) => {
            let due = match last.due.as_str() {
                "" => String::new(),
                due => format!(", out of turn: it was the turn of {due}"),
            };
            text.line(&format!(
                "The last turn is that of {} since {} (entry {}){due}.",
                last.party,
                time::start(last.since.as_ref()),
                last.position
            ));
        }
    }
    if rotation.turns.is_empty() {
        text.line("Nobody takes turns.");
        return;
    }
    let rows = rotation.turns.iter().enumerate();
    let rows = rows.map(|(n, turn)| row(n + 1, turn));
    text.push_str(&table(
        ["TURN", "PARTY", "PLACE", "OF", "WHY"],
        rows.collect(),
    ));
}

fn row(number: usize, turn: &TurnAhead) -> [String; 5] {
    let reasons = turn.reasons.iter().map(|reason| match reason.position {
        0 => reason.text.clone(),
        entry => format!("{} (entry {entry})", reason.text),
    });
    let reasons: Vec<String> = reasons.collect();
    let why = if reasons.is_empty() {
        "next in order".to_owned()
    } else {
        joined(reasons.iter().map(String::as_str), "; ")
    };
    [
        number.to_string(),
        turn.party.clone(),
        turn.number.to_string(),
        turn.place.clone(),
        why,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::{Interval, Support, TakenTurn, TurnReason};

    #[test]
    fn every_turn_has_its_reason() {
        let day = "2017-07-01".to_owned();
        let turn = |party: &str, number, reasons: &[(&str, u64)]| TurnAhead {
            party: party.to_owned(),
            place: party.to_owned(),
            number,
            reasons: reasons
                .iter()
                .map(|(text, position)| TurnReason {
                    text: (*text).to_owned(),
                    position: *position,
                })
                .collect(),
        };
        let response = GetRotationResponse {
            rotations: vec![Rotation {
                article: "charter/7".to_owned(),
                support: Support::Text.into(),
                certain: true,
                last: Some(TakenTurn {
                    party: "aa-north".to_owned(),
                    since: Some(Interval {
                        earliest_start_date: day.clone(),
                        latest_start_date: day,
                        ..Interval::default()
                    }),
                    position: 16,
                    due: String::new(),
                }),
                turns: vec![
                    turn("cc-west", 3, &[("bb-east declined", 15)]),
                    turn("aa-north", 1, &[]),
                ],
            }],
            basis: None,
        };
        expect![[r"
            chair goes round by charter/7 (text).
            The last turn is that of aa-north since 2017-07-01 (entry 16).
            TURN  PARTY     PLACE  OF        WHY
            1     cc-west   3      cc-west   bb-east declined (entry 15)
            2     aa-north  1      aa-north  next in order

        "]]
        .assert_eq(&rotation(&response, "chair"));
    }
}
