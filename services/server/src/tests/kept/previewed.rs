//! What a preview says is what recording then does, for random drafts on random histories: the same
//! refusals, the same findings, the changes that the stream tells, and every entry that loses its
//! effect. `STANDING_CASES` sets how many histories are tried.

use super::*;
use standing_domain::entry::event::Event;
use standing_domain::record::annulments::undone::Fate;
use standing_domain::time::steps::Steps;
use standing_engine::{Cursor, RecordError, Step};
use std::collections::BTreeSet;

/// How many histories are tried where nobody says.
const CASES: u64 = 24;

/// What is known of an entry's effect: what corrected it, and the days on which it is annulled.
type Effect = (Option<Position>, Steps<Truth>);

/// The effect of every entry that the log has at a position, as known at another. A decision is
/// annulled with its session.
fn effects(ledger: &Ledger, of: Position, known_at: Position) -> BTreeMap<Position, Effect> {
    let entries = ledger.entries(Position::ZERO.next().to(of)).unwrap();
    let reader = ledger.at(known_at);
    let book = reader.view().book;
    let each = entries.into_iter().map(|stored| {
        let (entry, content) = (stored.entry.position, stored.entry.content);
        let decision = content.event.as_ref().and_then(Event::decision);
        let session = decision.map(|taken| &taken.session);
        let convened = session.and_then(|session| book.convening(session, known_at));
        let both = convened
            .map(|fact| fact.position)
            .into_iter()
            .chain([entry]);
        let annulled = both.map(|entry| book.annulled(entry, known_at));
        let annulled = Steps::any(&annulled.collect::<Vec<_>>());
        (entry, (book.corrected_by(entry, known_at), annulled))
    });
    each.collect()
}

fn findings(ledger: &Ledger, known_at: Position) -> Vec<standing_domain::audit::Finding> {
    let day = Day::parse("2001-01-20").unwrap();
    ledger.findings(day, known_at, Stop::NEVER).unwrap()
}

/// The step of the stream that told of the last batch.
fn step_after(ledger: &Ledger, position: Position) -> Step {
    let day = Some(ledger.today());
    let after = Cursor { position, day };
    let step = ledger.next_step(after, ledger.frontier(), Stop::NEVER);
    step.unwrap().unwrap()
}

#[test]
fn a_preview_says_what_recording_then_does() {
    let cases = std::env::var("STANDING_CASES").ok();
    let cases = cases.map_or(CASES, |cases| cases.parse().unwrap());
    let mut met = Seen::default();
    for seed in 0..cases {
        one_history(seed, &mut met);
    }
    // Each of what is compared came up.
    assert!(
        met.refused > 0 && met.irregular > 0 && met.changed > 0 && met.undone > 0,
        "{met:?}"
    );
}

/// How often what was compared came up.
#[derive(Debug, Default)]
struct Seen {
    refused: usize,
    irregular: usize,
    changed: usize,
    undone: usize,
}

fn one_history(seed: u64, met: &mut Seen) {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        // No day begins meanwhile.
        clock: Arc::new(|| 979_689_600_000_000),
        ..Options::default()
    };
    let engine = Recorder::open(&folder.path().join("ledger"), &options).unwrap();
    let ledger = engine.ledger();
    engine
        .record(request("founding", &History::beginning(), false).unwrap())
        .unwrap();
    let mut history = History::new(seed, ledger.head().position.number());
    for number in 0..LENGTH {
        let count = if history.below(4) == 0 { 3 } else { 1 };
        let text: String = (0..count).map(|_| history.line()).collect();
        let strict = history.below(2) == 0;
        let Some(request) = request(&format!("request-{number}"), &text, strict) else {
            history.note(None);
            continue;
        };
        let told = format!("{text} of history {seed}");
        let at = ledger.head().position;
        let before = effects(ledger, at, at);
        let preview = ledger
            .preview(request.drafts.clone(), at, Stop::NEVER)
            .unwrap();
        let irregular = preview.irregular(Stop::NEVER).unwrap();
        assert_eq!(ledger.head().position, at, "{told}");
        match engine.record(request) {
            Ok(recorded) => {
                let recorded = recorded.recorded().unwrap();
                history.note(Some(recorded.last.number()));
                assert!(preview.refusals.is_empty(), "{told}");
                assert!(irregular.is_empty() || !strict, "{told}");
                assert_eq!(preview.last(), recorded.last, "{told}");
                compare(ledger, &preview, &before, &told, met);
            }
            Err(RecordError::Refused(refusals)) => {
                history.note(None);
                met.refused += 1;
                assert_eq!(preview.refusals, refusals, "{told}");
                assert!(preview.undone(Stop::NEVER).unwrap().is_empty(), "{told}");
            }
            Err(RecordError::Irregular(found)) => {
                history.note(None);
                met.irregular += 1;
                assert!(strict && preview.refusals.is_empty(), "{told}");
                let drafts = |of: &[standing_engine::Irregular]| -> Vec<_> {
                    let each = of.iter();
                    each.map(|one| (one.drafts.clone(), one.finding.clone()))
                        .collect()
                };
                assert_eq!(drafts(&irregular), drafts(&found), "{told}");
            }
            Err(error) => panic!("{error} {told}"),
        }
    }
}

/// Compares what was previewed with what there is now.
fn compare(
    ledger: &Ledger,
    preview: &standing_engine::Preview,
    before: &BTreeMap<Position, Effect>,
    told: &str,
    met: &mut Seen,
) {
    let step = step_after(ledger, preview.at);
    let changes = preview.changes(Stop::NEVER).unwrap();
    assert_eq!(changes, step.changes, "{told}");
    met.changed += usize::from(!changes.is_empty());
    assert_eq!(
        findings(&preview.layer, preview.last()),
        findings(ledger, preview.last()),
        "{told}"
    );
    let after = effects(ledger, preview.at, preview.last());
    // What was corrected before has no effect to lose.
    let standing = before
        .iter()
        .filter(|(_, (corrected, _))| corrected.is_none());
    let moved = standing.filter(|(entry, effect)| after[entry] != **effect);
    let moved: BTreeSet<Position> = moved.map(|(entry, _)| *entry).collect();
    let undone = preview.undone(Stop::NEVER).unwrap();
    met.undone += undone.len();
    let named: BTreeSet<Position> = undone.iter().map(|undone| undone.entry).collect();
    assert_eq!(named, moved, "{told}");
    let reader = ledger.at(preview.last());
    let view = reader.view();
    for undone in undone {
        let corrected = view.book.corrected_by(undone.entry, preview.last());
        match undone.fate {
            Fate::Replaced | Fate::Withdrawn => {
                let by = ledger.entry(corrected.unwrap()).unwrap().unwrap();
                let replaces = by.entry.content.event.is_some();
                assert_eq!(replaces, undone.fate == Fate::Replaced, "{told}");
            }
            Fate::Annulled { .. } | Fate::StandsAgain => assert_eq!(corrected, None, "{told}"),
        }
    }
}
