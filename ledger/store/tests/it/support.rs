//! Entries to store, and a storage in memory.

use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_store::digest::RequestDigest;
use standing_store::{Envelope, Log, Options, StorageBackend};
use std::io;
use std::sync::{Arc, Mutex};

/// Makes the entries at positions `first..=last` as one batch. Their bytes follow from the
/// positions; `payload` is the length of each payload.
pub fn batch(first: u64, last: u64, payload: usize) -> Vec<Vec<u8>> {
    (first..=last)
        .map(|position| entry(position, first, last, payload))
        .collect()
}

/// Makes one entry of a batch.
pub fn entry(position: u64, first: u64, last: u64, payload: usize) -> Vec<u8> {
    let payload: Vec<u8> = (0..payload as u64)
        .map(|i| (position * 31 + i).to_le_bytes()[0])
        .collect();
    let mut bytes = Vec::new();
    let envelope = Envelope {
        kind: 43,
        payload_version: 1,
        rules_version: 1,
        first: Position::new(first),
        last: Position::new(last),
        record_time: RecordTime::from_micros(1_700_000_000_000_000 + position),
        request_digest: RequestDigest([first.to_le_bytes()[0]; 16]),
        actor: "local/operator",
        request_id: &format!("request-{first}"),
        payload: &payload,
    };
    envelope.encode(&mut bytes).unwrap();
    bytes
}

/// Appends a batch after the head.
pub fn append(log: &Log, entries: &[Vec<u8>]) -> Position {
    log.append(log.head().next(), entries.iter().map(Vec::as_slice))
        .unwrap()
}

/// Reads every entry.
pub fn all(log: &Log) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    let end = log
        .scan(Position::FIRST..=Position::MAX, |position, bytes| {
            assert_eq!(position, Position::FIRST.after(entries.len()));
            entries.push(bytes.to_vec());
            std::ops::ControlFlow::<()>::Continue(())
        })
        .unwrap();
    assert!(end.is_continue());
    assert_eq!(log.head(), Position::ZERO.after(entries.len()));
    entries
}

/// A storage in memory that outlives the log on it.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub Arc<Mutex<Vec<u8>>>);

impl Memory {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(bytes)))
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }

    pub fn open(&self) -> Log {
        Log::with_backend(self.clone(), Options::default()).unwrap()
    }
}

impl StorageBackend for Memory {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.0.lock().unwrap();
        let start = usize::try_from(offset).unwrap();
        let part = bytes
            .get(start..start + out.len())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(part);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0
            .lock()
            .unwrap()
            .resize(usize::try_from(len).unwrap(), 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut bytes = self.0.lock().unwrap();
        let start = usize::try_from(offset).unwrap();
        if bytes.len() < start + data.len() {
            bytes.resize(start + data.len(), 0);
        }
        bytes[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }
}
