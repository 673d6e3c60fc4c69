//! Work that takes its time, and must not keep the runtime's threads from others.

use crate::call::errors::Problem;
use tonic::Code;

/// Runs work that takes its time on a thread of its own.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    // What the call holds of the server's memory is held until its work is over, even if its caller
    // has gone.
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
