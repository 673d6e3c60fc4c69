//! The service that answers who holds which rights.

pub(crate) mod answers;
pub(crate) mod bulk;
pub(crate) mod dues_ground;
pub(crate) mod explanation;
pub(crate) mod holders;
pub(crate) mod standing;
pub(crate) mod timeline;

use crate::call::calls::{answer, dear};
use crate::call::errors::Problem;
use crate::call::fields::Fields;
use crate::call::served::Served;
use crate::dear::Ask;
use crate::rights::answers::ask;
use standing_domain::stop::Stop;
use standing_engine::Ledger;
use standing_proto::v1;
use standing_proto::v1::rights_service_server::RightsService;
use std::sync::Arc;
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
        let asked = request.get_ref();
        let takes_time = asked.at.as_ref().is_some_and(|at| {
            let waits = at.min_position > self.served.ledger.head().position;
            waits || !at.assume.is_empty() || !at.readings.is_empty()
        });
        if asked.verdict_only && !takes_time && is_law_laid(&self.served.ledger, asked) {
            // Microseconds, where another thread costs more than the answer.
            let answer = check_right(&Ask::cheap(&self.served.ledger, Stop::NEVER), asked)?;
            return Ok(Response::new(answer));
        }
        answer(&self.served, request, check_right).await
    }

    async fn check_rights(
        &self,
        request: Request<v1::CheckRightsRequest>,
    ) -> Result<Response<v1::CheckRightsResponse>, Status> {
        if bulk::is_dear(request.get_ref()) {
            return dear(&self.served, request, bulk::check_rights).await;
        }
        answer(&self.served, request, bulk::check_rights).await
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

    async fn get_timeline(
        &self,
        request: Request<v1::GetTimelineRequest>,
    ) -> Result<Response<v1::GetTimelineResponse>, Status> {
        dear(&self.served, request, timeline::get_timeline).await
    }
}

/// Returns whether the law that a question is answered under is laid out. To lay it out may take its time, and as long nothing else
/// would be answered on this thread.
fn is_law_laid(engine: &Ledger, asked: &v1::CheckRightRequest) -> bool {
    let at = Fields::default().at(asked.at.as_ref());
    // What is malformed, or not known yet, is said at once.
    let position = at.and_then(|at| engine.resolve(at.point, at.at_least).ok());
    position.is_none_or(|position| engine.is_law_laid(position))
}

fn check_right(
    engine: &Ask<'_>,
    request: &v1::CheckRightRequest,
) -> Result<v1::CheckRightResponse, Problem> {
    let question = request.question.clone().unwrap_or_default();
    let mut fields = Fields::default();
    let Some(at) = fields.at(request.at.as_ref()) else {
        fields.within(answers::read(&question));
        return Err(fields.problem());
    };
    let at = at.pin(engine)?;
    let answer = ask(engine, question, at, request.verdict_only)?;
    let answer = if request.verdict_only {
        Some(answer.write_verdict())
    } else {
        answers::write(engine, vec![answer], engine.stop)?.pop()
    };
    Ok(v1::CheckRightResponse {
        answer,
        basis: Some(at.basis(engine)?),
    })
}
