//! The messages of a stream, read one after the other as there is room for them: each is charged
//! for before it is read, and as long as it has no answer; and no more of them lie here unanswered
//! than so many. What is not read waits in the window of its connection.

use super::Door;
use super::budget::{Account, Charge, Exhausted};
use super::message::{Message, PREFIX};
use super::method::{Method, Need};
use super::room::{more_than, no_room, refuse_large};
use crate::call::errors::Problem;
use bytes::{Buf as _, Bytes};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};
use tonic::{Code, Status};

/// The most messages that are read and have no answer.
const MOST_ON_THEIR_WAY: usize = 256;

/// The most bytes that they have in all, but for one that alone has more.
const MOST_BYTES: usize = 4 << 20;

/// What is on its way: read, and not answered.
struct Window {
    state: Mutex<OnTheWay>,
    /// Tells the only one who waits that it has become less.
    less: Notify,
}

struct OnTheWay {
    count: usize,
    bytes: usize,
    /// When there was something last.
    last: Instant,
}

impl Window {
    fn is_empty(&self) -> bool {
        self.state.lock().count == 0
    }

    /// Waits until there is room for another message of so many bytes.
    async fn room_for(&self, bytes: usize) {
        loop {
            let has_room = {
                let state = self.state.lock();
                let fits = state.bytes.saturating_add(bytes) <= MOST_BYTES;
                state.count == 0 || (state.count < MOST_ON_THEIR_WAY && fits)
            };
            if has_room {
                return;
            }
            self.less.notified().await;
        }
    }

    /// Waits until nothing has been on its way for so long.
    async fn silent(&self, limit: Duration) {
        loop {
            let since = {
                let state = self.state.lock();
                (state.count == 0).then_some(state.last)
            };
            match since {
                Some(since) if since.elapsed() >= limit => return,
                Some(since) => sleep_until(since + limit).await,
                None => sleep(limit / 2).await,
            }
        }
    }
}

/// A message's place among those that have no answer, and the memory that is held for it.
pub(crate) struct Lot {
    window: Arc<Window>,
    bytes: usize,
    _charge: Charge,
}

impl Lot {
    fn new(window: &Arc<Window>, bytes: usize, charge: Charge) -> Self {
        {
            let mut state = window.state.lock();
            state.count += 1;
            state.bytes = state.bytes.saturating_add(bytes);
        }
        Self {
            window: Arc::clone(window),
            bytes,
            _charge: charge,
        }
    }
}

impl Drop for Lot {
    fn drop(&mut self) {
        {
            let mut state = self.window.state.lock();
            state.count = state.count.saturating_sub(1);
            state.bytes = state.bytes.saturating_sub(self.bytes);
            state.last = Instant::now();
        }
        self.window.less.notify_one();
    }
}

/// The messages of a stream.
pub(crate) struct Intake {
    door: Arc<Door>,
    account: Account,
    message: Message,
    path: String,
    window: Arc<Window>,
}

impl Intake {
    pub(super) fn new(door: &Arc<Door>, account: Account, message: Message, path: &str) -> Self {
        let on_the_way = OnTheWay {
            count: 0,
            bytes: 0,
            last: Instant::now(),
        };
        Self {
            door: Arc::clone(door),
            account,
            message,
            path: path.to_owned(),
            window: Arc::new(Window {
                state: Mutex::new(on_the_way),
                less: Notify::new(),
            }),
        }
    }

    /// Reads the next message once there is room for it; none at the end. What is returned with it
    /// is dropped when it has its answer.
    pub async fn next(&mut self) -> Result<Option<(Bytes, Lot)>, Status> {
        self.window.room_for(0).await;
        let most = self.door.patience().whole;
        let begins = tokio::select! {
            // What is there is no silence, however long nobody looked.
            biased;
            begins = self.message.begins() => begins?,
            () = self.window.silent(most) => return Err(silent(most)),
        };
        if !begins {
            return Ok(None);
        }
        let length = self.message.length().await?;
        refuse_large(Method::Stream, length)?;
        self.window.room_for(length).await;
        let need = Method::need_of_each(length);
        let mut charge = charged(&self.door, &self.account, &self.window, need).await?;
        let mut whole = self.message.whole(length).await?;
        whole.advance(PREFIX);
        if let Some(more) = more_than(&self.door, &self.path, &whole, need)? {
            charge.join(charged(&self.door, &self.account, &self.window, more).await?);
        }
        Ok(Some((whole, Lot::new(&self.window, length, charge))))
    }
}

/// Takes memory for a message. As long as others of its stream hold some, it waits for what their
/// answers give back.
async fn charged(
    door: &Door,
    account: &Account,
    window: &Window,
    need: Need,
) -> Result<Charge, Status> {
    loop {
        match door.budget.take(account, need.kind, need.all()).await {
            Ok(charge) => return Ok(charge),
            Err(Exhausted) if window.is_empty() => return Err(no_room(door, need)),
            Err(Exhausted) => window.less.notified().await,
        }
    }
}

fn silent(after: Duration) -> Status {
    let message = format!(
        "nothing more came within {after:?}, and all that came is answered: begin another stream"
    );
    Problem::new(Code::DeadlineExceeded, "STREAM_SILENT", message).into()
}

/// The messages of a stream, on their way from the door to the service.
#[derive(Clone)]
pub(crate) struct Arriving(Arc<Mutex<Option<Intake>>>);

impl Arriving {
    pub(super) fn of(intake: Intake) -> Self {
        Self(Arc::new(Mutex::new(Some(intake))))
    }

    /// Takes them; none if they were taken.
    pub fn take(&self) -> Option<Intake> {
        self.0.lock().take()
    }
}
