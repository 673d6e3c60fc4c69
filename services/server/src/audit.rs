//! The service that answers what an auditor asks.

pub(crate) mod findings;
pub(crate) mod knowledge;

use crate::call::served::Served;
use standing_proto::v1;
use standing_proto::v1::audit_service_server::AuditService;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// The service.
pub(crate) struct Audit {
    served: Arc<Served>,
}

impl Audit {
    pub fn new(served: Arc<Served>) -> Self {
        Self { served }
    }
}

#[tonic::async_trait]
impl AuditService for Audit {
    async fn compare_knowledge(
        &self,
        request: Request<v1::CompareKnowledgeRequest>,
    ) -> Result<Response<v1::CompareKnowledgeResponse>, Status> {
        knowledge::compare_knowledge(&self.served, request).await
    }

    async fn list_findings(
        &self,
        request: Request<v1::ListFindingsRequest>,
    ) -> Result<Response<v1::ListFindingsResponse>, Status> {
        findings::list_findings(&self.served, request).await
    }
}
