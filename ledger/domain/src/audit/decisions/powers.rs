//! Findings on who decided: the power of a body, its own or handed to it (rule 19).

use crate::answers::competence::Route;
use crate::answers::session::DecisionFacts;
use crate::answers::view::{Parties, View};
use crate::audit::{Audit, AuditedSession, Code, Finding, Severity};
use crate::entry::event::Outcome;
use crate::entry::norm::ask::Power;
use crate::id::position::Position;
use crate::id::{ArticleRef, BodyId, FunctionId, InstrumentId};
use crate::law::in_force::InForce;
use crate::stop::{Stop, Stopped};
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::collections::{BTreeMap, BTreeSet};

/// What findings on one cause are gathered by, and what they touch.
type Causes = BTreeMap<(Severity, String), (Vec<Position>, Vec<ArticleRef>)>;

/// A decision's function judged: how its competence fails, why, and under which articles.
struct Failed {
    severity: Severity,
    why: String,
    articles: Vec<ArticleRef>,
}

/// Findings on the competence of a session's body for what it adopted. A rejected motion needs no
/// power.
pub(super) fn competence<P: Parties>(
    view: &View<'_, P>,
    session: &AuditedSession,
    decisions: &[&DecisionFacts],
    stop: Stop<'_>,
    found: &mut Vec<Finding>,
) -> Result<(), Stopped> {
    let frame = &session.frame;
    let series = &frame.facts.session.series;
    let mut causes = Causes::new();
    let mut within: BTreeMap<Position, Vec<Failed>> = BTreeMap::new();
    let adopted = decisions
        .iter()
        .filter(|decision| decision.decision.outcome == Outcome::Adopted);
    for decision in adopted {
        if decision.decision.functions.is_empty() {
            let why = format!(
                "{series} decided what no recorded function covers; its power is not tested"
            );
            let cause = causes.entry((Severity::Note, why)).or_default();
            cause.0.push(decision.position);
        }
        for function in &decision.decision.functions {
            stop.check()?;
            let Some(failed) = judged(view, session, function) else {
                continue;
            };
            if failed.severity == Severity::Note {
                within.entry(decision.position).or_default().push(failed);
                continue;
            }
            let why = format!("{series} decided {function}{}", failed.why);
            let cause = causes.entry((failed.severity, why)).or_default();
            cause.0.push(decision.position);
            cause.1.extend(failed.articles);
        }
    }
    for (position, notes) in within {
        let whys: BTreeSet<String> = notes.iter().map(|note| note.why.clone()).collect();
        let whys: Vec<String> = whys.into_iter().collect();
        let why = format!(
            "{series} acted within functions of a body below it: {}; no article keeps them to that body alone",
            whys.join(", ")
        );
        let cause = causes.entry((Severity::Note, why)).or_default();
        cause.0.push(position);
        cause
            .1
            .extend(notes.into_iter().flat_map(|note| note.articles));
    }
    for ((severity, message), (entries, articles)) in causes {
        let window = frame.facts.opening;
        let finding = Finding::new(Code::Competence, severity, window, entries, message);
        found.push(finding.under(articles).of_session(&frame.facts.session));
    }
    Ok(())
}

/// Returns how the competence for a function fails; none if a route is open.
fn judged<P: Parties>(
    view: &View<'_, P>,
    session: &AuditedSession,
    function: &FunctionId,
) -> Option<Failed> {
    let frame = &session.frame;
    let series = &frame.facts.session.series;
    let routes = view.competence(series, function, frame.law_day, view.law);
    if routes.iter().any(|route| route.open == Truth::Yes) {
        return None;
    }
    let norms = view.law.in_force(frame.law_day);
    if delegates(&norms, series, function) {
        return None;
    }
    let owners = owners::<P>(&norms, series, function);
    let mut articles: Vec<ArticleRef> = routes.iter().map(|route| route.article.clone()).collect();
    articles.extend(owners.iter().map(|(_, article)| (*article).clone()));
    let given = told(&owners);
    // An act that would open a route may have been done and be told nowhere.
    if routes.iter().any(|route| route.but_for_act != Truth::No) {
        let why = format!("{given}: {}", tried(&routes));
        return Some(Failed {
            severity: Severity::Unproven,
            why,
            articles,
        });
    }
    if let Some((body, article)) = below(&norms, series, function) {
        return Some(Failed {
            severity: Severity::Note,
            why: format!("{function}, of {body} by {article}"),
            articles: vec![article.clone()],
        });
    }
    if owners.is_empty() && routes.is_empty() {
        return Some(Failed {
            severity: Severity::Unproven,
            why: ": no article on record gives that to any body".to_owned(),
            articles,
        });
    }
    let tried = if routes.is_empty() {
        "no article gives it to the body or lets it be delegated".to_owned()
    } else {
        tried(&routes)
    };
    Some(Failed {
        severity: Severity::Irregular,
        why: format!("{given}: {tried}"),
        articles,
    })
}

