//! Messages on their way: many at once, in order, each on the condition that its predecessor is the
//! stream's last.

use super::{Desk, Point, Which};
use crate::error::{Passing, Stop, Trouble};
use crate::message::Outgoing;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use futures_util::FutureExt as _;
use std::collections::VecDeque;
use std::future::{Future, IntoFuture as _, pending};
use std::pin::Pin;

/// How many messages may be on their way: as many may have been taken behind one that was refused.
pub(super) const WINDOW: usize = 256;

type Ack = Pin<Box<dyn Future<Output = Result<PublishAck, PublishError>> + Send>>;

/// A message that is not confirmed yet.
struct Sent<T> {
    sequence: u64,
    what: T,
    ack: Ack,
}

/// Messages on their way to a stream.
pub(super) struct Pipeline<'a, T> {
    desk: &'a Desk,
    which: Which,
    stream: String,
    /// The last sequence sent.
    last: u64,
    /// The next message goes alone, and is waited for.
    alone: bool,
    sent: VecDeque<Sent<T>>,
}

impl<'a, T> Pipeline<'a, T> {
    /// Returns an empty one behind the stream's last message.
    pub fn new(desk: &'a Desk, which: Which, last: u64) -> Self {
        let stream = desk.wanted(which).name;
        Self {
            desk,
            which,
            stream,
            last,
            alone: true,
            sent: VecDeque::with_capacity(WINDOW),
        }
    }

    /// Returns the last sequence sent.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Returns how many more messages may be sent.
    ///
    /// The first after a rest goes alone. Were it refused because another took its place, those
    /// behind it would find their condition met by that other, and be taken.
    pub fn room(&self) -> usize {
        let window = if self.alone { 1 } else { WINDOW };
        window.saturating_sub(self.sent.len())
    }

    /// Takes note that there is nothing more to send for now.
    pub fn rest(&mut self) {
        self.alone = true;
    }

    /// Returns whether every message is confirmed.
    pub fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    /// Sends the next message. `what` comes back when it is confirmed.
    pub async fn send(&mut self, message: Outgoing, what: T) -> Result<(), Trouble> {
        let sequence = self.last + 1;
        self.desk.at(self.which, Point::Send(sequence));
        let Outgoing {
            subject,
            headers,
            payload,
        } = message;
        // No message id: a cluster acknowledges a duplicate id although another's bytes are there.
        let message = PublishMessage::build()
            .headers(headers)
            .payload(payload.into())
            .expected_stream(&self.stream)
            .expected_last_sequence(self.last);
        let sent = self.desk.link.outbox.send_publish(subject, message).await;
        let ack = sent.map_err(|error| self.failed(sequence, &error))?;
        self.last = sequence;
        self.sent.push_back(Sent {
            sequence,
            what,
            ack: ack.into_future(),
        });
        self.desk.at(self.which, Point::Sent(sequence));
        Ok(())
    }

    /// Waits until the oldest message on its way is confirmed; for ever if there is none. Takes
    /// those behind it that are confirmed by then too, and returns what the last of them came with.
    /// Nothing is lost if it is given up.
    pub async fn confirmed(&mut self) -> Result<T, Trouble> {
        let Some(oldest) = self.sent.front_mut() else {
            return pending().await;
        };
        let mut answer = (&mut oldest.ack).await;
        loop {
            let Some(sent) = self.sent.pop_front() else {
                return pending().await;
            };
            self.accept(sent.sequence, answer)?;
            let next = self.sent.front_mut();
            match next.and_then(|next| (&mut next.ack).now_or_never()) {
                Some(next) => answer = next,
                None => return Ok(sent.what),
            }
        }
    }

    /// Takes the answer to a message.
    fn accept(
        &mut self,
        sequence: u64,
        answer: Result<PublishAck, PublishError>,
    ) -> Result<(), Trouble> {
        let ack = answer.map_err(|error| self.failed(sequence, &error))?;
        if ack.duplicate {
            let stream = &self.stream;
            return Err(Passing(format!(
                "stream {stream} took message {sequence} for a duplicate"
            ))
            .into());
        }
        if ack.sequence != sequence || ack.stream != self.stream {
            return Err(Stop::Misplaced {
                stream: self.stream.clone(),
                sequence,
                found: ack.stream,
                place: ack.sequence,
            }
            .into());
        }
        self.alone = false;
        self.desk.at(self.which, Point::Confirmed(sequence));
        Ok(())
    }

    fn failed(&self, sequence: u64, error: &PublishError) -> Trouble {
        let stream = self.stream.clone();
        if error.kind() == PublishErrorKind::MaxPayloadExceeded {
            return Stop::TooLarge { stream, sequence }.into();
        }
        Passing::because(
            format!("message {sequence} of stream {stream} is not confirmed"),
            error,
        )
        .into()
    }
}
