//! The service that records drafts and reads the log.

pub(crate) mod entries;
pub(crate) mod record;
pub(crate) mod warnings;

use crate::call::aside::aside;
use crate::call::auth::caller;
use crate::call::calls::{answer, dear};
use crate::call::errors::Problem;
use crate::call::served::Served;
use prost::Message as _;
use standing_engine::{Outcome, RecordError};
use standing_proto::time::timestamp;
use standing_proto::v1;
use standing_proto::v1::ledger_service_server::LedgerService;
use std::sync::Arc;
use tokio::sync::{Semaphore, oneshot};
use tonic::{Request, Response, Status};

/// How many batches may wait for the writer; below what its queue holds, so that handing one over
/// never blocks.
const WAITING: usize = 1_024;

/// Of a batch with more drafts the reading takes longer than a thread of the runtime should be
/// kept.
const FEW: usize = 64;

/// So does that of one with more bytes: its texts are searched for names.
const SHORT: usize = 64 << 10;

/// The service.
pub(crate) struct Ledger {
    served: Arc<Served>,
    waiting: Arc<Semaphore>,
}

impl Ledger {
    pub fn new(served: Arc<Served>) -> Self {
        Self {
            served,
            waiting: Arc::new(Semaphore::new(WAITING)),
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
        let actor = caller(&request)?;
        let wire = request.into_inner();
        let is_long = wire.drafts.len() > FEW || wire.encoded_len() > SHORT;
        let served = Arc::clone(&self.served);
        let read = move || record::read(served.recorder.ledger(), wire, actor);
        let submitted = if is_long { aside(read).await? } else { read()? };
        let outcome = self.recorded(submitted.request).await?;
        let recorded = outcome.recorded();
        Ok(Response::new(v1::RecordResponse {
            first_position: recorded.map_or(0, |recorded| recorded.first.number()),
            last_position: recorded.map_or(0, |recorded| recorded.last.number()),
            record_time: recorded.map(|recorded| timestamp(recorded.record_time)),
            replayed: outcome.is_replayed(),
            warnings: submitted.warnings,
        }))
    }

    async fn get_entry(
        &self,
        request: Request<v1::GetEntryRequest>,
    ) -> Result<Response<v1::GetEntryResponse>, Status> {
        answer(&self.served, request, |ask, asked| {
            entries::get_entry(ask, asked.position)
        })
        .await
    }

    async fn list_entries(
        &self,
        request: Request<v1::ListEntriesRequest>,
    ) -> Result<Response<v1::ListEntriesResponse>, Status> {
        dear(&self.served, request, entries::list_entries).await
    }

    async fn get_head(
        &self,
        request: Request<v1::GetHeadRequest>,
    ) -> Result<Response<v1::GetHeadResponse>, Status> {
        answer(&self.served, request, |ask, _| entries::get_head(ask)).await
    }
}
