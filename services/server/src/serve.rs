//! Serving: the services, reflection, health, gRPC-Web and plain HTTP on one listener, and an
//! orderly end.

mod beside;
mod numbers;
mod plain_http;
mod words;

use crate::access::{Access, Hosts};
use crate::audit::Audit;
use crate::call::auth::Asking;
use crate::call::reads::Reads;
use crate::call::served::{Served, StreamReport};
use crate::changes::{Changes, Hub};
use crate::dear::DearQuestions;
use crate::door::{Door, Doorway, Entrance, Limits, Listeners, Listening, Tls, Workers, listen};
use crate::dues::Dues;
use crate::law::Law;
use crate::ledger::Ledger;
use crate::measured::Metrics;
use crate::measured::call::measure;
use crate::rights::Rights;
use crate::roll::Roll;
use axum::Router;
use axum::middleware::from_fn_with_state;
use standing_engine::Recorder;
use standing_proto::FILE_DESCRIPTOR_SET;
use standing_proto::v1::Permission;
use standing_proto::v1::audit_service_server::AuditServiceServer;
use standing_proto::v1::change_service_server::ChangeServiceServer;
use standing_proto::v1::dues_service_server::DuesServiceServer;
use standing_proto::v1::law_service_server::LawServiceServer;
use standing_proto::v1::ledger_service_server::LedgerServiceServer;
use standing_proto::v1::rights_service_server::RightsServiceServer;
use standing_proto::v1::roll_service_server::RollServiceServer;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::HealthReporter;
use tonic_reflection::server::Builder as Reflection;
use tonic_web::GrpcWebLayer;
use words::is_stream_well;

/// The most bytes of a message: the door lets none through that is larger than its method allows.
const MOST_BYTES: usize = 32 << 20;

/// The most bytes of a question about the contract itself.
const MOST_OF_REFLECTION: usize = 64 << 10;

/// The services whose health is told beside that of the whole.
const SERVICES: [&str; 7] = [
    <LedgerServiceServer<Ledger> as NamedService>::NAME,
    <RightsServiceServer<Rights> as NamedService>::NAME,
    <RollServiceServer<Roll> as NamedService>::NAME,
    <LawServiceServer<Law> as NamedService>::NAME,
    <DuesServiceServer<Dues> as NamedService>::NAME,
    <AuditServiceServer<Audit> as NamedService>::NAME,
    <ChangeServiceServer<Changes> as NamedService>::NAME,
];

/// The name under which the health of the streams is told; where there are none, they are well.
const STREAM: &str = "standing.stream";

/// The service that records, and is not well while nothing is recorded.
const RECORDING: &str = <LedgerServiceServer<Ledger> as NamedService>::NAME;

/// How often health is looked at.
const HEALTH_LOOK: Duration = Duration::from_secs(1);

/// What an operator may choose.
#[derive(Clone)]
pub struct Config {
    /// Who may call, and what; by default callers on this machine, and everything.
    pub access: Access,
    /// Under which names the server is called, besides its addresses.
    pub hosts: Hosts,
    /// The certificate that it shows on the network; none to speak in clear.
    pub tls: Option<Arc<Tls>>,
    /// Where account is kept of what is read; none to keep none.
    pub reads: Option<Arc<Reads>>,
    /// What is to be told in health of how it is run.
    pub warnings: Vec<String>,
    /// How long calls may go on after the shutdown has begun.
    pub drain: Duration,
    /// After how long without traffic a connection is asked whether it is still there; twenty
    /// seconds later it is taken as gone.
    pub keepalive: Duration,
    /// After how long a silence a watch says that it is there.
    pub heartbeat: Duration,
    /// How many entries, and how many steps of the stream of rights, are kept for watches that do
    /// not take them at once. A watch that is further behind reads them from the log.
    pub kept: usize,
    /// Tells how far this server and its streams are from each other; none where it has no streams.
    pub stream: Option<StreamReport>,
    /// What is counted: made before the ledger is opened where the ledger is to tell of commits.
    pub metrics: Arc<Metrics>,
    /// How dear questions are rationed.
    pub dear: DearQuestions,
    /// How much callers may take of the server.
    pub limits: Limits,
    /// Tells of other limits while the server runs; the memory of all calls stays what it was.
    pub adjusted: Option<watch::Receiver<Limits>>,
    /// How many threads serve connections, each those that are dealt to it. Default: 0, the runtime
    /// that the server was started on serves them.
    pub workers: usize,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("access", &self.access)
            .field("hosts", &self.hosts)
            .field("tls", &self.tls)
            .field("reads", &self.reads)
            .field("warnings", &self.warnings)
            .field("drain", &self.drain)
            .field("keepalive", &self.keepalive)
            .field("heartbeat", &self.heartbeat)
            .field("kept", &self.kept)
            .field("stream", &self.stream.is_some())
            .field("metrics", &self.metrics)
            .field("dear", &self.dear)
            .field("limits", &self.limits)
            .field("adjusted", &self.adjusted.is_some())
            .field("workers", &self.workers)
            .finish()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            access: Access::default(),
            hosts: Hosts::default(),
            tls: None,
            reads: None,
            warnings: Vec::new(),
            drain: Duration::from_secs(10),
            keepalive: Duration::from_secs(30),
            heartbeat: Duration::from_secs(15),
            kept: 4_096,
            stream: None,
            metrics: Arc::default(),
            dear: DearQuestions::default(),
            limits: Limits::default(),
            adjusted: None,
            workers: 0,
        }
    }
}

