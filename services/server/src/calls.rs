//! From a call to its answer.

use crate::errors::Problem;
use crate::fields::Fields;
use crate::served::Served;
use standing_domain::event::Position;
use standing_domain::id::Word;
use standing_domain::weighing::{BY_ANALOGY, TEXT_ONLY};
use standing_engine::Engine;
use standing_proto::draft::read_assumed;
use standing_proto::v1;
use std::sync::Arc;
use tonic::{Code, Request, Response, Status};

/// Answers a call on a thread that may take its time: an answer may wait for a lock or read from disk, and nobody
/// else's call waits behind it.
pub(crate) async fn answer<Q, A>(
    engine: &Arc<Served>,
    request: Request<Q>,
    answer: fn(&Engine, &Q) -> Result<A, Problem>,
) -> Result<Response<A>, Status>
where
    Q: Asks + Send + 'static,
    A: Send + 'static,
{
    let (call, _, mut question) = request.into_parts();
    if let Some(at) = question.at() {
        engine.wait_for(at.min_position, &call).await;
    }
    let engine = Arc::clone(engine);
    aside(move || match question.at() {
        Some(at) if !at.assume.is_empty() || !at.readings.is_empty() => {
            let drafts = std::mem::take(&mut at.assume);
            answer(&taken_for_granted(&engine, drafts, at)?, &question)
        }
        _ => answer(&engine, &question),
    })
    .await
    .map(Response::new)
    .map_err(Status::from)
}

/// Returns the ledger with drafts assumed at a point in time, and under readings.
fn taken_for_granted(
    engine: &Engine,
    drafts: Vec<v1::Draft>,
    at: &v1::PointInTime,
) -> Result<Engine, Problem> {
    let mut fields = Fields::default();
    let asked = fields.at(Some(at));
    let assumes = !drafts.is_empty();
    let drafts = fields.part(read_assumed(drafts));
    let (Some(asked), Some(drafts)) = (asked, drafts) else {
        return Err(fields.problem());
    };
    let position = asked.pin(engine)?.position;
    let supposed = assumes
        .then(|| engine.assume(drafts, position))
        .transpose()?;
    let engine = supposed.as_ref().unwrap_or(engine);
    let readings = readings(engine, &at.readings, asked.pin(engine)?.position)?;
    Ok(engine.reading(readings))
}

/// Reads the readings asked for: each must be known, and no two of one alternative.
fn readings(engine: &Engine, names: &[String], position: Position) -> Result<Vec<Word>, Problem> {
    let law = engine.law(position);
    let analogy = [BY_ANALOGY, TEXT_ONLY].map(Word::new);
    let analogy: Vec<&Word> = analogy.iter().flatten().collect();
    let mut alternatives = law.readings();
    alternatives.push(analogy);
    let mut asked: Vec<Word> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let field = format!("at.readings[{index}]");
        let known = alternatives
            .iter()
            .flatten()
            .find(|known| known.as_str() == name);
        let Some(known) = known.copied() else {
            let mut all: Vec<&str> = alternatives.iter().flatten().map(|r| r.as_str()).collect();
            all.sort_unstable();
            all.dedup();
            let description = format!("{name:?} is none of the readings: {}", all.join(", "));
            let problem = Problem::of_field("UNKNOWN_READING", &field, description);
            return Err(problem.with("reading", name));
        };
        let clashes = |alternative: &&Vec<&Word>| {
            alternative.contains(&known) && asked.iter().any(|other| alternative.contains(&other))
        };
        if let Some(alternative) = alternatives.iter().find(clashes) {
            let of: Vec<&str> = alternative.iter().map(|reading| reading.as_str()).collect();
            let description = format!("{name:?} and another of {} are asked for", of.join(", "));
            return Err(Problem::of_field(
                "ALTERNATIVE_READINGS",
                &field,
                description,
            ));
        }
        asked.push(known.clone());
    }
    Ok(asked)
}

/// A question, most often with a point in time.
pub(crate) trait Asks {
    /// Returns the point in time, if the question has one and says it.
    fn at(&mut self) -> Option<&mut v1::PointInTime>;
}

macro_rules! asks {
    ($($request:ident)*) => {$(
        impl Asks for v1::$request {
            fn at(&mut self) -> Option<&mut v1::PointInTime> {
                self.at.as_mut()
            }
        }
    )*};
}

asks! {
    CheckRightRequest CheckRightsRequest GetStandingRequest ListHoldersRequest GetTimelineRequest
    GetPartyRequest ListPartiesRequest CountMembersRequest ListOfficeHoldersRequest GetSessionRequest
    ListSessionsRequest ListCommitteesRequest GetAssociationRequest
    GetAccountRequest ListArrearsRequest ListFindingsRequest
    GetInstrumentRequest GetArticleRequest ListArticleVersionsRequest CompareInstrumentRequest
}

macro_rules! asks_of_the_log {
    ($($request:ident)*) => {$(
        impl Asks for v1::$request {
            fn at(&mut self) -> Option<&mut v1::PointInTime> {
                None
            }
        }
    )*};
}

// What was recorded is asked for by position; nothing can be assumed of it.
asks_of_the_log! { GetEntryRequest ListEntriesRequest GetHeadRequest }

/// Runs work that takes its time on a thread of its own.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    // What the call holds of the server's memory is held until its work is over, even if its caller has gone.
    let call = crate::door::current();
    let work = move || {
        let outcome = work();
        drop(call);
        outcome
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        // A mistake in the program: what it was is for the log.
        Err(error) => {
            let said = "the answer could not be worked out; the server's log says why";
            Err(Problem::failed(Code::Internal, "PANICKED", said, &error))
        }
    }
}
