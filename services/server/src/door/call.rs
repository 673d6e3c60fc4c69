//! A call, for as long as anything of it is here: what it holds of the budget, and how its answer
//! gets away.

use super::budget::{Account, Budget, Charge};
use super::census::Place;
use crate::access::peer::Peer;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

tokio::task_local! {
    /// The call that the task works for.
    static CALL: Arc<Call>;
}

/// Returns the call that this task works for. Whoever keeps it keeps what the call holds: work that
/// goes on when its caller has gone keeps it to the end.
pub(crate) fn current() -> Option<Arc<Call>> {
    CALL.try_with(Arc::clone).ok()
}

/// Runs a future as part of a call.
pub(super) async fn within<F: Future>(call: Arc<Call>, future: F) -> F::Output {
    CALL.scope(call, future).await
}

/// The two ends of a connection.
pub(super) struct Ends {
    pub peer: Peer,
    pub from: SocketAddr,
    pub local: Option<SocketAddr>,
    pub tls: bool,
}

/// A connection.
pub(super) struct Connection {
    /// The other end.
    pub peer: Peer,
    /// The address of the other end; where it has none, one that stands for the connection alone.
    pub from: SocketAddr,
    /// This end; none where nothing is called by a name.
    pub local: Option<SocketAddr>,
    /// Whether what goes over it is encrypted.
    pub tls: bool,
    /// Its place among all connections.
    pub place: Place,
    /// How long an answer may get no further.
    pub unread: Duration,
    /// Tells the connection to end at once.
    closed: Notify,
    /// The call over HTTP/1.1, of which there is one at a time, in the connection's own task.
    single: Mutex<Weak<Call>>,
    /// How many bytes have come, up to as many as tell that somebody speaks.
    heard: Arc<AtomicUsize>,
}

/// So many bytes begin any connection: all of the preface of HTTP/2, of which nothing may be left
/// to wait for, and less than any request of HTTP/1.1 has that says which server it is for.
const BEGINNING: usize = 24;

impl Connection {
    pub fn new(ends: Ends, place: Place, unread: Duration) -> Self {
        let Ends {
            peer,
            from,
            local,
            tls,
        } = ends;
        Self {
            peer,
            from,
            local,
            tls,
            place,
            unread,
            closed: Notify::new(),
            single: Mutex::default(),
            heard: Arc::default(),
        }
    }

    /// Returns the stream, which tells from then on whether the other end speaks.
    pub fn hearing<S>(&self, stream: S) -> Hearing<S> {
        Hearing {
            stream,
            heard: Arc::clone(&self.heard),
        }
    }

    /// Waits until the other end should have begun to speak, and has not; for ever, if it has.
    pub async fn silent(&self, limit: Duration) {
        sleep(limit).await;
        if self.heard.load(Ordering::Relaxed) >= BEGINNING {
            std::future::pending::<()>().await;
        }
    }

    /// Returns the call that this task works for; over HTTP/1.1 it begins here.
    pub fn call(self: &Arc<Self>) -> Arc<Call> {
        current().unwrap_or_else(|| {
            let call = Call::new(self);
            *self.single.lock() = Arc::downgrade(&call);
            call
        })
    }

    /// Waits until the connection has to end: an answer that is out of our hands does not get away.
    pub async fn has_to_end(&self) {
        let single = async {
            loop {
                sleep(self.unread / 2).await;
                let call = self.single.lock().upgrade();
                if call.is_some_and(|call| call.is_stuck()) {
                    return;
                }
            }
        };
        tokio::select! {
            () = self.closed.notified() => {}
            () = single => {}
        }
    }
}

