//! Reading the log from the start: one thread reads and decodes, another applies. Replay never decides.

use crate::basis::Head;
use crate::open::{OpenError, Options};
use crate::reader::{EntryError, decode};
use crate::shared::Shared;
use standing_domain::event::{Content, Position};
use standing_store::{Envelope, codec};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// How many entries go from one thread to the other at a time; also how often progress is told.
const CHUNK: usize = 1_024;

/// How many chunks may wait.
const WAITING: usize = 8;

/// What applying an entry needs of it.
struct Read {
    content: Content,
    /// The id of its request, at the first entry of a batch.
    request: Option<Box<str>>,
    record_time: u64,
}

/// A run of entries, in order of position.
type Chunk = Vec<Read>;

/// Reads the log from the start and applies every entry.
pub(crate) fn replay(shared: &Shared, options: &Options) -> Result<(), OpenError> {
    let total = shared.log.head();
    let (send, receive) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || read(shared, total, &send));
        let head = apply(shared, &receive, total, options);
        match reader.join() {
            Ok(outcome) => outcome?,
            Err(panic) => std::panic::resume_unwind(panic),
        }
        shared.requests.write().settle();
        shared.head.store(Arc::new(head));
        Ok(())
    })
}

/// Decodes all entries and hands them over.
fn read(shared: &Shared, total: Position, send: &SyncSender<Chunk>) -> Result<(), OpenError> {
    let mut chunk = Vec::with_capacity(CHUNK);
    let outcome = shared.log.scan(1..=total, |position, stored| {
        match read_entry(position, stored) {
            Ok(read) => chunk.push(read),
            Err(error) => return ControlFlow::Break(Some(error)),
        }
        if chunk.len() == CHUNK || position == total {
            let full = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK));
            if send.send(full).is_err() {
                return ControlFlow::Break(None);
            }
        }
        ControlFlow::Continue(())
    })?;
    match outcome {
        ControlFlow::Break(Some(error)) => Err(error.into()),
        _ => Ok(()),
    }
}

fn read_entry(position: Position, stored: &[u8]) -> Result<Read, EntryError> {
    let envelope =
        Envelope::decode(stored).map_err(|source| EntryError::Envelope { position, source })?;
    let content = codec::decode_lean(envelope.kind, envelope.payload_version, envelope.payload)
        .map_err(|source| EntryError::Payload { position, source })?;
    let request = (envelope.first == position).then(|| envelope.request_id.into());
    Ok(Read {
        content,
        request,
        record_time: envelope.record_time,
    })
}

/// Applies what comes, and returns the head it leads to.
fn apply(shared: &Shared, receive: &Receiver<Chunk>, total: Position, options: &Options) -> Head {
    let lookup = |position: Position| -> Option<Content> {
        let read = shared
            .log
            .read_with(position, |stored| decode(position, stored));
        Some(read.ok()??.ok()?.entry.content)
    };
    let mut head = Head {
        position: 0,
        record_time: 0,
    };
    let mut book = shared.book.write();
    let mut requests = shared.requests.write();
    for chunk in receive {
        for read in chunk {
            head.position += 1;
            head.record_time = read.record_time;
            shared.apply(&mut book, head.position, &read.content, &lookup, None);
            let id = read
                .content
                .id
                .as_ref()
                .map(standing_domain::id::DraftId::as_str);
            if let Some(request) = &read.request {
                requests.push(request, head.position);
            }
            if let Some(id) = id.filter(|id| read.request.as_deref() != Some(id)) {
                requests.push(id, head.position);
            }
        }
        if let Some(progress) = &options.progress {
            progress(head.position, total);
        }
    }
    head
}
