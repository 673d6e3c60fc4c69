//! From the acknowledgement of a record to the receipt of its entry, from the stream and over a
//! gRPC watch, against the way of the same bytes from a bare publish to a bare subscription: while
//! the disk is quiet, and, to tell what is the disk's, right after another ledger's commit. One at
//! a time.

use crate::bare;
use crate::bare::Copied;
use crate::clients::watch_from_now;
use crate::ledger;
use crate::ledger::PATIENCE;
use crate::nats::Nats;
use crate::scale::Scale;
use async_nats::Message;
use async_nats::jetstream::Context;
use standing_bench::Outcome;
use standing_bench::rounds::{Round, median, percentile};
use standing_bench::table::{Bound, Table};
use standing_bench::world;
use standing_bench::world::request;
use standing_engine::Recorder;
use standing_proto::v1::watch_entries_response::Message as Told;
use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;
use tonic::transport::{Channel, Endpoint};

/// Parties of the ledger.
const PARTIES: u32 = 1_000;

/// The bare stream, and its subjects.
const BARE: (&str, &str) = ("bare", "bare.>");

/// How long it is quiet before each message, on every side.
const PAUSE: Duration = Duration::from_millis(1);

/// What was received, and when; until it is dropped.
struct Receipts {
    told: Receiver<(u64, Instant)>,
    task: AbortHandle,
}

impl Receipts {
    /// Waits for the receipt of what has a sequence.
    fn of(&self, sequence: u64) -> Outcome<Instant> {
        let (received, came) = self.told.recv_timeout(PATIENCE)?;
        if received != sequence {
            return Err(format!("{received} came where {sequence} was due").into());
        }
        Ok(came)
    }
}

impl Drop for Receipts {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A ledger that is published and served, a bare stream beside it, and who receives from them. Both
/// ends have a runtime each.
struct World {
    ours: Ledger,
    /// Neither published nor served.
    silent: Ledger,
    near: Runtime,
    far: Runtime,
    /// Connections: of who sends barely, and of who receives.
    sender: Context,
    receiver: Context,
    channel: Channel,
    /// What is published barely.
    message: Message,
}

/// A ledger that is recorded in.
struct Ledger {
    engine: Arc<Recorder>,
    serial: Cell<u32>,
}

impl Ledger {
    fn open(folder: &Path) -> Outcome<Self> {
        Ok(Self {
            engine: ledger::open(folder, PARTIES)?,
            serial: Cell::new(0),
        })
    }

    /// Records one entry; returns its position.
    fn record(&self) -> Outcome<u64> {
        let serial = self.serial.replace(self.serial.get() + 1);
        let recorded = self.engine.record(request(world::fresh(serial, PARTIES)?)?);
        recorded?;
        Ok(self.engine.ledger().head().position.number())
    }
}

impl World {
    /// Times so many entries from their acknowledgement to their receipt.
    fn recorded(&self, count: usize, receipts: &Receipts) -> Outcome<Vec<Duration>> {
        let timed = |_| {
            sleep(PAUSE);
            let position = self.ours.record()?;
            let acknowledged = Instant::now();
            let came = receipts.of(position)?;
            // It may come before the acknowledgement.
            Ok(came.saturating_duration_since(acknowledged))
        };
        (0..count).map(timed).collect()
    }

    fn by_the_stream(&self, count: usize) -> Outcome<Vec<Duration>> {
        let stream = ledger::names()?.entries_stream();
        self.recorded(count, &self.subscribed(&stream)?)
    }

    fn by_a_watch(&self, count: usize) -> Outcome<Vec<Duration>> {
        let (send, told) = channel();
        let task = self.far.spawn(watch(self.channel.clone(), send));
        let task = task.abort_handle();
        let receipts = Receipts { told, task };
        receipts.of(0)?;
        self.recorded(count, &receipts)
    }

    fn barely(&self, count: usize) -> Outcome<Vec<Duration>> {
        self.published(count, || Ok(()))
    }

    /// Where the disk has just been written to, as it has before an entry is published.
    fn barely_after_a_commit(&self, count: usize) -> Outcome<Vec<Duration>> {
        self.published(count, || self.silent.record().map(|_| ()))
    }

    /// Times so many bare messages from their publishing to their receipt.
    fn published(&self, count: usize, before: impl Fn() -> Outcome) -> Outcome<Vec<Duration>> {
        let receipts = self.subscribed(BARE.0)?;
        let timed = |_| {
            sleep(PAUSE);
            before()?;
            let message = self.message.clone();
            let published = Instant::now();
            let ack = self.near.block_on(bare::send(&self.sender, message))?;
            let (_, came) = receipts.told.recv_timeout(PATIENCE)?;
            self.near.block_on(ack.into_future())?;
            Ok(came.saturating_duration_since(published))
        };
        (0..count).map(timed).collect()
    }

