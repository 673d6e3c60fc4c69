//! A ledger as it is recorded: requests, and entries that another ledger recorded, are handed to
//! the writer's thread.

pub(crate) mod keeper;

use crate::ledger::Ledger;
use crate::recorder::keeper::Keeper;
use crate::role::Role;
use crate::trouble::Trouble;
use crate::writer::error::RecordError;
use crate::writer::follow::{FollowError, Followed};
use crate::writer::order::{Job, Order, Place, Reply};
use crate::writer::request::{Outcome, Request, check_size};
use crate::writer::series::{Series, Turns};
use crossbeam_channel::Sender;
use parking_lot::Mutex;
use standing_domain::id::PersonId;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_store::keys::{KeyFileError, NewKeys};
use standing_store::seal::PersonKey;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

/// A running ledger that records, or follows another that does. Dropping it ends the writer, after
/// what was accepted is durable; the log is closed once no [`Ledger`] of it is left either.
pub struct Recorder {
    ledger: Ledger,
    role: Role,
    /// Why nothing is recorded any more; empty while all is well.
    stopped: OnceLock<Arc<str>>,
    orders: Option<Sender<Order>>,
    /// What waits in series.
    turns: Arc<Turns>,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// Ends when this is dropped; none where nothing is worked out ahead.
    _keeper: Option<Keeper>,
}

/// The threads of a ledger, and how they are told what to do.
pub(crate) struct Working {
    pub orders: Sender<Order>,
    pub turns: Arc<Turns>,
    pub writer: JoinHandle<()>,
    /// None where nothing is worked out ahead.
    pub keeper: Option<Keeper>,
}

impl Recorder {
    pub(crate) fn new(ledger: Ledger, role: Role, working: Working) -> Self {
        Self {
            ledger,
            role,
            stopped: OnceLock::new(),
            orders: Some(working.orders),
            turns: working.turns,
            writer: Mutex::new(Some(working.writer)),
            _keeper: working.keeper,
        }
    }

    /// Returns the ledger, to be asked.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Returns whether this ledger records or follows.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Returns up to `limit` keys of natural persons after one, in the order of their ids, and the
    /// version of all keys, which changes whenever they do: for a replica, which holds them as
    /// well.
    #[must_use]
    pub fn keys(&self, after: &str, limit: usize) -> (Vec<(String, PersonKey)>, u64) {
        let keys = &self.ledger.shared.keys;
        // Before the keys: if they change in between, the next version tells.
        let version = keys.version();
        (keys.page(after, limit), version)
    }

    /// Holds the keys of the ledger that this one follows, in memory alone, in place of those that
    /// it held before. Returns false, and holds none, where it has a key file of its own.
    pub fn hold_keys(&self, keys: NewKeys) -> bool {
        self.ledger.shared.hold_keys(keys)
    }

    /// Returns what the key file would hold if it were written now, and the version of the keys;
    /// none where there is no file. It is all secret.
    #[must_use]
    pub fn key_file(&self) -> Option<(String, u64)> {
        let keys = &self.ledger.shared.keys;
        let version = keys.version();
        keys.copy().map(|text| (text, version))
    }

    /// Hands a request to the writer; `reply` is called from the writer's thread once the batch is
    /// durable or refused, and must not wait.
    pub fn submit(
        &self,
        request: Request,
        reply: impl FnOnce(Result<Outcome, RecordError>) + Send + 'static,
    ) {
        if let Some(job) = self.job(request, None, Box::new(reply))
            && let Err(order) = self.order(Order::Record(job))
            && let Order::Record(job) = *order
        {
            (job.reply)(Err(RecordError::Closing));
        }
    }

    /// Begins a series: requests that are handed in one after the other without a wait, and of
    /// which the first that is not recorded ends all.
    #[must_use]
    pub fn series(&self) -> Series {
        Series::new()
    }

