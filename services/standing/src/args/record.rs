//! What is recorded.

use super::Form;
use clap::{Args, ValueEnum, ValueHint};
use standing_proto::v1;
use std::path::PathBuf;

/// Records files of drafts.
#[derive(Debug, Args)]
pub struct Import {
    /// Files, or folders with files that end in .jsonl; a folder's files are taken in the order of
    /// their names
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
}

/// Records one batch.
#[derive(Debug, Args)]
pub struct Record {
    /// A file with one draft a line, in canonical protobuf JSON; - is the standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The request's id; made and printed before sending if left out
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,
    /// Of which epoch the positions are that the drafts name, where the ledger was restored without
    /// entries that were lost
    #[arg(
        long,
        value_name = "EPOCH",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub epoch: u64,
    /// Show what it would do, and write nothing; whether you may record it is not asked
    #[arg(long)]
    pub dry_run: bool,
    /// What to do if the law disapproves of what is recorded
    #[arg(long, value_enum, default_value_t = Irregular::Refuse)]
    pub irregular: Irregular,
    #[command(flatten)]
    pub form: Form,
}

/// What to do if the law disapproves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Irregular {
    /// Refuse the batch
    Refuse,
    /// Record it; the findings are shown for ever
    Record,
}

impl From<Irregular> for v1::IrregularPolicy {
    fn from(irregular: Irregular) -> Self {
        match irregular {
            Irregular::Refuse => Self::Refuse,
            Irregular::Record => Self::Record,
        }
    }
}
