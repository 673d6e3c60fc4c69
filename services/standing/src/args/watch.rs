//! Watching, and asking about streams.

use super::{Form, Online, point};
use clap::{ArgGroup, Args, Subcommand};
use prost_types::Timestamp;
use standing_domain::time::day::Day;
use standing_proto::v1::ChangeCursor;

/// Shows what happens.
#[derive(Debug, Subcommand)]
pub enum Watch {
    /// Show entries as they are recorded
    Entries(Online<WatchEntries>),
    /// Show how rights change, whoever or whatever changes them: an entry, the law, or a day that
    /// begins
    Rights(Online<WatchRights>),
}

/// How long a watch goes on, and how it is shown.
#[derive(Debug, Clone, Default, Args)]
pub struct Watching {
    /// End once everything up to the head has been shown
    #[arg(long)]
    pub until_caught_up: bool,
    /// Print every message of the watch as canonical protobuf JSON, one a line
    #[arg(long)]
    pub json: bool,
}

/// Whose.
#[derive(Debug, Clone, Default, Args)]
pub struct Filter {
    /// Only what concerns this party: its id, or a name of any time in any language; may be
    /// repeated
    #[arg(long, value_name = "NAME_OR_ID")]
    pub party: Vec<String>,
}

/// Watches entries.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("start").args(["after", "since", "now"]))]
pub struct WatchEntries {
    /// Begin after this position; 0 is before the first entry. One after the ledger was restored
    /// without entries that were lost is written POSITION@EPOCH
    #[arg(long, value_name = "POSITION", value_parser = position)]
    pub after: Option<(u64, u64)>,
    /// Begin with what was recorded at this instant (RFC 3339) or later
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub since: Option<Timestamp>,
    /// Begin with the next entry recorded; so it is if nothing is said
    #[arg(long)]
    pub now: bool,
    /// Only entries of this kind; may be repeated
    #[arg(
        long,
        value_name = "KIND",
        help = "Only entries of this kind, for example member_admitted; may be repeated"
    )]
    pub kind: Vec<String>,
    #[command(flatten)]
    pub filter: Filter,
    #[command(flatten)]
    pub watching: Watching,
}

/// Watches rights.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("start").args(["after", "since", "now"]))]
pub struct WatchRights {
    /// Begin after this position, or after the cursor of a message, written
    /// POSITION/DAY/INDEX/COUNT; 0 is before everything. One after the ledger was restored without
    /// entries that were lost is written POSITION@EPOCH, with the rest behind it
    #[arg(long, value_name = "POSITION|CURSOR", value_parser = cursor)]
    pub after: Option<ChangeCursor>,
    /// Begin with what was recorded at this instant (RFC 3339) or later
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub since: Option<Timestamp>,
    /// Begin with the next change; so it is if nothing is said
    #[arg(long)]
    pub now: bool,
    /// Only changes of this right, for example vote; may be repeated
    #[arg(long)]
    pub right: Vec<String>,
    #[command(flatten)]
    pub filter: Filter,
    #[command(flatten)]
    pub watching: Watching,
}

/// Asks about streams.
#[derive(Debug, Subcommand)]
pub enum Stream {
    /// Tell how far the server and its streams are from each other
    Status(Online<StreamStatus>),
}

/// Asks how far the server and its streams are from each other.
#[derive(Debug, Args)]
pub struct StreamStatus {
    #[command(flatten)]
    pub form: Form,
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "not an instant such as 2024-09-25T12:00:00Z".to_owned())
}

fn position(text: &str) -> Result<(u64, u64), String> {
    point::position(text).ok_or_else(|| "not a position such as 812".to_owned())
}

fn cursor(text: &str) -> Result<ChangeCursor, String> {
    let wrong = || "neither a position nor a cursor such as 812/2026-11-25/1/3".to_owned();
    let parts: Vec<&str> = text.split('/').collect();
    let (position, epoch) = point::position(parts[0]).ok_or_else(wrong)?;
    match parts[1..] {
        [] => Ok(ChangeCursor {
            position,
            epoch,
            ..ChangeCursor::default()
        }),
        [day, index, count] => Ok(ChangeCursor {
            position,
            day: Day::parse(day)
                .map_err(|error| error.to_string())?
                .to_string(),
            index: index.parse().map_err(|_| wrong())?,
            count: count.parse().map_err(|_| wrong())?,
            epoch,
        }),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_a_position_or_all_of_it() {
        let read = |text: &str| {
            let cursor = cursor(text)?;
            assert_eq!(cursor.epoch, if text.contains('@') { 1764 } else { 0 });
            Ok::<_, String>((cursor.position, cursor.day, cursor.index, cursor.count))
        };
        assert_eq!(read("812"), Ok((812, String::new(), 0, 0)));
        assert_eq!(read("812@1764"), Ok((812, String::new(), 0, 0)));
        assert_eq!(
            read("812@1764/2026-11-25/1/3"),
            Ok((812, "2026-11-25".to_owned(), 1, 3))
        );
        assert_eq!(
            read("812/2026-11-25/1/3"),
            Ok((812, "2026-11-25".to_owned(), 1, 3))
        );
        for text in [
            "",
            "-1",
            "812/",
            "812/2026-11-25",
            "812/2026-13-25/1/3",
            "812/2026-11-25/1/3/4",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
