//! Many questions in one call: as many results as questions, in their order, as far as the time and
//! the answer's bytes go.

use crate::call::errors::Problem;
use crate::call::paging::MOST_BYTES;
use crate::call::point::Pinned;
use crate::dear::{Ask, GIVEN_UP};
use crate::rights::answers;
use prost::Message as _;
use standing_domain::answers::question::Question;
use standing_proto::Malformed;
use standing_proto::ask::rights;
use standing_proto::v1;
use standing_proto::v1::check_rights_result::Outcome;
use std::time::Duration;
use tonic::Code;

/// How many answers' entries are read from the log at a time.
const AT_ONCE: usize = 16;

/// How many verdicts are answered before the call is a dear one: together they take less than a
/// millisecond.
const FEW: usize = 64;

/// How long a call may take on a thread that serves connections. Whatever takes longer goes to
/// another, which costs more than a few verdicts do.
pub(crate) const AT_HAND: Duration = Duration::from_micros(250);

/// What is kept free for every result that is still to come, so that each can at least say that it
/// found no room.
const ROOM: usize = 128;

/// Returns whether questions are to be answered in turns with others.
pub(crate) fn is_dear(request: &v1::CheckRightsRequest) -> bool {
    let few = if request.verdict_only { FEW } else { 1 };
    request.questions.len() > few
}

/// Returns whether questions are so few, and so cheap, that a thread that serves connections may
/// answer them.
pub(crate) fn is_at_hand(asked: &rights::CheckRights) -> bool {
    asked.verdict_only && asked.questions.len() <= AT_ONCE
}

/// The results of a bulk, while it is answered.
struct Results {
    given: Vec<v1::CheckRightsResult>,
    questions: usize,
    bytes: usize,
}

impl Results {
    /// Adds a result; false if there is no room for it.
    fn add(&mut self, outcome: Outcome) -> bool {
        let result = v1::CheckRightsResult {
            outcome: Some(outcome),
        };
        // A tag and a length stand before each.
        let bytes = self.bytes + result.encoded_len() + 6;
        let to_come = self.questions - self.given.len() - 1;
        if bytes + to_come * ROOM > MOST_BYTES {
            return false;
        }
        self.bytes = bytes;
        self.given.push(result);
        true
    }

    /// Says of all that are still to come why they have no answer.
    fn fill(mut self, why: &v1::ItemError) -> Vec<v1::CheckRightsResult> {
        let result = v1::CheckRightsResult {
            outcome: Some(Outcome::Error(why.clone())),
        };
        self.given.resize(self.questions, result);
        self.given
    }
}

pub(crate) fn check_rights(
    ledger: &Ask<'_>,
    asked: &rights::CheckRights,
) -> Result<v1::CheckRightsResponse, Problem> {
    let at = ledger.pin(&asked.at)?;
    Ok(v1::CheckRightsResponse {
        results: results(ledger, asked, at)?,
        basis: Some(at.basis(ledger)?),
    })
}

fn results(
    ledger: &Ask<'_>,
    asked: &rights::CheckRights,
    at: Pinned,
) -> Result<Vec<v1::CheckRightsResult>, Problem> {
    let count = asked.questions.len();
    let mut results = Results {
        given: Vec::with_capacity(count),
        questions: count,
        bytes: 0,
    };
    for questions in asked.questions.chunks(AT_ONCE) {
        if ledger.is_late() {
            return Ok(results.fill(&out_of_time()));
        }
        let outcomes = match outcomes(ledger, questions, at, asked.verdict_only) {
            Ok(outcomes) => outcomes,
            // Nobody waits, or the time is over in the middle of it: then the answers before it are
            // still wanted.
            Err(problem) if problem.reason == GIVEN_UP && ledger.is_late() => {
                return Ok(results.fill(&out_of_time()));
            }
            Err(problem) => return Err(problem),
        };
        for outcome in outcomes {
            if !results.add(outcome) {
                return Ok(results.fill(&no_room()));
            }
        }
    }
    Ok(results.given)
}

/// Answers some questions, each with its own error.
fn outcomes(
    ledger: &Ask<'_>,
    questions: &[Result<Question, Malformed>],
    at: Pinned,
    verdict_only: bool,
) -> Result<Vec<Outcome>, Problem> {
    let mut outcomes = Vec::with_capacity(questions.len());
    let mut answers = Vec::with_capacity(questions.len());
    for question in questions {
        ledger.stop.check()?;
        let outcome = match question {
            Err(malformed) => Err(malformed.clone().into()),
            Ok(question) if verdict_only => {
                let answer = answers::verdict(ledger, question, at);
                answer.map(|answer| Some(Outcome::Answer(answer)))
            }
            Ok(question) => answers::ask(ledger, question, at).map(|answer| {
                answers.push(answer);
                None
            }),
        };
        outcomes.push(outcome.unwrap_or_else(|problem| Some(Outcome::Error(write_error(problem)))));
    }
    let mut answers = answers::write(ledger, answers, ledger.stop)?.into_iter();
    let outcomes = outcomes
        .into_iter()
        .filter_map(|outcome| outcome.or_else(|| answers.next().map(Outcome::Answer)));
    Ok(outcomes.collect())
}

fn write_error(problem: Problem) -> v1::ItemError {
    v1::ItemError {
        code: problem.code.into(),
        reason: problem.reason.to_owned(),
        message: problem.message,
    }
}

fn no_room() -> v1::ItemError {
    let message = "the answer is full: ask in another call";
    write_error(Problem::new(
        Code::ResourceExhausted,
        "ANSWER_FULL",
        message,
    ))
}

fn out_of_time() -> v1::ItemError {
    let message = "the time for the answer is over: ask in another call";
    write_error(Problem::new(
        Code::ResourceExhausted,
        "OUT_OF_TIME",
        message,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST_QUESTIONS: usize = 10_000;

    #[test]
    fn there_is_always_room_to_say_that_there_is_none() {
        let results = || Results {
            given: Vec::new(),
            questions: MOST_QUESTIONS,
            bytes: 0,
        };
        let answer = |bytes: usize| {
            Outcome::Answer(v1::RightAnswer {
                question: Some(v1::RightQuestion {
                    party: "x".repeat(bytes),
                    ..v1::RightQuestion::default()
                }),
                ..v1::RightAnswer::default()
            })
        };
        for bytes in [10, 1_000, 100_000, MOST_BYTES] {
            let mut bulk = results();
            while bulk.given.len() < MOST_QUESTIONS && bulk.add(answer(bytes)) {}
            for error in [no_room(), out_of_time()] {
                let bulk = Results {
                    given: bulk.given.clone(),
                    ..bulk
                };
                let response = v1::CheckRightsResponse {
                    results: bulk.fill(&error),
                    basis: None,
                };
                assert_eq!(response.results.len(), MOST_QUESTIONS);
                assert!(response.encoded_len() <= MOST_BYTES, "{bytes}");
            }
        }
    }
}
