//! Drafts: what clients propose to record, before the ledger has looked up what they refer to.

use crate::entry::Content;
use crate::entry::event::Event;
use crate::id::position::Position;
use crate::id::{DraftId, PersonId, Word};
use std::fmt;

/// A draft: like the [`Content`] of an entry, with references that are not looked up yet and names
/// that are not sealed yet.
pub type Draft = Content<EntryRef, Proposed>;

/// Which entry is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EntryRef {
    /// The entry at a position.
    Position(Position),
    /// The entry that was recorded from the draft with an id, before or in the same batch.
    Draft(DraftId),
}

/// What a draft says has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposed {
    /// An event as it will stand in the log.
    Event(Event),
    /// [`Event::ActAnnulled`], of the entry that is meant.
    ActAnnulled(EntryRef),
    /// [`Event::ActRatified`], of the entry that is meant.
    ActRatified(EntryRef),
    /// What happens to an article, as part of the act of the entry recorded from a draft with this
    /// id.
    Part(Event, DraftId),
    /// [`Event::PersonNamed`], with names that are still to be sealed.
    PersonNamed {
        /// Whose names they are.
        person: PersonId,
        /// The names.
        names: Vec<PersonName>,
    },
}

/// A natural person's name in clear. It is written nowhere: the engine seals it, and there is no
/// other way from it to what is stored. Not even a trace of an error shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName {
    /// The language (BCP 47, lower case).
    pub language: Word,
    /// The name.
    pub text: String,
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonName({}, ...)", self.language)
    }
}

impl From<Event> for Proposed {
    fn from(event: Event) -> Self {
        if let Some(entry) = event.annulled() {
            Self::ActAnnulled(EntryRef::Position(entry))
        } else if let Some(entry) = event.ratified() {
            Self::ActRatified(EntryRef::Position(entry))
        } else {
            Self::Event(event)
        }
    }
}

impl From<Content> for Draft {
    /// Proposes again what an entry says.
    fn from(mut content: Content) -> Self {
        let corrects = content.corrects.take().map(EntryRef::Position);
        let event = content.event.take().map(Proposed::from);
        content.with(corrects, event)
    }
}

impl Draft {
    /// Returns the positions that it names: of entries it is about, and of what a frozen roll was
    /// drawn up by. Who names one has it from somewhere (rule 37).
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        let at = |entry: &EntryRef| match entry {
            EntryRef::Position(position) => Some(*position),
            EntryRef::Draft(_) => None,
        };
        let [about, known_at] = match &self.event {
            Some(Proposed::ActAnnulled(entry) | Proposed::ActRatified(entry)) => [at(entry), None],
            Some(Proposed::Event(event)) => {
                let frozen = event.frozen_roll().map(|frozen| frozen.known_at);
                [event.part_of(), frozen]
            }
            Some(Proposed::Part(..) | Proposed::PersonNamed { .. }) | None => [None, None],
        };
        let corrected = self.corrects.as_ref().and_then(at);
        [corrected, about, known_at].into_iter().flatten()
    }

    /// Returns what its entry will say; none where the ledger has to look up an entry or to seal
    /// names first.
    #[must_use]
    pub fn settled(mut self) -> Option<Content> {
        let corrects = match self.corrects.take() {
            None => None,
            Some(EntryRef::Position(position)) => Some(position),
            Some(EntryRef::Draft(_)) => return None,
        };
        let event = match self.event.take() {
            None => None,
            Some(Proposed::Event(event)) => Some(event),
            Some(Proposed::ActAnnulled(EntryRef::Position(entry))) => {
                Some(Event::ActAnnulled { entry })
            }
            Some(Proposed::ActRatified(EntryRef::Position(entry))) => {
                Some(Event::ActRatified { entry })
            }
            Some(
                Proposed::ActAnnulled(EntryRef::Draft(_))
                | Proposed::ActRatified(EntryRef::Draft(_))
                | Proposed::Part(..)
                | Proposed::PersonNamed { .. },
            ) => return None,
        };
        Some(self.with(corrects, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_clear_is_shown_nowhere() {
        let name = PersonName {
            language: Word::new("ko").unwrap(),
            text: "A Natural Person".to_owned(),
        };
        assert_eq!(format!("{name:?}"), "PersonName(ko, ...)");
    }
}
