//! What a file is verified with.

use super::Form;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// Verifies a ledger's file.
#[derive(Debug, Args)]
pub struct Verify {
    /// The ledger's file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Where the copy is made that is verified; the folder for temporary files if left out. It
    /// needs as much room as the file
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub scratch: Option<PathBuf>,
    #[command(flatten)]
    pub form: Form,
    /// Verify the file itself, in this process, and print the report as JSON
    #[arg(long, hide = true)]
    pub in_place: bool,
}
