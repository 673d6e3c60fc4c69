//! What is found of acts, before it is put together: many acts may be one finding, and what is
//! found of one party is gathered for itself, so that it can be kept for as long as nothing moves
//! it.

use super::{Code, Finding, Severity};
use crate::id::position::Position;
use crate::id::{ArticleRef, ClassId, PartyId};
use crate::time::day::Day;
use crate::time::when::Window;
use std::collections::BTreeMap;

/// A finding that several parties share: what it says, and when it was.
pub(super) type Shared = BTreeMap<(Code, Severity, Window, String), Touched>;

/// What a shared finding touches.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Touched {
    pub parties: Vec<PartyId>,
    pub entries: Vec<Position>,
    pub articles: Vec<ArticleRef>,
}

/// What is found of acts, whatever the day of the question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gathered {
    /// What several acts share.
    pub(super) shared: Shared,
    /// Acts of which no source says on what they rest.
    pub(super) unsaid: Vec<Unsaid>,
    /// Uses of classes that no article establishes.
    pub(super) without: Vec<Used>,
    /// What was done to parties before the association was founded.
    pub(super) early: Vec<(PartyId, Window, Position)>,
    /// Findings of their own.
    pub(super) own: Vec<Finding>,
}

/// An act of which no source says on what it rests.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unsaid {
    /// What it did; of all that did the same there is one finding.
    pub what: String,
    pub window: Window,
    pub party: Option<PartyId>,
    pub position: Position,
    pub article: Option<ArticleRef>,
}

/// The use of a class.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Used {
    pub class: ClassId,
    pub party: PartyId,
    pub position: Position,
    pub window: Window,
}

/// What a finding on several acts touches, and over which time.
struct Over {
    window: Window,
    parties: Vec<PartyId>,
    entries: Vec<Position>,
    articles: Vec<ArticleRef>,
}

impl Over {
    fn of(window: Window) -> Self {
        Self {
            window,
            parties: Vec::new(),
            entries: Vec::new(),
            articles: Vec::new(),
        }
    }

    fn add(&mut self, window: Window, party: Option<PartyId>, position: Position) {
        self.window = Window {
            earliest: self.window.earliest.min(window.earliest),
            latest: self.window.latest.max(window.latest),
        };
        self.parties.extend(party);
        self.entries.push(position);
    }

    fn finding(self, code: Code, severity: Severity, message: String) -> Finding {
        let finding = Finding::new(code, severity, self.window, self.entries, message);
        finding.of_parties(self.parties).under(self.articles)
    }
}

impl Gathered {
    /// Returns whether nothing was found.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what was gathered elsewhere.
    pub fn join(&mut self, other: &Self) {
        for (key, touched) in &other.shared {
            let of = self.shared.entry(key.clone()).or_default();
            of.parties.extend(touched.parties.iter().cloned());
            of.entries.extend(&touched.entries);
            of.articles.extend(touched.articles.iter().cloned());
        }
        self.unsaid.extend(other.unsaid.iter().cloned());
        self.without.extend(other.without.iter().cloned());
        self.early.extend(other.early.iter().cloned());
        self.own.extend(other.own.iter().cloned());
    }

    /// Puts the findings together, of what had been done by a day; uses of classes only where the
    /// law establishes any.
    pub(super) fn findings(self, on: Day, establishes: bool) -> Vec<Finding> {
        let mut found = self.own;
        let done = |window: Window| window.earliest <= on;
        let mut unsaid: BTreeMap<String, Over> = BTreeMap::new();
        for act in self.unsaid.into_iter().filter(|act| done(act.window)) {
            let of = unsaid.entry(act.what);
            let of = of.or_insert_with(|| Over::of(act.window));
            of.add(act.window, act.party, act.position);
            of.articles.extend(act.article);
        }
        let mut without: BTreeMap<ClassId, Over> = BTreeMap::new();
        let used = self.without.into_iter();
        for used in used.filter(|used| establishes && done(used.window)) {
            let of = without.entry(used.class);
            let of = of.or_insert_with(|| Over::of(used.window));
            of.add(used.window, Some(used.party), used.position);
        }
        found.extend(without.into_iter().map(|(class, of)| {
            let message = format!("the class {class} is used and no article establishes it");
            of.finding(Code::ClassBeforeArticle, Severity::Note, message)
        }));
        found.extend(self.shared.into_iter().map(finding));
        found.extend(unsaid.into_iter().map(|(what, of)| {
            let message = format!("no source says which act {what}");
            of.finding(Code::NoAuthority, Severity::Unproven, message)
        }));
        found
    }
}

fn finding(
    ((code, severity, window, message), touched): ((Code, Severity, Window, String), Touched),
) -> Finding {
    let finding = Finding::new(code, severity, window, touched.entries, message);
    finding.of_parties(touched.parties).under(touched.articles)
}