/// Why serving ended other than by a shutdown.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The contract cannot be shown by reflection.
    #[error("cannot describe the services")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The contract's own description cannot be read.
    #[error("cannot read the description of the services")]
    Contract(#[from] prost::DecodeError),
    /// The threads that serve connections cannot be started.
    #[error("cannot start the threads that serve connections")]
    Workers(#[source] std::io::Error),
}

/// Serves a ledger until the shutdown, and then until the calls under way have ended or
/// [`Config::drain`] is over.
///
/// ```
/// use standing_proto::v1::GetHeadRequest;
/// use standing_proto::v1::ledger_service_client::LedgerServiceClient;
/// use standing_server::engine::{Options, Recorder};
/// use standing_server::{Config, serve};
/// use std::sync::Arc;
/// use tokio::net::TcpListener;
/// use tokio::sync::oneshot;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let recorder = Recorder::open(&folder.path().join("league.redb"), &Options::default())?;
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let address = listener.local_addr()?;
/// let (stop, stopped) = oneshot::channel::<()>();
/// let shutdown = async { _ = stopped.await };
/// let serving = tokio::spawn(serve(listener, Arc::new(recorder), Config::default(), shutdown));
///
/// let mut client = LedgerServiceClient::connect(format!("http://{address}")).await?;
/// let head = client.get_head(GetHeadRequest::default()).await?.into_inner();
/// assert!(head.head.is_some_and(|head| head.position == 0));
///
/// drop((client, stop));
/// serving.await??;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The services cannot be set up; what was recorded is safe.
pub async fn serve(
    listeners: impl Into<Listeners>,
    recorder: Arc<Recorder>,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    serve_when_ready(
        listeners,
        recorder,
        config,
        std::future::ready(()),
        shutdown,
    )
    .await
}

/// Serves as [`serve`] does, but reports itself as serving only once `ready` is: before that every
/// call is answered, as an import from inside needs, and the health service says not serving.
///
/// # Errors
/// The services cannot be set up; what was recorded is safe.
pub async fn serve_when_ready(
    listeners: impl Into<Listeners>,
    recorder: Arc<Recorder>,
    config: Config,
    ready: impl Future<Output = ()>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let (health, health_service) = tonic_health::server::health_reporter();
    announce(&health, ServingStatus::NotServing).await;
    let (stream, metrics, dear) = (config.stream, config.metrics, config.dear);
    let served = Arc::new(Served::new(recorder, stream, metrics, dear));
    let hub = Hub::new(
        Arc::clone(&served),
        config.heartbeat,
        config.kept,
        config.limits.watches_by_one,
    );
    // They end with this function, however it ends.
    let mut tasks = JoinSet::new();
    hub.run(&mut tasks);
    tasks.spawn(tell_health(health.clone(), Arc::clone(&served)));
    let entrance = Entrance {
        access: config.access,
        hosts: config.hosts,
        tls: config.tls,
        reads: config.reads,
    };
    let door = Door::new(config.limits, entrance)?;
    if let Some(adjusted) = config.adjusted {
        tasks.spawn(adjust(adjusted, Arc::clone(&door), Arc::clone(&hub)));
    }
    let mut listeners = listeners.into();
    let numbers = listeners.numbers.take();
    let (plain, beside) = plain_http::routes(&hub, &door, config.warnings, numbers.is_some());
    tasks.spawn(beside::serve(numbers, beside));
    let listening = Listening {
        routes: services(&hub, &door, plain, health_service)?,
        door,
        keepalive: config.keepalive,
    };
    let mut workers = Workers::start(config.workers).map_err(ServeError::Workers)?;
    {
        let (close, closing) = watch::channel(false);
        let mut serving = pin!(listen(listeners, listening, &mut workers, closing));
        let (mut ready, mut shutdown) = (pin!(ready), pin!(shutdown));
        let (mut is_ready, mut is_over) = (false, false);
        while !is_over {
            tokio::select! {
                () = &mut serving => is_over = true,
                () = &mut shutdown => break,
                () = &mut ready, if !is_ready => {
                    is_ready = true;
                    served.become_ready();
                    announce(&health, ServingStatus::Serving).await;
                }
            }
        }
        announce(&health, ServingStatus::NotServing).await;
        // Watches have no end of their own.
        served.close();
        drop(close);
        if !is_over && timeout(config.drain, serving).await.is_err() {
            tracing::warn!(drain = ?config.drain, "calls were still under way and are cut off");
        }
    }
    workers.cut_off().await;
    tasks.shutdown().await;
    Ok(())
}

/// Returns all that is answered on the port.
fn services(
    hub: &Arc<Hub>,
    door: &Arc<Door>,
    plain: Router,
    health: HealthServer<impl Health>,
) -> Result<Routes, ServeError> {
    let served = &hub.served;
    let ledger = LedgerServiceServer::new(Ledger::new(Arc::clone(served)))
        .max_decoding_message_size(MOST_BYTES);
    let rights = RightsServiceServer::new(Rights::new(Arc::clone(served)));
    let roll = RollServiceServer::new(Roll::new(Arc::clone(served)));
    let law = LawServiceServer::new(Law::new(Arc::clone(served)));
    let dues = DuesServiceServer::new(Dues::new(Arc::clone(served)));
    let audit = AuditServiceServer::new(Audit::new(Arc::clone(served)));
    let changes = ChangeServiceServer::new(Changes::new(Arc::clone(hub)));
    let v1 = reflection()
        .build_v1()?
        .max_decoding_message_size(MOST_OF_REFLECTION);
    let v1alpha = reflection()
        .build_v1alpha()?
        .max_decoding_message_size(MOST_OF_REFLECTION);
    let reads = Asking::Always(Permission::Read);
    let services = Routes::new(Doorway::foreign(health, door, Asking::Nothing))
        .add_service(Doorway::foreign(v1, door, reads))
        .add_service(Doorway::foreign(v1alpha, door, reads))
        .add_service(Doorway::new(ledger, door))
        .add_service(Doorway::new(rights, door))
        .add_service(Doorway::new(roll, door))
        .add_service(Doorway::new(law, door))
        .add_service(Doorway::new(dues, door))
        .add_service(Doorway::new(audit, door))
        .add_service(Doorway::new(changes, door));
    // gRPC-Web refuses whatever else comes over HTTP/1.1, so plain HTTP stands beside it.
    let measured = from_fn_with_state(Arc::clone(&served.metrics), measure);
    // Beneath it, where an answer tells how it ended as every other does.
    let router = services.into_axum_router().layer(measured);
    let router = router.layer(GrpcWebLayer::new());
    Ok(router.merge(plain).into())
}

fn reflection() -> Reflection<'static> {
    Reflection::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

/// Keeps other limits whenever there are some.
async fn adjust(mut adjusted: watch::Receiver<Limits>, door: Arc<Door>, hub: Arc<Hub>) {
    while adjusted.changed().await.is_ok() {
        let limits = adjusted.borrow_and_update().clone();
        hub.watchers.adjust(limits.watches_by_one);
        door.adjust(limits);
    }
}

async fn announce(health: &HealthReporter, status: ServingStatus) {
    for service in [""].iter().chain(&SERVICES) {
        health.set_service_status(service, status).await;
    }
}

/// Tells the health of the streams, and whether anything is recorded, until the shutdown.
async fn tell_health(health: HealthReporter, served: Arc<Served>) {
    let mut closing = served.closing();
    let mut interval = tokio::time::interval(HEALTH_LOOK);
    loop {
        let ends = tokio::select! {
            _ = closing.wait_for(|closing| *closing) => true,
            _ = interval.tick() => false,
        };
        let status = if !ends && is_stream_well(served.report().as_ref()) {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        health.set_service_status(STREAM, status).await;
        if ends || served.is_ready() {
            let status = if ends || served.is_held_back() {
                ServingStatus::NotServing
            } else {
                ServingStatus::Serving
            };
            health.set_service_status(RECORDING, status).await;
        }
        if ends {
            return;
        }
    }
}
