//! The bytes that calls may hold, in all and for each caller: taken before a body is read, given
//! back when the answer is gone.
//!
//! A part of both is kept for recording, so that questions cannot starve it, and a part for small
//! questions, so that lists cannot starve those; and a part of all for actors that hold little, so
//! that a few cannot starve the others. Who asks for more than is free waits a little; of those who
//! wait, the caller that holds least is served first.

use parking_lot::Mutex;
use standing_domain::id::ActorId;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long a call waits for bytes before it is refused. Meanwhile its body waits in the window of
/// its connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// The part of all, as a divisor, that is kept for actors that hold little.
const PART: usize = 8;

/// How little that is, as a divisor.
const LITTLE: usize = 64;

/// The most calls that wait: what each has sent so far is not charged to anybody.
const MOST_WAITING: usize = 256;

/// The most calls of one caller that wait.
const MOST_WAITING_BY_ONE: usize = 64;

/// Who holds bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Account {
    /// A caller that said who it is.
    Actor(ActorId),
    /// Whoever calls from an address and need not say who it is: probes.
    Address(Option<IpAddr>),
}

/// What bytes are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A question whose answer or request may be large.
    List,
    /// Any other question, and a watch.
    Question,
    /// A batch to record.
    Record,
}

/// How many bytes are held for each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Held {
    lists: usize,
    questions: usize,
    records: usize,
}

impl Held {
    fn of(&mut self, kind: Kind) -> &mut usize {
        match kind {
            Kind::List => &mut self.lists,
            Kind::Question => &mut self.questions,
            Kind::Record => &mut self.records,
        }
    }

    fn all(self) -> usize {
        self.lists
            .saturating_add(self.questions)
            .saturating_add(self.records)
    }

    /// Returns whether there is room for more within a limit.
    fn has_room(self, limit: usize, kind: Kind, more: usize) -> bool {
        let fits = |held: usize, of: usize| held.saturating_add(more) <= of;
        let questions = self.lists.saturating_add(self.questions);
        let most = |kind| most(limit, kind);
        fits(self.all(), limit)
            && match kind {
                Kind::List => fits(self.lists, most(kind)) && fits(questions, most(Kind::Question)),
                Kind::Question => fits(questions, most(kind)),
                Kind::Record => fits(self.records, most(kind)),
            }
    }
}

/// Returns how much of a limit may be held for a kind: for lists a half, for all questions three
/// quarters, for recording all but an eighth. So each leaves something to the others.
fn most(limit: usize, kind: Kind) -> usize {
    match kind {
        Kind::List => limit / 2,
        Kind::Question => limit - limit / 4,
        Kind::Record => limit - limit / 8,
    }
}

/// A call that waits.
struct Waiting {
    bytes: usize,
    granted: oneshot::Sender<Charge>,
}

/// The calls of one account that wait, in the order in which they came.
#[derive(Default)]
struct Queues {
    records: VecDeque<Waiting>,
    questions: VecDeque<Waiting>,
    lists: VecDeque<Waiting>,
    /// Watches that wait for room to read on: what they were asked has been read, and they wait for
    /// as long as it takes.
    pages: VecDeque<Waiting>,
}

impl Queues {
    fn of(&mut self, kind: Kind) -> &mut VecDeque<Waiting> {
        match kind {
            Kind::List => &mut self.lists,
            Kind::Question => &mut self.questions,
            Kind::Record => &mut self.records,
        }
    }

    /// Forgets who does not wait any more; returns how many calls do whose messages have not been
    /// read.
    fn unread(&mut self) -> usize {
        let mut count = 0;
        for kind in [Kind::Record, Kind::Question, Kind::List] {
            let queue = self.of(kind);
            queue.retain(|waiting| !waiting.granted.is_closed());
            count += queue.len();
        }
        count
    }

    fn is_empty(&self) -> bool {
        let queues = [&self.records, &self.questions, &self.lists, &self.pages];
        queues.into_iter().all(VecDeque::is_empty)
    }
}

#[derive(Default)]
struct State {
    all: Held,
    accounts: BTreeMap<Account, Held>,
    waiting: BTreeMap<Account, Queues>,
}

