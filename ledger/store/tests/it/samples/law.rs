//! Events of the law, with every variant of norms and conditions.

use crate::samples::policy;
use crate::samples::{day, id, ids, names};
use standing_domain::entry::event::{ArticleChange, ArticleEnacted, ArticleText, Event};
use standing_domain::entry::norm::ground::SuspensionGround;
use standing_domain::entry::norm::{
    ClassRule, Condition, ConveningRule, CountedOf, DelegationRule, DutyRule, FunctionRule, Norm,
    OfficeRule, Passing, RightRule, RotationOrder, RotationRule, Rule, SessionRule, Support,
    SuspensionRule, ThresholdRule,
};
use standing_domain::entry::policy::Comparator;

/// Makes events of every kind of the law.
pub fn events() -> Vec<Event> {
    let instrument = || id("charter");
    let mut events = vec![
        Event::InstrumentAdopted {
            instrument: instrument(),
            titles: names(),
            published: Some(day("1996-09-12")),
        },
        Event::InstrumentAmended {
            instrument: instrument(),
            ordinal: 11,
            published: Some(day("2024-09-25")),
        },
        Event::InstrumentRepealed {
            instrument: instrument(),
        },
    ];
    events.extend(enacted(&norms()));
    events.push(Event::ArticleRepealed {
        instrument: instrument(),
        article: id("9-2"),
    });
    events
}

/// Makes articles enacted with norms, of every change.
fn enacted(norms: &[Norm]) -> [Event; 3] {
    let changes = [
        ArticleChange::Original,
        ArticleChange::Added,
        ArticleChange::Amended,
    ];
    changes.map(|change| {
        Event::ArticleEnacted(ArticleEnacted {
            instrument: id("charter"),
            article: id("9-2"),
            citation: "9-2(1)".to_owned(),
            change,
            headings: names(),
            texts: vec![ArticleText {
                language: id("en"),
                text: "Delegation".to_owned(),
                summary: true,
            }],
            norms: norms.to_vec(),
        })
    })
}

/// Makes the articles that version 1 of the payload is pinned with. They never change.
pub fn enacted_v1() -> [Event; 3] {
    enacted(&norms_v1())
}

/// Makes norms of every kind: those that version 1 knew, and those that version 2 added.
fn norms() -> Vec<Norm> {
    let convening = |office: Option<&str>| {
        let office = || office.map(id);
        Rule::Convening(ConveningRule {
            body: id("working-committee"),
            convened_by: office(),
            chaired_by: office(),
            deputy_of: office(),
        })
    };
    let rotation = |order| {
        Rule::Rotation(RotationRule {
            office: id("chair"),
            classes: ids(&["full", "associate"]),
            order,
        })
    };
    let rules = [
        convening(None),
        convening(Some("chair")),
        Rule::Succession(vec![
            Passing::Membership,
            Passing::Offices,
            Passing::Accounts,
            Passing::Seats,
        ]),
        rotation(RotationOrder::Listed(ids(&["kr-ulsan", "jp-toyama"]))),
        rotation(RotationOrder::Alphabetical(id("en"))),
        Rule::VoteOnAdmission(id("general-assembly")),
        Rule::Duty(DutyRule {
            duty: id("report"),
            every_years: u32::MAX,
        }),
    ];
    let policies = policy::policies().into_iter().map(Rule::Dues);
    let added = rules.into_iter().chain(policies).map(|rule| Norm {
        support: Support::Text,
        condition: Condition::Not(Box::new(Condition::ParentSuspended(id("un")))),
        note: String::new(),
        rule,
    });
    norms_v1().into_iter().chain(added).collect()
}

fn norms_v1() -> Vec<Norm> {
    let body = || id("working-committee");
    let right = || RightRule {
        right: id("vote"),
        body: Some(body()),
        classes: ids(&["full"]),
    };
    let threshold = |comparator, counted_of| ThresholdRule {
        body: body(),
        functions: ids(&["admit"]),
        numerator: 2,
        denominator: 3,
        comparator,
        counted_of,
    };
    let condition = Condition::All(vec![
        Condition::Any(vec![
            Condition::YearWithoutSession(id("general-assembly")),
            Condition::PartyKind(ids(&["regional-government"])),
        ]),
        Condition::Not(Box::new(Condition::PartyCountry(ids(&["cn", "jp"])))),
        Condition::PartyRegion(ids(&["north-east-asia"])),
    ]);
    let rules = [
        Rule::Confer(right()),
        Rule::Withhold(right()),
        Rule::Suspend(right()),
        Rule::Permit(right()),
        Rule::Class(ClassRule {
            class: id("full"),
            admitted_by: vec![body()],
            eligibility: Some(condition.clone()),
        }),
        Rule::Office(OfficeRule {
            office: id("chair"),
            seats: ids(&["first"]),
            elected_by: Some(body()),
            held_by_host_of: Some(body()),
            term_ends_at_close_of: Some(body()),
            term_years: 2,
            appointed_by: Some(id("secretary-general")),
            acting: "the host of the last session".to_owned(),
        }),
        Rule::Functions(FunctionRule {
            body: body(),
            functions: ids(&["admit"]),
            exclusive: true,
        }),
        Rule::Delegation(DelegationRule {
            from: id("general-assembly"),
            to: body(),
            functions: ids(&["admit"]),
            by_act: true,
        }),
        Rule::Quorum(threshold(Comparator::MoreThan, CountedOf::Entitled)),
        Rule::Majority(threshold(Comparator::AtLeast, CountedOf::Present)),
        Rule::WrittenPresence(body()),
        Rule::Sessions(SessionRule {
            body: body(),
            series: body(),
            every_years: 2,
            year_before: Some(id("general-assembly")),
        }),
        Rule::Suspension(SuspensionRule {
            rights: ids(&["vote"]),
            ground: SuspensionGround::Instrument(id("fee-regulation")),
            by_decision: true,
        }),
    ];
    let supports = [
        Support::Text,
        Support::Attested,
        Support::Presumed,
        Support::Unknown,
    ];
    let supports = supports.into_iter().cycle();
    let norms = rules.into_iter().zip(supports).map(|(rule, support)| Norm {
        support,
        condition: condition.clone(),
        note: "as read".to_owned(),
        rule,
    });
    norms.collect()
}

/// Makes an article whose one condition is negated `depth` times.
pub fn nested(depth: usize) -> Event {
    let mut condition = Condition::always();
    for _ in 0..depth {
        condition = Condition::Not(Box::new(condition));
    }
    let norm = Norm {
        support: Support::Text,
        condition,
        note: String::new(),
        rule: Rule::WrittenPresence(id("general-assembly")),
    };
    Event::ArticleEnacted(ArticleEnacted {
        instrument: id("charter"),
        article: id("1"),
        citation: String::new(),
        change: ArticleChange::Original,
        headings: vec![],
        texts: vec![],
        norms: vec![norm],
    })
}
