//! The writer: one thread that owns the log. It takes what is waiting, applies and judges each request above the head with
//! its neighbours, commits all that pass in one durable transaction, moves the head, and answers each caller.

use crate::Engine;
use crate::basis::Head;
use crate::reader::decode;
use crate::shared::Shared;
use standing_domain::apply::Touched;
use standing_domain::book::Ref;
use standing_domain::event::{Content, Draft, Event, Position};
use standing_domain::id::{ActorId, DraftId};
use standing_domain::judge::{Batch, judge};
use standing_domain::refusal::{Reason, Refusal};
use standing_domain::view::Parties;
use standing_store::digest::RequestDigest;
use standing_store::{Envelope, codec, envelope, seal};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

/// How many requests may wait before callers do.
pub(crate) const QUEUE: usize = 4_096;

/// How many entries one commit takes at most, but for a single larger batch.
const GROUP: usize = 4_096;

/// A batch to record.
#[derive(Debug, Clone)]
pub struct Request {
    /// The client's id of the request.
    pub id: DraftId,
    /// Who asks: the authenticated caller.
    pub actor: ActorId,
    /// The drafts; 1 to 10,000.
    pub drafts: Vec<Draft>,
    /// The drafts as the client sent them, in a form that stays the same for ever: what a repeated request is compared by.
    pub canonical: Vec<u8>,
    /// What the client believes.
    pub expectations: Vec<Expectation>,
    /// Judge only, write nothing.
    pub validate_only: bool,
}

/// What a client believes of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Of what.
    pub of: Expected,
    /// The position of the last entry that concerns it; 0 for none.
    pub position: Position,
}

/// What an expectation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// The log.
    Log,
    /// A party or an instrument.
    Of(Ref),
}

/// What was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The position of the first draft; 0 if only judged.
    pub first: Position,
    /// The position of the last.
    pub last: Position,
    /// The record time of the last, in microseconds since 1970-01-01T00:00:00Z; 0 if only judged.
    pub record_time: u64,
    /// Whether this is the first answer again.
    pub replayed: bool,
}

/// Why nothing was recorded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecordError {
    /// The drafts make history impossible, or refer to what is not there: every reason.
    #[error("the batch is refused for {} reasons", .0.len())]
    Refused(Vec<Refusal>),
    /// The request id was used with other content or by another actor.
    #[error("request id {id} was used with other content, at position {position}")]
    RequestIdReused {
        /// The id.
        id: DraftId,
        /// Where its batch begins.
        position: Position,
    },
    /// An expectation does not hold.
    #[error("{of} is at position {found}, not {expected}")]
    StalePosition {
        /// Of what.
        of: String,
        /// What the client believed.
        expected: Position,
        /// What is so.
        found: Position,
    },
    /// The batch has no draft or too many, or an entry or the batch is too large.
    #[error("{0}")]
    Size(String),
    /// The log or the key file failed; whether the batch is on disk is known after a restart.
    #[error("the ledger's storage failed: {0}")]
    Storage(Arc<str>),
    /// The ledger is closing.
    #[error("the ledger is closing")]
    Closing,
}

/// Hands the outcome to whoever waits for it.
pub(crate) type Reply = Box<dyn FnOnce(Result<Recorded, RecordError>) + Send>;

/// A request and who waits for it.
pub(crate) struct Job {
    request: Request,
    digest: RequestDigest,
    reply: Reply,
}

impl Engine {
    /// Hands a request to the writer; `reply` is called from the writer's thread once the batch is durable or refused, and
    /// must not wait.
    pub fn submit(
        &self,
        request: Request,
        reply: impl FnOnce(Result<Recorded, RecordError>) + Send + 'static,
    ) {
        if let Err(error) = check_size(&request) {
            return reply(Err(error));
        }
        // On the caller's thread, to spare the writer.
        let parts = [request.canonical.as_slice()];
        let digest = self
            .shared
            .keys
            .read()
            .digest_key()
            .digest(request.actor.as_str(), parts);
        let job = Job {
            request,
            digest,
            reply: Box::new(reply),
        };
        let sent = match &self.jobs {
            Some(jobs) => jobs.send(job).map_err(|error| error.0),
            None => Err(job),
        };
        if let Err(job) = sent {
            (job.reply)(Err(RecordError::Closing));
        }
    }

