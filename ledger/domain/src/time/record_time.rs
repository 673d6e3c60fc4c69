//! When the ledger learned something.

/// An instant of the ledger's clock, in whole microseconds since 1970-01-01T00:00:00Z.
///
/// An entry's record time is set by the ledger alone and strictly increases with position. It is no
/// [`Day`](super::day::Day): which day an instant falls on is for the association's time zone to
/// say.
///
/// ```
/// use standing_domain::time::record_time::RecordTime;
///
/// let recorded = RecordTime::from_micros(1_727_222_400_000_000);
/// assert!(RecordTime::ZERO < recorded && recorded < recorded.next());
/// assert_eq!(recorded.micros() / 1_000_000, 1_727_222_400);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RecordTime(u64);

impl RecordTime {
    /// Before everything that is recorded: that of an empty ledger.
    pub const ZERO: Self = Self(0);

    /// The instant so many microseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Returns how many microseconds after 1970-01-01T00:00:00Z it is.
    #[must_use]
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Returns the instant so many microseconds later; the last there is where none is so late.
    #[must_use]
    pub const fn after(self, micros: u64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Returns how many microseconds it is after another instant; 0 if it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns the next instant: the earliest at which something later can be recorded.
    #[must_use]
    pub const fn next(self) -> Self {
        self.after(1)
    }

    /// Returns the instant before; [`RecordTime::ZERO`] has none.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}
