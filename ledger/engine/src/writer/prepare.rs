//! What is done to a request before it is judged: was it answered already, do its expectations hold, what do its references
//! mean; and names are sealed.

use super::{Group, Writer};
use crate::ask::reader::EntryError;
use crate::writer::request::{Expected, RecordError, Recorded, Request, storage};
use rustc_hash::FxHashMap;
use standing_domain::answers::view::Parties;
use standing_domain::entry::event::Event;
use standing_domain::entry::slot::Ref;
use standing_domain::entry::{Content, Draft};
use standing_domain::id::{DraftId, Position};
use standing_domain::judge::refusal::{Reason, Refusal};
use standing_domain::stop::Stop;
use standing_store::Envelope;
use standing_store::digest::RequestDigest;
use standing_store::keys::NewKeys;
use standing_store::seal;
use standing_store::seal::PersonKey;

impl Writer {
    /// Returns the first answer, if the request was recorded before or is in the group.
    pub(super) fn answered(
        &self,
        request: &Request,
        digest: RequestDigest,
        group: &Group,
    ) -> Result<Option<Recorded>, RecordError> {
        let again = |same: bool, recorded: Recorded| {
            if same {
                Ok(Some(Recorded {
                    replayed: true,
                    ..recorded
                }))
            } else {
                Err(RecordError::RequestIdReused {
                    id: request.id.clone(),
                    position: recorded.first,
                })
            }
        };
        let candidates = self.shared.find_request(request.id.as_str());
        for position in candidates {
            if position > self.head.position {
                match group.request_at(position) {
                    Some((id, earlier, recorded)) if *id == request.id => {
                        return again(*earlier == digest, *recorded);
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
                let record_time = self.shared.stamp(last)?.0;
                return again(
                    same,
                    Recorded {
                        first: position,
                        last,
                        record_time,
                        replayed: true,
                    },
                );
            }
        }
        Ok(None)
    }

    pub(super) fn check_expectations(
        &self,
        request: &Request,
        group: &Group,
    ) -> Result<(), RecordError> {
        for expectation in &request.expectations {
            let (of, found) = match &expectation.of {
                Expected::Log => (
                    "the log".to_owned(),
                    self.head.position + group.contents.len() as Position,
                ),
                Expected::Of(Ref::Party(party)) => {
                    let last = |record: &standing_domain::record::party::PartyRecord| {
                        record.mentions().last().copied()
                    };
                    let found = self
                        .shared
                        .shards
                        .with(party, |record| record.and_then(last).unwrap_or(0));
                    (format!("party {party}"), found)
                }
                Expected::Of(Ref::Instrument(instrument)) => {
                    let mentions = Ref::Instrument(instrument.clone());
                    let found = self
                        .shared
                        .book
                        .read()
                        .mentions(&mentions)
                        .last()
                        .copied()
                        .unwrap_or(0);
                    (format!("instrument {instrument}"), found)
                }
                Expected::Of(other) => (format!("{other:?}"), 0),
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

    /// Resolves references by id to positions, inherits the order of corrected entries (rule 8), and seals names, under keys that are
    /// kept only if the batch is.
    pub(super) fn resolve(
        &self,
        request: &mut Request,
        first: Position,
        group: &Group,
        keys: &mut NewKeys,
        stop: Stop<'_>,
    ) -> Result<Vec<Content>, RecordError> {
        let mut refusals = Vec::new();
        let count = request.drafts.len();
        let mut contents: Vec<Content> = Vec::with_capacity(count);
        let mut own: FxHashMap<DraftId, Position> = FxHashMap::default();
        for (place, draft) in std::mem::take(&mut request.drafts).into_iter().enumerate() {
            stop.check()?;
            let Draft {
                mut content,
                corrects,
                target,
            } = draft;
            let find = |id: &DraftId| own.get(id).copied().or_else(|| self.find_draft(id, group));
            let mut resolve = |id: &DraftId| {
                find(id).unwrap_or_else(|| {
                    refusals.push(Refusal::new(
                        place,
                        Reason::UnknownEntry,
                        id,
                        format!("there is no entry {id}"),
                    ));
                    0
                })
            };
            if let Some(id) = &corrects {
                content.corrects = Some(resolve(id)).filter(|position| *position != 0);
            }
            if let (Some(id), Some(Event::ActAnnulled { entry } | Event::ActRatified { entry })) =
                (&target, &mut content.event)
            {
                *entry = resolve(id);
            }
            if let Some(taken) = content.id.as_ref().and_then(find) {
                let id = content
                    .id
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let message = format!("entry {taken} has the id {id} already");
                refusals.push(
                    Refusal::new(place, Reason::AlreadyExists, id, message).with(vec![taken]),
                );
            }
            if content.order == 0
                && let Some(target) = content.corrects
                && let Some(old) = self.lookup(target, &group.contents)
            {
                content.order = old.order;
            }
            self.seal(place, &mut content, group, keys)?;
            if let Some(id) = content.id.as_ref().filter(|_| place + 1 < count) {
                own.entry(id.clone()).or_insert(first + place as Position);
            }
            contents.push(content);
        }
        if let Some(error) = self.unread.take() {
            return Err(error.into());
        }
        if refusals.is_empty() {
            Ok(contents)
        } else {
            Err(RecordError::Refused(refusals))
        }
    }

    fn seal(
        &self,
        draft: usize,
        content: &mut Content,
        group: &Group,
        keys: &mut NewKeys,
    ) -> Result<(), RecordError> {
        let Some(Event::PersonNamed { person, names }) = &mut content.event else {
            return Ok(());
        };
        if self.shared.over.is_some() {
            // Nothing that is assumed is kept, so no key is made for it.
            names.clear();
            return Ok(());
        }
        if names.is_empty() {
            return Ok(());
        }
        let id = person.as_str();
        if self.shared.unkeyed.contains(person) {
            let person = person.clone();
            return Err(RecordError::KeyMissing { draft, person });
        }
        let held = self.shared.keys.person(id);
        let known = held.or_else(|| group.keys.get(id).or_else(|| keys.get(id)).cloned());
        let key = if let Some(key) = known {
            key
        } else {
            let key = PersonKey::random().map_err(|error| storage(&error))?;
            keys.insert(id.to_owned(), key.clone());
            key
        };
        for name in names {
            let nonce = seal::Nonce::random().map_err(|error| storage(&error))?;
            name.sealed = seal::seal(&key, nonce, id, &name.sealed)
                .map_err(|error| RecordError::Size(error.to_string()))?;
        }
        Ok(())
    }

    fn find_draft(&self, id: &DraftId, group: &Group) -> Option<Position> {
        let candidates = self.shared.find_request(id.as_str());
        candidates.into_iter().find(|position| {
            self.lookup(*position, &group.contents)
                .is_some_and(|content| content.id.as_ref() == Some(id))
        })
    }

    /// Reads what an entry says, durable or waiting. What cannot be read is kept in mind: whoever looks up must ask for it
    /// before the outcome is used.
    pub(super) fn lookup(&self, position: Position, waiting: &[Content]) -> Option<Content> {
        if position > self.head.position {
            return waiting
                .get(usize::try_from(position - self.head.position - 1).ok()?)
                .cloned();
        }
        self.unread.keep(self.shared.content(position))
    }
}
