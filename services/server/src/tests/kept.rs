//! What is kept is what would be worked out anew, after every entry of random histories: each asks
//! between every two entries, so that everything that is kept is stale once. `STANDING_CASES` sets
//! how many histories are tried.

mod history;
mod known;
mod previewed;
mod together;

use super::*;
use history::{History, PARTIES, SESSIONS};
use standing_domain::answers::rotation::Visit;
use standing_domain::answers::session::RollEntry;
use standing_domain::answers::view::View;
use standing_domain::audit::{Audit, AuditedSession};
use standing_domain::entry::draft::Draft;
use standing_domain::id::position::Position;
use standing_domain::id::{ActorId, BodyId, ClassId, DraftId, PartyId, RightId, SessionId, Word};
use standing_domain::law::LawView;
use standing_domain::record::party::PartyRecord;
use standing_domain::stop::Stop;
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_engine::{Allowed, Among, Ledger, Meanwhile, Request, RollPage, Shards};
use standing_proto::draft::read_batch;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

/// How many histories are tried where nobody says.
const CASES: u64 = 12;
/// How many entries each has.
const LENGTH: usize = 150;

/// Reads drafts; some lines at random are malformed.
fn drafts(text: &str) -> Option<Vec<Draft>> {
    let wire = parse_jsonl("test", text).map(|line| line.unwrap().1);
    let read = read_batch(wire.collect());
    read.ok()
}

fn request(id: &str, text: &str, refuse_irregular: bool) -> Option<Request> {
    Some(Request {
        id: DraftId::new(id).unwrap(),
        actor: ActorId::new("test").unwrap(),
        drafts: drafts(text)?,
        canonical: id.as_bytes().to_vec(),
        expectations: Vec::new(),
        validate_only: false,
        refuse_irregular,
        allowed: Allowed::All,
    })
}

/// Under a reading nothing that is worked out is kept.
fn anew(ledger: &Ledger) -> Ledger {
    ledger.reading(vec![Word::new("text-only").unwrap()])
}

fn parties() -> impl Iterator<Item = PartyId> {
    (0..PARTIES).map(|n| PartyId::new(&format!("p-{n}")).unwrap())
}

/// Whoever is registered, by looking at each.
fn registered(view: &View<'_, Shards>) -> BTreeMap<PartyId, PartyRecord> {
    parties()
        .filter_map(|party| Some((party.clone(), view.record(&party)?)))
        .collect()
}

/// Compares what is kept of every session with what is drawn up anew.
fn sessions_are_right(ledger: &Ledger, known_at: Position, told: &str) {
    for number in 1..=SESSIONS {
        let session = SessionId::new(&format!("assembly/{number}")).unwrap();
        let of = |ledger: &Ledger| {
            ledger
                .session_rolls(&session, known_at, Stop::NEVER)
                .unwrap()
        };
        let (kept, drawn) = (of(ledger), of(&anew(ledger)));
        let (Some(kept), Some(drawn)) = (&kept, &drawn) else {
            assert!(
                kept.is_none() && drawn.is_none(),
                "{session} at {known_at} {told}"
            );
            continue;
        };
        assert_eq!(kept.frame, drawn.frame, "{session} at {known_at} {told}");
        let law = |of: &LawView| format!("{:?}", of.in_force(drawn.frame.law_day));
        let judging = [kept, drawn].map(|of| law(&of.laws.judging));
        assert_eq!(judging[0], judging[1], "{session} at {known_at} {told}");
        let everybody = everybody(ledger, drawn, known_at);
        for place in 0..drawn.frame.rolls.len() {
            let of_roll = [kept, drawn].map(|of| law(&of.laws.of_roll(place).law));
            assert_eq!(of_roll[0], of_roll[1], "{session} at {known_at} {told}");
            let (kept, drawn) = (kept.rolls.attended(place), drawn.rolls.attended(place));
            assert_eq!(kept, drawn, "{session} at {known_at} {told}");
            let of_roll = |(party, lines): &(PartyId, Vec<Option<RollEntry>>)| {
                Some((party.clone(), lines.get(place)?.clone()?))
            };
            let listed: Vec<_> = everybody.iter().filter_map(of_roll).collect();
            assert_eq!(
                paged(ledger, &session, place, known_at),
                listed,
                "{session} {told}"
            );
        }
        assert_eq!(kept.rolls, drawn.rolls, "{session} at {known_at} {told}");
    }
}

