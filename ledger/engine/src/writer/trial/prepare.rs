//! What is done to drafts before they are judged: references are looked up, and names are sealed.

use crate::writer::error::{RecordError, storage};
use crate::writer::trial::above::Above;
use rustc_hash::FxHashMap;
use standing_domain::entry::Content;
use standing_domain::entry::draft::{Draft, EntryRef, PersonName, Proposed};
use standing_domain::entry::event::{Event, SealedName};
use standing_domain::id::position::Position;
use standing_domain::id::{DraftId, PersonId};
use standing_domain::judge::refusal::{Reason, Refusal, entry_name};
use standing_domain::stop::Stop;
use standing_store::keys::NewKeys;
use standing_store::seal;
use standing_store::seal::PersonKey;

impl Above<'_> {
    /// Resolves references by id to positions, inherits the order of corrected entries (rule 8),
    /// and seals names, under keys that are kept only if the batch is.
    pub fn resolve(
        &self,
        drafts: Vec<Draft>,
        keys: &mut NewKeys,
        stop: Stop<'_>,
    ) -> Result<Vec<Content>, RecordError> {
        let mut refusals = Vec::new();
        let (first, count) = (self.next(), drafts.len());
        let mut contents: Vec<Content> = Vec::with_capacity(count);
        let mut own: FxHashMap<DraftId, Position> = FxHashMap::default();
        for (place, mut draft) in drafts.into_iter().enumerate() {
            stop.check()?;
            let find = |id: &DraftId| own.get(id).copied().or_else(|| self.find_draft(id));
            let mut resolve = |entry: EntryRef| match entry {
                EntryRef::Position(position) => Some(position),
                EntryRef::Draft(id) => {
                    let found = find(&id);
                    if found.is_none() {
                        let message = format!("there is no entry {id}");
                        refusals.push(Refusal::new(place, Reason::UnknownEntry, id, message));
                    }
                    found
                }
            };
            let corrects = draft.corrects.take().and_then(&mut resolve);
            let event = match draft.event.take() {
                None => None,
                Some(Proposed::Event(event)) => Some(event),
                Some(Proposed::ActAnnulled(entry)) => {
                    resolve(entry).map(|entry| Event::ActAnnulled { entry })
                }
                Some(Proposed::ActRatified(entry)) => {
                    resolve(entry).map(|entry| Event::ActRatified { entry })
                }
                Some(Proposed::Part(event, act)) => {
                    resolve(EntryRef::Draft(act)).map(|act| event.as_part_of(act))
                }
                Some(Proposed::PersonNamed { person, names }) => {
                    let names = self.seal(place, &person, names, keys)?;
                    Some(Event::PersonNamed { person, names })
                }
            };
            let mut content = draft.with(corrects, event);
            let taken = content.id.as_ref().and_then(|id| Some((id, find(id)?)));
            refusals.extend(taken.map(|(id, taken)| id_taken(place, id, taken, first)));
            if content.order == 0
                && let Some(target) = content.corrects
                && let Some(old) = self.lookup(target)
            {
                content.order = old.order;
            }
            if let Some(id) = content.id.as_ref().filter(|_| place + 1 < count) {
                own.entry(id.clone()).or_insert(first.after(place));
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

    /// Seals a person's names; a key that is made for it is kept only if the batch is.
    fn seal(
        &self,
        draft: usize,
        person: &PersonId,
        names: Vec<PersonName>,
        keys: &mut NewKeys,
    ) -> Result<Vec<SealedName>, RecordError> {
        // Nothing that is assumed is kept, so no key is made for it.
        if self.shared.lies_on().is_some() || names.is_empty() {
            return Ok(Vec::new());
        }
        if self.shared.misses_key(person) {
            let person = person.clone();
            return Err(RecordError::KeyMissing { draft, person });
        }
        let id = person.as_str();
        let held = self.shared.keys.person(id);
        let known = held.or_else(|| self.keys.get(id).or_else(|| keys.get(id)).cloned());
        let key = if let Some(key) = known {
            key
        } else {
            let key = PersonKey::random().map_err(|error| storage(&error))?;
            keys.insert(id.to_owned(), key.clone());
            key
        };
        let sealed = names.into_iter().map(|PersonName { language, text }| {
            let nonce = seal::Nonce::random().map_err(|error| storage(&error))?;
            let sealed = seal::seal(&key, nonce, id, text.as_bytes())
                .map_err(|error| RecordError::Size(error.to_string()))?;
            Ok(SealedName { language, sealed })
        });
        sealed.collect()
    }

    fn find_draft(&self, id: &DraftId) -> Option<Position> {
        let candidates = self.shared.find_request(id);
        candidates.into_iter().find(|position| {
            self.lookup(*position)
                .is_some_and(|content| content.id.as_ref() == Some(id))
        })
    }
}

/// Refuses a draft whose id another entry has, or an earlier draft of the batch that begins at a
/// position.
fn id_taken(draft: usize, id: &DraftId, taken: Position, first: Position) -> Refusal {
    let message = format!("{} has the id {id} already", entry_name(taken, first));
    let refusal = Refusal::new(draft, Reason::AlreadyExists, id, message);
    refusal.with(vec![taken]).of_batch(first)
}
