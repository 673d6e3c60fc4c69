//! Callers that ask one question again and again, for a while.

use crate::questions::{Asked, Question};
use crate::row::Row;
use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::rounds::{percentile, rate};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

/// How many connections the callers share.
const CONNECTIONS: usize = 4;

/// How long a caller waits that was turned away.
const TURNED_AWAY: Duration = Duration::from_millis(10);

/// Seeds of one caller, so that no two ask the same.
const SEEDS: u32 = 1_000_000;

/// Callers in a runtime of their own.
pub struct Callers {
    pub runtime: Runtime,
    channels: Vec<Channel>,
}

/// A connection with a thread of its own.
pub struct Calling {
    pub runtime: Runtime,
    pub channel: Channel,
}

/// Connects somebody who calls alone.
pub fn connect(address: SocketAddr) -> Outcome<Calling> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let channel = runtime.block_on(endpoint(address)?.connect())?;
    Ok(Calling { runtime, channel })
}

fn endpoint(address: SocketAddr) -> Outcome<Endpoint> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
    Ok(endpoint.tcp_nodelay(true))
}

/// What came of one caller's calls.
#[derive(Default)]
struct Calls {
    times: Vec<Duration>,
    /// How many had an error for an answer, and the first of them.
    failed: u32,
    error: Option<Status>,
    /// Whether one was not answered in time; it was the last.
    late: bool,
}

impl Calls {
    fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.failed += other.failed;
        self.error = self.error.take().or(other.error);
        self.late |= other.late;
    }
}

impl Callers {
    pub fn of(address: SocketAddr) -> Outcome<Self> {
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        let endpoint = endpoint(address)?;
        let channels = runtime.block_on(async {
            let mut channels = Vec::with_capacity(CONNECTIONS);
            for _ in 0..CONNECTIONS {
                channels.push(endpoint.connect().await?);
            }
            Outcome::Ok(channels)
        })?;
        Ok(Self { runtime, channels })
    }

    /// Returns one of the connections.
    pub fn channel(&self) -> Outcome<Channel> {
        let first = self.channels.first().ok_or("no connection")?;
        Ok(first.clone())
    }

    /// Asks a question once, then lets one caller ask it again and again, and then several; returns
    /// what they waited. Where one is not answered in time several do not ask.
    pub fn measure(
        &self,
        question: &'static Question,
        asked: &Arc<Asked>,
        scale: &Scale,
    ) -> Outcome<Vec<Row>> {
        let mut rows = Vec::new();
        let mut hindered = asked.missing(question).map(str::to_owned);
        if hindered.is_none() {
            let first = self.first(question, asked, scale)?;
            hindered = first.value.as_ref().err().cloned();
            rows.push(first);
        }
        for callers in [1, scale.callers] {
            let what = told(question, callers);
            if let Some(why) = &hindered {
                rows.push(Row::without(format!("{what}: p50"), why));
                continue;
            }
            let (calls, time) = self.together(callers, question, asked, scale)?;
            if calls.late {
                let seconds = scale.patience.as_secs();
                hindered = Some(format!("not answered within {seconds} s"));
            }
            rows.extend(waited(&what, calls, time, hindered.as_deref()));
        }
        Ok(rows)
    }

    /// Asks for the first time: what is kept from then on is worked out now, and waited for longer.
    fn first(&self, question: &Question, asked: &Asked, scale: &Scale) -> Outcome<Row> {
        let (what, begun) = (format!("{}, first of all", question.what), Instant::now());
        let answer = (question.ask)(self.channel()?, asked.draw(SEEDS - 1));
        let waiting = async { timeout(scale.first, answer).await };
        Ok(match self.runtime.block_on(waiting) {
            Ok(Ok(())) => Row::new(what, "ms", begun.elapsed().as_secs_f64() * 1e3),
            Ok(Err(error)) => Row::without(what, error.message()),
            Err(_) => {
                let seconds = scale.first.as_secs();
                Row::without(what, &format!("not answered within {seconds} s"))
            }
        })
    }

    /// Lets so many ask at a time for a while, once each at least; returns what came of it and how
    /// long it took.
    fn together(
        &self,
        callers: usize,
        question: &'static Question,
        asked: &Arc<Asked>,
        scale: &Scale,
    ) -> Outcome<(Calls, Duration)> {
        let begun = Instant::now();
        let (until, patience) = (begun + scale.millis, scale.patience);
        let tasks: Vec<_> = (0..)
            .zip(self.channels.iter().cycle())
            .take(callers)
            .map(|(caller, channel)| {
                let (channel, asked) = (channel.clone(), Arc::clone(asked));
                let seed = caller * SEEDS;
                let asking = again_and_again(channel, question, asked, seed, until, patience);
                self.runtime.spawn(asking)
            })
            .collect();
        let mut calls = Calls::default();
        for task in tasks {
            calls.add(self.runtime.block_on(task)?);
        }
        Ok((calls, begun.elapsed()))
    }
}

async fn again_and_again(
    channel: Channel,
    question: &'static Question,
    asked: Arc<Asked>,
    seed: u32,
    until: Instant,
    patience: Duration,
) -> Calls {
    let mut calls = Calls::default();
    for seed in seed.. {
        let begun = Instant::now();
        let answer = (question.ask)(channel.clone(), asked.draw(seed));
        match timeout(patience, answer).await {
            Ok(Ok(())) => calls.times.push(begun.elapsed()),
            Ok(Err(error)) => {
                calls.failed += 1;
                calls.error.get_or_insert(error);
                tokio::time::sleep(TURNED_AWAY).await;
            }
            Err(_) => calls.late = true,
        }
        if calls.late || Instant::now() >= until {
            break;
        }
    }
    calls
}

/// Returns how a question by so many is told.
pub fn told(question: &Question, callers: usize) -> String {
    let many = if callers == 1 { "caller" } else { "callers" };
    format!("{}, {callers} {many}", question.what)
}

/// Tells what callers waited, and what hindered them.
fn waited(what: &str, mut calls: Calls, time: Duration, hindered: Option<&str>) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(why) = hindered {
        rows.push(Row::without(format!("{what}: p50"), why));
    } else if calls.times.is_empty() {
        let why = calls.error.as_ref().map_or("nobody asked", Status::message);
        rows.push(Row::without(format!("{what}: p50"), why));
    } else {
        for (part, thousandths) in [("p50", 500), ("p99", 990)] {
            let millis = percentile(&mut calls.times, thousandths).as_secs_f64() * 1e3;
            rows.push(Row::new(format!("{what}: {part}"), "ms", millis));
        }
        let a_second = rate(calls.times.len() as u64, time);
        rows.push(Row::new(format!("{what}: rate"), "/s", a_second));
    }
    if calls.failed > 0 {
        let error = calls.error.as_ref().map_or("", Status::message);
        let why = format!("{} calls: {error}", calls.failed);
        rows.push(Row::without(format!("{what}: refused"), &why));
    }
    rows
}
