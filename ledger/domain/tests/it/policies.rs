//! Articles that carry a dues policy, and the waivers under them.

use crate::support::{draft, term, window};
use standing_domain::dues::built_in::{BUILT_IN, built_in};
use standing_domain::entry::Content;
use standing_domain::entry::event::dues::Waiver;
use standing_domain::entry::event::{
    ArticleChange, ArticleEnacted, Event, PartyRegistered, TermKind,
};
use standing_domain::entry::norm::{Condition, Norm, Rule, Support};
use standing_domain::entry::policy::DuesPolicy;
use standing_domain::id::{ArticleId, ArticleRef, InstrumentId, PartyId, Word};
use standing_domain::judge::refusal::Refusal;
use standing_domain::state::State;
use standing_domain::time::when::When;

/// Every word that a built-in policy uses.
const RIGHTS: &str = "vote elect stand propose-candidates services speak participate";
const BODIES: &str = "general-assembly working-committee secretariat conference governing-body \
    committee health-assembly general-conference assembly council maritime-safety-committee \
    legal-committee marine-environment-protection-committee technical-cooperation-committee \
    facilitation-committee";

fn on(day: &str, event: Event) -> Content {
    draft(Some(event), Some(When::Window(window(day))), 0)
}

fn association() -> State {
    let mut drafts: Vec<Content> = RIGHTS
        .split_whitespace()
        .map(|word| term(TermKind::Right, word))
        .chain(
            BODIES
                .split_whitespace()
                .map(|word| term(TermKind::Body, word)),
        )
        .collect();
    drafts.push(on(
        "1996",
        Event::InstrumentAdopted {
            instrument: InstrumentId::new("charter").unwrap(),
            titles: Vec::new(),
            published: None,
        },
    ));
    let registered = Event::PartyRegistered(PartyRegistered {
        party: PartyId::new("a").unwrap(),
        kind: Word::new("region").unwrap(),
        country: None,
        region: None,
        names: Vec::new(),
        aliases: Vec::new(),
        person: None,
    });
    drafts.push(draft(Some(registered), None, 0));
    let mut state = State::default();
    state.record(&drafts).unwrap();
    state
}

fn enacted(day: &str, policies: Vec<DuesPolicy>) -> Content {
    let norm = |policy| Norm {
        support: Support::Text,
        condition: Condition::always(),
        note: String::new(),
        rule: Rule::Dues(policy),
    };
    on(
        day,
        Event::ArticleEnacted(ArticleEnacted {
            instrument: InstrumentId::new("charter").unwrap(),
            article: ArticleId::new("6").unwrap(),
            citation: String::new(),
            change: ArticleChange::Original,
            headings: Vec::new(),
            texts: Vec::new(),
            amendment: None,
            norms: policies.into_iter().map(norm).collect(),
        }),
    )
}

fn waiver(day: &str, until: Option<&str>) -> Content {
    on(
        day,
        Event::WaiverGranted(Waiver {
            party: PartyId::new("a").unwrap(),
            article: ArticleRef::new("charter/6").unwrap(),
            bodies: Vec::new(),
            ground: "beyond-control".to_owned(),
            until: until.map(|day| When::Window(window(day))),
        }),
    )
}

fn shown(refusals: &[Refusal]) -> Vec<String> {
    refusals
        .iter()
        .map(|refusal| format!("{} {}", refusal.reason.code(), refusal.message))
        .collect()
}

#[test]
fn rule_34_built_in_policies_can_be_adopted() {
    for name in BUILT_IN {
        let outcome = association().record(&[enacted("2000", vec![built_in(name).unwrap()])]);
        assert!(outcome.is_ok(), "{name}: {:?}", outcome.unwrap_err());
    }
}

#[test]
fn rule_34_a_policy_names_what_is_declared() {
    let mut policy = built_in("who-7").unwrap();
    policy.funds = vec![standing_domain::id::FundId::new("dues").unwrap()];
    let refusals = State::default()
        .record(&[enacted("2000", vec![policy])])
        .unwrap_err();
    let mut missing: Vec<_> = refusals
        .iter()
        .map(|refusal| format!("{} {}", refusal.reason.code(), refusal.subject))
        .filter(|line| !line.starts_with("UNKNOWN_INSTRUMENT"))
        .collect();
    missing.sort();
    assert_eq!(
        missing,
        [
            "UNKNOWN_BODY health-assembly",
            "UNKNOWN_FUND dues",
            "UNKNOWN_RIGHT services",
            "UNKNOWN_RIGHT vote",
        ]
    );
}

#[test]
fn rule_34_a_policy_that_contradicts_itself_is_refused_for_each_contradiction() {
    let sound = built_in("un-19").unwrap();
    let mut torn = sound.clone();
    torn.fiscal_year_begins = 13;
    torn.waiver.as_mut().unwrap().majority = Some((3, 2));
    let refusals = association()
        .record(&[enacted("2000", vec![sound, torn])])
        .unwrap_err();
    assert!(
        refusals
            .iter()
            .all(|refusal| refusal.subject == "charter/6")
    );
    assert_eq!(
        shown(&refusals),
        [
            "CONTRADICTION article charter/6: norms[1].dues.fiscal_year_begins: there is no month 13",
            "CONTRADICTION article charter/6: norms[1].dues.waiver.majority: a share is at most one",
        ]
    );
}

#[test]
fn rule_34_a_waiver_ends_where_every_version_in_force_demands_an_end() {
    let demanding = || built_in("un-19").unwrap();
    let mut state = association();
    state
        .record(&[
            enacted("2000-01-01", vec![demanding()]),
            enacted("2010", vec![built_in("fao-iii-4").unwrap()]),
        ])
        .unwrap();
    let refused = |day| {
        let mut trial = state.clone();
        let outcome = trial.record(&[waiver(day, None)]);
        outcome
            .err()
            .map_or_else(Vec::new, |refusals| shown(&refusals))
    };
    let demands = ["WAIVER_END the waiver for a has no end, and charter/6 demands one"];
    assert_eq!(refused("2005-06-01"), demands);
    // On this day of the window no amendment has happened yet; later it may have.
    assert_eq!(refused("2009-12-31"), demands);
    assert_eq!(refused("2010-01-01"), [""; 0]);
    assert_eq!(refused("2009-12-31..2010-01-01"), [""; 0]);
    assert_eq!(refused("2020-01-01"), [""; 0]);
    assert_eq!(refused("1999-12-31"), [""; 0]);
    state
        .record(&[waiver("2005-06-01", Some("2006-01-01"))])
        .unwrap();
}
