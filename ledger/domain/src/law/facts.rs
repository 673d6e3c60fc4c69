//! What laying out law needs of the book: taken in one go, so that the book may move on meanwhile.
//!
//! Stratum (rule 27): law; reads recorded acts.

use crate::entry::event::{Event, TermKind};
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{ArticleId, ArticleRef, BodyId, ClassId, InstrumentId, RightId, Word};
use crate::record::book::Book;
use crate::record::fact::Said;
use crate::record::without::{NOTHING, Without};
use crate::time::timeline::{Change, Switch};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Added to the order of repeals.
const AFTER_ALL: u32 = 1 << 16;

/// The most acts on one article of which it is open whether they count that are tried in all their
/// combinations; beyond, every version may be in force, and none.
const MOST_OPEN: usize = 4;

/// Everything that happens to one article.
type Switches = Vec<Switch<Arc<Event>>>;

/// The facts that law is laid out from. Events are shared with the book, not copied.
#[derive(Debug)]
pub struct LawFacts {
    /// The articles, each with everything that happens to it: in one way, or in several where it is
    /// open which acts count.
    pub(super) articles: Vec<(ArticleRef, Vec<Switches>)>,
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
        Self::open(book, known_at, without, NOTHING)
    }

    /// Takes the same where it is open of the entries that `open` names whether they count: both is
    /// tried, for each article by itself.
    #[must_use]
    pub fn open(book: &Book, known_at: Position, without: Without<'_>, open: Without<'_>) -> Self {
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
        let sides = Sides {
            book,
            known_at,
            without: &without,
            open,
        };
        let mut repeals: Option<Repeals<'_>> = None;
        let articles = book
            .slots_from(&Slot::Article(first))
            .map_while(|(slot, facts)| match slot {
                Slot::Article(article) => Some((article, facts)),
                _ => None,
            })
            .map(|(article, facts)| {
                let instrument = &article.instrument;
                let of = match repeals.take() {
                    Some(of) if of.instrument == instrument => of,
                    _ => sides.repeals(instrument),
                };
                let ways = sides.ways(facts, &of);
                repeals = Some(of);
                (article.clone(), ways)
            })
            .filter(|(_, ways)| ways.iter().any(|switches| !switches.is_empty()))
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

    /// Returns the entries that bear on any article as known at a position: versions, repeals, and
    /// annulments of both.
    pub(crate) fn entries(book: &Book, known_at: Position) -> BTreeSet<Position> {
        let first = Slot::Article(ArticleRef {
            instrument: InstrumentId::least(),
            article: ArticleId::least(),
        });
        let mut instruments: BTreeSet<&InstrumentId> = BTreeSet::new();
        let mut entries = BTreeSet::new();
        let mut add = |facts: &[Said]| {
            let known = facts.iter().filter(|fact| fact.is_known(known_at));
            entries.extend(known.flat_map(|fact| book.bearing(fact, known_at)));
        };
        for (slot, facts) in book.slots_from(&first) {
            let Slot::Article(article) = slot else { break };
            instruments.insert(&article.instrument);
            add(facts);
        }
        for instrument in instruments {
            add(book.facts(&Slot::Instrument(instrument.clone())));
        }
        entries
    }

    /// Returns whether anything that is known was left out, or left open: else this is the law as
    /// known at the position.
    #[must_use]
    pub fn leave_out(&self) -> bool {
        self.left_out || self.articles.iter().any(|(_, ways)| ways.len() > 1)
    }
}

/// The repeals of an instrument.
struct Repeals<'a> {
    instrument: &'a InstrumentId,
    facts: Vec<Said>,
    /// What they come down to where nothing is open.
    switches: Switches,
    /// The entries on them of which it is open whether they count.
    open: BTreeSet<Position>,
}

/// What counts, what does not, and what is open.
struct Sides<'a> {
    book: &'a Book,
    known_at: Position,
    without: Without<'a>,
    open: Without<'a>,
}

impl<'a> Sides<'a> {
    /// Returns what facts come down to, and those entries of which it is open whether they count.
    fn certain(&self, facts: &[Said]) -> (Switches, BTreeSet<Position>) {
        let switches = self.book.switches(facts, self.known_at, self.without);
        let known = facts.iter().filter(|fact| fact.is_known(self.known_at));
        let bearing = known.flat_map(|fact| self.book.bearing(fact, self.known_at));
        let open = bearing.filter(|entry| (self.open)(*entry) && !(self.without)(*entry));
        (switches, open.collect())
    }

    /// Returns what facts come down to where only some of what is open counts.
    fn choosing(&self, facts: &[Said], counts: &dyn Fn(Position) -> bool) -> Switches {
        self.book.switches(facts, self.known_at, &|position| {
            (self.without)(position) || ((self.open)(position) && !counts(position))
        })
    }

    fn repeals(&self, instrument: &'a InstrumentId) -> Repeals<'a> {
        let facts = self.book.facts(&Slot::Instrument(instrument.clone()));
        let facts = facts.iter().filter(|fact| fact.value.ends());
        let facts: Vec<Said> = facts.cloned().collect();
        let (switches, open) = self.certain(&facts);
        Repeals {
            instrument,
            switches: after_all(switches),
            facts,
            open,
        }
    }

    /// Returns the ways in which things may have happened to an article.
    fn ways(&self, facts: &[Said], repeals: &Repeals<'_>) -> Vec<Switches> {
        let (mut switches, mut open) = self.certain(facts);
        open.extend(&repeals.open);
        if open.is_empty() {
            switches.extend(repeals.switches.iter().cloned());
            return vec![switches];
        }
        let choose = |counts: &dyn Fn(Position) -> bool| {
            let mut switches = self.choosing(facts, counts);
            switches.extend(after_all(self.choosing(&repeals.facts, counts)));
            switches
        };
        if open.len() > MOST_OPEN {
            let each = choose(&|position| !self.book.is_annulment(position)).into_iter();
            let each = each.filter(|switch| matches!(switch.change, Change::Set(_)));
            return each
                .map(|switch| vec![switch])
                .chain([Vec::new()])
                .collect();
        }
        let numbers: BTreeMap<Position, usize> = open.iter().copied().zip(0..).collect();
        let ways = (0..1_u32 << numbers.len()).map(|bits| {
            choose(&|position| numbers.get(&position).is_some_and(|n| bits >> n & 1 == 1))
        });
        ways.collect()
    }
}

/// The repeal of an instrument ends its articles, whatever else happens to them that day: no act
/// has so high an order.
fn after_all(mut switches: Switches) -> Switches {
    for switch in &mut switches {
        let is_repeal = matches!(switch.change, Change::Set(_));
        switch.order += if is_repeal { AFTER_ALL } else { 0 };
    }
    switches
}
