//! The `standing` binary: serves a ledger, records into one, and asks it.

mod args;
mod client;
mod commands;
mod failure;
mod file;
mod import;
#[cfg(feature = "nats")]
mod nats;
mod output;
mod render;
mod serve;
mod settings;
mod wire;

use args::Command;
use failure::Failure;
use settings::Settings;
use std::process::ExitCode;

/// What a server freed goes back to the system. The C library's allocator keeps it, by thread:
/// after an hour of calls it held four times what the ledger needs.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match settings::read().and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure);
            failure.exit_code()
        }
    }
}

fn run(settings: Settings) -> Result<(), Failure> {
    if let Some(settings) = settings.printed() {
        return output::say_as_is(&settings);
    }
    match settings.cli.command {
        Command::Serve(args) => serve::serve(&args, &settings.access),
        Command::Replica(args) => serve::replica(&args, &settings.access),
        Command::Verify(args) => file::verify::verify(&args),
        Command::Inspect(args) => file::inspect::inspect(&args),
        Command::Restore(args) => file::restore::restore(&args),
        Command::Completions { shell } => output::say_as_is(&args::completions(shell)),
        Command::Manual { folder } => args::manual(&folder).map_err(|error| {
            let folder = folder.display();
            Failure::failed(format!("cannot write the manual into {folder}")).because(&error)
        }),
        Command::Call(call) => output::say(&commands::run(call)?),
        Command::Watch(watch) => commands::watch(watch),
        Command::WhatIf(what_if) => output::say(&commands::what_if(what_if)?),
    }
}
