//! Drafts that are only assumed: applied for good on a layer that is thrown away, and never
//! recorded.

use crate::shared::Shared;
use crate::shared::unread::Unread;
use crate::writer::error::RecordError;
use crate::writer::trial::above::Above;
use crate::writer::trial::entries::{Entries, Signed};
use standing_domain::entry::Content;
use standing_domain::entry::draft::Draft;
use standing_domain::entry::key::Touched;
use standing_domain::judge::judge_until;
use standing_domain::judge::refusal::Refusal;
use standing_domain::stop::Stop;
use standing_store::digest::RequestDigest;
use standing_store::keys::NewKeys;

/// Who is said to have recorded what is only assumed, and under which id.
const NOBODY: &str = "hypothetical";

/// Drafts that were tried on a layer.
pub(crate) struct Supposed {
    /// What they say, references looked up.
    pub contents: Vec<Content>,
    /// What applying them touched.
    pub touched: Touched,
    /// Why they would be refused; none if they would not.
    pub refusals: Vec<Refusal>,
    /// As they would be stored; nothing where they would be refused.
    pub entries: Vec<Vec<u8>>,
}

/// Applies drafts to a layer, and returns them as they would be stored. What is only assumed is
/// recorded at no time of its own: the same question gives the same bytes.
///
/// # Errors
/// What a draft refers to is not there, or one is too large, or the stop test says that nobody
/// waits for them any more. Refusals of the judge are none.
pub(crate) fn suppose(
    layer: &Shared,
    drafts: Vec<Draft>,
    stop: Stop<'_>,
) -> Result<Supposed, RecordError> {
    if drafts.is_empty() {
        return Ok(Supposed {
            contents: Vec::new(),
            touched: Touched::default(),
            refusals: Vec::new(),
            entries: Vec::new(),
        });
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
    let mut entries = Entries::default();
    if refusals.is_empty() {
        layer.note_ids(|note| trial.each_id(note));
        let signed = Signed {
            actor: NOBODY,
            request_id: NOBODY,
            digest: RequestDigest([0; 16]),
            record_time: head.record_time.next(),
            rules_version: layer.book.read().rules_version(head.position),
        };
        entries.push_batch(&trial, &signed)?;
    }
    Ok(Supposed {
        contents: trial.contents,
        touched: trial.touched,
        refusals,
        entries: entries.iter().map(<[u8]>::to_vec).collect(),
    })
}