/// Returns whether a function is to hand over another, as an article lets the body do.
fn delegates(norms: &[InForce<'_>], series: &BodyId, function: &FunctionId) -> bool {
    let Some(other) = function.as_str().strip_prefix("delegate-") else {
        return false;
    };
    norms.iter().any(|norm| {
        norm.norm.rule.delegation().is_some_and(|rule| {
            let mut listed = rule.functions.iter();
            let meant = rule.functions.is_empty() || listed.any(|listed| listed.as_str() == other);
            norm.certain == Truth::Yes && rule.from == *series && meant
        })
    })
}

/// Returns the other bodies that have a function, each with the article that gives it.
fn owners<'a, P: Parties>(
    norms: &[InForce<'a>],
    series: &BodyId,
    function: &FunctionId,
) -> Vec<(&'a BodyId, &'a ArticleRef)> {
    let bodies = norms.iter().flat_map(|norm| {
        let bodies: Vec<&BodyId> = match norm.norm.rule.power() {
            Some(Power::Functions(rule)) if rule.functions.contains(function) => vec![&rule.body],
            Some(Power::Class(rule)) if View::<P>::admits(&rule.class, function) => {
                rule.admitted_by.iter().collect()
            }
            Some(Power::Functions(_) | Power::Class(_) | Power::Delegation(_)) | None => Vec::new(),
        };
        bodies.into_iter().map(|body| (body, norm.article))
    });
    bodies.filter(|(body, _)| *body != series).collect()
}

fn told(owners: &[(&BodyId, &ArticleRef)]) -> String {
    if owners.is_empty() {
        return String::new();
    }
    let owners: Vec<String> = owners
        .iter()
        .map(|(body, article)| format!("{body} by {article}"))
        .collect();
    format!(", a function of {}", owners.join(" and "))
}

fn tried(routes: &[Route]) -> String {
    let tried = routes.iter().map(|route| {
        let kind = if route.delegated {
            "delegation"
        } else {
            "own power"
        };
        format!("{kind} by {} lacks {}", route.article, route.missing)
    });
    tried.collect::<Vec<_>>().join("; ")
}

/// Returns the body below this one whose function it is, where no provision keeps it to that one
/// (rule 19).
fn below<'a>(
    norms: &[InForce<'a>],
    series: &BodyId,
    function: &FunctionId,
) -> Option<(&'a BodyId, &'a ArticleRef)> {
    let hands_to = |body: &BodyId| {
        norms.iter().any(|norm| {
            let rule = norm.norm.rule.delegation();
            rule.is_some_and(|rule| rule.from == *series && rule.to == *body)
        })
    };
    norms.iter().find_map(|norm| {
        if let Some(rule) = norm.norm.rule.functions()
            && !rule.exclusive
            && rule.functions.contains(function)
        {
            hands_to(&rule.body).then_some((&rule.body, norm.article))
        } else {
            None
        }
    })
}

impl<P: Parties> Audit<'_, P> {
    /// An amendment of which no source says who made it.
    pub(in crate::audit) fn made_by_nobody(
        &self,
        instrument: &InstrumentId,
        window: Window,
        entries: Vec<Position>,
        found: &mut Vec<Finding>,
    ) {
        let mut message =
            format!("no source says which body amended {instrument} on {window}, and by which act");
        let norms = self.view.law.in_force(window.earliest);
        let function = FunctionId::new(&format!("amend-{instrument}")).ok();
        let owners = function.map(|function| {
            let nobody = BodyId::least();
            owners::<P>(&norms, &nobody, &function)
        });
        let owners = owners.unwrap_or_default();
        if !owners.is_empty() {
            let given = told(&owners);
            message = format!("{message}; that is{}", given.trim_start_matches(','));
        }
        let finding = Finding::new(
            Code::Competence,
            Severity::Unproven,
            window,
            entries,
            message,
        );
        found.push(finding.under(owners.into_iter().map(|(_, article)| article.clone())));
    }
}
