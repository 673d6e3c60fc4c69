//! A server, as commands call it.

use crate::args::Connection;
use crate::args::said::{Edge, SaidDay};
use crate::failure::Failure;
use crate::render;
use crate::wire;
use standing_domain::time::day::Day;
use standing_proto::v1;
use standing_proto::v1::PointInTime;
use standing_proto::v1::audit_service_client::AuditServiceClient;
use standing_proto::v1::change_service_client::ChangeServiceClient;
use standing_proto::v1::dues_service_client::DuesServiceClient;
use standing_proto::v1::law_service_client::LawServiceClient;
use standing_proto::v1::ledger_service_client::LedgerServiceClient;
use standing_proto::v1::point_in_time::KnownAt;
use standing_proto::v1::rights_service_client::RightsServiceClient;
use standing_proto::v1::roll_service_client::RollServiceClient;
use standing_server::Inside;
use std::{env, fs};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_health::pb::health_client::HealthClient;

/// The environment variable that may hold a token.
const TOKEN: &str = "STANDING_TOKEN";

/// The largest answer a client takes, in bytes: a page of 1,000 entries of 60,000 bytes.
const LARGEST_ANSWER: usize = 64 << 20;

/// How many items a page has: as many as the contract allows.
pub const PAGE: u32 = 1_000;

/// A connection that says who calls.
pub type Line = InterceptedService<Channel, Bearer>;

/// Says who calls.
#[derive(Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", token.clone());
        }
        Ok(request)
    }
}

/// A server that answers.
#[derive(Clone)]
pub struct Client {
    line: Line,
    /// What every question assumes.
    assume: Vec<v1::Draft>,
}

impl Client {
    /// Connects to a server.
    ///
    /// # Errors
    /// The address or the token is malformed, what is sent would be read by others, or nobody
    /// answers there.
    pub async fn connect(connection: &Connection) -> Result<Self, Failure> {
        let bearer = bearer(connection)?;
        let channel = wire::connect(connection, bearer.is_some()).await?;
        Ok(Self::over(channel, Bearer(bearer)))
    }

    /// Connects to the server of this process, as the local operator.
    ///
    /// # Errors
    /// It has ended.
    pub async fn inside(inside: &Inside) -> Result<Self, Failure> {
        let channel = wire::connect_inside(inside).await?;
        Ok(Self::over(channel, Bearer(None)))
    }

    fn over(channel: Channel, bearer: Bearer) -> Self {
        Self {
            line: InterceptedService::new(channel, bearer),
            assume: Vec::new(),
        }
    }

    /// Returns the same connection, on which every question assumes drafts.
    #[must_use]
    pub fn assuming(mut self, drafts: &[v1::Draft]) -> Self {
        self.assume = drafts.to_vec();
        self
    }

    /// Returns a point in time with what is assumed on top, its days as dates: those that a person
    /// says otherwise (`yesterday`, `close of assembly/4`) are asked for, as the association counts
    /// them.
    ///
    /// # Errors
    /// The server answers none, or a session's day is not known.
    pub async fn at(&self, at: PointInTime) -> Result<PointInTime, Failure> {
        Ok(self.assumed(self.dated(at).await?))
    }

    /// Returns a point in time with its days as dates.
    ///
    /// # Errors
    /// The server answers none, or a session's day is not known.
    pub async fn dated(&self, at: PointInTime) -> Result<PointInTime, Failure> {
        let known_at = match at.known_at.clone() {
            Some(KnownAt::Day(day)) => Some(KnownAt::Day(self.day(&day, &at).await?)),
            said => said,
        };
        let at = PointInTime { known_at, ..at };
        let on = self.day(&at.on, &at).await?;
        Ok(PointInTime { on, ..at })
    }

