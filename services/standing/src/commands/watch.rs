//! Watching live: what the server tells is printed line by line, until the reader or the person has
//! had enough. A server that goes away is asked again, after what it told last.

mod entries;
mod rights;

use crate::args;
use crate::args::{Filter, Watching};
use crate::client::Client;
use crate::failure::{Failure, reason};
use crate::output;
use entries::Entries;
use rights::Rights;
use standing_proto::json::to_json;
use standing_proto::v1::PointInTime;
use std::future::pending;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tonic::{Code, Status, Streaming};

/// How long a server that is there may be silent. It says that it is there four times as often.
const SILENCE: Duration = Duration::from_mins(1);

/// How long to wait before a server is asked again: at first, and at most.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What is watched, and how far that has come.
trait Watched {
    /// A message of the watch.
    type Message: prost::Name;

    /// Begins, or goes on after what was told last.
    async fn open(&self, client: &Client) -> Result<Streaming<Self::Message>, Status>;

    /// Takes note of a message, and returns how a person reads it.
    fn take(&mut self, message: &Self::Message) -> Told;
}

/// A message as a person reads it.
enum Told {
    /// A line.
    Line(String),
    /// Nothing to read.
    Nothing,
    /// Everything up to the head has been told.
    CaughtUp,
}

/// How a connection ends.
enum End {
    /// Enough has been told.
    Enough,
    /// The server has gone.
    Gone(Status),
}

/// Shows what happens.
///
/// # Errors
/// The server cannot be reached, or refuses.
pub async fn watch(watch: args::Watch) -> Result<(), Failure> {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    };
    tokio::select! {
        ended = show(watch) => ended,
        () = interrupted => Ok(()),
    }
}

async fn show(watch: args::Watch) -> Result<(), Failure> {
    match watch {
        args::Watch::Entries(online) => {
            let client = Client::connect(&online.connection).await?;
            let parties = parties(&client, &online.args.filter).await?;
            let watched = Entries::new(&online.args, parties);
            follow(&client, watched, &online.args.watching).await
        }
        args::Watch::Rights(online) => {
            let client = Client::connect(&online.connection).await?;
            let parties = parties(&client, &online.args.filter).await?;
            let watched = Rights::new(&online.args, parties);
            follow(&client, watched, &online.args.watching).await
        }
    }
}

async fn parties(client: &Client, filter: &Filter) -> Result<Vec<String>, Failure> {
    let mut parties = Vec::with_capacity(filter.party.len());
    for party in &filter.party {
        parties.push(client.find_party(party, &PointInTime::default()).await?);
    }
    Ok(parties)
}

/// Watches until enough has been told, whatever becomes of the server in between.
async fn follow<W: Watched>(
    client: &Client,
    mut watched: W,
    watching: &Watching,
) -> Result<(), Failure> {
    // Who asks for what is refused, or where nobody answers, is told so at once.
    let mut messages = watched.open(client).await?;
    loop {
        let gone = match print(&mut watched, messages, watching).await? {
            End::Enough => return Ok(()),
            End::Gone(status) => status,
        };
        output::note(&format!(
            "the server has gone ({}); asking again",
            gone.message()
        ));
        let mut wait = FIRST_WAIT;
        messages = loop {
            sleep(wait).await;
            match watched.open(client).await {
                Ok(messages) => break messages,
                Err(status) if is_passing(&status) => wait = LONGEST_WAIT.min(wait * 2),
                Err(status) => return Err(status.into()),
            }
        };
        output::note("going on");
    }
}

/// Prints what comes over one connection.
async fn print<W: Watched>(
    watched: &mut W,
    mut messages: Streaming<W::Message>,
    watching: &Watching,
) -> Result<End, Failure> {
    loop {
        let message = match timeout(SILENCE, messages.message()).await {
            Ok(Ok(Some(message))) => message,
            Ok(Ok(None)) => return Ok(End::Gone(Status::unavailable("it ended the watch"))),
            Ok(Err(status)) if is_passing(&status) => return Ok(End::Gone(status)),
            Ok(Err(status)) => return Err(status.into()),
            Err(_) => return Ok(End::Gone(Status::unavailable("it is silent"))),
        };
        let told = watched.take(&message);
        let has_reader = match &told {
            _ if watching.json => output::say_line(&json(&message)?)?,
            Told::Line(line) => output::say_line(line)?,
            Told::Nothing | Told::CaughtUp => true,
        };
        let is_caught_up = matches!(told, Told::CaughtUp);
        if !has_reader || (is_caught_up && watching.until_caught_up) {
            return Ok(End::Enough);
        }
    }
}

fn json<M: prost::Name>(message: &M) -> Result<String, Failure> {
    to_json(message)
        .map_err(|error| Failure::failed("a message cannot be written as JSON").because(&error))
}

/// Returns whether asking again may help: the server has gone, or another stands in for it that is
/// not there yet.
fn is_passing(status: &Status) -> bool {
    match reason(status).as_deref() {
        Some("POSITION_BEYOND_HEAD") => true,
        Some(_) => status.code() == Code::Unavailable,
        // Not the server's own words: the connection broke.
        None => matches!(
            status.code(),
            Code::Unavailable | Code::Unknown | Code::Internal | Code::Cancelled
        ),
    }
}
