//! Who calls, and what they may do.
//!
//! A caller is known by a bearer token, a token that an issuer signs, a client certificate, or the
//! user that its process runs as. The configuration maps each to an actor and to roles. Where
//! nothing of that is configured, whoever calls from this machine and is no browser is the local
//! operator, with every role; once anything is, nobody is anybody for coming over loopback.

mod grants;
mod hosts;
mod matter;
pub(crate) mod oidc;
pub(crate) mod peer;
mod policy;
mod roles;
mod secret;
#[cfg(test)]
pub(crate) mod tests;
mod tokens;
pub(crate) mod wrong;

pub(crate) use grants::{Grant, Grants};
pub(crate) use hosts::Foreign;
pub use hosts::Hosts;
pub use oidc::{OidcError, OidcOptions};
pub use policy::{AccessError, AccessOptions, IdentityOptions, RoleOptions};
pub use secret::Exposed;
pub(crate) use secret::refuse_exposed;
pub use tokens::TokenFileError;

use arc_swap::ArcSwap;
use http::HeaderMap;
use oidc::Verified;
use peer::{Peer, Shown};
use policy::{Policy, Who};
use standing_domain::id::ActorId;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;
use tokens::{NoToken, Token, TokenDigest, digest};
use tokio::sync::watch;

/// The actor that whoever operates this machine is, unless the configuration knows it better.
pub const LOCAL_OPERATOR: &str = "local/operator";

/// Headers that a proxy adds. Whoever is behind it is not on this machine.
const PROXIED: [&str; 9] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
    "client-ip",
];

/// How such headers begin.
const PROXIED_FAMILIES: [&str; 2] = ["x-forwarded", "x-envoy-"];

/// The longest credential that is looked at, in bytes.
const LONGEST: usize = 16 << 10;

/// Who may call, and what. It is exchanged while the server runs; whoever holds it sees that.
#[derive(Clone)]
pub struct Access(Arc<Inner>);

struct Inner {
    policy: ArcSwap<Policy>,
    changed: watch::Sender<()>,
}

impl Default for Access {
    /// Nobody is configured.
    fn default() -> Self {
        Self::of(Policy::default())
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let policy = self.0.policy.load();
        f.debug_struct("Access")
            .field("tokens", &policy.tokens)
            .field("is_configured", &policy.is_configured)
            .finish_non_exhaustive()
    }
}

impl Access {
    /// Reads who may call.
    ///
    /// # Errors
    /// The token file cannot be used, or a role or an identity is malformed.
    pub fn read(options: &AccessOptions) -> Result<Self, AccessError> {
        Policy::read(options, None).map(Self::of)
    }

    fn of(policy: Policy) -> Self {
        Self(Arc::new(Inner {
            policy: ArcSwap::from_pointee(policy),
            changed: watch::Sender::new(()),
        }))
    }

    /// Reads anew who may call. From then on it counts, for calls under way too.
    ///
    /// # Errors
    /// As [`Access::read`]; then everything stays as it was.
    pub fn reload(&self, options: &AccessOptions) -> Result<(), AccessError> {
        let before = self.0.policy.load_full();
        let policy = Policy::read(options, before.oidc.as_ref())?;
        self.0.policy.store(Arc::new(policy));
        self.0.changed.send_replace(());
        Ok(())
    }

    /// Returns what tells that it was read anew.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }

    /// Finds out who calls. It may wait for an issuer's keys, for as long as fetching them may
    /// take; not for whoever has sent many wrong tokens, of whose only what was verified before is
    /// known.
    pub(crate) async fn identify(
        &self,
        headers: &HeaderMap,
        peer: &Peer,
        is_wrong_often: impl Fn() -> bool,
    ) -> Result<Identity, Unknown> {
        let mut sent = headers.get_all("authorization").iter();
        let policy = self.0.policy.load_full();
        let token = match (sent.next(), sent.next()) {
            (None, _) => return policy.known(policy.without_token(headers, peer)?),
            (Some(authorization), None) => bearer(authorization.as_bytes())?,
            (Some(_), Some(_)) => return Err(Unknown::Malformed("there is more than one")),
        };
        let own = policy.known(Credential::Token(digest(token)));
        match (&policy.oidc, own) {
            // What an issuer signs has three parts, with a point between them.
            (Some((_, oidc)), Err(_)) if token.split('.').count() == 3 => {
                let verified = if is_wrong_often() {
                    oidc.remembered(token).await
                } else {
                    oidc.verify(token).await
                };
                let Verified { subject, expires } = verified.map_err(Unknown::Unverified)?;
                let expires = expires + oidc.skew();
                policy.known(Credential::Subject { subject, expires })
            }
            (_, own) => own,
        }
    }

