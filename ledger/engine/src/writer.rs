//! The writer: one thread that decides. It takes what is waiting, applies and judges each request
//! above the head with its neighbours, has all that pass made durable in one transaction, moves the
//! head, and answers each caller. While one group is on its way to the disk, it decides the next.

mod answered;
mod clock;
mod commit;
pub(crate) mod error;
pub(crate) mod follow;
mod followed;
mod gauge;
mod group;
pub(crate) mod irregular;
mod look;
pub(crate) mod order;
pub(crate) mod request;
pub(crate) mod series;
pub(crate) mod trial;

use crate::opening::{OnCommit, Options};
use crate::point::Head;
use crate::role::Role;
use crate::shared::Shared;
use crate::shared::laws::LaidLaw;
use crate::shared::unread::Unread;
use crate::writer::commit::pace::Pace;
use crate::writer::commit::syncer::Syncer;
use crate::writer::error::RecordError;
use crate::writer::gauge::days::Days;
use crate::writer::gauge::disk::Disk;
use crate::writer::gauge::wall::Wall;
use crate::writer::group::{Answer, Group, Lost};
use crate::writer::order::{Job, Order};
use crate::writer::request::{Outcome, Passed, Recorded, Request};
use crate::writer::series::{Line, Waited};
use crate::writer::trial::Trial;
use crate::writer::trial::above::Above;
use crate::writer::trial::entries::Signed;
use standing_domain::judge::judge;
use standing_domain::stop::Stop;
use standing_store::ReadError;
use standing_store::digest::RequestDigest;
use standing_store::keys::NewKeys;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How many requests may wait before callers do.
pub(crate) const QUEUE: usize = 4_096;

/// How many entries one commit takes at most, but for a single larger batch; and how many requests
/// are looked at for it.
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
    /// What is on its way to the disk, if anything is. What was decided since lies above it, and
    /// falls with it.
    under_way: Option<Group>,
    syncer: Syncer,
    pace: Pace,
    /// The entry that could not be read while a request was decided.
    unread: Unread,
    /// Told of every group that was made durable.
    on_commit: Option<OnCommit>,
}

