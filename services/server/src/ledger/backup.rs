//! A backup, sent piece by piece: the next is read when the one before was taken.

use crate::call::aside::aside;
use crate::call::auth::Lasting;
use crate::call::errors::Problem;
use crate::call::served::Served;
use crate::door;
use crate::door::{Call, Charge};
use standing_engine::{Backup, RecordError};
use standing_proto::v1;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tonic::Code;

/// How many backups are made at a time.
pub(crate) const AT_ONCE: usize = 2;

/// How many bytes a piece has, but for the last: by less than an entry more, of 60,000 bytes at
/// most.
const PIECE: usize = 128 << 10;

/// What a piece may need.
const HELD: usize = 256 << 10;

/// A backup that is being sent.
pub(crate) struct Pieces {
    /// None while the next piece is read.
    backup: Option<Backup>,
    lasting: Lasting,
    closing: watch::Receiver<bool>,
    call: Option<Arc<Call>>,
    /// Held for the piece that is being sent.
    held: Option<Charge>,
    _place: OwnedSemaphorePermit,
}

impl Pieces {
    /// Begins a backup.
    ///
    /// # Errors
    /// As many are made as may be.
    pub fn begin(
        served: &Served,
        places: &Arc<Semaphore>,
        lasting: Lasting,
    ) -> Result<Self, Problem> {
        let place = Arc::clone(places).try_acquire_owned();
        let place = place.map_err(|_| {
            let message = format!("{AT_ONCE} backups are being made: wait until one is done");
            Problem::new(Code::ResourceExhausted, "BACKUPS", message)
        })?;
        Ok(Self {
            backup: Some(served.ledger.backup()),
            lasting,
            closing: served.closing(),
            call: door::current(),
            held: None,
            _place: place,
        })
    }

    /// Returns the next piece; none behind the end.
    ///
    /// # Errors
    /// The log cannot be read, the caller may no longer, or the server is closing.
    pub async fn next(&mut self) -> Result<Option<v1::BackupResponse>, Problem> {
        self.held = None;
        self.lasting.check()?;
        if *self.closing.borrow() {
            return Err(RecordError::Closing.into());
        }
        let Some(mut backup) = self.backup.take() else {
            return Ok(None);
        };
        if let Some(call) = &self.call {
            self.held = call.page(HELD).await;
        }
        let read = move || Ok((backup.piece(PIECE)?, backup));
        let (piece, backup) = aside(read).await?;
        Ok(piece.map(|piece| {
            self.backup = Some(backup);
            v1::BackupResponse { piece }
        }))
    }
}
