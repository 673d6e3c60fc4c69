//! Callers who ask of all kinds, and some who record, each at a pace of its own.

use super::Plan;
use super::scene::Node;
use crate::harness::{Sequence, batch, text};
use crate::questions;
use crate::questions::NEAR;
use serde_json::json;
use standing_proto::v1;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How many call at a time.
pub const CALLERS: u64 = 64;

/// How many of them record.
const RECORDERS: u64 = 4;

/// Of so many batches of a recorder one admits a member.
const ADMISSIONS: u64 = 40;

/// How long a recorder waits before it tries again what was not taken.
const AGAIN: Duration = Duration::from_millis(200);

/// As long as this no disk is full.
const PATIENCE: Duration = Duration::from_mins(3);

/// Questions and what their answers have to be, to the byte.
type Answers = Vec<(&'static str, String, Vec<u8>)>;

/// What all callers share.
pub struct Callers {
    stopped: AtomicBool,
    /// Whether what is recorded takes room: a file holds pages that are free, which a full disk
    /// leaves it.
    large: AtomicBool,
    /// How many entries were recorded.
    recorded: AtomicU64,
    pinned: Answers,
}

impl Callers {
    /// Asks a node what every answer has to be, as known at a position.
    pub fn new(node: &Node, position: u64) -> Self {
        let questions = questions::read(NEAR, Some(position)).into_iter();
        // What names no position tells of the head.
        let questions = questions.filter(|(_, question)| question.contains("position"));
        let pinned = questions.map(|(method, question)| {
            let answer = node.reader.bytes(method, &question);
            let answer = answer.unwrap_or_else(|failure| panic!("{method}: {failure:?}"));
            (method, question, answer)
        });
        Self {
            stopped: AtomicBool::new(false),
            large: AtomicBool::new(false),
            recorded: AtomicU64::new(0),
            pinned: pinned.collect(),
        }
    }

    pub fn recorded(&self) -> u64 {
        self.recorded.load(Ordering::Relaxed)
    }

    pub fn set_large(&self, large: bool) {
        self.large.store(large, Ordering::Relaxed);
    }

    /// Returns what stops them when it is dropped, in whichever way the run ends.
    pub fn stops(&self) -> impl Drop {
        struct Stops<'c>(&'c AtomicBool);
        impl Drop for Stops<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        Stops(&self.stopped)
    }

    /// Calls as one of them until they are stopped.
    pub fn call(&self, number: u64, nodes: &[&Node; 2], plan: &Plan) {
        if number < RECORDERS {
            self.record(number, nodes[0], plan.recorders);
        } else {
            self.ask(number, nodes, plan.readers);
        }
    }

    /// Waits until it is time for the next call; no time that was lost is made up for.
    fn goes_on(&self, next: &mut Instant, pace: Duration) -> bool {
        sleep(next.saturating_duration_since(Instant::now()));
        *next = (*next + pace).max(Instant::now());
        !self.stopped.load(Ordering::Relaxed)
    }

    fn ask(&self, number: u64, nodes: &[&Node; 2], pace: Duration) {
        let mut picks = Sequence(number);
        let mut next = Instant::now();
        let now = questions::read(NEAR, None);
        let (mut turn, mut tokens) = (number, [String::new(), String::new()]);
        while self.goes_on(&mut next, pace) {
            turn += 1;
            let of = usize::from(turn % 2 == 1);
            let (node, token) = (nodes[of], &mut tokens[of]);
            let client = node.caller(number);
            match picks.below(10) {
                0..6 => self.ask_pinned(node, number, &mut picks),
                6..8 => {
                    let which = picks.below(now.len() as u64);
                    let (method, question) = &now[usize::try_from(which).unwrap()];
                    node.tally.call(method, || client.bytes(method, question));
                }
                8 => {
                    let question = json!({
                        "right": "vote",
                        "at": {"on": "2026-07-01", "assume": [{
                            "id": "what-if",
                            "effective": {"date": "2026-07-01"},
                            "memberAdmitted": {"party": "ru-tatarstan", "class": "associate"},
                        }]},
                    });
                    let method = "RightsService/ListHolders";
                    let question = question.to_string();
                    node.tally.call(method, || client.bytes(method, &question));
                }
                _ => {
                    let question = json!({"pageSize": 100, "pageToken": token}).to_string();
                    let method = "LedgerService/ListEntries";
                    let listed = node.tally.call(method, || client.ask(method, &question));
                    let goes_on = listed.as_ref().map(|listed| text(listed, "nextPageToken"));
                    goes_on.unwrap_or_default().clone_into(token);
                }
            }
        }
    }

    /// Asks what has an answer that never changes.
    fn ask_pinned(&self, node: &Node, number: u64, picks: &mut Sequence) {
        let which = picks.below(self.pinned.len() as u64);
        let (method, question, expected) = &self.pinned[usize::try_from(which).unwrap()];
        let client = node.caller(number);
        let answer = node.tally.call(method, || client.bytes(method, question));
        if answer.is_some_and(|answer| &answer != expected) {
            node.tally
                .wrong(format!("{method}: another answer"), question.clone());
        }
    }

    fn record(&self, recorder: u64, writer: &Node, pace: Duration) {
        let mut next = Instant::now();
        let mut number = 0;
        while self.goes_on(&mut next, pace) {
            number += 1;
            let request = if self.large.load(Ordering::Relaxed) {
                large(recorder, number)
            } else {
                drafted(recorder, number)
            };
            let record = || writer.recorder.record(&request);
            // What was not taken is sent again, under the same name, until it is.
            let begun = Instant::now();
            while writer.tally.call("LedgerService/Record", record).is_none() {
                // No disk is full any more when they are stopped.
                if begun.elapsed() > PATIENCE || self.stopped.load(Ordering::Relaxed) {
                    let name = "LedgerService/Record: never taken".to_owned();
                    return writer.tally.wrong(name, request.request_id);
                }
                sleep(AGAIN);
            }
            let drafts = request.drafts.len() as u64;
            self.recorded.fetch_add(drafts, Ordering::Relaxed);
        }
    }
}

