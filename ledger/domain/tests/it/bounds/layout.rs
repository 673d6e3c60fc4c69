//! Law laid out answers as every way in which its norms may come together, written out one by one.

use crate::support::{draft, norm, term, window};
use proptest::prelude::*;
use standing_domain::entry::Content;
use standing_domain::entry::event::{ArticleChange, ArticleEnacted, Event, TermKind};
use standing_domain::entry::norm::{Condition, Effect, Norm, RightRule, Rule, Support};
use standing_domain::id::{ArticleId, BodyId, ClassId, InstrumentId, RightId};
use standing_domain::law::condition::Circumstances;
use standing_domain::law::{ArticleLine, LawView};
use standing_domain::record::without::NOTHING;
use standing_domain::state::State;
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_domain::time::when::{When, Window};
use std::collections::BTreeSet;

const CLASSES: [&str; 4] = ["full", "observer", "friend", "nobody"];
const BODIES: [&str; 4] = ["assembly", "committee", "board", "council"];
const DAYS: i32 = 10;

fn day(n: i32) -> Day {
    Day::try_from(18_000 + n).unwrap()
}

/// A version of an article, or its repeal: which article, the first day, how many more it may be,
/// the norms.
type Row = (u8, i32, i32, Vec<Norm>);

fn norms() -> impl Strategy<Value = Vec<Norm>> {
    let rule = prop::sample::select(vec![
        Rule::Confer as fn(RightRule) -> Rule,
        Rule::Confer,
        Rule::Withhold,
        Rule::Suspend,
        Rule::Permit,
    ]);
    let body = prop::option::of(prop::sample::select(&BODIES[..3]));
    let classes = prop::sample::subsequence(&CLASSES[..3], 1..=3);
    let support = prop_oneof![4 => Just(Support::Text), 1 => Just(Support::Unknown)];
    let one = (rule, body, classes, support).prop_map(|(rule, body, classes, support)| {
        let right = RightRule {
            right: RightId::new("vote").unwrap(),
            body: body.map(|body| BodyId::new(body).unwrap()),
            classes: classes.iter().map(|c| ClassId::new(c).unwrap()).collect(),
        };
        norm(rule, right, support, Condition::always())
    });
    prop::collection::vec(one, 0..4)
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let length = prop_oneof![2 => Just(0), 1 => 1..6_i32];
    prop::collection::vec((0..4_u8, 0..DAYS, length, norms()), 1..9)
}

fn enacted(article: u8, norms: Vec<Norm>) -> Event {
    Event::ArticleEnacted(ArticleEnacted {
        instrument: InstrumentId::new("charter").unwrap(),
        article: ArticleId::new(&article.to_string()).unwrap(),
        citation: String::new(),
        change: ArticleChange::Original,
        headings: Vec::new(),
        texts: Vec::new(),
        norms,
    })
}

fn ledger(rows: &[Row]) -> State {
    let mut state = State::default();
    let mut drafts: Vec<Content> = CLASSES.iter().map(|w| term(TermKind::Class, w)).collect();
    drafts.extend(BODIES.iter().map(|w| term(TermKind::Body, w)));
    drafts.push(term(TermKind::Right, "vote"));
    let adopted = Event::InstrumentAdopted {
        instrument: InstrumentId::new("charter").unwrap(),
        titles: Vec::new(),
        published: None,
    };
    drafts.push(draft(Some(adopted), Some(When::Window(window("2000"))), 0));
    state.record(&drafts).unwrap();
    for ((article, first, length, norms), order) in rows.iter().zip(1..) {
        let on = Window::new(day(*first), day(first + length)).unwrap();
        let event = enacted(*article, norms.clone());
        // What no placement allows is refused, and then not there.
        let _ = state.record(&[draft(Some(event), Some(When::Window(on)), order)]);
    }
    state
}

/// Writes out every way the norms of the articles may come together on a day, as the effects in
/// each body.
fn worlds(articles: &[ArticleLine], class: &str, bodies: &[&str], day: Day) -> BTreeSet<Vec<u8>> {
    let mut together = BTreeSet::from([vec![0_u8; bodies.len()]]);
    let joined = |worlds: &BTreeSet<Vec<u8>>, other: &[u8]| -> BTreeSet<Vec<u8>> {
        let both = |world: &Vec<u8>| world.iter().zip(other).map(|(a, b)| a | b).collect();
        worlds.iter().map(both).collect()
    };
    for article in articles {
        let mut of_article = BTreeSet::new();
        for version in article.versions(day) {
            let mut of_version = BTreeSet::from([vec![0_u8; bodies.len()]]);
            for norm in version.into_iter().flat_map(|(version, _)| &version.norms) {
                let Some((effect, rule)) = Effect::of(&norm.rule) else {
                    continue;
                };
                if !rule.classes.iter().any(|of| of.as_str() == class) {
                    continue;
                }
                let effects: Vec<u8> = bodies
                    .iter()
                    .map(|body| {
                        let of = rule.body.as_ref().map(BodyId::as_str);
                        u8::from(of.is_none_or(|of| of == *body)) * effect as u8
                    })
                    .collect();
                let with = joined(&of_version, &effects);
                if norm.support == Support::Unknown {
                    of_version.extend(with);
                } else {
                    of_version = with;
                }
            }
            of_article.extend(of_version);
        }
        together = of_article
            .iter()
            .flat_map(|world| joined(&together, world))
            .collect();
    }
    together
}

