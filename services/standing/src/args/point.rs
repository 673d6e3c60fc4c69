//! Points in time, as a person types them.

pub use super::said::{date, said_day};
use clap::Args;
use standing_proto::v1;
use standing_proto::v1::point_in_time::KnownAt;

/// The two axes of a question.
#[derive(Debug, Clone, Default, Args)]
pub struct At {
    /// The day asked about: a date (2027-07-01, or 1 July 2027), today, yesterday, tomorrow, or
    /// opening of or close of a session; today where the association is if left out
    #[arg(long, value_name = "DAY", value_parser = said_day)]
    pub on: Option<String>,
    #[command(flatten)]
    pub known: Known,
}

/// As known when.
#[derive(Debug, Clone, Default, Args)]
pub struct Known {
    /// As known at a position of the log, at an instant (RFC 3339), or at the end of a day where
    /// the association is, said as with --on; all that is known if left out. A position after the
    /// ledger was restored without entries that were lost is written POSITION@EPOCH
    #[arg(long, value_name = "POSITION|INSTANT|DATE", value_parser = known_at)]
    pub known_at: Option<Then>,
    /// Read the law so, where it can be read in more ways than one; answers name the readings there
    /// are
    #[arg(long, value_name = "READING")]
    pub reading: Vec<String>,
}

/// A point of knowledge.
#[derive(Debug, Clone, PartialEq)]
pub struct Then {
    /// As known when.
    pub known_at: KnownAt,
    /// The epoch of the history that a position is of.
    pub epoch: u64,
}

impl At {
    /// Returns the point in time as the contract writes it.
    pub fn point(&self) -> v1::PointInTime {
        v1::PointInTime {
            on: self.on.clone().unwrap_or_default(),
            ..self.known.point()
        }
    }
}

impl Known {
    /// Returns the point in time as the contract writes it, on no date.
    pub fn point(&self) -> v1::PointInTime {
        v1::PointInTime {
            known_at: self.known_at.clone().map(|then| then.known_at),
            epoch: self.known_at.as_ref().map_or(0, |then| then.epoch),
            readings: self.reading.clone(),
            ..v1::PointInTime::default()
        }
    }
}

/// Reads as known when.
pub fn known_at(text: &str) -> Result<Then, String> {
    if let Some((position, epoch)) = position(text) {
        let known_at = KnownAt::Position(position);
        return Ok(Then { known_at, epoch });
    }
    let known_at = match said_day(text) {
        Ok(day) => KnownAt::Day(day),
        Err(_) => text.parse().map(KnownAt::Instant).map_err(|_| {
            "neither a position, nor an instant such as 2024-09-25T12:00:00Z, nor a date such as 2024-09-25"
        })?,
    };
    Ok(Then { known_at, epoch: 0 })
}

/// Reads a position, and the epoch of the history that it is of: 0 where none is said.
pub fn position(text: &str) -> Option<(u64, u64)> {
    let number = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    match text.split_once('@') {
        Some((position, epoch)) => Some((number(position)?, number(epoch)?)),
        None => Some((number(text)?, 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_at_is_a_position_an_instant_or_a_day() {
        let at = |text: &str| known_at(text).map(|then| (then.known_at, then.epoch));
        assert_eq!(at("0"), Ok((KnownAt::Position(0), 0)));
        assert_eq!(at("651"), Ok((KnownAt::Position(651), 0)));
        assert_eq!(at("651@1764"), Ok((KnownAt::Position(651), 1764)));
        assert_eq!(
            at("2024-09-25"),
            Ok((KnownAt::Day("2024-09-25".to_owned()), 0))
        );
        let instant = |text: &str| match known_at(text).map(|then| then.known_at) {
            Ok(KnownAt::Instant(instant)) => (instant.seconds, instant.nanos),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(instant("1970-01-01T00:00:01Z"), (1, 0));
        assert_eq!(instant("1970-01-01T09:00:00.5+09:00"), (0, 500_000_000));
        for text in [
            "",
            "-1",
            "99999999999999999999",
            "2024-13-01T00:00:00Z",
            "2024-09-31",
            "head",
            "651@",
            "@7",
            "2024-09-25@7",
        ] {
            assert!(known_at(text).is_err(), "{text}");
        }
    }
}
