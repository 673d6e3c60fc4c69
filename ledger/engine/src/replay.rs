//! Reading the log from the start: one thread reads and decodes, another applies. Replay never decides.

use crate::basis::Head;
use crate::marks::Marks;
use crate::open::{OpenError, Options};
use crate::reader::EntryError;
use crate::shared::Shared;
use crate::unread::Unread;
use standing_domain::event::{Content, Event, Position};
use standing_domain::id::PersonId;
use standing_store::keys::KeyFile;
use standing_store::{Envelope, codec, seal};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

/// How many entries go from one thread to the other at a time; also how often progress is told.
const CHUNK: usize = 256;

/// How many chunks may wait.
const WAITING: usize = 8;

/// A run of contents, in order of position, and the record time of the last.
#[derive(Default)]
struct Chunk {
    contents: Vec<Content>,
    record_time: u64,
}

/// The ends of the reading thread: full chunks go out, and come back to be let go where they were made, which is what
/// allocators are quick at.
struct Ends {
    full: SyncSender<Chunk>,
    done: Receiver<Chunk>,
}

/// Reads the log from the start and applies every entry. Returns the persons who have a sealed name and no key, although nobody
/// erased one; unless the log knows its key file, a key that does not open the name is none.
pub(crate) fn replay(
    shared: &Shared,
    options: &Options,
    knows_keys: bool,
) -> Result<BTreeSet<PersonId>, OpenError> {
    let total = shared.log.head();
    let (full, chunks) = sync_channel(WAITING);
    let (back, done) = channel();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || read(shared, total, &Ends { full, done }, knows_keys));
        let head = apply(shared, chunks, &back, options);
        let unkeyed = match reader.join() {
            Ok(outcome) => outcome?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        let head = head?;
        shared.requests.write().settle();
        shared.names.write().settle();
        shared.head.store(Arc::new(head));
        Ok(unkeyed)
    })
}

/// Decodes all entries, notes their ids, and hands them over.
fn read(
    shared: &Shared,
    total: Position,
    ends: &Ends,
    knows_keys: bool,
) -> Result<BTreeSet<PersonId>, OpenError> {
    let mut requests = shared.requests.write();
    // Where there is no key file at all, nobody is missed.
    let keys = Some(&shared.keys).filter(|keys| keys.is_present());
    let mut unkeyed = BTreeSet::new();
    let mut chunk = Chunk::default();
    let outcome = shared.log.scan(1..=total, |position, stored| {
        if let Err(error) = read_entry(position, stored, &mut chunk, &mut requests) {
            return ControlFlow::Break(Some(error));
        }
        if let (Some(keys), Some(content)) = (keys, chunk.contents.last()) {
            unkeyed.extend(person_without_key(content, keys, knows_keys));
        }
        if chunk.contents.len() == CHUNK || position == total {
            let mut empty = ends.done.try_recv().unwrap_or_default();
            empty.contents.clear();
            if ends
                .full
                .send(std::mem::replace(&mut chunk, empty))
                .is_err()
            {
                return ControlFlow::Break(None);
            }
        }
        ControlFlow::Continue(())
    })?;
    match outcome {
        ControlFlow::Break(Some(error)) => Err(error.into()),
        _ => Ok(unkeyed),
    }
}

/// Returns whom an entry gives a name that is sealed under a key that is lost, or, where the keys may be another ledger's, that the
/// person's key does not open.
fn person_without_key(content: &Content, keys: &KeyFile, knows_keys: bool) -> Option<PersonId> {
    let Some(Event::PersonNamed { person, names }) = &content.event else {
        return None;
    };
    let id = person.as_str();
    let is_held = || match keys.person(id) {
        Some(key) => {
            knows_keys
                || names
                    .iter()
                    .all(|name| seal::open(&key, id, &name.sealed).is_ok())
        }
        None => false,
    };
    let is_lost = !names.is_empty() && !keys.was_erased(id) && !is_held();
    is_lost.then(|| person.clone())
}

fn read_entry(
    position: Position,
    stored: &[u8],
    chunk: &mut Chunk,
    requests: &mut Marks,
) -> Result<(), EntryError> {
    let envelope =
        Envelope::decode(stored).map_err(|source| EntryError::Envelope { position, source })?;
    let lean = codec::decode_lean(envelope.kind, envelope.payload_version, envelope.payload);
    let (content, id) = lean.map_err(|source| EntryError::Payload { position, source })?;
    let request = (envelope.first == position).then_some(envelope.request_id.as_bytes());
    for id in request
        .into_iter()
        .chain(id.filter(|id| request != Some(*id)))
    {
        requests.insert(id, position);
    }
    chunk.contents.push(content);
    chunk.record_time = envelope.record_time;
    Ok(())
}

/// Applies what comes, and returns the head it leads to.
fn apply(
    shared: &Shared,
    chunks: Receiver<Chunk>,
    back: &Sender<Chunk>,
    options: &Options,
) -> Result<Head, EntryError> {
    let total = shared.log.head();
    let unread = Unread::default();
    let lookup = |position: Position| unread.keep(shared.content(position));
    let mut head = Head {
        position: 0,
        record_time: 0,
    };
    let mut book = shared.book.write();
    for chunk in chunks {
        for content in &chunk.contents {
            head.position += 1;
            shared.apply(&mut book, head.position, content, &lookup, None);
        }
        head.record_time = chunk.record_time;
        // At the end nobody waits for it any more.
        let _ = back.send(chunk);
        if let Some(progress) = &options.progress {
            progress(head.position, total);
        }
    }
    unread.or(head)
}
