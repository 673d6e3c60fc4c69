//! Who holds a right, and why (rules 15 to 18).
//!
//! Stratum (rule 27): rights; reads questions, recorded acts, law, accounts, losses and endings.

mod money;

use crate::answers::losses::{DuesGround, DuesTurn};
use crate::answers::question::{Asked, GoverningDays, Question};
use crate::answers::roll::Standing;
use crate::answers::view::{Parties, View};
use crate::dues::case::Cause;
use crate::entry::norm::{Effect, Support};
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{ArticleRef, BodyId, ClassId};
use crate::law::condition::Circumstances;
use crate::law::taking::Taking;
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::truth::Truth;
use std::collections::BTreeSet;

/// A question answered in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Whether the right is held.
    pub verdict: Truth,
    /// Why.
    pub grounds: Grounds,
    /// When that changes by itself; none where it does not.
    pub expiry: Option<Expiry>,
}

/// Why an answer is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grounds {
    /// The entries about the party that it follows from, ascending.
    pub entries: Vec<Position>,
    /// The article versions it follows from, by article and place of the norm.
    pub articles: Vec<ArticleGround>,
    /// The classes the party may have; none where it may have none.
    pub classes: Vec<Option<ClassId>>,
    /// How the least known norm is known; none where no norm bears on the answer.
    pub weakest: Option<Support>,
    /// What is not known and would decide.
    pub missing: Vec<String>,
    /// What dues policies do to the right, and those that end the membership.
    pub dues: Vec<DuesGround>,
}

/// An article version an answer follows from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleGround {
    /// The article.
    pub article: ArticleRef,
    /// How it is cited.
    pub citation: String,
    /// The entry of the version.
    pub position: Position,
    /// What it does to the right.
    pub effect: Effect,
    /// The body in which; none is every body.
    pub body: Option<BodyId>,
    /// Whether it does so for other classes than the party's.
    pub for_others: bool,
    /// How the norm is known.
    pub support: Support,
    /// Whether the version is certainly in force and its condition certainly met.
    pub certain: bool,
}

/// When an answer changes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// The first day on which it is, or may be, another.
    pub day: Day,
    /// The answer from then on.
    pub then: Truth,
    /// The entry that causes it; none for the passage of time alone.
    pub position: Option<Position>,
    /// The policy that causes it, and what happens to the account; none where no policy does.
    pub dues: Option<(ArticleRef, Cause)>,
}

/// The furthest that the passage of time alone is followed, in changes of the year.
const YEARS_AHEAD: usize = 64;

