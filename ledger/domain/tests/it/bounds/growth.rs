//! Four times as much takes about four times as long, and not sixteen times.

use crate::support::{correcting, draft, norm, term, window};
use crate::tables::audit::audited;
use rustix::time::{ClockId, clock_gettime};
use standing_domain::answers::rotation::Visit;
use standing_domain::answers::weighing::Tally;
use standing_domain::audit::{Audit, Code};
use standing_domain::entry::Content;
use standing_domain::entry::event::dues::{Assessment, Fund, Money};
use standing_domain::entry::event::{
    ArticleChange, ArticleEnacted, Decision, EndGround, Event, Name, NameKind, Named, Outcome,
    PartyRegistered, TermKind,
};
use standing_domain::entry::norm::{Condition, RightRule, Rule, Support};
use standing_domain::id::position::Position;
use standing_domain::id::{
    ArticleId, BodyId, ClassId, DecisionId, FundId, InstrumentId, OfficeId, PartyId, RightId,
    SessionId, Word,
};
use standing_domain::record::without::NOTHING;
use standing_domain::state::State;
use standing_domain::stop::Stop;
use standing_domain::time::day::Day;
use standing_domain::time::when::{When, Window};
use std::time::Duration;

/// Quadratic work would take sixteen times as long.
const MOST: f64 = 9.0;

/// Asserts how work grows from a size to four times that: by the quickest of some rounds, which
/// others on the machine disturb least.
fn grows(what: &str, size: usize, work: impl Fn(usize) -> Duration) {
    let quickest = |size| (0..5).map(|_| work(size)).min().unwrap_or_default();
    // Again, should the machine have been busy with something else throughout.
    let ratio = || quickest(4 * size).as_secs_f64() / quickest(size).as_secs_f64();
    let ratios: Vec<f64> = (0..3)
        .map(|_| ratio())
        .take_while(|ratio| *ratio > MOST)
        .collect();
    assert!(
        ratios.len() < 3,
        "{what}: four times as much took {ratios:.1?} times as long"
    );
}

/// Returns for how long this thread ran, which others on the machine do not lengthen.
fn timed(work: impl FnOnce()) -> Duration {
    let ran = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
    let start = ran();
    work();
    ran().saturating_sub(start)
}

#[allow(clippy::unnecessary_wraps, reason = "as drafts take it")]
fn on(n: usize) -> Option<When> {
    let day = Day::try_from(i32::try_from(n).unwrap()).unwrap();
    Some(When::Window(Window::day(day)))
}

#[allow(clippy::unnecessary_wraps, reason = "as drafts take it")]
fn over(first: usize, last: usize) -> Option<When> {
    let day = |n: usize| Day::try_from(i32::try_from(n).unwrap()).unwrap();
    Some(When::Window(Window::new(day(first), day(last)).unwrap()))
}

fn id(n: usize) -> String {
    format!("x-{n}")
}

fn gives(class: &str, body: Option<&str>) -> standing_domain::entry::norm::Norm {
    let right = RightRule {
        right: RightId::new("vote").unwrap(),
        body: body.map(|body| BodyId::new(body).unwrap()),
        classes: vec![ClassId::new(class).unwrap()],
    };
    norm(Rule::Confer, right, Support::Text, Condition::always())
}

fn enacted(article: usize, norms: Vec<standing_domain::entry::norm::Norm>) -> Event {
    Event::ArticleEnacted(ArticleEnacted {
        instrument: InstrumentId::new("charter").unwrap(),
        article: ArticleId::new(&id(article)).unwrap(),
        citation: String::new(),
        change: ArticleChange::Original,
        headings: Vec::new(),
        texts: Vec::new(),
        amendment: None,
        norms,
    })
}

/// A ledger with words of a kind and the charter.
fn ledger(words: &[(TermKind, usize)]) -> State {
    let mut drafts = vec![
        term(TermKind::Right, "vote"),
        term(TermKind::Office, "chair"),
    ];
    for (kind, count) in words {
        drafts.extend((0..*count).map(|n| term(*kind, &id(n))));
    }
    let adopted = Event::InstrumentAdopted {
        instrument: InstrumentId::new("charter").unwrap(),
        titles: Vec::new(),
        published: None,
    };
    drafts.push(draft(Some(adopted), Some(When::Window(window("1970"))), 0));
    drafts.push(draft(Some(registered("a")), None, 0));
    let fund = Event::FundEstablished(Fund {
        fund: FundId::new("fund").unwrap(),
        currency: Word::new("krw").unwrap(),
        names: Vec::new(),
    });
    drafts.push(draft(Some(fund), None, 0));
    let mut state = State::default();
    state.record(&drafts).unwrap();
    state
}

fn registered(party: &str) -> Event {
    Event::PartyRegistered(PartyRegistered {
        party: PartyId::new(party).unwrap(),
        kind: Word::new("city").unwrap(),
        country: None,
        region: None,
        names: Vec::new(),
        aliases: Vec::new(),
        person: None,
    })
}

