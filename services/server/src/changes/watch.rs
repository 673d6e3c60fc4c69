//! A watch, whatever it is of: it reads from the log until it has caught up, goes on with what the
//! hub sends, and goes back to the log whenever it could not keep up. It owns no task: dropping it
//! frees everything.

use super::feed::{Feed, Page, Taken};
use super::hub::{Channel, Hub, Received, Watching};
use crate::call::aside::aside;
use crate::call::auth::Lasting;
use crate::call::errors::Problem;
use crate::dear::{Caller, Pace, Waits};
use crate::door;
use crate::door::{Call, Charge};
use standing_domain::stop::{Stop, Stopped};
use standing_engine::RecordError;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep_until};
use tonic::Status;

/// How long what passed no filter may go untold.
const UNTOLD: Duration = Duration::from_secs(1);

/// What a page may need, from the log to its messages.
const PAGE: usize = 512 << 10;

type Reading<F> = Pin<Box<dyn Future<Output = Result<Held<F>, Problem>> + Send>>;

/// A page, and the memory that is held for it.
type Held<F> = (Page<F>, Option<Charge>);

/// Where the next messages come from.
enum Phase<F: Feed> {
    /// From the log.
    Reading {
        page: Reading<F>,
        /// Taken before this page was begun, so that nothing is missed between the two.
        live: Option<Received<F::Item>>,
    },
    /// From the hub.
    Live(Received<F::Item>),
}

/// What a watch waited for.
enum Happened<F: Feed> {
    Read(Result<Held<F>, Problem>),
    Sent(Result<Option<Arc<F::Item>>, broadcast::error::RecvError>),
    Silence,
}

/// A watch.
pub(crate) struct Watch<F: Feed> {
    feed: Arc<F>,
    hub: Arc<Hub>,
    channel: Channel<F::Item>,
    caller: Caller,
    /// For how long they may watch.
    lasting: Lasting,
    place: F::Place,
    /// What is to be sent before anything else is waited for.
    ready: VecDeque<F::Message>,
    /// The call that watches, of whose caller's memory pages are held.
    call: Option<Arc<Call>>,
    /// Held for the page that is being sent.
    held: Option<Charge>,
    phase: Phase<F>,
    /// Since when something that passed no filter is untold.
    untold: Option<Instant>,
    /// When the last message was sent.
    sent: Instant,
    closing: watch::Receiver<bool>,
    _watching: Watching,
}

impl<F: Feed> Watch<F> {
    /// Begins a watch after a place; the hub sends its items on the channel.
    pub fn new(
        hub: &Arc<Hub>,
        channel: &Channel<F::Item>,
        (caller, lasting): (Caller, Lasting),
        feed: F,
        place: F::Place,
    ) -> Self {
        let feed = Arc::new(feed);
        let call = door::current();
        Self {
            phase: Phase::Reading {
                page: read(hub, &caller, &feed, place, call.clone()),
                live: None,
            },
            feed,
            hub: Arc::clone(hub),
            channel: channel.clone(),
            caller,
            lasting,
            place,
            ready: VecDeque::new(),
            call,
            held: None,
            untold: None,
            sent: Instant::now(),
            closing: hub.served.closing(),
            _watching: channel.watching(),
        }
    }

    /// Returns the next message. It never ends well: a watch ends with its client, with the server,
    /// or with a failure.
    pub async fn next(&mut self) -> Result<F::Message, Status> {
        loop {
            if *self.closing.borrow() {
                return Err(closing());
            }
            if let Some(message) = self.ready.pop_front() {
                self.sent = Instant::now();
                return Ok(F::with_epoch(message, &self.hub.served.ledger));
            }
            self.held = None;
            match self.happens().await? {
                Happened::Read(page) => self.turn(page?),
                Happened::Sent(sent) => self.take(sent)?,
                Happened::Silence => self.break_silence(),
            }
        }
    }

    /// Waits. Being dropped in between loses nothing: what is under way stands in the phase.
    async fn happens(&mut self) -> Result<Happened<F>, Status> {
        let heartbeat = self.sent + self.hub.heartbeat;
        let wake = self
            .untold
            .map_or(heartbeat, |since| heartbeat.min(since + UNTOLD));
        let happened = async {
            match &mut self.phase {
                Phase::Reading { page, .. } => Happened::Read(page.await),
                Phase::Live(live) => Happened::Sent(live.recv().await),
            }
        };
        tokio::select! {
            biased;
            _ = self.closing.wait_for(|closing| *closing) => Err(closing()),
            withdrawn = self.lasting.over() => Err(withdrawn.into()),
            happened = happened => Ok(happened),
            () = sleep_until(wake) => Ok(Happened::Silence),
        }
    }