/// There are no bytes left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted;

/// The bytes that calls may hold.
pub(crate) struct Budget {
    pub limit: usize,
    patience: Duration,
    state: Mutex<State>,
}

impl Budget {
    /// Makes a budget of so many bytes. One actor may hold half of them, and whoever calls from an
    /// address without saying who it is a thirty-second.
    pub fn new(limit: usize) -> Arc<Self> {
        Self::patient(limit, PATIENCE)
    }

    fn patient(limit: usize, patience: Duration) -> Arc<Self> {
        Arc::new(Self {
            limit,
            patience,
            state: Mutex::default(),
        })
    }

    /// Returns the most bytes that an account may hold.
    fn limit(&self, account: &Account) -> usize {
        match account {
            Account::Actor(_) => self.limit / 2,
            Account::Address(_) => self.limit / 32,
        }
    }

    /// Returns what is taken for bytes that are asked for: who needs more than an account can ever
    /// have gets that, alone.
    fn possible(&self, account: &Account, kind: Kind, bytes: usize) -> usize {
        bytes.min(most(self.limit(account), kind))
    }

    /// Takes bytes, if need be after a short while.
    pub async fn take(
        self: &Arc<Self>,
        account: &Account,
        kind: Kind,
        bytes: usize,
    ) -> Result<Charge, Exhausted> {
        let granted = {
            let mut state = self.state.lock();
            if let Some(charge) = self.take_now(&mut state, account, kind, bytes) {
                return Ok(charge);
            }
            let (mut all, mut own) = (0, 0);
            for (whose, queues) in &mut state.waiting {
                let unread = queues.unread();
                all += unread;
                if whose == account {
                    own = unread;
                }
            }
            if all >= MOST_WAITING || own >= MOST_WAITING_BY_ONE {
                return Err(Exhausted);
            }
            let (send, granted) = oneshot::channel();
            let queues = state.waiting.entry(account.clone()).or_default();
            queues.of(kind).push_back(Waiting {
                bytes,
                granted: send,
            });
            granted
        };
        // Dropped at any moment, it gives back what was granted.
        match timeout(self.patience, granted).await {
            Ok(Ok(charge)) => Ok(charge),
            _ => Err(Exhausted),
        }
    }

    /// Takes bytes for a page of a watch, however long that takes. None if there is no budget any
    /// more.
    pub async fn take_page(self: &Arc<Self>, account: &Account, bytes: usize) -> Option<Charge> {
        let granted = {
            let mut state = self.state.lock();
            let waits = |queues: &Queues| !queues.pages.is_empty();
            // Who came earlier goes first.
            if !state.waiting.get(account).is_some_and(waits)
                && let Some(charge) = self.take_now(&mut state, account, Kind::List, bytes)
            {
                return Some(charge);
            }
            let (send, granted) = oneshot::channel();
            let queues = state.waiting.entry(account.clone()).or_default();
            queues.pages.push_back(Waiting {
                bytes,
                granted: send,
            });
            granted
        };
        granted.await.ok()
    }

    /// Takes bytes if they can be had at once.
    pub fn try_take(
        self: &Arc<Self>,
        account: &Account,
        kind: Kind,
        bytes: usize,
    ) -> Result<Charge, Exhausted> {
        let mut state = self.state.lock();
        self.take_now(&mut state, account, kind, bytes)
            .ok_or(Exhausted)
    }

    fn take_now(
        self: &Arc<Self>,
        state: &mut State,
        account: &Account,
        kind: Kind,
        bytes: usize,
    ) -> Option<Charge> {
        let bytes = self.possible(account, kind, bytes);
        let own = state.accounts.get(account).copied().unwrap_or_default();
        let everybody = self.limit - self.limit / PART;
        let has_room = state.all.has_room(self.limit, kind, bytes)
            && state.all.all().saturating_add(bytes) <= everybody;
        // Whoever holds little is served from the part that is kept for that, so that no few
        // callers shut out the others.
        let holds_little = matches!(account, Account::Actor(_))
            && own.all().saturating_add(bytes) <= self.limit / LITTLE
            && state.all.all().saturating_add(bytes) <= self.limit;
        let has_room = (has_room || holds_little) && own.has_room(self.limit(account), kind, bytes);
        if !has_room {
            return None;
        }
        state.hold(account, kind, bytes);
        Some(Charge {
            budget: Arc::clone(self),
            account: account.clone(),
            kind,
            bytes,
        })
    }

