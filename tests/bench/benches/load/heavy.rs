//! Callers that ask for all they can get, in a process of their own, until it is killed.

use crate::probe::{drafts, question};
use crate::server::{HEAVY, Server};
use crate::wire::{begin, call, connect, never_end};
use prost::Message as _;
use standing_bench::process::Killed;
use standing_bench::{Outcome, environment};
use standing_proto::v1;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::task::JoinSet;
use tonic::transport::Channel;

/// What makes this binary a process full of callers; the load follows.
pub const CHILD_FLAG: &str = "--load";

/// What is told when everything is under way.
const UNDER_WAY: &str = "under way";

/// How long a caller waits that was turned away. Whoever means harm does not wait for as long as it
/// is told.
const TURNED_AWAY: Duration = Duration::from_millis(10);

/// A kind of load: its name, and how many callers make it.
#[derive(Clone, Copy)]
pub struct Load {
    pub name: &'static str,
    pub callers: usize,
    pub what: &'static str,
}

/// The dear questions.
pub const DEAR: [Load; 3] = [
    Load {
        name: "grounds",
        callers: 50,
        what: "50 x CheckRights of 10,000 with grounds",
    },
    Load {
        name: "findings",
        callers: 50,
        what: "50 x ListFindings",
    },
    Load {
        name: "what-if",
        callers: 20,
        what: "20 x what-if of 10,000 drafts",
    },
];

/// What takes memory.
pub const MEMORY: [Load; 4] = [
    Load {
        name: "bodies",
        callers: 60,
        what: "60 unended bodies of 17 MiB over one connection",
    },
    Load {
        name: "lists",
        callers: 1_000,
        what: "1,000 unread ListEntries over 4 connections",
    },
    Load {
        name: "heads",
        callers: 15_000,
        what: "15,000 unread small answers over 15 connections",
    },
    Load {
        name: "watches",
        callers: 1_000,
        what: "1,000 unread watches over one connection",
    },
];

/// Starts a load in a process at the lowest priority, and waits until it is under way or a while
/// has passed.
pub fn start(server: &Server, load: Load) -> Outcome<Killed> {
    let mut command = Command::new("nice");
    command.args(["-n", "19"]).arg(std::env::current_exe()?);
    command.args([CHILD_FLAG, load.name, "--url", &server.url]);
    command.args(["--callers", &load.callers.to_string()]);
    let mut child = Killed(command.stdout(Stdio::piped()).spawn()?);
    let told = child.0.stdout.take().ok_or("no output")?;
    let mut line = String::new();
    BufReader::new(told).read_line(&mut line)?;
    match line.trim() {
        UNDER_WAY => Ok(child),
        _ => Err(format!("{} is not under way", load.name).into()),
    }
}

/// Makes a load until the process is killed.
pub fn load(name: &str) -> Outcome {
    let url = environment::after("--url").ok_or("no URL")?;
    let callers: usize = environment::after("--callers")
        .ok_or("how many?")?
        .parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build()?;
    runtime.block_on(async {
        match name {
            "grounds" => {
                repeat(
                    &url,
                    callers,
                    "/standing.v1.RightsService/CheckRights",
                    grounds(),
                )
                .await
            }
            "findings" => {
                repeat(
                    &url,
                    callers,
                    "/standing.v1.AuditService/ListFindings",
                    findings(),
                )
                .await
            }
            "what-if" => {
                repeat(
                    &url,
                    callers,
                    "/standing.v1.RollService/GetParty",
                    what_if()?,
                )
                .await
            }
            "bodies" => bodies(&url, callers).await,
            "lists" => {
                unread(
                    &url,
                    callers,
                    4,
                    "/standing.v1.LedgerService/ListEntries",
                    lists(),
                )
                .await
            }
            "heads" => {
                unread(
                    &url,
                    callers,
                    15,
                    "/standing.v1.LedgerService/GetHead",
                    Vec::new(),
                )
                .await
            }
            "watches" => {
                unread(
                    &url,
                    callers,
                    1,
                    "/standing.v1.ChangeService/WatchEntries",
                    watch(),
                )
                .await
            }
            other => Err(format!("{other} is no load").into()),
        }
    })
}

