//! Rights laid out over days (rule 17): for every class that norms name, the days from which the
//! answer is another.
//!
//! Classes that the same norms name share their rows. A norm counts from the first to the last day
//! on which its version may be in force, so laying out takes the logarithm of what is laid out;
//! what would take more is weighed when it is asked for.
//!
//! Stratum (rule 27): law; reads recorded acts.

use super::row::{Row, Turn, row};
use super::sets::Effects;
use super::worlds::Scale;
use super::{ArticleLine, LawView};
use crate::entry::norm::{Condition, Effect, Norm, Support};
use crate::id::position::Position;
use crate::id::{BodyId, ClassId, RightId};
use crate::law::condition::Circumstances;
use crate::record::book::Book;
use crate::record::number::ClassIx;
use crate::record::without::NOTHING;
use crate::time::day::Day;
use crate::time::timeline::Change;
use crate::time::truth::Truth;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// The most that is laid out of all rights, in steps on the way. Of the rest every answer is
/// weighed when it is asked for.
const MOST_STEPS: usize = 1 << 21;
/// The most articles that are weighed while laying out, for answers about any body where the norms
/// in several hang together.
const MOST_WEIGHED: usize = 1 << 13;

/// A right: who is concerned, and its rows.
#[derive(Debug, Default)]
pub(super) struct RightTables {
    /// Whether the right is in the vocabulary.
    pub known: bool,
    /// Whether a condition on the party or the year bears on it: such answers are worked out when
    /// asked for.
    pub conditional: bool,
    /// The articles that carry, in some version, a norm for it: their places.
    pub articles: Vec<usize>,
    /// The norms under a condition: place of the article, of the timeline and its step, and of the
    /// norm.
    conditional_norms: Vec<(usize, (usize, usize), usize)>,
    /// Whether it is open for some article which acts count: such answers are worked out when asked
    /// for.
    open: bool,
    /// The bodies that norms name, in order.
    pub bodies: Vec<BodyId>,
    /// The rows of a class, by its number, ascending. Of a class that is not here nothing is held.
    classes: Vec<(ClassIx, usize)>,
    rows: Vec<Rows>,
    /// Whether there are rows.
    laid: bool,
}

/// The rows of classes that the same norms name.
#[derive(Debug, Default)]
struct Rows {
    /// In any body.
    any: Row,
    /// In a body that no norm names for these classes.
    other: Row,
    /// In each body that a norm names for these classes, by its place.
    bodies: Vec<(usize, Row)>,
}

/// The rows of classes by their numbers, and the rows.
type Laid = (Vec<(ClassIx, usize)>, Vec<Rows>);

/// A norm for a right in a version of an article.
struct Mention {
    article: usize,
    step: usize,
    effect: Effect,
    perhaps: bool,
    /// The body by its place; none is every body.
    body: Option<usize>,
    /// The set of classes by its number.
    classes: usize,
}

/// All norms for a right.
#[derive(Default)]
struct Gathered<'a> {
    tables: RightTables,
    mentions: Vec<(Mention, Option<&'a BodyId>)>,
}

/// What is left of the work that laying out may take.
pub(super) struct Work {
    steps: usize,
    weighed: usize,
    written_out: usize,
}

impl Work {
    pub fn new() -> Self {
        Self {
            steps: MOST_STEPS,
            weighed: MOST_WEIGHED,
            written_out: 1 << 20,
        }
    }

    /// Takes so many steps, if that many are left.
    fn take(&mut self, steps: usize) -> bool {
        let left = self.steps.checked_sub(steps);
        self.steps = left.unwrap_or(0);
        left.is_some()
    }
}

