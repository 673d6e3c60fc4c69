//! The service that answers who holds which rights.

pub(crate) mod answers;
pub(crate) mod bulk;
pub(crate) mod dues_ground;
pub(crate) mod explanation;
pub(crate) mod history;
pub(crate) mod holders;
pub(crate) mod standing;
pub(crate) mod timeline;

use crate::call::auth::Sight;
use crate::call::calls::{Asks as _, answer_read, assumes, dear};
use crate::call::errors::Problem;
use crate::call::point::{Pinned, Settled, pin};
use crate::call::served::Served;
use crate::dear::{Ask, GIVEN_UP};
use crate::words::nearest::suggest;
use standing_domain::stop::{Stop, Stopped};
use standing_proto::ask;
use standing_proto::ask::point::PointInTime;
use standing_proto::ask::read_request;
use standing_proto::v1;
use standing_proto::v1::rights_service_server::RightsService;
use std::sync::Arc;
use std::time::Instant;
use tonic::{Request, Response, Status};

/// The service.
pub(crate) struct Rights {
    served: Arc<Served>,
}

impl Rights {
    pub fn new(served: Arc<Served>) -> Self {
        Self { served }
    }
}

#[tonic::async_trait]
impl RightsService for Rights {
    async fn check_right(
        &self,
        request: Request<v1::CheckRightRequest>,
    ) -> Result<Response<v1::CheckRightResponse>, Status> {
        if request.get_ref().at().is_some_and(assumes) {
            return dear(&self.served, request, check_right).await;
        }
        let (call, extensions, question) = request.into_parts();
        let asked: ask::rights::CheckRight = read_request(question).map_err(Problem::from)?;
        if asked.verdict_only
            && let Some(at) = ready(&self.served, &asked.at)?
        {
            // Microseconds, where another thread costs more than the answer.
            let ledger = self.served.seen(&Sight::of(&extensions));
            let ask = Ask::cheap(&ledger, Stop::NEVER).pinned(Some(at));
            return Ok(Response::new(check_right(&ask, &asked)?));
        }
        let request = Request::from_parts(call, extensions, asked);
        answer_read::<v1::CheckRightRequest, _>(&self.served, request, check_right).await
    }

    async fn check_rights(
        &self,
        request: Request<v1::CheckRightsRequest>,
    ) -> Result<Response<v1::CheckRightsResponse>, Status> {
        if bulk::is_dear(request.get_ref()) || request.get_ref().at().is_some_and(assumes) {
            return dear(&self.served, request, bulk::check_rights).await;
        }
        let (call, extensions, question) = request.into_parts();
        let asked: ask::rights::CheckRights = read_request(question).map_err(Problem::from)?;
        if bulk::is_at_hand(&asked)
            && let Some(at) = ready(&self.served, &asked.at)?
        {
            let start = Instant::now();
            let test = || {
                (start.elapsed() < bulk::AT_HAND)
                    .then_some(())
                    .ok_or(Stopped)
            };
            let ledger = self.served.seen(&Sight::of(&extensions));
            let ask = Ask::cheap(&ledger, Stop::when(&test)).pinned(Some(at));
            match bulk::check_rights(&ask, &asked) {
                // It takes longer than is right on this thread.
                Err(problem) if problem.reason == GIVEN_UP => {}
                answer => return Ok(Response::new(answer?)),
            }
        }
        let request = Request::from_parts(call, extensions, asked);
        answer_read::<v1::CheckRightsRequest, _>(&self.served, request, bulk::check_rights).await
    }

    async fn get_standing(
        &self,
        request: Request<v1::GetStandingRequest>,
    ) -> Result<Response<v1::GetStandingResponse>, Status> {
        dear(&self.served, request, standing::get_standing).await
    }

    async fn list_holders(
        &self,
        request: Request<v1::ListHoldersRequest>,
    ) -> Result<Response<v1::ListHoldersResponse>, Status> {
        dear(&self.served, request, holders::list_holders).await
    }

    async fn list_history(
        &self,
        request: Request<v1::ListHistoryRequest>,
    ) -> Result<Response<v1::ListHistoryResponse>, Status> {
        dear(&self.served, request, history::list_history).await
    }

    async fn get_timeline(
        &self,
        request: Request<v1::GetTimelineRequest>,
    ) -> Result<Response<v1::GetTimelineResponse>, Status> {
        dear(&self.served, request, timeline::get_timeline).await
    }
}

/// Returns the point in time that a question is about, if verdicts can be given there without
/// waiting for anything.
fn ready(served: &Served, at: &PointInTime) -> Result<Option<Pinned>, Problem> {
    if !is_settled(served, at)? {
        return Ok(None);
    }
    // What is not known yet is said at once.
    let at = pin(at, &served.ledger)?;
    // To lay out law may take its time, and as long nothing else would be answered on this thread.
    Ok(served.ledger.is_law_laid(at.position).then_some(at))
}

/// Returns whether a point in time can be answered about without waiting for anything.
fn is_settled(served: &Served, at: &PointInTime) -> Result<bool, Problem> {
    let ledger = &served.ledger;
    let settled = Settled::of(at, ledger)?;
    let waits = settled
        .and_then(|settled| settled.unsettled(ledger))
        .is_some();
    Ok(!waits && at.at_least <= ledger.head().position)
}

fn check_right(
    ledger: &Ask<'_>,
    asked: &ask::rights::CheckRight,
) -> Result<v1::CheckRightResponse, Problem> {
    let at = ledger.pin(&asked.at)?;
    let near = |unknown| suggest(ledger, at.position, unknown);
    let answer = if asked.verdict_only {
        Some(answers::verdict(ledger, &asked.question, at).map_err(near)?)
    } else {
        let answer = answers::ask(ledger, &asked.question, at).map_err(near)?;
        answers::write(ledger, vec![answer], ledger.stop)?.pop()
    };
    Ok(v1::CheckRightResponse {
        answer,
        basis: Some(at.basis(ledger)?),
    })
}
