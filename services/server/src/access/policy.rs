//! Who is who: the identities that the configuration maps to actors, as they are at one moment. A
//! policy never changes; it is exchanged as a whole.

use crate::access::grants::Grants;
use crate::access::oidc::{Oidc, OidcError, OidcOptions};
use crate::access::roles::{Roles, UnknownRole};
use crate::access::tokens::{TokenFileError, Tokens};
use serde::Deserialize;
use standing_domain::id::ActorId;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What the configuration says about who calls and what they may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AccessOptions {
    /// The file that says which bearer token stands for whom.
    #[serde(skip)]
    pub tokens: Option<PathBuf>,
    /// Whether nobody is the local operator for coming over loopback, whatever else is said:
    /// callers may show certificates or come over a Unix socket, or something stands before this
    /// server.
    #[serde(skip)]
    pub is_closed: bool,
    /// Roles besides those that are there from the start, by name.
    pub roles: BTreeMap<String, RoleOptions>,
    /// Who is known by something else than a token of the token file.
    pub identities: Vec<IdentityOptions>,
    /// Whose tokens are believed besides those of the token file.
    pub oidc: Option<OidcOptions>,
}

/// A role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RoleOptions {
    /// What whoever has it may do, in the words of the configuration: `read`, `record-money`, and
    /// so on.
    pub permissions: Vec<String>,
}

/// An identity: what somebody is known by, which actor that is, and what the actor may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct IdentityOptions {
    /// The actor, as it stands in entries: opaque, 1 to 64 of a-z, 0-9, / and -.
    pub actor: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// A subject alternative name of its client certificate, to the letter; names with `*` are
    /// none.
    pub certificate: Option<String>,
    /// The number of the user that its processes run as, who come over the Unix socket.
    pub user: Option<u32>,
    /// The subject of its tokens that the issuer signs.
    pub subject: Option<String>,
}

/// Why what the configuration says about callers cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The token file.
    #[error("cannot use the tokens")]
    Tokens(#[from] TokenFileError),
    /// The issuer of tokens.
    #[error("cannot use the issuer of tokens")]
    Oidc(#[from] OidcError),
    /// A role or an identity.
    #[error("{0}")]
    Malformed(String),
}

/// An actor, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who {
    pub actor: ActorId,
    pub grants: Grants,
}

/// Who signs tokens, and how that was configured.
pub(crate) type Issuer = (OidcOptions, Arc<Oidc>);

/// Who is who at one moment.
#[derive(Default)]
pub(crate) struct Policy {
    pub tokens: Tokens,
    pub certificates: BTreeMap<String, Who>,
    pub users: BTreeMap<u32, Who>,
    pub subjects: BTreeMap<String, Who>,
    /// Who signs tokens, and how that was configured.
    pub oidc: Option<Issuer>,
    /// Whether callers are told apart at all. If not, whoever calls from this machine and is no
    /// browser is the local operator, with every role.
    pub is_configured: bool,
}

impl Policy {
    /// Reads what the configuration says. What is known of an issuer's keys is kept, where it is
    /// the same issuer.
    ///
    /// # Errors
    /// The token file or the issuer cannot be used, or a role or an identity is malformed.
    pub fn read(options: &AccessOptions, before: Option<&Issuer>) -> Result<Self, AccessError> {
        let mut roles = Roles::default();
        for (name, role) in &options.roles {
            let added = roles.add(name, &role.permissions);
            added.map_err(AccessError::Malformed)?;
        }
        let tokens = match &options.tokens {
            Some(path) => Tokens::load(path, &roles)?,
            None => Tokens::default(),
        };
        let is_configured = options.tokens.is_some()
            || options.is_closed
            || options.oidc.is_some()
            || !options.identities.is_empty();
        let oidc = match (&options.oidc, before) {
            (None, _) => None,
            (Some(now), Some(issuer)) if *now == issuer.0 => Some(issuer.clone()),
            (Some(now), _) => Some((now.clone(), Arc::new(Oidc::new(now.clone())?))),
        };
        let mut policy = Self {
            tokens,
            oidc,
            is_configured,
            ..Self::default()
        };
        for (index, identity) in options.identities.iter().enumerate() {
            let number = index + 1;
            let added = policy.add(identity, &roles);
            added.map_err(|what| AccessError::Malformed(format!("identity {number}: {what}")))?;
        }
        Ok(policy)
    }

    fn add(&mut self, identity: &IdentityOptions, roles: &Roles) -> Result<(), String> {
        let actor = ActorId::new(&identity.actor);
        let actor = actor.map_err(|error| format!("actor {:?}: {error}", identity.actor))?;
        let grants = roles.of(identity.roles.iter().map(String::as_str));
        let grants = grants.map_err(|UnknownRole(role)| roles.no_such(&role))?;
        let who = Who { actor, grants };
        match (&identity.certificate, identity.user, &identity.subject) {
            (Some(name), None, None) if name.contains('*') => Err(format!(
                "{name:?} may be many names: a certificate is known by one, to the letter"
            )),
            (Some(name), None, None) => once(&mut self.certificates, name.clone(), who),
            (None, Some(user), None) => once(&mut self.users, user, who),
            (None, None, Some(subject)) => once(&mut self.subjects, subject.clone(), who),
            _ => Err("it says one of certificate, user and subject, and only one".to_owned()),
        }
    }
}

/// Adds an identity that stands nowhere yet.
fn once<K: Ord + std::fmt::Debug>(
    of: &mut BTreeMap<K, Who>,
    key: K,
    who: Who,
) -> Result<(), String> {
    let told = format!("{key:?} stands for somebody already");
    match of.insert(key, who) {
        None => Ok(()),
        Some(_) => Err(told),
    }
}
