//! What if: a layer answers as if its drafts had been recorded at its position, and leaves no
//! trace.

use crate::common::*;
use proptest::prelude::*;
use standing_domain::entry::draft::Draft;
use standing_domain::id::position::Position;
use standing_domain::stop::Stop;
use standing_domain::time::day::Day;
use standing_engine::{Among, Ledger, RecordError};

const PARTIES: [&str; 3] = ["a", "b", "c"];

/// What a ledger answers, as known at a position: the verdicts, the counts and the findings, over
/// the year.
fn answers(ledger: &Ledger, known_at: Position) -> String {
    let months = (1..=12).map(|month| {
        let day = Day::parse(&format!("2001-{month:02}-15")).unwrap();
        let rights = PARTIES.map(|id| vote(ledger, id, Some("assembly"), day, known_at));
        let counts = ledger.count_members(day, known_at, Stop::NEVER).unwrap();
        let findings = ledger.findings(day, known_at, Stop::NEVER).unwrap();
        format!("{rights:?} {counts:?} {findings:?}\n")
    });
    months.collect()
}

fn drafts(acts: &[(usize, bool, u8)]) -> Vec<Draft> {
    let acts = acts.iter().map(|(party, full, month)| {
        let class = if *full { "full" } else { "observer" };
        admit(PARTIES[*party], class, &format!("2001-{month:02}-01"))
    });
    acts.collect()
}

fn acts(most: usize) -> impl Strategy<Value = Vec<(usize, bool, u8)>> {
    prop::collection::vec((0..3_usize, any::<bool>(), 1..=12_u8), 1..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_layer_is_a_ledger_that_was_told(before in acts(4), assumed in acts(3), after in acts(4)) {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path());
        record(&engine, founding()).unwrap();
        record(&engine, PARTIES.map(register).to_vec()).unwrap();
        for draft in drafts(&before) {
            let _ = record(&engine, vec![draft]);
        }
        let at = engine.ledger().head().position;
        let plain = answers(engine.ledger(), at);

        // The same drafts, told to a ledger of their own.
        let other = tempfile::tempdir().unwrap();
        let told = open(other.path());
        record(&told, founding()).unwrap();
        record(&told, PARTIES.map(register).to_vec()).unwrap();
        for draft in drafts(&before) {
            let _ = record(&told, vec![draft]);
        }
        prop_assert_eq!(told.ledger().head().position, at);
        let outcome = record(&told, drafts(&assumed));

        // The log goes on: what comes later is not known at the position of the layer.
        for draft in drafts(&after) {
            let _ = record(&engine, vec![draft]);
        }
        match (engine.ledger().assume(drafts(&assumed), at, Stop::NEVER), outcome) {
            (Ok(layer), Ok(recorded)) => {
                let known_at = layer.head().position;
                prop_assert_eq!(known_at, recorded.last);
                prop_assert_eq!(answers(&layer, known_at), answers(told.ledger(), recorded.last));
                let basis = layer.basis(Day::parse("2001-06-15").unwrap(), known_at).unwrap();
                prop_assert_eq!((basis.position, basis.assumed), (at, assumed.len() as u64));
                for position in at.next().to(known_at) {
                    let [mine, theirs] = [&layer, told.ledger()].map(|e| e.entry(position).unwrap().unwrap());
                    prop_assert_eq!(mine.entry.content, theirs.entry.content);
                }
            }
            (Err(RecordError::Refused(mine)), Err(RecordError::Refused(theirs))) => {
                prop_assert_eq!(mine, theirs);
            }
            (layer, outcome) => prop_assert!(false, "{:?} {outcome:?}", layer.is_ok()),
        }
        // Nothing of it is known to the ledger.
        prop_assert_eq!(answers(engine.ledger(), at), plain);
    }
}

#[test]
fn a_layer_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let head = engine.ledger().head().position;
    let layer = engine
        .ledger()
        .assume(vec![register("a")], head, Stop::NEVER)
        .unwrap();
    assert_eq!(
        layer.parties_after(&Among::Everybody, None, 10),
        [party("a")]
    );
    assert_eq!(
        engine.ledger().parties_after(&Among::Everybody, None, 10),
        []
    );
    assert_eq!(
        layer.at(head.next()).find_parties("A").unwrap(),
        [party("a")]
    );
    drop(layer);
    drop(engine);
    assert_eq!(open(folder.path()).ledger().head().position, head);
}

#[test]
fn the_same_question_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let head = engine.ledger().head().position;
    let drafts = || vec![register("a"), admit("a", "full", "2001-02-03")];
    let layer = || engine.ledger().assume(drafts(), head, Stop::NEVER);
    let bytes = |layer: &Ledger| -> Vec<Vec<u8>> { layer.assumed().map(<[u8]>::to_vec).collect() };
    let (first, second) = (layer().unwrap(), layer().unwrap());
    assert_eq!(bytes(&first), bytes(&second));
    assert_eq!(bytes(&first).len(), 2);
    assert_eq!(bytes(engine.ledger()), Vec::<Vec<u8>>::new());
}
