//! What if: a ledger with drafts assumed on top of what is known at a position. Nothing of it is
//! ever written.

use crate::ledger::Ledger;
use crate::shared::Shared;
use crate::writer::error::RecordError;
use crate::writer::trial::suppose;
use crate::writer::trial::suppose::Supposed;
use standing_domain::entry::draft::Draft;
use standing_domain::id::position::Position;
use standing_domain::law::LawView;
use standing_domain::law::facts::LawFacts;
use standing_domain::record::without::NOTHING;
use standing_domain::stop::{Stop, Stopped};
use std::sync::Arc;

impl Ledger {
    /// Returns a ledger that knows the drafts besides what this one knows at a position that
    /// [`Ledger::resolve`] gave. It answers every question, records nothing, and says in every
    /// basis how many drafts it assumes.
    ///
    /// The book is copied, of the shards only the records that the drafts touch; nothing of this
    /// ledger is held while it works. So a layer takes the memory of a book, and some times that of
    /// the drafts, of which there are no more than a batch may have.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/league.rs"));
    /// # fn main() -> Result<(), Box<dyn Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use standing_domain::id::{PartyId, RightId};
    /// use standing_domain::stop::Stop;
    /// use standing_domain::time::day::Day;
    /// use standing_domain::time::truth::Truth;
    ///
    /// let recorder = league(folder.path())?;
    /// let ledger = recorder.ledger();
    /// let drafts = vec![admitted("west", "2002-07-01")?];
    /// let what_if = ledger.assume(drafts, ledger.head().position, Stop::NEVER)?;
    ///
    /// let day = Day::parse("2002-07-01")?;
    /// let (west, vote) = (PartyId::new("west")?, RightId::new("vote")?);
    /// let votes = |of: &standing_engine::Ledger| {
    ///     of.verdict(&west, &vote, None, day, of.head().position)
    /// };
    /// assert_eq!(votes(&what_if)?, Truth::Yes);
    /// assert_eq!(votes(ledger)?, Truth::No);
    /// assert_eq!(what_if.assumed().count(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The drafts would be refused at that position, for all the reasons given, or the work was
    /// given up.
    pub fn assume(
        &self,
        drafts: Vec<Draft>,
        at: Position,
        stop: Stop<'_>,
    ) -> Result<Self, RecordError> {
        let (layer, supposed) = self.suppose(drafts, at, stop)?;
        if supposed.refusals.is_empty() {
            Ok(layer)
        } else {
            Err(RecordError::Refused(supposed.refusals))
        }
    }

    /// Returns a layer on which drafts are tried, and what they say; where they would be refused,
    /// nothing of them is shown on it.
    pub(super) fn suppose(
        &self,
        drafts: Vec<Draft>,
        at: Position,
        stop: Stop<'_>,
    ) -> Result<(Self, Supposed), RecordError> {
        stop.check()?;
        let shared = Arc::new(Shared::over(&self.shared, at)?);
        let mut supposed = suppose::suppose(&shared, drafts, stop)?;
        if supposed.refusals.is_empty() {
            let entries = std::mem::take(&mut supposed.entries);
            lay_law(&shared, at.after(entries.len()), stop)?;
            shared.show_assumed(entries);
        }
        let layer = Self {
            shared,
            readings: Arc::clone(&self.readings),
            opens: self.opens,
            noted: self.noted.clone(),
        };
        Ok((layer, supposed))
    }
}

/// Lays out the law of a layer whose drafts change it, so that no question on the layer has to,
/// where nobody could give it up.
fn lay_law(layer: &Shared, known_at: Position, stop: Stop<'_>) -> Result<(), Stopped> {
    let (epoch, facts) = {
        let book = layer.book.read();
        let epoch = book.law_epoch(known_at);
        let above = layer.lies_on().is_some_and(|at| at < epoch);
        (epoch, above.then(|| LawFacts::of(&book, known_at, NOTHING)))
    };
    if let Some(facts) = facts {
        layer.keep_law(epoch, &Arc::new(LawView::lay(facts, stop)?));
    }
    Ok(())
}
