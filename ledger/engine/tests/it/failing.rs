//! A log that fails while the ledger runs: everyone is told, nothing is shown that is not durable.

use crate::common::*;
use standing_domain::truth::Truth;
use standing_engine::store::keys::KeyFile;
use standing_engine::store::{Log, StorageBackend};
use standing_engine::{Engine, RecordError};
use std::io::{Error, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Memory that stops syncing when told to, and survives the log that used it.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    pub bytes: Arc<Mutex<Vec<u8>>>,
    broken: Arc<AtomicBool>,
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let start = usize::try_from(offset).unwrap();
        out.copy_from_slice(&self.bytes.lock().unwrap()[start..start + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<()> {
        self.bytes
            .lock()
            .unwrap()
            .resize(usize::try_from(len).unwrap(), 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        if self.broken.load(Ordering::SeqCst) {
            Err(Error::other("the disk is gone"))
        } else {
            Ok(())
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(Error::other("the disk is gone"));
        }
        let start = usize::try_from(offset).unwrap();
        self.bytes.lock().unwrap()[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }
}

#[test]
fn a_failed_commit_tells_everyone_and_shows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let disk = Disk::default();
    let log = Log::with_backend(disk.clone(), standing_engine::store::Options::default()).unwrap();
    let engine = Engine::start(log, KeyFile::create(&keys).unwrap(), &options()).unwrap();
    record(&engine, founding()).unwrap();
    record(
        &engine,
        vec![register("a"), admit("a", "full", "2001-01-01")],
    )
    .unwrap();
    let head = engine.head();

    disk.broken.store(true, Ordering::SeqCst);
    assert!(matches!(
        record(&engine, vec![leave("a", "2002-01-01")]),
        Err(RecordError::Storage(_))
    ));
    assert_eq!(engine.head(), head);
    assert_eq!(
        votes(&engine, "a", "2003-01-01"),
        Truth::Yes,
        "answers go on as of the head"
    );
    assert!(
        matches!(
            record(&engine, vec![register("b")]),
            Err(RecordError::Storage(_))
        ),
        "and nothing is recorded"
    );
    assert!(engine.parties_after(None, 10).len() == 1);
}
