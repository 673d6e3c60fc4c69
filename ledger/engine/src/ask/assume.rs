//! What if: a ledger with drafts assumed on top of what is known at a position. Nothing of it is ever written.

use crate::Engine;
use crate::basis::Head;
use crate::open::Options;
use crate::shared::Shared;
use crate::writer::Writer;
use crate::writer::request::{RecordError, Request};
use parking_lot::Mutex;
use standing_domain::entry::Draft;
use standing_domain::id::{ActorId, DraftId, Position, Word};
use standing_domain::law::LawView;
use standing_domain::law::facts::LawFacts;
use standing_domain::stop::{Stop, Stopped};
use std::sync::Arc;

/// Who is said to have recorded what is only assumed.
const NOBODY: &str = "hypothetical";

impl Engine {
    /// Returns a ledger that knows the drafts besides what this one knows at a position that [`Engine::resolve`] gave. It
    /// answers every question, records nothing, and says in every basis how many drafts it assumes.
    ///
    /// The book is copied, of the shards only the records that the drafts touch; nothing of this ledger is held while it works. So a
    /// layer takes the memory of a book, and some times that of the drafts, of which there are no more than a batch may have.
    ///
    /// # Errors
    /// The drafts would be refused at that position, for all the reasons given, or the work was given up.
    pub fn assume(
        &self,
        drafts: Vec<Draft>,
        at: Position,
        stop: Stop<'_>,
    ) -> Result<Self, RecordError> {
        stop.check()?;
        let shared = Arc::new(Shared::over(&self.shared, at)?);
        let id = |text| DraftId::new(text).map_err(|error| RecordError::Size(error.to_string()));
        let actor = ActorId::new(NOBODY).map_err(|error| RecordError::Size(error.to_string()))?;
        let request = Request {
            id: id(NOBODY)?,
            actor,
            drafts,
            canonical: Vec::new(),
            expectations: Vec::new(),
            validate_only: false,
            refuse_irregular: false,
        };
        let count = request.drafts.len() as Position;
        let writer = Writer::new(Arc::clone(&shared), self.role, &Options::default());
        let stored = writer?.suppose(request, stop)?;
        if let Some(over) = &shared.over {
            // Set once, here.
            let _ = over.assumed.set(stored);
        }
        lay_law(&shared, at + count, stop)?;
        let record_time = shared.head.load().record_time;
        shared.head.store(Arc::new(Head {
            position: at + count,
            record_time,
        }));
        Ok(Self {
            shared,
            orders: None,
            role: self.role,
            writer: Mutex::new(None),
            readings: self.readings.clone(),
        })
    }

    /// Returns the same ledger, to be asked under other readings: it records nothing.
    #[must_use]
    pub fn reading(&self, readings: Vec<Word>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            orders: None,
            role: self.role,
            writer: Mutex::new(None),
            readings,
        }
    }

    /// Returns the readings that questions are answered under.
    #[must_use]
    pub fn readings(&self) -> &[Word] {
        &self.readings
    }

    /// Returns the assumed entries as they would be stored; none of a ledger that assumes nothing.
    pub fn assumed(&self) -> impl Iterator<Item = &[u8]> {
        let over = self.shared.over.as_ref();
        let entries = over.and_then(|over| over.assumed.get());
        entries.into_iter().flatten().map(Vec::as_slice)
    }
}

/// Lays out the law of a layer whose drafts change it, so that no question on the layer has to, where nobody could give it up.
fn lay_law(layer: &Shared, known_at: Position, stop: Stop<'_>) -> Result<(), Stopped> {
    let (epoch, facts) = {
        let book = layer.book.read();
        let epoch = book.law_epoch(known_at);
        let above = layer.over.as_ref().is_some_and(|over| over.at < epoch);
        (
            epoch,
            above.then(|| LawFacts::of(&book, known_at, &|_| false)),
        )
    };
    if let Some(facts) = facts {
        layer.keep_law(epoch, &Arc::new(LawView::lay(facts, stop)?));
    }
    Ok(())
}
