//! The backups that a node makes by itself.

use clap::{Args, ValueHint};
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

/// What backups a node makes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Backup")]
#[expect(clippy::struct_field_names, reason = "they name the flags")]
pub struct Backups {
    /// Make backups in this folder, each named by the position that it goes up to; it has to be
    /// there, and nothing else may be in it
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
    /// Keep a copy of the key file in this folder, which only --backup-keys-to can read; it has to
    /// be there, and elsewhere than the backups
    #[arg(long, value_name = "FOLDER", requires = "backup_folder", requires = "backup_keys_to", value_hint = ValueHint::DirPath)]
    pub backup_keys: Option<PathBuf>,
    /// To whom the copy is encrypted: a public key of age (age1...), whose other half is elsewhere
    #[arg(long, value_name = "RECIPIENT", requires = "backup_keys", value_parser = recipient)]
    pub backup_keys_to: Option<String>,
}

/// Refuses what is no public key of age.
fn recipient(text: &str) -> Result<String, String> {
    let read: Result<age::x25519::Recipient, _> = text.parse();
    read.map(|_| text.to_owned()).map_err(|what| {
        format!("{what}: a public key of age is expected, which begins with age1; age-keygen makes one with its secret half")
    })
}