    /// Turns a page of the log: to the next, or, at the head, to what the hub sends.
    fn turn(&mut self, (page, held): Held<F>) {
        self.held = held;
        self.place = page.reached;
        if !page.messages.is_empty() {
            self.untold = None;
        }
        self.ready.extend(page.messages);
        if page.is_silent {
            self.untold.get_or_insert_with(Instant::now);
        }
        let is_due = |since: Instant| page.is_last || since.elapsed() >= UNTOLD;
        if self.untold.is_some_and(is_due) {
            self.untold = None;
            self.ready.push_back(F::progress(&self.place));
        }
        let Phase::Reading { live, .. } = &mut self.phase else {
            return;
        };
        match live.take() {
            Some(live) if page.is_last => {
                self.ready.push_back(F::caught_up(F::position(&self.place)));
                self.phase = Phase::Live(live);
            }
            // Another page: from now on the hub's items are kept, unless there is still much to
            // read.
            _ => self.read_on(page.is_last),
        }
    }

    fn read_on(&mut self, near_the_head: bool) {
        self.phase = Phase::Reading {
            // Before the page is begun: see there.
            live: near_the_head.then(|| self.channel.subscribe()),
            page: read(
                &self.hub,
                &self.caller,
                &self.feed,
                self.place,
                self.call.clone(),
            ),
        };
    }

    fn take(
        &mut self,
        sent: Result<Option<Arc<F::Item>>, broadcast::error::RecvError>,
    ) -> Result<(), Status> {
        let item = match sent {
            Ok(item) => item,
            Err(broadcast::error::RecvError::Lagged(_)) => None,
            // The hub ends only with the server.
            Err(broadcast::error::RecvError::Closed) => return Err(closing()),
        };
        match item.map_or(Taken::Gap, |item| self.feed.take(&item, self.place)) {
            Taken::Known => {}
            Taken::Gap => {
                self.hub.count_moved_back();
                self.read_on(false);
            }
            Taken::Next(messages, place) => {
                self.place = place;
                if messages.is_empty() {
                    self.untold.get_or_insert_with(Instant::now);
                } else {
                    self.untold = None;
                    self.ready.extend(messages);
                }
            }
        }
        Ok(())
    }

    fn break_silence(&mut self) {
        let message = if self.untold.take().is_some() {
            F::progress(&self.place)
        } else {
            F::heartbeat(F::position(&self.place))
        };
        self.ready.push_back(message);
    }
}

/// Reads a page once it is its turn: few read at a time, so that many that catch up leave the
/// machine to others. Before that, memory for it is taken, of which watches that are not read hold
/// only so much. It is given up when the watch is.
fn read<F: Feed>(
    hub: &Arc<Hub>,
    caller: &Caller,
    feed: &Arc<F>,
    after: F::Place,
    call: Option<Arc<Call>>,
) -> Reading<F> {
    let (hub, caller, feed) = (Arc::clone(hub), caller.clone(), Arc::clone(feed));
    Box::pin(async move {
        let held = match call {
            Some(call) => call.page(PAGE).await,
            None => None,
        };
        let turn = Arc::clone(&hub.turns).acquire_owned().await;
        let turn = turn.map_err(|_| Problem::from(RecordError::Closing))?;
        let dear = Arc::clone(&hub.served.dear);
        let read = move |stop: Stop<'_>| {
            let page = feed.read(&hub.served.ledger, after, stop);
            // Whoever waits may go on only when this is over, even if the watch has ended in
            // between.
            drop(turn);
            page
        };
        let page = if F::IS_DEAR {
            // A page is bounded by itself.
            let paced = move |pace: &Pace| read(Stop::when(&|| pace.check()));
            dear.in_turns(&caller, Duration::MAX, paced).await
        } else {
            let waits = Waits::default();
            let gone = waits.gone();
            let page = aside(move || read(Stop::when(&|| still_waits(&gone)))).await;
            drop(waits);
            page
        };
        page.map(|page| (page, held))
    })
}

fn still_waits(gone: &AtomicBool) -> Result<(), Stopped> {
    if gone.load(Ordering::Relaxed) {
        return Err(Stopped);
    }
    Ok(())
}

fn closing() -> Status {
    Problem::from(RecordError::Closing).into()
}