/// The lines of everybody on every roll, by looking at each.
fn everybody(
    ledger: &Ledger,
    session: &AuditedSession,
    known_at: Position,
) -> Vec<(PartyId, Vec<Option<RollEntry>>)> {
    let reader = ledger.at(known_at);
    let view = reader.view();
    let all = registered(&view).into_iter().map(|(party, record)| {
        let lines = view.roll_lines(&session.frame, &session.laws, &party, &record);
        let rolls = 0..session.frame.rolls.len();
        let line = |roll| lines.as_ref().and_then(|lines| lines.on(roll).cloned());
        (party, rolls.map(line).collect())
    });
    all.collect()
}

/// A roll, two lines a page.
fn paged(
    ledger: &Ledger,
    session: &SessionId,
    roll: usize,
    known_at: Position,
) -> Vec<(PartyId, RollEntry)> {
    let audited = ledger
        .session_rolls(session, known_at, Stop::NEVER)
        .unwrap()
        .unwrap();
    let mut all: Vec<(PartyId, RollEntry)> = Vec::new();
    loop {
        let page = RollPage {
            roll,
            after: all.last().map(|(party, _)| party),
            limit: 2,
        };
        let some = ledger
            .roll_page(&audited, &page, known_at, Stop::NEVER)
            .unwrap();
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

/// Compares lists and counts with what is found by looking at everybody.
fn lists_are_right(ledger: &Ledger, known_at: Position, day: Day, told: &str) {
    let assembly = BodyId::new("assembly").unwrap();
    for (right, body) in [("vote", Some(&assembly)), ("speak", None)] {
        let right = RightId::new(right).unwrap();
        let holds = |party: &PartyId| {
            let held = ledger.verdict(party, &right, body, day, known_at);
            matches!(held, Ok(Truth::Yes | Truth::Unknown))
        };
        let law = ledger.law(known_at);
        let may = ledger.may_hold(&law, &right, body, (day, known_at));
        let found: Vec<PartyId> = ledger.parties_after(&may, None, 100);
        let found: Vec<PartyId> = found.into_iter().filter(|party| holds(party)).collect();
        let expected: Vec<PartyId> = parties().filter(holds).collect();
        assert_eq!(found, expected, "{right} on {day} at {known_at} {told}");
    }
    let reader = ledger.at(known_at);
    let view = reader.view();
    let mut counts: BTreeMap<ClassId, (u64, u64)> = BTreeMap::new();
    let (mut concerned, mut accounts) = (Vec::new(), Vec::new());
    for (party, record) in registered(&view) {
        let standings = view.classes(&record, day);
        let mut classes: Vec<_> = standings.iter().map(|standing| standing.class).collect();
        classes.dedup();
        for class in classes.iter().flatten() {
            let count = counts
                .entry(view.book.class(*class).unwrap().clone())
                .or_default();
            count.0 += u64::from(classes.len() == 1);
            count.1 += 1;
        }
        let facts = !record.class_facts().is_empty() || !record.application_facts().is_empty();
        let account = !record.dues_facts().is_empty();
        concerned.extend((facts || account).then(|| party.clone()));
        accounts.extend(account.then_some(party));
    }
    drop(reader);
    let told_counts = ledger.count_members(day, known_at, Stop::NEVER).unwrap();
    let told_counts = told_counts.into_iter().filter(|count| count.possible > 0);
    let told_counts: BTreeMap<_, _> = told_counts
        .map(|count| (count.class, (count.certain, count.possible)))
        .collect();
    assert_eq!(told_counts, counts, "on {day} at {known_at} {told}");
    for (among, expected) in [(Among::Concerned, concerned), (Among::Accounts, accounts)] {
        let mut found: Vec<PartyId> = Vec::new();
        let mut note = |_: View<'_, Shards>, party: &PartyId, _: &PartyRecord| {
            found.push(party.clone());
        };
        ledger
            .each_record(&among, known_at, Stop::NEVER, &mut note)
            .unwrap();
        // Of what was known later some may be among them.
        let found = found.into_iter().filter(|party| expected.contains(party));
        assert!(
            found.eq(expected.iter().cloned()),
            "{among:?} at {known_at} {told}"
        );
    }
}

/// Compares findings with those that are gone after by looking at everybody.
fn findings_are_right(ledger: &Ledger, known_at: Position, day: Day, told: &str) {
    let found = ledger.findings(day, known_at, Stop::NEVER).unwrap();
    let anew = anew(ledger);
    let all = (1..=SESSIONS).map(|n| SessionId::new(&format!("assembly/{n}")).unwrap());
    let sessions = all.filter_map(|of| anew.session_rolls(&of, known_at, Stop::NEVER).unwrap());
    let sessions: Vec<_> = sessions.collect();
    let reader = ledger.at(known_at);
    let view = reader.view();
    let annulled = view.annulled_since();
    // Of others nothing is found.
    let audited = sessions.iter().filter(|of| {
        let decided = !of.frame.decisions.is_empty() || of.frame.frozen.is_some();
        decided || annulled.contains(&of.frame.facts.session)
    });
    let audited: Vec<_> = audited.map(AsRef::as_ref).collect();
    let parties = registered(&view);
    let everybody = |visit: &mut Visit<'_>| {
        parties
            .iter()
            .try_for_each(|(party, record)| visit(party, record))
    };
    let lookup = |position| Some(ledger.entry(position).unwrap()?.entry.content);
    let audit = Audit {
        view: reader.view(),
        on: day,
        walks: &everybody,
        lookup: &lookup,
        sessions: &audited,
        stop: Stop::NEVER,
    };
    let expected = audit.findings().unwrap();
    assert_eq!(found, expected, "on {day} at {known_at} {told}");
}