    /// Finds out who somebody is by now who was known before.
    pub(crate) fn again(&self, identity: &Identity) -> Result<Identity, Unknown> {
        self.0.policy.load().known(identity.by.clone())
    }
}

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub actor: ActorId,
    pub grants: Grants,
    /// From when on the caller is known no more.
    pub expires: Option<SystemTime>,
    by: Credential,
}

/// What a caller is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Credential {
    /// It is this process.
    Inside,
    /// It is on this machine, and nobody is configured.
    Local,
    /// The user that it runs as.
    User(u32),
    /// A bearer token.
    Token(TokenDigest),
    /// Its certificate.
    Certificate(Arc<Shown>),
    /// A token that an issuer signed.
    Subject {
        subject: String,
        expires: SystemTime,
    },
}

/// Why it is not known who calls.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Unknown {
    /// Nothing says who calls; what is missing.
    #[error("{0}")]
    Missing(&'static str),
    /// The authorization cannot be read; why.
    #[error("the authorization cannot be read: {0}")]
    Malformed(&'static str),
    /// What says who calls is known to nobody here. Why is for the log of this server alone.
    #[error("{0}")]
    Refused(&'static str),
    /// The token is none that the issuer signed for this server. Why is for the log too.
    #[error("the token is not believed: {0}")]
    Unverified(oidc::Refused),
}

impl Unknown {
    /// Returns whether something wrong was shown; not if nothing was, or if the issuer's keys are
    /// away.
    pub(crate) fn is_wrong(&self) -> bool {
        match self {
            Self::Missing(_) | Self::Unverified(oidc::Refused::KeysAway(_)) => false,
            Self::Malformed(_) | Self::Refused(_) | Self::Unverified(_) => true,
        }
    }
}

impl Policy {
    /// Finds what a caller without a token is known by.
    fn without_token(&self, headers: &HeaderMap, peer: &Peer) -> Result<Credential, Unknown> {
        match peer {
            Peer::Inside => Ok(Credential::Inside),
            Peer::Socket { .. } if is_proxied(headers) || is_browser(headers) => {
                Err(Unknown::Missing("what comes through a proxy needs a token"))
            }
            Peer::Socket { user: Some(user) } => Ok(Credential::User(*user)),
            Peer::Socket { user: None } => {
                let said = "this system does not tell whose process it is: use a token";
                Err(Unknown::Missing(said))
            }
            Peer::Network {
                certificate: Some(shown),
                ..
            } => Ok(Credential::Certificate(Arc::clone(shown))),
            Peer::Network { .. } if self.is_configured => {
                Err(Unknown::Missing("every caller needs a token here"))
            }
            Peer::Network { .. } if !peer.is_loopback() || is_proxied(headers) => {
                Err(Unknown::Missing("a caller from elsewhere needs a token"))
            }
            Peer::Network { .. } if is_browser(headers) => {
                Err(Unknown::Missing("a page in a browser needs a token"))
            }
            Peer::Network { .. } => Ok(Credential::Local),
        }
    }

    /// Finds who is known by something.
    fn known(&self, by: Credential) -> Result<Identity, Unknown> {
        let found = match &by {
            Credential::Local if self.is_configured => {
                return Err(Unknown::Missing("every caller needs a token here"));
            }
            Credential::Inside | Credential::Local => operator()?,
            Credential::User(user) => match self.users.get(user) {
                Some(who) => who.clone(),
                None if may_operate(*user) => operator()?,
                None => {
                    return Err(Unknown::Refused(
                        "no identity names the user of the process",
                    ));
                }
            },
            Credential::Token(digest) => return self.of_token(digest, by.clone()),
            Credential::Certificate(shown) => self.of_certificate(shown)?,
            Credential::Subject { subject, .. } => {
                let who = self.subjects.get(subject).cloned();
                who.ok_or(Unknown::Refused(
                    "no identity names the subject of the token",
                ))?
            }
        };
        let expires = match &by {
            Credential::Certificate(shown) => Some(shown.ends),
            Credential::Subject { expires, .. } => Some(*expires),
            Credential::Inside | Credential::Local | Credential::User(_) | Credential::Token(_) => {
                None
            }
        };
        let Who { actor, grants } = found;
        Ok(Identity {
            actor,
            grants,
            expires,
            by,
        })
    }

    fn of_token(&self, digest: &TokenDigest, by: Credential) -> Result<Identity, Unknown> {
        let found = self.tokens.find(digest, SystemTime::now());
        let token: &Token = found.map_err(|why| match why {
            NoToken::Unknown => Unknown::Refused("no line of the token file has the token"),
            NoToken::Expired => Unknown::Refused("the token has expired"),
        })?;
        Ok(Identity {
            actor: token.actor.clone(),
            grants: token.grants,
            expires: token.expires,
            by,
        })
    }

    /// Finds whom a certificate stands for: one of its names, to the letter, and no other of them
    /// for somebody else.
    fn of_certificate(&self, shown: &Shown) -> Result<Who, Unknown> {
        if shown.ends <= SystemTime::now() {
            return Err(Unknown::Refused("the certificate has expired"));
        }
        let mut found = shown
            .names
            .iter()
            .filter_map(|name| self.certificates.get(name));
        let first = found.next();
        let first = first.ok_or(Unknown::Refused(
            "no identity has a name of the certificate",
        ))?;
        if found.any(|other| other != first) {
            let why = "the names of the certificate are of several identities";
            return Err(Unknown::Refused(why));
        }
        Ok(first.clone())
    }
}

/// Returns whoever operates this machine.
fn operator() -> Result<Who, Unknown> {
    let actor = ActorId::new(LOCAL_OPERATOR);
    Ok(Who {
        actor: actor.map_err(|_| Unknown::Refused("the operator has no actor"))?,
        grants: Grants::ALL,
    })
}

/// Returns whether a user of this machine may do whatever this process may: then it can read and
/// replace its files as well.
#[cfg(unix)]
fn may_operate(user: u32) -> bool {
    user == 0 || user == rustix::process::geteuid().as_raw()
}

/// Where processes have no users, none is the operator.
#[cfg(not(unix))]
fn may_operate(_: u32) -> bool {
    false
}

/// Reads a bearer token: the scheme, one space or more, and the token, nothing else.
fn bearer(authorization: &[u8]) -> Result<&str, Unknown> {
    const FORM: Unknown = Unknown::Malformed("it is not of the form `Bearer <token>`");
    if authorization.len() > LONGEST {
        return Err(Unknown::Malformed("it is longer than any token"));
    }
    let text = std::str::from_utf8(authorization).map_err(|_| FORM)?;
    let (scheme, token) = text.split_once(' ').ok_or(FORM)?;
    let token = token.trim_matches(' ');
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !scheme.eq_ignore_ascii_case("bearer") || !is_token {
        return Err(FORM);
    }
    Ok(token)
}

/// Returns whether a request says that it came through a proxy.
pub(crate) fn is_proxied(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        let name = name.as_str();
        PROXIED.contains(&name)
            || PROXIED_FAMILIES
                .iter()
                .any(|family| name.starts_with(family))
    })
}

/// Returns whether a request may come from a page: browsers say so, whoever wrote the page.
fn is_browser(headers: &HeaderMap) -> bool {
    let says = |name: &str| name == "origin" || name == "cookie" || name.starts_with("sec-fetch-");
    headers.keys().any(|name| says(name.as_str()))
}