    /// Hands the next request of a series to the writer, and never waits for it; `reply` is called
    /// as by [`Recorder::submit`]. The writer takes the requests of a series in their order, and
    /// between any two of them one of everybody else. Once one of them is not recorded, whatever
    /// the reason, those behind it are told [`RecordError::SeriesEnded`] and are not tried. Only
    /// where a commit failed and it is not known what is on disk, those of the same commit share
    /// one fate.
    ///
    /// How many are handed in before they are answered is for the caller to bound.
    pub fn submit_next(
        &self,
        series: &mut Series,
        request: Request,
        reply: impl FnOnce(Result<Outcome, RecordError>) + Send + 'static,
    ) {
        let place = series.next();
        let own = place.clone();
        // Told from the writer's thread, or from this one, where those before it go on.
        let reply = move |outcome: Result<Outcome, RecordError>| {
            if outcome.is_err() {
                own.end();
            }
            reply(outcome);
        };
        let Some(job) = self.job(request, Some(place), Box::new(reply)) else {
            return;
        };
        match (&self.orders, self.turns.put(series, job)) {
            (Some(orders), Ok(())) => self.turns.tell(|| orders.try_send(Order::Series).is_ok()),
            (None, Ok(())) => {}
            (_, Err(job)) => (job.reply)(Err(RecordError::Closing)),
        }
    }

    /// Returns what is handed to the writer; none if it can be told beside the writer that the
    /// request is not recorded, and is.
    fn job(&self, request: Request, place: Option<Place>, reply: Reply) -> Option<Job> {
        let refused = match self.stopped() {
            _ if self.role == Role::Follower => Err(RecordError::Follower),
            Some(reason) => Err(RecordError::Stopped(reason)),
            None => check_size(&request),
        };
        if let Err(error) = refused {
            reply(Err(error));
            return None;
        }
        // On the caller's thread, to spare the writer.
        let parts = [request.canonical.as_slice()];
        let digest = self
            .ledger
            .shared
            .keys
            .digest_key()
            .digest(request.actor.as_str(), parts);
        Some(Job {
            request,
            digest,
            place,
            reply,
        })
    }

    /// Hands an order to the writer; gives it back if there is none any more.
    fn order(&self, order: Order) -> Result<(), Box<Order>> {
        match &self.orders {
            Some(orders) => orders.send(order).map_err(|error| Box::new(error.0)),
            // Nobody has it any more who could order anything.
            None => Err(Box::new(order)),
        }
    }

    /// Stops recording for good: another history than this one has been published. The first reason
    /// given stays.
    pub fn stop_recording(&self, reason: &str) {
        // One reason is enough.
        let _ = self.stopped.set(reason.into());
    }

    /// Returns why recording was stopped; none while all is well.
    #[must_use]
    pub fn stopped(&self) -> Option<Arc<str>> {
        self.stopped.get().cloned()
    }

    /// Records a batch and waits for it.
    ///
    /// ```
    /// use standing_domain::entry::draft::Draft;
    /// use standing_domain::entry::event::term::Term;
    /// use standing_domain::entry::event::{Event, TermKind};
    /// use standing_domain::id::{ActorId, DraftId, Word};
    /// use standing_engine::{Allowed, Options, Recorder, Request};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("league.redb");
    /// let recorder = Recorder::open(&path, &Options::default())?;
    /// let vote = Event::TermDeclared(Term::bare(TermKind::Right, Word::new("vote")?));
    /// let draft = Draft::bare(None, Some(vote.into()));
    /// let request = Request {
    ///     id: DraftId::new("vocabulary")?,
    ///     actor: ActorId::new("local/operator")?,
    ///     canonical: format!("{draft:?}").into_bytes(),
    ///     drafts: vec![draft],
    ///     expectations: vec![],
    ///     validate_only: false,
    ///     refuse_irregular: false,
    ///     allowed: Allowed::All,
    /// };
    /// let recorded = recorder.record(request.clone())?.recorded();
    /// let last = recorded.ok_or("only judged")?.last;
    /// assert_eq!(recorder.ledger().head().position, last);
    /// // The same request again gets the first answer and writes nothing.
    /// assert!(recorder.record(request)?.is_replayed());
    /// assert_eq!(recorder.ledger().head().position, last);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Nothing was recorded, and why; only after [`RecordError::Storage`] may it be on disk all the
    /// same.
    pub fn record(&self, request: Request) -> Result<Outcome, RecordError> {
        let (send, receive) = sync_channel(1);
        self.submit(request, move |outcome| {
            // The caller waits below; it cannot be gone.
            let _ = send.send(outcome);
        });
        receive.recv().unwrap_or(Err(RecordError::Closing))
    }

