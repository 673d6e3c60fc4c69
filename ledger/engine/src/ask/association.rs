//! Whose ledger it is.

use crate::Engine;
use standing_domain::entry::event::Event;
use standing_domain::entry::slot::Slot;
use standing_domain::id::AssociationId;

impl Engine {
    /// Returns the association of the ledger as known at its head; none until it is founded.
    #[must_use]
    pub fn association(&self) -> Option<AssociationId> {
        let reader = self.at(self.head().position);
        let view = reader.view();
        let founded = view.book.known(&Slot::Association, view.known_at).last()?;
        match &*founded.value {
            Event::AssociationFounded { association, .. } => Some(association.clone()),
            _ => None,
        }
    }
}
