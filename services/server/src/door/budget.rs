//! The bytes that calls may hold, in all and for each caller: taken before a body is read, given back when the answer is gone.
//!
//! A part of both is kept for recording, so that questions cannot starve it, and a part for small questions, so that lists cannot
//! starve those. Who asks for more than is free waits a little; of those who wait, the caller that holds least is served first.

use parking_lot::Mutex;
use standing_domain::id::ActorId;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long a call waits for bytes before it is refused. Meanwhile its body waits in the window of its connection.
const PATIENCE: Duration = Duration::from_secs(2);

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

/// Returns how much of a limit may be held for a kind: for lists a half, for all questions three quarters, for recording all but an
/// eighth. So each leaves something to the others.
fn most(limit: usize, kind: Kind) -> usize {
    match kind {
        Kind::List => limit / 2,
        Kind::Question => limit - limit / 4,
        Kind::Record => limit - limit / 8,
    }
}

/// A call that waits.
struct Waiting {
    account: Account,
    kind: Kind,
    bytes: usize,
    granted: oneshot::Sender<Charge>,
}

#[derive(Default)]
struct State {
    all: Held,
    accounts: BTreeMap<Account, Held>,
    waiting: VecDeque<Waiting>,
}

/// There are no bytes left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted;

/// The bytes that calls may hold.
pub(crate) struct Budget {
    limit: usize,
    patience: Duration,
    state: Mutex<State>,
}

impl Budget {
    /// Makes a budget of so many bytes. One actor may hold half of them, and whoever calls from an address without saying who it is
    /// a thirty-second.
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

    /// Returns what is taken for bytes that are asked for: who needs more than an account can ever have gets that, alone.
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
            let own = state.waiting.iter().filter(|w| w.account == *account);
            if state.waiting.len() >= MOST_WAITING || own.count() >= MOST_WAITING_BY_ONE {
                return Err(Exhausted);
            }
            let (send, granted) = oneshot::channel();
            state.waiting.push_back(Waiting {
                account: account.clone(),
                kind,
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
        let has_room = state.all.has_room(self.limit, kind, bytes)
            && own.has_room(self.limit(account), kind, bytes);
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
        state.waiting.retain(|waiting| !waiting.granted.is_closed());
        let mut places: Vec<(usize, usize)> = Vec::with_capacity(state.waiting.len());
        for (place, waiting) in state.waiting.iter().enumerate() {
            let own = state.accounts.get(&waiting.account).copied();
            places.push((own.unwrap_or_default().all(), place));
        }
        places.sort_unstable();
        for (_, place) in places {
            let waiting = &state.waiting[place];
            let (account, kind, bytes) = (waiting.account.clone(), waiting.kind, waiting.bytes);
            if let Some(charge) = self.take_now(state, &account, kind, bytes) {
                let waiting = state.waiting.remove(place)?;
                return Some((waiting, charge));
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

    /// Holds so many bytes from now on, whether they are free or not: what is there already is counted.
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
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    fn actor(name: &str) -> Account {
        Account::Actor(ActorId::new(name).unwrap())
    }

    #[test]
    fn one_caller_has_half_and_lists_half_of_that() {
        let budget = Budget::new(64 * MIB);
        let (a, b) = (actor("a"), actor("b"));
        let mut lists = Vec::new();
        while let Ok(charge) = budget.try_take(&a, Kind::List, MIB) {
            lists.push(charge);
        }
        assert_eq!(lists.len(), 16);
        let mut questions = Vec::new();
        while let Ok(charge) = budget.try_take(&a, Kind::Question, MIB) {
            questions.push(charge);
        }
        assert_eq!(questions.len(), 8);
        // What is kept for recording: a quarter of the caller's.
        let record = budget.try_take(&a, Kind::Record, 8 * MIB).unwrap();
        assert!(budget.try_take(&a, Kind::Record, 1).is_err());
        // Another caller has its own.
        let other = budget.try_take(&b, Kind::List, 16 * MIB).unwrap();
        assert_eq!(budget.held(), 48 * MIB);
        drop((lists, questions, record, other));
        assert_eq!(budget.held(), 0);
    }

    #[test]
    fn questions_of_all_leave_a_quarter_to_recording() {
        let budget = Budget::new(64 * MIB);
        let held: Vec<Charge> = (0..4)
            .filter_map(|n| {
                let account = actor(&format!("a{n}"));
                budget.try_take(&account, Kind::Question, 24 * MIB).ok()
            })
            .collect();
        assert_eq!(held.len(), 2);
        assert!(budget.try_take(&actor("b"), Kind::Question, MIB).is_err());
        assert!(budget.try_take(&actor("b"), Kind::Record, 16 * MIB).is_ok());
    }

    #[test]
    fn more_than_there_can_be_is_had_alone() {
        let budget = Budget::new(64 * MIB);
        let all = budget
            .try_take(&actor("a"), Kind::Record, usize::MAX)
            .unwrap();
        assert_eq!(budget.held(), 28 * MIB);
        assert!(budget.try_take(&actor("a"), Kind::Record, 1).is_err());
        // Questions of the same caller go on.
        assert!(budget.try_take(&actor("a"), Kind::Question, MIB).is_ok());
        drop(all);
        assert!(
            budget
                .try_take(&actor("a"), Kind::Record, usize::MAX)
                .is_ok()
        );
    }

    #[tokio::test]
    async fn who_waits_is_served_by_what_its_caller_holds() {
        let budget = Budget::new(64 * MIB);
        let (a, b, c) = (actor("a"), actor("b"), actor("c"));
        let first = budget.take(&a, Kind::Question, 24 * MIB).await.unwrap();
        let second = budget.take(&b, Kind::Question, 24 * MIB).await.unwrap();
        let wait = |account: Account| {
            let budget = Arc::clone(&budget);
            tokio::spawn(async move { budget.take(&account, Kind::Question, 24 * MIB).await })
        };
        let of_b = wait(b.clone());
        tokio::task::yield_now().await;
        let of_c = wait(c);
        tokio::task::yield_now().await;
        drop(first);
        // The second caller came first, but holds its part already.
        let of_c = of_c.await.unwrap().unwrap();
        drop((second, of_c));
        assert!(of_b.await.unwrap().is_ok());
        assert_eq!(budget.held(), 0);
    }

    #[tokio::test]
    async fn who_waits_too_long_is_refused_and_leaves_nothing_behind() {
        let budget = Budget::patient(64 * MIB, Duration::from_millis(20));
        let a = actor("a");
        let held = budget.take(&a, Kind::Question, 24 * MIB).await.unwrap();
        assert!(budget.take(&a, Kind::Question, MIB).await.is_err());
        let waits = budget.take(&a, Kind::Question, MIB);
        assert!(timeout(Duration::from_millis(1), waits).await.is_err());
        drop(held);
        assert_eq!(budget.held(), 0);
        assert!(budget.state.lock().waiting.is_empty());
    }

    #[test]
    fn a_charge_grows_beyond_the_limit_by_what_is_there_already() {
        let budget = Budget::new(64 * MIB);
        let a = actor("a");
        let mut charge = budget.try_take(&a, Kind::Question, MIB).unwrap();
        charge.resize(100 * MIB);
        assert!(budget.try_take(&a, Kind::Question, 1).is_err());
        charge.resize(2 * MIB);
        assert_eq!(budget.held(), 2 * MIB);
        assert!(budget.try_take(&a, Kind::Question, 1).is_ok());
    }
}
