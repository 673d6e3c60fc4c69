//! The service that records drafts and reads the log.

pub(crate) mod backup;
pub(crate) mod entries;
pub(crate) mod keys;
mod preview;
pub(crate) mod record;
pub(crate) mod stream;
pub(crate) mod warnings;

use crate::access::is_proxied;
use crate::call::aside::aside;
use crate::call::auth::{Sight, begun, caller, lasting};
use crate::call::calls::{answer, dear, fitting, point_of};
use crate::call::deadline::timeout_of;
use crate::call::errors::Problem;
use crate::call::served::Served;
use crate::dear::{Ask, Caller, Pace};
use crate::door::Arriving;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use standing_domain::stop::Stop;
use standing_engine::{Outcome, RecordError};
use standing_proto::v1;
use standing_proto::v1::ledger_service_server::LedgerService;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::{Semaphore, oneshot};
use tonic::{Request, Response, Status, Streaming};

/// How many batches may wait for the writer; below what its queue holds, so that handing one over
/// never blocks.
const WAITING: usize = 1_024;

/// The answers of a stream, in the order of its requests.
type Answers = Pin<Box<dyn Stream<Item = Result<v1::RecordStreamResponse, Status>> + Send>>;

/// The pieces of a backup.
type Pieces = Pin<Box<dyn Stream<Item = Result<v1::BackupResponse, Status>> + Send>>;

/// The service.
pub(crate) struct Ledger {
    served: Arc<Served>,
    waiting: Arc<Semaphore>,
    backups: Arc<backup::Places>,
}

impl Ledger {
    pub fn new(served: Arc<Served>) -> Self {
        Self {
            served,
            waiting: Arc::new(Semaphore::new(WAITING)),
            backups: Arc::default(),
        }
    }

    async fn recorded(&self, request: standing_engine::Request) -> Result<Outcome, Problem> {
        let closing = || Problem::from(RecordError::Closing);
        let place = Arc::clone(&self.waiting).acquire_owned().await;
        let place = place.map_err(|_| closing())?;
        let (send, receive) = oneshot::channel();
        let call = crate::door::current();
        self.served.recorder.submit(request, move |outcome| {
            // The place is free when the writer has answered, even if the caller has gone; so is
            // the memory of the call.
            drop((place, call));
            let _ = send.send(outcome);
        });
        let outcome = receive.await.map_err(|_| closing())?;
        outcome.map_err(|error| self.served.not_recorded(error))
    }
}

#[tonic::async_trait]
impl LedgerService for Ledger {
    async fn record(
        &self,
        request: Request<v1::RecordRequest>,
    ) -> Result<Response<v1::RecordResponse>, Status> {
        let who = caller(&request)?;
        let wire = request.into_inner();
        let is_long = record::is_long(&wire);
        let served = Arc::clone(&self.served);
        let read = move || {
            let ledger = served.seen(&who.sight());
            record::read(&ledger, wire, &who, &[])
        };
        let submitted = if is_long { aside(read).await? } else { read()? };
        let outcome = self.recorded(submitted.request).await?;
        Ok(Response::new(record::response(
            &self.served.ledger,
            outcome,
            submitted.warnings,
        )))
    }

    async fn preview(
        &self,
        request: Request<v1::PreviewRequest>,
    ) -> Result<Response<v1::PreviewResponse>, Status> {
        let caller = Caller::of(&request)?;
        let sight = caller.sight.clone();
        let (call, _, wire) = request.into_parts();
        let served = &self.served;
        let answer = async {
            let fresh = v1::PointInTime {
                min_position: wire.min_position,
                epoch: wire.epoch,
                ..v1::PointInTime::default()
            };
            served.ready_for(&point_of(&fresh), &call).await?;
            let ledger = served.seen(&sight);
            let work = move |pace: &Pace| {
                let test = || pace.check();
                let ask = Ask::new(&ledger, Stop::when(&test), pace);
                let (asked, warnings) = record::read_preview(&ask, wire)?;
                fitting::<v1::PreviewRequest, _>(v1::PreviewResponse {
                    warnings,
                    ..preview::preview(&ask, asked)?
                })
            };
            served.dear.ask(&caller, work).await
        };
        Ok(Response::new(caller.in_time(answer).await?))
    }

    type RecordStreamStream = Answers;

    async fn record_stream(
        &self,
        request: Request<Streaming<v1::RecordStreamRequest>>,
    ) -> Result<Response<Answers>, Status> {
        let lasting = lasting(&request)?;
        // The door reads: there is nothing in the stream that comes with the request.
        let intake = request.extensions().get::<Arriving>();
        let intake = intake.and_then(Arriving::take);
        let intake = intake.ok_or_else(|| Status::unavailable("the call came through no door"))?;
        let until = stream::until(begun(&request), timeout_of(request.metadata().as_ref()));
        let stream = stream::Stream::new(&self.served, lasting, intake, until);
        let answers = try_unfold(stream, async |mut stream| {
            let answer = stream.answer().await?;
            Ok(answer.map(|answer| (answer, stream)))
        });
        Ok(Response::new(Box::pin(answers)))
    }

    async fn get_entry(
        &self,
        request: Request<v1::GetEntryRequest>,
    ) -> Result<Response<v1::GetEntryResponse>, Status> {
        answer(&self.served, request, |ask, asked| {
            entries::get_entry(ask, asked)
        })
        .await
    }

    async fn list_entries(
        &self,
        request: Request<v1::ListEntriesRequest>,
    ) -> Result<Response<v1::ListEntriesResponse>, Status> {
        dear(&self.served, request, entries::list_entries).await
    }

    async fn fetch_keys(
        &self,
        request: Request<v1::FetchKeysRequest>,
    ) -> Result<Response<v1::FetchKeysResponse>, Status> {
        let who = caller(&request)?;
        let is_proxied = is_proxied(request.metadata().as_ref());
        let is_private = crate::door::current().is_some_and(|call| call.is_private());
        let sight = Sight::of(request.extensions());
        let asked = request.into_inner();
        let answer = keys::fetch(&self.served, &asked, is_private && !is_proxied)?;
        if !answer.keys.is_empty() {
            // Whoever has the keys can read the names.
            if let Some(noted) = &sight.noted {
                noted.note_names();
            }
            let (actor, count) = (&who.actor, answer.keys.len());
            tracing::warn!(%actor, count, "keys of names were fetched");
        }
        Ok(Response::new(answer))
    }

    type BackupStream = Pieces;

    async fn backup(
        &self,
        request: Request<v1::BackupRequest>,
    ) -> Result<Response<Pieces>, Status> {
        let lasting = lasting(&request)?;
        let pieces = backup::Pieces::begin(&self.served, &self.backups, lasting)?;
        let pieces = try_unfold(pieces, async |mut pieces| {
            let piece = pieces.next().await?;
            Ok(piece.map(|piece| (piece, pieces)))
        });
        Ok(Response::new(Box::pin(pieces)))
    }

    async fn get_head(
        &self,
        request: Request<v1::GetHeadRequest>,
    ) -> Result<Response<v1::GetHeadResponse>, Status> {
        answer(&self.served, request, |ask, _| entries::get_head(ask)).await
    }
}
