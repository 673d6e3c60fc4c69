//! The law as known at a position: the timelines of all articles, and the rights that follow from them, laid out over
//! days once so that a question is a search in a short row.

mod article_line;
mod facts;
mod worlds;

pub use facts::LawFacts;

use crate::book::Book;
use crate::condition::Circumstances;
use crate::day::Day;
use crate::event::{Event, Position};
use crate::id::{ArticleRef, BodyId, ClassId, RightId, Word};
use crate::norm::{Condition, Norm, RightRule, Rule};
use crate::party::ClassIx;
use crate::stop::{Stop, Stopped};
use crate::timeline::Timeline;
use crate::truth::Truth;
use data_encoding::HEXLOWER;
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

/// The law as known at a position.
#[derive(Debug)]
pub struct LawView {
    articles: Vec<ArticleLine>,
    tables: IndexMap<RightId, RightTables, FxBuildHasher>,
    bodies: BTreeSet<BodyId>,
    digests: Vec<(Day, String)>,
    policies: bool,
    endings: bool,
    /// The version of the rule semantics.
    pub rules_version: u32,
}

/// An article with its timeline.
#[derive(Debug)]
pub struct ArticleLine {
    /// The article.
    pub article: ArticleRef,
    /// Its versions.
    pub line: Timeline<Arc<Event>>,
}

/// A right, in any body and in each that a norm names.
#[derive(Debug, Default)]
struct RightTables {
    /// In any body.
    any: RightTable,
    /// In a body that no norm names.
    other: RightTable,
    /// In each body that a norm names.
    bodies: Vec<(BodyId, RightTable)>,
}

/// For each class, by number, the days from which its answer for a right is another. Empty where a condition on the
/// party or the year bears on it: such answers are worked out when asked for.
#[derive(Debug, Default)]
struct RightTable {
    conditional: bool,
    classes: Vec<Vec<(Day, Truth)>>,
}

/// What a norm does to a right, as a bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Effect {
    /// Gives it.
    Confers = 1,
    /// Keeps it back.
    Withholds = 2,
    /// Takes it for a time.
    Suspends = 4,
    /// Gives back what is suspended.
    Permits = 8,
}

impl Effect {
    /// Returns what a rule does to a right, and which right.
    #[must_use]
    pub fn of(rule: &Rule) -> Option<(Self, &RightRule)> {
        match rule {
            Rule::Confer(right) => Some((Self::Confers, right)),
            Rule::Withhold(right) => Some((Self::Withholds, right)),
            Rule::Suspend(right) => Some((Self::Suspends, right)),
            Rule::Permit(right) => Some((Self::Permits, right)),
            _ => None,
        }
    }
}

impl LawView {
    /// Lays out the law as known at a position, without the entries that `without` names (rule 22).
    #[must_use]
    pub fn new(book: &Book, known_at: Position, without: &dyn Fn(Position) -> bool) -> Self {
        let Ok(view) = Self::lay_with(LawFacts::of(book, known_at, without), &|| {
            Ok::<(), Infallible>(())
        });
        view
    }

    /// Lays out law. It needs no more than the facts, so no lock of a running ledger is held meanwhile.
    ///
    /// # Errors
    /// The stop test says that nobody waits for it any more.
    pub fn lay(facts: LawFacts, stop: Stop) -> Result<Self, Stopped> {
        Self::lay_with(facts, &|| stop.check())
    }

    fn lay_with<E>(facts: LawFacts, check: &dyn Fn() -> Result<(), E>) -> Result<Self, E> {
        let mut articles = Vec::with_capacity(facts.articles.len());
        for (article, switches) in facts.articles {
            check()?;
            if let Ok(line) = Timeline::lay(switches)
                && !line.steps().is_empty()
            {
                articles.push(ArticleLine { article, line });
            }
        }
        let mut view = Self {
            bodies: facts.bodies,
            digests: Vec::new(),
            policies: false,
            endings: false,
            tables: IndexMap::default(),
            rules_version: facts.rules_version,
            articles,
        };
        let norms = || view.articles.iter().flat_map(ArticleLine::norms);
        let policies = norms().any(|norm| matches!(norm.rule, Rule::Dues(_)));
        let endings = norms().any(ends_memberships);
        (view.policies, view.endings) = (policies, endings);
        view.digests = view.lay_digests();
        let classes: Vec<&ClassId> = facts.classes.iter().collect();
        let nothing = Book::default();
        for right in facts.rights {
            check()?;
            let tables = view.lay_right(&nothing, 0, &right, &classes);
            view.tables.insert(right, tables);
        }
        Ok(view)
    }

    /// Returns every article that was ever in force, in order.
    #[must_use]
    pub fn articles(&self) -> &[ArticleLine] {
        &self.articles
    }

    /// Returns whether a right is in the vocabulary.
    #[must_use]
    pub fn knows_right(&self, right: &RightId) -> bool {
        self.tables.contains_key(right)
    }

