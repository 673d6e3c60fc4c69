//! Law laid out, once for every change of it and once for all who wait.
//!
//! What laying out needs is taken out of the book in one go; the rest is done outside every lock,
//! so that recording and questions about other law go on meanwhile.

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use standing_domain::id::position::Position;
use standing_domain::law::LawView;
use standing_domain::record::book::Book;
use standing_domain::record::without::NOTHING;
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

/// A law laid out, and how large it is.
pub(super) struct LaidOnce {
    pub view: Arc<LawView>,
    pub weight: usize,
}

/// The laws laid out.
pub(crate) struct Laws {
    /// The law in force at the head, or the one before that while it is being laid out.
    pub(super) head: ArcSwap<LaidLaw>,
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
    pub(super) fn flight(&self, epoch: Position) -> Arc<OnceLock<LaidOnce>> {
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
    pub(super) fn promote(&self, epoch: Position, view: &Arc<LawView>) {
        // One after the other, so that a later one stays.
        let _one_by_one = self.kept.lock();
        if self.head.load().epoch < epoch {
            let view = Arc::clone(view);
            self.head.store(Arc::new(LaidLaw { epoch, view }));
        }
    }

    pub(super) fn is_laid(&self, epoch: Position) -> bool {
        let kept = self.kept.lock();
        let mut of = kept.iter().filter(|flight| flight.epoch == epoch);
        of.any(|flight| flight.law.get().is_some())
    }
}

/// The law of an empty book.
pub(crate) fn nothing() -> LaidLaw {
    LaidLaw {
        epoch: Position::ZERO,
        view: Arc::new(LawView::new(&Book::default(), Position::ZERO, NOTHING)),
    }
}
