//! The service that answers who owes what.

pub(crate) mod accounts;

use crate::call::calls::{answer, dear};
use crate::call::served::Served;
use standing_proto::v1;
use standing_proto::v1::dues_service_server::DuesService;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// The service.
pub(crate) struct Dues {
    served: Arc<Served>,
}

impl Dues {
    pub fn new(served: Arc<Served>) -> Self {
        Self { served }
    }
}

#[tonic::async_trait]
impl DuesService for Dues {
    async fn get_account(
        &self,
        request: Request<v1::GetAccountRequest>,
    ) -> Result<Response<v1::GetAccountResponse>, Status> {
        answer(&self.served, request, accounts::get_account).await
    }

    async fn list_arrears(
        &self,
        request: Request<v1::ListArrearsRequest>,
    ) -> Result<Response<v1::ListArrearsResponse>, Status> {
        dear(&self.served, request, accounts::list_arrears).await
    }
}