    fn subscribed(&self, stream: &str) -> Outcome<Receipts> {
        let (send, told) = channel();
        let subscribed = bare::subscribe(self.receiver.clone(), stream, send);
        let subscribed = self.far.block_on(subscribed)?;
        let task = self.far.spawn(reported(subscribed)).abort_handle();
        Ok(Receipts { told, task })
    }
}

/// Watches entries from now on, and tells each one's position and when it came; 0 when it has
/// begun.
async fn watch(channel: Channel, told: Sender<(u64, Instant)>) {
    let watched = async move {
        let mut messages = watch_from_now(channel).await?;
        while let Some(message) = messages.message().await? {
            let came = Instant::now();
            let sent = match message.message {
                Some(Told::Entry(entry)) => told.send((entry.position, came)),
                Some(Told::CaughtUp(_)) => told.send((0, came)),
                _ => Ok(()),
            };
            if sent.is_err() {
                break;
            }
        }
        Ok(())
    };
    reported(watched).await;
}

async fn reported(receiving: impl Future<Output = Outcome>) {
    if let Err(error) = receiving.await {
        eprintln!("a receiver failed: {error}");
    }
}

pub fn received(scale: &Scale, table: &mut Table) -> Outcome {
    let (folder, other, nats) = (tempfile::tempdir()?, tempfile::tempdir()?, Nats::start()?);
    let (near, far) = (ledger::runtime()?, ledger::runtime()?);
    let (ours, silent) = (Ledger::open(folder.path())?, Ledger::open(other.path())?);
    let address = ledger::serve(&near, &ours.engine)?;
    let publishing = ledger::publish(&ours.engine, &nats)?;
    ledger::until_caught_up(&publishing.status())?;
    let sender = near.block_on(nats.context())?;
    let receiver = far.block_on(nats.context())?;
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
    let channel = far.block_on(endpoint.connect())?;
    let message = near.block_on(prepared(&sender))?;
    let world = World {
        ours,
        silent,
        near,
        far,
        sender,
        receiver,
        channel,
        message,
    };

    let count = scale.messages;
    let sides: [&dyn Fn() -> Outcome<Vec<Duration>>; 4] = [
        &|| world.barely(count),
        &|| world.barely_after_a_commit(count),
        &|| world.by_the_stream(count),
        &|| world.by_a_watch(count),
    ];
    let mut times: [Vec<Vec<Duration>>; 4] = Default::default();
    // Who begins alternates; a round before them warms all up.
    for round in 0..=scale.rounds {
        for turn in 0..sides.len() {
            let side = (round + turn) % sides.len();
            let taken = sides[side]()?;
            if round > 0 {
                times[side].push(taken);
            }
        }
    }
    drop(publishing);
    let [bare, after_a_commit, streamed, watched] = times;
    tell(table, "stream; bare", &streamed, &bare);
    tell(
        table,
        "stream; bare after a commit",
        &streamed,
        &after_a_commit,
    );
    tell(table, "gRPC watch; bare", &watched, &bare);
    for (who, times) in [
        ("bare", bare),
        ("bare after a commit", after_a_commit),
        ("stream", streamed),
        ("gRPC watch", watched),
    ] {
        let mut all = times.concat();
        let micros = percentile(&mut all, 990).as_secs_f64() * 1e6;
        table.value(&format!("p99 of the same, {who}"), "us", micros, None);
    }
    Ok(())
}

/// Makes the bare stream, with the settings of the ledger's, and returns what is published to it:
/// the bytes of an entry.
async fn prepared(context: &Context) -> Outcome<Message> {
    let Copied {
        mut config,
        mut messages,
    } = Copied::of(context, &ledger::names()?.entries_stream()).await?;
    BARE.0.clone_into(&mut config.name);
    config.subjects = vec![BARE.1.to_owned()];
    context.create_stream(config).await?;
    let mut message = messages.pop().ok_or("an empty stream")?;
    message.subject = "bare.entry.member_admitted.cn-p0000000".into();
    // Published without a condition.
    let headers = message.headers.take().unwrap_or_default();
    let kept = headers
        .iter()
        .filter(|(name, _)| !name.to_string().starts_with("Nats-"));
    message.headers = Some(
        kept.flat_map(|(name, values)| values.iter().map(|value| (name.clone(), value.clone())))
            .collect(),
    );
    Ok(message)
}

fn tell(table: &mut Table, who: &str, ours: &[Vec<Duration>], bare: &[Vec<Duration>]) {
    let micros = |times: &Vec<Duration>| median(times.iter().map(|t| t.as_secs_f64() * 1e6));
    let rounds: Vec<Round> = ours
        .iter()
        .zip(bare)
        .map(|(ours, bare)| Round {
            ours: micros(ours),
            theirs: micros(bare),
        })
        .collect();
    let what = format!("acknowledged to received, {who}");
    table.ratio(&what, "us", &rounds, Some(Bound::AtMost(1.3)));
}
