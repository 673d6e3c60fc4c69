//! The service that lets clients watch what is recorded, and what it does to rights.

mod entries;
mod feed;
mod hub;
mod rights;
mod starts;
mod watch;
mod watchers;

pub(crate) use hub::Hub;

use crate::call::aside::aside;
use crate::call::auth::{Lasting, lasting};
use crate::dear::{Ask, Caller};
use feed::Feed;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use hub::Channel;
use standing_domain::stop::Stop;
use standing_proto::v1;
use standing_proto::v1::change_service_server::ChangeService;
use std::pin::Pin;
use std::sync::Arc;
use tonic::{Request, Response, Status};
use watch::Watch;
use watchers::Watcher;

/// The service.
pub(crate) struct Changes {
    hub: Arc<Hub>,
}

impl Changes {
    pub fn new(hub: Arc<Hub>) -> Self {
        Self { hub }
    }

    /// Begins a watch.
    fn begin<F: Feed>(
        &self,
        channel: &Channel<F::Item>,
        (caller, lasting, watcher): (Caller, Lasting, Watcher),
        feed: F,
        place: F::Place,
    ) -> Response<Messages<F::Message>> {
        let watch = Watch::new(&self.hub, channel, (caller, lasting), feed, place);
        let messages = try_unfold((watch, watcher), async |(mut watch, watcher)| {
            let message = watch.next().await?;
            Ok(Some((message, (watch, watcher))))
        });
        Response::new(Box::pin(messages))
    }
}

/// What a watch sends to its client.
type Messages<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl ChangeService for Changes {
    type WatchEntriesStream = Messages<v1::WatchEntriesResponse>;
    type WatchRightsStream = Messages<v1::WatchRightsResponse>;

    async fn watch_entries(
        &self,
        request: Request<v1::WatchEntriesRequest>,
    ) -> Result<Response<Self::WatchEntriesStream>, Status> {
        let (caller, lasting) = (Caller::of(&request)?, lasting(&request)?);
        let watcher = self.hub.watchers.enter(&lasting.identity().actor)?;
        let caller = (caller.without_deadline(), lasting, watcher);
        let (served, request) = (Arc::clone(&self.hub.served), request.into_inner());
        let (filter, after) = aside(move || starts::entries(&served.ledger, request)).await?;
        Ok(self.begin(&self.hub.entries, caller, filter, after))
    }

    async fn watch_rights(
        &self,
        request: Request<v1::WatchRightsRequest>,
    ) -> Result<Response<Self::WatchRightsStream>, Status> {
        let (caller, lasting) = (Caller::of(&request)?, lasting(&request)?);
        // Before anything is worked out.
        let watcher = self.hub.watchers.enter(&lasting.identity().actor)?;
        let request = request.into_inner();
        let ledger = self.hub.served.seen(&caller.sight);
        let start = self.hub.served.dear.ask(&caller, move |pace| {
            let test = || pace.check();
            starts::rights(&Ask::new(&ledger, Stop::when(&test), pace), request)
        });
        let (filter, after) = caller.in_time(start).await?;
        let caller = (caller.without_deadline(), lasting, watcher);
        Ok(self.begin(&self.hub.rights, caller, filter, after))
    }

    async fn get_stream_status(
        &self,
        _: Request<v1::GetStreamStatusRequest>,
    ) -> Result<Response<v1::GetStreamStatusResponse>, Status> {
        let served = &self.hub.served;
        let report = served.report().unwrap_or_default();
        Ok(Response::new(v1::GetStreamStatusResponse {
            role: served.role().into(),
            ..report
        }))
    }
}
