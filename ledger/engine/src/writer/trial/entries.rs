//! Entries as they are stored, one after the other.

use crate::writer::error::RecordError;
use crate::writer::request::Recorded;
use crate::writer::trial::Trial;
use standing_domain::time::record_time::RecordTime;
use standing_store::digest::RequestDigest;
use standing_store::{Envelope, codec};
use std::fmt::Display;

/// Entries as they are stored, in order.
#[derive(Default, Clone)]
pub(crate) struct Entries {
    bytes: Vec<u8>,
    /// Where each ends in `bytes`.
    ends: Vec<usize>,
}

/// What the envelopes of a batch say of it, besides the positions.
pub(crate) struct Signed<'a> {
    pub actor: &'a str,
    pub request_id: &'a str,
    pub digest: RequestDigest,
    /// The record time of the first entry; that of each other is the next after the one before.
    pub record_time: RecordTime,
    pub rules_version: u32,
}

impl Entries {
    /// Has room for so many.
    pub fn with_capacity(count: usize) -> Self {
        Self {
            bytes: Vec::new(),
            ends: Vec::with_capacity(count),
        }
    }

    /// Returns them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let entries = starts.zip(&self.ends);
        entries.map(|(start, end)| &self.bytes[start..*end])
    }

    /// Returns how many bytes they have together.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Adds an entry as it is stored.
    pub fn push(&mut self, stored: &[u8]) {
        self.bytes.extend_from_slice(stored);
        self.ends.push(self.bytes.len());
    }

    /// Adds the entries of a batch that passed; all of them or none.
    ///
    /// # Errors
    /// One is too large.
    pub fn push_batch(
        &mut self,
        trial: &Trial,
        signed: &Signed<'_>,
    ) -> Result<Recorded, RecordError> {
        let (start, entries) = (self.bytes.len(), self.ends.len());
        let written = self.write_batch(trial, signed);
        if written.is_err() {
            self.bytes.truncate(start);
            self.ends.truncate(entries);
        }
        written
    }

    fn write_batch(&mut self, trial: &Trial, signed: &Signed<'_>) -> Result<Recorded, RecordError> {
        let (first, last) = (trial.first, trial.last());
        let mut payload = Vec::with_capacity(256);
        for (place, content) in trial.contents.iter().enumerate() {
            payload.clear();
            let too_large =
                |what: &dyn Display| RecordError::Size(format!("draft {}: {what}", place + 1));
            let kind = codec::encode(content, &mut payload).map_err(|error| too_large(&error))?;
            let envelope = Envelope {
                kind: kind.number,
                payload_version: kind.version,
                rules_version: signed.rules_version,
                first,
                last,
                record_time: signed.record_time.after(place as u64),
                request_digest: signed.digest,
                actor: signed.actor,
                request_id: signed.request_id,
                payload: &payload,
            };
            envelope
                .encode(&mut self.bytes)
                .map_err(|error| too_large(&error))?;
            self.ends.push(self.bytes.len());
        }
        Ok(Recorded {
            first,
            last,
            record_time: signed.record_time.after(last.since(first)),
        })
    }
}
