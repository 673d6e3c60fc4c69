//! Processes that end with the benchmark.

use std::process::Child;

/// A child that is killed when it is dropped.
pub struct Killed(
    /// The child.
    pub Child,
);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
