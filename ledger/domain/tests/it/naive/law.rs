//! The law of the model: a right is worked out in every world that the record allows.

use super::model::{Naive, Number, Slot, Value};
use standing_domain::entry::event::Event;
use standing_domain::entry::norm::{Condition, Norm, Rule, Support};
use standing_domain::id::position::Position;
use standing_domain::id::{ArticleRef, SessionId};
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};

/// A right asked about, of a class, with what is known of the party: its region, or that it is not
/// known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    pub right: String,
    /// None: in any body.
    pub body: Option<String>,
    pub class: String,
    pub region: Option<String>,
}

/// The bodies there are; the last stands for every body that no norm names.
pub const BODIES: [&str; 3] = ["general-assembly", "working-committee", "secretariat"];

/// What the record leaves open on a day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open {
    /// For each article, the entries whose version may be in force.
    versions: Vec<BTreeSet<Option<Position>>>,
    /// Whether the year may be one without an assembly.
    without: BTreeSet<bool>,
}

impl Open {
    /// What either leaves open.
    pub fn or(self, other: Self) -> Self {
        // Every article is in both, if only with no version.
        let both = self.versions.into_iter().zip(other.versions);
        Self {
            versions: both
                .map(|(a, b)| a.into_iter().chain(b).collect())
                .collect(),
            without: self.without.into_iter().chain(other.without).collect(),
        }
    }
}

/// Remembers what was worked out already.
pub type Memo = BTreeMap<(Open, Asked), Truth>;

impl Naive {
    /// What the record leaves open on a day; none if there is too much to enumerate.
    pub fn open(&self, day: Number, known_at: Position, sessions: &[SessionId]) -> Option<Open> {
        let articles = self
            .slots(known_at)
            .into_iter()
            .filter_map(|slot| match slot {
                Slot::Article(article) => Some(article),
                _ => None,
            });
        let versions = |article: ArticleRef| {
            let values = self.values(&Slot::Article(article), day, known_at)?;
            let version = |value: Option<(Position, Value)>| match value {
                Some((position, Value::Version)) => Some(position),
                _ => None,
            };
            Some(values.into_iter().map(version).collect())
        };
        Some(Open {
            versions: articles.map(versions).collect::<Option<_>>()?,
            without: self.year_without(year(day), known_at, sessions),
        })
    }

    /// Whether no assembly is held in a year: every way the days of the sessions may fall (rule
    /// 20).
    fn year_without(
        &self,
        year_of: i16,
        known_at: Position,
        sessions: &[SessionId],
    ) -> BTreeSet<bool> {
        let mut without = BTreeSet::from([true]);
        for session in sessions {
            let days = self.session(session, known_at);
            let held: BTreeSet<bool> = days
                .iter()
                .map(|(open, close)| year(*open) <= year_of && year_of <= year(*close))
                .collect();
            if held.is_empty() {
                continue;
            }
            without = without
                .iter()
                .flat_map(|so_far| held.iter().map(move |held| *so_far && !held))
                .collect();
        }
        without
    }

    /// Whether a class holds a right, in every world.
    pub fn right(&self, open: &Open, asked: &Asked, memo: &mut Memo) -> Truth {
        let key = (open.clone(), asked.clone());
        if let Some(known) = memo.get(&key) {
            return *known;
        }
        let mut answers = BTreeSet::new();
        for versions in choices(&open.versions) {
            let norms: Vec<&Norm> = versions
                .iter()
                .flatten()
                .flat_map(|p| self.norms(*p))
                .collect();
            let unknown = norms
                .iter()
                .filter(|n| n.support == Support::Unknown)
                .count();
            for without in &open.without {
                for inland in [false, true] {
                    let region = asked.region.as_deref();
                    if region.is_some_and(|region| (region == "inland") != inland) {
                        continue;
                    }
                    for bits in 0..1_u32 << unknown {
                        answers.insert(held(&norms, asked, *without, inland, bits));
                    }
                }
            }
        }
        let truth = agreed(&answers);
        memo.insert(key, truth);
        truth
    }

    fn norms(&self, position: Position) -> &[Norm] {
        match &self.entries[position.nth_from(Position::FIRST).unwrap()].event {
            Some(Event::ArticleEnacted(enacted)) => &enacted.norms,
            _ => &[],
        }
    }
}

/// What all worlds agree on.
pub fn agreed(answers: &BTreeSet<bool>) -> Truth {
    match (answers.contains(&true), answers.contains(&false)) {
        (true, true) => Truth::Unknown,
        (true, false) => Truth::Yes,
        _ => Truth::No,
    }
}

fn year(day: Number) -> i16 {
    Day::try_from(day).unwrap().year()
}

fn choices(versions: &[BTreeSet<Option<Position>>]) -> Vec<Vec<Option<Position>>> {
    let mut all = vec![Vec::new()];
    for article in versions {
        all = all
            .iter()
            .flat_map(|so_far| {
                article.iter().map(move |version| {
                    let mut longer = so_far.clone();
                    longer.push(*version);
                    longer
                })
            })
            .collect();
    }
    all
}

/// Whether a right is held in one world: these norms in force, of those not known the ones that
/// `bits` picks.
fn held(norms: &[&Norm], asked: &Asked, without: bool, inland: bool, bits: u32) -> bool {
    let bodies: Vec<&str> = match &asked.body {
        Some(body) => vec![body],
        None => BODIES.to_vec(),
    };
    bodies.iter().any(|body| {
        let (mut confers, mut withholds, mut suspends, mut permits) = (false, false, false, false);
        let mut unknown = 0;
        for norm in norms {
            let mut applies = judge(&norm.condition, without, inland);
            if norm.support == Support::Unknown {
                applies &= bits >> unknown & 1 == 1;
                unknown += 1;
            }
            let (effect, rule) = match &norm.rule {
                Rule::Confer(rule) => (&mut confers, rule),
                Rule::Withhold(rule) => (&mut withholds, rule),
                Rule::Suspend(rule) => (&mut suspends, rule),
                Rule::Permit(rule) => (&mut permits, rule),
                _ => continue,
            };
            *effect |= applies
                && rule.right.as_str() == asked.right
                && rule
                    .classes
                    .iter()
                    .any(|class| class.as_str() == asked.class)
                && rule.body.as_ref().is_none_or(|of| of.as_str() == *body);
        }
        confers && !withholds && (!suspends || permits)
    })
}

fn judge(condition: &Condition, without: bool, inland: bool) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| judge(part, without, inland)),
        Condition::Any(parts) => parts.iter().any(|part| judge(part, without, inland)),
        Condition::Not(part) => !judge(part, without, inland),
        Condition::YearWithoutSession(_) => without,
        _ => inland,
    }
}
