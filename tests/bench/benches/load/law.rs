//! A law of thousands of versions and classes that changes: who needs it as it is now waits for its
//! layout, which is made once; who asks as known before, and who records, does not.

use crate::probe::{drafts, question};
use crate::scale::Scale;
use crate::server::{HEAVY, OTHER, Server};
use crate::wire::{connect, with_token};
use standing_bench::rounds::{median, percentile};
use standing_bench::table::{Bound, Table};
use standing_bench::{Outcome, world};
use standing_proto::v1;
use standing_proto::v1::ledger_service_client::LedgerServiceClient;
use standing_proto::v1::rights_service_client::RightsServiceClient;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::{JoinHandle, JoinSet};
use tonic::transport::Channel;

/// How many wait for the new law at a time.
const WAITING: usize = 8;

/// How many articles share the versions.
const ARTICLES: u32 = 50;

/// How long it is from one change to the next.
const REST: Duration = Duration::from_millis(400);

pub fn law(scale: &Scale, table: &mut Table) -> Outcome {
    let server = Server::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build()?;
    runtime.block_on(async {
        let channel = connect(&server.url, None).await?;
        let before = record(&channel, HEAVY, "before", &renamed("before", 0)?).await?;
        write_law(&channel, scale).await?;
        verdict(&channel, None).await?;

        let over = Arc::new(AtomicBool::new(false));
        let apart = connect(&server.url, None).await?;
        let known = repeat(scale, &over, move |_| {
            let apart = apart.clone();
            async move { verdict(&apart, Some(before)).await }
        });
        let apart = connect(&server.url, None).await?;
        let recorded = repeat(scale, &over, move |number| {
            let apart = apart.clone();
            async move {
                let id = format!("beside-{number}");
                record(&apart, OTHER, &id, &renamed(&id, number)?).await?;
                Ok(())
            }
        });

        let (mut first, mut last, mut commits) = (Vec::new(), Vec::new(), Vec::new());
        for change in 0..scale.changes {
            tokio::time::sleep(REST).await;
            let id = format!("change-{change}");
            let begun = Instant::now();
            record(
                &channel,
                HEAVY,
                &id,
                &amended(&id, 0, scale.versions / ARTICLES + change),
            )
            .await?;
            commits.push(begun.elapsed().as_secs_f64() * 1e3);
            let mut waiting = JoinSet::new();
            let begun = Instant::now();
            for _ in 0..WAITING {
                let channel = channel.clone();
                waiting.spawn(async move {
                    verdict(&channel, None).await?;
                    Outcome::Ok(begun.elapsed())
                });
            }
            let waited: Vec<Duration> = waiting
                .join_all()
                .await
                .into_iter()
                .collect::<Outcome<_>>()?;
            let millis =
                |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
            first.push(millis(waited.iter().min()));
            last.push(millis(waited.iter().max()));
        }
        over.store(true, Ordering::Relaxed);
        let what = format!(
            "law of {} versions, {} classes",
            scale.versions, scale.classes
        );
        let bound = Some(Bound::AtMost(200.0));
        let most = last.iter().copied().fold(0.0, f64::max);
        table.value(
            &format!("{what}: a verdict after a change, first of {WAITING}, median"),
            "ms",
            median(first),
            bound,
        );
        table.value(
            &format!("{what}: the same, last of {WAITING}, median"),
            "ms",
            median(last),
            bound,
        );
        table.value(&format!("{what}: the same, most of all"), "ms", most, bound);
        table.value(
            &format!("{what}: a change recorded, median"),
            "ms",
            median(commits),
            None,
        );
        for (name, probe, bound) in [("as known before", known, 10.0), ("Record", recorded, 50.0)] {
            let mut times = probe.await??;
            let p99 = percentile(&mut times, 990).as_secs_f64() * 1e3;
            let most = percentile(&mut times, 1_000).as_secs_f64() * 1e3;
            table.value(
                &format!("{what}: {name}, p99 of {}", times.len()),
                "ms",
                p99,
                Some(Bound::AtMost(bound)),
            );
            table.value(&format!("{what}: {name}, most"), "ms", most, None);
        }
        Ok(())
    })
}