/// A stream that tells whether the other end has begun to speak.
pub(super) struct Hearing<S> {
    stream: S,
    heard: Arc<AtomicUsize>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Hearing<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if self.heard.load(Ordering::Relaxed) < BEGINNING {
            let come = buffer.filled().len() - before;
            self.heard.fetch_add(come, Ordering::Relaxed);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Hearing<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// What a call holds.
struct Held {
    charge: Charge,
    /// For as long as the call is here.
    fixed: usize,
    /// For its request.
    request: usize,
    /// For its answer: an upper bound until the answer is there.
    answer: usize,
}

impl Held {
    fn settle(&mut self) {
        self.charge.resize(self.fixed + self.request + self.answer);
    }
}

/// A call.
pub(crate) struct Call {
    pub(super) connection: Arc<Connection>,
    begun: Instant,
    held: Mutex<Option<Held>>,
    /// Whether the answer is there, or its first part.
    answered: AtomicBool,
    /// Whether the next part of the answer is ours to give, and nobody has asked for it.
    given: AtomicBool,
    /// How many bytes of the answer have been given and not been sent.
    unsent: AtomicUsize,
    /// When the answer got further, in milliseconds since the call began.
    moved: AtomicUsize,
    /// Wakes the task that gives the answer.
    waker: AtomicWaker,
}

impl Call {
    pub(super) fn new(connection: &Arc<Connection>) -> Arc<Self> {
        Arc::new(Self {
            connection: Arc::clone(connection),
            begun: Instant::now(),
            held: Mutex::new(None),
            answered: AtomicBool::new(false),
            given: AtomicBool::new(false),
            unsent: AtomicUsize::new(0),
            moved: AtomicUsize::new(0),
            waker: AtomicWaker::new(),
        })
    }

    /// Returns whether nobody can read along: it goes over TLS, or leaves this machine nowhere.
    pub(crate) fn is_private(&self) -> bool {
        self.connection.tls || self.connection.peer.is_loopback()
    }

    /// Takes what was charged for the call: for as long as it is here, and until its request has
    /// been worked on; the rest is an upper bound of its answer.
    pub(super) fn admit(&self, charge: Charge, fixed: usize, request: usize) {
        let mut held = self.held.lock();
        let answer = charge.bytes().saturating_sub(fixed.saturating_add(request));
        *held = Some(Held {
            charge,
            fixed,
            request,
            answer,
        });
    }

    /// Takes more of what was charged for the request.
    pub(super) fn admit_more(&self, charge: Charge) {
        if let Some(held) = self.held.lock().as_mut() {
            held.request = held.request.saturating_add(charge.bytes());
            held.charge.join(charge);
        }
    }

    /// The request has been worked on.
    pub(super) fn worked(&self) {
        if let Some(held) = self.held.lock().as_mut() {
            held.request = 0;
            held.settle();
        }
    }

    /// The answer has no more parts, or none at all.
    pub(super) fn complete(&self) {
        self.given.store(false, Ordering::Release);
        if !self.answered.swap(true, Ordering::AcqRel) {
            self.hold_answer(|_| 0);
        }
    }

    fn hold_answer(&self, bytes: impl FnOnce(usize) -> usize) {
        if let Some(held) = self.held.lock().as_mut() {
            held.answer = bytes(held.answer);
            held.settle();
        }
    }

    /// A part of the answer is there: it is held for as long as anything of it has not been sent.
    pub(super) fn part(self: &Arc<Self>, bytes: usize) -> Part {
        let is_first = !self.answered.swap(true, Ordering::AcqRel);
        self.hold_answer(|held| if is_first { bytes } else { held + bytes });
        Part {
            call: Arc::clone(self),
            bytes,
        }
    }

    /// Bytes of the answer are given away to be sent.
    pub(super) fn give(&self, bytes: usize) {
        self.given.store(true, Ordering::Release);
        // What is given behind something unsent gets nobody further.
        if self.unsent.fetch_add(bytes, Ordering::AcqRel) == 0 {
            self.move_on();
        }
    }

    /// The next part is asked for.
    pub(super) fn asked(&self) {
        self.given.store(false, Ordering::Release);
    }

    /// Bytes have been sent, or thrown away.
    pub(super) fn sent(&self, bytes: usize) {
        self.move_on();
        self.unsent.fetch_sub(bytes, Ordering::AcqRel);
        self.waker.wake();
    }

    fn move_on(&self) {
        let millis = usize::try_from(self.begun.elapsed().as_millis());
        let millis = millis.unwrap_or(usize::MAX);
        self.moved.store(millis, Ordering::Release);
    }

    /// Waits until at most so many bytes that have been given away are unsent.
    pub(super) fn poll_unsent(&self, most: usize, context: &mut Context<'_>) -> Poll<()> {
        if self.unsent.load(Ordering::Acquire) <= most {
            return Poll::Ready(());
        }
        self.waker.register(context.waker());
        // It may have been sent in between.
        if self.unsent.load(Ordering::Acquire) <= most {
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Returns since when the answer waits for the other end to take it, if it does.
    fn waits_since(&self) -> Option<Instant> {
        let waits = self.given.load(Ordering::Acquire) || self.unsent.load(Ordering::Acquire) > 0;
        let moved = u64::try_from(self.moved.load(Ordering::Acquire)).unwrap_or(u64::MAX);
        waits.then(|| self.begun + Duration::from_millis(moved))
    }

    fn is_stuck(&self) -> bool {
        let since = self.waits_since();
        since.is_some_and(|since| since.elapsed() >= self.connection.unread)
    }

    /// Waits until the answer has got no further for too long.
    async fn stuck(&self) {
        let limit = self.connection.unread;
        while !self.is_stuck() {
            match self.waits_since() {
                Some(since) => sleep_until(since + limit).await,
                None => sleep(limit / 2).await,
            }
        }
    }

    /// Takes memory for a page of a watch, and waits for it as long as it takes.
    pub(crate) async fn page(&self, bytes: usize) -> Option<Charge> {
        let (budget, account) = self.account()?;
        budget.take_page(&account, bytes).await
    }

    fn account(&self) -> Option<(Arc<Budget>, Account)> {
        let held = self.held.lock();
        held.as_ref().map(|held| held.charge.owner())
    }
}

/// A part of an answer, held until all of its bytes have been sent.
pub(super) struct Part {
    call: Arc<Call>,
    bytes: usize,
}

impl Part {
    /// Returns the call whose answer this is.
    pub fn call(&self) -> &Call {
        &self.call
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.call
            .hold_answer(|held| held.saturating_sub(self.bytes));
    }
}

/// Runs the calls of an HTTP/2 connection, each in a task of its own that ends when its answer is
/// not taken.
#[derive(Clone)]
pub(super) struct Streams(pub Arc<Connection>);

impl<F> hyper::rt::Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let call = Call::new(&self.0);
        tokio::spawn(within(Arc::clone(&call), run(call, stream)));
    }
}

async fn run(call: Arc<Call>, stream: impl Future<Output = ()>) {
    {
        let stream = pin!(stream);
        tokio::select! {
            biased;
            () = stream => {}
            () = call.stuck() => {
                // Dropped here, it resets the stream, and everything that waited in it is gone.
                tracing::debug!(peer = %call.connection.from, "an answer was not read and is given up");
                return;
            }
        }
    }
    // What is left lies with the connection, and goes with it if it has to.
    let sent = poll_fn(|context| call.poll_unsent(0, context));
    tokio::select! {
        biased;
        () = sent => {}
        () = call.stuck() => {
            tracing::debug!(peer = %call.connection.from, "answers were not read: the connection is closed");
            call.connection.closed.notify_one();
        }
    }
}
