//! An answer on its way: cut into pieces, each of which tells when it has been sent.

use super::call::{Call, Part};
use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::{Body as _, Frame, SizeHint};
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tonic::Status;
use tonic::body::Body;

/// The most bytes of a piece. So much of an answer may lie where it cannot be taken back any more
/// when the other end does not take it.
const PIECE: usize = 16 << 10;

/// The body of an answer.
pub(super) struct Answer {
    body: Body,
    call: Arc<Call>,
    /// What is left of the part that is being given.
    rest: Option<(Bytes, Arc<Part>)>,
    trailers: Option<HeaderMap>,
    /// How many bytes have been given.
    given: usize,
    /// What was foretold of the whole, before anything of it was given.
    hint: SizeHint,
}

impl Answer {
    pub fn new(body: Body, call: Arc<Call>) -> Self {
        if body.is_end_stream() {
            call.complete();
        }
        Self {
            hint: body.size_hint(),
            body,
            call,
            rest: None,
            trailers: None,
            given: 0,
        }
    }

    /// Gives the next piece of what is there.
    fn piece(&mut self) -> Option<Piece> {
        let (mut rest, part) = self.rest.take()?;
        let bytes = rest.split_to(rest.len().min(PIECE));
        if !rest.is_empty() {
            self.rest = Some((rest, Arc::clone(&part)));
        }
        self.given = self.given.saturating_add(bytes.len());
        self.call.give(bytes.len());
        Some(Piece {
            whole: bytes.len(),
            bytes,
            part,
        })
    }
}

impl http_body::Body for Answer {
    type Data = Piece;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Piece>, Status>>> {
        let this = self.get_mut();
        this.call.asked();
        loop {
            if let Some(piece) = this.piece() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            // As long as an answer that does not go in one piece is ours, only it is ended where it
            // is not read, not its connection. And of a watch that is not read no more is fetched.
            let most = match &this.trailers {
                Some(_) if this.given > PIECE => 0,
                Some(_) => usize::MAX,
                None => PIECE,
            };
            ready!(this.call.poll_unsent(most, context));
            if let Some(trailers) = this.trailers.take() {
                this.call.complete();
                return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
            }
            let frame = match ready!(Pin::new(&mut this.body).poll_frame(context)) {
                Some(Ok(frame)) => frame,
                Some(Err(status)) => {
                    this.call.complete();
                    return Poll::Ready(Some(Err(status)));
                }
                None => {
                    this.call.complete();
                    return Poll::Ready(None);
                }
            };
            match frame.into_data() {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => {
                    let part = Arc::new(this.call.part(bytes.len()));
                    this.rest = Some((bytes, part));
                }
                Err(frame) => this.trailers = frame.into_trailers().ok(),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && self.trailers.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}

/// A piece of an answer, until it has been sent.
pub(super) struct Piece {
    bytes: Bytes,
    whole: usize,
    part: Arc<Part>,
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }

    fn chunks_vectored<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize {
        self.bytes.chunks_vectored(into)
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.part.call().sent(self.whole);
    }
}
