//! When something changes: days, what lies ahead, and what was known when.

use super::point::Then;
use super::{At, Form, Known, point};
use clap::{Args, ValueEnum};
use standing_proto::v1;

/// Asks for a party's history.
#[derive(Debug, Args)]
pub struct History {
    /// The party: its id, or a name of any time in any language
    pub party: String,
    /// Tell how its class was known to change, from each entry on with which that was known
    /// otherwise
    #[arg(long)]
    pub as_known: bool,
    /// The same of a right
    #[arg(long, value_name = "RIGHT", requires = "as_known")]
    pub right: Option<String>,
    /// In this body
    #[arg(long, value_name = "BODY", requires = "right")]
    pub body: Option<String>,
    #[command(flatten)]
    pub known: Known,
    #[command(flatten)]
    pub form: Form,
}

/// Asks for the days on which something changes.
#[derive(Debug, Args)]
pub struct Days {
    #[command(flatten)]
    pub of: Subject,
    /// Only from this date on
    #[arg(long, value_name = "DATE", value_parser = point::date)]
    pub from: Option<String>,
    /// Only up to this date
    #[arg(long, value_name = "DATE", value_parser = point::date)]
    pub to: Option<String>,
    #[command(flatten)]
    pub known: Known,
    #[command(flatten)]
    pub form: Form,
}

/// Whose days.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Subject {
    /// Of this party: its id, or a name of any time in any language
    #[arg(long, value_name = "NAME_OR_ID")]
    pub party: Option<String>,
    /// Of this session
    #[arg(long, value_name = "SERIES/ORDINAL")]
    pub session: Option<String>,
    /// Of this article, for example charter/9.1
    #[arg(long, value_name = "INSTRUMENT/ARTICLE")]
    pub article: Option<String>,
    /// Of this office: the days on which it passes on
    #[arg(long, value_name = "OFFICE")]
    pub office: Option<String>,
    /// Of the roll: the days on which somebody's class changes
    #[arg(long)]
    pub roll: bool,
}

/// Asks what lies ahead.
#[derive(Debug, Args)]
pub struct Upcoming {
    /// Only what is about this party: its id, or a name of any time in any language
    pub party: Option<String>,
    /// Only what is of this kind; may be repeated
    #[arg(long)]
    pub kind: Vec<Kind>,
    /// Only up to this date; a year ahead if left out
    #[arg(long, value_name = "DATE", value_parser = point::date)]
    pub to: Option<String>,
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// What lies ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A session opens
    Session,
    /// A term of an office ends
    Term,
    /// A right starts or stops
    Right,
    /// It is the last day to pay
    Payment,
    /// It is the last day to pay so that a right is kept
    Keep,
    /// A waiver, a plan or a suspension ends
    Review,
}

impl From<Kind> for v1::UpcomingKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Session => Self::Session,
            Kind::Term => Self::TermEnds,
            Kind::Right => Self::Right,
            Kind::Payment => Self::Payment,
            Kind::Keep => Self::Keep,
            Kind::Review => Self::Review,
        }
    }
}

/// Asks whose answers differ between two states of knowledge.
#[derive(Debug, Args)]
pub struct Compare {
    /// Only this party: its id, or a name of any time in any language
    pub party: Option<String>,
    /// The earlier knowledge: as known at a position, an instant (RFC 3339), or the end of a day
    #[arg(long, value_name = "POSITION|INSTANT|DATE", value_parser = point::known_at)]
    pub before: Then,
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}
