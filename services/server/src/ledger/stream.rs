//! A stream of requests to record: each is read and handed to the writer without a wait for the
//! answer to the one before it, and answered in its turn. It owns no task: dropping it frees
//! everything, and what the writer has not taken by then is not recorded.

use crate::call::aside::aside;
use crate::call::auth::Lasting;
use crate::call::errors::{Problem, shortened};
use crate::call::served::Served;
use crate::door::{Intake, Lot};
use crate::ledger::record::{Submitted, is_long, read, response};
use crate::ledger::warnings::Named;
use futures_util::future::BoxFuture;
use prost::Message as _;
use standing_engine::{Outcome, RecordError, Series};
use standing_proto::codec::undecodable;
use standing_proto::draft::persons_named;
use standing_proto::v1;
use std::collections::VecDeque;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// How many names of persons may be on their way when another request is read: texts are searched
/// for each of them.
const MOST_NAMES: usize = 64;

/// The most bytes of a request id that is told again.
const ID: usize = 100;

/// A request that has come.
struct Come {
    /// Its id, as it was sent.
    id: String,
    at: Instant,
    /// What it holds until it is answered.
    lot: Lot,
    /// Whom it names as natural persons.
    named: Vec<Named>,
    submitted: Result<Submitted, Problem>,
}

/// What came of waiting for the next request, and where the one after it comes from.
type Next = (Intake, Result<Option<Come>, Status>);

/// A request that has no answer yet.
struct Waiting {
    id: String,
    at: Instant,
    names: usize,
    outcome: Result<Handed, Status>,
}

/// A request that the writer was handed.
struct Handed {
    outcome: oneshot::Receiver<(Result<Outcome, RecordError>, Lot)>,
    warnings: Vec<v1::RecordWarning>,
}

/// A stream of requests.
pub(crate) struct Stream {
    served: Arc<Served>,
    /// Who sends them, for as long as they may.
    who: Arc<Lasting>,
    series: Series,
    /// What comes next; none at the end, and while nothing more is read.
    next: Option<BoxFuture<'static, Next>>,
    intake: Option<Intake>,
    /// What has no answer yet, in the order in which it came.
    waiting: VecDeque<Waiting>,
    /// How many requests were answered.
    answered: u64,
    /// The persons whom those name that have no answer yet.
    names: VecDeque<Named>,
    closing: watch::Receiver<bool>,
    /// When the caller gives up.
    until: Option<Instant>,
}

impl Stream {
    /// Begins to read; it ends at the caller's deadline, which is so far from when it began.
    pub fn new(served: &Arc<Served>, who: Lasting, intake: Intake, until: Option<Instant>) -> Self {
        Self {
            series: served.recorder.series(),
            closing: served.closing(),
            served: Arc::clone(served),
            who: Arc::new(who),
            next: None,
            intake: Some(intake),
            waiting: VecDeque::new(),
            answered: 0,
            names: VecDeque::new(),
            until,
        }
    }

    /// Returns the next answer; none at the end.
    pub async fn answer(&mut self) -> Result<Option<v1::RecordStreamResponse>, Status> {
        loop {
            self.read_on();
            let is_closing = *self.closing.borrow();
            if is_closing && self.waiting.is_empty() {
                return Err(Problem::from(RecordError::Closing).into());
            }
            if self.waiting.is_empty() && self.next.is_none() {
                return Ok(None);
            }
            tokio::select! {
                biased;
                outcome = outcome(self.waiting.front_mut()) => {
                    return self.told(outcome).map(Some);
                }
                () = over(self.until) => return Err(late()),
                (intake, come) = come(self.next.as_mut()), if !is_closing => {
                    self.next = None;
                    self.take(intake, come);
                }
                () = closes(&mut self.closing), if !is_closing => {}
            }
        }
    }

    /// Has the next request read, unless one is being read, or too many names are on their way.
    fn read_on(&mut self) {
        if self.names.len() > MOST_NAMES {
            return;
        }
        let Some(intake) = self.intake.take() else {
            return;
        };
        let names = self.names.iter().cloned().collect();
        let (served, who) = (Arc::clone(&self.served), Arc::clone(&self.who));
        self.next = Some(Box::pin(request(intake, served, who, names)));
    }

    /// Hands the writer what has come.
    fn take(&mut self, intake: Intake, come: Result<Option<Come>, Status>) {
        let come = match come {
            Ok(None) => return,
            Ok(Some(come)) => come,
            Err(status) => {
                let id = String::new();
                return self.fail(id, Instant::now(), status);
            }
        };
        let Come {
            id,
            at,
            lot,
            named,
            submitted,
        } = come;
        let Submitted { request, warnings } = match submitted {
            Ok(submitted) => submitted,
            Err(problem) => return self.fail(id, at, problem.into()),
        };
        let (send, receive) = oneshot::channel();
        self.served
            .recorder
            .submit_next(&mut self.series, request, move |outcome| {
                // If the caller has gone, what was held is given back with it.
                drop(send.send((outcome, lot)));
            });
        self.waiting.push_back(Waiting {
            id,
            at,
            names: named.len(),
            outcome: Ok(Handed {
                outcome: receive,
                warnings,
            }),
        });
        self.names.extend(named);
        self.intake = Some(intake);
    }