fn held(effects: u8) -> bool {
    let has = |effect: Effect| effects & effect as u8 != 0;
    has(Effect::Confers)
        && !has(Effect::Withholds)
        && (!has(Effect::Suspends) || has(Effect::Permits))
}

fn check(state: &State) -> Result<(), TestCaseError> {
    let law = state.law(state.head());
    let right = RightId::new("vote").unwrap();
    let asked = std::iter::once(None).chain(BODIES.iter().copied().map(Some));
    for body in asked {
        // In any: in each that a norm may name, and in one that none names.
        let bodies: Vec<&str> = body.map_or(BODIES.to_vec(), |body| vec![body]);
        for class in CLASSES {
            for day in (-1..DAYS + 8).map(day) {
                let worlds = worlds(law.articles(), class, &bodies, day);
                let held = |world: &Vec<u8>| Truth::known(world.iter().any(|e| held(*e)));
                let expected = Truth::agreed(worlds.iter().map(held));
                let class = ClassId::new(class).unwrap();
                let body_id = body.map(|body| BodyId::new(body).unwrap());
                let now = Circumstances {
                    book: &state.book,
                    known_at: state.head(),
                    day,
                    party: None,
                    record: None,
                    without: NOTHING,
                };
                let weighed = law.weigh(&right, body_id.as_ref(), &class, &now);
                prop_assert_eq!(
                    weighed,
                    expected,
                    "weighed: {} in {:?} on {}",
                    class,
                    body,
                    day
                );
                let number = state.book.class_ix(&class).unwrap();
                let settled = law.settled(&right, body_id.as_ref(), number, day);
                prop_assert_eq!(
                    settled,
                    Some(expected),
                    "laid out: {} in {:?} on {}",
                    class,
                    body,
                    day
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(crate::naive::cases(96))]

    #[test]
    fn rule_18_law_laid_out_answers_as_every_way_its_norms_come_together(rows in rows()) {
        check(&ledger(&rows))?;
    }
}

/// Every one of many articles may or may not give the right in a body of its own: there are more
/// ways than can be written out.
#[test]
fn rule_18_more_ways_than_can_be_written_out_are_undetermined() {
    let mut state = ledger(&[]);
    let bodies: Vec<String> = (0..40).map(|n| format!("body-{n}")).collect();
    let words: Vec<Content> = bodies.iter().map(|w| term(TermKind::Body, w)).collect();
    state.record(&words).unwrap();
    let open = || Some(When::Window(Window::new(day(0), day(5)).unwrap()));
    let norm_in = |rule: fn(RightRule) -> Rule, body: Option<&str>| {
        let right = RightRule {
            right: RightId::new("vote").unwrap(),
            body: body.map(|body| BodyId::new(body).unwrap()),
            classes: vec![ClassId::new("full").unwrap()],
        };
        norm(rule, right, Support::Text, Condition::always())
    };
    for (n, body) in bodies.iter().enumerate() {
        let event = enacted(
            u8::try_from(n).unwrap(),
            vec![norm_in(Rule::Confer, Some(body))],
        );
        state.record(&[draft(Some(event), open(), 0)]).unwrap();
    }
    let answer = |state: &State, day| {
        let law = state.law(state.head());
        let number = state.book.class_ix(&ClassId::new("full").unwrap()).unwrap();
        let now = Circumstances {
            book: &state.book,
            known_at: state.head(),
            day,
            party: None,
            record: None,
            without: NOTHING,
        };
        let right = RightId::new("vote").unwrap();
        let weighed = law.weigh(&right, None, &ClassId::new("full").unwrap(), &now);
        let laid: Option<Truth> = LawView::settled(&law, &right, None, number, day);
        assert!(laid.is_none_or(|laid| laid == weighed));
        weighed
    };
    assert_eq!(answer(&state, day(-1)), Truth::No);
    assert_eq!(answer(&state, day(3)), Truth::Unknown);
    assert_eq!(answer(&state, day(5)), Truth::Yes);
    // One that certainly gives it decides, however many others there are.
    let event = enacted(99, vec![norm_in(Rule::Confer, None)]);
    let on = Some(When::Window(Window::day(day(2))));
    state.record(&[draft(Some(event), on, 0)]).unwrap();
    assert_eq!(answer(&state, day(3)), Truth::Yes);
}
