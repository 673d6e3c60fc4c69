//! The writer: one thread that owns the log. It takes what is waiting, applies and judges each request above the head with
//! its neighbours, commits all that pass in one durable transaction, moves the head, and answers each caller.

pub(crate) mod follow;
pub(crate) mod request;

use crate::Role;
use crate::basis::Head;
use crate::open::Options;
use crate::shared::Shared;
use crate::shared::laws::LaidLaw;
use crate::shared::unread::Unread;
use crate::writer::request::{Job, Order, RecordError, Recorded, Request};
use clock::Days;
use commit::Lost;
use disk::Disk;
use group::Group;
use standing_domain::answers::view::Parties;
use standing_domain::entry::Content;
use standing_domain::entry::key::Touched;
use standing_domain::id::Position;
use standing_domain::judge::{Batch, judge, judge_until};
use standing_domain::stop::Stop;
use standing_store::digest::RequestDigest;
use standing_store::keys::NewKeys;
use standing_store::{Envelope, ReadError, codec};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use wall::Wall;

mod clock;
mod commit;
mod disk;
mod followed;
mod group;
mod irregular;
mod prepare;
mod wall;

/// How many requests may wait before callers do.
pub(crate) const QUEUE: usize = 4_096;

/// How many entries one commit takes at most, but for a single larger batch.
const GROUP: usize = 4_096;

/// How often the writer looks at the clock, the disk and the file, whatever else it does.
const LOOK: Duration = Duration::from_secs(1);

/// The writer's own state.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    head: Head,
    role: Role,
    days: Days,
    wall: Wall,
    disk: Disk,
    /// Set while the log failed and could not be opened again: nothing is recorded meanwhile.
    lost: Option<Lost>,
    /// Lays out law that has changed, so that the first who asks seldom waits for it.
    laying: Option<JoinHandle<()>>,
    /// The entry that could not be read while a request was decided.
    unread: Unread,
}

impl Writer {
    pub fn new(shared: Arc<Shared>, role: Role, options: &Options) -> Result<Self, ReadError> {
        let head = **shared.head.load();
        let days = Days::at(&shared, head)?;
        let writer = Self {
            wall: Wall::new(options),
            disk: Disk::new(options),
            shared,
            head,
            role,
            days,
            lost: None,
            laying: None,
            unread: Unread::default(),
        };
        writer.tell();
        Ok(writer)
    }