impl RightTables {
    /// Returns the articles that carry a norm for the right in some version.
    pub fn articles<'a>(
        &'a self,
        articles: &'a [ArticleLine],
    ) -> impl Iterator<Item = &'a ArticleLine> {
        self.articles
            .iter()
            .filter_map(|place| articles.get(*place))
    }

    /// Returns the norms for the right that stand under a condition.
    pub fn conditions<'a>(&'a self, articles: &'a [ArticleLine]) -> impl Iterator<Item = &'a Norm> {
        let places = self.conditional_norms.iter();
        places.filter_map(|(article, (line, step), norm)| {
            let line = articles.get(*article)?.lines().nth(*line)?;
            match &line.steps().get(*step)?.change {
                Change::Set(event) => event.enacted()?.norms.get(*norm),
                Change::Undo(_) => None,
            }
        })
    }

    /// Returns the answer for a class on a day, if it is laid out.
    pub fn settled(&self, body: Option<&BodyId>, class: ClassIx, day: Day) -> Option<Truth> {
        if self.conditional || !self.laid {
            return None;
        }
        let Ok(place) = self.classes.binary_search_by_key(&class, |(of, _)| *of) else {
            return Some(Truth::No);
        };
        let rows = self.rows.get(self.classes[place].1)?;
        let row = match body {
            None => &rows.any,
            Some(body) => {
                let named = self.bodies.binary_search(body);
                let own = named.ok().and_then(|named| {
                    let place = rows.bodies.binary_search_by_key(&named, |(of, _)| *of);
                    place.ok().map(|place| &rows.bodies[place].1)
                });
                own.unwrap_or(&rows.other)
            }
        };
        row.at(day).copied().unwrap_or(Some(Truth::No))
    }

    /// Returns how much memory the rows take, in steps.
    pub fn weight(&self) -> usize {
        let rows = self.rows.iter().map(|rows| {
            let bodies = rows.bodies.iter().map(|(_, row)| row.count());
            rows.any.count() + rows.other.count() + bodies.sum::<usize>()
        });
        self.classes.len() + rows.sum::<usize>()
    }
}

/// Sets of classes that norms name, each once.
#[derive(Default)]
struct Sets<'a> {
    numbers: FxHashMap<&'a [ClassId], usize>,
    sets: Vec<&'a [ClassId]>,
}

impl<'a> Sets<'a> {
    fn number(&mut self, classes: &'a [ClassId]) -> usize {
        *self.numbers.entry(classes).or_insert_with(|| {
            self.sets.push(classes);
            self.sets.len() - 1
        })
    }
}

/// Gathers the norms of all articles by the rights they move, and lays the rights out.
pub(super) fn lay<E>(
    view: &LawView,
    rights: &[RightId],
    classes: &[ClassId],
    check: &dyn Fn() -> Result<(), E>,
) -> Result<BTreeMap<RightId, RightTables>, E> {
    let mut sets = Sets::default();
    let mut gathered: BTreeMap<&RightId, Gathered> = BTreeMap::new();
    for right in rights {
        gathered.entry(right).or_default().tables.known = true;
    }
    for (article, line) in view.articles.iter().enumerate() {
        if article % 64 == 0 {
            check()?;
        }
        for (step, version) in line.enacted() {
            for (place, norm) in version.norms.iter().enumerate() {
                let Some((effect, rule)) = Effect::of(&norm.rule) else {
                    continue;
                };
                let of = gathered.entry(&rule.right).or_default();
                if of.tables.articles.last() != Some(&article) {
                    of.tables.articles.push(article);
                }
                if norm.condition != Condition::always() {
                    of.tables.conditional = true;
                    of.tables.conditional_norms.push((article, step, place));
                }
                of.tables.open |= line.is_open();
                let mention = Mention {
                    article,
                    step: step.1,
                    effect,
                    perhaps: norm.support == Support::Unknown,
                    body: None,
                    classes: sets.number(&rule.classes),
                };
                of.mentions.push((mention, rule.body.as_ref()));
            }
        }
    }
    let numbers: FxHashMap<&ClassId, u32> = classes.iter().zip(0..).collect();
    let numbered = |set: &&[ClassId]| {
        let numbers = set.iter().filter_map(|class| numbers.get(class));
        let numbers: BTreeSet<ClassIx> = numbers.map(|number| ClassIx(*number)).collect();
        numbers.into_iter().collect::<Vec<_>>()
    };
    let sets: Vec<Vec<ClassIx>> = sets.sets.iter().map(numbered).collect();
    let mut work = Work::new();
    let mut all = BTreeMap::new();
    for (right, gathered) in gathered {
        check()?;
        let Gathered {
            mut tables,
            mentions,
        } = gathered;
        let bodies: BTreeSet<&BodyId> = mentions.iter().filter_map(|(_, body)| *body).collect();
        tables.bodies = bodies.into_iter().cloned().collect();
        if !tables.conditional && !tables.open {
            let place = |body: &BodyId| tables.bodies.binary_search(body).ok();
            let placed = mentions.into_iter().map(|(mention, body)| Mention {
                body: body.and_then(place),
                ..mention
            });
            let mentions: Vec<Mention> = placed.collect();
            let laying = Laying {
                view,
                right,
                tables: &tables,
                mentions: &mentions,
                classes,
            };
            if let Some((classes, rows)) = laying.lay(&sets, &mut work) {
                (tables.classes, tables.rows, tables.laid) = (classes, rows, true);
            }
        }
        all.insert(right.clone(), tables);
    }
    Ok(all)
}

