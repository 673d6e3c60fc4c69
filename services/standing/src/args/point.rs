//! Points in time, as a person types them.

use clap::Args;
use prost_types::Timestamp;
use standing_domain::time::day::Day;
use standing_proto::v1;
use standing_proto::v1::point_in_time::KnownAt;

/// The two axes of a question.
#[derive(Debug, Clone, Default, Args)]
pub struct At {
    /// The date asked about (YYYY-MM-DD); today in the association's time zone if left out
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub on: Option<String>,
    #[command(flatten)]
    pub known: Known,
}

/// As known when.
#[derive(Debug, Clone, Default, Args)]
pub struct Known {
    /// As known at a position of the log, at an instant (RFC 3339), or at the end of a day where
    /// the association is; all that is known if left out
    #[arg(long, value_name = "POSITION|INSTANT|DATE", value_parser = known_at)]
    pub known_at: Option<KnownAt>,
    /// Read the law so, where it can be read in more ways than one; answers name the readings there
    /// are
    #[arg(long, value_name = "READING")]
    pub reading: Vec<String>,
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
            known_at: self.known_at.clone(),
            readings: self.reading.clone(),
            ..v1::PointInTime::default()
        }
    }
}

/// Reads a date.
pub fn date(text: &str) -> Result<String, String> {
    let day = Day::parse(text).map_err(|error| error.to_string())?;
    Ok(day.to_string())
}

fn known_at(text: &str) -> Result<KnownAt, String> {
    if text.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(position) = text.parse()
    {
        return Ok(KnownAt::Position(position));
    }
    if let Ok(day) = date(text) {
        return Ok(KnownAt::Day(day));
    }
    text.parse::<Timestamp>().map(KnownAt::Instant).map_err(|_| {
        "neither a position, nor an instant such as 2024-09-25T12:00:00Z, nor a date such as 2024-09-25"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_at_is_a_position_an_instant_or_a_day() {
        assert_eq!(known_at("0"), Ok(KnownAt::Position(0)));
        assert_eq!(known_at("651"), Ok(KnownAt::Position(651)));
        assert_eq!(
            known_at("2024-09-25"),
            Ok(KnownAt::Day("2024-09-25".to_owned()))
        );
        let instant = |text: &str| match known_at(text) {
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
        ] {
            assert!(known_at(text).is_err(), "{text}");
        }
    }
}
