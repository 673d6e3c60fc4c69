//! Random histories: twelve days over the turn of a year, few parties, classes, articles and
//! sessions.

use crate::support::{correcting, draft, norm, term};
use proptest::prelude::*;
use standing_domain::entry::Content;
use standing_domain::entry::event::{
    ArticleChange, ArticleEnacted, EndGround, Event, PartyRegistered, TermKind,
};
use standing_domain::entry::norm::{Condition, Norm, Passing, RightRule, Rule, Support};
use standing_domain::id::position::Position;
use standing_domain::id::{
    ArticleId, BodyId, ClassId, InstrumentId, OfficeId, PartyId, RightId, SessionId, Word,
};
use standing_domain::state::State;
use standing_domain::time::day::Day;
use standing_domain::time::when::{Edge, When, Window};

/// How many days there are.
pub const DAYS: i32 = 12;
pub const PARTIES: [&str; 3] = ["cn-a", "jp-b", "kr-c"];
pub const CLASSES: [&str; 2] = ["full", "observer"];
pub const RIGHTS: [&str; 2] = ["vote", "elect"];

/// The first of the days: 27 December 2019.
pub fn first_day() -> i32 {
    Day::parse("2019-12-27").unwrap().into()
}

pub fn day(n: i32) -> Day {
    Day::try_from(first_day() + n).unwrap()
}

pub fn session(n: u8) -> SessionId {
    SessionId::new(&format!("general-assembly/{}", n % 2 + 1)).unwrap()
}

/// The region of a party; of the last it is not known.
pub fn region(party: &str) -> Option<String> {
    match party {
        "cn-a" => Some("inland".to_owned()),
        "jp-b" => Some("coast".to_owned()),
        _ => None,
    }
}

/// A draft, still to be turned into one when it is known what is recorded before it.
#[derive(Debug, Clone)]
pub enum Step {
    /// Records something.
    Record(Event, When, u16),
    /// Records an entry again with another window: which of those that say something.
    Correct(u8, When, u16),
    /// Puts another event in the place of an entry.
    Replace(u8, Event, When),
    /// Withdraws an entry.
    Withdraw(u8),
    /// Annuls an entry, from the start or from a day.
    Annul(u8, Option<When>, u16),
}

fn window() -> impl Strategy<Value = When> {
    let length = prop_oneof![5 => Just(0), 3 => 1..=3, 1 => Just(5)];
    (0..DAYS, length).prop_map(|(start, length)| {
        let last = (start + length).min(DAYS - 1);
        When::Window(Window::new(day(start), day(last)).unwrap())
    })
}

/// A day, a window, or the edge of a session.
pub fn when() -> impl Strategy<Value = When> {
    let edge = prop_oneof![Just(Edge::Opening), Just(Edge::Close)];
    let anchor = (0..2_u8, edge).prop_map(|(n, edge)| When::Anchor {
        session: session(n),
        edge,
    });
    prop_oneof![5 => window(), 1 => anchor]
}

fn party() -> impl Strategy<Value = PartyId> {
    prop::sample::select(&PARTIES[..]).prop_map(|id| PartyId::new(id).unwrap())
}

fn class() -> impl Strategy<Value = ClassId> {
    prop::sample::select(&CLASSES[..]).prop_map(|id| ClassId::new(id).unwrap())
}

fn membership() -> BoxedStrategy<Event> {
    prop_oneof![
        5 => (party(), class(), any::<bool>()).prop_map(|(party, class, founder)| {
            Event::MemberAdmitted { party, class, founder }
        }),
        2 => party().prop_map(|party| Event::MembershipEnded {
            party,
            ground: EndGround::Withdrawal,
        }),
        1 => (party(), party(), any::<bool>())
            .prop_filter("two parties", |(from, to, _)| from != to)
            .prop_map(|(from, to, passing)| Event::PartySucceeded {
                from,
                to,
                passes: if passing { vec![Passing::Membership] } else { vec![] },
                class: None,
            }),
        2 => (party(), class())
            .prop_map(|(party, class)| Event::ApplicationFiled { party, class }),
        1 => party().prop_map(|party| Event::ApplicationWithdrawn { party }),
    ]
    .boxed()
}

