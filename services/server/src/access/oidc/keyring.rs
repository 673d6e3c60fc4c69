//! The keys that are held, and when they are fetched again.
//!
//! One fetch is under way at a time, whoever waits for it. The issuer is asked:
//!
//! - for the first keys, when the first token comes;
//! - when a token names a key that is not held;
//! - when a token comes and the keys are old. Mostly they serve meanwhile. Only where no token came
//!   for so long that nobody has asked of late, the token waits, whatever its key: the issuer may
//!   have withdrawn it long since.
//!
//! If it does not answer, the keys that are held serve on, for a day.

use super::Refused;
use super::clock::Clock;
use super::fetch::{FetchError, Fetcher};
use super::key::Keys;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long after an attempt the next one begins where there are no keys: nobody is served
/// meanwhile.
const FIRST: Duration = Duration::from_secs(5);

/// How long after an attempt the next one begins where there are keys. Anybody can name a key that
/// is not held; the issuer is not asked more often for that.
const AGAIN: Duration = Duration::from_mins(1);

/// How old keys are when new ones are fetched beside their service. It is less than [`OLD`], so
/// that nobody waits where tokens come all the time.
const EARLY: Duration = Duration::from_mins(50);

/// How long a key may serve that the issuer has withdrawn, if the issuer answers.
const OLD: Duration = Duration::from_hours(1);

/// How long after an attempt it is not known any more that the issuer does not answer: who comes
/// then with keys that are [`OLD`] waits for the next attempt. While tokens come all the time,
/// there is one every minute, and none of them waits for an issuer that is away.
const QUIET: Duration = Duration::from_mins(5);

/// How long keys serve while the issuer does not answer. It is how long an outage of the issuer may
/// last, and how long a key that was stolen serves whoever can cause one.
const KEPT: Duration = Duration::from_hours(24);

/// The keys of an issuer.
pub(super) struct Keyring {
    fetcher: Fetcher,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// When the last attempt began.
    began: Option<Instant>,
    /// When the last attempt ended.
    ended: Option<Instant>,
    /// Is closed when the attempt that is under way ends, however it does.
    flight: Option<watch::Receiver<()>>,
    /// Why the last attempt failed.
    why: Option<Arc<str>>,
}

struct Held {
    keys: Arc<Keys>,
    /// When the fetch of them began.
    since: Instant,
}

/// What becomes of a token.
enum Next {
    Serve(Arc<Keys>),
    Wait(watch::Receiver<()>),
    Refuse(Refused),
}

impl Keyring {
    pub fn new(fetcher: Fetcher, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            fetcher,
            clock,
            state: Mutex::default(),
        })
    }

    /// Returns the keys, among which is one of the name. The same keys are always the same `Arc`.
    pub async fn find(self: &Arc<Self>, kid: &str) -> Result<Arc<Keys>, Refused> {
        let next = match self.look(kid, true) {
            Next::Wait(mut flight) => {
                // Nothing is ever sent: it ends when the attempt does.
                while flight.changed().await.is_ok() {}
                self.look(kid, false)
            }
            next => next,
        };
        match next {
            Next::Serve(keys) => Ok(keys),
            Next::Refuse(refused) => Err(refused),
            Next::Wait(_) => Err(self.state.lock().away()),
        }
    }

    fn look(self: &Arc<Self>, kid: &str, may_wait: bool) -> Next {
        let now = self.clock.steady();
        let mut state = self.state.lock();
        let is_older =
            |than: Duration, since: Instant| now.saturating_duration_since(since) >= than;
        let held = state
            .held
            .as_ref()
            .filter(|held| !is_older(KEPT, held.since));
        let Some(Held { keys, since }) = held else {
            return match self.flight(&mut state, now, FIRST) {
                Some(flight) if may_wait => Next::Wait(flight),
                _ => Next::Refuse(state.away()),
            };
        };
        let (keys, since) = (Arc::clone(keys), *since);
        if !keys.has(kid) {
            return match self.flight(&mut state, now, AGAIN) {
                Some(flight) if may_wait => Next::Wait(flight),
                _ => Next::Refuse(Refused::UnknownKey),
            };
        }
        if is_older(EARLY, since) {
            let was_quiet = state.ended.is_none_or(|ended| is_older(QUIET, ended));
            if let Some(flight) = self.flight(&mut state, now, AGAIN)
                && is_older(OLD, since)
                && was_quiet
                && may_wait
            {
                return Next::Wait(flight);
            }
        }
        Next::Serve(keys)
    }

    /// Returns the attempt that is under way, or begins one unless the last began too lately.
    fn flight(
        self: &Arc<Self>,
        state: &mut State,
        now: Instant,
        pause: Duration,
    ) -> Option<watch::Receiver<()>> {
        let flying = state.flight.as_ref();
        if let Some(flight) = flying.filter(|flight| flight.has_changed().is_ok()) {
            return Some(flight.clone());
        }
        let is_early = |began| now.saturating_duration_since(began) < pause;
        if state.began.is_some_and(is_early) {
            return None;
        }
        let (ends, flight) = watch::channel(());
        state.began = Some(now);
        state.flight = Some(flight.clone());
        // A task of its own: whoever wanted it first may not wait for it.
        let keyring = Arc::clone(self);
        tokio::spawn(async move {
            let fetched = keyring.fetcher.fetch().await;
            keyring.land(fetched, now);
            drop(ends);
        });
        Some(flight)
    }

    fn land(&self, fetched: Result<Keys, FetchError>, began: Instant) {
        let mut state = self.state.lock();
        state.ended = Some(self.clock.steady());
        let fetched = match fetched {
            Ok(fetched) => fetched,
            Err(error) => {
                tracing::warn!(%error, "the issuer's keys could not be fetched");
                state.why = Some(error.to_string().into());
                return;
            }
        };
        let held = state.held.take().map(|held| held.keys);
        let same = held.filter(|keys| **keys == fetched);
        state.held = Some(Held {
            keys: same.unwrap_or_else(|| Arc::new(fetched)),
            since: began,
        });
        state.why = None;
    }
}

impl State {
    fn away(&self) -> Refused {
        let why = self.why.clone();
        Refused::KeysAway(why.unwrap_or_else(|| "they have not come yet".into()))
    }
}