    /// Takes over entries as stored, from a position on: whole batches, all of them or none.
    /// Returns the new head once they are durable and visible.
    ///
    /// # Errors
    /// They do not follow the head, have no whole batches, do not decode, or the log failed.
    pub fn follow(
        &self,
        first: Position,
        entries: &[impl AsRef<[u8]>],
    ) -> Result<Position, FollowError> {
        let (send, receive) = sync_channel(1);
        self.submit_followed(first, entries, move |outcome| {
            // The caller waits below; it cannot be gone.
            let _ = send.send(outcome);
        })?;
        receive.recv().unwrap_or(Err(FollowError::Closing))
    }

    /// The same without waiting: `reply` is called from the writer's thread and must not wait. What
    /// can be checked beside the writer is checked before this returns.
    ///
    /// # Errors
    /// As for [`Recorder::follow`]; then nothing was handed over and `reply` is not called.
    pub fn submit_followed(
        &self,
        first: Position,
        entries: &[impl AsRef<[u8]>],
        reply: impl FnOnce(Result<Position, FollowError>) + Send + 'static,
    ) -> Result<(), FollowError> {
        if self.role != Role::Follower {
            return Err(FollowError::NotAFollower);
        }
        let followed = Followed::read(first, entries)?;
        if followed.contents.is_empty() {
            reply(Ok(self.ledger.head().position));
            return Ok(());
        }
        self.order(Order::Follow(followed, Box::new(reply)))
            .map_err(|_| FollowError::Closing)
    }

    /// Takes a day as begun that the ledger this one follows has seen begin, as known at a position
    /// that has come. Earlier days are passed over.
    pub fn follow_day(&self, day: Day, at: Position) {
        if self.role == Role::Follower {
            // A ledger that closes needs no days.
            let _ = self.order(Order::BeginDay(day, at));
        }
    }

    /// Has nothing more recorded at an instant or before it, so that it can be asked about; `reply`
    /// is called from the writer's thread once that is durable, and must not wait. Where it cannot
    /// be promised, as on a follower, `reply` is called all the same, and
    /// [`Ledger::resolve`](crate::Ledger::resolve) says why nothing is answered.
    pub fn close(&self, instant: RecordTime, reply: impl FnOnce() + Send + 'static) {
        if self.role == Role::Follower || self.stopped().is_some() {
            return reply();
        }
        if let Err(order) = self.order(Order::Close(instant, Box::new(reply)))
            && let Order::Close(_, reply) = *order
        {
            reply();
        }
    }

    /// Returns what holds recording back now, if anything does.
    #[must_use]
    pub fn held_back(&self) -> Option<Trouble> {
        self.ledger.shared.troubles.stopping()
    }

    /// Erases the key of a person's name: the name is unreadable ever after. Returns whether there
    /// was a key.
    ///
    /// # Errors
    /// The key file cannot be rewritten.
    pub fn erase_person(&self, person: &PersonId) -> Result<bool, KeyFileError> {
        self.ledger.shared.erase(person)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(writer) = self.writer.lock().take() {
            // A writer that panicked has told its callers; there is nothing left to save.
            let _ = writer.join();
        }
    }
}