fn office() -> BoxedStrategy<Event> {
    let office = || OfficeId::new("chair").unwrap();
    prop_oneof![
        3 => party().prop_map(move |to| Event::ChairRotated { office: office(), to, ordinal: 1 }),
        1 => Just(Event::OfficeVacated { office: office(), seat: None, reason: String::new() }),
    ]
    .boxed()
}

fn meeting() -> BoxedStrategy<Event> {
    let closing = || prop::option::of(window());
    prop_oneof![
        4 => (0..2_u8, closing()).prop_map(|(n, closing)| Event::SessionConvened {
            session: session(n),
            closing,
            venue: String::new(),
            host: None,
            online: false,
        }),
        2 => (0..2_u8, closing())
            .prop_map(|(n, closing)| Event::SessionPostponed { session: session(n), closing }),
        1 => (0..2_u8).prop_map(|n| Event::SessionCancelled { session: session(n) }),
    ]
    .boxed()
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        Just(Condition::YearWithoutSession(
            BodyId::new("general-assembly").unwrap()
        )),
        Just(Condition::PartyRegion(vec![Word::new("inland").unwrap()])),
    ];
    let literal = prop_oneof![
        leaf.clone(),
        leaf.prop_map(|leaf| Condition::Not(Box::new(leaf)))
    ];
    prop_oneof![
        6 => Just(Condition::always()),
        2 => literal.clone(),
        1 => prop::collection::vec(literal.clone(), 1..3).prop_map(Condition::All),
        1 => prop::collection::vec(literal, 1..3).prop_map(Condition::Any),
    ]
}

fn norms(conditional: bool) -> impl Strategy<Value = Vec<Norm>> {
    let rule = prop_oneof![
        4 => Just(Rule::Confer as fn(RightRule) -> Rule),
        1 => Just(Rule::Withhold as fn(RightRule) -> Rule),
        1 => Just(Rule::Suspend as fn(RightRule) -> Rule),
        1 => Just(Rule::Permit as fn(RightRule) -> Rule),
    ];
    let body = prop_oneof![
        3 => Just(None),
        1 => Just(Some("general-assembly")),
        1 => Just(Some("working-committee")),
    ];
    let support = prop_oneof![6 => Just(Support::Text), 1 => Just(Support::Unknown)];
    let classes = prop::sample::subsequence(&CLASSES[..], 1..=2);
    let one = (
        rule,
        prop::sample::select(&RIGHTS[..]),
        body,
        classes,
        support,
        condition(),
    );
    let one = one.prop_map(move |(rule, right, body, classes, support, condition)| {
        let right = RightRule {
            right: RightId::new(right).unwrap(),
            body: body.map(|body| BodyId::new(body).unwrap()),
            classes: classes.iter().map(|c| ClassId::new(c).unwrap()).collect(),
        };
        let condition = if conditional {
            condition
        } else {
            Condition::always()
        };
        norm(rule, right, support, condition)
    });
    prop::collection::vec(one, 1..4)
}

fn law(conditional: bool) -> BoxedStrategy<Event> {
    let instrument = || InstrumentId::new("charter").unwrap();
    let article = || {
        prop::sample::select(&["1", "2"][..]).prop_map(|article| ArticleId::new(article).unwrap())
    };
    prop_oneof![
        5 => (article(), norms(conditional)).prop_map(move |(article, norms)| {
            Event::ArticleEnacted(ArticleEnacted {
                instrument: instrument(),
                article,
                citation: String::new(),
                change: ArticleChange::Original,
                headings: Vec::new(),
                texts: Vec::new(),
                amendment: None,
                norms,
            })
        }),
        1 => article().prop_map(move |article| Event::ArticleRepealed {
            instrument: instrument(),
            article,
            amendment: None,
        }),
        1 => Just(Event::InstrumentAmended {
            instrument: instrument(),
            ordinal: 1,
            published: None,
        }),
    ]
    .boxed()
}

fn event(legal: bool, conditional: bool) -> BoxedStrategy<Event> {
    if legal {
        prop_oneof![3 => membership(), 1 => meeting(), 4 => law(conditional)].boxed()
    } else {
        prop_oneof![6 => membership(), 2 => office(), 2 => meeting()].boxed()
    }
}

