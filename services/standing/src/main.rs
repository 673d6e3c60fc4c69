//! The `standing` binary: serves a ledger, records into one, and asks it.

mod args;
mod client;
mod commands;
mod failure;
mod import;
mod output;
mod render;
mod serve;
mod verify;

use args::{Cli, Command};
use clap::Parser as _;
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure);
            failure.exit_code()
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => serve::serve(&args),
        Command::Replica(args) => serve::replica(&args),
        Command::Verify(args) => verify::verify(&args),
        Command::Completions { shell } => output::say_as_is(&args::completions(shell)),
        Command::Call(call) => output::say(&commands::run(call)?),
        Command::Watch(watch) => commands::watch(watch),
        Command::WhatIf(what_if) => output::say(&commands::what_if(what_if)?),
    }
}
