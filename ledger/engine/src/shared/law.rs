//! The law as known at a position: laid out by the first who asks for it, kept for the others.

use crate::shared::Shared;
use crate::shared::laws::LaidOnce;
use standing_domain::id::position::Position;
use standing_domain::law::LawView;
use standing_domain::law::facts::LawFacts;
use standing_domain::record::without::NOTHING;
use std::sync::Arc;

impl Shared {
    /// Returns the law as known at a position at or below the head. It may wait until it is laid
    /// out, and takes the book's lock for a moment: whoever needs both asks for the law first, and
    /// nobody asks for it who holds the book.
    pub fn law(&self, known_at: Position) -> Arc<LawView> {
        if let Some(law) = self.law_at_head(known_at) {
            return law;
        }
        let (epoch, newest) = {
            let book = self.book.read();
            let head = self.head().position;
            (book.law_epoch(known_at), book.law_epoch(head))
        };
        let laid = self.laws.head.load();
        if laid.epoch == epoch {
            return Arc::clone(&laid.view);
        }
        let flight = self.laws.flight(epoch);
        let law = flight.get_or_init(|| {
            // What is known at a position at or below the head stays as it is, whatever is recorded
            // meanwhile.
            let facts = LawFacts::of(&self.book.read(), known_at, NOTHING);
            let view = LawView::of(facts);
            // The day that is asked about most; the digests of other days are made when they are
            // asked for.
            let today = self.frontier().day;
            let _ = today.map(|today| view.digest(today).len());
            let weight = view.weight();
            let view = Arc::new(view);
            LaidOnce { view, weight }
        });
        if epoch == newest {
            self.laws.promote(epoch, &law.view);
        }
        Arc::clone(&law.view)
    }

    /// Returns whether the law as known at a position is laid out, so that nobody waits for it. It
    /// never waits itself; if it cannot tell at once, it is not.
    pub fn is_law_laid(&self, known_at: Position) -> bool {
        if self.law_at_head(known_at).is_some() {
            return true;
        }
        let Some(epoch) = self.book.try_read().map(|book| book.law_epoch(known_at)) else {
            return false;
        };
        self.laws.head.load().epoch == epoch || self.laws.is_laid(epoch)
    }

    /// Takes a law that was laid out above the head, and has become visible, for what it is.
    pub fn keep_law(&self, epoch: Position, view: &Arc<LawView>) {
        let weight = view.weight();
        let laid = LaidOnce {
            view: Arc::clone(view),
            weight,
        };
        // Somebody else may have been quicker; then it is the same.
        let _ = self.laws.flight(epoch).set(laid);
        self.laws.promote(epoch, view);
    }

    /// Returns the law at the head, if it is laid out and is that of a position.
    fn law_at_head(&self, known_at: Position) -> Option<Arc<LawView>> {
        let laid = self.laws.head.load();
        let newest = self.law_changed_at() <= laid.epoch;
        (newest && laid.epoch <= known_at).then(|| Arc::clone(&laid.view))
    }
}