    /// Records a batch and waits for it.
    ///
    /// # Errors
    /// Nothing was recorded, and why; only after [`RecordError::Storage`] may it be on disk all the same.
    pub fn record(&self, request: Request) -> Result<Recorded, RecordError> {
        let (send, receive) = sync_channel(1);
        self.submit(request, move |outcome| {
            // The caller waits below; it cannot be gone.
            let _ = send.send(outcome);
        });
        receive.recv().unwrap_or(Err(RecordError::Closing))
    }
}

/// What passed and is not yet durable.
#[derive(Default)]
struct Group {
    /// The contents, from the position after the head on.
    contents: Vec<Content>,
    bytes: Vec<u8>,
    /// Where each entry ends in `bytes`.
    ends: Vec<usize>,
    answers: Vec<(Reply, Recorded)>,
    requests: Vec<(DraftId, RequestDigest, Recorded)>,
    touched: Vec<Touched>,
    notes: Vec<(DraftId, Position)>,
}

/// The writer's own state.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    head: Head,
    /// Set once the log failed: nothing is recorded any more.
    failed: Option<Arc<str>>,
}

impl Writer {
    pub fn new(shared: Arc<Shared>) -> Self {
        let head = **shared.head.load();
        Self {
            shared,
            head,
            failed: None,
        }
    }

    /// Works until all senders are gone.
    pub fn run(mut self, queue: &Receiver<Job>) {
        while let Ok(first) = queue.recv() {
            let mut group = Group::default();
            self.take(first, &mut group);
            while group.contents.len() < GROUP {
                let Ok(job) = queue.try_recv() else { break };
                self.take(job, &mut group);
            }
            self.commit(group);
        }
    }

    /// Decides one request; what passes joins the group.
    fn take(&mut self, job: Job, group: &mut Group) {
        if let Some(failed) = &self.failed {
            return (job.reply)(Err(RecordError::Storage(Arc::clone(failed))));
        }
        let Job {
            request,
            digest,
            reply,
        } = job;
        match self.decide(request, digest, group) {
            Ok(recorded) if recorded.first > self.head.position => {
                group.answers.push((reply, recorded));
            }
            outcome => reply(outcome),
        }
    }

    fn decide(
        &mut self,
        mut request: Request,
        digest: RequestDigest,
        group: &mut Group,
    ) -> Result<Recorded, RecordError> {
        if let Some(answer) = self.answered(&request, digest, group)? {
            return Ok(answer);
        }
        self.check_expectations(&request, group)?;
        let first = self.head.position + group.contents.len() as Position + 1;
        let contents = self.resolve(&mut request, first, group)?;
        let touched = self.apply(first, &contents, group);
        let refusals = self.judge(first, &contents, &touched, group);
        if !refusals.is_empty() || request.validate_only {
            self.retract(first - 1, &touched);
            return if refusals.is_empty() {
                Ok(Recorded {
                    first: 0,
                    last: 0,
                    record_time: 0,
                    replayed: false,
                })
            } else {
                Err(RecordError::Refused(refusals))
            };
        }
        let ids: Vec<Option<DraftId>> = contents.iter().map(|content| content.id.clone()).collect();
        match self.encode(&request, digest, first, contents, group) {
            Ok(recorded) => {
                self.note(&request.id, &ids, first, group);
                group.touched.push(touched);
                group.requests.push((request.id, digest, recorded));
                Ok(recorded)
            }
            Err(error) => {
                self.retract(first - 1, &touched);
                Err(error)
            }
        }
    }

