//! From a call to its answer.

use crate::errors::Problem;
use standing_engine::Engine;
use std::sync::Arc;
use tonic::{Code, Request, Response, Status};

/// Answers a call on a thread that may take its time: an answer may wait for a lock or read from disk, and nobody
/// else's call waits behind it.
pub(crate) async fn answer<Q, A>(
    engine: &Arc<Engine>,
    request: Request<Q>,
    answer: fn(&Engine, &Q) -> Result<A, Problem>,
) -> Result<Response<A>, Status>
where
    Q: Send + 'static,
    A: Send + 'static,
{
    let engine = Arc::clone(engine);
    let question = request.into_inner();
    aside(move || answer(&engine, &question))
        .await
        .map(Response::new)
        .map_err(Status::from)
}

/// Runs work that takes its time on a thread of its own.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        // A mistake in the program: what it was is for the log.
        Err(error) => {
            let mut problem = Problem::failed(Code::Internal, "PANICKED", &error);
            "the answer could not be worked out; the server's log says why"
                .clone_into(&mut problem.message);
            Err(problem)
        }
    }
}
