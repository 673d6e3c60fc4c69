//! UmaDB, an event store: built by cargo, started on loopback, and asked over its own protocol. It
//! keeps events and finds them by their tags; who holds which right is not its matter.

mod install;
mod wire;

use crate::asked::{Asked, PAGE};
use crate::bare;
use crate::history::{Entry, entries};
use crate::ours::channels;
use crate::ready::Ready;
use crate::scale::Scale;
use crate::side::{Answer, Asking, Side, Turn, Work};
use install::VERSION;
use standing_bench::Outcome;
use standing_bench::process::Killed;
use standing_bench::wire::{free_address, unary};
use standing_bench::world::party_id;
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tonic::transport::Channel;
use wire::{AppendRequest, AppendResponse, Event, HeadRequest, HeadResponse, Query, QueryItem};

/// How long the server may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is tried.
const LOOK: Duration = Duration::from_millis(50);

/// How many events one request appends while loading.
const LOADED: usize = 1_000;

const APPEND: &str = "/umadb.v1.DCB/Append";
const HEAD: &str = "/umadb.v1.DCB/Head";

/// A server that runs until this is dropped, and connections to it.
pub struct Umadb {
    channels: Vec<Channel>,
    appends: Ready<AppendRequest>,
    asked: Arc<Asked>,
    _server: Killed,
    _folder: TempDir,
}

impl Umadb {
    /// Builds the server if it is not built, starts it as it is without being told anything but
    /// where, and loads it.
    pub async fn start(asked: &Arc<Asked>, scale: &Scale) -> Outcome<Self> {
        let program = install::program()?;
        let folder = TempDir::new()?;
        let address = free_address()?;
        let log = fs::File::create(folder.path().join("log"))?;
        let mut command = Command::new(program);
        command
            .args(["--listen", &address.to_string(), "--db-path"])
            .arg(folder.path().join("events.db"))
            .stdout(log.try_clone()?)
            .stderr(log);
        let server = Killed(command.spawn()?);
        let begun = Instant::now();
        let channels = loop {
            match channels(address, scale).await {
                Ok(channels) => break channels,
                Err(error) if begun.elapsed() > PATIENCE => return Err(error),
                Err(_) => tokio::time::sleep(LOOK).await,
            }
        };
        let size = scale.size();
        let this = Self {
            channels,
            appends: Ready::new(move |serial| {
                let party = party_id(serial % size.registered);
                let bytes = bare::bytes(serial, &size)?;
                Ok(append(vec![event("name-taken", [party], bytes, serial)]))
            }),
            asked: Arc::clone(asked),
            _server: server,
            _folder: folder,
        };
        this.load(scale).await?;
        Ok(this)
    }

    /// Returns the version and how the server was started.
    pub fn told() -> String {
        format!("UmaDB {VERSION} (as it is installed)")
    }

    async fn load(&self, scale: &Scale) -> Outcome {
        let mut events = Vec::with_capacity(LOADED);
        for told in entries(scale)? {
            let (entry, _) = told?;
            let Entry {
                position,
                stored,
                kind,
                parties,
            } = entry;
            events.push(event(kind, parties, stored, u32::try_from(position)?));
            if events.len() == LOADED {
                self.append_all(std::mem::take(&mut events)).await?;
            }
        }
        if !events.is_empty() {
            self.append_all(events).await?;
        }
        let head: HeadResponse = unary(self.channel(0), HEAD, HeadRequest {}).await?;
        match head.position {
            Some(head) if head == self.asked.head => Ok(()),
            other => Err(format!("{other:?} instead of {}", self.asked.head).into()),
        }
    }

    async fn append_all(&self, events: Vec<Event>) -> Outcome<u64> {
        let answer: AppendResponse = unary(self.channel(0), APPEND, append(events)).await?;
        Ok(answer.position)
    }

    fn channel(&self, caller: usize) -> Channel {
        self.channels[caller % self.channels.len()].clone()
    }

    async fn history(&self, caller: usize, party: &str) -> Outcome<Answer> {
        let item = QueryItem {
            types: Vec::new(),
            tags: vec![party.to_owned()],
        };
        let query = Query { items: vec![item] };
        let events = wire::read(self.channel(caller), query, PAGE).await?;
        Ok(Answer::Entries(
            events.into_iter().map(|event| event.data).collect(),
        ))
    }
}

fn append(events: Vec<Event>) -> AppendRequest {
    AppendRequest { events }
}

/// Returns an event with the parties that it is about for tags, so that it is found by them.
fn event(
    kind: &str,
    parties: impl IntoIterator<Item = String>,
    data: Vec<u8>,
    number: u32,
) -> Event {
    Event {
        kind: kind.to_owned(),
        tags: parties.into_iter().collect(),
        data,
        id: format!("00000000-0000-4000-8000-{number:012x}"),
    }
}

impl Side for Umadb {
    fn does(&self, work: Work) -> bool {
        matches!(work, Work::Append | Work::AppendMany | Work::History)
    }

    fn prepare(&self, appends: usize) -> Outcome {
        self.appends.fill(appends)
    }

    fn ask(&self, work: Work, Turn { caller, number }: Turn) -> Asking<'_> {
        Box::pin(async move {
            match work {
                Work::Append | Work::AppendMany => {
                    let request = self.appends.take()?;
                    let answer: AppendResponse =
                        unary(self.channel(caller), APPEND, request).await?;
                    Ok(Answer::Positions(vec![answer.position]))
                }
                Work::History => self.history(caller, self.asked.party(number)).await,
                other => Err(format!("an event store does not {other:?}").into()),
            }
        })
    }
}
