//! Beside dear questions.

use crate::heavy::{DEAR, Load, start};
use crate::probe::{PROBES, probe};
use crate::process::{resident, seconds_until_idle};
use crate::scale::Scale;
use crate::server::{HEAVY, OTHER, Server, p99};
use standing_bench::Outcome;
use standing_bench::table::{Bound, Table};
use std::time::Duration;

/// What a probe may wait in 99 of 100 cases, in milliseconds.
const BOUNDS: [f64; 3] = [10.0, 50.0, 50.0];

/// How much a server may hold above an idle one, in bytes.
pub const ABOVE_IDLE: f64 = (512_u64 << 20) as f64;

pub fn dear(_: &Scale, table: &mut Table) -> Outcome {
    beside(None, table)?;
    for load in DEAR {
        beside(Some(load), table)?;
    }
    Ok(())
}

/// Probes beside a load, as somebody else and as who makes it.
fn beside(load: Option<Load>, table: &mut Table) -> Outcome {
    let server = Server::start()?;
    let what = load.map_or("nothing else", |load| load.what);
    let heavy = load.map(|load| start(&server, load)).transpose()?;
    std::thread::sleep(Duration::from_secs(2));
    let (most, outcome) = watched(server.pid(), || -> Outcome {
        for (who, token) in [("another", OTHER), ("the same", HEAVY)] {
            let methods = [("RightsService", "CheckRight"), ("LedgerService", "Record")];
            let before = methods.map(|method| server.counted(method));
            let waited = probe(&server, token)?;
            for ((name, waited), bound) in PROBES.iter().zip(waited).zip(BOUNDS) {
                let what = format!("{name} as {who}, beside {what}");
                table.value(&format!("{what}: p50"), "ms", waited.p50, None);
                let bound = Some(Bound::AtMost(bound));
                table.value(&format!("{what}: p99"), "ms", waited.p99, bound);
                table.value(&format!("{what}: most"), "ms", waited.most, None);
                table.value(
                    &format!("{what}: not answered"),
                    "",
                    waited.failed,
                    Some(Bound::AtMost(0.0)),
                );
            }
            for (method, before) in methods.into_iter().zip(before) {
                let name = method.1;
                let what = format!("{name} as {who}, beside {what}: p99 by the server, at most");
                table.value(&what, "ms", p99(&before?, &server.counted(method)?), None);
            }
        }
        Ok(())
    });
    outcome?;
    if let Some(heavy) = heavy {
        drop(heavy);
        let seconds = seconds_until_idle(server.pid())?;
        table.value(
            &format!("idle after {what} is killed"),
            "s",
            seconds,
            Some(Bound::AtMost(1.0)),
        );
    }
    let above = most.saturating_sub(server.idle) as f64;
    table.value(
        &format!("held above idle beside {what}"),
        "bytes",
        above,
        Some(Bound::AtMost(ABOVE_IDLE)),
    );
    Ok(())
}

/// Does work, and returns the most bytes that a process held meanwhile.
pub fn watched<T>(pid: u32, work: impl FnOnce() -> T) -> (u64, T) {
    let ended = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut most = 0;
            while !ended.load(std::sync::atomic::Ordering::Relaxed) {
                most = resident(pid).unwrap_or(0).max(most);
                std::thread::sleep(Duration::from_millis(20));
            }
            most
        });
        let outcome = work();
        ended.store(true, std::sync::atomic::Ordering::Relaxed);
        (watching.join().unwrap_or(0), outcome)
    })
}
