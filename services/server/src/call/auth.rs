//! Who calls. The actor of an entry is the authenticated caller, never a field of the request.
//!
//! A bearer token stands for the actor that the token file maps it to. Without a token, callers on
//! this machine are the local operator, and nobody else is served.

use crate::call::errors::Problem;
use http::Extensions;
use sha2::{Digest as _, Sha256};
use standing_domain::id::ActorId;
use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tonic::metadata::MetadataMap;
use tonic::service::Interceptor;
use tonic::{Code, Request, Status};

/// The actor that a caller on this machine without a token is.
pub const LOCAL_OPERATOR: &str = "local/operator";

/// Headers that a proxy adds. Whoever is behind it is not on this machine.
const PROXIED: [&str; 3] = ["forwarded", "x-forwarded-for", "via"];

/// Which token stands for which actor. Tokens are kept as digests: looking one up takes the same
/// time whatever it shares with another.
#[derive(Clone, Default)]
pub struct Tokens(BTreeMap<[u8; 32], ActorId>);

/// Why a token file is refused.
#[derive(Debug, thiserror::Error)]
pub enum TokenFileError {
    /// It cannot be read.
    #[error("cannot read the token file {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Everybody on this machine can read it.
    #[error("the token file {path} is open to others (mode {mode:03o}): chmod o= {path}")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A line is not a token and an actor.
    #[error("{path}:{line}: expected `<token> <actor>`, the actor 1 to 64 of a-z, 0-9, / and -")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A line repeats a token.
    #[error("{path}:{line}: the token stands on an earlier line too")]
    Repeated {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

impl Tokens {
    /// Reads a token file: on each line a token, a space and the id of an actor. Empty lines and
    /// lines that begin with `#` are skipped.
    ///
    /// # Errors
    /// The file cannot be read, is open to others, or has a line that is none; the line is named,
    /// never its token.
    pub fn load(path: &Path) -> Result<Self, TokenFileError> {
        let io = |source| TokenFileError::Io {
            path: path.to_owned(),
            source,
        };
        refuse_exposed(path, &fs::metadata(path).map_err(io)?)?;
        let text = fs::read_to_string(path).map_err(io)?;
        let mut tokens = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let path = path.to_owned();
            let line_number = index + 1;
            let Some((token, actor)) = read_line(line) else {
                return Err(TokenFileError::Malformed {
                    path,
                    line: line_number,
                });
            };
            if tokens.insert(digest(token), actor).is_some() {
                return Err(TokenFileError::Repeated {
                    path,
                    line: line_number,
                });
            }
        }
        Ok(Self(tokens))
    }

    fn actor(&self, token: &str) -> Option<&ActorId> {
        self.0.get(&digest(token))
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokens({})", self.0.len())
    }
}

fn read_line(line: &str) -> Option<(&str, ActorId)> {
    let mut words = line.split_whitespace();
    let (token, actor) = (words.next()?, words.next()?);
    let is_token = token.bytes().all(|b| b.is_ascii_graphic()) && words.next().is_none();
    Some((token, ActorId::new(actor).ok()?)).filter(|_| is_token)
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &fs::Metadata) -> Result<(), TokenFileError> {
    use std::os::unix::fs::PermissionsExt as _;
    // The group may have it, as with the key file: Kubernetes opens a volume's files to the group
    // of the pod.
    match metadata.permissions().mode() & 0o777 {
        mode if mode & 0o007 != 0 => Err(TokenFileError::Exposed {
            path: path.to_owned(),
            mode,
        }),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &fs::Metadata) -> Result<(), TokenFileError> {
    Ok(())
}

/// The authenticated caller, among the extensions of a request, and when it began to call: its
/// deadline counts from then, and not from when all that it asks has come.
#[derive(Clone)]
struct Caller(ActorId, Instant);

/// Returns who calls.
pub(crate) fn caller<T>(request: &Request<T>) -> Result<ActorId, Problem> {
    let caller = request.extensions().get::<Caller>();
    let caller = caller.ok_or_else(|| refuse("TOKEN_MISSING", "the caller is not known"))?;
    Ok(caller.0.clone())
}

/// Returns who calls, by what a request carries along; none of a service that does not ask.
pub(crate) fn caller_of(extensions: &Extensions) -> Option<ActorId> {
    extensions.get::<Caller>().map(|caller| caller.0.clone())
}

/// Returns when a call began.
pub(crate) fn begun<T>(request: &Request<T>) -> Instant {
    let caller = request.extensions().get::<Caller>();
    caller.map_or_else(Instant::now, |Caller(_, begun)| *begun)
}

fn refuse(reason: &'static str, message: &str) -> Problem {
    Problem::new(Code::Unauthenticated, reason, message)
}

/// Lets calls through, with their caller, or turns them away.
#[derive(Clone)]
pub(crate) struct Auth(Arc<Tokens>);

impl Auth {
    pub fn new(tokens: Tokens) -> Self {
        Self(Arc::new(tokens))
    }

    fn actor(&self, headers: &MetadataMap, peer: Option<SocketAddr>) -> Result<ActorId, Problem> {
        let Some(authorization) = headers.get("authorization") else {
            return local(headers, peer);
        };
        let text = authorization.to_str().unwrap_or_default();
        let token = match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => {
                let message = "the authorization is not of the form `Bearer <token>`";
                return Err(refuse("TOKEN_MALFORMED", message));
            }
        };
        let actor = self.0.actor(token).cloned();
        actor.ok_or_else(|| refuse("TOKEN_UNKNOWN", "the token is not known here"))
    }
}

/// Takes a caller on this machine for the local operator.
fn local(headers: &MetadataMap, peer: Option<SocketAddr>) -> Result<ActorId, Problem> {
    let here = peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
        && PROXIED.iter().all(|header| !headers.contains_key(*header));
    if !here {
        let message = "a caller from elsewhere needs a token: `authorization: Bearer <token>`";
        return Err(refuse("TOKEN_MISSING", message));
    }
    // A page from elsewhere runs in a browser on this machine; the browser says whose page it is.
    let origin = headers
        .get("origin")
        .map(|origin| origin.to_str().unwrap_or_default());
    if !origin.is_none_or(is_local_origin) {
        let message = "a page of another site needs a token";
        return Err(refuse("TOKEN_MISSING", message));
    }
    let operator = ActorId::new(LOCAL_OPERATOR);
    let said = "the caller on this machine has no actor; the server's log says why";
    operator.map_err(|error| Problem::failed(Code::Internal, "NO_OPERATOR", said, &error))
}

fn is_local_origin(origin: &str) -> bool {
    let Some((_, host)) = origin.split_once("://") else {
        return false;
    };
    let host = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

impl Interceptor for Auth {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let begun = Instant::now();
        let actor = self.actor(request.metadata(), request.remote_addr())?;
        request.extensions_mut().insert(Caller(actor, begun));
        Ok(request)
    }
}
