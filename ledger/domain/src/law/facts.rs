//! What laying out law needs of the book: taken in one go, so that the book may move on meanwhile.
//!
//! Stratum (rule 27): law; reads recorded acts.

use crate::entry::event::{Event, TermKind};
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{ArticleId, ArticleRef, BodyId, ClassId, InstrumentId, RightId, Word};
use crate::record::book::Book;
use crate::record::fact::Said;
use crate::record::without::Without;
use crate::time::timeline::{Change, Switch};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Added to the order of repeals.
const AFTER_ALL: u32 = 1 << 16;

/// The facts that law is laid out from. Events are shared with the book, not copied.
#[derive(Debug)]
pub struct LawFacts {
    pub(super) articles: Vec<(ArticleRef, Vec<Switch<Arc<Event>>>)>,
    pub(super) bodies: BTreeSet<BodyId>,
    pub(super) rights: Vec<RightId>,
    /// Every class that entries up to the position name, in order of the numbers.
    pub(super) classes: Vec<ClassId>,
    pub(super) rules_version: u32,
    left_out: bool,
}

impl LawFacts {
    /// Takes the facts as known at a position, without the entries that `without` names (rule 22).
    #[must_use]
    pub fn of(book: &Book, known_at: Position, without: Without<'_>) -> Self {
        let first = ArticleRef {
            instrument: InstrumentId::least(),
            article: ArticleId::least(),
        };
        let left_out = Cell::new(false);
        let without = |position| {
            let out = without(position);
            left_out.set(left_out.get() || out);
            out
        };
        let mut repeals: Option<(&InstrumentId, Vec<Switch<Arc<Event>>>)> = None;
        let articles = book
            .slots_from(&Slot::Article(first))
            .map_while(|(slot, facts)| match slot {
                Slot::Article(article) => Some((article, facts)),
                _ => None,
            })
            .map(|(article, facts)| {
                let instrument = &article.instrument;
                if repeals.as_ref().is_none_or(|(of, _)| *of != instrument) {
                    repeals = Some((instrument, repeals_of(book, instrument, known_at, &without)));
                }
                let repeals = repeals.iter().flat_map(|(_, repeals)| repeals);
                let mut switches = book.switches(facts, known_at, without);
                switches.extend(repeals.cloned());
                (article.clone(), switches)
            })
            .filter(|(_, switches)| !switches.is_empty())
            .collect();
        let left_out = left_out.get();
        let words = |kind| {
            let first = Slot::Term(kind, Word::least());
            let slots = book.slots_from(&first).map_while(move |(slot, facts)| {
                let Slot::Term(of, term) = slot else {
                    return None;
                };
                (*of == kind).then_some((term, facts))
            });
            slots.filter_map(move |(term, facts)| {
                let mut facts = facts.iter();
                facts.any(|fact| fact.is_known(known_at)).then_some(term)
            })
        };
        Self {
            articles,
            bodies: words(TermKind::Body)
                .filter_map(|term| BodyId::new(term.as_str()).ok())
                .collect(),
            rights: words(TermKind::Right)
                .filter_map(|term| RightId::new(term.as_str()).ok())
                .collect(),
            classes: book.classes(known_at).cloned().collect(),
            rules_version: book.rules_version(known_at),
            left_out,
        }
    }

    /// Returns whether anything that is known was left out: else this is the law as known at the
    /// position.
    #[must_use]
    pub fn leave_out(&self) -> bool {
        self.left_out
    }
}

/// The repeal of an instrument ends its articles, whatever else happens to them that day: no act
/// has so high an order.
fn repeals_of(
    book: &Book,
    instrument: &InstrumentId,
    known_at: Position,
    without: Without<'_>,
) -> Vec<Switch<Arc<Event>>> {
    let facts = book.facts(&Slot::Instrument(instrument.clone())).iter();
    let repeals = facts.filter(|fact| fact.value.ends());
    let repeals: Vec<Said> = repeals.cloned().collect();
    let mut switches = book.switches(&repeals, known_at, without);
    for switch in &mut switches {
        let is_repeal = matches!(switch.change, Change::Set(_));
        switch.order += if is_repeal { AFTER_ALL } else { 0 };
    }
    switches
}
