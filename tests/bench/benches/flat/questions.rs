//! What is asked, about whom, and what an answer should cost.

use crate::callers::Callers;
use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::crowd::Size;
use standing_bench::rounds::Draws;
use standing_bench::world::ASSEMBLY;
use standing_proto::v1;
use standing_proto::v1::audit_service_client::AuditServiceClient;
use standing_proto::v1::dues_service_client::DuesServiceClient;
use standing_proto::v1::rights_service_client::RightsServiceClient;
use standing_proto::v1::roll_service_client::RollServiceClient;
use std::pin::Pin;
use std::time::Instant;
use tokio::time::timeout;
use tonic::Status;
use tonic::transport::Channel;

/// The most bytes of an answer: that of a session holds its roll.
const MOST_BYTES: usize = 64 << 20;

/// The most that a page may hold: later pages are found in steps of so many.
const MOST_OF_PAGE: u32 = 1_000;

/// How many of a page are asked for.
const PAGE: u32 = 100;

/// What comes of asking.
type Asking = Pin<Box<dyn Future<Output = Result<(), Status>> + Send>>;

/// A question, with what one caller should wait for its answer at most, in milliseconds.
pub struct Question {
    pub what: &'static str,
    pub p50: Option<f64>,
    pub p99: Option<f64>,
    /// Whether it should cost the same in a large ledger as in a small one.
    pub flat: bool,
    /// Whether it is about a page that may not be there.
    pub later: bool,
    pub ask: fn(Channel, Drawn) -> Asking,
}

impl Question {
    const fn new(what: &'static str, ask: fn(Channel, Drawn) -> Asking) -> Self {
        Self {
            what,
            p50: None,
            p99: None,
            flat: false,
            later: false,
            ask,
        }
    }

    const fn within(self, p50: f64) -> Self {
        Self {
            p50: Some(p50),
            ..self
        }
    }
}

/// The question that everybody asks all day.
pub const GROUNDS: Question = Question {
    p99: Some(10.0),
    flat: true,
    ..Question::new("CheckRight with grounds", grounds).within(1.0)
};

/// All questions, in the order in which they are asked.
pub const ALL: [Question; 9] = [
    Question::new("CheckRight, the verdict", verdict),
    GROUNDS,
    Question {
        flat: true,
        ..Question::new("GetStanding", standing).within(3.0)
    },
    Question {
        flat: true,
        ..Question::new("ListHolders, the first 100", holders).within(3.0)
    },
    Question {
        flat: true,
        later: true,
        ..Question::new("ListHolders, a later 100", holders_later).within(3.0)
    },
    Question::new("GetSession", session).within(10.0),
    Question::new("ListFindings, the first 100", findings).within(20.0),
    Question::new("ListArrears, the first 100", arrears).within(20.0),
    Question::new("CountMembers", count),
];

/// What is asked about, all of which a caller draws for each call.
pub struct Drawn {
    member: String,
    session: String,
    page: String,
}

/// What there is to ask about.
pub struct Asked {
    size: Size,
    /// Where later pages of holders begin; the first page is not among them.
    pages: Vec<String>,
}

impl Asked {
    /// Looks for pages as far as that goes in the time that a question is asked for.
    pub fn of(callers: &Callers, size: Size, scale: &Scale) -> Outcome<Self> {
        let channel = callers.channel()?;
        // Where members are few there are later pages too, if shorter ones.
        let step = (size.members / 10).clamp(1, MOST_OF_PAGE);
        let walk = async {
            let (begun, mut pages, mut token) = (Instant::now(), Vec::new(), String::new());
            while begun.elapsed() < scale.millis {
                let asking = page_of_holders(channel.clone(), token.clone(), step);
                // What is too slow to be found is told as missing where it would be asked for.
                let Ok(page) = timeout(scale.patience, asking).await else {
                    break;
                };
                token = page?;
                if token.is_empty() {
                    break;
                }
                pages.push(token.clone());
            }
            Outcome::Ok(pages)
        };
        let pages = callers.runtime.block_on(walk)?;
        Ok(Self { size, pages })
    }