    /// Returns a day that a person says as a date. A session's is asked for as known at the point
    /// in time; without what its own `known_at` says, where that is the day.
    async fn day(&self, text: &str, at: &PointInTime) -> Result<String, Failure> {
        match SaidDay::of(text) {
            SaidDay::Date(date) => Ok(date),
            SaidDay::FromToday(days) => {
                let request = v1::GetAssociationRequest::default();
                let answer = self.roll().get_association(request).await?.into_inner();
                let today = answer.basis.map(|basis| basis.on).unwrap_or_default();
                from(&today, days)
            }
            SaidDay::Edge(edge, session) => {
                let known_at = at.known_at.clone();
                let request = v1::GetSessionRequest {
                    session: session.clone(),
                    at: Some(PointInTime {
                        known_at: known_at
                            .filter(|said| !matches!(said, KnownAt::Day(day) if day == text)),
                        epoch: at.epoch,
                        ..PointInTime::default()
                    }),
                    page_size: 1,
                    ..v1::GetSessionRequest::default()
                };
                let answer = self.roll().get_session(request).await?.into_inner();
                let state = answer.session.unwrap_or_default();
                let day = match edge {
                    Edge::Opening => state.opening,
                    Edge::Close => state.closing,
                };
                if Day::parse(&day).is_err() {
                    let problem = format!("the day of {text} is not known: {day}");
                    return Err(Failure::refused(problem).detail("say a day of it"));
                }
                Ok(day)
            }
        }
    }

    /// Returns a point in time with what is assumed on top.
    pub fn assumed(&self, at: PointInTime) -> PointInTime {
        PointInTime {
            assume: self.assume.clone(),
            ..at
        }
    }

    /// Returns the log's side of the server.
    pub fn ledger(&self) -> LedgerServiceClient<Line> {
        LedgerServiceClient::new(self.line.clone()).max_decoding_message_size(LARGEST_ANSWER)
    }

    /// Returns the side that tells what changes, and how far the streams are.
    pub fn changes(&self) -> ChangeServiceClient<Line> {
        ChangeServiceClient::new(self.line.clone()).max_decoding_message_size(LARGEST_ANSWER)
    }

    /// Returns the side that tells who holds which rights.
    pub fn rights(&self) -> RightsServiceClient<Line> {
        RightsServiceClient::new(self.line.clone()).max_decoding_message_size(LARGEST_ANSWER)
    }

    /// Returns the side that tells who belongs, holds office, met.
    pub fn roll(&self) -> RollServiceClient<Line> {
        RollServiceClient::new(self.line.clone()).max_decoding_message_size(LARGEST_ANSWER)
    }

    /// Returns the side that tells what the law was.
    pub fn law(&self) -> LawServiceClient<Line> {
        LawServiceClient::new(self.line.clone()).max_decoding_message_size(LARGEST_ANSWER)
    }

    /// Returns the side that tells who owes what.
    pub fn dues(&self) -> DuesServiceClient<Line> {
        DuesServiceClient::new(self.line.clone()).max_decoding_message_size(LARGEST_ANSWER)
    }

    /// Returns the side that tells what an auditor asks.
    pub fn audit(&self) -> AuditServiceClient<Line> {
        AuditServiceClient::new(self.line.clone()).max_decoding_message_size(LARGEST_ANSWER)
    }

    /// Returns the side that tells whether the server is well.
    pub fn health(&self) -> HealthClient<Line> {
        HealthClient::new(self.line.clone())
    }

    /// Finds a party by its id, an alias, or a name of any time in any language.
    ///
    /// # Errors
    /// No party fits, or several do: then all of them are named and none is picked.
    pub async fn find_party(&self, text: &str, at: &PointInTime) -> Result<String, Failure> {
        let parties = self.parties(v1::ListPartiesRequest {
            at: Some(at.clone()),
            name: text.to_owned(),
            ..v1::ListPartiesRequest::default()
        });
        let found = parties.await?;
        let fitting = found.parties;
        if fitting.iter().any(|party| party.party == text) {
            return Ok(text.to_owned());
        }
        match fitting.as_slice() {
            [one] => Ok(one.party.clone()),
            [] => Err(unknown(text, &found.nearest)),
            several => Err(ambiguous(text, several)),
        }
    }

    /// Lists all parties that fit.
    ///
    /// # Errors
    /// The server answers none.
    pub async fn parties(
        &self,
        request: v1::ListPartiesRequest,
    ) -> Result<v1::ListPartiesResponse, Failure> {
        pages(async |page_token| {
            let request = v1::ListPartiesRequest {
                page_size: PAGE,
                page_token,
                ..request.clone()
            };
            self.roll().list_parties(request).await
        })
        .await
    }
}

