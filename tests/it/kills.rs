//! Kill -9 at hundreds of moments of recording and of naming persons: whatever was acknowledged is
//! there at the next start, in its place and once; every sealed name opens; and the file that the
//! last kill left verifies.
//!
//! `STANDING_LONG=1` kills sixteen hundred times, otherwise it is a tenth of that; `STANDING_SEED`
//! picks the moments. The other four hundred befall the upgrade of an older file, in the tests of
//! the store.

use crate::harness::{Client, Folder, Sequence, Server, batch, cli, number, text};
use serde_json::{Value, json};
use standing_proto::v1;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How many kills there are in all of each kind.
const WHOLE: u64 = 800;
const SHARE: u64 = 10;
const SEED: u64 = 20_230_607;

/// How many kills one ledger suffers: it stays small, so that it starts soon.
const LIVES: u64 = 20;

/// How many clients record at a time.
const CLIENTS: u64 = 4;

/// How many acknowledgements a kill waits for at most, so that a slow machine records as well.
const ACKNOWLEDGED: u64 = 4;

/// The latest moment of a kill after that, in microseconds.
const LATEST: u64 = 20_000;

/// As long as this nothing takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the clients send, by its number.
type Make = fn(u64) -> v1::RecordRequest;

/// A batch of one to five parties.
fn parties(number: u64) -> v1::RecordRequest {
    let lines: Vec<String> = (0..=number % 5)
        .map(|n| format!(r#"{{"id": "p-{number}-{n}", "partyRegistered": {{"party": "xx-{number}-{n}", "kind": "town"}}}}"#) + "\n")
        .collect();
    batch(&format!("r-{number}"), &lines.concat())
}

/// A batch that names one to three persons, and tells of an office for each, under which the name
/// is seen again.
fn persons(number: u64) -> v1::RecordRequest {
    let lines: Vec<String> = (0..=number % 3)
        .map(|n| {
            format!(
                r#"{{"id": "o-{number}-{n}", "termDeclared": {{"kind": "TERM_KIND_OFFICE", "term": "o-{number}-{n}"}}}}
{{"id": "n-{number}-{n}", "personNamed": {{"person": "s-{number}-{n}", "names": [{{"language": "en", "text": "Person {number} {n}"}}]}}}}
{{"id": "h-{number}-{n}", "effective": {{"date": "2012-01-01"}}, "officeAssumed": {{"office": "o-{number}-{n}", "holder": {{"person": "s-{number}-{n}"}}}}}}
"#
            )
        })
        .collect();
    batch(&format!("r-{number}"), &lines.concat())
}

/// What there is to tell of a run.
#[derive(Debug, Default)]
struct Told {
    kills: u64,
    acknowledged: u64,
    /// On disk, though nobody was told.
    beyond: u64,
    verified: u64,
    /// Of those, whose last commit was in its header and not yet in its pages.
    fell_back: u64,
}

/// One ledger, killed time after time.
struct Ledger {
    folder: Folder,
    make: Make,
    next: AtomicU64,
    /// The number of each acknowledged request, and where its batch begins.
    acknowledged: BTreeMap<u64, u64>,
    told: Told,
}

impl Ledger {
    fn new(make: Make) -> Self {
        Self {
            folder: Folder::new(),
            make,
            next: AtomicU64::default(),
            acknowledged: BTreeMap::new(),
            told: Told::default(),
        }
    }

    /// Starts, lets many record, and kills at some moment after so many acknowledgements.
    fn live(&mut self, after: u64, moment: Duration) {
        let server = self.folder.serve();
        self.look(&server);
        let (make, next) = (self.make, &self.next);
        let acknowledged = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                let (client, acknowledged) = (server.client().clone(), &acknowledged);
                scope.spawn(move || {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Ok(recorded) = client.record(&make(number)) else {
                            return;
                        };
                        let place = (number, recorded.first_position);
                        acknowledged.lock().unwrap().push(place);
                    }
                });
            }
            let begun = Instant::now();
            while (acknowledged.lock().unwrap().len() as u64) < after {
                assert!(begun.elapsed() < PATIENCE, "nothing is recorded");
                thread::sleep(Duration::from_micros(100));
            }
            thread::sleep(moment);
            server.kill();
        });
        let acknowledged = acknowledged.into_inner().unwrap();
        self.told.kills += 1;
        self.told.acknowledged += acknowledged.len() as u64;
        self.acknowledged.extend(acknowledged);
    }

    /// Fails unless everything acknowledged is in its place, once, and nothing is there in part.
    fn look(&self, server: &Server) -> u64 {
        let entries = server.client().entries();
        let mut found = BTreeMap::new();
        for (place, entry) in (1..).zip(&entries) {
            assert_eq!(number(entry, "position"), place, "positions have no gaps");
            let first = number(entry, "firstPosition");
            let before = found.insert(text(entry, "requestId").to_owned(), first);
            assert!(
                before.is_none_or(|before| before == first),
                "{entry} is there twice"
            );
        }
        for (request, first) in &self.acknowledged {
            let place = found.remove(&format!("r-{request}"));
            assert_eq!(
                place,
                Some(*first),
                "r-{request} of {} is lost",
                self.acknowledged.len()
            );
        }
        if let Some(last) = entries.last() {
            assert_eq!(
                number(last, "position"),
                number(last, "lastPosition"),
                "a whole batch"
            );
        }
        found.len() as u64
    }

    /// Looks at all of it at the end, and at what a repetition says.
    fn end(mut self) -> Told {
        // Before the next start mends it.
        let left = self.folder.path().join("left.redb");
        std::fs::copy(self.folder.ledger(), &left).unwrap();
        let server = self.folder.serve();
        self.told.beyond += self.look(&server);
        for (request, first) in &self.acknowledged {
            if request % 16 == 0 {
                let again = server.client().record(&(self.make)(*request)).unwrap();
                assert!(
                    again.replayed && again.first_position == *first,
                    "{again:?}"
                );
            }
        }
        for request in self.acknowledged.keys() {
            names_open(server.client(), &(self.make)(*request));
        }
        let report = cli(["verify".as_ref(), "--json".as_ref(), left.as_os_str()]);
        let said: Value = serde_json::from_str(&report.stdout).unwrap();
        // That the commit before the last is what is left is no loss: nobody was told of the last.
        assert!(said["pages"].is_null() && said["count"] == 0, "{report:#?}");
        let fell_back = said["fell_back"] == true;
        assert_eq!(report.code, Some(i32::from(fell_back)), "{report:#?}");
        self.told.verified += 1;
        self.told.fell_back += u64::from(fell_back);
        self.told
    }
}

