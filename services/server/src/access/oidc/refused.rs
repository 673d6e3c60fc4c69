//! Why a token is refused.

use std::sync::Arc;

/// Why a token is refused. This is for the log of the server: whoever sent the token is told only
/// that it is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It has more bytes than any token needs.
    #[error("the token is longer than 16 KiB")]
    TooLong,
    /// Many wrong ones came from where it comes from.
    #[error("the token is not looked at: many wrong ones came from there")]
    NotLookedAt,
    /// It is not what a signed token looks like.
    #[error("the token is malformed: {0}")]
    Malformed(&'static str),
    /// Its algorithm is not one of those that the options list.
    #[error("the token is signed with an algorithm that is not accepted")]
    Algorithm,
    /// It is something else than a token for access.
    #[error("the token's `typ` is neither JWT nor at+jwt")]
    Type,
    /// It wants something to be understood that is not understood here.
    #[error("the token has critical headers, of which none is understood")]
    Critical,
    /// It does not say which key signed it.
    #[error("the token names no key")]
    NoKey,
    /// The issuer has no such key, as far as is known.
    #[error("the token's key is not among those of the issuer")]
    UnknownKey,
    /// The issuer's keys are not known, or have not been for too long.
    #[error("the issuer's keys are away: {0}")]
    KeysAway(Arc<str>),
    /// Its key is not for its algorithm.
    #[error("the token's key is not for the token's algorithm")]
    OtherKey,
    /// The key did not sign it.
    #[error("the token's signature is wrong")]
    Signature,
    /// Another issuer signed it, or none is named.
    #[error("the token is of another issuer")]
    Issuer,
    /// It is not for us.
    #[error("the token is for another audience")]
    Audience,
    /// It would last for ever.
    #[error("the token does not say when it expires")]
    NoExpiry,
    /// It has ended.
    #[error("the token has expired")]
    Expired,
    /// It has not begun.
    #[error("the token is not valid yet")]
    NotYet,
    /// It was issued in the future.
    #[error("the token was issued in the future")]
    IssuedAhead,
    /// It stands for nobody, or for somebody with too long a name.
    #[error("the token's subject is missing, empty or longer than 256 bytes")]
    Subject,
}
