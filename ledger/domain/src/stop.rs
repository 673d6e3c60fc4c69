//! Giving up a long walk for which nobody waits any more. The domain knows no clock and no caller:
//! whoever asks hands it a test.

use std::fmt;

/// A walk was given up before its end: nobody waits for it, or its time is over. Whoever handed in
/// the test knows which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("given up before the end: nobody waits for the answer any more")]
pub struct Stopped;

/// What a walk over more than one thing asks between strides. The test may take as long as others
/// have their turn, so no lock of a running ledger is held across it.
#[derive(Clone, Copy, Default)]
pub struct Stop<'a>(Option<&'a dyn Fn() -> Result<(), Stopped>>);

impl<'a> Stop<'a> {
    /// For walks that always go to their end.
    pub const NEVER: Stop<'static> = Stop(None);

    /// Makes a stop of a test.
    pub fn when(test: &'a dyn Fn() -> Result<(), Stopped>) -> Self {
        Self(Some(test))
    }

    /// Asks whether to go on.
    ///
    /// # Errors
    /// The walk is to be given up.
    pub fn check(self) -> Result<(), Stopped> {
        self.0.map_or(Ok(()), |test| test())
    }
}

impl fmt::Debug for Stop<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stop").field(&self.0.is_some()).finish()
    }
}