    /// Works until all senders are gone.
    pub fn run(mut self, queue: &Receiver<Order>) {
        self.lay_ahead(None);
        self.look_at_disk();
        self.look_at_wall();
        let mut looked = Instant::now();
        loop {
            match queue.recv_timeout(LOOK.saturating_sub(looked.elapsed())) {
                Ok(order) => self.work(order, queue),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            // However much is asked of it: a day begins all the same.
            if looked.elapsed() >= LOOK {
                self.look();
                looked = Instant::now();
            }
        }
        if let Some(laying) = self.laying.take() {
            // Whoever closes the ledger may open its file again at once. If it crashed, the next question lays the law out.
            let _ = laying.join();
        }
    }

    /// Has the law at the head laid out by a thread of its own, unless it is already, or one is at it.
    fn lay_ahead(&mut self, law: Option<LaidLaw>) {
        if let Some(law) = law {
            self.shared.keep_law(law.epoch, &law.view);
        }
        let at_it = |laying: &JoinHandle<()>| !laying.is_finished();
        if self.shared.is_law_laid(self.head.position) || self.laying.as_ref().is_some_and(at_it) {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new().name("ledger-law".to_owned());
        let laying = thread.spawn(move || {
            // What changes meanwhile is laid out too.
            while !shared.is_law_laid(shared.head.load().position) {
                shared.law(shared.head.load().position);
            }
        });
        // Without a thread whoever asks first lays it out.
        self.laying = laying.ok();
    }

    /// Looks at all that may change without being asked.
    fn look(&mut self) {
        self.look_at_log();
        self.look_at_disk();
        self.look_at_clock();
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
        let Job {
            request,
            digest,
            reply,
        } = job;
        if let Some(damage) = self.shared.damage.get() {
            return reply(Err(damage.into()));
        }
        if let Some(trouble) = self.shared.troubles.fence() {
            return reply(Err(RecordError::HeldBack(trouble)));
        }
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
        if !request.validate_only {
            self.refuse_held_back(group.bytes.len())?;
        }
        let first = self.head.position + group.contents.len() as Position + 1;
        let mut keys = NewKeys::new();
        let contents = self.resolve(&mut request, first, group, &mut keys, Stop::NEVER)?;
        let touched = self.apply(first, &contents, group);
        let refused = self.refused(&request, first, &contents, &touched, group);
        // A verdict without an entry it rests on is none.
        let refused = self.unread.take().map(RecordError::from).or(refused);
        if refused.is_some() || request.validate_only {
            // The law that it would have left is nobody's, and other law may come to stand at its position.
            group.law.take_if(|law| law.epoch >= first);
            self.shared.retract(first - 1, &touched, &contents);
            let judged = Recorded {
                first: 0,
                last: 0,
                record_time: 0,
                replayed: false,
            };
            return refused.map_or(Ok(judged), Err);
        }
        match self.encode(&request, digest, first, &contents, group) {
            Ok(recorded) => {
                group.keys.append(&mut keys);
                group.contents.extend(contents);
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
                group.law.take_if(|law| law.epoch >= first);
                self.shared.retract(first - 1, &touched, &contents);
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
        group: &mut Group,
    ) -> Option<RecordError> {
        let refusals = self.judged(first, contents, touched, group, &judge);
        if !refusals.is_empty() {
            return Some(RecordError::Refused(refusals));
        }
        if !request.refuse_irregular {
            return None;
        }
        match self.irregular(first, contents, group) {
            Ok(found) => (!found.is_empty()).then_some(RecordError::Irregular(found)),
            Err(stopped) => Some(stopped.into()),
        }
    }

    /// Applies a request for good without recording it, and returns its entries as they would be stored: for a ledger that is
    /// thrown away.
    ///
    /// # Errors
    /// The drafts are refused, or the stop test says that nobody waits for it any more.
    pub fn suppose(
        &mut self,
        mut request: Request,
        stop: Stop,
    ) -> Result<Vec<Vec<u8>>, RecordError> {
        let mut group = Group::default();
        if request.drafts.is_empty() {
            return Ok(Vec::new());
        }
        let first = self.head.position + 1;
        let contents = self.resolve(&mut request, first, &group, &mut NewKeys::new(), stop)?;
        let mut touched = Touched::default();
        for place in 0..contents.len() {
            stop.check()?;
            self.apply_one(first, place, &contents, &group, &mut touched);
        }
        // What is assumed lies on a book of its own, so the test may be asked while it is held.
        let judged = self.judged(first, &contents, &touched, &group, &|batch| {
            judge_until(batch, stop)
        });
        if let Some(error) = self.unread.take() {
            return Err(error.into());
        }
        let refusals = judged?;
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
            &contents,
            &mut group,
        )?;
        Ok(group.entries().map(<[u8]>::to_vec).collect())
    }

    fn apply(&self, first: Position, contents: &[Content], group: &Group) -> Touched {
        let mut touched = Touched::default();
        for place in 0..contents.len() {
            self.apply_one(first, place, contents, group, &mut touched);
        }
        touched
    }

    fn apply_one(
        &self,
        first: Position,
        place: usize,
        contents: &[Content],
        group: &Group,
        touched: &mut Touched,
    ) {
        let lookup = |position: Position| self.lookup_among(position, first, contents, group);
        let position = first + place as Position;
        let mut book = self.shared.book.write();
        self.shared.apply(
            &mut book,
            position,
            &contents[place],
            &lookup,
            Some(touched),
        );
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

    fn judged<R>(
        &self,
        first: Position,
        contents: &[Content],
        touched: &Touched,
        group: &Group,
        judge: &dyn Fn(&Batch) -> R,
    ) -> R {
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

    fn encode(
        &self,
        request: &Request,
        digest: RequestDigest,
        first: Position,
        contents: &[Content],
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
        Ok(Recorded {
            first,
            last,
            record_time,
            replayed: false,
        })
    }
}

#[cfg(test)]
mod tests;