    /// Draws what a call is about; the same for the same seed.
    pub fn draw(&self, seed: u32) -> Drawn {
        let mut draws = Draws(seed.into());
        let member = self.size.member(draws.below(self.size.members));
        // The writer's admissions rest on the last session, which is therefore left out.
        let session = draws.below(self.size.sessions.saturating_sub(1)) + 1;
        let page = draws.below(u32::try_from(self.pages.len()).unwrap_or(u32::MAX));
        Drawn {
            member,
            session: format!("{ASSEMBLY}/{session}"),
            page: self.pages.get(page as usize).cloned().unwrap_or_default(),
        }
    }

    /// Returns why a question cannot be asked; none if it can.
    pub fn missing(&self, question: &Question) -> Option<&'static str> {
        (question.later && self.pages.is_empty()).then_some("no later page was found in time")
    }
}

fn verdict(channel: Channel, drawn: Drawn) -> Asking {
    check(channel, drawn, true)
}

fn grounds(channel: Channel, drawn: Drawn) -> Asking {
    check(channel, drawn, false)
}

fn check(channel: Channel, drawn: Drawn, verdict_only: bool) -> Asking {
    Box::pin(async move {
        let request = v1::CheckRightRequest {
            question: Some(v1::RightQuestion {
                party: drawn.member,
                right: "vote".to_owned(),
                body: ASSEMBLY.to_owned(),
            }),
            at: None,
            verdict_only,
        };
        let mut client = RightsServiceClient::new(channel);
        client.check_right(request).await.map(drop)
    })
}

fn standing(channel: Channel, drawn: Drawn) -> Asking {
    Box::pin(async move {
        let request = v1::GetStandingRequest {
            party: drawn.member,
            at: None,
        };
        let mut client = RightsServiceClient::new(channel);
        client.get_standing(request).await.map(drop)
    })
}

fn holders(channel: Channel, _: Drawn) -> Asking {
    Box::pin(async move {
        let page = page_of_holders(channel, String::new(), PAGE);
        page.await.map(drop)
    })
}

fn holders_later(channel: Channel, drawn: Drawn) -> Asking {
    Box::pin(async move {
        let page = page_of_holders(channel, drawn.page, PAGE);
        page.await.map(drop)
    })
}

/// Asks for a page of holders; returns the token of the next.
async fn page_of_holders(
    channel: Channel,
    page_token: String,
    page_size: u32,
) -> Result<String, Status> {
    let request = v1::ListHoldersRequest {
        right: "vote".to_owned(),
        body: ASSEMBLY.to_owned(),
        at: None,
        page_size,
        page_token,
    };
    let mut client = RightsServiceClient::new(channel);
    let page = client.list_holders(request).await?;
    Ok(page.into_inner().next_page_token)
}

fn session(channel: Channel, drawn: Drawn) -> Asking {
    Box::pin(async move {
        let request = v1::GetSessionRequest {
            session: drawn.session,
            ..v1::GetSessionRequest::default()
        };
        let client = RollServiceClient::new(channel);
        let mut client = client.max_decoding_message_size(MOST_BYTES);
        client.get_session(request).await.map(drop)
    })
}

fn findings(channel: Channel, _: Drawn) -> Asking {
    Box::pin(async move {
        let request = v1::ListFindingsRequest {
            page_size: PAGE,
            ..v1::ListFindingsRequest::default()
        };
        let mut client = AuditServiceClient::new(channel);
        client.list_findings(request).await.map(drop)
    })
}

fn arrears(channel: Channel, _: Drawn) -> Asking {
    Box::pin(async move {
        let request = v1::ListArrearsRequest {
            page_size: PAGE,
            ..v1::ListArrearsRequest::default()
        };
        let mut client = DuesServiceClient::new(channel);
        client.list_arrears(request).await.map(drop)
    })
}

fn count(channel: Channel, _: Drawn) -> Asking {
    Box::pin(async move {
        let request = v1::CountMembersRequest::default();
        let mut client = RollServiceClient::new(channel);
        client.count_members(request).await.map(drop)
    })
}
