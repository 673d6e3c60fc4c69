//! The follower of a ledger that another node records: a task beside the server.

use crate::connect::{Connect, Link};
use crate::end::End;
use crate::error::{Stop, Trouble};
use crate::follow::{Desk, days, entries};
use crate::names::Names;
use crate::retry::Backoff;
use crate::status::{OnPanic, Status};
use crate::stream;
use standing_domain::id::AssociationId;
use standing_domain::id::epoch::Epoch;
use standing_engine::{Ledger, Recorder};
use standing_proto::v1::StreamRole;
use std::future::pending;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// What an operator may choose of following.
#[derive(Debug, Clone, Default)]
pub struct Following {
    /// Where NATS is.
    pub connect: Connect,
    /// Whose entries to follow. None: those this file has, or those of the one association whose
    /// stream there is.
    pub association: Option<AssociationId>,
}

/// A ledger that follows. Dropping it ends that at once, wherever it is; nothing is lost by it.
pub struct Follower {
    status: Arc<Status>,
    task: JoinHandle<()>,
}

/// Follows the entries of a stream into a ledger that was opened to follow.
#[must_use]
pub fn follow(recorder: Arc<Recorder>, options: Following) -> Follower {
    let status = Arc::new(Status::new(recorder.ledger().clone(), StreamRole::Replica));
    let task = tokio::spawn(run(recorder, options, Arc::clone(&status)));
    Follower { status, task }
}

impl Follower {
    /// Returns what tells how far it has come.
    #[must_use]
    pub fn status(&self) -> Arc<Status> {
        Arc::clone(&self.status)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(recorder: Arc<Recorder>, options: Following, status: Arc<Status>) {
    let _on_panic = OnPanic(&status);
    if let Err(stop) = Box::pin(serve(recorder, options, &status)).await {
        status.entries().stop(&stop.to_string());
    }
}

async fn serve(
    recorder: Arc<Recorder>,
    options: Following,
    status: &Arc<Status>,
) -> Result<(), Stop> {
    let known = known(recorder.ledger(), options.association)?;
    let mut link = Link::open(&options.connect, status).await?;
    let names = match known {
        Some(association) => Names::new(association),
        None => discover(&mut link, status).await?,
    };
    let ledger = recorder.ledger().clone();
    let mut desk = Desk {
        ledger: ledger.clone(),
        recorder,
        status: Arc::clone(status),
        link,
        names: names.in_epoch(epoch(&ledger).max(names.epoch())),
    };
    let mut backoff = Backoff::new();
    loop {
        match joined(&mut desk).await? {
            Joined::Here => {}
            Joined::Parted(end) => {
                // What is here after that was given up, and nothing recorded is ever taken back.
                status.was_resumed(end);
                return Ok(());
            }
        }
        status.named(&desk.names);
        let Some(end) = Box::pin(streams(&desk)).await else {
            return Ok(());
        };
        tracing::warn!(
            epoch = end.epoch.number(),
            kept = end.kept.number(),
            "the history was resumed elsewhere after entries were lost"
        );
        if end.epoch <= desk.names.epoch() {
            let stream = desk.names.entries_stream();
            return Err(Stop::Resumed { stream, end });
        }
        desk.names = desk.names.in_epoch(end.epoch);
        backoff.wait().await;
    }
}

/// Where a ledger stands to a stream that is to be followed.
enum Joined {
    /// The stream goes on where the ledger ends, or is not there: then it is waited for, or told.
    Here,
    /// The ledger holds what the stream's history was resumed without.
    Parted(End),
}

/// Finds out whether a ledger can follow the streams of its names; where there are none of these,
/// those of the association's last epoch. What a message said of the end of another is not relied
/// on: the entries are compared.
async fn joined(desk: &mut Desk) -> Result<Joined, Stop> {
    let mut backoff = Backoff::new();
    loop {
        desk.link.up(&desk.status).await?;
        match looked_at(desk).await {
            Ok(Some(joined)) => return Ok(joined),
            Ok(None) => desk
                .status
                .entries()
                .problem("the stream is still being published"),
            Err(Trouble::Stop(stop)) => return Err(stop),
            Err(Trouble::Passing(problem)) => desk.status.entries().problem(&problem.0),
        }
        backoff.wait().await;
    }
}

/// Looks once; none where the stream is not far enough to tell.
async fn looked_at(desk: &mut Desk) -> Result<Option<Joined>, Trouble> {
    let own = epoch(&desk.ledger);
    let mut found = stream::find(&desk.link, &desk.names.entries_stream()).await?;
    if found.is_none() {
        let all = stream::epochs(&desk.link, desk.names.association()).await?;
        // A history goes on in later ones only: an earlier stream is another.
        let later = |names: &&Names| names.epoch() > desk.names.epoch();
        if let Some(last) = all.iter().rfind(later) {
            found = stream::find(&desk.link, &last.entries_stream()).await?;
            desk.names = last.clone();
        }
    }
    let Some(found) = found else {
        return Ok(Some(Joined::Here));
    };
    if desk.names.epoch() <= own {
        return Ok(Some(Joined::Here));
    }
    let head = desk.ledger.head().position;
    let kept = stream::common(&found, &desk.names, &desk.ledger).await?;
    Ok(if kept == head {
        Some(Joined::Here)
    } else if stream::held(&found) > kept {
        let epoch = desk.names.epoch();
        Some(Joined::Parted(End { epoch, kept }))
    } else {
        None
    })
}

/// Follows the streams of one epoch; returns where their history goes on if it was resumed
/// elsewhere.
async fn streams(desk: &Desk) -> Option<End> {
    let days = async {
        days::run(desk.clone()).await;
        pending().await
    };
    tokio::select! {
        biased;
        end = async {
            match entries::run(desk.clone()).await {
                Some(end) => Some(end),
                // The days go on by themselves.
                None => pending().await,
            }
        } => end,
        end = days => end,
    }
}

/// Returns the epoch that a ledger has come to.
fn epoch(ledger: &Ledger) -> Epoch {
    ledger.epoch(ledger.head().position)
}

/// Returns the association to follow, if it was named or the file tells.
fn known(ledger: &Ledger, asked: Option<AssociationId>) -> Result<Option<AssociationId>, Stop> {
    match (ledger.association(), asked) {
        (Some(own), Some(asked)) if own != asked => Err(Stop::Association {
            own: own.to_string(),
            asked: asked.to_string(),
        }),
        (own, asked) => Ok(own.or(asked)),
    }
}

/// Finds the one stream of entries there is.
async fn discover(link: &mut Link, status: &Status) -> Result<Names, Stop> {
    let mut backoff = Backoff::new();
    loop {
        link.up(status).await?;
        match found(link).await {
            Ok(names) => return Ok(names),
            Err(Trouble::Stop(stop)) => return Err(stop),
            Err(Trouble::Passing(problem)) => status.entries().problem(&problem.0),
        }
        backoff.wait().await;
    }
}

async fn found(link: &Link) -> Result<Names, Trouble> {
    let mut found = stream::histories(link).await?;
    // Of one association the last epoch.
    found.reverse();
    found.dedup_by(|earlier, last| earlier.association() == last.association());
    found.reverse();
    match found.len() {
        0 => Err(Stop::None.into()),
        1 => Ok(found.remove(0)),
        _ => Err(Stop::Several {
            associations: found
                .iter()
                .map(|names| names.association().to_string())
                .collect(),
        }
        .into()),
    }
}
