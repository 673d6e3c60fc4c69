//! The way into a service: who calls is found out, and whether they may, before anything of what is
//! sent has been read.

use super::Door;
use super::budget::{Account, Charge, Exhausted};
use super::call::Call;
use super::census::Full;
use super::intake::{Arriving, Intake};
use super::message::{Message, PREFIX};
use super::method::{Method, Need};
use super::room::{more_than, no_room, refuse_large};
use crate::call::auth::{Asking, caller_of};
use crate::call::reads::Asked;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http_body_util::{Full as Whole, Limited};
use standing_engine::Noted;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::{Code, Status};
use tower_service::Service;

/// The most bytes of all that one conversation sends.
const CONVERSATION: usize = 1 << 20;

/// Lets calls into a service once there is room for them.
#[derive(Clone)]
pub(crate) struct Doorway<S> {
    service: S,
    door: Arc<Door>,
    /// Whether the service reads messages with a codec that takes the sender's faults for its own.
    foreign: bool,
    /// What it asks of whoever calls it.
    asking: Asking,
}

impl<S> Doorway<S> {
    /// The way into a service of the contract.
    pub fn new(service: S, door: &Arc<Door>) -> Self {
        Self {
            service,
            door: Arc::clone(door),
            foreign: false,
            asking: Asking::AsTheContractSays,
        }
    }

    /// The way into a service whose code is not ours.
    pub fn foreign(service: S, door: &Arc<Door>, asking: Asking) -> Self {
        Self {
            foreign: true,
            asking,
            ..Self::new(service, door)
        }
    }
}

impl<S: NamedService> NamedService for Doorway<S> {
    const NAME: &'static str = S::NAME;
}

type Request = http::Request<Body>;
type Response = http::Response<Body>;

impl<S> Service<Request> for Doorway<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // What was made ready is what is called.
        let next = self.service.clone();
        let mut service = std::mem::replace(&mut self.service, next);
        let (door, foreign, asking) = (Arc::clone(&self.door), self.foreign, self.asking);
        Box::pin(async move {
            let (request, call, asked) = match admitted(&door, asking, request).await {
                Ok(admitted) => admitted,
                Err(status) => return Ok(status.into_http()),
            };
            let response = service.call(request).await?;
            call.worked();
            if let (Some(reads), Some(asked)) = (&door.reads, asked) {
                let code = Status::from_header_map(response.headers());
                let code = code.map_or(Code::Ok, |status| status.code());
                if let Err(problem) = Arc::clone(reads).keep(asked, code).await {
                    return Ok(Status::from(problem).into_http());
                }
            }
            if foreign && Status::from_header_map(response.headers()).is_some_and(is_of_codec) {
                let what = "it is not what the method takes";
                return Ok(standing_proto::codec::undecodable(what).into_http());
            }
            Ok(response)
        })
    }
}

/// Returns whether a service failed before it had anything to say: such a status says that the
/// message could not be read.
#[expect(clippy::needless_pass_by_value, reason = "as it is made")]
fn is_of_codec(status: Status) -> bool {
    status.code() == Code::Internal
}

/// Reads a call's message, once there is room for it, and returns the call with all of it there.
async fn admitted(
    door: &Arc<Door>,
    asking: Asking,
    request: Request,
) -> Result<(Request, Arc<Call>, Option<Asked>), Status> {
    let (mut parts, body) = request.into_parts();
    let call = parts.extensions.get::<Arc<Call>>().cloned();
    let call = call.ok_or_else(|| Status::unavailable("the call came through no connection"))?;
    // Who calls is asked before anything is read, and then whether there is room.
    door.auth
        .admit(&mut parts, &call.connection.peer, asking)
        .await?;
    let account = match caller_of(&parts.extensions) {
        Some(actor) => {
            let named = call.connection.place.name(&actor);
            named.map_err(|full| many_connections(full, door))?;
            Account::Actor(actor)
        }
        None => Account::Address(Some(call.connection.place.address())),
    };
    let method = Method::of(parts.uri.path());
    if method == Method::Reflection {
        charge(door, &account, &call, method.need(0)).await?;
        let body = Body::new(Limited::new(body, CONVERSATION));
        return Ok((Request::from_parts(parts, body), call, None));
    }
    let encoding = parts.headers.get("grpc-encoding");
    if encoding.is_some_and(|encoding| encoding != "identity") {
        // The service says which encodings it takes, and reads nothing.
        return Ok((Request::from_parts(parts, Body::empty()), call, None));
    }
    let mut message = Message::new(body, door.patience());
    if method == Method::Stream {
        charge(door, &account, &call, method.need(0)).await?;
        let intake = Intake::new(door, account, message, parts.uri.path());
        parts.extensions.insert(Arriving::of(intake));
        return Ok((Request::from_parts(parts, Body::empty()), call, None));
    }
    let length = message.length().await?;
    refuse_large(method, length)?;
    let need = method.need(length);
    charge(door, &account, &call, need).await?;
    let whole = message.whole(length).await?;
    message.ends().await?;
    if let Some(more) = more_than(door, parts.uri.path(), &whole[PREFIX..], need)? {
        call.admit_more(take(door, &account, more).await?);
    }
    let asked = noting(door, &mut parts, method, &whole[PREFIX..]);
    let body = Body::new(Whole::new(whole));
    Ok((Request::from_parts(parts, body), call, asked))
}

/// Has it noted what is read for a question, where account is kept of that. What is recorded stands
/// in the log.
fn noting(door: &Door, parts: &mut Parts, method: Method, message: &[u8]) -> Option<Asked> {
    if door.reads.is_none() || method == Method::Record {
        return None;
    }
    let actor = caller_of(&parts.extensions)?;
    let noted = Arc::<Noted>::default();
    parts.extensions.insert(Arc::clone(&noted));
    Some(Asked {
        actor,
        path: parts.uri.path().to_owned(),
        message: message.to_vec(),
        noted,
    })
}

/// Charges a call for what it needs.
async fn charge(door: &Door, account: &Account, call: &Call, need: Need) -> Result<(), Status> {
    let charge = take(door, account, need).await?;
    call.admit(charge, need.fixed, need.request);
    Ok(())
}

async fn take(door: &Door, account: &Account, need: Need) -> Result<Charge, Status> {
    let taken = door.budget.take(account, need.kind, need.all()).await;
    taken.map_err(|Exhausted| no_room(door, need))
}

fn many_connections(Full: Full, door: &Door) -> Status {
    let most = door.limits().connections_by_one;
    let message = format!(
        "you have {most} other connections to this server, which is as many as it takes: \
         call over one of those"
    );
    let problem = door.refuse("TOO_MANY_CONNECTIONS", &message);
    problem.with("most", most).into()
}
