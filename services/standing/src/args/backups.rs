//! The backups that a node makes by itself.

use clap::{Args, ValueHint};
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

/// What backups a node makes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Backups")]
#[expect(clippy::struct_field_names, reason = "they name the flags")]
pub struct Backups {
    /// Make backups in this folder, each named by the position that it goes up to; nothing else may
    /// be in it
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub backup_folder: Option<PathBuf>,
    /// How often one is made, if anything was recorded since the last
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "3600",
        requires = "backup_folder"
    )]
    pub backup_every: NonZeroU64,
    /// How many are kept: the last ones
    #[arg(
        long,
        value_name = "NUMBER",
        default_value = "24",
        requires = "backup_folder"
    )]
    pub backup_keep: NonZeroU32,
}