fn grounds() -> Vec<u8> {
    let parties = ["cn-jilin", "kr-ulsan", "kr-jeju", "mn-selenge"];
    let questions = parties.iter().cycle().take(10_000);
    let request = v1::CheckRightsRequest {
        questions: questions.map(|party| question(party)).collect(),
        ..v1::CheckRightsRequest::default()
    };
    request.encode_to_vec()
}

fn findings() -> Vec<u8> {
    v1::ListFindingsRequest::default().encode_to_vec()
}

fn what_if() -> Outcome<Vec<u8>> {
    let lines = (0..10_000).map(|number| {
        format!(r#"{{"id": "if-{number}", "partyRegistered": {{"party": "xx-{number}", "kind": "town"}}}}"#) + "\n"
    });
    // Not a method that the probe calls, so that the server's histogram tells them apart.
    let request = v1::GetPartyRequest {
        party: "cn-jilin".to_owned(),
        at: Some(v1::PointInTime {
            assume: drafts(&lines.collect::<String>())?,
            ..v1::PointInTime::default()
        }),
    };
    Ok(request.encode_to_vec())
}

fn lists() -> Vec<u8> {
    let request = v1::ListEntriesRequest {
        page_size: 1_000,
        ..v1::ListEntriesRequest::default()
    };
    request.encode_to_vec()
}

fn watch() -> Vec<u8> {
    let request = v1::WatchEntriesRequest {
        start: Some(v1::watch_entries_request::Start::AfterPosition(0)),
        ..v1::WatchEntriesRequest::default()
    };
    request.encode_to_vec()
}

/// Lets many callers ask the same over a few connections, for ever.
async fn repeat(url: &str, callers: usize, method: &'static str, message: Vec<u8>) -> Outcome {
    let mut calls = JoinSet::new();
    for channel in connections(url, 5, None)
        .await?
        .iter()
        .cycle()
        .take(callers)
    {
        let (channel, message) = (channel.clone(), message.clone());
        calls.spawn(async move {
            loop {
                if call(&channel, method, HEAVY, &message).await?.is_err() {
                    tokio::time::sleep(TURNED_AWAY).await;
                }
            }
        });
    }
    println!("{UNDER_WAY}");
    let ended: Option<Result<Outcome, _>> = calls.join_next().await;
    ended.ok_or("nobody calls")??
}

async fn bodies(url: &str, callers: usize) -> Outcome {
    let channel = connect(url, None).await?;
    let mut calls = JoinSet::new();
    for _ in 0..callers {
        let channel = channel.clone();
        let uri = format!("{url}/standing.v1.LedgerService/Record");
        calls.spawn(async move {
            // It may be turned away, and comes again.
            while never_end(&channel, &uri, HEAVY, (17 << 20) - 1_024)
                .await
                .is_ok()
            {
                tokio::time::sleep(TURNED_AWAY).await;
            }
        });
    }
    println!("{UNDER_WAY}");
    calls.join_all().await;
    std::future::pending().await
}

/// Calls over a few connections, and takes nothing of what is answered.
async fn unread(
    url: &str,
    callers: usize,
    count: usize,
    method: &'static str,
    message: Vec<u8>,
) -> Outcome {
    let channels = connections(url, count, Some(0)).await?;
    let mut calls = JoinSet::new();
    for channel in channels.iter().cycle().take(callers) {
        let (channel, message) = (channel.clone(), message.clone());
        calls.spawn(async move {
            // Whatever comes of it, what has begun is kept.
            let _answer = begin(&channel, method, HEAVY, &message).await;
            std::future::pending::<()>().await;
        });
    }
    println!("{UNDER_WAY}");
    calls.join_all().await;
    Ok(())
}

async fn connections(url: &str, count: usize, window: Option<u32>) -> Outcome<Vec<Channel>> {
    let mut channels = Vec::with_capacity(count);
    for _ in 0..count {
        channels.push(connect(url, window).await?);
    }
    Ok(channels)
}
