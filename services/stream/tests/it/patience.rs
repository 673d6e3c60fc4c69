//! Waiting for what must come, but not for ever.

use std::fmt::Display;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How long anything may take: an election among loaded nodes, a connection that is found to be
/// dead.
const PATIENCE: Duration = Duration::from_secs(90);

/// How often is looked.
const PACE: Duration = Duration::from_millis(5);

/// Waits until something is there, and fails if it does not come in time.
pub async fn until<T>(what: impl Display, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "there is no {what}");
        sleep(PACE).await;
    }
}
