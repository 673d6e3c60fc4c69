//! One side of a comparison of two commits: this benchmark, or another commit's, in a process of
//! its own that appends to a ledger of its own, or opens one, as often as it is told to.

use standing_bench::Outcome;
use standing_bench::environment::number;
use standing_bench::rounds::rate;
use standing_bench::world;
use standing_bench::world::{LONG, SHORT, request};
use standing_engine::store::Check;
use standing_engine::{Options, Recorder};
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::ScopedJoinHandle;
use std::time::Instant;

/// What makes this binary such a process.
pub const CHILD_FLAG: &str = "--side";

/// A side, to be told what to do.
pub struct Side {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Side {
    pub fn start(binary: &OsStr) -> Outcome<Self> {
        let mut command = Command::new(binary);
        command.arg(CHILD_FLAG);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let orders = child.stdin.take().ok_or("no input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no output")?);
        Ok(Self {
            child,
            orders,
            answers,
        })
    }

    /// Gives an order; returns how many a second there were.
    pub fn told(&mut self, order: &str) -> Outcome<f64> {
        writeln!(self.orders, "{order}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        Ok(answer.trim().parse()?)
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does what it is told, line by line, until there are no more.
pub fn answer_orders() -> Outcome {
    let folder = tempfile::tempdir()?;
    let parties = number("APPENDED", 20_000);
    let appended = folder.path().join("appended");
    std::fs::create_dir(&appended)?;
    let engine = world::open(&appended, parties, SHORT)?;
    let replayed = folder.path().join("replayed.redb");
    let many = number("REPLAYED", 100_000);
    world::build(&replayed, many, LONG)?;
    let mut serial = 0;
    for order in std::io::stdin().lines() {
        let order = order?;
        let rate = match order.split_once(' ') {
            Some(("append", callers)) => {
                let make = || {
                    serial += 1;
                    request(world::fresh(serial, parties)?)
                };
                calls(callers.parse()?, make, |request| {
                    engine.record(request)?;
                    Ok(())
                })?
            }
            _ => replay(&replayed, u64::from(many) * LONG.len() as u64)?,
        };
        println!("{rate}");
    }
    Ok(())
}

/// Opens a ledger without looking at its pages first: what that costs is another figure.
fn replay(path: &Path, entries: u64) -> Outcome<f64> {
    let mut options = Options::default();
    options.log.check = Check::Never;
    let begun = Instant::now();
    let engine = Recorder::open(path, &options)?;
    let rate = rate(entries, begun.elapsed());
    drop(engine);
    Ok(rate)
}

/// Lets a number of threads make their calls; returns how many a second. What is called with is
/// made beforehand.
pub fn calls<T: Send>(
    callers: usize,
    mut make: impl FnMut() -> Outcome<T>,
    call: impl Fn(T) -> Outcome + Sync,
) -> Outcome<f64> {
    let each = number("CALLS", 400) as usize;
    let mut made = || (0..each).map(|_| make()).collect::<Outcome<Vec<T>>>();
    let made: Vec<Vec<T>> = (0..callers).map(|_| made()).collect::<Outcome<_>>()?;
    let start = Instant::now();
    std::thread::scope(|scope| {
        let call = &call;
        let caller = |made: Vec<T>| move || made.into_iter().try_for_each(call);
        let callers: Vec<_> = made
            .into_iter()
            .map(|made| scope.spawn(caller(made)))
            .collect();
        let mut joined = callers.into_iter().map(ScopedJoinHandle::join);
        joined.try_for_each(|outcome| outcome.map_err(|_| "a caller panicked")?)
    })?;
    Ok(rate((callers * each) as u64, start.elapsed()))
}
