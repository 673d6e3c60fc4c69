//! A copy of the key file that only one can read: encrypted to a public key of age, so that
//! whatever else reads that format can read it as well.

use crate::failure::Failure;
use age::x25519::{Identity, Recipient};
use std::fs;
use std::path::Path;

/// Encrypts the text of a key file to a public key.
///
/// # Errors
/// It is none, or there is no randomness to be had.
pub fn encrypted(text: &str, to: &str) -> Result<Vec<u8>, Failure> {
    let recipient: Result<Recipient, _> = to.parse();
    let recipient = recipient.map_err(|what| Failure::failed(format!("{to}: {what}")))?;
    age::encrypt(&recipient, text.as_bytes())
        .map_err(|error| Failure::failed("cannot encrypt the key file").because(&error))
}

/// Decrypts a copy of a key file with a secret key that a file holds.
///
/// # Errors
/// Either cannot be read, or they do not belong together.
pub fn decrypted(file: &Path, identity: &Path) -> Result<Vec<u8>, Failure> {
    let shown = file.display();
    let sealed = fs::read(file)
        .map_err(|error| Failure::failed(format!("cannot read {shown}")).because(&error))?;
    let identity = read(identity)?;
    age::decrypt(&identity, &sealed).map_err(|error| {
        Failure::failed(format!("cannot decrypt {shown}"))
            .because(&error)
            .detail("it takes the secret half of the public key that it was encrypted to, and the whole file")
    })
}

/// Reads a secret key of age: the first line that is no comment, as age-keygen writes it.
fn read(file: &Path) -> Result<Identity, Failure> {
    let shown = file.display();
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::failed(format!("cannot read {shown}")).because(&error))?;
    let lines = text.lines().map(str::trim);
    let line = lines
        .into_iter()
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    // What stands there is a secret, and is not shown.
    line.unwrap_or_default().parse().map_err(|what: &str| {
        Failure::failed(format!("{shown} holds no secret key of age: {what}"))
    })
}
