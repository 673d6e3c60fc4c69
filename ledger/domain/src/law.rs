//! The law as known at a position: the timelines of all articles, and the rights that follow from
//! them, laid out over days once so that a question is a search in a short row.
//!
//! Stratum (rule 27): law; reads recorded acts.

mod article_line;
pub mod condition;
pub mod facts;
pub mod in_force;
mod row;
mod rows;
mod sets;
pub(crate) mod taking;
pub mod uses;
mod worlds;

use facts::LawFacts;
use rows::RightTables;

use crate::entry::event::Event;
use crate::entry::norm::{Condition, Effect, Norm};
use crate::id::position::Position;
use crate::id::{ArticleRef, BodyId, ClassId, RightId, Word};
use crate::record::book::Book;
use crate::record::number::ClassIx;
use crate::record::without::Without;
use crate::stop::{Stop, Stopped};
use crate::time::day::Day;
use crate::time::steps::Steps;
use crate::time::timeline::Timeline;
use crate::time::truth::Truth;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

/// The law as known at a position.
#[derive(Debug)]
pub struct LawView {
    articles: Vec<ArticleLine>,
    tables: BTreeMap<RightId, RightTables>,
    /// How many classes had numbers when it was laid out.
    classes: usize,
    bodies: BTreeSet<BodyId>,
    /// The days on which the law in force may be another than the day before, ascending, each with
    /// the digest once it was asked for.
    days: Steps<OnceLock<Box<str>>>,
    policies: bool,
    conditional_policies: bool,
    endings: bool,
    /// The places of the articles that carry a dues policy in some version, or let one take rights.
    dues: Vec<usize>,
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
    /// Those it may have instead, where it is open which acts count (rules 22 and 23).
    others: Vec<Timeline<Arc<Event>>>,
    /// The steps whose values stand, with the numbers of steps after which they do, ascending.
    states: Vec<(usize, usize)>,
    /// Whether some version carries a dues policy, or lets one take rights.
    dues: bool,
}

impl LawView {
    /// Lays out the law as known at a position, without the entries that `without` names (rule 22).
    #[must_use]
    pub fn new(book: &Book, known_at: Position, without: Without<'_>) -> Self {
        Self::of(LawFacts::of(book, known_at, without))
    }

    /// Lays out law. It needs no more than the facts, so no lock of a running ledger is held
    /// meanwhile.
    #[must_use]
    pub fn of(facts: LawFacts) -> Self {
        let Ok(view) = Self::lay_with(facts, &|| Ok::<(), Infallible>(()));
        view
    }

    /// Lays out law that nobody may wait for any more.
    ///
    /// # Errors
    /// The stop test says that nobody waits for it any more.
    pub fn lay(facts: LawFacts, stop: Stop) -> Result<Self, Stopped> {
        Self::lay_with(facts, &|| stop.check())
    }

    fn lay_with<E>(facts: LawFacts, check: &dyn Fn() -> Result<(), E>) -> Result<Self, E> {
        let mut articles = Vec::with_capacity(facts.articles.len());
        for (article, ways) in facts.articles {
            check()?;
            let mut lines = ways.into_iter().map(Timeline::lay).filter_map(Result::ok);
            let Some(line) = lines.next() else { continue };
            let others: Vec<_> = lines.collect();
            if others
                .iter()
                .chain([&line])
                .any(|line| !line.steps().is_empty())
            {
                articles.push(ArticleLine::new(article, line, others));
            }
        }
        let dues = articles.iter().enumerate();
        let dues = dues.filter(|(_, article)| article.concerns_dues());
        let mut view = Self {
            dues: dues.map(|(place, _)| place).collect(),
            tables: BTreeMap::new(),
            classes: facts.classes.len(),
            bodies: facts.bodies,
            days: Steps::default(),
            policies: false,
            conditional_policies: false,
            endings: false,
            rules_version: facts.rules_version,
            articles,
        };
        let norms = || view.dues_articles().flat_map(ArticleLine::norms);
        let policies = || norms().filter(|norm| norm.rule.dues().is_some());
        let carried = policies().next().is_some();
        let conditional = policies().any(|norm| norm.condition != Condition::always());
        let endings = policies().any(ends_memberships);
        (view.policies, view.conditional_policies, view.endings) = (carried, conditional, endings);
        let days: BTreeSet<Day> = view.articles.iter().flat_map(ArticleLine::bounds).collect();
        view.days = days.into_iter().map(|day| (day, OnceLock::new())).collect();
        view.tables = rows::lay(&view, &facts.rights, &facts.classes, check)?;
        Ok(view)
    }