/// How often it was asked whether to go on: before every party, entry and session looked at.
fn looked_at(work: impl FnOnce(Stop<'_>)) -> usize {
    let count = Cell::new(0);
    let test = || {
        count.set(count.get() + 1);
        Ok(())
    };
    work(Stop::when(&test));
    count.get()
}

fn record(engine: &Recorder, id: &str, text: &str) {
    engine.record(request(id, text, false).unwrap()).unwrap();
}

/// How many drafts a batch has at most.
const MOST_OF_BATCH: usize = 10_000;

/// How many are registered where they are many.
fn many_registered() -> usize {
    if std::env::var_os("STANDING_LONG").is_some() {
        100_000
    } else {
        10_000
    }
}

/// Records so many registered parties that belong to nothing, and 64 members.
fn record_crowd(engine: &Recorder, registered: usize) {
    let towns = stopping::many(registered);
    let towns = towns
        .lines()
        .filter(|line| line.contains("partyRegistered"));
    record(engine, "beginning", &History::beginning());
    for (number, some) in towns.collect::<Vec<_>>().chunks(MOST_OF_BATCH).enumerate() {
        record(engine, &format!("towns-{number}"), &some.join("\n"));
    }
    record(
        engine,
        "members",
        &stopping::many(64)
            .replace("town", "member")
            .replace("Town", "Member"),
    );
}

/// Asks a ledger with so many registered parties that belong to nothing, and as many members as
/// ever, and returns how much each question looked at.
fn looks(registered: usize) -> Vec<(&'static str, usize)> {
    let folder = tempfile::tempdir().unwrap();
    let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
    record_crowd(&engine, registered);
    let ledger = engine.ledger();
    let session = SessionId::new("assembly/1").unwrap();
    let day = Day::parse("2001-01-20").unwrap();
    let ask = |stop: Stop<'_>| {
        let head = ledger.head().position;
        let found = ledger.session_rolls(&session, head, stop).unwrap().unwrap();
        assert!(found.rolls.attended(0).entitled.certain >= 64);
    };
    let find = |stop: Stop<'_>| {
        let head = ledger.head().position;
        assert!(!ledger.findings(day, head, stop).unwrap().is_empty());
    };
    let count = |stop: Stop<'_>| {
        let counts = ledger
            .count_members(day, ledger.head().position, stop)
            .unwrap();
        assert!(counts.iter().any(|count| count.certain >= 64));
    };
    let mut looks = vec![
        ("a session", looked_at(ask)),
        ("the findings", looked_at(find)),
        ("how many members there are", looked_at(count)),
    ];
    let more = r#"{"id":"more","partyRegistered":{"party":"more","kind":"town"}}
{"id":"more-full","effective":{"date":"2001-01-05"},"memberAdmitted":{"party":"more","class":"full"}}"#;
    record(&engine, "more", more);
    looks.push(("the session after an admission", looked_at(ask)));
    looks.push(("the session once more", looked_at(ask)));
    looks.push(("the findings after an admission", looked_at(find)));
    let later = r#"{"id":"later","effective":{"date":"2001-01-20"},"memberAdmitted":{"party":"p-1","class":"full"}}
{"id":"later-law","effective":{"date":"2001-01-21"},"articleEnacted":{"instrument":"charter","article":"2","citation":"2","change":"ARTICLE_CHANGE_ADDED","norms":[{"support":"SUPPORT_TEXT","withhold":{"right":"vote","body":"assembly","classes":["full"]}}]}}"#;
    record(&engine, "later", later);
    looks.push(("the session after what came later", looked_at(ask)));
    looks
}