/// What a recorder sends: parties, of whom some are admitted, persons, claims.
fn drafted(recorder: u64, number: u64) -> v1::RecordRequest {
    let name = format!("{recorder}-{number}");
    let party = format!(
        r#"{{"id": "party-{name}", "partyRegistered": {{"party": "xx-{name}", "kind": "town", "names": [{{"language": "en", "text": "Town {name}"}}]}}}}"#
    );
    let lines = match number % 4 {
        _ if number.is_multiple_of(ADMISSIONS) => format!(
            r#"{party}
{{"id": "admitted-{name}", "effective": {{"date": "2025-01-01"}}, "memberAdmitted": {{"party": "xx-{name}", "class": "associate"}}}}"#
        ),
        0 | 1 => party,
        2 => format!(
            r#"{{"id": "person-{name}", "personNamed": {{"person": "s-{name}", "names": [{{"language": "en", "text": "Person {name}"}}]}}}}"#
        ),
        _ => format!(
            r#"{{"id": "claim-{name}", "claimRecorded": {{"membersOfClass": {{"class": "full", "on": "2024-12-31"}}, "answer": "82"}}}}"#
        ),
    };
    batch(&format!("soak-{name}"), &lines)
}

/// What a recorder sends while a disk is full: claims with notes as long as notes get.
fn large(recorder: u64, number: u64) -> v1::RecordRequest {
    let note = "n".repeat(4_000);
    let line = |n: u32| {
        format!(
            r#"{{"id": "large-{recorder}-{number}-{n}", "note": "{note}", "claimRecorded": {{"membersOfClass": {{"class": "full", "on": "2024-12-31"}}, "answer": "82"}}}}"#
        )
    };
    let lines: Vec<String> = (0..20).map(line).collect();
    batch(&format!("soak-{recorder}-{number}"), &lines.join("\n"))
}
