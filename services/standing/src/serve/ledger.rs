//! Opening the ledger that is served.

use crate::args;
use crate::failure::Failure;
use crate::output;
use indicatif::ProgressBar;
use standing_server::engine::{Engine, Options, Role, store};
use std::fs;
use std::sync::Arc;

/// Opens the ledger, or makes it; shows how far it has been read.
///
/// # Errors
/// The file is no ledger, is in use, or cannot be read. It is left as it was.
pub fn open(args: &args::Opening, role: Role, accept_clock: bool) -> Result<Engine, Failure> {
    let data = &args.data;
    if let Some(folder) = data.parent() {
        fs::create_dir_all(folder).map_err(|error| {
            Failure::failed(format!("cannot make {}", folder.display())).because(&error)
        })?;
    }
    let bar = output::progress("reading the ledger", 0);
    let options = Options {
        accept_clock,
        ..options(args, &bar)
    };
    let opened = match role {
        Role::Writer => Engine::open(data, &options),
        Role::Follower => Engine::open_follower(data, &options),
    };
    bar.finish_and_clear();
    opened.map_err(|error| Failure::failed("cannot open the ledger").because(&error))
}

fn options(args: &args::Opening, bar: &ProgressBar) -> Options {
    let bar = bar.clone();
    Options {
        log: store::Options {
            quick_repair: args.quick_repair,
            ..store::Options::default()
        },
        keys: args.keys.clone(),
        disk_reserve: args.disk_reserve,
        progress: Some(Arc::new(move |read, total| {
            bar.set_length(total);
            bar.set_position(read);
        })),
        ..Options::default()
    }
}
