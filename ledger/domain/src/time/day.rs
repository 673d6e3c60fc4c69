//! Civil days, without time zone and time of day.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A civil day from 1900-01-01 to 2200-12-31, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i32", into = "i32")]
pub struct Day(i32);

const EPOCH: Date = Date::constant(1970, 1, 1);

/// A date that cannot be read, with what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    /// The text is not a date of the accepted forms, or no such day exists.
    #[error("{text:?} is not a date ({expected})")]
    NotADate {
        /// The text, cut to 80 characters.
        text: String,
        /// The forms that would have been accepted.
        expected: &'static str,
    },
    /// The date exists but the ledger does not count it.
    #[error("{0} is outside 1900-01-01 to 2200-12-31")]
    OutOfRange(String),
}

impl Day {
    /// The first day the ledger counts: 1900-01-01.
    pub const MIN: Self = Self(-25_567);
    /// The last day the ledger counts: 2200-12-31.
    pub const MAX: Self = Self(84_370);

    /// Returns the day of a civil date.
    ///
    /// # Errors
    /// The date lies outside [`Day::MIN`] to [`Day::MAX`].
    pub fn from_date(date: Date) -> Result<Self, DayError> {
        let days = EPOCH.until(date).map_or(i32::MAX, |span| span.get_days());
        Self::try_from(days).map_err(|_| DayError::OutOfRange(date.to_string()))
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// ```
    /// use standing_domain::time::day::Day;
    ///
    /// let day = Day::parse("2012-02-28")?;
    /// assert_eq!(day.next().to_string(), "2012-02-29");
    /// assert!(Day::parse("2013-02-29").is_err());
    /// assert!(Day::parse("2012-2-28").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The text is no such date, the day does not exist (a 30th of February), or is out of range.
    pub fn parse(text: &str) -> Result<Self, DayError> {
        let expected = "YYYY-MM-DD";
        let wrong = || DayError::NotADate {
            text: text.chars().take(80).collect(),
            expected,
        };
        let [y, m, d] = digits(text, &[4, 2, 2]).ok_or_else(wrong)?;
        let (Ok(y), Ok(m), Ok(d)) = (i16::try_from(y), i8::try_from(m), i8::try_from(d)) else {
            return Err(wrong());
        };
        Self::from_date(Date::new(y, m, d).map_err(|_| wrong())?)
    }

    /// Returns the civil date.
    #[must_use]
    pub fn date(self) -> Date {
        EPOCH.saturating_add(jiff::Span::new().days(self.0))
    }

    /// Returns the calendar year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.date().year()
    }

    /// Returns the day after, or the same day at the end of the range.
    #[must_use]
    pub fn next(self) -> Self {
        Self((self.0 + 1).min(Self::MAX.0))
    }

    /// Returns the day before, or the same day at the start of the range.
    #[must_use]
    pub fn previous(self) -> Self {
        Self((self.0 - 1).max(Self::MIN.0))
    }

    /// Returns the first day of a calendar year, cut to the range.
    #[must_use]
    pub fn first_of_year(year: i16) -> Self {
        Date::new(year.clamp(1900, 2200), 1, 1)
            .ok()
            .and_then(|date| Self::from_date(date).ok())
            .unwrap_or(Self::MIN)
    }

    /// Adds months, clamping to the end of the month (rule 5): one month after 31 January is the
    /// last of February.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        let date = self
            .date()
            .saturating_add(jiff::Span::new().months(months.clamp(-4_000, 4_000)));
        Self::from_date(date).unwrap_or(if months < 0 { Self::MIN } else { Self::MAX })
    }
}

/// Splits `text` at its hyphens into numbers of exactly these widths.
pub(crate) fn digits<const N: usize>(text: &str, widths: &[usize; N]) -> Option<[u32; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split('-');
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != *width || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

impl TryFrom<i32> for Day {
    type Error = DayError;

    fn try_from(days: i32) -> Result<Self, DayError> {
        if (Self::MIN.0..=Self::MAX.0).contains(&days) {
            Ok(Self(days))
        } else {
            Err(DayError::OutOfRange(format!("day {days}")))
        }
    }
}

impl From<Day> for i32 {
    fn from(day: Day) -> Self {
        day.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_1900_to_2200() {
        assert_eq!(Day::parse("1900-01-01").unwrap(), Day::MIN);
        assert_eq!(Day::parse("2200-12-31").unwrap(), Day::MAX);
        assert!(matches!(
            Day::parse("1899-12-31"),
            Err(DayError::OutOfRange(_))
        ));
        assert!(matches!(
            Day::parse("2201-01-01"),
            Err(DayError::OutOfRange(_))
        ));
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for wrong in [
            "2024-02-30",
            "2023-02-29",
            "2024-13-01",
            "2024-1-01",
            "20240101",
            "",
            "2024-01-01x",
        ] {
            assert!(
                matches!(Day::parse(wrong), Err(DayError::NotADate { .. })),
                "{wrong:?}"
            );
        }
        assert_eq!(Day::parse("2024-02-29").unwrap().to_string(), "2024-02-29");
    }

    #[test]
    fn rule_5_months_are_added_by_clamping() {
        let day = |text| Day::parse(text).unwrap();
        assert_eq!(day("2023-01-31").plus_months(1), day("2023-02-28"));
        assert_eq!(day("2024-01-31").plus_months(1), day("2024-02-29"));
        assert_eq!(day("2024-03-31").plus_months(-1), day("2024-02-29"));
    }
}
