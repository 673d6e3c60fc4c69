//! Bearer tokens: a file that says which stands for whom.

use crate::access::grants::Grants;
use crate::access::roles::{Roles, UnknownRole};
use crate::access::secret::{Exposed, refuse_exposed};
use sha2::{Digest as _, Sha256};
use standing_domain::id::ActorId;
use standing_domain::time::day::Day;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The seconds of a day.
const DAY: u64 = 86_400;

/// The bytes of a SHA-256 digest, in which tokens are kept.
pub(crate) type TokenDigest = [u8; 32];

/// Stands before a digest that is given in place of a token.
const DIGEST: &str = "sha256:";

/// For whom a token stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub actor: ActorId,
    pub grants: Grants,
    /// From when on it is refused.
    pub expires: Option<SystemTime>,
}

/// Which token stands for whom. Tokens are kept as digests: looking one up takes the same time
/// whatever it shares with another.
#[derive(Clone, Default)]
pub(crate) struct Tokens(BTreeMap<TokenDigest, Token>);

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
    #[error("the token file is open to others")]
    Exposed(#[from] Exposed),
    /// A line is not a token, an actor and what it may do.
    #[error(
        "{path}:{line}: {what}: expected `<token> <actor> roles=<role>,...`, and after it `expires=YYYY-MM-DD` and `label=<word>` if \
         they are wanted; the actor is 1 to 64 of a-z, 0-9, / and -"
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
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
    /// Reads a token file: on each line a token, the id of an actor, and the roles that it has.
    /// Empty lines and lines that begin with `#` are skipped.
    ///
    /// # Errors
    /// The file cannot be read, is open to others, or has a line that is none; the line is named,
    /// never its token.
    pub fn load(path: &Path, roles: &Roles) -> Result<Self, TokenFileError> {
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
            let (path, line_number) = (path.to_owned(), index + 1);
            let (digest, token) = match read_line(line, roles) {
                Ok(read) => read,
                Err(what) => {
                    return Err(TokenFileError::Malformed {
                        path,
                        line: line_number,
                        what,
                    });
                }
            };
            if tokens.insert(digest, token).is_some() {
                return Err(TokenFileError::Repeated {
                    path,
                    line: line_number,
                });
            }
        }
        Ok(Self(tokens))
    }

    /// Returns for whom the token with a digest stands; none if it is over.
    pub fn find(&self, digest: &TokenDigest, now: SystemTime) -> Result<&Token, NoToken> {
        let token = self.0.get(digest).ok_or(NoToken::Unknown)?;
        match token.expires {
            Some(expires) if expires <= now => Err(NoToken::Expired),
            _ => Ok(token),
        }
    }
}

/// Why a token stands for nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoToken {
    /// It stands in no line.
    Unknown,
    /// Its day has come.
    Expired,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokens({})", self.0.len())
    }
}

/// Returns the digest of a token as it is sent.
pub(crate) fn digest(token: &str) -> TokenDigest {
    Sha256::digest(token).into()
}

/// Reads a line; what is wrong is said without the token.
fn read_line(line: &str, roles: &Roles) -> Result<(TokenDigest, Token), String> {
    let mut words = line.split_whitespace();
    let (Some(token), Some(actor)) = (words.next(), words.next()) else {
        return Err("there is no actor".to_owned());
    };
    let digest = match token.strip_prefix(DIGEST) {
        Some(hex) => {
            let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes());
            let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
            bytes.ok_or("what follows sha256: is not a digest of 64 hexadecimal digits")?
        }
        None if token.bytes().all(|b| b.is_ascii_graphic()) => digest(token),
        None => return Err("the token has characters that no token has".to_owned()),
    };
    let actor = ActorId::new(actor).map_err(|_| "the second word is no actor".to_owned())?;
    let (mut grants, mut expires) = (None, None);
    for word in words {
        match word.split_once('=') {
            Some(("roles", _)) if grants.is_some() => {
                return Err("it says its roles twice".to_owned());
            }
            Some(("expires", _)) if expires.is_some() => {
                return Err("it says twice when it expires".to_owned());
            }
            Some(("roles", named)) => {
                let of = roles.of(named.split(','));
                grants = Some(of.map_err(|UnknownRole(role)| roles.no_such(&role))?);
            }
            Some(("expires", day)) => expires = Some(start_of(day)?),
            // It says whose it is to whoever reads the file.
            Some(("label", _)) => {}
            _ => {
                return Err(format!(
                    "a word after the actor is none of roles=, expires= and label=, or follows one with a space in it ({} characters)",
                    word.len()
                ));
            }
        }
    }
    let grants = grants.ok_or("it says no roles, and what is not listed is not allowed")?;
    let token = Token {
        actor,
        grants,
        expires,
    };
    Ok((digest, token))
}

/// Returns when a day begins in UTC.
fn start_of(day: &str) -> Result<SystemTime, String> {
    let read = Day::parse(day).ok().map(i32::from);
    let days = read.and_then(|days| u64::try_from(days).ok());
    let days = days.ok_or_else(|| format!("expires={day} is no day after 1970"))?;
    Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(days * DAY))
}
