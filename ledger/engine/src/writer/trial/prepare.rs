//! What is done to drafts before they are judged: references are looked up, and names are sealed.

use crate::writer::error::{RecordError, storage};
use crate::writer::trial::above::Above;
use rustc_hash::FxHashMap;
use standing_domain::entry::event::{Content, Draft, Event, Position};
use standing_domain::id::DraftId;
use standing_domain::judge::refusal::{Reason, Refusal};
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
        for (place, draft) in drafts.into_iter().enumerate() {
            stop.check()?;
            let Draft {
                mut content,
                corrects,
                target,
            } = draft;
            let find = |id: &DraftId| own.get(id).copied().or_else(|| self.find_draft(id));
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
                && let Some(old) = self.lookup(target)
            {
                content.order = old.order;
            }
            self.seal(place, &mut content, keys)?;
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
        keys: &mut NewKeys,
    ) -> Result<(), RecordError> {
        let Some(Event::PersonNamed { person, names }) = &mut content.event else {
            return Ok(());
        };
        if self.shared.lies_on().is_some() {
            // Nothing that is assumed is kept, so no key is made for it.
            names.clear();
            return Ok(());
        }
        if names.is_empty() {
            return Ok(());
        }
        let id = person.as_str();
        if self.shared.misses_key(person) {
            let person = person.clone();
            return Err(RecordError::KeyMissing { draft, person });
        }
        let held = self.shared.keys.person(id);
        let known = held.or_else(|| self.keys.get(id).or_else(|| keys.get(id)).cloned());
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

    fn find_draft(&self, id: &DraftId) -> Option<Position> {
        let candidates = self.shared.find_request(id.as_str());
        candidates.into_iter().find(|position| {
            self.lookup(*position)
                .is_some_and(|content| content.id.as_ref() == Some(id))
        })
    }
}