fn laying(state: &State) -> Duration {
    timed(|| assert!(state.law(state.head()).weight() > 0))
}

/// Records what the limits may not allow any more, as a ledger does that follows another.
fn applied(state: &mut State, drafts: &[Content]) {
    let head = state.head();
    let lookup = |position: Position| drafts.get(position.nth_from(head.next())?).cloned();
    for (position, content) in head.next().onwards().zip(drafts) {
        let roll = &mut state.roll;
        let change = &mut |party: &PartyId, change| roll.apply(party, change);
        state.book.apply(position, content, &lookup, change, None);
    }
}

#[test]
fn laying_out_versions() {
    grows("versions of few articles", 500, |count| {
        let mut state = ledger(&[(TermKind::Class, 5)]);
        let versions = (0..count).map(|n| {
            draft(
                Some(enacted(n % 10, vec![gives(&id(n % 5), None)])),
                on(n),
                1,
            )
        });
        applied(&mut state, &versions.collect::<Vec<_>>());
        let head = state.head().after(count);
        timed(|| assert!(LawOf(&state, head).steps() == count))
    });
}

/// The law as known at a position.
struct LawOf<'a>(&'a State, Position);

impl LawOf<'_> {
    fn steps(&self) -> usize {
        let law = standing_domain::law::LawView::new(&self.0.book, self.1, NOTHING);
        law.articles().iter().map(|a| a.line.steps().len()).sum()
    }
}

#[test]
fn rolls_of_a_session_that_decides_every_day() {
    grows(
        "decisions and parties that come and go between them",
        150,
        |count| {
            let mut state = ledger(&[(TermKind::Class, 1), (TermKind::Body, 1)]);
            let session = SessionId::new("x-0/1").unwrap();
            let mut drafts = vec![
                draft(Some(enacted(0, vec![gives("x-0", None)])), on(0), 0),
                draft(Some(convened(&session)), on(1_000), 0),
            ];
            for n in 0..count {
                drafts.push(draft(Some(registered(&id(n))), None, 0));
                drafts.push(draft(Some(admitted(&id(n))), on(0), 0));
                drafts.push(draft(Some(decided(&id(n), &session)), on(1_000 + n), 0));
                let mut ended = draft(Some(ended(&id(n))), on(500), 0);
                ended.acted = on(1_000 + n + 1);
                drafts.push(ended);
            }
            applied(&mut state, &drafts);
            let known_at = state.head().after(drafts.len());
            let law = state.law(known_at);
            let view = state.view(&law, known_at);
            timed(|| {
                let rolls = audited(&state, &view, &session).unwrap().rolls;
                for n in 0..count {
                    let left = u64::try_from(count - n).unwrap();
                    assert_eq!(rolls.attended(n).entitled, Tally::known(left));
                }
            })
        },
    );
}

fn convened(session: &SessionId) -> Event {
    Event::SessionConvened {
        session: session.clone(),
        closing: None,
        venue: String::new(),
        host: None,
        online: false,
    }
}

fn decided(id: &str, session: &SessionId) -> Event {
    Event::DecisionTaken(Decision {
        decision: DecisionId::new(id).unwrap(),
        session: session.clone(),
        functions: Vec::new(),
        subject: String::new(),
        item: String::new(),
        outcome: Outcome::Adopted,
        votes: None,
    })
}

fn admitted(party: &str) -> Event {
    Event::MemberAdmitted {
        party: PartyId::new(party).unwrap(),
        class: ClassId::new("x-0").unwrap(),
        founder: false,
    }
}

fn ended(party: &str) -> Event {
    Event::MembershipEnded {
        party: PartyId::new(party).unwrap(),
        ground: EndGround::Withdrawal,
    }
}

#[test]
fn laying_out_classes_and_bodies() {
    grows("classes with an article each", 250, |count| {
        let mut state = ledger(&[(TermKind::Class, count)]);
        let versions =
            (0..count).map(|n| draft(Some(enacted(n, vec![gives(&id(n), None)])), on(n), 0));
        state.record(&versions.collect::<Vec<_>>()).unwrap();
        laying(&state)
    });
    grows(
        "classes that one article names anew each time",
        100,
        |count| {
            let mut state = ledger(&[(TermKind::Class, count)]);
            let versions =
                (0..count).map(|n| draft(Some(enacted(0, vec![gives(&id(n), None)])), on(n), 0));
            state.record(&versions.collect::<Vec<_>>()).unwrap();
            laying(&state)
        },
    );
    grows("bodies that may each give a right", 100, |count| {
        let mut state = ledger(&[(TermKind::Class, 1), (TermKind::Body, count)]);
        let versions = (0..count).map(|n| {
            draft(
                Some(enacted(n, vec![gives(&id(0), Some(&id(n)))])),
                over(n, n + 1),
                0,
            )
        });
        state.record(&versions.collect::<Vec<_>>()).unwrap();
        laying(&state)
    });
}

