//! What everybody asks all day, each at a steady pace whether or not the last has been answered: a
//! verdict, an answer with its grounds, and a batch of one draft that moves no law.

use crate::scale::Scale;
use crate::server::Server;
use crate::wire::{connect, with_token};
use standing_bench::rounds::percentile;
use standing_bench::{Outcome, environment, world};
use standing_proto::json::parse_jsonl;
use standing_proto::v1;
use standing_proto::v1::ledger_service_client::LedgerServiceClient;
use standing_proto::v1::rights_service_client::RightsServiceClient;
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tonic::transport::Channel;

/// What makes this binary a probe.
pub const CHILD_FLAG: &str = "--probe-and-tell";

/// The parties that are asked about.
const PARTIES: [&str; 4] = ["cn-jilin", "kr-ulsan", "kr-jeju", "mn-selenge"];

/// The three probes, as they are told.
pub const PROBES: [&str; 3] = ["verdict", "grounds", "record"];

/// What one probe waited, in milliseconds, and how many of its calls had no answer.
#[derive(Clone, Copy, Default)]
pub struct Waited {
    pub p50: f64,
    pub p99: f64,
    pub most: f64,
    pub failed: f64,
}

/// Probes a server in a process of its own, with a token; returns what each probe waited.
pub fn probe(server: &Server, token: &str) -> Outcome<[Waited; 3]> {
    let mut child = Command::new(std::env::current_exe()?);
    child.args([CHILD_FLAG, "--url", &server.url, "--token", token]);
    let output = child.output()?;
    let text = String::from_utf8(output.stdout)?;
    let mut waited = [Waited::default(); 3];
    let mut lines = text.lines();
    for waited in &mut waited {
        let line = lines.next().ok_or("the probe said nothing")?;
        let numbers = line.split(' ').map(str::parse);
        let numbers = numbers.collect::<Result<Vec<f64>, _>>()?;
        let [p50, p99, most, failed] = numbers[..] else {
            return Err("the probe said something else".into());
        };
        *waited = Waited {
            p50,
            p99,
            most,
            failed,
        };
    }
    Ok(waited)
}

/// Probes until each has asked often enough, and prints a line for each.
pub fn probe_and_tell(scale: &Scale) -> Outcome {
    let url = environment::after("--url").ok_or("no URL")?;
    let token = environment::after("--token").ok_or("no token")?;
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build()?;
    runtime.block_on(async {
        let mut probes = JoinSet::new();
        for place in 0..PROBES.len() {
            let channel = connect(&url, None).await?;
            let (token, pace, count) = (token.clone(), scale.pace, scale.probes);
            probes.spawn(async move { (place, one(place, channel, token, pace, count).await) });
        }
        let mut told = probes.join_all().await;
        told.sort_by_key(|(place, _)| *place);
        for (_, outcome) in told {
            let (mut times, failed) = outcome?;
            let millis = |time: Duration| time.as_secs_f64() * 1e3;
            println!(
                "{} {} {} {failed}",
                millis(percentile(&mut times, 500)),
                millis(percentile(&mut times, 990)),
                millis(percentile(&mut times, 1_000)),
            );
        }
        Ok(())
    })
}

async fn one(
    place: usize,
    channel: Channel,
    token: String,
    pace: Duration,
    count: usize,
) -> Outcome<(Vec<Duration>, usize)> {
    // So that the three do not fall on one moment.
    tokio::time::sleep(pace / 3 * u32::try_from(place)?).await;
    let mut interval = tokio::time::interval(pace);
    let mut calls = JoinSet::new();
    let salt = std::process::id();
    for number in 0..count {
        // What was due is asked, however late, and its wait counts from when it was due.
        let due: Instant = interval.tick().await.into();
        let (channel, token) = (channel.clone(), token.clone());
        calls.spawn(async move {
            let outcome = call(place, channel, &token, salt, number).await;
            (due.elapsed(), outcome.is_ok())
        });
    }
    let told = calls.join_all().await;
    let failed = told.iter().filter(|(_, is_answered)| !is_answered).count();
    Ok((told.into_iter().map(|(time, _)| time).collect(), failed))
}

async fn call(place: usize, channel: Channel, token: &str, salt: u32, number: usize) -> Outcome {
    let party = PARTIES[number % PARTIES.len()];
    if place == 2 {
        let parties = parties()?;
        let named = &parties[number % parties.len()];
        // A party takes one name a day, and probes of other processes have other days.
        let days = number / parties.len() + salt as usize % 97 * 50;
        let date = world::day(u32::try_from(days)?);
        let draft = format!(
            r#"{{"id": "probe-{salt}-{number}", "effective": {{"date": "{date}"}}, "nameTaken": {{"party": "{named}", "name": {{"language": "en", "text": "Probe {salt} {number}"}}}}}}"#
        );
        let request = v1::RecordRequest {
            request_id: format!("probe-{salt}-{number}"),
            drafts: drafts(&draft)?,
            irregular: v1::IrregularPolicy::Record.into(),
            ..v1::RecordRequest::default()
        };
        let mut client = LedgerServiceClient::new(channel);
        client.record(with_token(request, token)?).await?;
        return Ok(());
    }
    let request = v1::CheckRightRequest {
        question: Some(question(party)),
        at: None,
        verdict_only: place == 0,
    };
    let mut client = RightsServiceClient::new(channel);
    client.check_right(with_token(request, token)?).await?;
    Ok(())
}

/// Returns the ids of all parties of the ledger: names are given to each in turn, so that none has
/// very many.
pub fn parties() -> Outcome<&'static [String]> {
    static PARTIES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let lines = include_str!("../../../../deploy/near/03-parties.jsonl").lines();
        let ids = lines.filter_map(|line| line.split_once("\"party\": \"")?.1.split_once('"'));
        ids.map(|(id, _)| id.to_owned()).collect()
    });
    match PARTIES.as_slice() {
        [] => Err("there are no parties".into()),
        parties => Ok(parties),
    }
}

/// Asks whether a party may vote.
pub fn question(party: &str) -> v1::RightQuestion {
    v1::RightQuestion {
        party: party.to_owned(),
        right: "vote".to_owned(),
        body: "general-assembly".to_owned(),
    }
}

/// Reads drafts, one a line.
pub fn drafts(lines: &str) -> Outcome<Vec<v1::Draft>> {
    let drafts = parse_jsonl("load", lines).map(|line| Ok(line.map_err(|e| e.to_string())?.1));
    drafts.collect()
}
