//! What time it is: by the clock on the wall, which tokens go by, and by one that only goes on,
//! which fetching goes by.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// Two clocks, which a test may set.
#[derive(Clone)]
pub(super) struct Clock {
    wall: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    steady: Arc<dyn Fn() -> Instant + Send + Sync>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            wall: Arc::new(SystemTime::now),
            steady: Arc::new(Instant::now),
        }
    }
}

impl Clock {
    #[cfg(test)]
    pub fn new(
        wall: impl Fn() -> SystemTime + Send + Sync + 'static,
        steady: impl Fn() -> Instant + Send + Sync + 'static,
    ) -> Self {
        Self {
            wall: Arc::new(wall),
            steady: Arc::new(steady),
        }
    }

    /// What the wall says.
    pub fn wall(&self) -> SystemTime {
        (self.wall)()
    }

    /// What never goes back.
    pub fn steady(&self) -> Instant {
        (self.steady)()
    }
}
