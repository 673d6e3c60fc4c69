//! The message of a call, read before the call is made: its length first, then, once there is room
//! for it, the rest.

use crate::call::errors::Problem;
use bytes::{Buf as _, Bytes, BytesMut};
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

/// A body that holds one message.
pub(super) struct Message {
    body: Body,
    idle: Duration,
    until: Instant,
    patience: Patience,
    /// What came before the message, and of it.
    read: BytesMut,
    /// What came in one piece with it.
    piece: Bytes,
}

impl Message {
    pub fn new(body: Body, patience: Patience) -> Self {
        Self {
            body,
            idle: patience.idle,
            until: Instant::now() + patience.whole,
            patience,
            read: BytesMut::new(),
            piece: Bytes::new(),
        }
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
        if self.read.is_empty() {
            prefix.copy_from_slice(&self.piece[..PREFIX]);
        } else {
            prefix.copy_from_slice(&self.read[..PREFIX]);
        }
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

    /// Reads the message with what is before it, so that it can be read again as a body.
    pub async fn whole(mut self, length: usize) -> Result<Bytes, Status> {
        let whole = PREFIX.saturating_add(length);
        if self.have() < whole {
            // Room for all of it at once: growing would take twice as much.
            let mut read = BytesMut::with_capacity(whole);
            read.extend_from_slice(&self.read);
            read.extend_from_slice(&self.piece);
            (self.read, self.piece) = (read, Bytes::new());
        }
        while self.have() < whole {
            if !self.more().await? {
                let (come, length) = (self.have() - PREFIX, length);
                let what = format!("{come} of {length} bytes came, and then the end");
                return Err(standing_proto::codec::undecodable(&what));
            }
        }
        if self.have() > whole || self.has_more().await? {
            let what = "more came than the one message that the method takes";
            return Err(standing_proto::codec::undecodable(what));
        }
        if self.read.is_empty() {
            return Ok(self.piece);
        }
        Ok(self.read.freeze())
    }

    fn have(&self) -> usize {
        self.read.len() + self.piece.len()
    }

    async fn has_more(&mut self) -> Result<bool, Status> {
        let have = self.have();
        while self.more().await? {
            if self.have() > have {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads on; returns whether there was anything but the end.
    async fn more(&mut self) -> Result<bool, Status> {
        let frame = timeout(self.idle, timeout_at(self.until, self.body.frame()));
        let frame = match frame.await {
            Err(_) => return Err(self.late("nothing of it came", self.patience.idle)),
            Ok(Err(_)) => return Err(self.late("it had not come whole", self.patience.whole)),
            Ok(Ok(None)) => return Ok(false),
            Ok(Ok(Some(frame))) => frame,
        };
        // Of the connection or of the body's own encoding: either way what was to be read has not
        // come.
        let frame = frame.map_err(|_| {
            standing_proto::codec::undecodable("the body broke off, or its base64 is none")
        })?;
        let Ok(bytes) = frame.into_data() else {
            return Ok(true);
        };
        if self.have() == 0 {
            // Most messages come in one piece, and stay as they came.
            self.piece = bytes;
            return Ok(true);
        }
        if self.piece.has_remaining() {
            self.read.extend_from_slice(&self.piece);
            self.piece = Bytes::new();
        }
        self.read.extend_from_slice(&bytes);
        Ok(true)
    }

    fn late(&self, what: &str, after: Duration) -> Status {
        let come = self.have();
        let message = format!("the request's body is late: {what} after {after:?}");
        let problem = Problem::new(Code::DeadlineExceeded, "BODY_LATE", message);
        problem.with("bytes", come).into()
    }
}
