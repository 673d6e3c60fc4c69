//! One size: the process that opens a ledger, serves it, and asks it while a writer records.

use crate::callers::{Callers, connect};
use crate::law;
use crate::questions::{ALL, Asked};
use crate::row::Row;
use crate::scale::Scale;
use crate::writer::Writer;
use standing_bench::crowd::Size;
use standing_bench::memory::resident;
use standing_bench::rounds::{percentile, rate};
use standing_bench::served::Served;
use standing_bench::{Outcome, world};
use standing_engine::{Options, Recorder};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Writes a size as the arguments that [`read`] reads.
pub fn written(size: Size) -> [String; 3] {
    [size.registered, size.members, size.sessions].map(|number| number.to_string())
}

/// Reads a size from arguments.
pub fn read(arguments: &[String]) -> Outcome<Size> {
    let [registered, members, sessions, ..] = arguments else {
        return Err("a size is three numbers".into());
    };
    Ok(Size {
        registered: registered.parse()?,
        members: members.parse()?,
        sessions: sessions.parse()?,
    })
}

/// Opens a ledger, measures, and prints the rows.
pub fn serve_and_ask(path: &Path, size: Size, scale: &Scale) -> Outcome {
    let (before, begun) = (resident()?, Instant::now());
    let options = Options {
        keeps_ahead: true,
        ..world::options()
    };
    let engine = Arc::new(Recorder::open(path, &options)?);
    Row::new("opening", "s", begun.elapsed().as_secs_f64()).tell();
    let held = resident()?.saturating_sub(before) as f64;
    Row::new("memory after opening", "bytes", held).tell();
    let each = held / f64::from(size.registered);
    Row::new("memory after opening, a registered party", "bytes", each).tell();

    let served = Served::standing(Arc::clone(&engine))?;
    let callers = Callers::of(served.address)?;
    let writer = Writer::start(served.address, size, scale.pace)?;
    let asked = Arc::new(Asked::of(&callers, size, scale)?);
    std::thread::sleep(scale.ahead);
    for question in &ALL {
        eprintln!("  {} ...", question.what);
        let rows = callers.measure(question, &asked, scale)?;
        rows.iter().for_each(Row::tell);
    }
    let grown = resident()?.saturating_sub(before) as f64;
    Row::new("memory after the questions", "bytes", grown).tell();
    let changing = connect(served.address)?;
    let changes = law::changes(&changing, &asked, scale)?;
    let waits = writer.end()?;
    law::rows(&changes, &waits).iter().for_each(Row::tell);
    recording(&waits).iter().for_each(Row::tell);
    Ok(())
}

/// Tells how it went for the writer, changes of law included.
fn recording(waits: &[(Instant, Duration)]) -> Vec<Row> {
    let mut times: Vec<Duration> = waits.iter().map(|(_, took)| *took).collect();
    let first = waits.first().map(|(begun, _)| *begun);
    let last = waits.last().map(|(begun, took)| *begun + *took);
    let time = match (first, last) {
        (Some(first), Some(last)) => last.saturating_duration_since(first),
        _ => {
            return vec![Row::without(
                "Record beside all of it",
                "nothing was recorded",
            )];
        }
    };
    let mut rows: Vec<Row> = [("p50", 500), ("p99", 990), ("most", 1_000)]
        .into_iter()
        .map(|(part, thousandths)| {
            let millis = percentile(&mut times, thousandths).as_secs_f64() * 1e3;
            Row::new(format!("Record beside all of it: {part}"), "ms", millis)
        })
        .collect();
    let a_second = rate(waits.len() as u64, time);
    rows.push(Row::new("Record beside all of it: rate", "/s", a_second));
    rows.push(Row::new(
        "Record beside all of it: in all",
        "",
        waits.len() as f64,
    ));
    rows
}
