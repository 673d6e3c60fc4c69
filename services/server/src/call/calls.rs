//! From a call to its answer.

use crate::call::aside::aside;
use crate::call::errors::Problem;
use crate::call::point::{Pinned, pin};
use crate::call::served::Served;
use crate::dear::{Ask, Caller, GIVEN_UP, Pace};
use prost::Message;
use standing_domain::answers::losses::open_years::AS_RECORDED;
use standing_domain::answers::thresholds::{BY_ANALOGY, TEXT_ONLY};
use standing_domain::entry::draft::Draft;
use standing_domain::id::Word;
use standing_domain::id::position::Position;
use standing_domain::stop::{Stop, Stopped};
use standing_engine::Ledger;
use standing_proto::ask::point::{PointInTime, read_point_in_time};
use standing_proto::ask::{
    Asked, audit, calendar, dues, law, ledger, read_in_turns, read_request, rights, roll,
};
use standing_proto::v1;
use std::sync::Arc;
use std::time::Instant;
use tonic::{Code, Request, Response, Status};

/// Answers a cheap call on a thread that may take its time: an answer may wait for a lock or read
/// from disk, and nobody else's call waits behind it. What assumes something is dear whatever is
/// asked.
pub(crate) async fn answer<Q, A>(
    served: &Arc<Served>,
    request: Request<Q>,
    answer: fn(&Ask<'_>, &Q::Asked) -> Result<A, Problem>,
) -> Result<Response<A>, Status>
where
    Q: Asks,
    A: Message + 'static,
{
    if request.get_ref().at().is_some_and(assumes) {
        return dear(served, request, answer).await;
    }
    let (call, extensions, question) = request.into_parts();
    let asked = read_request(question).map_err(Problem::from)?;
    let request = Request::from_parts(call, extensions, asked);
    answer_read::<Q, A>(served, request, answer).await
}

/// Answers a cheap call whose question is read; it assumes nothing.
pub(crate) async fn answer_read<Q, A>(
    served: &Arc<Served>,
    request: Request<Q::Asked>,
    answer: fn(&Ask<'_>, &Q::Asked) -> Result<A, Problem>,
) -> Result<Response<A>, Status>
where
    Q: Asks,
    A: Message + 'static,
{
    let caller = Caller::of(&request)?;
    let (call, _, mut question) = request.into_parts();
    let sight = caller.sight.clone();
    let answer = async {
        if let Some(at) = question.at()
            && let Some(settled) = served.ready_for(at, &call).await?
        {
            settled.apply(at);
        }
        let question = Arc::new(question);
        let (ledger, of) = (served.seen(&sight), Arc::clone(&question));
        let cheap_for = served.dear.cheap();
        let first = aside(move || {
            let start = Instant::now();
            let cheap = || start.elapsed() < cheap_for;
            let test = || cheap().then_some(()).ok_or(Stopped);
            fitting::<Q, A>(answer(&Ask::cheap(&ledger, Stop::when(&test)), &of)?)
        });
        match first.await {
            // It turns out dear: a roll has to be taken first that is not kept. Then it takes its
            // turns with the others.
            Err(problem) if problem.reason == GIVEN_UP => {
                let ledger = served.seen(&sight);
                let again = move |pace: &Pace| {
                    let test = || pace.check();
                    let ask = Ask::new(&ledger, Stop::when(&test), pace);
                    fitting::<Q, A>(answer(&ask, &question)?)
                };
                served.dear.ask(&caller, again).await
            }
            answer => answer,
        }
    };
    Ok(Response::new(caller.in_time(answer).await?))
}

/// Answers a dear call: in turns with others, for as long as its caller waits.
pub(crate) async fn dear<Q, A>(
    served: &Arc<Served>,
    request: Request<Q>,
    answer: fn(&Ask<'_>, &Q::Asked) -> Result<A, Problem>,
) -> Result<Response<A>, Status>
where
    Q: Asks,
    A: Message + 'static,
{
    let caller = Caller::of(&request)?;
    let sight = caller.sight.clone();
    let (call, _, question) = request.into_parts();
    let answer = async {
        let settled = match question.at() {
            Some(at) => served.ready_for(&point_of(at), &call).await?,
            None => None,
        };
        let ledger = served.seen(&sight);
        let work = move |pace: &Pace| {
            let test = || pace.check();
            let stop = Stop::when(&test);
            // Whether to go on is asked right after it.
            let read = read_in_turns::<Q::Asked>(question, &|| {
                let _ = stop.check();
            });
            stop.check()?;
            let mut question = read?;
            if let (Some(settled), Some(at)) = (settled, question.at()) {
                settled.apply(at);
            }
            let layer = match question.at() {
                Some(at) if !at.assume.is_empty() || !at.readings.is_empty() => {
                    Some(taken_for_granted(&ledger, at, stop)?)
                }
                _ => None,
            };
            let ask = match &layer {
                Some((layer, at)) => Ask::new(layer, stop, pace).pinned(Some(*at)),
                None => Ask::new(&ledger, stop, pace),
            };
            fitting::<Q, A>(answer(&ask, &question)?)
        };
        served.dear.ask(&caller, work).await
    };
    Ok(Response::new(caller.in_time(answer).await?))
}

/// Reads of a point in time when it is asked as known, and which position it must rest on. What is
/// malformed is told when all of it is read.
pub(crate) fn point_of(at: &v1::PointInTime) -> PointInTime {
    let alone = v1::PointInTime {
        known_at: at.known_at.clone(),
        min_position: at.min_position,
        epoch: at.epoch,
        ..v1::PointInTime::default()
    };
    read_point_in_time(alone).unwrap_or_default()
}

/// Returns whether a question takes something for granted beyond the log.
pub(crate) fn assumes(at: &v1::PointInTime) -> bool {
    !at.assume.is_empty() || !at.readings.is_empty()
}

/// Refuses an answer that is larger than clients take, and says what to ask instead.
pub(crate) fn fitting<Q: Asks, A: Message>(answer: A) -> Result<A, Problem> {
    let bytes = answer.encoded_len();
    if bytes <= MOST_ANSWER {
        return Ok(answer);
    }
    let instead = Q::INSTEAD;
    let message = format!("the answer has {bytes} bytes, {MOST_ANSWER} is the most: ask {instead}");
    Err(
        Problem::new(Code::ResourceExhausted, "ANSWER_TOO_LARGE", message)
            .with("bytes", bytes)
            .with("most", MOST_ANSWER),
    )
}

/// Returns the ledger with the drafts of a question assumed, under its readings, and the point in
/// time that it is to be asked about.
fn taken_for_granted(
    ledger: &Ledger,
    at: &mut PointInTime,
    stop: Stop<'_>,
) -> Result<(Ledger, Pinned), Problem> {
    let drafts = std::mem::take(&mut at.assume);
    let mut pinned = pin(at, ledger)?;
    for position in drafts.iter().flat_map(Draft::positions) {
        ledger.is_of(at.epoch, position)?;
    }
    let supposed = (!drafts.is_empty())
        .then(|| ledger.assume(drafts, pinned.position, stop))
        .transpose()?;
    let ledger = match &supposed {
        Some(layer) => {
            // What is assumed is known after it.
            pinned.position = layer.head().position;
            layer
        }
        None => ledger,
    };
    let readings = readings(ledger, &at.readings, pinned.position)?;
    Ok((ledger.reading(readings), pinned))
}

/// Reads the readings asked for: each must be known, and no two of one alternative.
pub(crate) fn readings(
    ledger: &Ledger,
    names: &[String],
    position: Position,
) -> Result<Vec<Word>, Problem> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let law = ledger.law(position);
    let analogy = [BY_ANALOGY, TEXT_ONLY].map(Word::new);
    let analogy: Vec<&Word> = analogy.iter().flatten().collect();
    let mut alternatives = law.readings();
    alternatives.push(analogy);
    let as_recorded = Word::new(AS_RECORDED);
    alternatives.push(as_recorded.iter().collect());
    let mut asked: Vec<Word> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let field = format!("at.readings[{index}]");
        let known = alternatives
            .iter()
            .flatten()
            .find(|known| known.as_str() == name);
        let Some(known) = known.copied() else {
            let mut all: Vec<&str> = alternatives.iter().flatten().map(|r| r.as_str()).collect();
            all.sort_unstable();
            all.dedup();
            let description = format!("{name:?} is none of the readings: {}", all.join(", "));
            let problem = Problem::of_field("UNKNOWN_READING", &field, description);
            return Err(problem.with("reading", name));
        };
        let clashes = |alternative: &&Vec<&Word>| {
            alternative.contains(&known) && asked.iter().any(|other| alternative.contains(&other))
        };
        if let Some(alternative) = alternatives.iter().find(clashes) {
            let of: Vec<&str> = alternative.iter().map(|reading| reading.as_str()).collect();
            let description = format!("{name:?} and another of {} are asked for", of.join(", "));
            return Err(Problem::of_field(
                "ALTERNATIVE_READINGS",
                &field,
                description,
            ));
        }
        asked.push(known.clone());
    }
    Ok(asked)
}

/// The most bytes of an answer: what clients accept by default. Pages keep to less.
const MOST_ANSWER: usize = 4 << 20;

/// A request that asks, most often with a point in time.
pub(crate) trait Asks: Send + 'static {
    /// What to ask instead, where the answer is too large.
    const INSTEAD: &'static str;

    /// What is asked, read.
    type Asked: Asked<Request = Self> + Send + Sync + 'static;

    /// Returns the point in time, if the request has one and says it.
    fn at(&self) -> Option<&v1::PointInTime> {
        None
    }
}

