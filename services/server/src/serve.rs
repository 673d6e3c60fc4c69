//! Serving: the services, reflection, health and gRPC-Web on one listener, and an orderly end.

use crate::audit::Audit;
use crate::auth::{Auth, Tokens};
use crate::dues::Dues;
use crate::law::Law;
use crate::ledger::Ledger;
use crate::rights::Rights;
use crate::roll::Roll;
use standing_engine::Engine;
use standing_proto::FILE_DESCRIPTOR_SET;
use standing_proto::v1::GetStreamStatusResponse;
use standing_proto::v1::audit_service_server::AuditServiceServer;
use standing_proto::v1::dues_service_server::DuesServiceServer;
use standing_proto::v1::law_service_server::LawServiceServer;
use standing_proto::v1::ledger_service_server::LedgerServiceServer;
use standing_proto::v1::rights_service_server::RightsServiceServer;
use standing_proto::v1::roll_service_server::RollServiceServer;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tonic::server::NamedService;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tonic_reflection::server::Builder as Reflection;
use tonic_web::GrpcWebLayer;

/// The most bytes of a message to record: a batch of 16 MiB and what surrounds it.
const MOST_BYTES: usize = 17 << 20;

/// The services whose health is told beside that of the whole.
const SERVICES: [&str; 6] = [
    <LedgerServiceServer<Ledger> as NamedService>::NAME,
    <RightsServiceServer<Rights> as NamedService>::NAME,
    <RollServiceServer<Roll> as NamedService>::NAME,
    <LawServiceServer<Law> as NamedService>::NAME,
    <DuesServiceServer<Dues> as NamedService>::NAME,
    <AuditServiceServer<Audit> as NamedService>::NAME,
];

/// Tells how far a server and its streams are from each other.
pub type StreamReport = Arc<dyn Fn() -> GetStreamStatusResponse + Send + Sync>;

/// What an operator may choose.
#[derive(Clone)]
pub struct Config {
    /// Who may call from elsewhere; with none, callers on this machine only.
    pub tokens: Tokens,
    /// How long calls may go on after the shutdown has begun.
    pub drain: Duration,
    /// After how long without traffic a connection is asked whether it is still there; twenty seconds later it is
    /// taken as gone.
    pub keepalive: Duration,
    /// Tells how far this server and its streams are from each other; none where it has no streams.
    pub stream: Option<StreamReport>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            tokens: Tokens::default(),
            drain: Duration::from_secs(10),
            keepalive: Duration::from_secs(30),
            stream: None,
        }
    }
}

/// Why serving ended other than by a shutdown.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The contract cannot be shown by reflection.
    #[error("cannot describe the services")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The listener or the protocol failed.
    #[error("cannot serve")]
    Transport(#[from] tonic::transport::Error),
}

/// Serves a ledger until the shutdown, and then until the calls under way have ended or [`Config::drain`] is over.
///
/// # Errors
/// The listener failed; what was recorded is safe.
pub async fn serve(
    listener: TcpListener,
    engine: Arc<Engine>,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    serve_when_ready(listener, engine, config, std::future::ready(()), shutdown).await
}

/// Serves as [`serve`] does, but reports itself as serving only once `ready` is: before that every call is answered,
/// as an import over loopback needs, and the health service says not serving.
///
/// # Errors
/// The listener failed; what was recorded is safe.
pub async fn serve_when_ready(
    listener: TcpListener,
    engine: Arc<Engine>,
    config: Config,
    ready: impl Future<Output = ()>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let (health, health_service) = tonic_health::server::health_reporter();
    announce(&health, ServingStatus::NotServing).await;
    let auth = Auth::new(config.tokens);
    let ledger = LedgerServiceServer::new(Ledger::new(Arc::clone(&engine)))
        .max_decoding_message_size(MOST_BYTES);
    let rights = RightsServiceServer::new(Rights::new(Arc::clone(&engine)));
    let roll = RollServiceServer::new(Roll::new(Arc::clone(&engine)));
    let law = LawServiceServer::new(Law::new(Arc::clone(&engine)));
    let dues = DuesServiceServer::new(Dues::new(Arc::clone(&engine)));
    let audit = AuditServiceServer::new(Audit::new(engine));
    let router = Server::builder()
        .accept_http1(true)
        .http2_keepalive_interval(Some(config.keepalive))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
        .layer(GrpcWebLayer::new())
        // Probes carry no credentials, and learn nothing but whether this serves.
        .add_service(health_service)
        .add_service(guarded(reflection().build_v1()?, &auth))
        .add_service(guarded(reflection().build_v1alpha()?, &auth))
        .add_service(guarded(ledger, &auth))
        .add_service(guarded(rights, &auth))
        .add_service(guarded(roll, &auth))
        .add_service(guarded(law, &auth))
        .add_service(guarded(dues, &auth))
        .add_service(guarded(audit, &auth));
    let incoming = TcpIncoming::from(listener)
        .with_nodelay(Some(true))
        .with_keepalive(Some(config.keepalive));
    let (close, closing) = oneshot::channel::<()>();
    let mut serving = pin!(router.serve_with_incoming_shutdown(incoming, async {
        // An error is the other end being dropped, which closes as well.
        let _ = closing.await;
    }));
    let (mut ready, mut shutdown) = (pin!(ready), pin!(shutdown));
    let mut is_ready = false;
    loop {
        tokio::select! {
            ended = &mut serving => return Ok(ended?),
            () = &mut shutdown => break,
            () = &mut ready, if !is_ready => {
                is_ready = true;
                announce(&health, ServingStatus::Serving).await;
            }
        }
    }
    announce(&health, ServingStatus::NotServing).await;
    drop(close);
    if let Ok(ended) = timeout(config.drain, serving).await {
        return Ok(ended?);
    }
    tracing::warn!(drain = ?config.drain, "calls were still under way and are cut off");
    Ok(())
}

fn guarded<S>(service: S, auth: &Auth) -> InterceptedService<S, Auth> {
    InterceptedService::new(service, auth.clone())
}

fn reflection() -> Reflection<'static> {
    Reflection::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

async fn announce(health: &HealthReporter, status: ServingStatus) {
    for service in [""].iter().chain(&SERVICES) {
        health.set_service_status(service, status).await;
    }
}
