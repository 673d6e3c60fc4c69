//! Opening the ledger that is served.

use crate::args;
use crate::failure::Failure;
use crate::output;
use indicatif::ProgressBar;
use standing_domain::id::AssociationId;
use standing_server::Metrics;
use standing_server::engine::{Ledger, OnCommit, Options, Recorder, Role, store};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// What a ledger is opened on the condition of, besides where it is.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Whose it is; anybody's if none is named.
    pub association: Option<&'a AssociationId>,
    /// Whether the clock is right however far it is ahead of the last entry.
    pub accept_clock: bool,
}

/// Opens the ledger, or makes it; shows how far it has been read, and says what is wrong with it.
///
/// # Errors
/// The file is no ledger, is in use, cannot be read, is another association's, or ends before it is
/// expected to. It is left as it was.
pub fn open(
    args: &args::Opening,
    expected: Expected<'_>,
    role: Role,
    metrics: &Arc<Metrics>,
) -> Result<Recorder, Failure> {
    let data = &args.data;
    if let (Some(head), Ok(false)) = (args.expect_head.filter(|head| *head > 0), data.try_exists())
    {
        let what = format!("there is no ledger at {}", data.display());
        return Err(Failure::failed(what).detail(format!(
            "--expect-head {head} says that there was one: put it there, or leave the flag out to begin a new one"
        )));
    }
    if let Some(folder) = data.parent() {
        fs::create_dir_all(folder).map_err(|error| {
            Failure::failed(format!("cannot make {}", folder.display())).because(&error)
        })?;
    }
    let bar = output::progress("reading the ledger", 0);
    let options = Options {
        accept_clock: expected.accept_clock,
        on_commit: Some(counting(metrics)),
        ..options(args, &bar)
    };
    let opened = match role {
        Role::Writer => Recorder::open(data, &options),
        Role::Follower => Recorder::open_follower(data, &options),
    };
    bar.finish_and_clear();
    let recorder =
        opened.map_err(|error| Failure::failed("cannot open the ledger").because(&error))?;
    for trouble in recorder.ledger().troubles() {
        output::note(&format!(
            "warning: {}: {}",
            trouble.kind.word(),
            trouble.text
        ));
    }
    is_expected(
        recorder.ledger(),
        data,
        expected.association,
        args.expect_head,
    )?;
    Ok(recorder)
}

/// Refuses a ledger that is another one than whoever starts it says.
fn is_expected(
    ledger: &Ledger,
    data: &Path,
    association: Option<&AssociationId>,
    head: Option<u64>,
) -> Result<(), Failure> {
    let data = data.display();
    let found = ledger.association();
    if let (Some(expected), Some(found)) = (association, found)
        && *expected != found
    {
        let what =
            format!("the ledger at {data} is that of association {found}, not of {expected}");
        return Err(
            Failure::failed(what).detail("put the right file there, or change --association")
        );
    }
    let (last, expected) = (ledger.head().position.number(), head.unwrap_or(0));
    if last < expected {
        let what = format!("the ledger at {data} ends at position {last}, before {expected}");
        return Err(Failure::failed(what).detail(
            "--expect-head says that it had come so far: this is an older copy; find the newer one before anything is recorded",
        ));
    }
    Ok(())
}

/// Counts what is made durable.
fn counting(metrics: &Arc<Metrics>) -> OnCommit {
    let metrics = Arc::clone(metrics);
    Arc::new(move |entries, took| metrics.note_commit(entries, took))
}

fn options(args: &args::Opening, bar: &ProgressBar) -> Options {
    let bar = bar.clone();
    Options {
        log: store::Options {
            quick_repair: args.quick_repair,
            check: match args.check {
                args::Checking::Always => store::Check::Always,
                args::Checking::Never => store::Check::Never,
            },
            ..store::Options::default()
        },
        keys: args.keys.clone(),
        disk_reserve: args.disk_reserve,
        keeps_ahead: true,
        progress: Some(Arc::new(move |read, total| {
            bar.set_length(total);
            bar.set_position(read);
        })),
        ..Options::default()
    }
}