macro_rules! asks {
    ($($request:ident is $asked:path: $instead:literal)*) => {$(
        impl Asks for v1::$request {
            const INSTEAD: &'static str = $instead;

            type Asked = $asked;

            fn at(&self) -> Option<&v1::PointInTime> {
                self.at.as_ref()
            }
        }
    )*};
}

asks! {
    CheckRightRequest is rights::CheckRight: "for the verdict only"
    CheckRightsRequest is rights::CheckRights: "fewer questions at a time"
    GetStandingRequest is rights::GetStanding: "CheckRight for each right"
    ListHoldersRequest is rights::ListHolders: "for a smaller page"
    ListHistoryRequest is rights::ListHistory: "for a smaller page, or for fewer days by first_date and last_date"
    GetTimelineRequest is rights::GetTimeline: "for fewer days at a time, by first_date and last_date"
    GetPartyRequest is roll::GetParty: "ListEntries for the party"
    ListPartiesRequest is roll::ListParties: "for a smaller page"
    CountMembersRequest is roll::CountMembers: "ListParties for each class"
    ListOfficeHoldersRequest is roll::ListOfficeHolders: "for a smaller page"
    GetRotationRequest is roll::GetRotation: "for fewer turns"
    GetSessionRequest is roll::GetSession: "ListHolders for the right to vote on the day of the roll"
    ListSessionsRequest is roll::ListSessions: "for a smaller page"
    ListCommitteesRequest is roll::ListCommittees: "for a smaller page"
    GetAssociationRequest is roll::GetAssociation: "ListEntries for what was declared"
    GetVocabularyRequest is roll::GetVocabulary: "for a smaller page"
    ListChangeDaysRequest is calendar::ListChangeDays: "for a smaller page"
    ListUpcomingRequest is calendar::ListUpcoming: "for a smaller page, or for fewer days by last_date"
    GetAccountRequest is dues::GetAccount: "ListEntries for the party"
    ListArrearsRequest is dues::ListArrears: "for a smaller page"
    CompareKnowledgeRequest is audit::CompareKnowledge: "for a smaller page"
    ListFindingsRequest is audit::ListFindings: "for a smaller page, or for some of the codes"
    GetInstrumentRequest is law::GetInstrument: "CompareInstrument for which articles changed, and GetArticle for each"
    GetArticleRequest is law::GetArticle: "ListArticleVersions in smaller pages"
    ListArticleVersionsRequest is law::ListArticleVersions: "for a smaller page"
    CompareInstrumentRequest is law::CompareInstrument: "for two dates that are closer together"
    CompareArticleRequest is law::CompareArticle: "GetArticle for each of the dates"
}

