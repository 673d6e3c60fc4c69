//! Who decides: the routes by which a body may be competent for a function (rule 19).
//!
//! Stratum (rule 27): law; reads recorded acts.

use crate::answers::view::{Parties, View};
use crate::entry::event::Outcome;
use crate::entry::norm::ask::Power;
use crate::entry::norm::{DelegationRule, FunctionRule};
use crate::entry::slot::Slot;
use crate::id::{ArticleRef, BodyId, ClassId, DecisionId, FunctionId};
use crate::law::LawView;
use crate::law::uses::admitting;
use crate::time::day::Day;
use crate::time::truth::Truth;

/// What a delegation lacks that nobody is recorded to have made.
pub const NO_ACT: &str = "a delegating act on record";

/// A route by which a body may be competent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The function.
    pub function: FunctionId,
    /// Whether by delegation, or by the body's own power.
    pub delegated: bool,
    /// The article.
    pub article: ArticleRef,
    /// Whether it is open.
    pub open: Truth,
    /// Whether it would be open if a delegating act were recorded where one is needed.
    pub but_for_act: Truth,
    /// What is missing; empty if nothing.
    pub missing: String,
}

impl<P: Parties> View<'_, P> {
    /// Returns every route by which a body may be competent for a function on a day, own powers
    /// first, then by article. Delegation that needs an act is open only if the delegating body
    /// recorded a decision of that function's delegation up to that day; a decision that names the
    /// function and was taken by the delegating body counts as none of it.
    #[must_use]
    pub fn competence(
        &self,
        body: &BodyId,
        function: &FunctionId,
        day: Day,
        law: &LawView,
    ) -> Vec<Route> {
        let now = self.lawful(day);
        let mut routes = Vec::new();
        let in_force = "certainty that the article was in force";
        for norm in law.in_force(day) {
            let open = norm.certain;
            let condition = now.judge(&norm.norm.condition);
            let (delegated, open, but_for_act, mut missing) = match norm.norm.rule.power() {
                Some(Power::Functions(rule))
                    if rule.body == *body && rule.functions.contains(function) =>
                {
                    let open = open.and(condition);
                    (false, open, open, missing(&[(open, in_force)]))
                }
                Some(Power::Class(rule))
                    if rule.admitted_by.contains(body) && Self::admits(&rule.class, function) =>
                {
                    let open = open.and(condition);
                    (false, open, open, missing(&[(open, in_force)]))
                }
                Some(Power::Delegation(rule))
                    if rule.to == *body && Self::covers(law, rule, function, day) =>
                {
                    let act = if rule.by_act {
                        self.delegating_act(rule, function, day)
                    } else {
                        Truth::Yes
                    };
                    let missing = missing(&[
                        (open, in_force),
                        (condition, "the condition of the delegation"),
                        (act, NO_ACT),
                    ]);
                    let but_for_act = open.and(condition);
                    (true, but_for_act.and(act), but_for_act, missing)
                }
                Some(Power::Functions(_) | Power::Class(_) | Power::Delegation(_)) | None => {
                    continue;
                }
            };
            if condition == Truth::Unknown {
                missing.push_str(&norm.norm.condition.told_not_modelled());
            }
            routes.push(Route {
                function: function.clone(),
                delegated,
                article: norm.article.clone(),
                open,
                but_for_act,
                missing,
            });
        }
        routes.sort_by(|a, b| (a.delegated, &a.article).cmp(&(b.delegated, &b.article)));
        // A class an article establishes and the function to admit to it are one route.
        routes.dedup();
        routes
    }

    /// A function that admits to a class is named after it.
    pub(crate) fn admits(class: &ClassId, function: &FunctionId) -> bool {
        let names = admitting(class);
        names.iter().any(|name| name == function.as_str())
    }

    /// A delegation covers the functions it lists; one that lists none covers those of the
    /// delegating body.
    fn covers(law: &LawView, rule: &DelegationRule, function: &FunctionId, day: Day) -> bool {
        if !rule.functions.is_empty() {
            return rule.functions.contains(function);
        }
        law.articles().iter().any(|article| {
            article
                .versions(day)
                .flatten()
                .flat_map(|(version, _)| &version.norms)
                .any(|norm| {
                    let gives = |own: &FunctionRule| {
                        own.body == rule.from && own.functions.contains(function)
                    };
                    norm.rule.functions().is_some_and(gives)
                })
        })
    }

    /// A delegating act is an adopted decision of the delegating body, up to the day, that
    /// exercises the function `delegate-<function>`; one that was annulled is one until that day.
    fn delegating_act(&self, rule: &DelegationRule, function: &FunctionId, day: Day) -> Truth {
        let delegate = format!("delegate-{function}");
        let (book, known_at) = (self.book, self.known_at);
        let decisions = book
            .slots_from(&Slot::Decision(DecisionId::least()))
            .take_while(|(slot, _)| matches!(slot, Slot::Decision(_)))
            .flat_map(|(slot, _)| book.recorded(slot, known_at));
        let acts = decisions.filter_map(|fact| {
            let decision = fact.value.decision()?;
            let hands_over = decision.session.series == rule.from
                && decision.outcome == Outcome::Adopted
                && decision.functions.iter().any(|f| f.as_str() == delegate);
            let taken = hands_over && book.window(fact.at, known_at)?.latest <= day;
            // What was handed over by a decision that was annulled, or in a session that was, is so
            // until the day of the annulment.
            let session = book.convening(&decision.session, known_at);
            let entries = session.map(|session| session.position).into_iter();
            let entries = entries.chain([fact.position]);
            let over = entries.map(|entry| book.annulled_in_fact(entry, known_at).holds(day));
            taken.then(|| !over.fold(Truth::No, Truth::or))
        });
        acts.fold(Truth::No, Truth::or)
    }
}

fn missing(parts: &[(Truth, &str)]) -> String {
    let open: Vec<&str> = parts
        .iter()
        .filter(|(truth, _)| *truth != Truth::Yes)
        .map(|(_, what)| *what)
        .collect();
    open.join("; ")
}
