//! Limits: refused by name as soon as new drafts go beyond one, and never for what stands beyond it
//! already.

use crate::support::{correcting, draft, norm, term, window};
use standing_domain::entry::Content;
use standing_domain::entry::event::{
    ArticleChange, ArticleEnacted, Event, Name, NameKind, Named, PartyRegistered, TermKind,
};
use standing_domain::entry::norm::{Condition, RightRule, Rule, Support};
use standing_domain::id::position::Position;
use standing_domain::id::{
    ArticleId, ClassId, InstrumentId, OfficeId, PartyId, RightId, SessionId, Word,
};
use standing_domain::judge::refusal::Reason;
use standing_domain::limits;
use standing_domain::state::State;
use standing_domain::time::day::Day;
use standing_domain::time::when::{When, Window};

#[allow(clippy::unnecessary_wraps, reason = "as drafts take it")]
fn on(n: usize) -> Option<When> {
    let day = Day::try_from(i32::try_from(n).unwrap()).unwrap();
    Some(When::Window(Window::day(day)))
}

fn id(n: usize) -> String {
    format!("x-{n}")
}

fn enacted(instrument: &str, article: usize, classes: usize) -> Event {
    let right = RightRule {
        right: RightId::new("vote").unwrap(),
        body: None,
        classes: (0..classes)
            .map(|_| ClassId::new("full").unwrap())
            .collect(),
    };
    Event::ArticleEnacted(ArticleEnacted {
        instrument: InstrumentId::new(instrument).unwrap(),
        article: ArticleId::new(&id(article)).unwrap(),
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
    })
}