    /// Returns the first answer, if the request was recorded before or is in the group.
    fn answered(
        &self,
        request: &Request,
        digest: RequestDigest,
        group: &Group,
    ) -> Result<Option<Recorded>, RecordError> {
        let again = |same: bool, recorded: Recorded| {
            if same {
                Ok(Some(Recorded {
                    replayed: true,
                    ..recorded
                }))
            } else {
                Err(RecordError::RequestIdReused {
                    id: request.id.clone(),
                    position: recorded.first,
                })
            }
        };
        if let Some((_, earlier, recorded)) =
            group.requests.iter().find(|(id, ..)| *id == request.id)
        {
            return again(*earlier == digest, *recorded);
        }
        let candidates = self.shared.requests.read().candidates(request.id.as_str());
        for position in candidates
            .into_iter()
            .filter(|position| *position <= self.head.position)
        {
            let read = self.shared.log.read_with(position, |stored| {
                let envelope = Envelope::decode(stored).ok()?;
                let same_id =
                    envelope.request_id == request.id.as_str() && envelope.first == position;
                same_id.then_some((envelope.request_digest == digest, envelope.last))
            });
            if let Some((same, last)) = read.map_err(|error| storage(&error))?.flatten() {
                let record_time = self.shared.stamp(last).map_err(|error| storage(&error))?.0;
                return again(
                    same,
                    Recorded {
                        first: position,
                        last,
                        record_time,
                        replayed: true,
                    },
                );
            }
        }
        Ok(None)
    }

    fn check_expectations(&self, request: &Request, group: &Group) -> Result<(), RecordError> {
        for expectation in &request.expectations {
            let (of, found) = match &expectation.of {
                Expected::Log => (
                    "the log".to_owned(),
                    self.head.position + group.contents.len() as Position,
                ),
                Expected::Of(Ref::Party(party)) => {
                    let last = |record: &standing_domain::party::PartyRecord| {
                        record.mentions().last().copied()
                    };
                    let found = self
                        .shared
                        .shards
                        .with(party, |record| record.and_then(last).unwrap_or(0));
                    (format!("party {party}"), found)
                }
                Expected::Of(Ref::Instrument(instrument)) => {
                    let mentions = Ref::Instrument(instrument.clone());
                    let found = self
                        .shared
                        .book
                        .read()
                        .mentions(&mentions)
                        .last()
                        .copied()
                        .unwrap_or(0);
                    (format!("instrument {instrument}"), found)
                }
                Expected::Of(other) => (format!("{other:?}"), 0),
            };
            if found != expectation.position {
                return Err(RecordError::StalePosition {
                    of,
                    expected: expectation.position,
                    found,
                });
            }
        }
        Ok(())
    }

    /// Resolves references by id to positions, inherits the order of corrected entries (rule 8), and seals names.
    fn resolve(
        &self,
        request: &mut Request,
        first: Position,
        group: &Group,
    ) -> Result<Vec<Content>, RecordError> {
        let mut refusals = Vec::new();
        let mut contents: Vec<Content> = Vec::with_capacity(request.drafts.len());
        for (place, draft) in std::mem::take(&mut request.drafts).into_iter().enumerate() {
            let Draft {
                mut content,
                corrects,
                target,
            } = draft;
            let find = |id: &DraftId| {
                let own = contents
                    .iter()
                    .position(|content: &Content| content.id.as_ref() == Some(id));
                own.map(|place| first + place as Position)
                    .or_else(|| self.find_draft(id, group))
            };
            let mut resolve = |id: &DraftId| {
                find(id).unwrap_or_else(|| {
                    refusals.push(Refusal::new(
                        place,
                        Reason::UnknownEntry,
                        id,
                        format!("there is no entry {id}"),
                    ));
                    0
                })
            };
            if let Some(id) = &corrects {
                content.corrects = Some(resolve(id)).filter(|position| *position != 0);
            }
            if let (Some(id), Some(Event::ActAnnulled { entry } | Event::ActRatified { entry })) =
                (&target, &mut content.event)
            {
                *entry = resolve(id);
            }
            if let Some(taken) = content.id.as_ref().and_then(find) {
                let id = content
                    .id
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let message = format!("entry {taken} has the id {id} already");
                refusals.push(
                    Refusal::new(place, Reason::AlreadyExists, id, message).with(vec![taken]),
                );
            }
            if content.order == 0
                && let Some(target) = content.corrects
                && let Some(old) = self.lookup(target, &group.contents)
            {
                content.order = old.order;
            }
            self.seal(&mut content)?;
            contents.push(content);
        }
        if refusals.is_empty() {
            Ok(contents)
        } else {
            Err(RecordError::Refused(refusals))
        }
    }

