//! Norms weighed against each other in every way that they may come together (rules 17 and 18).
//!
//! Stratum (rule 27): law; reads recorded acts.

use super::rows::RightTables;
use super::sets::{Effects, Together, is_held};
use super::{LawView, bears_on};
use crate::entry::norm::{Condition, Effect, Norm, Support};
use crate::id::{BodyId, ClassId, RightId};
use crate::law::condition::{Assignment, Circumstances};
use crate::law::taking::{Taking, Way, is_taken};
use crate::time::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};

/// The ways the norms may come together: in each, the [`Effect`] bits on the right in every body
/// asked about.
type Worlds = BTreeSet<Vec<u8>>;

/// The most that is written out of the ways in which norms come together in several bodies at once,
/// in bytes, for one question. Past it the answer is UNDETERMINED where some body may give the
/// right and none certainly does.
const MOST_WRITTEN_OUT: usize = 1 << 17;

/// Something that stands in one of several ways, of which nobody knows in which: an article, by its
/// versions, or what takes the right.
type Factor<'a> = Vec<Part<'a>>;

/// One way in which something may stand.
enum Part<'a> {
    /// A version, with its norms that bear.
    Norms(Vec<(Effect, &'a Norm)>),
    /// A taking.
    Taken(&'a Way),
}

/// What weighing one question needs.
pub(super) struct Scale<'a> {
    now: &'a Circumstances<'a>,
    /// What is left to be written out.
    left: usize,
}

impl LawView {
    /// Works out whether a class holds a right in the circumstances. Without a body: in any.
    #[must_use]
    pub fn weigh(
        &self,
        right: &RightId,
        body: Option<&BodyId>,
        class: &ClassId,
        now: &Circumstances,
    ) -> Truth {
        self.weigh_against(right, body, class, now, &[])
    }

    /// The same with what takes the right from the party by itself.
    #[must_use]
    pub(crate) fn weigh_against(
        &self,
        right: &RightId,
        body: Option<&BodyId>,
        class: &ClassId,
        now: &Circumstances,
        takings: &[Taking],
    ) -> Truth {
        // Of a right that nobody gives nothing is held.
        self.tables.get(right).map_or(Truth::No, |tables| {
            let scale = &mut Scale::new(now, MOST_WRITTEN_OUT);
            scale.weigh_right(self, tables, (right, body, class), takings)
        })
    }
}

/// Returns whether a norm moves a right for a class in some body.
fn moves(norm: &Norm, right: &RightId, class: &ClassId) -> bool {
    Effect::of(&norm.rule)
        .is_some_and(|(_, rule)| rule.right == *right && rule.classes.contains(class))
}

impl<'a> Part<'a> {
    /// Returns the bodies that it names.
    fn bodies(&self) -> impl Iterator<Item = &'a BodyId> {
        let (norms, way): (&[(Effect, &'a Norm)], &'a [Vec<BodyId>]) = match self {
            Self::Norms(norms) => (norms, &[]),
            Self::Taken(way) => (&[], way),
        };
        let named = norms.iter().filter_map(|(_, norm)| body_of(norm));
        named.chain(way.iter().flatten())
    }
}

fn body_of(norm: &Norm) -> Option<&BodyId> {
    Effect::of(&norm.rule)?.1.body.as_ref()
}

fn is_in(norm: &Norm, body: Option<&BodyId>) -> bool {
    let of = body_of(norm);
    of.is_none() || of == body
}

impl<'n> Scale<'n> {
    /// For one question, of which so many bytes may be written out.
    pub fn new(now: &'n Circumstances<'n>, left: usize) -> Self {
        Self { now, left }
    }

    /// Returns how much may still be written out.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Weighs a right in a body, or in any, for a class, with what takes it from the party by
    /// itself.
    pub fn weigh_right(
        &mut self,
        law: &LawView,
        tables: &RightTables,
        (right, body, class): (&RightId, Option<&BodyId>, &ClassId),
        takings: &[Taking],
    ) -> Truth {
        let bears = |norm: &Norm| match body {
            Some(_) => bears_on(norm, right, body, class),
            None => moves(norm, right, class),
        };
        let mut factors: Vec<Factor> = Vec::with_capacity(tables.articles.len() + takings.len());
        for taking in takings {
            factors.push(taking.iter().map(Part::Taken).collect());
        }
        for article in tables.articles(&law.articles) {
            let versions = article.versions(self.now.day).map(|version| {
                let norms = version.into_iter().flat_map(|(version, _)| &version.norms);
                let bearing = norms.filter(|norm| bears(norm));
                bearing
                    .filter_map(|norm| Some((Effect::of(&norm.rule)?.0, norm)))
                    .collect::<Vec<_>>()
            });
            let versions: Vec<_> = versions.collect();
            if versions.iter().any(|norms| !norms.is_empty()) {
                factors.push(versions.into_iter().map(Part::Norms).collect());
            }
        }
        // What a body that nothing names gives, each of the others gives that nothing names either.
        let named: BTreeSet<&BodyId> = factors.iter().flatten().flat_map(Part::bodies).collect();
        let bodies: Vec<Option<&BodyId>> = match body {
            Some(_) => vec![body],
            None => std::iter::once(None)
                .chain(named.into_iter().map(Some))
                .collect(),
        };
        let conditions = tables.conditions(&law.articles);
        let conditions = conditions.filter(|norm| bears(norm));
        let conditions = conditions.map(|norm| &norm.condition);
        let assignments = self.now.assignments(conditions);
        let outcomes = assignments
            .iter()
            .map(|assignment| self.weigh(&factors, &bodies, assignment));
        Truth::agreed(outcomes)
    }

    /// Weighs where conditions that nobody knows have values.
    fn weigh(
        &mut self,
        factors: &[Factor],
        bodies: &[Option<&BodyId>],
        assignment: &Assignment,
    ) -> Truth {
        let mut open = Vec::new();
        let (first, others) = (bodies.first().copied().flatten(), bodies.get(1..));
        let mut together = Together::new(factors.len());
        for (place, factor) in factors.iter().enumerate() {
            together.set(place, self.factor(factor, first, assignment));
        }
        let mut truths = vec![(first, together.all().truth())];
        if let Some(others) = others.filter(|others| !others.is_empty()) {
            // Only what names a body does anything else in it than in one that nothing names.
            let mut naming: BTreeMap<&BodyId, BTreeSet<usize>> = BTreeMap::new();
            for (place, factor) in factors.iter().enumerate() {
                for body in factor.iter().flat_map(Part::bodies) {
                    naming.entry(body).or_default().insert(place);
                }
            }
            for body in others.iter().copied().flatten() {
                let places = naming.get(body).into_iter().flatten();
                for place in places.clone() {
                    let own = self.factor(&factors[*place], Some(body), assignment);
                    together.set(*place, own);
                }
                truths.push((Some(body), together.all().truth()));
                for place in places {
                    together.set(*place, self.factor(&factors[*place], None, assignment));
                }
            }
        }
        for (body, truth) in truths {
            match truth {
                Truth::Yes => return Truth::Yes,
                Truth::Unknown => open.push(body),
                Truth::No => {}
            }
        }
        match open.len() {
            0 => Truth::No,
            1 => Truth::Unknown,
            // Where one body takes what another gives, it is given all the same.
            _ => self.written_out(factors, &open, assignment),
        }
    }

    /// Returns whether a norm applies, as far as is known.
    fn applies(&self, norm: &Norm, assignment: &Assignment) -> Truth {
        let known = if norm.support == Support::Unknown {
            Truth::Unknown
        } else {
            Truth::Yes
        };
        if norm.condition == Condition::always() {
            return known;
        }
        known.and(self.now.judge_under(&norm.condition, assignment))
    }

    /// Returns what something may do in a body, whichever way it stands.
    fn factor(&self, factor: &Factor, body: Option<&BodyId>, assignment: &Assignment) -> Effects {
        let parts = factor.iter();
        let parts = parts.map(|part| self.effects(part, body, assignment));
        parts.reduce(Effects::or).unwrap_or(Effects::NOTHING)
    }

    fn effects(&self, part: &Part, body: Option<&BodyId>, assignment: &Assignment) -> Effects {
        match part {
            Part::Taken(way) if is_taken(way, body) => Effects::only(Effect::Suspends as u8),
            Part::Taken(_) => Effects::NOTHING,
            Part::Norms(norms) => {
                let bearing = norms.iter().filter(|(_, norm)| is_in(norm, body));
                bearing.fold(Effects::NOTHING, |set, (effect, norm)| {
                    match self.applies(norm, assignment) {
                        Truth::No => set,
                        applies => set.with(*effect, applies == Truth::Unknown),
                    }
                })
            }
        }
    }

    /// Writes out every way in which the norms come together in these bodies, as long as that is
    /// not too much.
    fn written_out(
        &mut self,
        factors: &[Factor],
        bodies: &[Option<&BodyId>],
        assignment: &Assignment,
    ) -> Truth {
        let nothing = Worlds::from([vec![0; bodies.len()]]);
        // What stands in one way only is the same in every world, and does not make them more.
        let mut certain = vec![0; bodies.len()];
        let mut open = Vec::new();
        for factor in factors {
            let mut worlds = Worlds::new();
            for part in factor {
                let Some(of_part) = self.worlds(part, &nothing, bodies, assignment) else {
                    return Truth::Unknown;
                };
                worlds.extend(of_part);
            }
            match (worlds.len(), worlds.first()) {
                (1, Some(only)) => {
                    let both = certain.iter_mut().zip(only);
                    both.for_each(|(all, own)| *all |= own);
                }
                _ => open.push(worlds),
            }
        }
        let mut together = Worlds::from([certain]);
        for worlds in open {
            let Some(joined) = self.joined(&together, &worlds) else {
                return Truth::Unknown;
            };
            together = joined;
        }
        let held = |world: &Vec<u8>| world.iter().any(|effects| is_held(*effects));
        Truth::agreed(together.iter().map(|world| Truth::known(held(world))))
    }

    fn worlds(
        &mut self,
        part: &Part,
        nothing: &Worlds,
        bodies: &[Option<&BodyId>],
        assignment: &Assignment,
    ) -> Option<Worlds> {
        let norms = match part {
            Part::Taken(way) => {
                let effect =
                    |body: Option<&BodyId>| u8::from(is_taken(way, body)) * Effect::Suspends as u8;
                return Some(Worlds::from([bodies.iter().copied().map(effect).collect()]));
            }
            Part::Norms(norms) => norms,
        };
        let mut set = nothing.clone();
        for (effect, norm) in norms {
            let effects = bodies
                .iter()
                .map(|body| u8::from(is_in(norm, *body)) * *effect as u8);
            let own = Worlds::from([effects.collect()]);
            match self.applies(norm, assignment) {
                Truth::Yes => set = self.joined(&set, &own)?,
                Truth::Unknown => {
                    let with = self.joined(&set, &own)?;
                    set.extend(with);
                }
                Truth::No => {}
            }
        }
        Some(set)
    }

    /// Returns every way in which ways come together; none if there are too many.
    fn joined(&mut self, a: &Worlds, b: &Worlds) -> Option<Worlds> {
        let bytes = a.iter().next().map_or(0, Vec::len);
        let written = match a.len().saturating_mul(b.len()) {
            1 => 0,
            worlds => worlds.saturating_mul(bytes),
        };
        let Some(left) = self.left.checked_sub(written) else {
            self.left = 0;
            return None;
        };
        self.left = left;
        let both = |x: &Vec<u8>, y: &Vec<u8>| x.iter().zip(y).map(|(x, y)| x | y).collect();
        let worlds = a
            .iter()
            .flat_map(|x| b.iter().map(move |y| both(x, y)))
            .collect();
        Some(worlds)
    }
}
