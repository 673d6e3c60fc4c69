//! The issuer's keys: what of a JWK set is fit to verify signatures with.

use super::Refused;
use super::algorithm::Algorithm;
use data_encoding::BASE64URL_NOPAD;
use ring::signature::{self as signed, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::collections::BTreeMap;

/// The bits of an RSA key: fewer can be broken, more cost too much to look at.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Keys by their names. A name may be that of several, of several kinds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Keys(BTreeMap<String, Vec<Key>>);

/// A public key.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    half: Half,
    /// The one algorithm that it is for, if the issuer says so.
    only: Option<Algorithm>,
}

/// What there is of a key.
#[derive(Debug, PartialEq, Eq)]
enum Half {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// A JWK set.
#[derive(Deserialize)]
pub(super) struct JwkSet {
    /// Each is read for itself: one of a kind that is not known does not hide the others.
    keys: Vec<Value>,
}

/// A JWK.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<IgnoredAny>,
}

impl Keys {
    /// Takes the keys of a set that are fit.
    pub fn read(set: JwkSet) -> Self {
        let all = set.keys.len();
        let mut keys = Self::default();
        let jwks = set.keys.into_iter().filter_map(|jwk| {
            let jwk: Jwk = serde_json::from_value(jwk).ok()?;
            Some((Key::read(&jwk)?, jwk.kid))
        });
        for (key, kid) in jwks {
            keys.0.entry(kid).or_default().push(key);
        }
        let taken: usize = keys.0.values().map(Vec::len).sum();
        if taken == 0 {
            tracing::warn!(all, "the issuer has no key that tokens can be signed with");
        } else {
            tracing::debug!(all, taken, "keys of the issuer");
        }
        keys
    }

    /// Whether there is a key of the name.
    pub fn has(&self, kid: &str) -> bool {
        self.0.contains_key(kid)
    }

    /// Checks that a key of the name signed the message.
    pub fn verify(
        &self,
        kid: &str,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Refused> {
        let keys = self.0.get(kid).ok_or(Refused::UnknownKey)?;
        let mut refused = Refused::OtherKey;
        for key in keys.iter().filter(|key| key.fits(algorithm)) {
            if key.half.verifies(algorithm, message, signature) {
                return Ok(());
            }
            refused = Refused::Signature;
        }
        Err(refused)
    }
}

impl Key {
    /// Reads a key, unless it is for something else or weak. A secret is never a key: whoever may
    /// read the set could sign with it, and so with a private half that was published.
    fn read(jwk: &Jwk) -> Option<Self> {
        let signs = jwk.usage.as_deref().is_none_or(|usage| usage == "sig");
        let verifies = jwk.key_ops.as_ref();
        let verifies = verifies.is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !signs || !verifies || jwk.d.is_some() {
            return None;
        }
        let only = match &jwk.alg {
            None => None,
            Some(name) => Some(Algorithm::named(name)?),
        };
        let half = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => rsa(jwk)?,
            ("EC", Some("P-256")) => Half::P256(point(jwk, 32)?),
            ("EC", Some("P-384")) => Half::P384(point(jwk, 48)?),
            ("OKP", Some("Ed25519")) => Half::Ed25519(bytes_of(jwk.x.as_ref(), 32)?),
            _ => return None,
        };
        Some(Self { half, only })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        let kind = match &self.half {
            Half::Rsa { .. } => {
                matches!(algorithm, Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512)
            }
            Half::P256(_) => algorithm == Es256,
            Half::P384(_) => algorithm == Es384,
            Half::Ed25519(_) => algorithm == EdDsa,
        };
        kind && self.only.is_none_or(|only| only == algorithm)
    }
}

impl Half {
    /// Whether this signed the message. With an algorithm of another kind of key it never did.
    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        let rsa = |parameters| match self {
            Half::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(parameters, message, signature)
                .is_ok(),
            Half::P256(_) | Half::P384(_) | Half::Ed25519(_) => false,
        };
        let plain = |parameters: &'static dyn signed::VerificationAlgorithm, key: &[u8]| {
            let key = UnparsedPublicKey::new(parameters, key);
            key.verify(message, signature).is_ok()
        };
        match (algorithm, self) {
            (Rs256, _) => rsa(&signed::RSA_PKCS1_2048_8192_SHA256),
            (Rs384, _) => rsa(&signed::RSA_PKCS1_2048_8192_SHA384),
            (Rs512, _) => rsa(&signed::RSA_PKCS1_2048_8192_SHA512),
            (Ps256, _) => rsa(&signed::RSA_PSS_2048_8192_SHA256),
            (Ps384, _) => rsa(&signed::RSA_PSS_2048_8192_SHA384),
            (Ps512, _) => rsa(&signed::RSA_PSS_2048_8192_SHA512),
            (Es256, Half::P256(point)) => plain(&signed::ECDSA_P256_SHA256_FIXED, point),
            (Es384, Half::P384(point)) => plain(&signed::ECDSA_P384_SHA384_FIXED, point),
            (EdDsa, Half::Ed25519(key)) => plain(&signed::ED25519, key),
            (Es256 | Es384 | EdDsa, _) => false,
        }
    }
}

fn rsa(jwk: &Jwk) -> Option<Half> {
    let (n, e) = (number(jwk.n.as_ref())?, number(jwk.e.as_ref())?);
    let unused = usize::try_from(n.first()?.leading_zeros()).ok()?;
    let bits = (n.len() * 8).checked_sub(unused)?;
    RSA_BITS.contains(&bits).then_some(Half::Rsa { n, e })
}

/// Reads a number; some write zeros before it.
fn number(text: Option<&String>) -> Option<Vec<u8>> {
    let bytes = BASE64URL_NOPAD.decode(text?.as_bytes()).ok()?;
    let begin = bytes.iter().position(|byte| *byte != 0)?;
    Some(bytes.get(begin..)?.to_vec())
}

/// Reads a point of a curve, both of whose coordinates have so many bytes. Whether it lies on the
/// curve is seen when it is used.
fn point(jwk: &Jwk, bytes: usize) -> Option<Vec<u8>> {
    let (x, y) = (
        bytes_of(jwk.x.as_ref(), bytes)?,
        bytes_of(jwk.y.as_ref(), bytes)?,
    );
    Some([&[4], x.as_slice(), y.as_slice()].concat())
}

fn bytes_of(text: Option<&String>, count: usize) -> Option<Vec<u8>> {
    let bytes = BASE64URL_NOPAD.decode(text?.as_bytes()).ok()?;
    (bytes.len() == count).then_some(bytes)
}
