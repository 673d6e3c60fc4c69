//! The leaf hash of a stored entry: what binds its bytes, in the log and in a tree of all entries.

use sha2::{Digest, Sha256};

/// What RFC 6962 puts before the bytes of a leaf, so that no leaf can pass for a node of the tree.
const LEAF: [u8; 1] = [0];

/// SHA-256 over a zero byte and the stored bytes of an entry: the leaf hash of RFC 6962.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LeafHash(
    /// The bytes as they stand in the log.
    pub [u8; 32],
);

impl LeafHash {
    /// Hashes the stored bytes of an entry.
    #[must_use]
    pub fn of(stored: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(LEAF);
        hash.update(stored);
        Self(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_that_of_the_rfc() {
        let hex = |hash: LeafHash| data_encoding::HEXLOWER.encode(&hash.0);
        // The leaf hash of no bytes and of one zero byte, as the test data of certificate
        // transparency has them.
        assert_eq!(
            hex(LeafHash::of(b"")),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(
            hex(LeafHash::of(b"\0")),
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
        );
    }
}