    fn seal(&self, content: &mut Content) -> Result<(), RecordError> {
        let Some(Event::PersonNamed { person, names }) = &mut content.event else {
            return Ok(());
        };
        let key = self
            .shared
            .keys
            .write()
            .person_or_new(person.as_str())
            .map_err(|error| storage(&error))?;
        for name in names {
            let nonce = seal::Nonce::random().map_err(|error| storage(&error))?;
            name.sealed = seal::seal(&key, nonce, person.as_str(), &name.sealed)
                .map_err(|error| RecordError::Size(error.to_string()))?;
        }
        Ok(())
    }

    fn find_draft(&self, id: &DraftId, group: &Group) -> Option<Position> {
        let first = self.head.position + 1;
        let waiting = group
            .contents
            .iter()
            .position(|content| content.id.as_ref() == Some(id));
        if let Some(place) = waiting {
            return Some(first + place as Position);
        }
        let candidates = self.shared.requests.read().candidates(id.as_str());
        candidates
            .into_iter()
            .filter(|position| *position <= self.head.position)
            .find(|position| {
                self.lookup(*position, &[])
                    .is_some_and(|content| content.id.as_ref() == Some(id))
            })
    }

    /// Reads what an entry says, durable or waiting.
    fn lookup(&self, position: Position, waiting: &[Content]) -> Option<Content> {
        if position > self.head.position {
            return waiting
                .get(usize::try_from(position - self.head.position - 1).ok()?)
                .cloned();
        }
        let read = self
            .shared
            .log
            .read_with(position, |stored| decode(position, stored))
            .ok()??;
        Some(read.ok()?.entry.content)
    }

    fn apply(&self, first: Position, contents: &[Content], group: &Group) -> Touched {
        let mut touched = Touched::default();
        let lookup = |position: Position| self.lookup_among(position, first, contents, group);
        for (position, content) in (first..).zip(contents) {
            let mut book = self.shared.book.write();
            self.shared
                .apply(&mut book, position, content, &lookup, Some(&mut touched));
        }
        touched
    }

    fn lookup_among(
        &self,
        position: Position,
        first: Position,
        own: &[Content],
        group: &Group,
    ) -> Option<Content> {
        match position.checked_sub(first) {
            Some(place) => own.get(usize::try_from(place).ok()?).cloned(),
            None => self.lookup(position, &group.contents),
        }
    }

    fn judge(
        &self,
        first: Position,
        contents: &[Content],
        touched: &Touched,
        group: &Group,
    ) -> Vec<Refusal> {
        let book = self.shared.book.read();
        judge(&Batch {
            book: &book,
            party: &|party, read| {
                self.shared
                    .shards
                    .with(party, |record| record.into_iter().for_each(read));
            },
            lookup: &|position| self.lookup_among(position, first, contents, group),
            first,
            contents,
            touched,
        })
    }

    /// Takes back what was applied above a position.
    fn retract(&self, above: Position, touched: &Touched) {
        let mut book = self.shared.book.write();
        book.retract(above, &touched.slots(), &touched.refs);
        for party in &touched.parties {
            let mut shard = self.shared.shards.of(party.as_str()).write();
            shard.retract(party, above);
            if shard.get(party.as_str()).is_none() {
                self.shared.index.write().remove(party);
            }
        }
        self.shared.law_changed_at.store(
            book.law_epoch(Position::MAX),
            std::sync::atomic::Ordering::Release,
        );
    }

