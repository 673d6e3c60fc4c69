//! The message of a call, read before the call is made: its length first, then, once there is room
//! for it, the rest.

use crate::call::errors::Problem;
use bytes::{Buf as _, Bytes, BytesMut};
use http_body::Frame;
use http_body_util::BodyExt as _;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use tonic::body::Body;
use tonic::{Code, Status};

/// The bytes before a message: whether it is compressed, and its length.
pub(super) const PREFIX: usize = 5;

/// How long a body may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Without a byte.
    pub idle: Duration,
    /// In all.
    pub whole: Duration,
}

/// A body that holds a message, or one behind the other.
pub(super) struct Message {
    body: Body,
    until: Instant,
    patience: Patience,
    /// What came before the message, and of it.
    read: BytesMut,
    /// What came last, and is not needed yet.
    piece: Bytes,
}

impl Message {
    pub fn new(body: Body, patience: Patience) -> Self {
        Self {
            body,
            until: Instant::now() + patience.whole,
            patience,
            read: BytesMut::new(),
            piece: Bytes::new(),
        }
    }

    /// Waits for the next message to begin, however long that takes; returns whether one does.
    /// Dropped at any moment, it loses nothing.
    pub async fn begins(&mut self) -> Result<bool, Status> {
        while self.have() == 0 {
            match self.body.frame().await {
                None => return Ok(false),
                Some(frame) => self.take(frame.map_err(|_| broken())?),
            }
        }
        self.until = Instant::now() + self.patience.whole;
        Ok(true)
    }

    /// Reads how many bytes the message has; nothing else of it, but what came along.
    pub async fn length(&mut self) -> Result<usize, Status> {
        while self.have() < PREFIX {
            if !self.more().await? {
                let what = if self.have() == 0 {
                    "there is no message"
                } else {
                    "the message is cut off before its length"
                };
                return Err(standing_proto::codec::undecodable(what));
            }
        }
        let mut prefix = [0; PREFIX];
        self.read
            .as_ref()
            .chain(self.piece.as_ref())
            .copy_to_slice(&mut prefix);
        let [flag, length @ ..] = prefix;
        match flag {
            0 => Ok(usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX)),
            1 => Err(standing_proto::codec::undecodable(
                "the message says that it is compressed, and the call names no encoding",
            )),
            _ => Err(standing_proto::codec::undecodable(
                "the message does not begin with 0 or 1, which says whether it is compressed",
            )),
        }
    }

    /// Reads the message with what is before it, so that it can be read again as a body. What came
    /// behind it stays for the next.
    pub async fn whole(&mut self, length: usize) -> Result<Bytes, Status> {
        let whole = PREFIX.saturating_add(length);
        if self.read.is_empty() && self.piece.len() >= whole {
            // Most messages come in one piece, and stay as they came.
            return Ok(self.piece.split_to(whole));
        }
        // Room for all of it at once: growing would take twice as much.
        let mut read = BytesMut::with_capacity(whole);
        read.extend_from_slice(&self.read);
        self.read = read;
        loop {
            let missing = whole.saturating_sub(self.read.len());
            let come = self.piece.split_to(missing.min(self.piece.len()));
            self.read.extend_from_slice(&come);
            if self.read.len() >= whole {
                return Ok(std::mem::take(&mut self.read).freeze());
            }
            if !self.more().await? {
                let come = self.have().saturating_sub(PREFIX);
                let what = format!("{come} of {length} bytes came, and then the end");
                return Err(standing_proto::codec::undecodable(&what));
            }
        }
    }

    /// Refuses whatever comes behind the only message.
    pub async fn ends(mut self) -> Result<(), Status> {
        loop {
            if self.have() > 0 {
                let what = "more came than the one message that the method takes";
                return Err(standing_proto::codec::undecodable(what));
            }
            if !self.more().await? {
                return Ok(());
            }
        }
    }

    fn have(&self) -> usize {
        self.read.len() + self.piece.len()
    }

    /// Reads on; returns whether there was anything but the end.
    async fn more(&mut self) -> Result<bool, Status> {
        let frame = timeout(
            self.patience.idle,
            timeout_at(self.until, self.body.frame()),
        );
        let frame = match frame.await {
            Err(_) => return Err(self.late("nothing of it came", self.patience.idle)),
            Ok(Err(_)) => return Err(self.late("it had not come whole", self.patience.whole)),
            Ok(Ok(None)) => return Ok(false),
            Ok(Ok(Some(frame))) => frame.map_err(|_| broken())?,
        };
        self.take(frame);
        Ok(true)
    }

    /// Takes what came; trailers say nothing here.
    fn take(&mut self, frame: Frame<Bytes>) {
        if let Ok(bytes) = frame.into_data() {
            self.read.extend_from_slice(&self.piece);
            self.piece = bytes;
        }
    }

    fn late(&self, what: &str, after: Duration) -> Status {
        let come = self.have();
        let message = format!("the request's body is late: {what} after {after:?}");
        let problem = Problem::new(Code::DeadlineExceeded, "BODY_LATE", message);
        problem.with("bytes", come).into()
    }
}

/// What is said where the connection or the body's own encoding broke: either way what was to be
/// read has not come.
fn broken() -> Status {
    standing_proto::codec::undecodable("the body broke off, or its base64 is none")
}
