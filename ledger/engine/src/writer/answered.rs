//! What is looked at before a request is tried: was it answered already, and do its expectations
//! hold.

use super::Writer;
use crate::entry::EntryError;
use crate::point::OtherHistory;
use crate::writer::error::RecordError;
use crate::writer::group::Group;
use crate::writer::request::{Recorded, Request};
use standing_domain::answers::view::Parties;
use standing_domain::entry::expectation::{Expectation, Expected};
use standing_domain::entry::slot::Ref;
use standing_domain::id::position::Position;
use standing_domain::record::party::PartyRecord;
use standing_store::Envelope;
use standing_store::digest::RequestDigest;

impl Writer {
    /// Returns where the request stands already, if it was recorded before or is to be with the
    /// group or the one under way.
    pub(super) fn answered(
        &self,
        request: &Request,
        digest: RequestDigest,
        group: &Group,
    ) -> Result<Option<Recorded>, RecordError> {
        let again = |same: bool, recorded: Recorded| {
            if same {
                Ok(Some(recorded))
            } else {
                Err(RecordError::RequestIdReused {
                    id: request.id.clone(),
                    position: recorded.first,
                })
            }
        };
        let candidates = self.shared.find_request(&request.id);
        for position in candidates {
            if position > self.head.position {
                let own = group.batch_at(position);
                match own.or_else(|| self.under_way.as_ref()?.batch_at(position)) {
                    Some(batch) if batch.id == request.id => {
                        return again(batch.digest == digest, batch.recorded);
                    }
                    _ => continue,
                }
            }
            let read = self.shared.read_with(position, |stored| {
                let envelope = Envelope::decode(stored)
                    .map_err(|source| EntryError::Envelope { position, source })?;
                let same_id =
                    envelope.request_id == request.id.as_str() && envelope.first == position;
                Ok(same_id.then_some((envelope.request_digest == digest, envelope.last)))
            });
            let found: Option<Result<_, EntryError>> = read?;
            if let Some((same, last)) = found.transpose()?.flatten() {
                let recorded = Recorded {
                    first: position,
                    last,
                    record_time: self.shared.stamp(last)?.record_time,
                };
                return again(same, recorded);
            }
        }
        Ok(None)
    }

    /// Makes sure that an expectation rests on this history (rule 37).
    fn check_history(&self, expectation: &Expectation) -> Result<(), RecordError> {
        let book = self.shared.book.read();
        let (epoch, position) = (expectation.epoch, expectation.position);
        OtherHistory::check(&book.history, Position::MAX, epoch, position)
            .map_err(RecordError::OtherHistory)
    }

    pub(super) fn check_expectations(
        &self,
        request: &Request,
        group: &Group,
    ) -> Result<(), RecordError> {
        for expectation in &request.expectations {
            self.check_history(expectation)?;
            let (of, found) = match &expectation.of {
                Expected::Log => ("the log".to_owned(), group.last()),
                Expected::Party(party) => {
                    let last = |record: &PartyRecord| record.mentions().last().copied();
                    let found = self
                        .shared
                        .shards()
                        .with(party, |record| record.and_then(last).unwrap_or_default());
                    (format!("party {party}"), found)
                }
                Expected::Instrument(instrument) => {
                    let mentions = Ref::Instrument(instrument.clone());
                    let found = self
                        .shared
                        .book
                        .read()
                        .mentions(&mentions)
                        .last()
                        .copied()
                        .unwrap_or_default();
                    (format!("instrument {instrument}"), found)
                }
            };
            if found != expectation.position {
                return Err(RecordError::StalePosition {
                    of,
                    expected: expectation.position,
                    found,
                });
            }
        }
        Ok(())
    }
}
