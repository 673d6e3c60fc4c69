//! Drafts that are only assumed: applied for good on a layer that is thrown away, and never
//! recorded.

use crate::shared::Shared;
use crate::shared::unread::Unread;
use crate::writer::error::RecordError;
use crate::writer::trial::above::Above;
use crate::writer::trial::entries::{Entries, Signed};
use standing_domain::entry::draft::Draft;
use standing_domain::judge::judge_until;
use standing_domain::stop::Stop;
use standing_store::digest::RequestDigest;
use standing_store::keys::NewKeys;

/// Who is said to have recorded what is only assumed, and under which id.
const NOBODY: &str = "hypothetical";

/// Applies drafts to a layer, and returns them as they would be stored. What is only assumed is
/// recorded at no time of its own: the same question gives the same bytes.
///
/// # Errors
/// The drafts are refused, or the stop test says that nobody waits for them any more.
pub(crate) fn entries(
    layer: &Shared,
    drafts: Vec<Draft>,
    stop: Stop<'_>,
) -> Result<Vec<Vec<u8>>, RecordError> {
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let (head, unread) = (layer.head(), Unread::default());
    let above = Above {
        shared: layer,
        head: head.position,
        waiting: [&[], &[]],
        keys: &NewKeys::new(),
        unread: &unread,
    };
    let contents = above.resolve(drafts, &mut NewKeys::new(), stop)?;
    let trial = above.apply_until(contents, stop)?;
    // What is assumed lies on a book of its own, so the test may be asked while it is held.
    let judged = above.judged(&trial, &|batch| judge_until(batch, stop));
    if let Some(error) = unread.take() {
        return Err(error.into());
    }
    let refusals = judged?;
    if !refusals.is_empty() {
        return Err(RecordError::Refused(refusals));
    }
    layer.note_ids(|note| trial.each_id(note));
    let signed = Signed {
        actor: NOBODY,
        request_id: NOBODY,
        digest: RequestDigest([0; 16]),
        record_time: head.record_time.next(),
        rules_version: layer.book.read().rules_version(head.position),
    };
    let mut entries = Entries::default();
    entries.push_batch(&trial, &signed)?;
    Ok(entries.iter().map(<[u8]>::to_vec).collect())
}
