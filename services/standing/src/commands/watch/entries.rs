//! Watching entries.

use super::{Told, Watched};
use crate::args;
use crate::client::Client;
use crate::render;
use standing_proto::v1::watch_entries_request::Start;
use standing_proto::v1::watch_entries_response::Message;
use standing_proto::v1::{WatchEntriesRequest, WatchEntriesResponse};
use tonic::{Status, Streaming};

/// The request that goes on after what was told last.
pub struct Entries(WatchEntriesRequest);

impl Entries {
    /// Reads what is asked for.
    pub fn new(args: &args::WatchEntries, parties: Vec<String>) -> Self {
        let start = match (args.after, args.since) {
            (Some((position, _)), _) => Start::AfterPosition(position),
            (None, Some(instant)) => Start::FromRecordTime(instant),
            (None, None) => Start::FromNow(true),
        };
        Self(WatchEntriesRequest {
            start: Some(start),
            kinds: args.kind.clone(),
            parties,
            epoch: args.after.map_or(0, |(_, epoch)| epoch),
        })
    }
}

impl Watched for Entries {
    type Message = WatchEntriesResponse;

    async fn open(&self, client: &Client) -> Result<Streaming<WatchEntriesResponse>, Status> {
        let response = client.changes().watch_entries(self.0.clone()).await?;
        Ok(response.into_inner())
    }

    fn take(&mut self, response: &WatchEntriesResponse) -> Told {
        let (position, told) = match &response.message {
            Some(Message::Entry(entry)) => {
                (entry.position, Told::Line(render::watch::entry(entry)))
            }
            Some(Message::CaughtUp(at)) => (at.position, Told::CaughtUp),
            Some(Message::Progress(at)) => (at.position, Told::Nothing),
            Some(Message::Heartbeat(at)) => (at.position, Told::Nothing),
            // Of a later release.
            None => return Told::Nothing,
        };
        self.0.start = Some(Start::AfterPosition(position));
        self.0.epoch = response.epoch;
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use standing_proto::v1::{CaughtUp, Entry, Progress};

    #[test]
    fn a_watch_goes_on_after_what_was_told_last() {
        let args = args::WatchEntries {
            after: None,
            since: None,
            now: false,
            kind: Vec::new(),
            filter: args::Filter::default(),
            watching: args::Watching::default(),
        };
        let mut watched = Entries::new(&args, Vec::new());
        assert_eq!(watched.0.start, Some(Start::FromNow(true)));
        let messages = [
            Message::CaughtUp(CaughtUp { position: 7 }),
            Message::Entry(Entry {
                position: 8,
                ..Entry::default()
            }),
            Message::Progress(Progress { position: 9 }),
        ];
        for (message, position) in messages.into_iter().zip(7..) {
            watched.take(&WatchEntriesResponse {
                message: Some(message),
                epoch: position / 8,
            });
            assert_eq!(watched.0.start, Some(Start::AfterPosition(position)));
            assert_eq!(watched.0.epoch, position / 8);
        }
    }
}