macro_rules! asks_of_the_log {
    ($($request:ident is $asked:path: $instead:literal)*) => {$(
        impl Asks for v1::$request {
            const INSTEAD: &'static str = $instead;

            type Asked = $asked;
        }
    )*};
}

// What was recorded is asked for by position; nothing can be assumed of it.
asks_of_the_log! {
    PreviewRequest is ledger::Preview: "for fewer drafts at a time"
    GetEntryRequest is ledger::GetEntry: "WatchEntries for it"
    ListEntriesRequest is ledger::ListEntries: "for a smaller page"
    GetHeadRequest is ledger::GetHead: "nothing else"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_too_large_says_what_to_ask_instead() {
        let answer = |spans: usize| v1::GetTimelineResponse {
            spans: vec![
                v1::TimelineSpan {
                    start_date: "2000-01-01".to_owned(),
                    ..v1::TimelineSpan::default()
                };
                spans
            ],
            basis: None,
        };
        assert!(fitting::<v1::GetTimelineRequest, _>(answer(1_000)).is_ok());
        let refused = fitting::<v1::GetTimelineRequest, _>(answer(400_000)).unwrap_err();
        assert_eq!(
            (refused.code, refused.reason),
            (Code::ResourceExhausted, "ANSWER_TOO_LARGE")
        );
        let instead = "by first_date and last_date";
        assert!(refused.message.ends_with(instead), "{}", refused.message);
    }
}
