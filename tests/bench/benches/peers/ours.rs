//! The ledger's own server: the binary as it is released, on loopback.

use crate::asked::{Asked, Check, PAGE, PAGES_ON, day_of_count, day_of_roll};
use crate::ready::Ready;
use crate::scale::Scale;
use crate::side::{Answer, Asking, Holder, Side, Turn, Work};
use standing_bench::crowd;
use standing_bench::process::Killed;
use standing_bench::wire::endpoint;
use standing_bench::world::{ASSEMBLY, CLASSES, day};
use standing_bench::{Outcome, released};
use standing_domain::id::DraftId;
use standing_domain::time::day::Day;
use standing_proto::v1;
use standing_proto::v1::ledger_service_client::LedgerServiceClient;
use standing_proto::v1::point_in_time::KnownAt;
use standing_proto::v1::rights_service_client::RightsServiceClient;
use standing_proto::v1::roll_service_client::RollServiceClient;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use tonic::transport::Channel;
use tonic::{Code, Status};

/// The most that a page may hold: who wants all of a list takes pages of so many.
const MOST_OF_PAGE: u32 = 1_000;

/// How many appends a stream brings.
const STREAMED: usize = 4_000;

/// Where a page of holders begins: by the token that the server gave, or after a party.
pub struct Page {
    token: String,
    pub after: String,
}

/// A server that runs until this is dropped, and connections to it.
pub struct Ours {
    channels: Vec<Channel>,
    appends: Ready<v1::RecordRequest>,
    asked: OnceLock<Arc<Asked>>,
    _server: Killed,
}

/// Returns the channels that callers share.
pub async fn channels(address: SocketAddr, scale: &Scale) -> Outcome<Vec<Channel>> {
    let endpoint = endpoint(address)?;
    let mut channels = Vec::with_capacity(scale.connections);
    for _ in 0..scale.connections {
        channels.push(endpoint.connect().await?);
    }
    Ok(channels)
}

impl Ours {
    /// Starts the server on a ledger.
    pub async fn start(ledger: &Path, scale: &Scale) -> Outcome<Self> {
        let mut command = Command::new(released::binary()?);
        command
            .args([
                "serve",
                "--accept-clock",
                "--listen",
                "127.0.0.1:0",
                "--data",
            ])
            .arg(ledger);
        let (server, url) = released::start(command, &ledger.with_extension("log"))?;
        let address = url.strip_prefix("http://").ok_or("no address")?;
        let size = scale.size();
        Ok(Self {
            channels: channels(address.parse()?, scale).await?,
            appends: Ready::new(move |serial| {
                let content = crowd::renamed(serial, &size)?;
                let id = content.id.as_ref().map_or("none", DraftId::as_str);
                Ok(v1::RecordRequest {
                    request_id: id.to_owned(),
                    drafts: vec![v1::Draft::from(&content)],
                    ..v1::RecordRequest::default()
                })
            }),
            asked: OnceLock::new(),
            _server: server,
        })
    }

    /// Tells what will be asked, which it could not be told before it served.
    pub fn asked(&self, asked: &Arc<Asked>) {
        self.asked.get_or_init(|| Arc::clone(asked));
    }

    /// Returns the position of the last entry.
    pub async fn head(&self) -> Outcome<u64> {
        let mut client = LedgerServiceClient::new(self.channel(0));
        let head = client.get_head(v1::GetHeadRequest {}).await?.into_inner();
        Ok(head.head.ok_or("no head")?.position)
    }

    /// Finds where pages of holders begin on a day; the first page is not among them, and the last
    /// two neither, so that all are full.
    pub async fn pages(&self, on: Day) -> Outcome<Vec<Page>> {
        let (mut pages, mut token) = (Vec::new(), String::new());
        loop {
            let (holders, next) = self.page_of_holders(0, on, PAGE, token).await?;
            let last = holders.into_iter().next_back();
            match last {
                Some(last) if !next.is_empty() => pages.push(Page {
                    token: next.clone(),
                    after: last.party,
                }),
                _ => break,
            }
            token = next;
        }
        pages.truncate(pages.len().saturating_sub(1).max(1));
        if pages.is_empty() {
            return Err(format!("there are no {PAGE} members that may vote").into());
        }
        Ok(pages)
    }

    fn channel(&self, caller: usize) -> Channel {
        self.channels[caller % self.channels.len()].clone()
    }

    async fn append(&self, caller: usize) -> Outcome<Answer> {
        let request = self.appends.take()?;
        let mut client = LedgerServiceClient::new(self.channel(caller));
        let answer = client.record(request).await?.into_inner();
        Ok(Answer::Positions(vec![answer.last_position]))
    }

    /// Appends so many over one stream.
    async fn append_many(&self, caller: usize) -> Outcome<Answer> {
        let requests = (0..STREAMED).map(|_| {
            let request = Some(self.appends.take()?);
            Ok(v1::RecordStreamRequest { request })
        });
        let requests = requests.collect::<Outcome<Vec<_>>>()?;
        let mut client = LedgerServiceClient::new(self.channel(caller));
        let answers = client
            .record_stream(futures_util::stream::iter(requests))
            .await?;
        let (mut answers, mut positions) = (answers.into_inner(), Vec::with_capacity(STREAMED));
        while let Some(answer) = answers.message().await? {
            let recorded = answer.response.ok_or("no answer")?;
            positions.push(recorded.last_position);
        }
        Ok(Answer::Positions(positions))
    }