    /// Gives bytes back, and then as many as there are to those who wait.
    fn release(self: &Arc<Self>, account: &Account, kind: Kind, bytes: usize) {
        let mut granted = Vec::new();
        let mut state = self.state.lock();
        state.release(account, kind, bytes);
        while let Some((waiting, charge)) = self.next(&mut state) {
            granted.push((waiting.granted, charge));
        }
        drop(state);
        for (waiting, charge) in granted {
            // Whoever has gone meanwhile gives it back at once.
            drop(waiting.send(charge));
        }
    }

    /// Serves one of those who wait: whose caller holds least, and of these who came first.
    fn next(self: &Arc<Self>, state: &mut State) -> Option<(Waiting, Charge)> {
        state.waiting.retain(|_, queues| !queues.is_empty());
        let mut accounts: Vec<(usize, Account)> = Vec::with_capacity(state.waiting.len());
        for account in state.waiting.keys() {
            let own = state.accounts.get(account).copied().unwrap_or_default();
            accounts.push((own.all(), account.clone()));
        }
        accounts.sort_unstable();
        for (_, account) in accounts {
            let Some(mut queues) = state.waiting.remove(&account) else {
                continue;
            };
            let served = [
                (Kind::Record, &mut queues.records),
                (Kind::Question, &mut queues.questions),
                (Kind::List, &mut queues.lists),
                (Kind::List, &mut queues.pages),
            ]
            .into_iter()
            .find_map(|(kind, queue)| {
                while queue.front()?.granted.is_closed() {
                    queue.pop_front();
                }
                let charge = self.take_now(state, &account, kind, queue.front()?.bytes)?;
                Some((queue.pop_front()?, charge))
            });
            state.waiting.insert(account, queues);
            if served.is_some() {
                return served;
            }
        }
        None
    }

    /// Returns how many bytes are held.
    pub fn held(&self) -> usize {
        self.state.lock().all.all()
    }
}

impl State {
    fn hold(&mut self, account: &Account, kind: Kind, bytes: usize) {
        let own = self.accounts.entry(account.clone()).or_default();
        for held in [own, &mut self.all] {
            *held.of(kind) = held.of(kind).saturating_add(bytes);
        }
    }

    fn release(&mut self, account: &Account, kind: Kind, bytes: usize) {
        *self.all.of(kind) = self.all.of(kind).saturating_sub(bytes);
        if let Some(own) = self.accounts.get_mut(account) {
            *own.of(kind) = own.of(kind).saturating_sub(bytes);
            if own.all() == 0 {
                self.accounts.remove(account);
            }
        }
    }
}

/// Bytes that are held until this is dropped.
pub(crate) struct Charge {
    budget: Arc<Budget>,
    account: Account,
    kind: Kind,
    bytes: usize,
}

impl Charge {
    /// Returns how many bytes are held.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds what was taken by the same account for the same.
    pub fn join(&mut self, mut other: Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        other.bytes = 0;
    }

    /// Returns of which budget they are, and who holds them.
    pub fn owner(&self) -> (Arc<Budget>, Account) {
        (Arc::clone(&self.budget), self.account.clone())
    }

    /// Holds so many bytes from now on, whether they are free or not: what is there already is
    /// counted.
    pub fn resize(&mut self, bytes: usize) {
        if bytes > self.bytes {
            let more = bytes - self.bytes;
            self.budget
                .state
                .lock()
                .hold(&self.account, self.kind, more);
        } else if bytes < self.bytes {
            let less = self.bytes - bytes;
            self.budget.release(&self.account, self.kind, less);
        }
        self.bytes = bytes;
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.budget.release(&self.account, self.kind, self.bytes);
    }
}

#[cfg(test)]
mod tests;