/// One right that is being laid out.
struct Laying<'a> {
    view: &'a LawView,
    right: &'a RightId,
    tables: &'a RightTables,
    mentions: &'a [Mention],
    classes: &'a [ClassId],
}

impl Laying<'_> {
    /// Lays out the rows, and says which class has which; none if that is too much.
    fn lay(&self, sets: &[Vec<ClassIx>], work: &mut Work) -> Option<Laid> {
        let used: BTreeSet<usize> = self.mentions.iter().map(|m| m.classes).collect();
        let named: usize = used.iter().map(|set| sets[*set].len()).sum();
        work.take(named).then_some(())?;
        // Which sets each class stands in, and the kinds of classes that come of it.
        let mut standing: BTreeMap<ClassIx, Vec<usize>> = BTreeMap::new();
        for set in &used {
            for class in &sets[*set] {
                standing.entry(*class).or_default().push(*set);
            }
        }
        let mut kinds: FxHashMap<Vec<usize>, usize> = FxHashMap::default();
        let mut members: Vec<ClassIx> = Vec::new();
        let mut of_set: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut classes = Vec::with_capacity(standing.len());
        for (class, stands) in standing {
            let next = members.len();
            let kind = *kinds.entry(stands).or_insert_with_key(|stands| {
                for set in stands {
                    of_set.entry(*set).or_default().push(next);
                }
                next
            });
            if kind == next {
                members.push(class);
            }
            classes.push((class, kind));
        }
        let naming =
            |mention: &Mention| of_set.get(&mention.classes).map_or(&[][..], Vec::as_slice);
        let all = self.mentions.iter().map(|mention| naming(mention).len());
        work.take(all.sum()).then_some(())?;
        let mut of_kind: Vec<Vec<usize>> = vec![Vec::new(); members.len()];
        for (place, mention) in self.mentions.iter().enumerate() {
            for kind in naming(mention) {
                of_kind[*kind].push(place);
            }
        }
        let kinds = members.iter().zip(&of_kind);
        let rows = kinds.map(|(class, mentions)| {
            let class = self.classes.get(usize::try_from(class.0).ok()?)?;
            self.rows(class, mentions, work)
        });
        let rows = rows.collect::<Option<Vec<_>>>()?;
        Some((classes, rows))
    }

    /// Lays out the rows of classes that these norms name.
    fn rows(&self, class: &ClassId, mentions: &[usize], work: &mut Work) -> Option<Rows> {
        // What names no body counts in each.
        let mut in_all: Vec<usize> = Vec::new();
        let mut own: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for place in mentions {
            match self.mentions[*place].body {
                None => in_all.push(*place),
                Some(body) => own.entry(body).or_default().push(*place),
            }
        }
        let bodies = own.into_iter().map(|(body, own)| (Some(body), own));
        let slots = std::iter::once((None, Vec::new())).chain(bodies);
        let mut days: BTreeSet<Day> = BTreeSet::new();
        let mut rows = Rows::default();
        for (slot, mut bearing) in slots {
            bearing.extend(&in_all);
            bearing.sort_unstable();
            let turns = self.turns(&bearing, work)?;
            days.extend(turns.iter().map(|turn| turn.day));
            let row = row(turns);
            match slot {
                None => rows.other = row,
                Some(body) => rows.bodies.push((body, row)),
            }
        }
        rows.any = self.any(class, &rows, &days, work);
        Some(rows)
    }

    /// Returns what comes and goes by norms, article by article.
    fn turns(&self, mentions: &[usize], work: &mut Work) -> Option<Vec<Turn>> {
        let mut turns = Vec::new();
        let by_article =
            mentions.chunk_by(|a, b| self.mentions[*a].article == self.mentions[*b].article);
        for (place, mentions) in by_article.enumerate() {
            let line = &self.view.articles[self.mentions[*mentions.first()?].article];
            let by_step =
                mentions.chunk_by(|a, b| self.mentions[*a].step == self.mentions[*b].step);
            let mut states: Vec<(usize, Effects)> = Vec::new();
            for mentions in by_step {
                let of = mentions.iter().map(|place| &self.mentions[*place]);
                let effects = of.fold(Effects::NOTHING, |set, mention| {
                    set.with(mention.effect, mention.perhaps)
                });
                let step = self.mentions[*mentions.first()?].step;
                states.extend(line.states_of(step).map(|state| (state, effects)));
            }
            states.sort_unstable_by_key(|(state, _)| *state);
            work.take(mentions.len() + 4 * states.len() + 2)
                .then_some(())?;
            // Between them nothing happens to the right.
            let mut next = 0;
            let mut stretch = |first: usize, last: usize, effects: Effects| {
                let (from, until) = (line.line.state_from(first), line.line.state_until(last));
                if until.is_none_or(|until| from < until) {
                    turns.push(Turn {
                        day: from,
                        article: place,
                        comes: true,
                        effects,
                    });
                    turns.extend(until.map(|day| Turn {
                        day,
                        article: place,
                        comes: false,
                        effects,
                    }));
                }
            };
            for (state, effects) in states {
                if next < state {
                    stretch(next, state - 1, Effects::NOTHING);
                }
                stretch(state, state, effects);
                next = state + 1;
            }
            if next <= line.line.steps().len() {
                stretch(next, line.line.steps().len(), Effects::NOTHING);
            }
        }
        Some(turns)
    }

    /// Lays out the row for any body. Where it may be held in several bodies and certainly is in
    /// none, it hangs on how they hang together, which is weighed, as long as there is not too much
    /// of it.
    fn any(&self, class: &ClassId, rows: &Rows, days: &BTreeSet<Day>, work: &mut Work) -> Row {
        let all = std::iter::once(&rows.other).chain(rows.bodies.iter().map(|(_, row)| row));
        let mut turns: Vec<(Day, Truth, Truth)> = Vec::new();
        for row in all {
            let mut before = Truth::No;
            for (day, truth) in row.iter() {
                let truth = truth.unwrap_or(Truth::Unknown);
                turns.push((*day, before, truth));
                before = truth;
            }
        }
        turns.sort_by_key(|(day, ..)| *day);
        let (mut held, mut open) = (0_usize, 0_usize);
        let mut row = Row::default();
        let mut turns = turns.into_iter().peekable();
        for day in days {
            while let Some((_, before, after)) = turns.next_if(|(of, ..)| of <= day) {
                for (truth, count) in [(Truth::Yes, &mut held), (Truth::Unknown, &mut open)] {
                    *count = (*count + usize::from(after == truth))
                        .saturating_sub(usize::from(before == truth));
                }
            }
            let truth = match (held, open) {
                (0, 0) => Some(Truth::No),
                (0, 1) => Some(Truth::Unknown),
                (0, _) => self.weighed(class, *day, work),
                _ => Some(Truth::Yes),
            };
            let last = row.last().copied().unwrap_or(Some(Truth::No));
            if last != truth {
                row.push(*day, truth);
            }
        }
        row
    }

    fn weighed(&self, class: &ClassId, day: Day, work: &mut Work) -> Option<Truth> {
        work.weighed = work.weighed.checked_sub(self.tables.articles.len())?;
        // No condition bears on the right, so nothing of the book does.
        let nothing = Book::default();
        let now = Circumstances {
            book: &nothing,
            known_at: Position::ZERO,
            day,
            party: None,
            record: None,
            without: NOTHING,
        };
        let scale = &mut Scale::new(&now, work.written_out);
        let question = (self.right, None, class);
        let truth = scale.weigh_right(self.view, self.tables, question, &[]);
        work.written_out = scale.left();
        Some(truth)
    }
}
