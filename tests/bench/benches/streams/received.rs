//! From the acknowledgement of a record to the receipt of its entry, from the stream and over a gRPC watch, against the way of the
//! same bytes from a bare publish to a bare subscription. One at a time.

use crate::bare::{self, Copied};
use crate::clients::watch_from_now;
use crate::ledger::{self, PATIENCE};
use crate::nats::Nats;
use crate::scale::Scale;
use async_nats::Message;
use async_nats::jetstream::Context;
use standing_bench::Outcome;
use standing_bench::rounds::{Round, median, percentile};
use standing_bench::table::{Bound, Table};
use standing_bench::world::{self, request};
use standing_engine::Engine;
use standing_proto::v1::watch_entries_response::Message as Told;
use std::cell::Cell;
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

/// A ledger that is published and served, a bare stream beside it, and who receives from them. Both ends have a runtime each.
struct World {
    engine: Arc<Engine>,
    serial: Cell<u32>,
    near: Runtime,
    far: Runtime,
    /// Connections: of the bare publisher, and of the receivers.
    publisher: Context,
    receiver: Context,
    channel: Channel,
    /// What is published barely.
    message: Message,
}

impl World {
    /// Records one entry; returns its position.
    fn record(&self) -> Outcome<u64> {
        let serial = self.serial.replace(self.serial.get() + 1);
        let recorded = self.engine.record(request(world::fresh(serial, PARTIES)?)?);
        recorded?;
        Ok(self.engine.head().position)
    }

    /// Times so many entries from their acknowledgement to their receipt.
    fn recorded(&self, count: usize, receipts: &Receipts) -> Outcome<Vec<Duration>> {
        let timed = |_| {
            sleep(PAUSE);
            let position = self.record()?;
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
        let receipts = self.subscribed(BARE.0)?;
        let timed = |_| {
            sleep(PAUSE);
            let message = self.message.clone();
            let published = Instant::now();
            let ack = self.near.block_on(bare::send(&self.publisher, message))?;
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

/// Watches entries from now on, and tells each one's position and when it came; 0 when it has begun.
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
    let (folder, nats) = (tempfile::tempdir()?, Nats::start()?);
    let (near, far) = (ledger::runtime()?, ledger::runtime()?);
    let engine = ledger::open(folder.path(), PARTIES)?;
    let address = ledger::serve(&near, &engine)?;
    let ours = ledger::publish(&near, &engine, &nats);
    ledger::until_caught_up(&ours.status())?;
    let publisher = near.block_on(nats.context())?;
    let receiver = far.block_on(nats.context())?;
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
    let channel = far.block_on(endpoint.connect())?;
    let message = near.block_on(prepared(&publisher))?;
    let world = World {
        engine,
        serial: Cell::new(0),
        near,
        far,
        publisher,
        receiver,
        channel,
        message,
    };

    let count = scale.messages;
    let sides: [&dyn Fn() -> Outcome<Vec<Duration>>; 3] = [
        &|| world.barely(count),
        &|| world.by_the_stream(count),
        &|| world.by_a_watch(count),
    ];
    let mut times: [Vec<Vec<Duration>>; 3] = Default::default();
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
    drop(ours);
    let [bare, streamed, watched] = times;
    tell(table, "stream", &streamed, &bare);
    tell(table, "gRPC watch", &watched, &bare);
    for (who, times) in [
        ("bare", bare),
        ("stream", streamed),
        ("gRPC watch", watched),
    ] {
        let mut all = times.concat();
        let micros = percentile(&mut all, 990).as_secs_f64() * 1e6;
        table.value(&format!("p99 of the same, {who}"), "us", micros, None);
    }
    Ok(())
}

/// Makes the bare stream, with the settings of the ledger's, and returns what is published to it: the bytes of an entry.
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
    let what = format!("acknowledged to received, {who}; bare publish and subscribe");
    table.ratio(&what, "us", &rounds, Some(Bound::AtMost(1.3)));
}