    fn dues_articles(&self) -> impl Iterator<Item = &ArticleLine> {
        self.dues
            .iter()
            .filter_map(|place| self.articles.get(*place))
    }

    /// Returns how much memory it takes, in steps of articles and of rows: a measure of size, some
    /// tens of bytes each.
    #[must_use]
    pub fn weight(&self) -> usize {
        let steps = self.articles.iter().map(|article| {
            article
                .lines()
                .map(|line| line.steps().len())
                .sum::<usize>()
        });
        let rows = self.tables.values().map(RightTables::weight);
        steps.sum::<usize>() + rows.sum::<usize>()
    }

    /// Returns every article that was ever in force, in order.
    #[must_use]
    pub fn articles(&self) -> &[ArticleLine] {
        &self.articles
    }

    /// Returns whether a right is in the vocabulary.
    #[must_use]
    pub fn knows_right(&self, right: &RightId) -> bool {
        self.tables.get(right).is_some_and(|tables| tables.known)
    }

    /// Returns whether a body is in the vocabulary.
    #[must_use]
    pub fn knows_body(&self, body: &BodyId) -> bool {
        self.bodies.contains(body)
    }

    /// Returns the bodies of the vocabulary, in order of their words.
    pub fn bodies(&self) -> impl Iterator<Item = &BodyId> {
        self.bodies.iter()
    }

    /// Returns the names of the readings of a policy each, for every policy that any article ever
    /// carried.
    #[must_use]
    pub fn readings(&self) -> Vec<Vec<&Word>> {
        let norms = self.dues_articles().flat_map(ArticleLine::norms);
        let policies = norms.filter_map(|norm| norm.rule.dues());
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
        self.conditional_policies
    }

    /// Returns whether any article ever carried a policy that ends memberships.
    #[must_use]
    pub fn ends_memberships(&self) -> bool {
        self.endings
    }

    /// Returns the days on which the policies in force may be others than the day before.
    #[must_use]
    pub fn policy_bounds(&self) -> BTreeSet<Day> {
        self.dues_articles().flat_map(ArticleLine::bounds).collect()
    }

    /// Returns the days on which the law in force may be another than the day before.
    #[must_use]
    pub fn change_days(&self) -> BTreeSet<Day> {
        self.days.days().collect()
    }

