//! For which years dues to a fund are assessed, as known at a position.

use crate::id::FundId;
use crate::id::position::Position;
use crate::record::book::Book;

impl Book {
    /// Returns the last year for which dues to a fund are assessed for any party, as known at a
    /// position; none if for none.
    #[must_use]
    pub fn last_assessed(&self, fund: &FundId, known_at: Position) -> Option<u16> {
        self.last_assessed_by(fund, known_at, &|entry| {
            let annulled = !self.annulments(entry).is_empty();
            !self.is_void(entry, annulled, known_at)
        })
    }

    /// Returns the same by those entries alone of which a test says that they stand.
    pub(crate) fn last_assessed_by(
        &self,
        fund: &FundId,
        known_at: Position,
        stands: &dyn Fn(Position) -> bool,
    ) -> Option<u16> {
        let counts = |entry: &Position| {
            *entry <= known_at && self.corrected_by(*entry, known_at).is_none() && stands(*entry)
        };
        let mut years = self.assessed.years(fund);
        let last = years.find(|(_, entries)| entries.iter().any(counts));
        last.map(|(year, _)| year)
    }
}
