//! Ten thousand watchers of one server: what each costs in memory, and what all of them cost
//! whoever records. The server has a process of its own, so that nothing is left over from before,
//! and so have the clients.

use crate::clients;
use crate::clients::{ALL_RECEIVED, ALL_WATCH};
use crate::ledger;
use crate::ledger::PATIENCE;
use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::memory::resident;
use standing_bench::rounds::{median, percentile};
use standing_bench::table::Table;
use standing_bench::world;
use standing_bench::world::request;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// What makes this binary a process that serves a crowd.
pub const CHILD_FLAG: &str = "--serve-and-tell";

/// Parties of the ledger.
const PARTIES: u32 = 1_000;

/// How many entries are waited for one by one.
const ONE_BY_ONE: usize = 20;

pub fn watchers(_: &Scale, table: &mut Table) -> Outcome {
    let output = Command::new(std::env::current_exe()?)
        .arg(CHILD_FLAG)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("serving the crowd failed".into());
    }
    for line in String::from_utf8(output.stdout)?.lines() {
        let mut cells = line.split('\t');
        let (Some(what), Some(unit), Some(value)) = (cells.next(), cells.next(), cells.next())
        else {
            return Err(format!("the child said {line:?}").into());
        };
        table.value(what, unit, value.parse()?, None);
    }
    Ok(())
}

/// The clients' process. It ends when this is dropped.
struct Crowd {
    child: Child,
    told: Receiver<(String, Instant)>,
}

impl Crowd {
    fn start(address: SocketAddr) -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([clients::CHILD_FLAG, &format!("http://{address}")])
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let (send, told) = channel();
        spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if send.send((line, Instant::now())).is_err() {
                    break;
                }
            }
        });
        let crowd = Self { child, told };
        while crowd.told.recv_timeout(PATIENCE)?.0 != ALL_WATCH {}
        Ok(crowd)
    }

    /// Waits until all have received an entry; returns when.
    fn received(&self, position: u64) -> Outcome<Instant> {
        let awaited = format!("{ALL_RECEIVED}{position}");
        loop {
            let (line, came) = self.told.recv_timeout(PATIENCE)?;
            if line == awaited {
                return Ok(came);
            }
        }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Records admissions that nobody recorded before.
struct Recorder {
    engine: Arc<standing_engine::Recorder>,
    serial: u32,
}

impl Recorder {
    /// Records one; returns how long it took, and when it was acknowledged.
    fn record(&mut self) -> Outcome<(Duration, Instant)> {
        self.serial += 1;
        let request = request(world::fresh(self.serial, PARTIES)?)?;
        let begun = Instant::now();
        self.engine.record(request)?;
        let acknowledged = Instant::now();
        Ok((acknowledged - begun, acknowledged))
    }

    /// Records so many at a pace, and tells how long they took.
    fn at_a_pace(&mut self, scale: &Scale, when: &str) -> Outcome {
        let begun = Instant::now();
        let mut times = Vec::with_capacity(scale.recorded);
        for due in (0..).map(|place| scale.pace * place).take(scale.recorded) {
            sleep(due.saturating_sub(begun.elapsed()));
            times.push(self.record()?.0);
        }
        for (name, thousandths) in [("p50", 500), ("p99", 990)] {
            let micros = percentile(&mut times, thousandths).as_secs_f64() * 1e6;
            let pace = scale.pace.as_millis();
            tell(
                &format!("{name} of a record each {pace} ms, {when}"),
                "us",
                micros,
            );
        }
        Ok(())
    }
}

fn tell(what: &str, unit: &str, value: f64) {
    println!("{what}\t{unit}\t{value}");
}

/// Serves a crowd and prints the rows of the table.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub fn serve_and_tell(scale: &Scale) -> Outcome {
    let (folder, runtime) = (tempfile::tempdir()?, ledger::runtime()?);
    let engine = ledger::open(folder.path(), PARTIES)?;
    let address = ledger::serve(&runtime, &engine)?;
    let mut recorder = Recorder { engine, serial: 0 };
    let head = |recorder: &Recorder| recorder.engine.ledger().head().position.number();
    recorder.at_a_pace(scale, "nobody watches")?;

    let (before, begun) = (resident()?, Instant::now());
    let crowd = Crowd::start(address)?;
    let connected = begun.elapsed().as_secs_f64() * 1e3;
    let each = |resident: u64| resident.saturating_sub(before) as f64 / scale.watchers as f64;
    let watchers = scale.watchers;
    tell(&format!("until {watchers} watch"), "ms", connected);
    tell("memory a watcher, connected", "bytes", each(resident()?));

    let mut until_all = Vec::with_capacity(ONE_BY_ONE);
    for _ in 0..ONE_BY_ONE {
        let (_, acknowledged) = recorder.record()?;
        let all = crowd.received(head(&recorder))?;
        until_all.push(all.saturating_duration_since(acknowledged).as_secs_f64() * 1e3);
    }
    tell(
        &format!("until all {watchers} have received an entry"),
        "ms",
        median(until_all),
    );
    tell(
        "memory a watcher, after entries one by one",
        "bytes",
        each(resident()?),
    );
    recorder.at_a_pace(scale, &format!("{watchers} watch"))?;
    let most = each(resident()?);
    let last = Instant::now();
    let all = crowd.received(head(&recorder))?;
    let behind = all.saturating_duration_since(last).as_secs_f64() * 1e3;
    tell("until all have received the last of those", "ms", behind);
    tell("memory a watcher, after those", "bytes", most);
    Ok(())
}
