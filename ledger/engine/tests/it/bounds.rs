//! A ledger that went beyond the limits goes on, and law is laid out beside everything else.

use crate::common::*;
use standing_domain::entry::draft::Draft;
use standing_domain::entry::event::*;
use standing_domain::entry::norm::{Condition, Norm, RightRule, Rule, Support};
use standing_domain::id::position::Position;
use standing_domain::id::*;
use standing_domain::stop::Stop;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_domain::time::truth::Truth;
use standing_engine::store::digest::RequestDigest;
use standing_engine::store::{Envelope, codec};
use standing_engine::{RecordError, Recorder};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Entries as another ledger would have stored them, each a batch of its own.
fn stored(drafts: impl IntoIterator<Item = Draft>) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    for (position, draft) in (1..).zip(drafts) {
        let mut payload = Vec::new();
        let kind = codec::encode(&draft.settled().unwrap(), &mut payload).unwrap();
        let mut bytes = Vec::new();
        let envelope = Envelope {
            kind: kind.number,
            payload_version: kind.version,
            rules_version: 1,
            first: Position::new(position),
            last: Position::new(position),
            record_time: RecordTime::from_micros(1_699_990_000_000_000 + position),
            request_digest: RequestDigest([0; 16]),
            actor: "local/operator",
            request_id: &format!("request-{position}"),
            payload: &payload,
        };
        envelope.encode(&mut bytes).unwrap();
        entries.push(bytes);
    }
    entries
}

/// 70,000 classes: more than 16 bits count.
#[test]
fn a_ledger_beyond_the_limits_follows_answers_and_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.redb");
    let count = 70_000;
    let words = (0..count).map(|n| term(TermKind::Class, &format!("class-{n}")));
    let last = format!("class-{}", count - 1);
    let mut drafts = founding();
    drafts.extend(words);
    drafts.extend([register("a"), admit("a", "full", "2001-01-01")]);
    drafts.extend([register("b"), admit("b", &last, "2001-01-01")]);
    let entries = stored(drafts);
    let follower = Recorder::open_follower(&path, &options()).unwrap();
    assert_eq!(
        follower.follow(Position::FIRST, &entries).unwrap(),
        Position::ZERO.after(entries.len())
    );
    let check = |engine: &Recorder| {
        assert_eq!(votes(engine, "a", "2002-01-01"), Truth::Yes);
        assert_eq!(votes(engine, "b", "2002-01-01"), Truth::No);
        let day = Day::parse("2002-01-01").unwrap();
        let counts =
            engine
                .ledger()
                .count_members(day, engine.ledger().head().position, Stop::NEVER);
        let counts = counts.unwrap();
        assert_eq!(counts.len(), count + 2);
        let of = |class: &str| counts.iter().find(|c| c.class.as_str() == class).unwrap();
        assert_eq!((of("full").certain, of(&last).certain), (1, 1));
        assert_eq!(counts.iter().map(|c| c.possible).sum::<u64>(), 2);
    };
    check(&follower);
    drop(follower);
    // As one that records it refuses one more, by name, and takes everything else.
    let options = standing_engine::Options {
        keys: Some(folder.path().join("own.keys")),
        ..options()
    };
    standing_engine::store::keys::KeyFile::create(folder.path().join("own.keys")).unwrap();
    let engine = Recorder::open(&path, &options).unwrap();
    check(&engine);
    let more = record(&engine, vec![term(TermKind::Class, "one-more")]);
    match more {
        Err(RecordError::Refused(refusals)) => {
            let found: Vec<_> = refusals
                .iter()
                .map(|r| (r.reason.code(), r.subject.as_str()))
                .collect();
            assert_eq!(found, [("TOO_MANY", "classes")]);
        }
        other => panic!("not refused: {other:?}"),
    }
    record(
        &engine,
        vec![register("c"), admit("c", &last, "2001-01-01")],
    )
    .unwrap();
}

/// Law of some articles in many versions, each for other classes.
fn law(articles: usize, versions: usize, classes: usize) -> Vec<Draft> {
    let version = move |n: usize| {
        let named = (0..5).map(|k| (n * 7 + k * 13) % classes);
        let right = RightRule {
            right: RightId::new("vote").unwrap(),
            body: n
                .is_multiple_of(3)
                .then(|| BodyId::new("assembly").unwrap()),
            classes: named
                .map(|class| ClassId::new(&format!("class-{class}")).unwrap())
                .collect(),
        };
        let norm = Norm {
            support: if n.is_multiple_of(11) {
                Support::Unknown
            } else {
                Support::Text
            },
            condition: Condition::always(),
            note: String::new(),
            rule: if n.is_multiple_of(5) {
                Rule::Suspend(right)
            } else {
                Rule::Confer(right)
            },
        };
        let article = ArticleEnacted {
            instrument: InstrumentId::new("charter").unwrap(),
            article: ArticleId::new(&format!("x-{}", n % articles)).unwrap(),
            citation: n.to_string(),
            change: ArticleChange::Original,
            headings: vec![],
            texts: vec![],
            amendment: None,
            norms: vec![norm],
        };
        let day = Day::try_from(i32::try_from(11_000 + n).unwrap()).unwrap();
        draft("", &day.to_string(), Event::ArticleEnacted(article))
    };
    let words = (0..classes).map(|n| term(TermKind::Class, &format!("class-{n}")));
    words.chain((0..versions).map(version)).collect()
}

/// While law is laid out for the first who asks, the others wait for that and record all the same.
#[test]
fn law_is_laid_out_once_and_beside_recording() {
    let long = std::env::var_os("STANDING_LONG").is_some();
    let (versions, classes) = if long { (4_000, 1_000) } else { (400, 100) };
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    record(
        &engine,
        vec![register("a"), admit("a", "full", "2001-01-01")],
    )
    .unwrap();
    for some in law(50, versions, classes).chunks(1_000) {
        record(&engine, some.to_vec()).unwrap();
    }
    let old = engine.ledger().head().position;
    assert!(engine.ledger().law(old).weight() > 0);
    assert!(engine.ledger().is_law_laid(old));

    let new_law = law(50, versions + 1, classes).pop().unwrap();
    let stop = AtomicBool::new(false);
    let (waited, laid) = std::thread::scope(|scope| {
        let recorder = scope.spawn(|| {
            let mut longest = Duration::ZERO;
            let mut n = 0;
            while !stop.load(Ordering::Relaxed) {
                let start = Instant::now();
                record(&engine, vec![register(&format!("party-{n}"))]).unwrap();
                longest = longest.max(start.elapsed());
                n += 1;
            }
            longest
        });
        let new = record(&engine, vec![new_law]).unwrap().last;
        let start = Instant::now();
        let asking = &engine;
        let asked: Vec<_> = (0..8)
            .map(|_| scope.spawn(move || asking.ledger().law(new)))
            .collect();
        let laid: Vec<_> = asked
            .into_iter()
            .map(|asked| asked.join().unwrap())
            .collect();
        assert_eq!(votes(&engine, "a", "2002-01-01"), Truth::Yes);
        let waited = start.elapsed();
        stop.store(true, Ordering::Relaxed);
        let longest = recorder.join().unwrap();
        println!(
            "{versions} versions, {classes} classes: waited {waited:?}, recording {longest:?}"
        );
        (waited, laid)
    });
    assert!(
        laid.iter().all(|law| Arc::ptr_eq(law, &laid[0])),
        "laid out once for all"
    );
    assert!(engine.ledger().is_law_laid(engine.ledger().head().position));
    if !cfg!(debug_assertions) {
        assert!(waited <= Duration::from_millis(200), "{waited:?}");
    }
}
