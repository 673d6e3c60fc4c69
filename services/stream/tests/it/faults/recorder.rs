//! Somebody who records small batches, on and on.

use crate::ledger;
use fastrand::Rng;
use standing_domain::entry::Draft;
use standing_domain::entry::event::{EndGround, Event};
use standing_domain::id::{ClassId, PartyId};
use standing_domain::time::day::Day;
use standing_engine::{Engine, RecordError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How many parties there are at most: each start of a day looks at all.
const PARTIES: u64 = 120;

/// How far from the association's today memberships begin and end, in days.
const PAST: u64 = 300;
const FUTURE: u64 = 20;

/// On how many days the seat moves, from the first on: all long before anything else.
const SEAT_DAYS: u64 = 30_000;

/// What is recorded, and how much was.
pub struct Records {
    random: Rng,
    clock: Arc<AtomicU64>,
    parties: u64,
    places: u64,
    pub batches: u64,
}

impl Records {
    pub fn new(seed: u64, clock: Arc<AtomicU64>) -> Self {
        Self {
            random: Rng::with_seed(seed),
            clock,
            parties: 0,
            places: 0,
            batches: 0,
        }
    }

    /// Records one batch, some time after the one before.
    pub fn record(&mut self, engine: &Engine) {
        // Some 20 minutes at most: now and then a day begins.
        let passed = self.random.u64(..1_200_000_000);
        self.clock.fetch_add(passed, Ordering::Relaxed);
        let recorded = match self.random.u64(..10) {
            0..=2 if self.parties < PARTIES => {
                self.parties += 1;
                ledger::admit(engine, &format!("party-{}", self.parties), &self.day())
            }
            3..=4 if self.parties > 0 => {
                let (party, ground) = (self.party(), EndGround::Withdrawal);
                let ended = Event::MembershipEnded { party, ground };
                ledger::record(engine, vec![ledger::draft(&self.day(), ended)])
            }
            5 if self.parties > 0 => {
                let admitted = Event::MemberAdmitted {
                    party: self.party(),
                    class: ClassId::new("full").unwrap(),
                    founder: false,
                };
                ledger::record(engine, vec![ledger::draft(&self.day(), admitted)])
            }
            _ => {
                let count = 1 + self.random.u64(..3);
                let seats: Vec<Draft> = (0..count).map(|_| self.seat()).collect();
                ledger::record(engine, seats)
            }
        };
        match recorded {
            Ok(_) => self.batches += 1,
            // No member twice, and none that is not: chance proposes what cannot be.
            Err(RecordError::Refused(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    fn seat(&mut self) -> Draft {
        // What changes twice on one day needs an order.
        let day = i32::try_from(self.places % SEAT_DAYS).unwrap();
        let day = Day::try_from(i32::from(Day::MIN) + day).unwrap();
        let order = u16::try_from(self.places / SEAT_DAYS).unwrap();
        self.places += 1;
        let seat = Event::SeatPlaced {
            place: format!("place {}", self.places),
            host: None,
        };
        let mut draft = ledger::draft(&day.to_string(), seat);
        draft.content.order = order;
        draft
    }

    fn party(&mut self) -> PartyId {
        let number = 1 + self.random.u64(..self.parties);
        PartyId::new(&format!("party-{number}")).unwrap()
    }

    fn day(&mut self) -> String {
        let now = i32::from(today(&self.clock));
        let day = now + i32::try_from(self.random.u64(..PAST + FUTURE)).unwrap();
        let day = day - i32::try_from(PAST).unwrap();
        Day::try_from(day).unwrap().to_string()
    }
}

/// Returns the association's day by the clock, nine hours ahead of UTC.
pub fn today(clock: &AtomicU64) -> Day {
    let ahead = clock.load(Ordering::Relaxed) + 9 * ledger::DAY / 24;
    Day::try_from(i32::try_from(ahead / ledger::DAY).unwrap()).unwrap()
}

/// A thread that records until it is stopped.
pub struct Recorder {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Records>>,
}

impl Recorder {
    pub fn start(engine: Arc<Engine>, mut records: Records) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                records.record(&engine);
                let pause = Duration::from_millis(records.random.u64(..80));
                std::thread::sleep(pause);
            }
            records
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }

    /// Stops it after the batch it is at, and fails if one was not recorded.
    pub fn stop(mut self) -> Records {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