    /// Returns whether this law moves rights as another does, for every party on whose class no
    /// window, session or money bears. `sessions` says whether sessions differ, on which conditions
    /// may hang.
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
            && self.rights().eq(other.rights())
            && !(sessions && self.has_conditional_rights())
    }

    /// Returns whether the law in force may be another on a day than the day before.
    #[must_use]
    pub fn changes_on(&self, day: Day) -> bool {
        self.days
            .step_at(day)
            .is_some_and(|(changed, _)| *changed == day)
    }

    /// Returns the rights of the vocabulary, in order of their words.
    pub fn rights(&self) -> impl Iterator<Item = &RightId> {
        let known = self.tables.iter().filter(|(_, tables)| tables.known);
        known.map(|(right, _)| right)
    }

    /// Returns the bodies that norms name for a right, in order.
    pub fn bodies_of(&self, right: &RightId) -> impl Iterator<Item = &BodyId> {
        let tables = self.tables.get(right).filter(|tables| tables.known);
        tables.into_iter().flat_map(|tables| &tables.bodies)
    }

    /// Returns the SHA-256 over the article versions that may be in force on a day, lower-case
    /// hexadecimal.
    #[must_use]
    pub fn digest(&self, day: Day) -> &str {
        self.days.step_at(day).map_or("", |(day, digest)| {
            digest.get_or_init(|| self.digest_of(*day).into_boxed_str())
        })
    }

    fn digest_of(&self, day: Day) -> String {
        let mut hash = Sha256::new();
        for article in &self.articles {
            let mut versions = article.versions(day).flatten().peekable();
            if versions.peek().is_none() {
                continue;
            }
            let name = article.article.to_string();
            for (_, position) in versions {
                hash.update(name.as_bytes());
                hash.update([0]);
                hash.update(position.number().to_be_bytes());
            }
        }
        HEXLOWER.encode(&hash.finalize())
    }

    /// Returns whether a class holds a right on a day, if that follows from the law alone and is
    /// laid out; none if it is to be weighed.
    #[must_use]
    pub fn settled(
        &self,
        right: &RightId,
        body: Option<&BodyId>,
        class: ClassIx,
        day: Day,
    ) -> Option<Truth> {
        let tables = self.tables.get(right).filter(|tables| tables.known)?;
        // A class that has a number only since is in no row, but norms may name it.
        usize::try_from(class.0)
            .ok()
            .filter(|number| *number < self.classes)?;
        tables.settled(body, class, day)
    }

    /// Returns the first day after `day` on which the norms for a right, or a policy that may take
    /// it, may be others, with the entry that bounds it.
    #[must_use]
    pub fn next_change(&self, right: &RightId, day: Day) -> Option<(Day, Position)> {
        let moving = self.tables.get(right).into_iter();
        let moving = moving.flat_map(|tables| tables.articles(&self.articles));
        self.dues_articles()
            .chain(moving)
            .filter_map(|article| article.line.next_change(day))
            .min()
    }

    /// Returns whether a condition bears on a right, so that the passage of time or the party alone
    /// moves it.
    #[must_use]
    pub fn is_conditional(&self, right: &RightId) -> bool {
        self.tables
            .get(right)
            .is_some_and(|tables| tables.conditional)
    }

    /// Returns whether parties of a class may hold a right on a day: they may, unless the law
    /// certainly gives it to none of them.
    #[must_use]
    pub fn may_hold(
        &self,
        right: &RightId,
        body: Option<&BodyId>,
        class: ClassIx,
        day: Day,
    ) -> bool {
        self.settled(right, body, class, day) != Some(Truth::No)
    }

    /// Returns whether rights may hang on which sessions were held: by a condition, or by a policy
    /// that counts in sessions.
    #[must_use]
    pub fn hangs_on_sessions(&self) -> bool {
        let counts = |norm: &Norm| {
            let policy = norm.rule.dues();
            policy.is_some_and(|policy| !policy.series().is_empty())
        };
        let mut articles = self.articles.iter();
        self.has_conditional_policies()
            || self.has_conditional_rights()
            || articles.any(|article| article.norms().any(counts))
    }

    /// Returns whether any right hangs on a condition.
    pub(crate) fn has_conditional_rights(&self) -> bool {
        self.rights().any(|right| self.is_conditional(right))
    }
}

fn ends_memberships(norm: &Norm) -> bool {
    let Some(policy) = norm.rule.dues() else {
        return false;
    };
    let mut tiers = policy.readings.iter().flat_map(|reading| &reading.tiers);
    tiers.any(|tier| tier.ends_membership)
}

/// Returns whether a norm moves a right in a body for a class. A norm that names no body holds in
/// every body.
#[must_use]
pub fn bears_on(norm: &Norm, right: &RightId, body: Option<&BodyId>, class: &ClassId) -> bool {
    Effect::of(&norm.rule).is_some_and(|(_, rule)| {
        rule.right == *right
            && rule.classes.contains(class)
            && (rule.body.is_none() || rule.body.as_ref() == body)
    })
}
