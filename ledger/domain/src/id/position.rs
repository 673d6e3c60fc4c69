//! Where an entry stands in the log.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A place in the log, from 1, gapless; [`Position::ZERO`] is before the first entry.
///
/// It is stored as its number, and written as that too.
///
/// ```
/// use standing_domain::id::position::Position;
///
/// let head = Position::new(42);
/// let batch: Vec<Position> = head.next().to(head.plus(3)).collect();
/// assert_eq!(batch, [43, 44, 45].map(Position::new));
/// assert_eq!(batch[2].since(head), 3);
/// assert_eq!(batch[2].nth_from(batch[0]), Some(2));
/// assert_eq!(head.to_string(), "42");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[repr(transparent)]
#[serde(transparent)]
pub struct Position(u64);

impl Position {
    /// Before the first entry: the head of an empty ledger.
    pub const ZERO: Self = Self(0);

    /// The place of the first entry.
    pub const FIRST: Self = Self(1);

    /// After every entry that there will ever be.
    pub const MAX: Self = Self(u64::MAX);

    /// The place of this number, counted from 1.
    #[must_use]
    #[inline]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns its number: how many entries there are up to here, this one included.
    #[must_use]
    #[inline]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Returns where it stands in a row that begins with another, counted from 0; none before that,
    /// and where no row is as long.
    #[must_use]
    #[inline]
    pub fn nth_from(self, first: Self) -> Option<usize> {
        usize::try_from(self.0.checked_sub(first.0)?).ok()
    }

    /// Returns the place after it; [`Position::MAX`] has none, and is returned itself.
    #[must_use]
    #[inline]
    pub const fn next(self) -> Self {
        self.plus(1)
    }

    /// Returns the place before it; [`Position::ZERO`] has none, and is returned itself.
    #[must_use]
    #[inline]
    pub const fn previous(self) -> Self {
        self.minus(1)
    }

    /// Returns the place so many entries later; [`Position::MAX`] where none is so late.
    #[must_use]
    #[inline]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// The same where the number is the length of a row, or a place in it.
    #[must_use]
    #[inline]
    pub const fn after(self, count: usize) -> Self {
        self.plus(count as u64)
    }

    /// Returns the place so many entries earlier; [`Position::ZERO`] where none is so early.
    #[must_use]
    #[inline]
    pub const fn minus(self, count: u64) -> Self {
        Self(self.0.saturating_sub(count))
    }

    /// Returns how many entries there are after an earlier place up to this one; 0 if it is not
    /// after it.
    #[must_use]
    #[inline]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns the places from this one to another, both included; none if that is before it.
    #[inline]
    pub fn to(self, last: Self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (self.0..=last.0).map(Self)
    }

    /// Returns every place from this one on.
    #[inline]
    pub fn onwards(self) -> impl Iterator<Item = Self> {
        (self.0..).map(Self)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// As its number, so that a row of places reads well.
impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