fn ledger() -> State {
    let mut drafts = vec![
        term(TermKind::Right, "vote"),
        term(TermKind::Office, "chair"),
        term(TermKind::Class, "full"),
        term(TermKind::Body, "board"),
    ];
    for instrument in ["charter", "rules", "other", "more", "last"] {
        let adopted = Event::InstrumentAdopted {
            instrument: InstrumentId::new(instrument).unwrap(),
            titles: Vec::new(),
            published: None,
        };
        drafts.push(draft(Some(adopted), Some(When::Window(window("1970"))), 0));
    }
    let registered = Event::PartyRegistered(PartyRegistered {
        party: PartyId::new("a").unwrap(),
        kind: Word::new("city").unwrap(),
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

/// Records drafts in batches that no limit on batches refuses.
fn record_all(state: &mut State, drafts: impl IntoIterator<Item = Content>) {
    let drafts: Vec<Content> = drafts.into_iter().collect();
    for some in drafts.chunks(limits::DRAFTS_OF_SLOT) {
        state.record(some).unwrap();
    }
}

/// Asserts that a batch is refused for a limit, once, and that the state is as before.
fn refused(state: &mut State, drafts: &[Content], subject: &str) {
    let before = state.clone();
    let refusals = state.record(drafts).unwrap_err();
    let beyond: Vec<_> = refusals
        .iter()
        .filter(|r| r.reason == Reason::TooMany)
        .collect();
    let found: Vec<&str> = beyond.iter().map(|r| r.subject.as_str()).collect();
    assert_eq!(found, [subject], "{refusals:?}");
    assert_eq!(beyond[0].draft, drafts.len() - 1);
    assert!(
        beyond[0].message.contains("at most"),
        "{}",
        beyond[0].message
    );
    assert!(*state == before);
}

#[test]
fn words_of_every_kind() {
    for (kind, what, there) in [
        (TermKind::Class, "classes", 1),
        (TermKind::Right, "rights", 1),
        (TermKind::Body, "bodies", 1),
        (TermKind::Function, "functions", 0),
        (TermKind::Office, "offices", 1),
    ] {
        let mut state = ledger();
        record_all(
            &mut state,
            (there..limits::TERMS).map(|n| term(kind, &id(n))),
        );
        refused(&mut state, &[term(kind, "one-too-many")], what);
        refused(
            &mut state,
            &[term(kind, "one"), term(kind, "another")],
            what,
        );
        // Everything else goes on, and a word takes the place of another.
        let other = if kind == TermKind::Body {
            TermKind::Class
        } else {
            TermKind::Body
        };
        state.record(&[term(other, "goes-on")]).unwrap();
        let last = state.head().previous();
        state
            .record(&[correcting(term(kind, &id(limits::TERMS - 1)), last)])
            .unwrap();
    }
}

#[test]
fn articles_versions_and_norms() {
    let mut state = ledger();
    let articles = limits::ARTICLES_OF_INSTRUMENT;
    record_all(
        &mut state,
        (0..articles).map(|n| draft(Some(enacted("charter", n, 1)), on(1), 0)),
    );
    let beyond = draft(Some(enacted("charter", articles, 1)), on(1), 0);
    refused(&mut state, &[beyond], "articles of charter");
    for instrument in ["rules", "other", "more"] {
        let all = (0..articles).map(|n| draft(Some(enacted(instrument, n, 1)), on(1), 0));
        record_all(&mut state, all);
    }
    let beyond = draft(Some(enacted("last", 0, 1)), on(1), 0);
    refused(&mut state, &[beyond], "articles");
    let versions = limits::VERSIONS_OF_ARTICLE;
    record_all(
        &mut state,
        (1..versions).map(|n| draft(Some(enacted("charter", 0, 1)), on(1 + n), 0)),
    );
    let beyond = draft(Some(enacted("charter", 0, 1)), on(9_000), 0);
    refused(&mut state, &[beyond], "entries about article charter/x-0");
    let left = limits::VERSIONS - 4 * articles - (versions - 1);
    let all = (0..left).map(|n| draft(Some(enacted("rules", n % 2_000, 1)), on(2 + n / 2_000), 0));
    record_all(&mut state, all);
    let beyond = draft(Some(enacted("rules", 7, 1)), on(9_000), 0);
    refused(&mut state, &[beyond], "versions of articles");

    // Some hundred megabytes.
    if std::env::var_os("STANDING_LONG").is_none() {
        return;
    }
    let mut state = ledger();
    let large = 1_000;
    let all = (0..limits::NORMS / (large + 1)).map(|n| {
        draft(
            Some(enacted("charter", n % 2_000, large)),
            on(1 + n / 2_000),
            0,
        )
    });
    record_all(&mut state, all);
    let beyond = draft(Some(enacted("charter", 0, large)), on(9_000), 0);
    refused(
        &mut state,
        &[beyond],
        "norms of articles, with their classes",
    );
}

#[test]
fn what_is_said_of_one_session_or_party() {
    let mut state = ledger();
    let session = |n: u32| SessionId::new(&format!("board/{n}")).unwrap();
    let convened = |n| Event::SessionConvened {
        session: session(n),
        closing: None,
        venue: String::new(),
        host: None,
        online: false,
    };
    let postponed = || Event::SessionPostponed {
        session: session(1),
        closing: None,
    };
    state.record(&[draft(Some(convened(1)), on(1), 0)]).unwrap();
    let moves = 1..u16::try_from(limits::MOVES_OF_SESSION).unwrap();
    record_all(
        &mut state,
        moves.map(|n| draft(Some(postponed()), on(2), n)),
    );
    let beyond = draft(Some(postponed()), on(2), 9_999);
    refused(&mut state, &[beyond], "entries about session board/1");
    let sessions = 2..=u32::try_from(limits::SESSIONS_OF_SERIES).unwrap();
    record_all(
        &mut state,
        sessions.map(|n| draft(Some(convened(n)), on(1), 0)),
    );
    refused(
        &mut state,
        &[draft(Some(convened(99_999)), on(1), 0)],
        "sessions of board",
    );

    let named = |n: usize| {
        let name = Name {
            language: Word::new(&id(n)).unwrap(),
            text: id(n),
        };
        let subject = Named::Party(PartyId::new("a").unwrap());
        let kind = NameKind::Legal;
        draft(
            Some(Event::NameTaken {
                subject,
                kind,
                name,
            }),
            on(1),
            0,
        )
    };
    record_all(&mut state, (0..limits::NAMES_OF_PARTY).map(named));
    refused(&mut state, &[named(limits::NAMES_OF_PARTY)], "names of a");
    let admitted = |n: usize| {
        let event = Event::MemberAdmitted {
            party: PartyId::new("a").unwrap(),
            class: ClassId::new("full").unwrap(),
            founder: false,
        };
        draft(Some(event), on(n), 0)
    };
    record_all(&mut state, (0..limits::CLASSES_OF_PARTY).map(admitted));
    refused(
        &mut state,
        &[admitted(9_000)],
        "entries about the class of a",
    );
}

#[test]
fn drafts_of_one_batch_about_one_slot() {
    let mut state = ledger();
    let rotated = |n: usize| {
        let event = Event::ChairRotated {
            office: OfficeId::new("chair").unwrap(),
            to: PartyId::new("a").unwrap(),
            ordinal: 1,
        };
        draft(Some(event), on(n), 0)
    };
    let drafts: Vec<Content> = (0..=limits::DRAFTS_OF_SLOT).map(rotated).collect();
    refused(
        &mut state,
        &drafts,
        "drafts of one batch about office chair",
    );
    state.record(&drafts[1..]).unwrap();
}

#[test]
fn chains_of_corrections_and_annulments() {
    let mut state = ledger();
    let version = |n: usize| draft(Some(enacted("charter", 0, 1)), on(n % 9), 0);
    state.record(&[version(0)]).unwrap();
    let first = state.head();
    let annulled = |entry| draft(Some(Event::ActAnnulled { entry }), None, 0);
    for _ in 0..limits::ANNULMENTS_OF_ACT {
        state.record(&[annulled(first)]).unwrap();
    }
    let subject = format!("annulments of entry {first}");
    refused(&mut state, &[annulled(first)], &subject);

    let mut state = ledger();
    state.record(&[version(0)]).unwrap();
    for _ in 0..limits::CHAIN {
        let head = state.head();
        state.record(&[annulled(head)]).unwrap();
    }
    let head = state.head();
    let subject = "corrections and annulments in the chain of draft 1";
    refused(&mut state, &[annulled(head)], subject);
    refused(
        &mut state,
        &[correcting(annulled(head.previous()), head)],
        subject,
    );
}

/// What another ledger recorded, or an earlier release, is applied as it is.
#[test]
fn what_stands_beyond_a_limit_goes_on() {
    let mut state = State::default();
    let count = 70_000;
    for n in 0..count {
        let content = term(TermKind::Class, &id(n));
        let position = Position::FIRST.after(n);
        let nothing = &mut |_: &PartyId, _| {};
        state
            .book
            .apply(position, &content, &|_| None, nothing, None);
    }
    assert_eq!(state.book.classes(Position::MAX).count(), count);
    let last = ClassId::new(&id(count - 1)).unwrap();
    let number = state.book.class_ix(&last).unwrap();
    assert_eq!(state.book.class(number), Some(&last));
    assert_eq!(state.book.sizes().terms(TermKind::Class), count);
}
