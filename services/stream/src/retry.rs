//! How long to wait before trying again.

use std::time::Duration;
use tokio::time::sleep;

const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);

/// Waits, each time twice as long as before.
#[derive(Debug)]
pub(crate) struct Backoff(Duration);

impl Backoff {
    /// Returns one that has not waited yet.
    pub fn new() -> Self {
        Self(SHORTEST)
    }

    /// Waits.
    pub async fn wait(&mut self) {
        sleep(self.0).await;
        self.0 = (self.0 * 2).min(LONGEST);
    }

    /// Takes note that something went well.
    pub fn reset(&mut self) {
        self.0 = SHORTEST;
    }
}
