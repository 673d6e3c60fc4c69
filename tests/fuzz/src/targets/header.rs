//! The file: a ledger whose file was changed is refused, and the file left as it is, or it opens
//! and hands out no other entry than was recorded.

use crate::edits::apply;
use crate::engine::Target;
use crate::mutate::Mutator;
use crate::world::{LEAGUE, recorded};
use standing_domain::id::position::Position;
use standing_engine::{Options, Recorder};
use standing_store::Log;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// The bytes of the header.
const HEADER: usize = 320;

/// An input says how the file is opened, and what is changed in it.
pub struct Header {
    folder: TempDir,
    file: Vec<u8>,
    entries: Vec<Vec<u8>>,
}

impl Target for Header {
    const NAME: &'static str = "header";

    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger");
        drop(recorded(&path, LEAGUE));
        let file = fs::read(&path).unwrap();
        let log = Log::open_existing(&path, standing_store::Options::default()).unwrap();
        let positions = 1..=log.head().number();
        let entries = positions.map(|at| log.read(Position::new(at)).unwrap().unwrap());
        let entries = entries.collect();
        drop(log);
        Self {
            folder,
            file,
            entries,
        }
    }

    /// Nothing changed, and each byte of the header.
    fn seeds(&self) -> Vec<Vec<u8>> {
        let edit = |at: usize| {
            let place = u32::try_from(at).unwrap().to_le_bytes();
            [&[1, 0x0f, 3], &place[..]].concat()
        };
        let mut seeds: Vec<_> = (0..HEADER).step_by(4).map(edit).collect();
        seeds.extend([vec![0], vec![1]]);
        seeds
    }

    fn mutate(&self, input: &mut Vec<u8>, by: &mut Mutator) {
        by.bytes(input);
        input.truncate(256);
    }

    fn run(&mut self, input: &[u8]) -> Result<(), String> {
        let Some((how, edits)) = input.split_first() else {
            return Ok(());
        };
        let mut file = self.file.clone();
        apply(edits, HEADER, &mut file);
        let path = self.folder.path().join("ledger");
        fs::write(&path, &file).unwrap();
        if how % 2 == 0 {
            self.opened_by_engine(&path, &file)
        } else {
            self.opened_by_store(&path, &file)
        }
    }
}

impl Header {
    fn opened_by_store(&self, path: &PathBuf, file: &[u8]) -> Result<(), String> {
        let Ok(log) = Log::open_existing(path, standing_store::Options::default()) else {
            return left(path, file);
        };
        self.is_short(log.head(), log.fell_back())?;
        for at in 1..=log.head().number() {
            // An entry that does not verify is told.
            if let Ok(entry) = log.read(Position::new(at)) {
                self.is_same(at, entry.as_deref())?;
            }
        }
        Ok(())
    }

    fn opened_by_engine(&self, path: &PathBuf, file: &[u8]) -> Result<(), String> {
        let Ok(recorder) = Recorder::open(path, &Options::default()) else {
            return left(path, file);
        };
        let ledger = recorder.ledger();
        let troubles = ledger.troubles();
        self.is_short(ledger.head().position, !troubles.is_empty())
    }

    /// A head below the last entry is told.
    fn is_short(&self, head: Position, is_told: bool) -> Result<(), String> {
        let whole = self.entries.len() as u64;
        if head.number() == whole || (is_told && head.number() < whole) {
            return Ok(());
        }
        Err(format!(
            "it opens with the head {head} instead of {whole}, and says nothing"
        ))
    }

    fn is_same(&self, at: u64, entry: Option<&[u8]>) -> Result<(), String> {
        let place = usize::try_from(at - 1).unwrap();
        if entry == self.entries.get(place).map(Vec::as_slice) {
            return Ok(());
        }
        Err(format!("entry {at} is another"))
    }
}

/// Holds a file that was refused against what it was.
fn left(path: &PathBuf, file: &[u8]) -> Result<(), String> {
    if fs::read(path).unwrap() == file {
        return Ok(());
    }
    Err("the file was refused, and changed".to_owned())
}
