//! Watching rights.

use super::{Told, Watched};
use crate::args;
use crate::client::Client;
use crate::render;
use standing_proto::v1::watch_rights_request::Start;
use standing_proto::v1::watch_rights_response::Message;
use standing_proto::v1::{ChangeCursor, WatchRightsRequest, WatchRightsResponse};
use tonic::{Status, Streaming};

/// The request that goes on after what was told last.
pub struct Rights(WatchRightsRequest);

impl Rights {
    /// Reads what is asked for.
    pub fn new(args: &args::WatchRights, parties: Vec<String>) -> Self {
        let start = match (&args.after, args.since) {
            (Some(cursor), _) => Start::After(cursor.clone()),
            (None, Some(instant)) => Start::FromRecordTime(instant),
            (None, None) => Start::FromNow(true),
        };
        Self(WatchRightsRequest {
            start: Some(start),
            parties,
            rights: args.right.clone(),
        })
    }

    /// Takes note of a position where no cursor is known that reaches as far. Days that began after
    /// it are told again then, which is better than not at all.
    fn reach(&mut self, position: u64, epoch: u64) {
        let known = match &self.0.start {
            Some(Start::After(cursor)) => Some(cursor.position),
            _ => None,
        };
        if known.is_none_or(|known| known < position) {
            self.0.start = Some(Start::After(ChangeCursor {
                position,
                epoch,
                ..ChangeCursor::default()
            }));
        }
    }
}

impl Watched for Rights {
    type Message = WatchRightsResponse;

    async fn open(&self, client: &Client) -> Result<Streaming<WatchRightsResponse>, Status> {
        let response = client.changes().watch_rights(self.0.clone()).await?;
        Ok(response.into_inner())
    }

    fn take(&mut self, response: &WatchRightsResponse) -> Told {
        match &response.message {
            Some(Message::Event(event)) => {
                if let Some(cursor) = &event.cursor {
                    self.0.start = Some(Start::After(cursor.clone()));
                }
                render::watch::change(event).map_or(Told::Nothing, Told::Line)
            }
            Some(Message::CaughtUp(at)) => {
                self.reach(at.position, response.epoch);
                Told::CaughtUp
            }
            Some(Message::Heartbeat(at)) => {
                self.reach(at.position, response.epoch);
                Told::Nothing
            }
            // Of a later release.
            None => Told::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use standing_proto::v1::{CaughtUp, Heartbeat, RightsEvent};

    #[test]
    fn a_watch_goes_on_after_the_last_cursor() {
        let mut watched = Rights(WatchRightsRequest {
            start: Some(Start::FromNow(true)),
            ..WatchRightsRequest::default()
        });
        let cursor = ChangeCursor {
            position: 8,
            day: "2026-11-25".to_owned(),
            index: 1,
            count: 3,
            epoch: 9,
        };
        let alone = ChangeCursor {
            position: 7,
            epoch: 9,
            ..ChangeCursor::default()
        };
        let event = RightsEvent {
            cursor: Some(cursor.clone()),
            ..RightsEvent::default()
        };
        for (message, expected) in [
            (Message::CaughtUp(CaughtUp { position: 7 }), &alone),
            (Message::Event(event), &cursor),
            (Message::Heartbeat(Heartbeat { position: 8 }), &cursor),
        ] {
            watched.take(&WatchRightsResponse {
                message: Some(message),
                epoch: 9,
            });
            assert_eq!(watched.0.start, Some(Start::After(expected.clone())));
        }
    }
}
