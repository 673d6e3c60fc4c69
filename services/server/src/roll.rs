//! The service that answers who belongs, who holds office, and who met.

pub(crate) mod association;
pub(crate) mod calendar;
pub(crate) mod committees;
pub(crate) mod office_grounds;
pub(crate) mod offices;
pub(crate) mod parties;
pub(crate) mod party_state;
pub(crate) mod rotation;
pub(crate) mod sessions;
pub(crate) mod vocabulary;
pub(crate) mod weighing;

use crate::call::calls::{answer, dear};
use crate::call::served::Served;
use standing_proto::v1;
use standing_proto::v1::roll_service_server::RollService;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// The service.
pub(crate) struct Roll {
    served: Arc<Served>,
}

impl Roll {
    pub fn new(served: Arc<Served>) -> Self {
        Self { served }
    }
}

#[tonic::async_trait]
impl RollService for Roll {
    async fn get_party(
        &self,
        request: Request<v1::GetPartyRequest>,
    ) -> Result<Response<v1::GetPartyResponse>, Status> {
        answer(&self.served, request, parties::get_party).await
    }

    async fn list_change_days(
        &self,
        request: Request<v1::ListChangeDaysRequest>,
    ) -> Result<Response<v1::ListChangeDaysResponse>, Status> {
        dear(&self.served, request, calendar::days::list_change_days).await
    }

    async fn list_upcoming(
        &self,
        request: Request<v1::ListUpcomingRequest>,
    ) -> Result<Response<v1::ListUpcomingResponse>, Status> {
        dear(&self.served, request, calendar::upcoming::list_upcoming).await
    }

    async fn list_parties(
        &self,
        request: Request<v1::ListPartiesRequest>,
    ) -> Result<Response<v1::ListPartiesResponse>, Status> {
        dear(&self.served, request, parties::list_parties).await
    }

    async fn count_members(
        &self,
        request: Request<v1::CountMembersRequest>,
    ) -> Result<Response<v1::CountMembersResponse>, Status> {
        dear(&self.served, request, association::count_members).await
    }

    async fn list_office_holders(
        &self,
        request: Request<v1::ListOfficeHoldersRequest>,
    ) -> Result<Response<v1::ListOfficeHoldersResponse>, Status> {
        dear(&self.served, request, offices::list_office_holders).await
    }

    async fn get_rotation(
        &self,
        request: Request<v1::GetRotationRequest>,
    ) -> Result<Response<v1::GetRotationResponse>, Status> {
        dear(&self.served, request, rotation::get_rotation).await
    }

    async fn get_session(
        &self,
        request: Request<v1::GetSessionRequest>,
    ) -> Result<Response<v1::GetSessionResponse>, Status> {
        dear(&self.served, request, sessions::get_session).await
    }

    async fn list_sessions(
        &self,
        request: Request<v1::ListSessionsRequest>,
    ) -> Result<Response<v1::ListSessionsResponse>, Status> {
        dear(&self.served, request, sessions::list_sessions).await
    }

    async fn list_committees(
        &self,
        request: Request<v1::ListCommitteesRequest>,
    ) -> Result<Response<v1::ListCommitteesResponse>, Status> {
        dear(&self.served, request, committees::list_committees).await
    }

    async fn get_association(
        &self,
        request: Request<v1::GetAssociationRequest>,
    ) -> Result<Response<v1::GetAssociationResponse>, Status> {
        dear(&self.served, request, association::get_association).await
    }

    async fn get_vocabulary(
        &self,
        request: Request<v1::GetVocabularyRequest>,
    ) -> Result<Response<v1::GetVocabularyResponse>, Status> {
        dear(&self.served, request, vocabulary::get_vocabulary).await
    }
}
