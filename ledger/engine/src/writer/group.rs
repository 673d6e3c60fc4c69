//! What the writer makes durable at once: batches that passed, and what came with them.

use crate::shared::laws::LaidLaw;
use crate::writer::request::{Recorded, Reply};
use standing_domain::entry::Content;
use standing_domain::entry::key::Touched;
use standing_domain::id::{DraftId, Position};
use standing_store::digest::RequestDigest;
use standing_store::keys::NewKeys;

/// What passed and is not yet durable.
#[derive(Default)]
pub(super) struct Group {
    /// The contents, from the position after the head on.
    pub contents: Vec<Content>,
    pub bytes: Vec<u8>,
    /// Where each entry ends in `bytes`.
    pub ends: Vec<usize>,
    pub answers: Vec<(Reply, Recorded)>,
    pub requests: Vec<(DraftId, RequestDigest, Recorded)>,
    pub touched: Vec<Touched>,
    /// The keys of persons named for the first time. They become durable before the entries do.
    pub keys: NewKeys,
    /// The law that a batch of the group left, if it had to be laid out to judge it.
    pub law: Option<LaidLaw>,
}

impl Group {
    /// Returns the entries as they are stored, in order.
    pub fn entries(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let entries = starts.zip(&self.ends);
        entries.map(|(start, end)| &self.bytes[start..*end])
    }

    /// Returns the request whose batch begins at a position, if one does.
    pub fn request_at(&self, first: Position) -> Option<&(DraftId, RequestDigest, Recorded)> {
        let requests = &self.requests;
        let place = requests.binary_search_by_key(&first, |(_, _, recorded)| recorded.first);
        place.ok().map(|place| &requests[place])
    }

    /// Names every id by which a batch is found: the request's at its first entry, and those of the drafts.
    pub fn each_id(&self, place: usize, head: Position, mut note: impl FnMut(&DraftId, Position)) {
        let (request, _, recorded) = &self.requests[place];
        note(request, recorded.first);
        for position in recorded.first..=recorded.last {
            let content = usize::try_from(position - head - 1).ok();
            let id = content.and_then(|place| self.contents.get(place)?.id.as_ref());
            if let Some(id) = id.filter(|id| position != recorded.first || *id != request) {
                note(id, position);
            }
        }
    }
}
