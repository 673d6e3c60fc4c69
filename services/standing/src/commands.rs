//! The commands that call a server: each asks, and hands the answer to `render`.

mod backup;
mod days;
mod dues;
mod findings;
mod health;
mod law;
mod ledger;
mod parties;
mod rights;
mod stream;
mod watch;

use crate::args;
use crate::args::{Call, Online};
use crate::client::Client;
use crate::failure::Failure;
use clap::Args;
use standing_proto::v1::point_in_time::KnownAt;
use standing_proto::v1::{Basis, Draft, PointInTime};
use tokio::runtime::Builder;

/// Runs a command and returns what it prints.
///
/// # Errors
/// The server cannot be reached, or the answer is no.
pub fn run(call: Call) -> Result<String, Failure> {
    start(answer(call, &[]))
}

/// Shows what happens, until there is nobody left to show it to.
///
/// # Errors
/// The server cannot be reached, or refuses.
pub fn watch(watch: args::Watch) -> Result<(), Failure> {
    start(watch::watch(watch))
}

/// Runs a question as if drafts were recorded, and returns what it prints.
///
/// # Errors
/// The drafts cannot be read, the server cannot be reached, or the answer is no.
pub fn what_if(what_if: args::WhatIf) -> Result<String, Failure> {
    let batch = ledger::drafts(&what_if.drafts)?;
    start(answer(*what_if.question, &batch.drafts)).map_err(|failure| batch.place(failure))
}

fn start<T>(answer: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed("cannot start").because(&error))?;
    runtime.block_on(answer)
}

async fn answer(call: Call, assume: &[Draft]) -> Result<String, Failure> {
    let of_the_log = matches!(
        call,
        Call::Import(_)
            | Call::Record(_)
            | Call::History(args::Online {
                args: args::History {
                    as_known: false,
                    ..
                },
                ..
            })
            | Call::Entry(_)
            | Call::Entries(_)
            | Call::Head(_)
            | Call::Health(_)
            | Call::Backup(_)
            | Call::Stream(_)
    );
    if of_the_log && !assume.is_empty() {
        let problem =
            "what-if asks a question about a point in time; the log itself has no what-if";
        return Err(Failure::refused(problem));
    }
    match call {
        Call::Import(online) => ask(online, assume, ledger::import).await,
        Call::Record(online) => ask(online, assume, ledger::record).await,
        Call::Rights(online) => ask(online, assume, rights::rights).await,
        Call::Holders(online) => ask(online, assume, rights::holders).await,
        Call::Roll(online) => ask(online, assume, parties::roll).await,
        Call::Parties(online) => ask(online, assume, parties::parties).await,
        Call::Party(online) => ask(online, assume, parties::party).await,
        Call::Chairs(online) => ask(online, assume, parties::chairs).await,
        Call::Rotation(online) => ask(online, assume, parties::rotation).await,
        Call::Session(online) => ask(online, assume, parties::session).await,
        Call::Sessions(online) => ask(online, assume, parties::sessions).await,
        Call::Law(online) => ask(online, assume, law::law).await,
        Call::Account(online) => ask(online, assume, dues::account).await,
        Call::Arrears(online) => ask(online, assume, dues::arrears).await,
        Call::Findings(online) => ask(online, assume, findings::findings).await,
        Call::Committees(online) => ask(online, assume, parties::committees).await,
        Call::Vocabulary(online) => ask(online, assume, parties::vocabulary).await,
        Call::History(online) => ask(online, assume, days::history).await,
        Call::Days(online) => ask(online, assume, days::days).await,
        Call::Upcoming(online) => ask(online, assume, days::upcoming).await,
        Call::Compare(online) => ask(online, assume, days::compare).await,
        Call::Entry(online) => ask(online, assume, ledger::entry).await,
        Call::Entries(online) => ask(online, assume, ledger::entries).await,
        Call::Head(online) => ask(online, assume, ledger::head).await,
        Call::Health(online) => ask(online, assume, health::health).await,
        Call::Backup(online) => ask(online, assume, backup::backup).await,
        Call::Stream(args::Stream::Status(online)) => ask(online, assume, stream::status).await,
    }
}

async fn ask<A: Args>(
    online: Online<A>,
    assume: &[Draft],
    command: impl AsyncFnOnce(&Client, &A) -> Result<String, Failure>,
) -> Result<String, Failure> {
    let client = Client::connect(&online.connection).await?.assuming(assume);
    command(&client, &online.args).await
}

/// Returns the point in time an answer was given at, so that a second question gets an answer that
/// fits the first.
fn pinned(client: &Client, basis: Option<&Basis>) -> Option<PointInTime> {
    basis.map(|basis| {
        client.assumed(PointInTime {
            on: basis.on.clone(),
            known_at: Some(KnownAt::Position(basis.position)),
            epoch: basis.epoch,
            ..PointInTime::default()
        })
    })
}
