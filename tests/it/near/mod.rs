//! What the ledger answers about NEAR, line by line as the project promises it.

mod entries;
mod findings;
mod law;
mod parties;
mod printed;
mod rights;
mod roll;
mod supposed;
mod weighed;

use crate::harness::{list, near, pick, position, text};
use serde_json::{Value, json};

fn ask(method: &str, question: &Value) -> Value {
    near().client().answer(method, &question.to_string())
}

/// Checks a right; returns the answer.
fn right(party: &str, right: &str, at: &Value) -> Value {
    let question = json!({"question": {"party": party, "right": right}, "at": at});
    pick(&ask("RightsService/CheckRight", &question), "answer").clone()
}

/// Checks a right on a day; returns the verdict.
fn verdict(party: &str, of: &str, on: &str) -> String {
    let answer = right(party, of, &json!({"on": on}));
    text(&answer, "verdict")
        .trim_start_matches("VERDICT_")
        .to_owned()
}

fn party(id: &str, at: &Value) -> Value {
    let question = json!({"party": id, "at": at});
    pick(&ask("RollService/GetParty", &question), "party").clone()
}

/// The position of an entry of `deploy/near`.
fn entry(id: &str) -> u64 {
    let all = ask("LedgerService/ListEntries", &json!({"pageSize": 1000}));
    position(list(&all, "entries"), id)
}