impl Writer {
    pub fn new(shared: Arc<Shared>, role: Role, options: &Options) -> Result<Self, ReadError> {
        let head = shared.head();
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
            under_way: None,
            syncer: Syncer::default(),
            pace: Pace::new(options.decides_meanwhile),
            unread: Unread::default(),
            on_commit: options.on_commit.clone(),
        };
        writer.tell();
        Ok(writer)
    }

    /// Works until all senders are gone.
    pub fn run(mut self, mut line: Line) {
        self.lay_ahead(None);
        self.look_at_disk();
        self.look_at_wall();
        let mut group = Group::after(self.head.position);
        let mut looked = Instant::now();
        loop {
            match line.wait(
                LOOK.saturating_sub(looked.elapsed()),
                self.syncer.outcomes(),
            ) {
                Waited::Order(order) => self.work(Some(order), &mut line, &mut group),
                Waited::Synced(outcome) => {
                    self.go_on(outcome, &mut group);
                    self.work(None, &mut line, &mut group);
                }
                Waited::Nothing => {}
                Waited::End => break,
            }
            // However much is asked of it: a day begins all the same.
            if looked.elapsed() >= LOOK {
                self.finish(&mut group);
                self.look();
                group = Group::after(self.head.position);
                looked = Instant::now();
            }
        }
        self.finish(&mut group);
        if let Some(laying) = self.laying.take() {
            // Whoever closes the ledger may open its file again at once. If it crashed, the next
            // question lays the law out.
            let _ = laying.join();
        }
    }

    /// Has the law at the head laid out by a thread of its own, unless it is already, or one is at
    /// it.
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
            while !shared.is_law_laid(shared.head().position) {
                shared.law(shared.head().position);
            }
        });
        // Without a thread whoever asks first lays it out.
        self.laying = laying.ok();
    }

    /// Carries out an order, and with a request to record those that wait behind it; where no order
    /// is given, those that wait.
    fn work(&mut self, order: Option<Order>, line: &mut Line, group: &mut Group) {
        let (mut looked_at, mut began) = (0, Instant::now());
        let mut next = order;
        loop {
            // What is refused or was recorded before does not make a group grow: who waits in it
            // must not wait for all of that.
            let is_full = group.contents.len() >= GROUP || looked_at >= GROUP;
            let waiting = || if is_full { None } else { line.next() };
            let Some(order) = next.take().or_else(waiting) else {
                break;
            };
            looked_at += 1;
            match order {
                Order::Record(job) => self.take(job, group),
                other => {
                    // What was taken before it comes before it.
                    self.finish(group);
                    self.obey(other);
                    *group = Group::after(self.head.position);
                    began = Instant::now();
                }
            }
            if let Some(outcome) = self.syncer.outcome() {
                self.pace.decided(began.elapsed());
                self.go_on(outcome, group);
                began = Instant::now();
            }
        }
        self.pace.decided(began.elapsed());
        self.send_off(group);
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Record(_) | Order::Series => {}
            Order::Follow(followed, reply) => self.follow(followed, reply),
            Order::BeginDay(day, at) => self.begin_day(day, at),
            Order::Close(instant, reply) => {
                self.close(instant);
                reply();
            }
        }
    }

    /// Decides one request; what passes joins the group.
    fn take(&mut self, job: Job, group: &mut Group) {
        let Job {
            request,
            digest,
            place,
            reply,
        } = job;
        if place.is_some_and(|place| place.is_past_the_end()) {
            return reply(Err(RecordError::SeriesEnded));
        }
        if let Some(damage) = self.shared.damage() {
            return reply(Err(damage.into()));
        }
        if let Some(trouble) = self.shared.troubles.fence() {
            return reply(Err(RecordError::HeldBack(trouble)));
        }
        let outcome = match self.decide(request, digest, group) {
            Ok(outcome) => outcome,
            Err(error) => return reply(Err(error)),
        };
        // What is not durable is told with those that it becomes durable with.
        let at = outcome.recorded().map(|recorded| recorded.first);
        let together = match &mut self.under_way {
            _ if at.is_some_and(|at| at > group.after) => Some(group),
            Some(under_way) if at.is_some_and(|at| at > under_way.after) => Some(under_way),
            _ => None,
        };
        match together {
            Some(group) => group.answers.push(Answer { reply, outcome }),
            None => reply(Ok(outcome)),
        }
    }

    fn decide(
        &mut self,
        mut request: Request,
        digest: RequestDigest,
        group: &mut Group,
    ) -> Result<Outcome, RecordError> {
        if let Some(recorded) = self.answered(&request, digest, group)? {
            return Ok(Outcome::Replayed(recorded));
        }
        self.check_expectations(&request, group)?;
        if !request.validate_only {
            self.refuse_held_back(group.entries.size())?;
        }
        let (mut keys, drafts) = (NewKeys::new(), std::mem::take(&mut request.drafts));
        let above = self.above(group);
        let contents = above.resolve(drafts, &mut keys, Stop::NEVER)?;
        above.allow(&request.allowed, &contents)?;
        let trial = above.apply(contents);
        let refused = self.refused(&request, &trial, group);
        // A verdict without an entry it rests on is none.
        let refused = self.unread.take().map(RecordError::from).or(refused);
        if refused.is_some() || request.validate_only {
            self.undo(&trial, group);
            return refused.map_or(Ok(Outcome::Judged), Err);
        }
        match self.encode(&request, digest, &trial, group) {
            Ok(recorded) => {
                let id = request.id;
                let passed = Passed {
                    id,
                    digest,
                    recorded,
                };
                group.take_in(trial, passed, keys);
                self.note_last(group);
                Ok(Outcome::Recorded(recorded))
            }
            Err(error) => {
                self.undo(&trial, group);
                Err(error)
            }
        }
    }

    /// Notes the ids by which the batch is found that the group took in last.
    fn note_last(&self, group: &Group) {
        if let Some(last) = group.passed.last() {
            self.shared.note_ids(|note| group.each_id_of(last, note));
        }
    }

    /// Takes a batch back that the group does not take in.
    fn undo(&self, trial: &Trial, group: &mut Group) {
        group.forget_law_of(trial);
        trial.retract(&self.shared);
    }

    /// Returns what the next batch is tried on.
    fn above<'a>(&'a self, group: &'a Group) -> Above<'a> {
        let under_way = self.under_way.as_ref();
        Above {
            shared: &self.shared,
            head: self.head.position,
            waiting: [
                under_way.map_or(&[], |group| &group.contents),
                &group.contents,
            ],
            keys: &group.keys,
            unread: &self.unread,
        }
    }

    /// Returns why what was applied is not recorded; none if it is.
    fn refused(&self, request: &Request, trial: &Trial, group: &mut Group) -> Option<RecordError> {
        let refusals = self.above(group).judged(trial, &judge);
        if !refusals.is_empty() {
            return Some(RecordError::Refused(refusals));
        }
        if !request.refuse_irregular {
            return None;
        }
        match self.irregular(trial, group) {
            Ok(found) => (!found.is_empty()).then_some(RecordError::Irregular(found)),
            Err(stopped) => Some(stopped.into()),
        }
    }

    /// Writes the entries of a batch that passed behind those of the group.
    fn encode(
        &self,
        request: &Request,
        digest: RequestDigest,
        trial: &Trial,
        group: &mut Group,
    ) -> Result<Recorded, RecordError> {
        let under_way = self.under_way.as_ref().and_then(Group::record_time);
        let waiting = group.record_time().max(under_way);
        let earlier = self.head.record_time.max(self.bound());
        let earlier = waiting.map_or(earlier, |waiting| waiting.max(earlier));
        let signed = Signed {
            actor: request.actor.as_str(),
            request_id: request.id.as_str(),
            digest,
            record_time: self.shared.now().max(earlier.next()),
            rules_version: self
                .shared
                .book
                .read()
                .rules_version(trial.first.previous()),
        };
        group.entries().push_batch(trial, &signed)
    }
}

#[cfg(test)]
mod tests;