    /// Returns whether a word is a right of the vocabulary.
    #[must_use]
    pub fn knows_right_word(&self, right: &str) -> bool {
        self.tables.contains_key(right)
    }

    /// Returns whether a word is a body of the vocabulary.
    #[must_use]
    pub fn knows_body(&self, body: &str) -> bool {
        self.bodies.contains(body)
    }

    /// Returns the bodies of the vocabulary, in order of their words.
    pub fn bodies(&self) -> impl Iterator<Item = &BodyId> {
        self.bodies.iter()
    }

    /// Returns the names of the readings of a policy each, for every policy that any article ever carried.
    #[must_use]
    pub fn readings(&self) -> Vec<Vec<&Word>> {
        let norms = self.articles.iter().flat_map(ArticleLine::norms);
        let policies = norms.filter_map(|norm| match &norm.rule {
            Rule::Dues(policy) => Some(policy),
            _ => None,
        });
        policies
            .map(|policy| {
                policy
                    .readings
                    .iter()
                    .map(|reading| &reading.name)
                    .collect()
            })
            .collect()
    }

    /// Returns whether any article ever carried a dues policy.
    #[must_use]
    pub fn has_policies(&self) -> bool {
        self.policies
    }

    /// Returns whether any article ever carried a dues policy under a condition.
    #[must_use]
    pub fn has_conditional_policies(&self) -> bool {
        let mut norms = self.articles.iter().flat_map(ArticleLine::norms);
        norms
            .any(|norm| matches!(norm.rule, Rule::Dues(_)) && norm.condition != Condition::always())
    }

    /// Returns whether any article ever carried a policy that ends memberships.
    #[must_use]
    pub fn ends_memberships(&self) -> bool {
        self.endings
    }

    /// Returns the days on which the policies in force may be others than the day before.
    #[must_use]
    pub fn policy_bounds(&self) -> BTreeSet<Day> {
        self.bounds(ArticleLine::concerns_dues)
    }

    /// Returns the days on which the law in force may be another than the day before.
    #[must_use]
    pub fn change_days(&self) -> BTreeSet<Day> {
        self.digests.iter().map(|(day, _)| *day).collect()
    }