#[test]
fn a_question_looks_at_what_it_is_about_however_many_are_registered() {
    let (few, many) = (looks(1_000), looks(many_registered()));
    assert_eq!(few, many);
    let of = |what: &str| few.iter().find(|(of, _)| *of == what).unwrap().1;
    // An entry about one party makes one party be looked at again.
    assert!(
        of("the session after an admission") < of("a session"),
        "{few:?}"
    );
    assert!(
        of("the session once more") < of("the session after an admission"),
        "{few:?}"
    );
    assert!(
        of("the findings after an admission") < of("the findings"),
        "{few:?}"
    );
    // One of a later day makes nobody be looked at again, nor does law of a later day.
    assert!(
        of("the session after what came later") < of("the session after an admission"),
        "{few:?}"
    );
}

/// What is kept is there before anybody asks for it.
#[test]
fn sessions_are_drawn_up_ahead_of_questions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let ask = |keeps_ahead, wait| {
        let options = Options {
            keeps_ahead,
            ..Options::default()
        };
        let engine = Recorder::open(&path, &options).unwrap();
        if engine.ledger().head().position == Position::ZERO {
            record_crowd(&engine, 10);
        }
        std::thread::sleep(wait);
        let ledger = engine.ledger();
        let session = SessionId::new("assembly/1").unwrap();
        let head = ledger.head().position;
        looked_at(|stop| {
            ledger.session_rolls(&session, head, stop).unwrap();
        })
    };
    let first = ask(false, Duration::ZERO);
    assert!(ask(false, Duration::ZERO) >= first);
    // Each opening begins anew, and a busy machine takes its time.
    let mut waits = [100, 500, 2_000, 10_000]
        .map(Duration::from_millis)
        .into_iter();
    assert!(waits.any(|wait| ask(true, wait) < first / 4));
}

/// What is kept of a session does not hang on how it came to be.
#[test]
fn what_is_kept_is_what_would_be_worked_out_anew() {
    let cases = std::env::var("STANDING_CASES").ok();
    let cases = cases.map_or(CASES, |cases| cases.parse().unwrap());
    for seed in 0..cases {
        one_history(seed);
    }
}

fn one_history(seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    // Neither makes a difference.
    let meanwhile = match seed % 3 {
        0 => Meanwhile::AsItPays,
        1 => Meanwhile::Always,
        _ => Meanwhile::Never,
    };
    let options = Options {
        // Beside every other history something works ahead.
        keeps_ahead: seed % 2 == 1,
        decides_meanwhile: meanwhile,
        ..Options::default()
    };
    let engine = Recorder::open(&folder.path().join("ledger"), &options).unwrap();
    let ledger = engine.ledger();
    let founding = request("founding", &History::beginning(), false).unwrap();
    engine.record(founding).unwrap();
    let mut history = History::new(seed, ledger.head().position.number());
    let (mut passed, mut refused) = (0, 0);
    for number in 0..LENGTH {
        // Most batches are an entry, some are a few.
        let count = if history.below(5) == 0 { 3 } else { 1 };
        let text: String = (0..count).map(|_| history.line()).collect();
        let strict = history.below(2) == 0;
        let request = request(&format!("request-{number}"), &text, strict);
        let recorded = request.is_some_and(|request| engine.record(request).is_ok());
        if !recorded {
            refused += 1;
            history.note(None);
            continue;
        }
        passed += 1;
        let head = ledger.head().position;
        history.note(Some(head.number()));
        let told = format!("after {text} of history {seed}");
        sessions_are_right(ledger, head, &told);
        let earlier = Position::new(history.position());
        sessions_are_right(ledger, earlier, &told);
        let day = Day::parse(&format!("2001-01-{:02}", history.below(24) + 1)).unwrap();
        lists_are_right(ledger, head, day, &told);
        lists_are_right(ledger, earlier, day, &told);
        findings_are_right(ledger, head, day, &told);
        findings_are_right(ledger, earlier, day, &told);
        let at = if history.below(2) == 0 { head } else { earlier };
        let assumed = history.line();
        history.note(None);
        let assumed_drafts = drafts(&assumed).unwrap_or_default();
        if let Ok(layer) = ledger.assume(assumed_drafts, at, Stop::NEVER) {
            let told = format!("{told}, assuming {assumed} at {at}");
            let head = layer.head().position;
            sessions_are_right(&layer, head, &told);
            lists_are_right(&layer, head, day, &told);
            findings_are_right(&layer, head, day, &told);
        }
    }
    // What is refused tests nothing.
    assert!(passed > refused / 4, "{passed} passed, {refused} did not");
}
