//! Lines in a stream: many are on their way at a time, and each is answered in its turn.

use super::{Line, Run, Sent};
use crate::client::Client;
use crate::failure::Failure;
use standing_proto::v1;
use std::collections::VecDeque;
use std::pin::Pin;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Response, Status, Streaming};

/// The most lines that are sent and not answered: twice what a server reads, so that it never waits
/// for more.
const MOST: usize = 512;

/// What came of a stream that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Streamed {
    /// All lines are recorded.
    All,
    /// The server does not know the method, and nothing is recorded.
    Unknown,
}

type Answers = Streaming<v1::RecordStreamResponse>;

/// Where answers come from.
enum Source {
    /// The server has not begun to answer.
    Opening(Pin<Box<dyn Future<Output = Result<Response<Answers>, Status>> + Send>>),
    Open(Box<Answers>),
}

impl Source {
    /// Calls with requests as they come.
    fn of(client: &Client, requests: mpsc::Receiver<v1::RecordStreamRequest>) -> Self {
        let mut ledger = client.ledger();
        let requests = ReceiverStream::new(requests);
        Self::Opening(Box::pin(
            async move { ledger.record_stream(requests).await },
        ))
    }

    /// Waits for the next answer; none at the end.
    async fn next(&mut self) -> Result<Option<v1::RecordStreamResponse>, Status> {
        loop {
            match self {
                Self::Opening(opening) => {
                    let answers = opening.as_mut().await?.into_inner();
                    *self = Self::Open(Box::new(answers));
                }
                Self::Open(answers) => return answers.message().await,
            }
        }
    }
}

