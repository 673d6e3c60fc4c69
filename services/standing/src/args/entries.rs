//! Reading the log.

use super::{Form, point};
use clap::Args;

/// Asks where the log stands.
#[derive(Debug, Args)]
pub struct Head {
    #[command(flatten)]
    pub form: Form,
}

/// Asks for an entry.
#[derive(Debug, Args)]
pub struct Entry {
    /// Its position, from 1
    pub position: u64,
    #[command(flatten)]
    pub form: Form,
}

/// Asks for entries: all, or those for which all holds that is said.
#[derive(Debug, Args)]
pub struct Entries {
    /// Only entries that concern this party: its id, or a name of any time in any language
    #[arg(long, value_name = "NAME_OR_ID")]
    pub party: Option<String>,
    /// Only entries that concern this session
    #[arg(long, value_name = "SERIES/ORDINAL")]
    pub session: Option<String>,
    /// Only entries that this actor recorded
    #[arg(long, value_name = "ACTOR")]
    pub actor: Option<String>,
    /// Only entries of this kind; may be repeated
    #[arg(
        long,
        value_name = "KIND",
        help = "Only entries of this kind, for example member_admitted; may be repeated"
    )]
    pub kind: Vec<String>,
    /// Only entries recorded on this date or later, where the association is
    #[arg(long, value_name = "DATE", value_parser = point::date)]
    pub recorded_from: Option<String>,
    /// Only entries recorded on this date or earlier
    #[arg(long, value_name = "DATE", value_parser = point::date)]
    pub recorded_to: Option<String>,
    #[command(flatten)]
    pub form: Form,
}
