//! Sealed names: a natural person's name as it stands in an entry, readable only with the person's
//! key. The key stands in the key file; once it is erased, no copy of the log gives the name away.
//!
//! A sealed name, format 1, frozen: the byte 1, the nonce of 24 bytes, then XChaCha20-Poly1305
//! over the padded name with the person's id as associated data, tag included. The padding is one
//! byte 0x80 and zeros up to a multiple of 64 bytes, so that the length says little.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};

/// The format this crate writes, and the newest it reads.
const FORMAT: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;
const PADDED: usize = 64;
/// Marks where the name ends and the padding begins.
const END: u8 = 0x80;

/// The most bytes a name may have before it is sealed.
pub const MAX_SEALED_TEXT: usize = 32_768;

/// The key of one person's names: 32 secret bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonKey(pub(crate) [u8; 32]);

impl PersonKey {
    /// Takes 32 secret bytes as the key.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the secret bytes, for whoever may hold the key as well.
    #[must_use]
    pub fn secret(&self) -> &[u8; 32] {
        &self.0
    }

    /// Draws a key from the operating system. It is worth nothing until it stands in the key file.
    ///
    /// # Errors
    ///
    /// Fails if the operating system gives no random bytes.
    pub fn random() -> Result<Self, SealError> {
        random().map(Self)
    }
}

impl std::fmt::Debug for PersonKey {
    /// Shows that there is a key, never the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonKey(..)")
    }
}

/// A number used once with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce(pub(crate) [u8; NONCE]);

impl Nonce {
    /// Draws a nonce from the operating system; 24 bytes are enough to draw blindly.
    ///
    /// # Errors
    ///
    /// Fails if the operating system gives no random bytes.
    pub fn random() -> Result<Self, SealError> {
        random().map(Self)
    }

    /// Takes the given bytes; they must never be used twice with a key.
    #[must_use]
    pub fn new(bytes: [u8; NONCE]) -> Self {
        Self(bytes)
    }
}

/// Why a name could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The name is longer than [`MAX_SEALED_TEXT`].
    #[error("the text to seal has {bytes} bytes, more than {MAX_SEALED_TEXT}")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A newer release sealed it.
    #[error("the sealed text has format {found}, newer than {FORMAT}: a newer release wrote it")]
    NewerFormat {
        /// The format byte.
        found: u8,
    },
    /// The bytes were not sealed under this key for this person.
    #[error("the sealed text does not open: it belongs to another key or person, or is damaged")]
    DoesNotOpen,
    /// The operating system gives no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}

/// Seals a text under a person's key; the person's id is bound to it.
///
/// # Errors
///
/// Fails if the text is longer than [`MAX_SEALED_TEXT`].
pub fn seal(
    key: &PersonKey,
    nonce: Nonce,
    person: &str,
    text: &[u8],
) -> Result<Vec<u8>, SealError> {
    if text.len() > MAX_SEALED_TEXT {
        return Err(SealError::TooLong { bytes: text.len() });
    }
    let padded = (text.len() + 1).next_multiple_of(PADDED);
    let mut message = Vec::with_capacity(padded);
    message.extend_from_slice(text);
    message.push(END);
    message.resize(padded, 0);

    let payload = Payload {
        msg: &message,
        aad: person.as_bytes(),
    };
    let cipher = XChaCha20Poly1305::new(&key.0.into());
    // Fails only for messages of gigabytes.
    let sealed = cipher
        .encrypt(&nonce.0.into(), payload)
        .map_err(|_| SealError::TooLong { bytes: text.len() })?;
    let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
    out.push(FORMAT);
    out.extend_from_slice(&nonce.0);
    out.extend_from_slice(&sealed);
    Ok(out)
}

/// Opens a sealed text.
///
/// # Errors
///
/// Fails with [`SealError::DoesNotOpen`] under any other key or person and on damaged bytes.
pub fn open(key: &PersonKey, person: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (&format, rest) = sealed.split_first().ok_or(SealError::DoesNotOpen)?;
    match format {
        FORMAT => {}
        0 => return Err(SealError::DoesNotOpen),
        found => return Err(SealError::NewerFormat { found }),
    }
    let (nonce, message) = rest
        .split_first_chunk::<NONCE>()
        .ok_or(SealError::DoesNotOpen)?;
    let payload = Payload {
        msg: message,
        aad: person.as_bytes(),
    };
    let mut text = XChaCha20Poly1305::new(&key.0.into())
        .decrypt(&(*nonce).into(), payload)
        .map_err(|_| SealError::DoesNotOpen)?;
    let end = text
        .iter()
        .rposition(|&byte| byte != 0)
        .filter(|&end| text[end] == END);
    text.truncate(end.ok_or(SealError::DoesNotOpen)?);
    Ok(text)
}

/// Returns how many bytes a text of `len` bytes has once sealed.
#[must_use]
pub fn sealed_len(len: usize) -> usize {
    1 + NONCE + (len + 1).next_multiple_of(PADDED) + TAG
}

/// Draws bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], SealError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| SealError::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: PersonKey = PersonKey([3; 32]);
    const NONCE_5: Nonce = Nonce([5; NONCE]);

    #[test]
    fn opens_for_the_key_and_the_person_only() {
        for len in [0, 1, 9, 62, 63, 64, 65, 500, MAX_SEALED_TEXT] {
            let text = vec![b'n'; len];
            let sealed = seal(&KEY, Nonce::random().unwrap(), "p-1", &text).unwrap();
            assert_eq!(sealed.len(), sealed_len(len));
            assert_eq!(open(&KEY, "p-1", &sealed).unwrap(), text);
            assert_eq!(open(&KEY, "p-2", &sealed), Err(SealError::DoesNotOpen));
            assert_eq!(
                open(&PersonKey([4; 32]), "p-1", &sealed),
                Err(SealError::DoesNotOpen)
            );
        }
        let long = vec![b'n'; MAX_SEALED_TEXT + 1];
        assert!(matches!(
            seal(&KEY, NONCE_5, "p-1", &long),
            Err(SealError::TooLong { .. })
        ));
    }

    #[test]
    fn names_of_one_block_have_one_length() {
        let short = seal(&KEY, NONCE_5, "p-1", b"Li").unwrap();
        let long = seal(&KEY, NONCE_5, "p-1", "Константин Константинов".as_bytes()).unwrap();
        assert_eq!(short.len(), long.len());
    }

    #[test]
    fn damage_does_not_open() {
        let sealed = seal(&KEY, NONCE_5, "p-1", b"a name").unwrap();
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone();
            bytes[at] ^= 1;
            assert!(open(&KEY, "p-1", &bytes).is_err(), "byte {at}");
            assert!(open(&KEY, "p-1", &sealed[..at]).is_err(), "cut at {at}");
        }
        let mut newer = sealed;
        newer[0] = 2;
        assert_eq!(
            open(&KEY, "p-1", &newer),
            Err(SealError::NewerFormat { found: 2 })
        );
    }

    #[test]
    fn zeros_at_the_end_of_a_text_survive() {
        let sealed = seal(&KEY, NONCE_5, "p-1", b"a\0\x80\0").unwrap();
        assert_eq!(open(&KEY, "p-1", &sealed).unwrap(), b"a\0\x80\0");
    }
}
