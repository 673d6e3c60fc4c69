//! The service that answers what the law was.

pub(crate) mod articles;
pub(crate) mod comparison;
pub(crate) mod differences;
pub(crate) mod instruments;
pub(crate) mod intervals;
pub(crate) mod versions;

use crate::call::calls::{answer, dear};
use crate::call::served::Served;
use standing_proto::v1;
use standing_proto::v1::law_service_server::LawService;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// The service.
pub(crate) struct Law {
    served: Arc<Served>,
}

impl Law {
    pub fn new(served: Arc<Served>) -> Self {
        Self { served }
    }
}

#[tonic::async_trait]
impl LawService for Law {
    async fn get_instrument(
        &self,
        request: Request<v1::GetInstrumentRequest>,
    ) -> Result<Response<v1::GetInstrumentResponse>, Status> {
        dear(&self.served, request, instruments::get_instrument).await
    }

    async fn get_article(
        &self,
        request: Request<v1::GetArticleRequest>,
    ) -> Result<Response<v1::GetArticleResponse>, Status> {
        answer(&self.served, request, articles::get_article).await
    }

    async fn list_article_versions(
        &self,
        request: Request<v1::ListArticleVersionsRequest>,
    ) -> Result<Response<v1::ListArticleVersionsResponse>, Status> {
        dear(&self.served, request, articles::list_article_versions).await
    }

    async fn compare_instrument(
        &self,
        request: Request<v1::CompareInstrumentRequest>,
    ) -> Result<Response<v1::CompareInstrumentResponse>, Status> {
        dear(&self.served, request, comparison::compare_instrument).await
    }

    async fn compare_article(
        &self,
        request: Request<v1::CompareArticleRequest>,
    ) -> Result<Response<v1::CompareArticleResponse>, Status> {
        dear(&self.served, request, differences::compare_article).await
    }
}
