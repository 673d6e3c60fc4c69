//! Who calls, asked once at the door. The actor of an entry is the authenticated caller, never a
//! field of the request.

use crate::access::oidc::Refused;
use crate::access::peer::Peer;
use crate::access::wrong::{WINDOW, Wrong};
use crate::access::{Access, Grant, Identity, Unknown};
use crate::call::errors::Problem;
use crate::call::sampled::Sampled;
use crate::measured::call::Who;
use http::Extensions;
use http::request::Parts;
use standing_domain::id::ActorId;
use standing_engine::Noted;
use standing_proto::permission::permissions;
use standing_proto::v1::Permission;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::watch;
use tokio::time::sleep;
use tonic::{Code, Request};

/// The authenticated caller, among the extensions of a request, and when it began to call: its
/// deadline counts from then, and not from when all that it asks has come.
#[derive(Clone)]
struct Caller {
    identity: Arc<Identity>,
    begun: Instant,
    access: Access,
}

impl Caller {
    fn of<T>(request: &Request<T>) -> Result<&Self, Problem> {
        let caller = request.extensions().get();
        caller.ok_or_else(|| refuse("TOKEN_MISSING", "the caller is not known"))
    }
}

/// Returns who calls.
pub(crate) fn caller<T>(request: &Request<T>) -> Result<Arc<Identity>, Problem> {
    Ok(Arc::clone(&Caller::of(request)?.identity))
}

/// Returns who calls, by what a request carries along; none of a service that does not ask.
pub(crate) fn caller_of(extensions: &Extensions) -> Option<ActorId> {
    let caller = extensions.get::<Caller>();
    caller.map(|caller| caller.identity.actor.clone())
}

/// What of the ledger somebody sees, and where it is noted that they do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight {
    /// Whether they may read the names of natural persons.
    pub reads_names: bool,
    /// Where it is noted what is read, if that is kept account of.
    pub noted: Option<Arc<Noted>>,
}

impl Sight {
    /// Returns what whoever calls sees; who is not known sees no names.
    pub fn of(extensions: &Extensions) -> Self {
        let caller = extensions.get::<Caller>();
        Self {
            reads_names: caller.is_some_and(|c| c.identity.grants.hold(Grant::ReadNames)),
            noted: extensions.get::<Arc<Noted>>().cloned(),
        }
    }
}

/// Returns what tells for how long the caller may go on with what this call begins.
pub(crate) fn lasting<T>(request: &Request<T>) -> Result<Lasting, Problem> {
    let caller = Caller::of(request)?;
    Ok(Lasting {
        changes: caller.access.changes(),
        access: caller.access.clone(),
        identity: Arc::clone(&caller.identity),
    })
}

/// Returns when a call began.
pub(crate) fn begun<T>(request: &Request<T>) -> Instant {
    let caller = request.extensions().get::<Caller>();
    caller.map_or_else(Instant::now, |caller| caller.begun)
}

fn refuse(reason: &'static str, message: impl Into<String>) -> Problem {
    Problem::new(Code::Unauthenticated, reason, message.into())
}

/// What a service asks of whoever calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Nothing: probes carry no credentials, and learn nothing but whether this serves.
    Nothing,
    /// The same for every method.
    Always(Permission),
    /// What the contract says of the method; what stands in none is refused to everybody.
    AsTheContractSays,
}

/// Lets calls through, with their caller, or turns them away.
pub(crate) struct Auth {
    access: Access,
    permissions: HashMap<String, Permission>,
    strangers: AtomicU64,
    denied: AtomicU64,
    wrong: Wrong,
    wrong_often: AtomicU64,
    told: Sampled,
    told_denied: Sampled,
}

impl Auth {
    /// Asks who may call; an address may send so many wrong tokens in a minute.
    pub fn new(access: Access, wrong_tokens: u32) -> Self {
        Self {
            access,
            permissions: permissions().into_iter().collect(),
            strangers: AtomicU64::new(0),
            denied: AtomicU64::new(0),
            wrong: Wrong::new(wrong_tokens),
            wrong_often: AtomicU64::new(0),
            told: Sampled::default(),
            told_denied: Sampled::default(),
        }
    }

    /// Lets an address send so many wrong tokens from now on.
    pub fn adjust(&self, wrong_tokens: u32) {
        self.wrong.adjust(wrong_tokens);
    }

    /// Returns how many calls were turned away because it was not known who calls, because the
    /// caller may not, and because many wrong tokens had come from there.
    pub fn refused(&self) -> [u64; 3] {
        [&self.strangers, &self.denied, &self.wrong_often]
            .map(|count| count.load(Ordering::Relaxed))
    }

    /// Finds out who calls, and whether they may: the request carries that along.
    ///
    /// # Errors
    /// It is not known who calls, or they may not.
    pub async fn admit(
        &self,
        parts: &mut Parts,
        peer: &Peer,
        asking: Asking,
    ) -> Result<(), Problem> {
        let begun = Instant::now();
        let path = parts.uri.path();
        let permission = match asking {
            Asking::Nothing => return Ok(()),
            Asking::Always(permission) => permission,
            Asking::AsTheContractSays => self.permissions.get(path).copied().unwrap_or_default(),
        };
        let identity = self.identified(parts, peer).await?;
        if let Some(who) = parts.extensions.get::<Who>() {
            who.is(&identity.actor);
        }
        if !identity.grants.permit(permission) {
            self.denied.fetch_add(1, Ordering::Relaxed);
            let actor = &identity.actor;
            self.told_denied.tell(|before| {
                tracing::warn!(%actor, path, ?permission, before, "a call was turned away: the caller may not");
            });
            return Err(denied(path, permission));
        }
        parts.extensions.insert(Caller {
            identity: Arc::new(identity),
            begun,
            access: self.access.clone(),
        });
        Ok(())
    }

