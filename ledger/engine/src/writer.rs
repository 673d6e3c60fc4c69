//! The writer: one thread that owns the log. It takes what is waiting, applies and judges each request above the head with
//! its neighbours, commits all that pass in one durable transaction, moves the head, and answers each caller.

use crate::Role;
use crate::basis::Head;
use crate::request::{Job, Order, RecordError, Recorded, Reply, Request, chain};
use crate::shared::Shared;
use crate::unread::Unread;
use clock::Days;
use standing_domain::apply::Touched;
use standing_domain::event::{Content, Position};
use standing_domain::id::DraftId;
use standing_domain::judge::{Batch, judge};
use standing_domain::refusal::Refusal;
use standing_domain::view::Parties;
use standing_store::digest::RequestDigest;
use standing_store::{Envelope, ReadError, codec};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

mod clock;
mod followed;
mod irregular;
mod prepare;

/// How many requests may wait before callers do.
pub(crate) const QUEUE: usize = 4_096;

/// How many entries one commit takes at most, but for a single larger batch.
const GROUP: usize = 4_096;

/// How often the writer looks at the clock while nothing is asked of it.
const LOOK: Duration = Duration::from_secs(1);

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
}

impl Group {
    /// Returns the request whose batch begins at a position, if one does.
    fn request_at(&self, first: Position) -> Option<&(DraftId, RequestDigest, Recorded)> {
        let requests = &self.requests;
        let place = requests.binary_search_by_key(&first, |(_, _, recorded)| recorded.first);
        place.ok().map(|place| &requests[place])
    }

    /// Names every id by which a batch is found: the request's at its first entry, and those of the drafts.
    fn each_id(&self, place: usize, head: Position, mut note: impl FnMut(&DraftId, Position)) {
        let (request, _, recorded) = &self.requests[place];
        note(request, recorded.first);
        for position in recorded.first..=recorded.last {
            let content = usize::try_from(position - head - 1).ok();
            let id = content.and_then(|place| self.contents.get(place)?.id.as_ref());
            if let Some(id) = id.filter(|id| position != recorded.first || *id != request) {
                note(id, position);
            }
        }
    }
}

/// The writer's own state.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    head: Head,
    role: Role,
    days: Days,
    /// Set once the log failed: nothing is recorded any more.
    failed: Option<Arc<str>>,
    /// The entry that could not be read while a request was decided.
    unread: Unread,
}

impl Writer {
    pub fn new(shared: Arc<Shared>, role: Role) -> Result<Self, ReadError> {
        let head = **shared.head.load();
        let days = Days::at(&shared, head)?;
        let writer = Self {
            shared,
            head,
            role,
            days,
            failed: None,
            unread: Unread::default(),
        };
        writer.tell();
        Ok(writer)
    }

    /// Works until all senders are gone.
    pub fn run(mut self, queue: &Receiver<Order>) {
        loop {
            match queue.recv_timeout(LOOK) {
                Ok(order) => self.work(order, queue),
                Err(RecvTimeoutError::Timeout) => self.look_at_clock(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Carries out an order, and with a request to record those that wait behind it.
    fn work(&mut self, order: Order, queue: &Receiver<Order>) {
        let mut group = Group::default();
        let mut next = Some(order);
        while let Some(order) = next.take() {
            match order {
                Order::Record(job) => self.take(job, &mut group),
                other => {
                    // What was taken before it comes before it.
                    self.commit(std::mem::take(&mut group));
                    self.obey(other);
                }
            }
            if group.contents.len() < GROUP {
                next = queue.try_recv().ok();
            }
        }
        self.commit(group);
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Record(_) => {}
            Order::Follow(followed) => self.follow(followed),
            Order::BeginDay(day) => self.begin_day(day),
        }
    }

    /// Decides one request; what passes joins the group.
    fn take(&mut self, job: Job, group: &mut Group) {
        if let Some(failed) = &self.failed {
            return (job.reply)(Err(RecordError::Storage(Arc::clone(failed))));
        }
        if let Some(damage) = self.shared.damage.get() {
            return (job.reply)(Err(damage.into()));
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
        let refused = self.refused(&request, first, &contents, &touched, group);
        // A verdict without an entry it rests on is none.
        let refused = self.unread.take().map(RecordError::from).or(refused);
        if refused.is_some() || request.validate_only {
            self.retract(first - 1, &touched);
            let judged = Recorded {
                first: 0,
                last: 0,
                record_time: 0,
                replayed: false,
            };
            return refused.map_or(Ok(judged), Err);
        }
        match self.encode(&request, digest, first, contents, group) {
            Ok(recorded) => {
                group.touched.push(touched);
                group.requests.push((request.id, digest, recorded));
                let mut index = self.shared.requests.write();
                group.each_id(
                    group.requests.len() - 1,
                    self.head.position,
                    |id, position| {
                        index.insert(id.as_str(), position);
                    },
                );
                Ok(recorded)
            }
            Err(error) => {
                self.retract(first - 1, &touched);
                Err(error)
            }
        }
    }

    /// Returns why what was applied is not recorded; none if it is.
    fn refused(
        &self,
        request: &Request,
        first: Position,
        contents: &[Content],
        touched: &Touched,
        group: &Group,
    ) -> Option<RecordError> {
        let refusals = self.judge(first, contents, touched, group);
        if !refusals.is_empty() {
            return Some(RecordError::Refused(refusals));
        }
        if !request.refuse_irregular {
            return None;
        }
        let found = self.irregular(first, contents, group);
        (!found.is_empty()).then_some(RecordError::Irregular(found))
    }

    /// Applies a request for good without recording it, and returns its entries as they would be stored: for a ledger that is
    /// thrown away.
    pub fn suppose(&mut self, mut request: Request) -> Result<Vec<Vec<u8>>, RecordError> {
        let mut group = Group::default();
        if request.drafts.is_empty() {
            return Ok(Vec::new());
        }
        let first = self.head.position + 1;
        let contents = self.resolve(&mut request, first, &group)?;
        let touched = self.apply(first, &contents, &group);
        let refusals = self.judge(first, &contents, &touched, &group);
        if let Some(error) = self.unread.take() {
            return Err(error.into());
        }
        if !refusals.is_empty() {
            return Err(RecordError::Refused(refusals));
        }
        let ids: Vec<_> = contents.iter().map(|content| content.id.clone()).collect();
        let mut requests = self.shared.requests.write();
        for (position, id) in (first..).zip(&ids) {
            if let Some(id) = id {
                requests.insert(id.as_str(), position);
            }
        }
        drop(requests);
        self.encode(
            &request,
            RequestDigest([0; 16]),
            first,
            contents,
            &mut group,
        )?;
        let starts = std::iter::once(0).chain(group.ends.iter().copied());
        let entries = starts
            .zip(&group.ends)
            .map(|(start, end)| group.bytes[start..*end].to_vec());
        Ok(entries.collect())
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
        let earlier = waiting.max(self.head.record_time).max(self.days.floor);
        // What is only assumed is recorded at no time: the same question gives the same bytes.
        let assumed = self.shared.over.is_some();
        let now = if assumed { 0 } else { (self.shared.clock)() };
        let mut record_time = now.max(earlier + 1);
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
                self.days.advance(&self.shared, self.head, &group.contents);
                self.tell();
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
                for place in 0..group.requests.len() {
                    group.each_id(place, self.head.position, |id, position| {
                        index.remove(id.as_str(), position);
                    });
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
