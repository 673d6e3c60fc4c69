//! The counts of calls. Each method keeps what it counts at hand: looked up by their labels for
//! every call, they would take a tenth of what a small question costs.

use super::method::{METHODS, Method};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tonic::Code;

/// The upper bounds of how long calls take, in seconds.
pub(super) const BOUNDS: [f64; 15] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0,
];

/// How a call ended, as labels: its method and the name of its code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
#[expect(clippy::struct_field_names, reason = "they name the labels")]
struct Ended {
    grpc_type: &'static str,
    grpc_service: &'static str,
    grpc_method: &'static str,
    grpc_code: &'static str,
}

impl Ended {
    fn of(method: Method, code: Code) -> Self {
        let Method {
            grpc_type,
            grpc_service,
            grpc_method,
        } = method;
        Self {
            grpc_type,
            grpc_service,
            grpc_method,
            grpc_code: name_of(code),
        }
    }
}

/// The families of what is counted; a family tells what was counted once.
#[derive(Debug, Clone)]
struct Families {
    started: Family<Method, Counter>,
    handled: Family<Ended, Counter>,
    handling: Family<Method, Histogram, fn() -> Histogram>,
}

/// What is counted of every method.
#[derive(Debug)]
pub(super) struct Calls {
    families: Families,
    of: HashMap<&'static str, Arc<Counts>>,
    unknown: Arc<Counts>,
}

/// What is counted of one method.
#[derive(Debug)]
pub(super) struct Counts {
    /// The method.
    pub method: Method,
    families: Families,
    started: OnceLock<Counter>,
    handling: OnceLock<Histogram>,
    /// By the number of the code.
    handled: [OnceLock<Counter>; 17],
}

impl Default for Calls {
    fn default() -> Self {
        let families = Families {
            started: Family::default(),
            handled: Family::default(),
            handling: Family::new_with_constructor(|| Histogram::new(BOUNDS)),
        };
        let counts = |method| Arc::new(Counts::new(method, &families));
        let of = METHODS.iter();
        let of = of.map(|(path, method)| (path.as_str(), counts(*method)));
        let (of, unknown) = (of.collect(), counts(Method::UNKNOWN));
        Self {
            families,
            of,
            unknown,
        }
    }
}

impl Calls {
    /// Returns what is counted of the method of a path.
    pub fn of(&self, path: &str) -> &Arc<Counts> {
        self.of.get(path).unwrap_or(&self.unknown)
    }

    /// Registers all of it.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "grpc_server_started",
            "Calls that have come, by method",
            self.families.started.clone(),
        );
        registry.register(
            "grpc_server_handled",
            "Calls that have ended, by method and code; CANCELLED where nobody waited for the answer",
            self.families.handled.clone(),
        );
        registry.register(
            "grpc_server_handling_seconds",
            "How long calls took: until the answer began to leave, or, of streams, until they ended",
            self.families.handling.clone(),
        );
    }
}

impl Counts {
    fn new(method: Method, families: &Families) -> Self {
        let counts = Self {
            method,
            families: families.clone(),
            started: OnceLock::new(),
            handling: OnceLock::new(),
            handled: Default::default(),
        };
        // A rate begins with the second number of a series: the first failure would not be seen.
        for code in [Code::Unknown, Code::Internal, Code::DataLoss] {
            counts.handled(code);
        }
        counts
    }

    /// A call has come.
    pub fn start(&self) {
        let started = &self.families.started;
        let started = self
            .started
            .get_or_init(|| started.get_or_create_owned(&self.method));
        started.inc();
    }

    /// A call took so long.
    pub fn took(&self, time: Duration) {
        let handling = &self.families.handling;
        let handling = self
            .handling
            .get_or_init(|| handling.get_or_create_owned(&self.method));
        handling.observe(time.as_secs_f64());
    }

    /// A call has ended; returns the name of its code.
    pub fn end(&self, code: Code) -> &'static str {
        if let Some(handled) = self.handled(code) {
            handled.inc();
        }
        name_of(code)
    }

    /// Returns the count of a code; there is one for each.
    fn handled(&self, code: Code) -> Option<&Counter> {
        let handled = &self.families.handled;
        let place = usize::try_from(i32::from(code)).ok()?;
        let count = self.handled.get(place)?;
        Some(count.get_or_init(|| handled.get_or_create_owned(&Ended::of(self.method, code))))
    }
}

/// Returns a code's name, as the protocol writes it.
fn name_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
