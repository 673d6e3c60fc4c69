//! What becomes of a ledger with one bit flipped: it is opened, asked everything, given one more
//! batch, closed, opened again, and asked again.

use crate::plan::{Flip, Place};
use crate::questions::Answer;
use crate::scene::{Files, Ledger, Scene, State, stored};
use standing_domain::id::position::Position;
use standing_engine::{Recorder, TroubleKind};
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use tonic::Code;

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Every answer as before.
    Same,
    /// The ledger was not opened, at first or again.
    Refused,
    /// Some questions were answered with `DATA_LOSS`, all others as before.
    DataLoss,
    /// The last commit was not believed, and the ledger says so.
    FellBack,
    /// Something else, and what.
    Wrong(String),
}

/// Tells that the ledger was opened: an end of the process after that is no refusal.
pub type Opened<'a> = &'a dyn Fn();

pub async fn trial(scene: &Scene, flip: &Flip, folder: &Path, opened: Opened<'_>) -> Outcome {
    let path = folder.join("ledger");
    let files = scene.files(flip.state);
    let damage = Damage::of(scene, files, flip);
    files.write(&path);
    if !flip.running {
        damage.strike(&path);
    }
    let replica = flip.state.is_replica();
    let Ok(ledger) = Ledger::open(&path, replica, flip.bare).await else {
        return Outcome::Refused;
    };
    opened();
    if flip.running {
        damage.strike(&path);
    }
    let answers = scene.answers(flip.state);
    if ledger.engine.ledger().head().position != Position::new(scene.head) {
        return shorter(scene, ledger).await;
    }
    let mut outcome = compare(scene, "at first", &ledger, &answers.before).await;
    let is_recorded = match record(scene, flip.state, &ledger).await {
        Ok(is_recorded) => is_recorded,
        Err(what) => return Outcome::Wrong(what),
    };
    let expected = if is_recorded {
        &answers.after
    } else {
        &answers.before
    };
    outcome = outcome.max(compare(scene, RECORDED, &ledger, expected).await);
    ledger.close().await;

    let Ok(ledger) = Ledger::open(&path, replica, flip.bare).await else {
        return outcome.max(Outcome::Refused);
    };
    let whole = scene.entries.len() as u64;
    // What was not acknowledged may be there all the same.
    let expected = match ledger.engine.ledger().head().position {
        head if head == Position::new(whole) => &answers.after,
        head if head == Position::new(scene.head) && !is_recorded => &answers.before,
        _ => return outcome.max(shorter(scene, ledger).await),
    };
    outcome = outcome.max(compare(scene, "opened again", &ledger, expected).await);
    ledger.close().await;
    outcome
}

/// Where bits are flipped, and what stands there then.
struct Damage {
    places: Vec<(u64, u8)>,
    in_keys: bool,
}

impl Damage {
    fn of(scene: &Scene, files: &Files, flip: &Flip) -> Self {
        let (bytes, places) = match flip.place {
            Place::Log(place) => (&files.log, vec![place]),
            Place::Keys(place) => (&files.keys, vec![place]),
            Place::Entry { entry, byte } => {
                let wanted = &scene.entries[entry];
                let windows = files.log.windows(wanted.len()).enumerate();
                let found = windows.filter(|(_, window)| window == wanted);
                // A page that was written anew leaves the old one behind it.
                let places: Vec<usize> = found.map(|(place, _)| place + byte).collect();
                assert!(!places.is_empty(), "entry {entry} is nowhere");
                (&files.log, places)
            }
        };
        let places = places.into_iter();
        Self {
            places: places
                .map(|place| (place as u64, bytes[place] ^ flip.mask))
                .collect(),
            in_keys: matches!(flip.place, Place::Keys(_)),
        }
    }

    fn strike(&self, path: &Path) {
        let path = if self.in_keys {
            path.with_extension("keys")
        } else {
            path.to_owned()
        };
        let file = OpenOptions::new().write(true).open(path).unwrap();
        for (place, byte) in &self.places {
            file.write_all_at(&[*byte], *place).unwrap();
        }
    }
}

/// When a ledger is asked after it was told to record.
const RECORDED: &str = "once recorded";

/// Records the late batch, or hands it to a replica; returns whether that was acknowledged.
async fn record(scene: &Scene, state: State, ledger: &Ledger) -> Result<bool, String> {
    if state.is_replica() {
        let head = usize::try_from(scene.head).unwrap();
        let late = &scene.entries[head..];
        return Ok(ledger
            .engine
            .follow(Position::new(scene.head + 1), late)
            .is_ok());
    }
    match ledger.record(&scene.late).await {
        Answer::Bytes(_) => Ok(true),
        Answer::Error {
            code: Code::DataLoss | Code::Unavailable | Code::FailedPrecondition,
            ..
        } => Ok(false),
        // The commit failed, and the log cannot be opened again to see what came of it.
        Answer::Error {
            code: Code::Internal,
            reason,
        } if reason == "STORAGE_FAILED" => Ok(false),
        Answer::Error { code, reason } => Err(format!("recording: {code:?} {reason}")),
    }
}

async fn compare(scene: &Scene, when: &str, ledger: &Ledger, expected: &[Answer]) -> Outcome {
    let found = ledger.ask(&scene.questions).await;
    let mut outcome = Outcome::Same;
    for ((question, found), expected) in scene.questions.iter().zip(found).zip(expected) {
        let this = match found {
            found if found == *expected => continue,
            Answer::Error {
                code: Code::DataLoss,
                ..
            } => Outcome::DataLoss,
            // The commit met the damage, and what is left cannot be opened again.
            Answer::Error {
                code: Code::Unavailable,
                reason,
            } if reason == "STORAGE_CLOSED" && when == RECORDED => Outcome::Refused,
            Answer::Error { code, reason } => {
                Outcome::Wrong(format!("{when}: {code:?} {reason} to {}", question.text))
            }
            Answer::Bytes(_) => {
                Outcome::Wrong(format!("{when}: another answer to {}", question.text))
            }
        };
        outcome = outcome.max(this);
    }
    outcome
}

/// Judges a ledger that ends earlier than it did: it must say so, and hold what it holds as it was.
async fn shorter(scene: &Scene, ledger: Ledger) -> Outcome {
    let head = ledger.engine.ledger().head().position;
    let is_told = says_that_it_fell_back(&ledger.engine);
    let entries = stored(&ledger.engine, 1..=u64::MAX);
    ledger.close().await;
    if !is_told {
        Outcome::Wrong(format!("the head is {head}, and nothing is said of it"))
    } else if scene.entries.starts_with(&entries) {
        Outcome::FellBack
    } else {
        Outcome::Wrong(format!("fell back to {head}, and holds other entries"))
    }
}

fn says_that_it_fell_back(engine: &Recorder) -> bool {
    let mut troubles = engine.ledger().troubles().into_iter();
    troubles.any(|trouble| matches!(trouble.kind, TroubleKind::FellBack | TroubleKind::Damaged))
}