/// Says that no party has a name, and which come near.
fn unknown(text: &str, nearest: &[v1::NearParty]) -> Failure {
    let failure = Failure::refused(format!(
        "no party has the id, the alias or the name {text:?}"
    ));
    if nearest.is_empty() {
        return failure;
    }
    let rows = nearest.iter().map(|near| {
        let name = if near.name == near.party {
            ""
        } else {
            &near.name
        };
        [near.party.clone(), name.to_owned()]
    });
    let table = render::table(["", ""], rows.collect());
    let lines = table.lines().map(str::to_owned);
    lines.fold(
        failure.detail("nearest are, by their ids:"),
        Failure::detail,
    )
}

fn ambiguous(text: &str, several: &[v1::PartyState]) -> Failure {
    let count = several.len();
    let failure = Failure::refused(format!("{text:?} fits {count} parties; name one by its id"));
    let rows = several.iter().map(|party| {
        let names = render::party::called(party).join(", ");
        [party.party.clone(), names]
    });
    let table = render::table(["", ""], rows.collect());
    table.lines().fold(failure, Failure::detail)
}

fn bearer(connection: &Connection) -> Result<Option<MetadataValue<Ascii>>, Failure> {
    let token = match &connection.token_file {
        Some(file) => Some(fs::read_to_string(file).map_err(|error| {
            Failure::failed(format!("cannot read the token file {}", file.display()))
                .because(&error)
        })?),
        None => env::var(TOKEN).ok(),
    };
    let Some(token) = token.filter(|token| !token.trim().is_empty()) else {
        return Ok(None);
    };
    let mut value: MetadataValue<Ascii> = format!("Bearer {}", token.trim())
        .parse()
        .map_err(|_| Failure::failed("the token has characters that no token has"))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// A page of a longer answer.
pub trait Page {
    /// Takes the token of the next page, leaving none; empty at the end.
    fn take_token(&mut self) -> String;
    /// Appends the items of the page that follows.
    fn append(&mut self, next: Self);
}

macro_rules! pages {
    ($($page:ident $($items:ident)+;)*) => {$(
        impl Page for v1::$page {
            fn take_token(&mut self) -> String {
                std::mem::take(&mut self.next_page_token)
            }

            fn append(&mut self, next: Self) {
                $(self.$items.extend(next.$items);)+
                self.next_page_token = next.next_page_token;
            }
        }
    )*};
}

pages! {
    CompareKnowledgeResponse differences;
    GetSessionResponse roll;
    GetVocabularyResponse terms funds instruments articles committees;
    ListChangeDaysResponse days;
    ListEntriesResponse entries;
    ListHistoryResponse known;
    ListHoldersResponse holders;
    ListPartiesResponse parties matches;
    ListOfficeHoldersResponse terms;
    ListSessionsResponse sessions;
    ListCommitteesResponse committees;
    ListArticleVersionsResponse versions;
    ListArrearsResponse arrears;
    ListFindingsResponse findings;
    ListUpcomingResponse upcoming;
}

/// Returns the day that lies so many days from another.
fn from(today: &str, days: i32) -> Result<String, Failure> {
    let mut day = Day::parse(today)
        .map_err(|error| Failure::failed(format!("the server says no day of today: {error}")))?;
    for _ in 0..days.unsigned_abs() {
        day = if days < 0 { day.previous() } else { day.next() };
    }
    Ok(day.to_string())
}

/// Fetches all pages of an answer and returns them as one.
///
/// # Errors
/// The server answers none, or not all.
pub async fn pages<P: Page>(
    fetch: impl AsyncFn(String) -> Result<tonic::Response<P>, Status>,
) -> Result<P, Failure> {
    let mut all = fetch(String::new()).await?.into_inner();
    loop {
        let token = all.take_token();
        if token.is_empty() {
            return Ok(all);
        }
        all.append(fetch(token).await?.into_inner());
    }
}
