//! Stored entries: what decodes is written as the same bytes again, or, where it is of an earlier
//! version or has numbers that are longer than they need be, as the same content.

use crate::engine::Target;
use crate::mutate::Mutator;
use standing_domain::entry::event::kind::{KINDS, WITHDRAWAL};
use standing_store::codec::{decode, decode_lean, encode};
use standing_store::{Envelope, codec};
use std::fs;
use std::path::Path;

/// Where a golden envelope has its kind, its version, and where its payload begins.
const KIND: usize = 1;
const VERSION: usize = 3;

pub struct Entries;

impl Target for Entries {
    const NAME: &'static str = "entries";

    fn start() -> Self {
        Self
    }

    /// The golden payloads, each in the golden envelope.
    fn seeds(&self) -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ledger/store/golden");
        let golden = fs::read(folder.join("envelope-v1.bin")).unwrap();
        let payload = Envelope::decode(&golden).unwrap().payload.len();
        let head = &golden[..golden.len() - payload];
        let mut seeds = vec![golden.clone()];
        for kind in [&WITHDRAWAL].into_iter().chain(KINDS) {
            for version in 1..=kind.version {
                let name = format!("{}-v{version}.bin", kind.stored);
                // A version that nothing was stored under has no file.
                let Ok(file) = fs::read(folder.join(&name)) else {
                    continue;
                };
                for payload in payloads(&file) {
                    assert!(decode(kind.number, version, payload).is_ok(), "{name}");
                    let mut entry = [head, payload].concat();
                    entry[KIND..VERSION].copy_from_slice(&kind.number.to_le_bytes());
                    entry[VERSION] = version;
                    seeds.push(entry);
                }
            }
        }
        seeds
    }

    fn mutate(&self, input: &mut Vec<u8>, by: &mut Mutator) {
        by.bytes(input);
    }

    fn run(&mut self, input: &[u8]) -> Result<(), String> {
        let Ok(envelope) = Envelope::decode(input) else {
            return Ok(());
        };
        let mut again = Vec::new();
        envelope
            .encode(&mut again)
            .map_err(|error| error.to_string())?;
        if again != input {
            return Err("the envelope is written as other bytes".to_owned());
        }
        let (kind, version) = (envelope.kind, envelope.payload_version);
        let entry = codec::entry(envelope.first, &envelope);
        let lean = decode_lean(kind, version, envelope.payload);
        let Ok(content) = decode(kind, version, envelope.payload) else {
            return match entry {
                Ok(_) => Err("there is an entry, but no content".to_owned()),
                Err(_) => Ok(()),
            };
        };
        if lean.is_err() {
            return Err("it decodes in full, but not for replay".to_owned());
        }
        let mut payload = Vec::new();
        let written = encode(&content, &mut payload).map_err(|error| error.to_string())?;
        // Numbers may be stored longer than they are written, which no release did: then what is
        // written is shorter, and the same.
        let is_current = written.version == version;
        if is_current && payload != envelope.payload && payload.len() >= envelope.payload.len() {
            return Err("the payload is written as other bytes".to_owned());
        }
        match decode(written.number, written.version, &payload) {
            Ok(read) if read == content => Ok(()),
            Ok(_) => Err("it is written as another content".to_owned()),
            Err(error) => Err(format!("it is written as none: {error}")),
        }
    }
}

/// Reads the payloads of a golden file, each behind its length.
fn payloads(mut file: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = file.split_first_chunk()?;
        let (payload, rest) = rest.split_at(usize::from(u16::from_le_bytes(*length)));
        file = rest;
        Some(payload)
    })
}
