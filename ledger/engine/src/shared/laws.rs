//! Law laid out, once for every change of it and once for all who wait.
//!
//! What laying out needs is taken out of the book in one go; the rest is done outside every lock, so that recording and questions
//! about other law go on meanwhile.

use crate::shared::Shared;
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use standing_domain::id::Position;
use standing_domain::law::LawView;
use standing_domain::law::facts::LawFacts;
use standing_domain::record::book::Book;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

/// How many laws of the past are kept laid out.
const MOST_KEPT: usize = 64;

/// How large they may be together, by [`LawView::weight`]: some hundred megabytes.
const MOST_WEIGHT: usize = 1 << 22;

/// A law laid out: valid from its epoch to the next change of the law.
#[derive(Clone)]
pub(crate) struct LaidLaw {
    pub epoch: Position,
    pub view: Arc<LawView>,
}

/// A law that is laid out, or being so by the first who asked for it; the others wait for that.
struct Flight {
    epoch: Position,
    law: Arc<OnceLock<LaidOnce>>,
}

struct LaidOnce {
    view: Arc<LawView>,
    weight: usize,
}

/// The laws laid out.
pub(crate) struct Laws {
    /// The law in force at the head, or the one before that while it is being laid out.
    head: ArcSwap<LaidLaw>,
    /// The law asked for last stands at the end.
    kept: Mutex<Vec<Flight>>,
}

impl Laws {
    pub fn new(head: LaidLaw) -> Self {
        Self {
            head: ArcSwap::from_pointee(head),
            kept: Mutex::default(),
        }
    }

    /// Returns the place of a law, to be laid out by whoever comes first.
    fn flight(&self, epoch: Position) -> Arc<OnceLock<LaidOnce>> {
        let mut kept = self.kept.lock();
        let flight = match kept.iter().position(|flight| flight.epoch == epoch) {
            Some(place) => kept.remove(place),
            None => Flight {
                epoch,
                law: Arc::default(),
            },
        };
        let law = Arc::clone(&flight.law);
        kept.push(flight);
        let weight = |flight: &Flight| flight.law.get().map_or(0, |laid| laid.weight);
        let mut all: usize = kept.iter().map(weight).sum();
        while kept.len() > MOST_KEPT || (all > MOST_WEIGHT && kept.len() > 2) {
            all -= weight(&kept.remove(0));
        }
        law
    }

    /// Takes a law for the one in force at the head, unless a later one is.
    fn promote(&self, epoch: Position, view: &Arc<LawView>) {
        // One after the other, so that a later one stays.
        let _one_by_one = self.kept.lock();
        if self.head.load().epoch < epoch {
            let view = Arc::clone(view);
            self.head.store(Arc::new(LaidLaw { epoch, view }));
        }
    }

    fn is_laid(&self, epoch: Position) -> bool {
        let kept = self.kept.lock();
        let mut of = kept.iter().filter(|flight| flight.epoch == epoch);
        of.any(|flight| flight.law.get().is_some())
    }
}

/// The law of an empty book.
pub(crate) fn nothing() -> LaidLaw {
    LaidLaw {
        epoch: 0,
        view: Arc::new(LawView::new(&Book::default(), 0, &|_| false)),
    }
}

impl Shared {
    /// Returns the law as known at a position at or below the head. It may wait until it is laid out, and takes the book's lock for
    /// a moment: whoever needs both asks for the law first, and nobody asks for it who holds the book.
    pub fn law(&self, known_at: Position) -> Arc<LawView> {
        if let Some(law) = self.law_at_head(known_at) {
            return law;
        }
        let (epoch, newest) = {
            let book = self.book.read();
            let head = self.head.load().position;
            (book.law_epoch(known_at), book.law_epoch(head))
        };
        let laid = self.laws.head.load();
        if laid.epoch == epoch {
            return Arc::clone(&laid.view);
        }
        let flight = self.laws.flight(epoch);
        let law = flight.get_or_init(|| {
            // What is known at a position at or below the head stays as it is, whatever is recorded meanwhile.
            let facts = LawFacts::of(&self.book.read(), known_at, &|_| false);
            let view = LawView::of(facts);
            // The day that is asked about most; the digests of other days are made when they are asked for.
            let today = self.frontier.borrow().day;
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

    /// Returns whether the law as known at a position is laid out, so that nobody waits for it. It never waits itself; if it
    /// cannot tell at once, it is not.
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
        let newest = self.law_changed_at.load(Ordering::Acquire) <= laid.epoch;
        (newest && laid.epoch <= known_at).then(|| Arc::clone(&laid.view))
    }
}
