//! The digest that tells a repeated request from another one under the same id.
//!
//! It is keyed: the drafts it covers may name a natural person in clear, and a plain hash of a name
//! can be found by trying names. The key stands in the key file, so a ledger without its key file
//! cannot recognise old requests.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Separates this use of the key from any other; the number changes with what is covered.
const DOMAIN: &[u8] = b"standing request digest 1\0";

/// The same for the fingerprint.
const FINGERPRINT: &[u8] = b"standing key file fingerprint 1\0";

/// The first 16 bytes of HMAC-SHA-256 over a request's actor and drafts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestDigest(
    /// The bytes as they stand in the envelope.
    pub [u8; 16],
);

/// The key of request digests: 32 secret bytes, made once for a ledger.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestKey(pub(crate) [u8; 32]);

impl DigestKey {
    /// Takes 32 secret bytes as the key.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns what a log keeps to know its key file by; it tells nothing of the key.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut mac = self.mac();
        mac.update(FINGERPRINT);
        mac.finalize().into_bytes().into()
    }

    /// Digests a request: its actor and the canonical bytes of each of its drafts, in order. Every
    /// part is preceded by its length, so no two requests run together.
    #[must_use]
    pub fn digest<'a>(
        &self,
        actor: &str,
        drafts: impl IntoIterator<Item = &'a [u8]>,
    ) -> RequestDigest {
        let mut mac = self.mac();
        mac.update(DOMAIN);
        update_part(&mut mac, actor.as_bytes());
        for draft in drafts {
            update_part(&mut mac, draft);
        }
        let full = mac.finalize().into_bytes();
        let mut short = [0; 16];
        short.copy_from_slice(&full[..16]);
        RequestDigest(short)
    }

    fn mac(&self) -> Hmac<Sha256> {
        // The key is as long as a block takes at most, so this is the plain construction of RFC
        // 2104.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.0);
        Hmac::<Sha256>::new(&block.into())
    }
}

impl std::fmt::Debug for DigestKey {
    /// Shows that there is a key, never the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DigestKey(..)")
    }
}

fn update_part(mac: &mut Hmac<Sha256>, part: &[u8]) {
    mac.update(&(part.len() as u64).to_le_bytes());
    mac.update(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_pinned() {
        let key = DigestKey::new([7; 32]);
        let digest = key.digest("local/operator", [b"one".as_slice(), b"two"]);
        // Computed with another implementation of HMAC.
        assert_eq!(
            u128::from_be_bytes(digest.0),
            0xddc9_3b03_97d4_4ad4_fcb3_1f65_800c_077c
        );
    }

    #[test]
    fn a_fingerprint_is_pinned() {
        // Computed with another implementation of HMAC.
        assert_eq!(
            data_encoding::HEXLOWER.encode(&DigestKey::new([7; 32]).fingerprint()),
            "2034c17eb07296a8575833296f45e9e1ce647fb03ccfcf08f7d5b2d124827b99"
        );
    }

    #[test]
    fn tells_requests_apart() {
        let key = DigestKey::new([7; 32]);
        let digest = key.digest("a", [b"bc".as_slice()]);
        assert_eq!(digest, key.digest("a", [b"bc".as_slice()]));
        assert_ne!(digest, key.digest("ab", [b"c".as_slice()]));
        assert_ne!(digest, key.digest("a", [b"b".as_slice(), b"c"]));
        assert_ne!(digest, key.digest("a", [b"bc".as_slice(), b""]));
        assert_ne!(
            digest,
            DigestKey::new([8; 32]).digest("a", [b"bc".as_slice()])
        );
    }
}
