//! What is done with a file, without a server.

use super::{Form, Login};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// Looks at a file.
#[derive(Debug, Args)]
pub struct Look {
    /// The ledger's file, or a backup
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Where the copy of a ledger's file is made that is looked at; the folder for temporary files
    /// if left out. It needs as much room as the file
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub scratch: Option<PathBuf>,
    #[command(flatten)]
    pub form: Form,
}

/// Verifies a file.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    pub look: Look,
    /// Verify the file itself, in this process, and print the report as JSON
    #[arg(long, hide = true)]
    pub in_place: bool,
}

/// Makes a ledger of a backup.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The file that the ledger is written to; it must not be there
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub data: PathBuf,
    /// The last position that was acknowledged to anybody, as a replica, the stream or whoever
    /// recorded it knows; a backup that ends before is refused
    #[arg(long, value_name = "POSITION", required_unless_present = "accept_loss")]
    pub expect_head: Option<u64>,
    /// Restore all the same where entries are lost with it, and resume the history by an entry
    /// that says so: whoever holds what was lost is told, and begins anew
    #[arg(long)]
    pub accept_loss: bool,
    /// Where JetStream is: a backup that ends before its stream is refused too
    #[arg(long, value_name = "URL", help_heading = "NATS")]
    pub nats: Option<String>,
    #[command(flatten)]
    pub login: Login,
    /// A copy of the key file, as --backup-keys keeps one: it is put beside the ledger, ending in
    /// .keys
    #[arg(long, value_name = "FILE", requires = "identity", value_hint = ValueHint::FilePath)]
    pub keys: Option<PathBuf>,
    /// A file with the secret key of age that reads the copy
    #[arg(long, value_name = "FILE", requires = "keys", value_hint = ValueHint::FilePath)]
    pub identity: Option<PathBuf>,
}
