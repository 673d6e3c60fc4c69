//! By which norm an office came to a holder, and whose deputy holds an office that nobody is
//! recorded in.

use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::event::Holder;
use standing_domain::entry::norm::OfficeRule;
use standing_domain::id::{BodyId, OfficeId, PartyId, SessionId};
use standing_domain::time::when::Window;
use standing_proto::v1;

/// Writes the norm that provided for an office when a term in it began.
pub(crate) fn write<P: Parties>(
    view: &View<'_, P>,
    office: &OfficeId,
    holder: Option<&Holder>,
    start: Window,
    wire: &mut v1::OfficeTerm,
) {
    for norm in view.law.in_force(start.latest) {
        let Some(rule) = norm.norm.rule.office() else {
            continue;
        };
        if rule.office == *office {
            wire.article = norm.article.to_string();
            wire.support = v1::Support::from(norm.norm.support).into();
            wire.by = by(view, rule, holder, start);
        }
    }
}

fn by<P: Parties>(
    view: &View<'_, P>,
    rule: &OfficeRule,
    holder: Option<&Holder>,
    start: Window,
) -> String {
    let party = match holder {
        Some(Holder::Party(party)) => Some(party),
        _ => None,
    };
    let held = rule.held_by_host_of.as_ref();
    let hosted = held.zip(party);
    let hosted = hosted.and_then(|(series, party)| hosted_next(view, series, party, start));
    if let Some(session) = hosted {
        return format!("ex officio: host of {session}");
    }
    // On the day on which the rule changed a term may have begun by the old one.
    let ended = rule.term_ends_at_close_of.as_ref().zip(party);
    let hosted = ended.and_then(|(series, party)| hosted_last(view, series, party, start));
    if let Some(session) = hosted {
        return format!("host of {session}, at whose close the term began");
    }
    if let Some(series) = held {
        return format!("ex officio: host of the next session of {series}");
    }
    match (&rule.elected_by, &rule.appointed_by) {
        (Some(body), _) => format!("elected by {body}"),
        (None, Some(office)) => format!("appointed by the {office}"),
        (None, None) => String::new(),
    }
}

/// Returns the first session of a series that opens after a day, if a party hosts it.
fn hosted_next<P: Parties>(
    view: &View<'_, P>,
    series: &BodyId,
    party: &PartyId,
    start: Window,
) -> Option<SessionId> {
    let sessions = view.book.sessions(Some(series));
    let facts = sessions.filter_map(|session| view.session_facts(session));
    let later = facts.filter(|facts| facts.opening.earliest > start.latest && !facts.cancelled);
    let next = later.min_by_key(|facts| facts.opening)?;
    (next.host.as_ref() == Some(party)).then_some(next.session)
}

/// Returns the session of a series at whose close a term began, if the party hosted it.
fn hosted_last<P: Parties>(
    view: &View<'_, P>,
    series: &BodyId,
    party: &PartyId,
    start: Window,
) -> Option<SessionId> {
    let sessions = view.book.sessions(Some(series));
    let mut facts = sessions.filter_map(|session| view.session_facts(session));
    let last = facts.find(|facts| facts.closing == start && facts.host.as_ref() == Some(party))?;
    Some(last.session)
}

/// Returns the office whose holder's deputy holds an office by law, and since when the law says so.
pub(crate) fn deputy_of<P: Parties>(
    view: &View<'_, P>,
    office: &OfficeId,
) -> Option<(OfficeId, Window, v1::OfficeTerm)> {
    for article in view.law.articles() {
        for step in article.line.steps() {
            let versions = article.versions(step.window.latest).flatten();
            for norm in versions.flat_map(|(version, _)| &version.norms) {
                let Some(rule) = norm.rule.convening() else {
                    continue;
                };
                if rule.chaired_by.as_ref() != Some(office) {
                    continue;
                }
                if let Some(of) = &rule.deputy_of {
                    let wire = v1::OfficeTerm {
                        article: article.article.to_string(),
                        support: v1::Support::from(norm.support).into(),
                        by: format!("the deputy of the {of} chairs {}", rule.body),
                        deputy: true,
                        ..v1::OfficeTerm::default()
                    };
                    return Some((of.clone(), step.window, wire));
                }
            }
        }
    }
    None
}