impl<P: Parties> View<'_, P> {
    /// Answers whether a party holds a right at the end of a day.
    #[must_use]
    pub fn verdict(&self, question: &Question, record: &PartyRecord, day: Day) -> Truth {
        self.verdict_of(question, record, &self.classes(record, day), day)
    }

    /// Answers for given classes.
    #[must_use]
    pub fn verdict_of(
        &self,
        question: &Question,
        record: &PartyRecord,
        standings: &[Standing],
        day: Day,
    ) -> Truth {
        self.verdict_on(question, record, standings, GoverningDays::same(day))
    }

    /// Answers for given classes under the law of a day, with what the party loses by itself on
    /// another.
    #[must_use]
    pub fn verdict_on(
        &self,
        question: &Question,
        record: &PartyRecord,
        standings: &[Standing],
        days: GoverningDays,
    ) -> Truth {
        let takings = self.takings(record, &question.right, days.losses);
        let asked = Asked {
            right: &question.right,
            body: question.body.as_ref(),
        };
        self.verdict_against(asked, record, standings, days.law, &takings)
    }

    /// Answers about a right in a body, for given classes under the law of a day, given how the
    /// party loses the right by itself.
    pub(crate) fn verdict_against(
        &self,
        Asked { right, body }: Asked<'_>,
        record: &PartyRecord,
        standings: &[Standing],
        day: Day,
        takings: &[Taking],
    ) -> Truth {
        Truth::agreed(standings.iter().map(|standing| {
            let Some(class) = standing.class else {
                return Truth::No;
            };
            if !takings.is_empty() {
                let Some(class) = self.book.class(class) else {
                    return Truth::No;
                };
                let now = self.circumstances(record, day);
                return self.law.weigh_against(right, body, class, &now, takings);
            }
            self.law
                .settled(right, body, class, day)
                .unwrap_or_else(|| {
                    let Some(class) = self.book.class(class) else {
                        return Truth::No;
                    };
                    let now = self.circumstances(record, day);
                    self.law.weigh(right, body, class, &now)
                })
        }))
    }

    /// Answers whether a party holds a right at the end of a day, why, and until when.
    #[must_use]
    pub fn answer(&self, question: &Question, record: &PartyRecord, day: Day) -> Answered {
        let standings = self.classes(record, day);
        let verdict = self.verdict_of(question, record, &standings, day);
        Answered {
            verdict,
            grounds: self.grounds_of(question, record, &standings, verdict, day),
            expiry: self.expiry_of(question, record, verdict, day),
        }
    }

    /// Returns why an answer is what it is.
    #[must_use]
    pub fn grounds(&self, question: &Question, record: &PartyRecord, day: Day) -> Grounds {
        let standings = self.classes(record, day);
        let verdict = self.verdict_of(question, record, &standings, day);
        self.grounds_of(question, record, &standings, verdict, day)
    }

    /// Returns why the verdict for given classes is what it is.
    fn grounds_of(
        &self,
        question: &Question,
        record: &PartyRecord,
        standings: &[Standing],
        verdict: Truth,
        day: Day,
    ) -> Grounds {
        let mut entries: BTreeSet<Position> = standings
            .iter()
            .filter_map(|standing| standing.position)
            .collect();
        entries.extend(
            self.applications(record, day)
                .into_iter()
                .flatten()
                .map(|(_, position)| position),
        );
        entries.extend(
            record
                .registration(self.known_at)
                .filter(|_| entries.is_empty())
                .map(|fact| fact.position),
        );
        if day < self.birth(record).latest {
            let slot = Slot::Predecessors(question.party.clone());
            let successions = self.book.known(&slot, self.known_at);
            entries.extend(successions.map(|fact| fact.position));
        }
        let classes: BTreeSet<Option<ClassId>> = standings
            .iter()
            .map(|standing| {
                standing
                    .class
                    .and_then(|class| self.book.class(class))
                    .cloned()
            })
            .collect();
        let now = self.circumstances(record, day);
        let mut grounds = Grounds {
            entries: entries.into_iter().collect(),
            ..Grounds::default()
        };
        self.article_grounds(question, &classes, verdict, &now, &mut grounds);
        self.dues_part(question, record, day, &mut grounds);
        let bearing = grounds
            .articles
            .iter()
            .filter(|article| !article.for_others);
        grounds.weakest = bearing.map(|article| article.support).max();
        if verdict == Truth::Unknown {
            let missing = self.missing(question, &classes, &grounds, record, day);
            grounds.missing.splice(0..0, missing);
        } else {
            grounds.missing.clear();
        }
        grounds.classes = classes.into_iter().collect();
        grounds
    }

    /// Adds the norms that move the right for the party's classes; and, where the right is not held
    /// for certain, those that give it to others, so that a refusal names the rule it falls short
    /// of.
    fn article_grounds(
        &self,
        question: &Question,
        classes: &BTreeSet<Option<ClassId>>,
        verdict: Truth,
        now: &Circumstances,
        grounds: &mut Grounds,
    ) {
        let in_body = |body: &BodyId| question.body.as_ref().is_none_or(|asked| asked == body);
        for article in self.law.articles() {
            let versions: Vec<_> = article.versions(now.day).collect();
            let sure = versions.len() == 1;
            for (version, position) in versions.into_iter().flatten() {
                for norm in &version.norms {
                    let Some((effect, rule)) = Effect::of(&norm.rule) else {
                        continue;
                    };
                    let applies = now.judge(&norm.condition);
                    let bears =
                        rule.right == question.right && rule.body.as_ref().is_none_or(in_body);
                    let own = classes
                        .iter()
                        .flatten()
                        .any(|class| rule.classes.contains(class));
                    let instructive = effect == Effect::Confers && verdict != Truth::Yes;
                    if !bears || applies == Truth::No || !(own || instructive) {
                        continue;
                    }
                    let ground = ArticleGround {
                        article: article.article.clone(),
                        citation: version.citation.clone(),
                        position,
                        effect,
                        body: rule.body.clone(),
                        for_others: !own,
                        support: norm.support,
                        certain: sure && applies == Truth::Yes && norm.support != Support::Unknown,
                    };
                    if !grounds.articles.contains(&ground) {
                        grounds.articles.push(ground);
                    }
                }
            }
        }
    }

    fn missing(
        &self,
        question: &Question,
        classes: &BTreeSet<Option<ClassId>>,
        grounds: &Grounds,
        record: &PartyRecord,
        day: Day,
    ) -> Vec<String> {
        let mut missing = Vec::new();
        if classes.len() > 1 {
            let line = self.class_line(record);
            let steps = line.iter().flat_map(crate::time::timeline::Timeline::steps);
            let open = steps.filter(|step| step.window.earliest <= day && day < step.window.latest);
            missing.extend(open.map(|step| {
                format!(
                    "the day within {} on which entry {} took effect",
                    step.window, step.position
                )
            }));
        }
        let bearing = grounds
            .articles
            .iter()
            .filter(|article| !article.for_others);
        for article in bearing.filter(|article| !article.certain) {
            missing.push(if article.support == Support::Unknown {
                format!(
                    "whether {} {} {}",
                    article.article,
                    article.effect.word(),
                    question.right
                )
            } else {
                format!(
                    "whether {} (entry {}) applied on {day}",
                    article.article, article.position
                )
            });
        }
        missing
    }

    /// Returns when an answer changes unless something is recorded: the first later day with
    /// another, and its cause.
    #[must_use]
    pub fn expiry(&self, question: &Question, record: &PartyRecord, day: Day) -> Option<Expiry> {
        let now = self.verdict(question, record, day);
        self.expiry_of(question, record, now, day)
    }

    /// Returns when the verdict of a day changes unless something is recorded.
    fn expiry_of(
        &self,
        question: &Question,
        record: &PartyRecord,
        now: Truth,
        day: Day,
    ) -> Option<Expiry> {
        let line = self.class_line(record).ok()?;
        let birth = self.birth(record);
        let registered = record.registration(self.known_at)?.position;
        let by_time = self.law.is_conditional(&question.right);
        let mut years = 0;
        let mut after = day;
        loop {
            let year = Day::first_of_year(after.year() + 1);
            let turn = (by_time && years < YEARS_AHEAD && year > after).then_some((year, None));
            let born = [birth.earliest, birth.latest]
                .into_iter()
                .filter(|day| *day > after);
            let next = [
                line.next_change(after),
                self.law.next_change(&question.right, after),
                born.min().map(|day| (day, registered)),
            ]
            .into_iter()
            .flatten()
            .map(|(day, position)| (day, Some(position)))
            .chain(turn)
            .min_by_key(|(day, position)| (*day, position.is_none()));
            let dues = self.next_dues_turn(question, record, after);
            let dues = dues.filter(|(day, _)| next.is_none_or(|next| *day <= next.0));
            let (turn, position, dues) = match (dues, next) {
                (Some((day, DuesTurn::Entry(position))), _) => (day, Some(position), None),
                (Some((day, DuesTurn::Policy(article, cause))), next) => {
                    let position = next.filter(|next| next.0 == day).and_then(|next| next.1);
                    (day, position, Some((article, cause)))
                }
                (None, Some((day, position))) => (day, position, None),
                (None, None) => return None,
            };
            years += usize::from(position.is_none() && dues.is_none());
            let then = self.verdict(question, record, turn);
            if then != now {
                return Some(Expiry {
                    day: turn,
                    then,
                    position,
                    dues,
                });
            }
            after = turn;
        }
    }

    /// Returns how an answer changes over the days from `first` to `last`, both included: each
    /// stretch with its first day.
    #[must_use]
    pub fn right_history(
        &self,
        question: &Question,
        record: &PartyRecord,
        first: Day,
        last: Day,
    ) -> Vec<(Day, Truth)> {
        let mut now = (first, self.verdict(question, record, first));
        let mut history = vec![now];
        while let Some(expiry) = self
            .expiry_of(question, record, now.1, now.0)
            .filter(|expiry| expiry.day <= last)
        {
            now = (expiry.day, expiry.then);
            history.push(now);
        }
        history
    }
}
