//! Traces: a collector, written by nobody here but for its store, is sent a span for every call.

use crate::harness::{Authority, Folder, Pair, runtime};
use crate::recording::small_with;
use crate::streams::until;
use data_encoding::HEXLOWER;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use std::fs;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status};

/// The span of a caller, as its header says it.
const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A collector: what it was sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.lock().unwrap().push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    fn serve(&self) -> SocketAddr {
        self.serve_by(Server::builder())
    }

    /// Serves over TLS.
    fn serve_encrypting(&self, pair: &Pair) -> SocketAddr {
        let [certificate, key] = [&pair.certificate, &pair.key].map(|path| fs::read(path).unwrap());
        let tls = ServerTlsConfig::new().identity(Identity::from_pem(certificate, key));
        self.serve_by(Server::builder().tls_config(tls).unwrap())
    }

    fn serve_by(&self, mut builder: Server) -> SocketAddr {
        let _inside = runtime().enter();
        let listener = runtime()
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let service = TraceServiceServer::new(self.clone());
        let serving = builder.add_service(service);
        runtime().spawn(serving.serve_with_incoming(TcpListenerStream::new(listener)));
        address
    }

    fn spans(&self) -> Vec<Span> {
        let sent = self.0.lock().unwrap();
        let of_resources = sent.iter().flat_map(|request| &request.resource_spans);
        let scopes = of_resources.flat_map(|of_resource| &of_resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    fn span(&self, name: &str) -> Option<Span> {
        self.spans().into_iter().find(|span| span.name == name)
    }
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span
        .attributes
        .iter()
        .find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{key}: {other:?}"),
    }
}

#[test]
fn every_call_is_a_span_of_its_caller_s_trace_and_tells_nothing_that_was_said() {
    let (collector, folder) = (Collector::default(), Folder::new());
    let url = format!("http://{}", collector.serve());
    let server = small_with(&folder, &["--traces", &url]);
    let client = server.client().with_header("traceparent", CALLER);
    // What vendors may say beside it is not passed on.
    let client = client.with_header("tracestate", "free=text");
    let asked = r#"{"party": "aa-birch", "at": {"on": "2012-01-01"}}"#;
    client.answer("RollService/GetParty", asked);
    let strange = r#"{"party": "nobody", "at": {"on": "2012-01-01"}}"#;
    client.ask("RollService/GetAssociation", "{}").unwrap();
    client
        .ask("RightsService/GetStanding", strange)
        .unwrap_err();
    until("the spans have come", || {
        ["RollService/GetParty", "RightsService/GetStanding"]
            .iter()
            .all(|name| collector.span(&format!("standing.v1.{name}")).is_some())
    });
    let span = collector.span("standing.v1.RollService/GetParty").unwrap();
    let caller = [
        HEXLOWER.encode(&span.trace_id),
        HEXLOWER.encode(&span.parent_span_id),
    ]
    .join("-");
    assert!(CALLER.contains(&caller), "{span:#?}");
    assert_eq!(span.kind(), SpanKind::Server);
    assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    for (key, value) in [
        ("rpc.system", "grpc"),
        ("rpc.service", "standing.v1.RollService"),
        ("rpc.method", "GetParty"),
        ("rpc.grpc.status_code", "0"),
        ("enduser.id", "local/operator"),
    ] {
        assert_eq!(attribute(&span, key).as_deref(), Some(value), "{span:#?}");
    }
    // That a caller is refused is no failure of the server.
    let refused = collector.span("standing.v1.RightsService/GetStanding");
    let refused = refused.unwrap();
    assert_eq!(attribute(&refused, "rpc.grpc.status_code").unwrap(), "5");
    let status = refused.status.clone().unwrap_or_default();
    assert_eq!(status.code(), StatusCode::Unset);
    for said in ["aa-birch", "nobody", "free=text"] {
        let spans = collector.spans();
        assert!(!format!("{spans:?}").contains(said), "{said}: {spans:#?}");
    }
    // What is left is sent at the end.
    client.head();
    assert!(server.terminate().success());
    assert!(
        collector
            .span("standing.v1.LedgerService/GetHead")
            .is_some()
    );
    let sent = collector.0.lock().unwrap();
    assert!(format!("{:?}", sent[0].resource_spans[0].resource).contains("\"standing\""));
}

#[test]
fn spans_are_sent_encrypted_and_whatever_is_logged() {
    let (collector, folder) = (Collector::default(), Folder::new());
    let ours = Authority::new("ours");
    let trusted = ours.file(&folder, "authority.pem");
    let address = collector.serve_encrypting(&ours.serves(&folder, "collector"));
    let by = [
        "env",
        "RUST_LOG=info",
        &format!("SSL_CERT_FILE={}", trusted.display()),
    ];
    let url = format!("https://{address}");
    for args in [&["--traces", &*url][..], &[]] {
        let server = folder.serve_by(&by, &folder.ledger(), args);
        server.client().head();
        until("the call is logged", || server.said().contains("GetHead"));
        // A line says itself what is in the span.
        assert!(!server.said().contains("rpc.system"), "{}", server.said());
        if !args.is_empty() {
            let name = "standing.v1.LedgerService/GetHead";
            until("the span has come", || collector.span(name).is_some());
        }
        assert!(server.terminate().success());
    }
}

#[test]
fn a_collector_that_is_away_is_told_of_and_holds_nothing_up() {
    let folder = Folder::new();
    // Free a moment ago: nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let server = small_with(&folder, &["--traces", &url]);
    assert_eq!(server.client().head(), 28);
    until("it is told of", || server.said().contains("Trace"));
    assert_eq!(server.client().head(), 28);
    assert!(server.terminate().success());
    let refused = folder.serve_in_vain(&["--traces", "no address"]).fails(1);
    assert!(refused.contains("--traces"), "{refused}");
}
