//! What callers can make a server hold: bodies that do not end, and answers and watches that nobody
//! reads.

use crate::dear::{ABOVE_IDLE, watched};
use crate::heavy::{MEMORY, start};
use crate::process::seconds_until_idle;
use crate::scale::Scale;
use crate::server::Server;
use standing_bench::Outcome;
use standing_bench::table::{Bound, Table};
use std::time::Duration;

/// How long each lasts.
const WHILE: Duration = Duration::from_secs(15);

pub fn memory(_: &Scale, table: &mut Table) -> Outcome {
    for load in MEMORY {
        let server = Server::start()?;
        let (most, heavy) = watched(server.pid(), || {
            let heavy = start(&server, load);
            std::thread::sleep(WHILE);
            heavy
        });
        drop(heavy?);
        let seconds = seconds_until_idle(server.pid())?;
        let above = most.saturating_sub(server.idle) as f64;
        let what = load.what;
        table.value(
            &format!("held above idle: {what}"),
            "bytes",
            above,
            Some(Bound::AtMost(ABOVE_IDLE)),
        );
        table.value(
            &format!("idle after {what} is killed"),
            "s",
            seconds,
            Some(Bound::AtMost(1.0)),
        );
    }
    Ok(())
}
