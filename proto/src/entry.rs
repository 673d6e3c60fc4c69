//! Entries as answers show them.

use crate::time::timestamp;
use crate::v1;
use standing_domain::entry::Entry;

/// Writes an entry: what was recorded, and the bytes as stored, which decide. Names of persons are
/// left out.
#[must_use]
pub fn write_entry(entry: &Entry, payload_version: u8, stored: Vec<u8>) -> v1::Entry {
    let kind = entry.content.kind();
    v1::Entry {
        position: entry.position.number(),
        record_time: Some(timestamp(entry.record_time)),
        actor: entry.actor.to_string(),
        request_id: entry.request.to_string(),
        first_position: entry.batch.first.number(),
        last_position: entry.batch.last.number(),
        kind_number: kind.number.into(),
        kind: kind.name.to_owned(),
        payload_version: payload_version.into(),
        draft: Some((&entry.content).into()),
        stored,
    }
}