#[test]
fn judging_windows_that_all_hang_together() {
    grows("one office", 250, |count| {
        let mut state = ledger(&[]);
        let holder = |_| Event::ChairRotated {
            office: OfficeId::new("chair").unwrap(),
            to: PartyId::new("a").unwrap(),
            ordinal: 1,
        };
        let orders = 1..=u16::try_from(count).unwrap();
        let drafts = orders.map(|n| draft(Some(holder(n)), over(1, 9_000), n));
        let drafts: Vec<Content> = drafts.collect();
        timed(|| assert!(state.record(&drafts).is_ok()))
    });
}

#[test]
fn judging_the_money_and_the_names_of_one_party() {
    grows("assessments", 400, |count| {
        let mut state = ledger(&[]);
        let assessed = |revision| {
            Event::DuesAssessed(Assessment {
                party: PartyId::new("a").unwrap(),
                fund: FundId::new("fund").unwrap(),
                year: 2000,
                revision,
                amount: Money {
                    minor_units: 100,
                    currency: Word::new("krw").unwrap(),
                },
                due: When::Window(window("2000-12-31")),
                ground: String::new(),
            })
        };
        let revisions = 0..u16::try_from(count).unwrap();
        let drafts: Vec<Content> = revisions
            .map(|n| draft(Some(assessed(n)), on(1), n))
            .collect();
        timed(|| assert!(state.record(&drafts).is_ok()))
    });
    grows("names", 250, |count| {
        let mut state = ledger(&[]);
        let named = |n| Event::NameTaken {
            subject: Named::Party(PartyId::new("a").unwrap()),
            kind: NameKind::Legal,
            name: Name {
                language: Word::new(&id(n)).unwrap(),
                text: id(n),
            },
        };
        let drafts: Vec<Content> = (0..count)
            .map(|n| draft(Some(named(n)), on(1), 0))
            .collect();
        timed(|| assert!(state.record(&drafts).is_ok()))
    });
}

#[test]
fn names_that_look_alike_on_days_apart() {
    grows("names that look alike", 500, |count| {
        let mut state = ledger(&[]);
        let named = |n: usize, text: &str| Event::NameTaken {
            subject: Named::Party(PartyId::new(&id(n)).unwrap()),
            kind: NameKind::Public,
            name: Name {
                language: Word::new("en").unwrap(),
                text: text.to_owned(),
            },
        };
        let mut drafts = Vec::new();
        for n in 0..count {
            // Each bears it for a day, and a letter of every other one is Cyrillic.
            let text = ["Copa", "C\u{43e}pa"][n % 2];
            drafts.push(draft(Some(registered(&id(n))), None, 0));
            drafts.push(draft(Some(named(n, text)), on(n), 0));
            drafts.push(draft(Some(named(n, &id(n))), on(n + 1), 0));
        }
        applied(&mut state, &drafts);
        let known_at = state.head().after(drafts.len());
        let law = state.law(known_at);
        let everybody = |visit: &mut Visit<'_>| {
            let mut parties = state.roll.iter();
            parties.try_for_each(|(party, record)| visit(party, record))
        };
        let audit = Audit {
            view: state.view(&law, known_at),
            on: Day::MAX,
            walks: &everybody,
            lookup: &|_| None,
            sessions: &[],
            stop: Stop::NEVER,
        };
        timed(|| {
            let found = audit.findings().unwrap();
            assert!(!found.iter().any(|of| of.code == Code::LookAlikeName));
        })
    });
}

#[test]
fn judging_corrections_and_annulments() {
    grows("annulments, each corrected, and taken back", 250, |count| {
        let mut state = ledger(&[(TermKind::Class, 1)]);
        let versions =
            (0..count).map(|n| draft(Some(enacted(n, vec![gives(&id(0), None)])), on(1), 0));
        state.record(&versions.collect::<Vec<_>>()).unwrap();
        let first = state.head().next().minus(count as u64);
        let annulled = |n: usize| Event::ActAnnulled {
            entry: first.after(n),
        };
        let drafts: Vec<Content> = (0..count)
            .map(|n| draft(Some(annulled(n)), None, 0))
            .collect();
        state.record(&drafts).unwrap();
        let acts = state.head().next().minus(count as u64);
        let mut corrections: Vec<Content> = (0..count)
            .map(|n| correcting(draft(Some(annulled(n)), on(2), 0), acts.after(n)))
            .collect();
        // Refused for its last draft, and so taken back.
        corrections.push(draft(Some(annulled(9_000)), None, 0));
        timed(|| assert!(state.record(&corrections).is_err()))
    });
    grows("one correction after the other", 200, |count| {
        let mut state = ledger(&[(TermKind::Class, 1)]);
        let version = |n: usize| draft(Some(enacted(0, vec![gives(&id(0), None)])), on(n), 0);
        state.record(&[version(0)]).unwrap();
        let first = state.head();
        let corrections = (0..count).map(|n| correcting(version(n), first.after(n)));
        let corrections: Vec<Content> = corrections.collect();
        timed(|| assert!(state.record(&corrections).is_ok()))
    });
}
