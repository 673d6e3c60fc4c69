//! Work on another thread, beside a loop that must not wait for it.

use crate::error::{Passing, Trouble};
use std::future::pending;
use tokio::task::{JoinHandle, spawn_blocking};

/// A piece of work under way, or none.
pub(super) struct Beside<T>(Option<JoinHandle<T>>);

impl<T: Send + 'static> Beside<T> {
    /// Nothing is under way.
    pub fn idle() -> Self {
        Self(None)
    }

    /// Returns whether nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.0.is_none()
    }

    /// Begins a piece of work, in place of what was under way.
    pub fn begin(&mut self, work: impl FnOnce() -> T + Send + 'static) {
        self.0 = Some(spawn_blocking(work));
    }

    /// Waits until what is under way is done; for ever if nothing is. Nothing is lost if it is
    /// given up.
    pub async fn done(&mut self) -> Result<T, Trouble> {
        let Some(under_way) = &mut self.0 else {
            return pending().await;
        };
        let done = under_way.await;
        self.0 = None;
        Ok(done.map_err(|error| Passing(error.to_string()))?)
    }
}