/// Fails unless the name of every person of a batch is seen where the office is asked for.
fn names_open(client: &Client, batch: &v1::RecordRequest) {
    for draft in &batch.drafts {
        let Some(v1::draft::Event::PersonNamed(named)) = &draft.event else {
            continue;
        };
        let office = draft.id.replacen('n', "o", 1);
        let question = json!({"office": office, "at": {"on": "2013-01-01"}}).to_string();
        let answer = client
            .answer("RollService/ListOfficeHolders", &question)
            .to_string();
        assert!(answer.contains(&named.names[0].text), "{office}: {answer}");
    }
}

fn kill_often(make: Make, salt: u64) {
    let begun = Instant::now();
    let seed = std::env::var("STANDING_SEED").map_or(SEED, |seed| seed.parse().unwrap());
    let kills = match std::env::var("STANDING_LONG") {
        Ok(_) => WHOLE,
        Err(_) => WHOLE / SHARE,
    };
    let mut moments = Sequence(seed ^ salt);
    let mut told = Told::default();
    while told.kills < kills {
        let mut ledger = Ledger::new(make);
        for _ in 0..LIVES.min(kills - told.kills) {
            let after = moments.below(ACKNOWLEDGED + 1);
            ledger.live(after, Duration::from_micros(moments.below(LATEST)));
        }
        let of_one = ledger.end();
        told.kills += of_one.kills;
        told.acknowledged += of_one.acknowledged;
        told.beyond += of_one.beyond;
        told.verified += of_one.verified;
        told.fell_back += of_one.fell_back;
    }
    println!(
        "in {} s, STANDING_SEED={seed}: {told:?}",
        begun.elapsed().as_secs()
    );
    assert!(
        told.acknowledged > told.kills,
        "hardly anything was recorded: {told:?}"
    );
}

#[test]
fn kills_while_many_record_lose_nothing() {
    kill_often(parties, 0);
}

#[test]
fn kills_while_persons_are_named_lose_no_name() {
    kill_often(persons, 1);
}