    fn encode(
        &self,
        request: &Request,
        digest: RequestDigest,
        first: Position,
        contents: Vec<Content>,
        group: &mut Group,
    ) -> Result<Recorded, RecordError> {
        let last = first + contents.len() as Position - 1;
        let waiting = group
            .answers
            .last()
            .map_or(0, |(_, recorded)| recorded.record_time);
        let earlier = waiting.max(self.head.record_time);
        let mut record_time = (self.shared.clock)().max(earlier + 1);
        let rules_version = self.shared.book.read().rules_version(first - 1);
        let (start, entries) = (group.bytes.len(), group.ends.len());
        let mut payload = Vec::with_capacity(256);
        let mut write = || -> Result<(), RecordError> {
            for (place, content) in contents.iter().enumerate() {
                payload.clear();
                let too_large = |what: &dyn std::fmt::Display| {
                    RecordError::Size(format!("draft {}: {what}", place + 1))
                };
                let kind =
                    codec::encode(content, &mut payload).map_err(|error| too_large(&error))?;
                let envelope = Envelope {
                    kind: kind.number,
                    payload_version: kind.version,
                    rules_version,
                    first,
                    last,
                    record_time: record_time + place as u64,
                    request_digest: digest,
                    actor: request.actor.as_str(),
                    request_id: request.id.as_str(),
                    payload: &payload,
                };
                envelope
                    .encode(&mut group.bytes)
                    .map_err(|error| too_large(&error))?;
                group.ends.push(group.bytes.len());
            }
            Ok(())
        };
        if let Err(error) = write() {
            group.bytes.truncate(start);
            group.ends.truncate(entries);
            return Err(error);
        }
        record_time += last - first;
        group.contents.extend(contents);
        Ok(Recorded {
            first,
            last,
            record_time,
            replayed: false,
        })
    }

    fn note(&self, request: &DraftId, ids: &[Option<DraftId>], first: Position, group: &mut Group) {
        let mut index = self.shared.requests.write();
        each_id(request, ids, first, |id, position| {
            index.insert(id.as_str(), position);
            group.notes.push((id.clone(), position));
        });
    }

    /// Makes the group durable, then visible, then known to the callers.
    fn commit(&mut self, group: Group) {
        if group.contents.is_empty() {
            for (reply, recorded) in group.answers {
                reply(Ok(recorded));
            }
            return;
        }
        let first = self.head.position + 1;
        let starts = std::iter::once(0).chain(group.ends.iter().copied());
        let entries = starts
            .zip(&group.ends)
            .map(|(start, end)| &group.bytes[start..*end]);
        match self.shared.log.append(first, entries) {
            Ok(position) => {
                let record_time = group
                    .requests
                    .last()
                    .map_or(self.head.record_time, |(_, _, r)| r.record_time);
                self.head = Head {
                    position,
                    record_time,
                };
                self.shared.head.store(Arc::new(self.head));
                for (reply, recorded) in group.answers {
                    reply(Ok(recorded));
                }
            }
            Err(error) => {
                let failure: Arc<str> = chain(&error).into();
                for touched in &group.touched {
                    self.retract(self.head.position, touched);
                }
                let mut index = self.shared.requests.write();
                for (id, position) in &group.notes {
                    index.remove(id.as_str(), *position);
                }
                drop(index);
                for (reply, _) in group.answers {
                    reply(Err(RecordError::Storage(Arc::clone(&failure))));
                }
                self.failed = Some(failure);
            }
        }
    }
}

/// Names every id by which a batch is found: the request's at its first entry, and those of the drafts.
fn each_id(
    request: &DraftId,
    ids: &[Option<DraftId>],
    first: Position,
    mut note: impl FnMut(&DraftId, Position),
) {
    note(request, first);
    for (position, id) in (first..).zip(ids) {
        if let Some(id) = id.as_ref().filter(|id| position != first || *id != request) {
            note(id, position);
        }
    }
}

fn check_size(request: &Request) -> Result<(), RecordError> {
    match request.drafts.len() as u64 {
        0 => Err(RecordError::Size(
            "a batch needs at least one draft".to_owned(),
        )),
        count if count > envelope::MAX_BATCH => Err(RecordError::Size(format!(
            "a batch has at most {} drafts, not {count}",
            envelope::MAX_BATCH
        ))),
        _ => Ok(()),
    }
}

fn storage(error: &dyn std::error::Error) -> RecordError {
    RecordError::Storage(chain(error).into())
}

/// Returns an error with all that caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