/// A step of any kind.
pub fn step(legal: bool, conditional: bool) -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (event(legal, conditional), when(), 0..5_u16)
            .prop_map(|(event, when, order)| Step::Record(event, when, order)),
        2 => (any::<u8>(), when(), 0..5_u16)
            .prop_map(|(target, when, order)| Step::Correct(target, when, order)),
        1 => (any::<u8>(), event(legal, conditional), when())
            .prop_map(|(target, event, when)| Step::Replace(target, event, when)),
        2 => any::<u8>().prop_map(Step::Withdraw),
        3 => (any::<u8>(), prop::option::weighted(0.7, when()), 0..7_u16)
            .prop_map(|(target, from, order)| Step::Annul(target, from, order)),
    ]
}

/// Steps of every kind.
pub fn steps(legal: bool, conditional: bool) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(legal, conditional), 4..22)
}

/// Steps that only record, with an order of the day that no other has.
pub fn plain_steps(legal: bool) -> impl Strategy<Value = Vec<Content>> {
    let step = (event(legal, true), when());
    prop::collection::vec(step, 3..14).prop_map(|steps| {
        let mut orders: Vec<u16> = (1..=u16::try_from(steps.len()).unwrap()).collect();
        // A fixed shuffle: the order of the day says something else than the order of recording.
        orders.sort_by_key(|order| u32::from(*order) * 7 % 11);
        let steps = steps.into_iter().zip(orders);
        steps
            .map(|((event, when), order)| draft(Some(event), Some(when), order))
            .collect()
    })
}

/// What every history starts with.
pub fn vocabulary() -> Vec<Content> {
    let mut drafts: Vec<Content> = CLASSES.iter().map(|w| term(TermKind::Class, w)).collect();
    drafts.extend(RIGHTS.iter().map(|w| term(TermKind::Right, w)));
    let bodies = ["general-assembly", "working-committee", "secretariat"];
    drafts.extend(bodies.iter().map(|w| term(TermKind::Body, w)));
    drafts.push(term(TermKind::Office, "chair"));
    let adopted = Event::InstrumentAdopted {
        instrument: InstrumentId::new("charter").unwrap(),
        titles: Vec::new(),
        published: None,
    };
    drafts.push(draft(
        Some(adopted),
        Some(When::Window(Window::day(Day::MIN))),
        0,
    ));
    for party in PARTIES {
        let event = Event::PartyRegistered(PartyRegistered {
            party: PartyId::new(party).unwrap(),
            kind: Word::new("province").unwrap(),
            country: None,
            region: region(party).map(|region| Word::new(&region).unwrap()),
            names: Vec::new(),
            aliases: Vec::new(),
            person: None,
        });
        drafts.push(draft(Some(event), None, 0));
    }
    drafts
}

/// Full members vote, from the first day on.
pub fn plain_law() -> Content {
    let right = RightRule {
        right: RightId::new(RIGHTS[0]).unwrap(),
        body: None,
        classes: vec![ClassId::new(CLASSES[0]).unwrap()],
    };
    let enacted = ArticleEnacted {
        instrument: InstrumentId::new("charter").unwrap(),
        article: ArticleId::new("1").unwrap(),
        citation: String::new(),
        change: ArticleChange::Original,
        headings: Vec::new(),
        texts: Vec::new(),
        amendment: None,
        norms: vec![norm(
            Rule::Confer,
            right,
            Support::Text,
            Condition::always(),
        )],
    };
    let window = When::Window(Window::day(Day::MIN));
    draft(Some(Event::ArticleEnacted(enacted)), Some(window), 1)
}

/// Turns a step into a draft, as the record stands.
pub fn content(step: &Step, state: &State, base: Position) -> Option<Content> {
    let pick = |n: u8| {
        let count = state.head().since(base);
        (count > 0).then(|| base.next().plus(u64::from(n) % count))
    };
    Some(match step {
        Step::Record(event, when, order) => draft(Some(event.clone()), Some(when.clone()), *order),
        Step::Correct(target, when, order) => {
            let target = pick(*target)?;
            let event = state.content(target)?.event.clone();
            correcting(draft(event, Some(when.clone()), *order), target)
        }
        Step::Replace(target, event, when) => {
            let target = pick(*target)?;
            let order = state.content(target)?.order;
            correcting(
                draft(Some(event.clone()), Some(when.clone()), order),
                target,
            )
        }
        Step::Withdraw(target) => correcting(draft(None, None, 0), pick(*target)?),
        Step::Annul(target, from, order) => {
            let entry = pick(*target)?;
            draft(Some(Event::ActAnnulled { entry }), from.clone(), *order)
        }
    })
}