impl Run<'_> {
    /// Records lines in a stream.
    pub(super) async fn stream<'s>(
        &mut self,
        lines: &mut impl Iterator<Item = Line<'s>>,
    ) -> Result<Streamed, Failure> {
        let (outlet, requests) = mpsc::channel(MOST);
        let mut answers = Source::of(self.client, requests);
        let mut outlet = Some(outlet);
        let mut sent = VecDeque::new();
        // Why the next line is not sent.
        let mut stopped = None;
        let mut is_known = false;
        loop {
            // In large pieces: each piece costs a wake-up on both sides.
            if sent.len() <= MOST / 2 {
                stopped = stopped.or(self.send(lines, &mut outlet, &mut sent));
            }
            let Some(line) = sent.front() else {
                break;
            };
            match answers.next().await {
                Ok(Some(answer)) => {
                    let recorded = answer.response.unwrap_or_default();
                    self.note(line, &recorded);
                    sent.pop_front();
                    is_known = true;
                }
                Ok(None) => {
                    let problem = "the server ended the stream before this line was answered";
                    return Err(Failure::failed(problem).at(&line.place));
                }
                Err(status) if status.code() == Code::Unimplemented && !is_known => {
                    self.forget(&sent);
                    return Ok(Streamed::Unknown);
                }
                Err(status) => return Err(line.refused(status)),
            }
        }
        if is_known {
            // All is answered, however the stream ends.
            let _ = answers.next().await;
        }
        stopped.map_or(Ok(Streamed::All), Err)
    }

    /// Sends as many lines as may be on their way; returns why the next is not sent, if it never
    /// is.
    fn send<'s>(
        &mut self,
        lines: &mut impl Iterator<Item = Line<'s>>,
        outlet: &mut Option<mpsc::Sender<v1::RecordStreamRequest>>,
        sent: &mut VecDeque<Sent<'s>>,
    ) -> Option<Failure> {
        while sent.len() < MOST
            && let Some(sender) = outlet
        {
            let Some(line) = lines.next() else {
                *outlet = None;
                break;
            };
            match self.prepared(line) {
                Ok((line, request)) => {
                    self.seen.insert(line.id.clone(), line.place.clone());
                    let request = Some(request);
                    // There is room for it; and why a call has ended is told by its answers.
                    let _ = sender.try_send(v1::RecordStreamRequest { request });
                    sent.push_back(line);
                }
                Err(failure) => {
                    *outlet = None;
                    return Some(failure);
                }
            }
        }
        None
    }

    /// Forgets lines of which nothing came.
    fn forget(&mut self, sent: &VecDeque<Sent<'_>>) {
        for line in sent {
            self.seen.remove(&line.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Connection;
    use crate::import::import;
    use standing_proto::v1::ledger_service_server::{LedgerService, LedgerServiceServer};
    use std::fs;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use tokio::net::TcpListener;
    use tokio_stream::Empty;
    use tonic::Request;
    use tonic::transport::Server;
    use tonic::transport::server::TcpIncoming;

    /// A server of a release that did not know streams: it records one request at a time, and
    /// counts them.
    #[derive(Clone, Default)]
    struct Older(Arc<AtomicU64>);

    #[tonic::async_trait]
    impl LedgerService for Older {
        type RecordStreamStream = Empty<Result<v1::RecordStreamResponse, Status>>;

        async fn record(
            &self,
            request: Request<v1::RecordRequest>,
        ) -> Result<Response<v1::RecordResponse>, Status> {
            if request.into_inner().request_id == "e" {
                return Err(Status::failed_precondition("refused"));
            }
            let last_position = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            Ok(Response::new(v1::RecordResponse {
                first_position: last_position,
                last_position,
                ..v1::RecordResponse::default()
            }))
        }

        async fn preview(
            &self,
            _: Request<v1::PreviewRequest>,
        ) -> Result<Response<v1::PreviewResponse>, Status> {
            Err(Status::unimplemented(""))
        }

        async fn record_stream(
            &self,
            mut request: Request<Streaming<v1::RecordStreamRequest>>,
        ) -> Result<Response<Self::RecordStreamStream>, Status> {
            // It reads what it does not know to its end.
            while request.get_mut().message().await?.is_some() {}
            Err(Status::unimplemented(""))
        }

        async fn get_entry(
            &self,
            _: Request<v1::GetEntryRequest>,
        ) -> Result<Response<v1::GetEntryResponse>, Status> {
            Err(Status::unimplemented(""))
        }

        async fn list_entries(
            &self,
            _: Request<v1::ListEntriesRequest>,
        ) -> Result<Response<v1::ListEntriesResponse>, Status> {
            Err(Status::unimplemented(""))
        }

        type BackupStream = tokio_stream::Empty<Result<v1::BackupResponse, Status>>;

        async fn backup(
            &self,
            _: Request<v1::BackupRequest>,
        ) -> Result<Response<Self::BackupStream>, Status> {
            Err(Status::unimplemented(""))
        }

        async fn fetch_keys(
            &self,
            _: Request<v1::FetchKeysRequest>,
        ) -> Result<Response<v1::FetchKeysResponse>, Status> {
            Err(Status::unimplemented(""))
        }

        async fn get_head(
            &self,
            _: Request<v1::GetHeadRequest>,
        ) -> Result<Response<v1::GetHeadResponse>, Status> {
            Err(Status::unimplemented(""))
        }
    }

    #[tokio::test]
    async fn an_older_server_is_called_line_by_line() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let older = Older::default();
        let serving = Server::builder()
            .add_service(LedgerServiceServer::new(older.clone()))
            .serve_with_incoming(TcpIncoming::from(listener));
        let serving = tokio::spawn(serving);
        let connection = Connection {
            server: format!("http://{address}"),
            token_file: None,
            ca: None,
            cert: None,
            key: None,
        };
        let client = Client::connect(&connection).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lines.jsonl");
        let lines = |ids: &str| {
            let line =
                |id| format!("{{\"id\":\"{id}\",\"rulesAdopted\":{{\"rulesVersion\":1}}}}\n");
            fs::write(&file, ids.chars().map(line).collect::<String>()).unwrap();
        };
        lines("abcd");
        let report = import(&client, std::slice::from_ref(&file)).await.unwrap();
        assert_eq!(
            report.to_string(),
            "4 recorded, 0 already there, from 1 file; last entry: 4"
        );
        lines("xyez");
        let failure = import(&client, std::slice::from_ref(&file)).await;
        let failure = failure.unwrap_err().to_string();
        assert!(failure.contains("lines.jsonl:3: refused"), "{failure}");
        assert!(failure.contains("2 recorded, 0 already there"), "{failure}");
        assert_eq!(older.0.load(Ordering::SeqCst), 6);
        serving.abort();
    }
}