    /// Ends the stream with a status once all before it is answered: nothing more is read.
    fn fail(&mut self, id: String, at: Instant, status: Status) {
        self.waiting.push_back(Waiting {
            id,
            at,
            names: 0,
            outcome: Err(status),
        });
    }

    /// Returns the answer to the request that waits for longest.
    fn told(&mut self, outcome: Told) -> Result<v1::RecordStreamResponse, Status> {
        self.answered += 1;
        let Some(waiting) = self.waiting.pop_front() else {
            return Err(Problem::from(RecordError::Closing).into());
        };
        self.names.drain(..waiting.names.min(self.names.len()));
        self.served.metrics.note_recorded(waiting.at.elapsed());
        let said = match outcome {
            Told::Failed => waiting.outcome.map(|_| ()),
            Told::Writer(outcome) => match (outcome, waiting.outcome) {
                (Ok(outcome), Ok(handed)) => {
                    return Ok(v1::RecordStreamResponse {
                        response: Some(response(&self.served.ledger, outcome, handed.warnings)),
                    });
                }
                (Err(error), _) => Err(self.served.not_recorded(error).into()),
                (_, Err(status)) => Err(status),
            },
        };
        // Nothing is read any more, and nothing that waits is recorded.
        (self.next, self.intake) = (None, None);
        self.waiting.clear();
        let closing = Problem::from(RecordError::Closing).into();
        Err(placed(
            said.err().unwrap_or(closing),
            self.answered,
            &waiting.id,
        ))
    }
}

/// What came of a request.
enum Told {
    /// It never came to the writer.
    Failed,
    /// What the writer said.
    Writer(Result<Outcome, RecordError>),
}

/// Waits for what comes of a request; for ever if there is none.
async fn outcome(waiting: Option<&mut Waiting>) -> Told {
    let Some(waiting) = waiting else {
        return pending().await;
    };
    let Ok(handed) = &mut waiting.outcome else {
        return Told::Failed;
    };
    // What it held is given back here: it is answered.
    let told = (&mut handed.outcome).await.map(|(outcome, _)| outcome);
    Told::Writer(told.unwrap_or(Err(RecordError::Closing)))
}

/// Waits for the next request; for ever if none is read.
async fn come(next: Option<&mut BoxFuture<'static, Next>>) -> Next {
    match next {
        Some(next) => next.await,
        None => pending().await,
    }
}

/// Waits until the caller gives up.
async fn over(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => pending().await,
    }
}

/// Waits until serving ends.
async fn closes(closing: &mut watch::Receiver<bool>) {
    // Nothing is left to wait for where its sender is gone.
    let _ = closing.wait_for(|closing| *closing).await;
}

/// Reads the next request.
async fn request(
    mut intake: Intake,
    served: Arc<Served>,
    who: Arc<Lasting>,
    before: Vec<Named>,
) -> Next {
    // Others have their turn, however fast requests come.
    tokio::task::coop::consume_budget().await;
    let (bytes, lot) = match intake.next().await {
        Ok(Some(message)) => message,
        Ok(None) => return (intake, Ok(None)),
        Err(status) => return (intake, Err(status)),
    };
    // What was taken away since the last request counts for this one.
    if let Err(problem) = who.check() {
        return (intake, Err(problem.into()));
    }
    let at = Instant::now();
    let wire = match v1::RecordStreamRequest::decode(bytes) {
        Ok(wire) => wire.request.unwrap_or_default(),
        Err(error) => return (intake, Err(undecodable(&error.to_string()))),
    };
    let (id, is_long) = (wire.request_id.clone(), is_long(&wire));
    let named = persons_named(&wire.drafts);
    let named = named.filter_map(|(person, name)| Named::new(person, name));
    let named = named.collect();
    let read = move || {
        let who = who.identity();
        let ledger = served.seen(&who.sight());
        read(&ledger, wire, who, &before)
    };
    let submitted = if is_long { aside(read).await } else { read() };
    let come = Come {
        id,
        at,
        lot,
        named,
        submitted,
    };
    (intake, Ok(Some(come)))
}

/// Adds to a status which request of the stream it is about.
fn placed(status: Status, number: u64, id: &str) -> Status {
    let mut details = status.get_error_details();
    let Some(info) = details.error_info() else {
        return status;
    };
    let (reason, domain) = (info.reason.clone(), info.domain.clone());
    let mut metadata = info.metadata.clone();
    metadata.insert("request_number".to_owned(), number.to_string());
    if !id.is_empty() {
        let id = shortened(id, ID);
        metadata.entry("request_id".to_owned()).or_insert(id);
    }
    details.set_error_info(reason, domain, metadata);
    Status::with_error_details(status.code(), status.message(), details)
}

fn late() -> Status {
    let message = "the stream did not end within the time that the caller waits";
    Problem::new(Code::DeadlineExceeded, "DEADLINE", message).into()
}

/// Returns when a caller gives up that waits for so long from when it began.
pub(crate) fn until(begun: std::time::Instant, limit: Option<Duration>) -> Option<Instant> {
    Some(Instant::from_std(begun + limit?))
}