    /// Returns whether this law moves rights as another does, for every party on whose class no window, session or money bears.
    /// `sessions` says whether sessions differ, on which conditions may hang.
    #[must_use]
    pub fn moves_as(&self, other: &Self, sessions: bool) -> bool {
        let moving = |law: &'_ Self| -> Vec<usize> {
            let numbered = law.articles.iter().enumerate();
            let moving = numbered.filter(|(_, article)| {
                let moves = |norm: &Norm| Effect::of(&norm.rule).is_some();
                article.concerns_dues() || article.norms().any(moves)
            });
            moving.map(|(place, _)| place).collect()
        };
        let (own, others) = (moving(self), moving(other));
        let same = own.len() == others.len()
            && own.iter().zip(&others).all(|(own, other_place)| {
                let (a, b) = (&self.articles[*own], &other.articles[*other_place]);
                a.article == b.article && a.line == b.line
            });
        same && self.rules_version == other.rules_version
            && self.bodies == other.bodies
            && self.tables.keys().eq(other.tables.keys())
            && !(sessions && self.has_conditional_rights())
    }

    /// Returns whether the law in force may be another on a day than the day before.
    #[must_use]
    pub fn changes_on(&self, day: Day) -> bool {
        self.digests
            .binary_search_by_key(&day, |(changed, _)| *changed)
            .is_ok()
    }

    /// Returns the rights of the vocabulary, in order of their words.
    pub fn rights(&self) -> impl Iterator<Item = &RightId> {
        self.tables.keys()
    }

    /// Returns the bodies that norms name for a right, in order.
    pub fn bodies_of(&self, right: &RightId) -> impl Iterator<Item = &BodyId> {
        self.tables
            .get(right)
            .into_iter()
            .flat_map(|tables| tables.bodies.iter().map(|(body, _)| body))
    }

    /// Returns the SHA-256 over the article versions that may be in force on a day, lower-case hexadecimal.
    #[must_use]
    pub fn digest(&self, day: Day) -> &str {
        let reached = self.digests.partition_point(|(from, _)| *from <= day);
        reached.checked_sub(1).map_or("", |i| &self.digests[i].1)
    }

    /// Returns whether a class holds a right on a day, if that follows from the law alone; none if it needs the
    /// circumstances.
    #[must_use]
    pub fn settled(
        &self,
        right: &str,
        body: Option<&str>,
        class: ClassIx,
        day: Day,
    ) -> Option<Truth> {
        let tables = self.tables.get(right)?;
        let table = match body {
            None => &tables.any,
            Some(body) => {
                let named = tables
                    .bodies
                    .iter()
                    .find(|(named, _)| named.as_str() == body);
                named.map_or(&tables.other, |(_, table)| table)
            }
        };
        if table.conditional {
            return None;
        }
        let Some(row) = table.classes.get(usize::from(class.0)) else {
            return Some(Truth::No);
        };
        let reached = row.partition_point(|(from, _)| *from <= day);
        Some(reached.checked_sub(1).map_or(Truth::No, |i| row[i].1))
    }

    fn named_for(&self, right: &RightId) -> BTreeSet<BodyId> {
        self.articles
            .iter()
            .flat_map(ArticleLine::norms)
            .filter_map(|norm| Effect::of(&norm.rule))
            .filter(|(_, rule)| rule.right == *right)
            .filter_map(|(_, rule)| rule.body.clone())
            .collect()
    }

    /// Days on which the law may be another than the day before, for articles that pass a test.
    fn bounds(&self, test: impl Fn(&ArticleLine) -> bool) -> BTreeSet<Day> {
        self.articles
            .iter()
            .filter(|article| test(article))
            .flat_map(|article| article.line.steps())
            .flat_map(|step| [step.window.earliest, step.window.latest])
            .collect()
    }

    /// Returns the first day after `day` on which the norms for a right, or a policy that may take it, may be others, with the
    /// entry that bounds it.
    #[must_use]
    pub fn next_change(&self, right: &RightId, day: Day) -> Option<(Day, Position)> {
        self.articles
            .iter()
            .filter(|a| {
                let moves = |norm: &Norm| {
                    Effect::of(&norm.rule).is_some_and(|(_, rule)| rule.right == *right)
                };
                a.concerns_dues() || a.norms().any(moves)
            })
            .filter_map(|article| article.line.next_change(day))
            .min()
    }

    /// Returns whether a condition bears on a right, so that the passage of time or the party alone moves it.
    #[must_use]
    pub fn is_conditional(&self, right: &RightId) -> bool {
        match self.tables.get(right) {
            Some(tables) => tables.any.conditional,
            None => self.bears_condition(right),
        }
    }

    fn bears_condition(&self, right: &RightId) -> bool {
        let mut norms = self.articles.iter().flat_map(ArticleLine::norms);
        norms.any(|norm| {
            norm.condition != Condition::always()
                && Effect::of(&norm.rule).is_some_and(|(_, rule)| rule.right == *right)
        })
    }

    /// Returns whether any right hangs on a condition.
    pub(crate) fn has_conditional_rights(&self) -> bool {
        self.rights().any(|right| self.is_conditional(right))
    }

    fn lay_right(
        &self,
        book: &Book,
        known_at: Position,
        right: &RightId,
        classes: &[&ClassId],
    ) -> RightTables {
        let conditional = self.bears_condition(right);
        let bounds = self.bounds(|a| {
            a.norms()
                .any(|n| Effect::of(&n.rule).is_some_and(|(_, rule)| rule.right == *right))
        });
        let table = |body: Option<&BodyId>, in_any: bool| {
            if conditional {
                return RightTable {
                    conditional,
                    classes: Vec::new(),
                };
            }
            let rows = classes.iter().map(|class| {
                let mut row: Vec<(Day, Truth)> = Vec::new();
                for day in &bounds {
                    let now = Circumstances {
                        book,
                        known_at,
                        day: *day,
                        party: None,
                        record: None,
                    };
                    let truth = if in_any {
                        self.weigh(right, None, class, &now)
                    } else {
                        self.weigh_in(right, &[body], class, &now, &[])
                    };
                    if row.last().map_or(Truth::No, |(_, last)| *last) != truth {
                        row.push((*day, truth));
                    }
                }
                row
            });
            RightTable {
                conditional,
                classes: rows.collect(),
            }
        };
        let named = self.named_for(right);
        let bodies = named
            .iter()
            .map(|body| (body.clone(), table(Some(body), false)))
            .collect();
        RightTables {
            any: table(None, true),
            other: table(None, false),
            bodies,
        }
    }

    fn lay_digests(&self) -> Vec<(Day, String)> {
        self.bounds(|_| true)
            .into_iter()
            .map(|day| {
                let mut hash = Sha256::new();
                for article in &self.articles {
                    for version in article.versions(day).flatten() {
                        hash.update(article.article.to_string().as_bytes());
                        hash.update([0]);
                        hash.update(version.1.to_be_bytes());
                    }
                }
                (day, HEXLOWER.encode(&hash.finalize()))
            })
            .collect()
    }
}

fn ends_memberships(norm: &Norm) -> bool {
    let Rule::Dues(policy) = &norm.rule else {
        return false;
    };
    let mut tiers = policy.readings.iter().flat_map(|reading| &reading.tiers);
    tiers.any(|tier| tier.ends_membership)
}

/// Returns whether a norm moves a right in a body for a class. A norm that names no body holds in every body.
#[must_use]
pub fn bears_on(norm: &Norm, right: &RightId, body: Option<&BodyId>, class: &ClassId) -> bool {
    Effect::of(&norm.rule).is_some_and(|(_, rule)| {
        rule.right == *right
            && rule.classes.contains(class)
            && (rule.body.is_none() || rule.body.as_ref() == body)
    })
}
