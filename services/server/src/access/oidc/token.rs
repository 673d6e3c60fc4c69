//! A token: three parts, of which the first says how it is signed and the second what it says.

use super::algorithm::Algorithm;
use super::{Expected, Refused, Verified};
use data_encoding::BASE64URL_NOPAD;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use std::time::{Duration, SystemTime};

/// The most bytes of a subject.
const LONGEST_SUBJECT: usize = 256;

/// A token whose signature nobody has looked at.
pub(super) struct Token<'a> {
    pub algorithm: Algorithm,
    /// The name of the key that is said to have signed it.
    pub kid: String,
    /// What is signed.
    pub signed: &'a [u8],
    pub signature: Vec<u8>,
    claims: Claims,
}

/// The first part. What else it has, such as keys and addresses of keys, is never looked at.
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default, deserialize_with = "said")]
    kid: Option<String>,
    #[serde(default, deserialize_with = "said")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "said")]
    crit: Option<IgnoredAny>,
}

/// The second part.
#[derive(Deserialize)]
struct Claims {
    #[serde(default, deserialize_with = "said")]
    iss: Option<String>,
    #[serde(default, deserialize_with = "said")]
    aud: Option<Audience>,
    #[serde(default, deserialize_with = "said")]
    sub: Option<String>,
    #[serde(default, deserialize_with = "said")]
    exp: Option<f64>,
    #[serde(default, deserialize_with = "said")]
    nbf: Option<f64>,
    #[serde(default, deserialize_with = "said")]
    iat: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Reads what is there; `null` is no way to leave it out.
fn said<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

impl<'a> Token<'a> {
    /// Reads a token, and looks at how it is signed.
    pub fn read(token: &'a str, expected: &Expected) -> Result<Self, Refused> {
        let malformed = Refused::Malformed("it is not three parts");
        let (signed, signature) = token.rsplit_once('.').ok_or(malformed.clone())?;
        let (header, claims) = signed.split_once('.').ok_or(malformed.clone())?;
        if claims.contains('.') {
            return Err(malformed);
        }
        let header: Header = object(header, "its header is not read")?;
        if header.crit.is_some() {
            return Err(Refused::Critical);
        }
        let types = ["JWT", "at+jwt"];
        let is_ours = |typ: &str| types.iter().any(|known| known.eq_ignore_ascii_case(typ));
        if !header.typ.as_deref().is_none_or(is_ours) {
            return Err(Refused::Type);
        }
        let algorithm = Algorithm::named(&header.alg);
        let algorithm = algorithm.filter(|named| expected.algorithms.contains(named));
        Ok(Self {
            algorithm: algorithm.ok_or(Refused::Algorithm)?,
            kid: header
                .kid
                .filter(|kid| !kid.is_empty())
                .ok_or(Refused::NoKey)?,
            signed: signed.as_bytes(),
            signature: decode(signature, "its signature is not base64url")?,
            claims: object(claims, "its claims are not read")?,
        })
    }

    /// Returns what the token says, if that is for us and now.
    pub fn claims(&self, expected: &Expected, now: SystemTime) -> Result<Verified, Refused> {
        let claims = &self.claims;
        if claims.iss.as_deref() != Some(expected.issuer.as_str()) {
            return Err(Refused::Issuer);
        }
        let is_for_us = match &claims.aud {
            None => false,
            Some(Audience::One(audience)) => *audience == expected.audience,
            Some(Audience::Several(audiences)) => audiences.contains(&expected.audience),
        };
        if !is_for_us {
            return Err(Refused::Audience);
        }
        let expires = moment(claims.exp.ok_or(Refused::NoExpiry)?)?;
        if expected.is_past(expires, now) {
            return Err(Refused::Expired);
        }
        let begins = claims.nbf.map(moment).transpose()?;
        if begins.is_some_and(|begins| expected.is_ahead(begins, now)) {
            return Err(Refused::NotYet);
        }
        let issued = claims.iat.map(moment).transpose()?;
        if issued.is_some_and(|issued| expected.is_ahead(issued, now)) {
            return Err(Refused::IssuedAhead);
        }
        let subject = claims.sub.clone();
        let subject = subject.filter(|sub| (1..=LONGEST_SUBJECT).contains(&sub.len()));
        Ok(Verified {
            subject: subject.ok_or(Refused::Subject)?,
            expires,
        })
    }
}

/// Reads a part that is an object in JSON.
fn object<T: DeserializeOwned>(part: &str, what: &'static str) -> Result<T, Refused> {
    let bytes = decode(part, what)?;
    // An array of the right values would be read as well.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refused::Malformed(what));
    }
    serde_json::from_slice(&bytes).map_err(|_| Refused::Malformed(what))
}

/// Reads base64url in its one spelling: without padding, spaces, or bits that say nothing.
fn decode(part: &str, what: &'static str) -> Result<Vec<u8>, Refused> {
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes());
    bytes.map_err(|_| Refused::Malformed(what))
}

/// Reads a moment, in seconds, of which there may be a fraction.
fn moment(seconds: f64) -> Result<SystemTime, Refused> {
    let since = Duration::try_from_secs_f64(seconds).ok();
    let moment = since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since));
    moment.ok_or(Refused::Malformed("one of its times is none"))
}