    async fn check(&self, caller: usize, check: &Check, at: v1::PointInTime) -> Outcome<Answer> {
        let request = v1::CheckRightRequest {
            question: Some(question(check)),
            at: Some(at),
            verdict_only: true,
        };
        let mut client = RightsServiceClient::new(self.channel(caller));
        let held = match client.check_right(request).await {
            Ok(answer) => held(answer.into_inner().answer)?,
            // Nobody holds anything who is not known yet.
            Err(error) if error.code() == Code::NotFound => false,
            Err(error) => return Err(error.into()),
        };
        Ok(Answer::Held(vec![held]))
    }

    async fn check_ten(&self, caller: usize, ten: &[Check]) -> Outcome<Answer> {
        let request = v1::CheckRightsRequest {
            questions: ten.iter().map(question).collect(),
            at: ten.first().map(|first| on(first.day)),
            verdict_only: true,
        };
        let mut client = RightsServiceClient::new(self.channel(caller));
        let answer = client.check_rights(request).await?.into_inner();
        let all = answer.results.into_iter().map(|result| {
            use v1::check_rights_result::Outcome as Item;
            match result.outcome {
                Some(Item::Answer(answer)) => held(Some(answer)),
                Some(Item::Error(error)) => Err(error.message.into()),
                None => Err("no result".into()),
            }
        });
        Ok(Answer::Held(all.collect::<Outcome<_>>()?))
    }

    async fn count(&self, caller: usize, day: Day) -> Outcome<Answer> {
        let request = v1::CountMembersRequest { at: Some(on(day)) };
        let mut client = RollServiceClient::new(self.channel(caller));
        let answer = client.count_members(request).await?.into_inner();
        let full = answer
            .classes
            .into_iter()
            .find(|class| class.class == CLASSES[1])
            .and_then(|class| class.count)
            .ok_or("no such class")?;
        Ok(Answer::Count(full.certain))
    }

    async fn roll(&self, caller: usize, day: Day) -> Outcome<Answer> {
        let (mut all, mut token) = (Vec::new(), String::new());
        loop {
            let (holders, next) = self
                .page_of_holders(caller, day, MOST_OF_PAGE, token)
                .await?;
            all.extend(holders);
            if next.is_empty() {
                return Ok(Answer::Holders(all));
            }
            token = next;
        }
    }

    async fn page_of_holders(
        &self,
        caller: usize,
        day: Day,
        page_size: u32,
        page_token: String,
    ) -> Result<(Vec<Holder>, String), Status> {
        let request = v1::ListHoldersRequest {
            right: "vote".to_owned(),
            body: ASSEMBLY.to_owned(),
            at: Some(on(day)),
            page_size,
            page_token,
        };
        let mut client = RightsServiceClient::new(self.channel(caller));
        let page = client.list_holders(request).await?.into_inner();
        let holders = page.holders.into_iter().map(|holder| Holder {
            party: holder.party,
            class: holder.class,
            name: holder.display_name,
        });
        Ok((holders.collect(), page.next_page_token))
    }

    async fn history(&self, caller: usize, party: &str) -> Outcome<Answer> {
        let request = v1::ListEntriesRequest {
            party: party.to_owned(),
            page_size: PAGE,
            ..v1::ListEntriesRequest::default()
        };
        let mut client = LedgerServiceClient::new(self.channel(caller));
        let answer = client.list_entries(request).await?.into_inner();
        let stored = answer.entries.into_iter().map(|entry| entry.stored);
        Ok(Answer::Entries(stored.collect()))
    }
}

fn on(day: Day) -> v1::PointInTime {
    v1::PointInTime {
        on: day.to_string(),
        ..v1::PointInTime::default()
    }
}

fn question(check: &Check) -> v1::RightQuestion {
    v1::RightQuestion {
        party: check.party.clone(),
        right: check.right.to_owned(),
        body: ASSEMBLY.to_owned(),
    }
}

fn held(answer: Option<v1::RightAnswer>) -> Outcome<bool> {
    let answer = answer.ok_or("no answer")?;
    match answer.verdict() {
        v1::Verdict::Held => Ok(true),
        v1::Verdict::NotHeld => Ok(false),
        other => Err(format!("{answer:?} is {other:?}").into()),
    }
}

impl Side for Ours {
    fn does(&self, _: Work) -> bool {
        true
    }

    fn prepare(&self, appends: usize) -> Outcome {
        self.appends.fill(appends)
    }

    fn ask(&self, work: Work, Turn { caller, number }: Turn) -> Asking<'_> {
        Box::pin(async move {
            let asked = self.asked.get().ok_or("nothing is asked yet")?;
            match work {
                Work::Append => self.append(caller).await,
                Work::AppendMany => self.append_many(caller).await,
                Work::Check => {
                    let check = asked.check(number);
                    self.check(caller, check, on(check.day)).await
                }
                Work::CheckTen => self.check_ten(caller, asked.ten(number)).await,
                Work::CheckEarlier => {
                    let check = asked.check(number);
                    let at = v1::PointInTime {
                        known_at: Some(KnownAt::Position(check.earlier)),
                        ..on(check.day)
                    };
                    self.check(caller, check, at).await
                }
                Work::Count => self.count(caller, day_of_count(number)).await,
                Work::Roll => self.roll(caller, day_of_roll(number)).await,
                Work::Page => {
                    let token = asked.page(number).token.clone();
                    let page = self.page_of_holders(caller, day(PAGES_ON), PAGE, token);
                    Ok(Answer::Holders(page.await?.0))
                }
                Work::History => self.history(caller, asked.party(number)).await,
            }
        })
    }
}
