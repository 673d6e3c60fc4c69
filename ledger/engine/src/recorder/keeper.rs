//! The keeper: a thread that works out ahead of questions what is kept of many facts, sessions with
//! their rolls and what is found of parties, so that whoever asks first does not wait for it.
//!
//! After the opening it draws everything up, the latest sessions first; whoever asks for one that
//! it is at waits for it. From then on it turns what it has to the head, once in a while, so that
//! little is left to turn when somebody asks. No answer depends on it.

use crate::shared::Shared;
use crate::shared::sessions::Asked;
use crate::shared::unread::Unread;
use standing_domain::id::SessionId;
use standing_domain::id::position::Position;
use standing_domain::stop::{Stop, Stopped};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long nothing has to be recorded before it turns what it has.
const REST: Duration = Duration::from_secs(1);

/// After how many rests it does so however much is recorded: turning costs the less the more
/// entries it is about.
const MOST_RESTS: u32 = 10;

/// How long it works before it rests a moment, holding no lock that recording waits for, and how
/// long then: so it takes two thirds of a core at most.
const STRIDE: Duration = Duration::from_millis(2);
const BREATH: Duration = Duration::from_millis(1);

/// A thread that keeps; dropping it ends it.
pub(crate) struct Keeper {
    /// Nothing is ever sent: the thread ends when this is gone.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn start(shared: Arc<Shared>) -> std::io::Result<Self> {
        let (end, ended) = channel();
        let thread = std::thread::Builder::new().name("ledger-keeper".to_owned());
        let thread = thread.spawn(move || keep(&shared, &ended))?;
        Ok(Self {
            end: Some(end),
            thread: Some(thread),
        })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            // If it crashed, whoever asks works out what it had not kept.
            let _ = thread.join();
        }
    }
}

fn keep(shared: &Shared, ended: &Receiver<()>) {
    let begun = Cell::new(Instant::now());
    let going_on = || {
        if begun.get().elapsed() > STRIDE {
            std::thread::sleep(BREATH);
            begun.set(Instant::now());
        }
        match ended.try_recv() {
            Err(TryRecvError::Empty) => Ok(()),
            Ok(()) | Err(TryRecvError::Disconnected) => Err(Stopped),
        }
    };
    let stop = Stop::when(&going_on);
    let (mut kept_at, mut seen, mut rests) = (None, shared.head().position, 0);
    loop {
        let head = shared.head().position;
        let is_still = seen == head || rests >= MOST_RESTS;
        (seen, rests) = (head, rests + 1);
        // Nothing is worked out of damaged bytes.
        if is_still && kept_at != Some(head) && shared.damage().is_none() {
            if round(shared, head, stop).is_err() {
                return;
            }
            (kept_at, rests) = (Some(head), 0);
        }
        match ended.recv_timeout(REST) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Brings all that is kept to a position.
fn round(shared: &Shared, known_at: Position, stop: Stop<'_>) -> Result<(), Stopped> {
    let law = &shared.law(known_at);
    let bring = |session: &SessionId| {
        let asked = Asked {
            session,
            known_at,
            law,
            above: None,
        };
        shared.session(&asked, stop)
    };
    let sessions = in_order(shared, known_at);
    for session in sessions.iter().rev() {
        // Where the laws of sessions take too much room, those of the past are drawn when asked.
        if !shared.sessions.is_kept(session) && shared.sessions.has_room() {
            bring(session)?;
        }
    }
    // The latest at the end, so that it is the last to go where room is needed.
    for session in &sessions {
        if shared.sessions.is_kept(session) {
            bring(session)?;
        }
    }
    // What cannot be read is told to whoever asks.
    let unread = Unread::default();
    shared.parts_of_each((known_at, law), &unread, stop)?;
    Ok(())
}

/// Returns the sessions that are convened, in the order in which they were.
fn in_order(shared: &Shared, known_at: Position) -> Vec<SessionId> {
    let book = shared.book.read();
    let convened = book.sessions(None).filter_map(|session| {
        let convened = book.convening(session, known_at)?;
        Some((convened.position, session.clone()))
    });
    let mut sessions: Vec<(Position, SessionId)> = convened.collect();
    sessions.sort_unstable();
    sessions.into_iter().map(|(_, session)| session).collect()
}
