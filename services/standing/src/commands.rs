//! The commands that call a server: each asks, and hands the answer to `render`.

mod law;
mod ledger;
mod parties;
mod rights;

use crate::args::{Call, Online};
use crate::client::Client;
use crate::failure::Failure;
use clap::Args;
use standing_proto::v1::point_in_time::KnownAt;
use standing_proto::v1::{Basis, PointInTime};
use tokio::runtime::Builder;

/// Runs a command and returns what it prints.
///
/// # Errors
/// The server cannot be reached, or the answer is no.
pub fn run(call: Call) -> Result<String, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed("cannot start").because(&error))?;
    runtime.block_on(answer(call))
}

async fn answer(call: Call) -> Result<String, Failure> {
    match call {
        Call::Import(online) => ask(online, ledger::import).await,
        Call::Record(online) => ask(online, ledger::record).await,
        Call::Rights(online) => ask(online, rights::rights).await,
        Call::Holders(online) => ask(online, rights::holders).await,
        Call::Roll(online) => ask(online, parties::roll).await,
        Call::Party(online) => ask(online, parties::party).await,
        Call::Chairs(online) => ask(online, parties::chairs).await,
        Call::Session(online) => ask(online, parties::session).await,
        Call::Sessions(online) => ask(online, parties::sessions).await,
        Call::Law(online) => ask(online, law::law).await,
        Call::Committees(online) => ask(online, parties::committees).await,
        Call::History(online) => ask(online, ledger::history).await,
        Call::Entry(online) => ask(online, ledger::entry).await,
        Call::Head(online) => ask(online, ledger::head).await,
    }
}

async fn ask<A: Args>(
    online: Online<A>,
    command: impl AsyncFnOnce(&Client, &A) -> Result<String, Failure>,
) -> Result<String, Failure> {
    let client = Client::connect(&online.connection).await?;
    command(&client, &online.args).await
}

/// Returns the point in time an answer was given at, so that a second question gets an answer that fits the first.
fn pinned(basis: Option<&Basis>) -> Option<PointInTime> {
    basis.map(|basis| PointInTime {
        on: basis.on.clone(),
        known_at: Some(KnownAt::Position(basis.position)),
        min_position: 0,
    })
}
