//! Reading the log from the start: two threads read, verify and decode runs of it in turn, another
//! applies them in order. Replay never decides.

use crate::entry::EntryError;
use crate::opening::{OpenError, Options};
use crate::point::Head;
use crate::shared::Shared;
use crate::shared::marks::Marks;
use crate::shared::persons::PersonNames;
use crate::shared::unread::Unread;
use standing_domain::entry::Content;
use standing_domain::entry::event::one::NamedPerson;
use standing_domain::id::PersonId;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_store::keys::KeyFile;
use standing_store::{Envelope, codec, seal};
use std::collections::BTreeSet;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

/// How many threads read. Reading takes longer than applying, as every entry is hashed.
const READERS: u64 = 2;

/// How many entries a thread reads before it is another's turn.
const RUN: u64 = 4_096;

/// How many entries go from one thread to the other at a time; also how often progress is told. A
/// run is a whole number of them.
const CHUNK: usize = 256;

/// How many chunks of one thread may wait: a run, so that none waits for the other.
const WAITING: usize = 16;

/// A run of contents, in order of position, and the record time of the last.
#[derive(Default)]
struct Chunk {
    contents: Vec<Content>,
    record_time: RecordTime,
}

/// The ends of a reading thread: full chunks go out, and come back to be let go where they were
/// made, which is what allocators are quick at.
struct Ends {
    full: SyncSender<Chunk>,
    done: Receiver<Chunk>,
}

/// The other ends, of the thread that applies.
struct Source {
    chunks: Receiver<Chunk>,
    back: Sender<Chunk>,
}

/// What a reading thread takes note of beside the contents.
#[derive(Default)]
struct Noted {
    requests: Marks,
    persons: PersonNames,
    unkeyed: BTreeSet<PersonId>,
}

/// Reads the log from the start and applies every entry. Returns the persons who have a sealed name
/// and no key, although nobody erased one; unless the log knows its key file, a key that does not
/// open the name is none.
pub(crate) fn replay(
    shared: &Shared,
    options: &Options,
    knows_keys: bool,
) -> Result<BTreeSet<PersonId>, OpenError> {
    std::thread::scope(|scope| {
        let (mut readers, mut sources) = (Vec::new(), Vec::new());
        for number in 0..READERS {
            let (full, chunks) = sync_channel(WAITING);
            let (back, done) = channel();
            let ends = Ends { full, done };
            readers.push(scope.spawn(move || read(shared, number, &ends, knows_keys)));
            sources.push(Source { chunks, back });
        }
        let applied = apply(shared, &sources, options);
        // Whoever still reads finds that nobody takes it any more.
        drop(sources);
        let (mut unkeyed, mut requests) = (BTreeSet::new(), Vec::new());
        for reader in readers {
            let noted = match reader.join() {
                Ok(outcome) => outcome?,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            requests.push((noted.requests, noted.persons));
            unkeyed.extend(noted.unkeyed);
        }
        let head = applied?;
        shared.settle(requests);
        shared.show(head);
        Ok(unkeyed)
    })
}

/// Returns the runs that a thread reads.
fn runs(number: u64, total: Position) -> impl Iterator<Item = RangeInclusive<Position>> {
    let first = Position::FIRST.plus(number * RUN);
    let firsts = std::iter::successors(Some(first), |first| Some(first.plus(READERS * RUN)));
    let runs = firsts.map(move |first| first..=total.min(first.plus(RUN - 1)));
    runs.take_while(move |run| *run.start() <= total)
}

/// Decodes the entries of every run that is a thread's, notes their ids, and hands them over.
fn read(shared: &Shared, number: u64, ends: &Ends, knows_keys: bool) -> Result<Noted, OpenError> {
    // Where there is no key file at all, nobody is missed.
    let keys = Some(&shared.keys).filter(|keys| keys.is_present());
    let mut noted = Noted::default();
    for run in runs(number, shared.log.head()) {
        let last = *run.end();
        let mut chunk = Chunk::default();
        let outcome = shared.log.scan(run, |position, stored| {
            if let Err(error) = read_entry(position, stored, &mut chunk, &mut noted.requests) {
                return ControlFlow::Break(Some(error));
            }
            if let (Some(keys), Some(content)) = (keys, chunk.contents.last()) {
                let unkeyed = person_without_key(content, keys, knows_keys);
                noted.unkeyed.extend(unkeyed);
                noted.persons.insert(content, position, keys);
            }
            if chunk.contents.len() == CHUNK || position == last {
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
            ControlFlow::Break(Some(error)) => return Err(error.into()),
            ControlFlow::Break(None) => break,
            ControlFlow::Continue(()) => {}
        }
    }
    Ok(noted)
}

/// Returns whom an entry gives a name that is sealed under a key that is lost, or, where the keys
/// may be another ledger's, that the person's key does not open.
fn person_without_key(content: &Content, keys: &KeyFile, knows_keys: bool) -> Option<PersonId> {
    let NamedPerson { person, names } = content.event.as_ref()?.named_person()?;
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

/// Applies what comes, run by run, and returns the head it leads to; where a thread failed, the
/// place before which it did.
fn apply(shared: &Shared, sources: &[Source], options: &Options) -> Result<Head, EntryError> {
    let total = shared.log.head();
    let unread = Unread::default();
    let lookup = |position: Position| unread.keep(shared.content(position));
    let mut head = Head::START;
    let mut book = shared.book.write();
    for source in sources.iter().cycle() {
        let end = total.min(head.position.plus(RUN));
        while head.position < end {
            let Ok(chunk) = source.chunks.recv() else {
                return unread.or(head);
            };
            for content in &chunk.contents {
                head.position = head.position.next();
                shared.apply(&mut book, head.position, content, &lookup, None);
            }
            head.record_time = chunk.record_time;
            // At the end nobody waits for it any more.
            let _ = source.back.send(chunk);
            if let Some(progress) = &options.progress {
                progress(head.position.number(), total.number());
            }
        }
        if head.position == total {
            break;
        }
    }
    unread.or(head)
}
