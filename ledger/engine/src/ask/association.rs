//! Whose ledger it is.

use crate::ledger::Ledger;
use standing_domain::entry::slot::Slot;
use standing_domain::id::AssociationId;

impl Ledger {
    /// Returns the association of the ledger as known at its head; none until it is founded.
    #[must_use]
    pub fn association(&self) -> Option<AssociationId> {
        let reader = self.at(self.head().position);
        let view = reader.view();
        let founded = view.book.known(&Slot::Association, view.known_at).last()?;
        Some(founded.value.founding()?.association.clone())
    }
}