/// Calls at a steady pace until it is over; returns what each took since it was due.
fn repeat<F>(
    scale: &Scale,
    over: &Arc<AtomicBool>,
    call: impl Fn(u32) -> F + Send + 'static,
) -> JoinHandle<Outcome<Vec<Duration>>>
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let (over, pace) = (Arc::clone(over), scale.pace);
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(pace);
        let mut calls = JoinSet::new();
        let mut number = 0;
        while !over.load(Ordering::Relaxed) {
            let due: Instant = interval.tick().await.into();
            number += 1;
            let call = call(number);
            calls.spawn(async move {
                call.await?;
                Outcome::Ok(due.elapsed())
            });
        }
        calls.join_all().await.into_iter().collect()
    })
}

async fn verdict(channel: &Channel, known_at: Option<u64>) -> Outcome {
    let request = v1::CheckRightRequest {
        question: Some(question("cn-jilin")),
        at: Some(v1::PointInTime {
            known_at: known_at.map(v1::point_in_time::KnownAt::Position),
            ..v1::PointInTime::default()
        }),
        verdict_only: true,
    };
    let mut client = RightsServiceClient::new(channel.clone());
    client.check_right(with_token(request, OTHER)?).await?;
    Ok(())
}

async fn record(channel: &Channel, token: &str, id: &str, lines: &str) -> Outcome<u64> {
    let request = v1::RecordRequest {
        request_id: format!("law-{id}"),
        drafts: drafts(lines)?,
        irregular: v1::IrregularPolicy::Record.into(),
        ..v1::RecordRequest::default()
    };
    let mut client = LedgerServiceClient::new(channel.clone());
    let answer = client.record(with_token(request, token)?).await?;
    Ok(answer.into_inner().last_position)
}

/// A draft that moves no law.
fn renamed(id: &str, number: u32) -> Outcome<String> {
    let parties = crate::probe::parties()?;
    let party = &parties[number as usize % parties.len()];
    let date = world::day(8_000 + u32::try_from(number as usize / parties.len())?);
    Ok(format!(
        r#"{{"id": "law-{id}", "effective": {{"date": "{date}"}}, "nameTaken": {{"party": "{party}", "name": {{"language": "en", "text": "Law {id}"}}}}}}"#
    ))
}

fn amended(id: &str, article: u32, version: u32) -> String {
    let (year, month, day) = (
        1_997 + version / 336,
        version % 336 / 28 + 1,
        version % 28 + 1,
    );
    let change = if version == 0 { "ORIGINAL" } else { "AMENDED" };
    format!(
        r#"{{"id": "law-{id}", "effective": {{"date": "{year}-{month:02}-{day:02}"}}, "articleEnacted": {{"instrument": "large", "article": "{article}", "citation": "{article}, {version}", "change": "ARTICLE_CHANGE_{change}", "norms": [{{"support": "SUPPORT_TEXT", "confer": {{"right": "vote", "body": "general-assembly", "classes": ["full"]}}}}]}}}}"#
    )
}

async fn write_law(channel: &Channel, scale: &Scale) -> Outcome {
    let classes: Vec<String> = (0..scale.classes)
        .map(|class| {
            format!(r#"{{"id": "law-class-{class}", "termDeclared": {{"kind": "TERM_KIND_CLASS", "term": "class-{class}"}}}}"#)
        })
        .collect();
    for (number, classes) in classes.chunks(500).enumerate() {
        record(
            channel,
            HEAVY,
            &format!("classes-{number}"),
            &classes.join("\n"),
        )
        .await?;
    }
    let adopted = r#"{"id": "law-large", "effective": {"date": "1997-01-01"}, "instrumentAdopted": {"instrument": "large"}}"#;
    record(channel, HEAVY, "large", adopted).await?;
    for version in 0..scale.versions / ARTICLES {
        let lines: Vec<String> = (0..ARTICLES)
            .map(|article| amended(&format!("{article}-{version}"), article, version))
            .collect();
        record(
            channel,
            HEAVY,
            &format!("version-{version}"),
            &lines.join("\n"),
        )
        .await?;
    }
    Ok(())
}
