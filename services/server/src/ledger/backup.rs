//! A backup, sent piece by piece: the next is read when the one before was taken.

use crate::call::aside::aside;
use crate::call::auth::Lasting;
use crate::call::errors::Problem;
use crate::call::served::Served;
use crate::door;
use crate::door::{Call, Charge};
use parking_lot::Mutex;
use standing_domain::id::ActorId;
use standing_engine::{Backup, RecordError};
use standing_proto::v1;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::watch;
use tonic::Code;

/// How many backups are made at a time, each by another actor.
const AT_ONCE: usize = 2;

/// How many bytes a piece has, but for the last: by less than an entry more, of 60,000 bytes at
/// most.
const PIECE: usize = 128 << 10;

/// What a piece may need.
const HELD: usize = 256 << 10;

/// Who makes a backup now.
#[derive(Default)]
pub(crate) struct Places(Mutex<BTreeSet<ActorId>>);

/// A place that is free again when it is dropped.
struct Place {
    places: Arc<Places>,
    actor: ActorId,
}

impl Place {
    fn take(places: &Arc<Places>, actor: &ActorId) -> Result<Self, Problem> {
        let mut taken = places.0.lock();
        if taken.len() >= AT_ONCE || taken.contains(actor) {
            let message = format!(
                "{AT_ONCE} backups are made at a time, and one of yours: wait until one is done"
            );
            return Err(Problem::new(Code::ResourceExhausted, "BACKUPS", message));
        }
        taken.insert(actor.clone());
        Ok(Self {
            places: Arc::clone(places),
            actor: actor.clone(),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.0.lock().remove(&self.actor);
    }
}

/// A backup that is being sent.
pub(crate) struct Pieces {
    /// None while the next piece is read.
    backup: Option<Backup>,
    lasting: Lasting,
    closing: watch::Receiver<bool>,
    call: Option<Arc<Call>>,
    /// Held for the piece that is being sent.
    held: Option<Charge>,
    _place: Place,
}

impl Pieces {
    /// Begins a backup.
    ///
    /// # Errors
    /// As many are made as may be.
    pub fn begin(served: &Served, places: &Arc<Places>, lasting: Lasting) -> Result<Self, Problem> {
        let actor = &lasting.identity().actor;
        let place = Place::take(places, actor)?;
        tracing::info!(%actor, "a backup is fetched");
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