    /// Finds out who calls; counts wrong tokens by where they come from.
    async fn identified(&self, parts: &Parts, peer: &Peer) -> Result<Identity, Problem> {
        let from = match peer {
            Peer::Network { address, .. } => Some(address.ip()),
            Peer::Inside | Peer::Socket { .. } => None,
        };
        let is_over = || from.is_some_and(|from| self.wrong.is_over(from));
        let identity = self.access.identify(&parts.headers, peer, is_over).await;
        let unknown = match identity {
            Ok(identity) => return Ok(identity),
            Err(unknown) => unknown,
        };
        let is_wrong = unknown.is_wrong();
        let is_too_many = is_wrong && is_over();
        let counter = if is_too_many {
            &self.wrong_often
        } else {
            &self.strangers
        };
        counter.fetch_add(1, Ordering::Relaxed);
        self.told.tell(|before| {
            tracing::warn!(
                ?peer,
                %unknown,
                before,
                "a call was turned away: it is not known who calls"
            );
        });
        // What was not looked at may be right.
        let is_seen = !matches!(unknown, Unknown::Unverified(Refused::NotLookedAt));
        if let Some(from) = from.filter(|_| is_wrong && is_seen) {
            self.wrong.note(from);
        }
        if is_too_many {
            let message = "many wrong tokens have come from this address: wait a minute";
            let problem = Problem::new(Code::ResourceExhausted, "TOO_MANY_WRONG_TOKENS", message);
            return Err(problem.again_in(WINDOW));
        }
        Err(unknown.into())
    }
}

impl Identity {
    /// Returns what somebody sees who records: nobody keeps account of that.
    pub(crate) fn sight(&self) -> Sight {
        Sight {
            reads_names: self.grants.hold(Grant::ReadNames),
            noted: None,
        }
    }
}

impl From<Unknown> for Problem {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Missing(why) => refuse(
                "TOKEN_MISSING",
                format!("{why}: `authorization: Bearer <token>`"),
            ),
            Unknown::Malformed(why) => refuse(
                "TOKEN_MALFORMED",
                format!("the authorization cannot be read: {why}"),
            ),
            // Which of them it is would help whoever guesses.
            Unknown::Refused(_) | Unknown::Unverified(_) => {
                refuse("TOKEN_UNKNOWN", "who calls is not known here")
            }
        }
    }
}

fn denied(path: &str, permission: Permission) -> Problem {
    let word = match permission {
        Permission::Unspecified => {
            let message = format!("{path} is open to nobody");
            return Problem::new(Code::Unimplemented, "NOT_LISTED", message);
        }
        Permission::Read => "read",
        Permission::Record => "record",
        Permission::Operate => "operate",
        Permission::FetchKeys => "fetch keys",
        Permission::Backup => "make backups",
    };
    let message =
        format!("no role of yours lets you {word} here: ask whoever operates this server");
    Problem::new(Code::PermissionDenied, "PERMISSION_MISSING", message).with("permission", word)
}

/// For how long somebody may go on: until what they are known by expires, or until the
/// configuration takes away what they began with.
pub(crate) struct Lasting {
    access: Access,
    changes: watch::Receiver<()>,
    identity: Arc<Identity>,
}

impl Lasting {
    /// Returns who it is.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// Asks whether they may still do all that they could when they began.
    ///
    /// # Errors
    /// They may not; what is told of it.
    pub fn check(&self) -> Result<(), Problem> {
        self.lasts().map(drop)
    }

    /// The same; returns for how long they may, as far as that is known by now.
    fn lasts(&self) -> Result<Duration, Problem> {
        let may = |now: &Identity| {
            now.actor == self.identity.actor && now.grants.hold_all(self.identity.grants)
        };
        let now = self.access.again(&self.identity).ok().filter(may);
        let left = now.and_then(|now| match now.expires {
            Some(expires) => expires.duration_since(SystemTime::now()).ok(),
            None => Some(FAR),
        });
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            return Ok(left.min(FAR));
        }
        let message = "what you were allowed when this began you are no longer: begin again";
        Err(Problem::new(
            Code::PermissionDenied,
            "PERMISSION_WITHDRAWN",
            message,
        ))
    }

    /// Waits until they may no longer; for ever, if that never comes. Being dropped in between
    /// loses nothing.
    pub async fn over(&mut self) -> Problem {
        loop {
            let left = match self.lasts() {
                Ok(left) => left,
                Err(problem) => return problem,
            };
            tokio::select! {
                changed = self.changes.changed() => {
                    if changed.is_err() {
                        // It is held by this as well.
                        std::future::pending::<()>().await;
                    }
                }
                () = sleep(left) => {}
            }
        }
    }
}

/// When somebody is looked at again who never expires: the clock may have been set.
const FAR: Duration = Duration::from_hours(1);
