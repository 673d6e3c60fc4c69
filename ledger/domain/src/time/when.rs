//! `When`: a window of civil days, or the edge of a session (rule 5).

use crate::id::SessionId;
use crate::time::day::{Day, DayError, digits};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A window of civil days, both ends included, of which one is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Window {
    /// The earliest day it can be.
    pub earliest: Day,
    /// The latest day it can be; not before the earliest.
    pub latest: Day,
}

/// A window that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// A date in it cannot be read.
    #[error(transparent)]
    Day(#[from] DayError),
    /// It ends before it begins.
    #[error("the window ends ({latest}) before it begins ({earliest})")]
    EndsBeforeItBegins {
        /// Its first day as given.
        earliest: Day,
        /// Its last day as given.
        latest: Day,
    },
}

impl Window {
    /// Returns the window from one day to another, both included.
    ///
    /// # Errors
    /// It would end before it begins.
    pub fn new(earliest: Day, latest: Day) -> Result<Self, WindowError> {
        if latest < earliest {
            return Err(WindowError::EndsBeforeItBegins { earliest, latest });
        }
        Ok(Self { earliest, latest })
    }

    /// Returns the window of one known day.
    #[must_use]
    pub const fn day(day: Day) -> Self {
        Self {
            earliest: day,
            latest: day,
        }
    }

    /// Reads `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    ///
    /// ```
    /// use standing_domain::time::when::Window;
    ///
    /// // A source that knows the month says that it was one of its days.
    /// let july = Window::parse("2012-07")?;
    /// assert_eq!(july.earliest.to_string(), "2012-07-01");
    /// assert_eq!(july.latest.to_string(), "2012-07-31");
    /// assert!(july.overlaps(Window::parse("2012")?));
    /// assert!(Window::parse("2012-07-17")?.is_day());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The text is none of the three, names a day that does not exist, or is out of range.
    pub fn parse(text: &str) -> Result<Self, WindowError> {
        let wrong = || DayError::NotADate {
            text: text.chars().take(80).collect(),
            expected: "YYYY-MM-DD, YYYY-MM or YYYY",
        };
        let first = |y: u32, m: u32| {
            let (Ok(y), Ok(m)) = (i16::try_from(y), i8::try_from(m)) else {
                return Err(wrong());
            };
            Date::new(y, m, 1).map_err(|_| wrong())
        };
        match text.len() {
            10 => Ok(Self::day(Day::parse(text).map_err(
                |error| match error {
                    DayError::NotADate { .. } => wrong(),
                    other @ DayError::OutOfRange(_) => other,
                },
            )?)),
            7 => {
                let [y, m] = digits(text, &[4, 2]).ok_or_else(wrong)?;
                let first = first(y, m)?;
                Self::new(
                    Day::from_date(first)?,
                    Day::from_date(first.last_of_month())?,
                )
            }
            4 => {
                let [y] = digits(text, &[4]).ok_or_else(wrong)?;
                let first = first(y, 1)?;
                Self::new(
                    Day::from_date(first)?,
                    Day::from_date(first.last_of_year())?,
                )
            }
            _ => Err(wrong().into()),
        }
    }

    /// Returns whether the day is known.
    #[must_use]
    pub fn is_day(self) -> bool {
        self.earliest == self.latest
    }

    /// Returns whether one day could be in both.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.earliest <= other.latest && other.earliest <= self.latest
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_day() {
            return self.earliest.fmt(f);
        }
        let (first, last) = (self.earliest.date(), self.latest.date());
        if first == first.first_of_year() && last == first.last_of_year() {
            write!(f, "{:04}", first.year())
        } else if first == first.first_of_month() && last == first.last_of_month() {
            write!(f, "{:04}-{:02}", first.year(), first.month())
        } else {
            write!(f, "{}..{}", self.earliest, self.latest)
        }
    }
}

/// An edge of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Edge {
    /// Its first day.
    Opening,
    /// Its last day.
    Close,
}

/// When a session meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sitting {
    /// When its first day is.
    pub opening: Window,
    /// When its last day is.
    pub closing: Window,
}

impl Sitting {
    /// Returns when an edge of the session is.
    #[must_use]
    pub fn edge(self, edge: Edge) -> Window {
        match edge {
            Edge::Opening => self.opening,
            Edge::Close => self.closing,
        }
    }
}

/// When something is so in the world.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum When {
    /// On one day of a window.
    Window(Window),
    /// On the day of a session's edge, wherever the session moves.
    Anchor {
        /// The session.
        session: SessionId,
        /// Which edge.
        edge: Edge,
    },
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Window(window) => window.fmt(f),
            Self::Anchor {
                session,
                edge: Edge::Opening,
            } => write!(f, "opening of {session}"),
            Self::Anchor {
                session,
                edge: Edge::Close,
            } => write!(f, "close of {session}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_5_a_month_and_a_year_are_windows() {
        assert_eq!(
            Window::parse("2012-07").unwrap(),
            Window::new(day("2012-07-01"), day("2012-07-31")).unwrap()
        );
        assert_eq!(
            Window::parse("1998").unwrap(),
            Window::new(day("1998-01-01"), day("1998-12-31")).unwrap()
        );
        for text in ["2012-07-03", "2012-07", "2012"] {
            assert_eq!(Window::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_window_does_not_end_before_it_begins() {
        assert!(matches!(
            Window::new(day("2012-07-02"), day("2012-07-01")),
            Err(WindowError::EndsBeforeItBegins { .. })
        ));
        for wrong in [
            "2012-13",
            "12-07",
            "2012-7",
            "abcd",
            "2024-02-30",
            "1899",
            "2201-01",
        ] {
            assert!(Window::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }
}
