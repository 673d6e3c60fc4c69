//! The path of almost every question: does this party hold this right?

use crate::ledger::Ledger;
use standing_domain::answers::question::Question;
use standing_domain::answers::view::Parties as _;
use standing_domain::entry::event::TermKind;
use standing_domain::entry::slot::Slot;
use standing_domain::id::Word;
use standing_domain::id::position::Position;
use standing_domain::id::{BodyId, PartyId, RightId};
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;

/// Why a question has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The party is not registered as known at that position.
    #[error("the party is not known")]
    UnknownParty,
    /// The right is not in the vocabulary as known at that position.
    #[error("the right is not known")]
    UnknownRight,
    /// The body is not in the vocabulary as known at that position.
    #[error("the body is not known")]
    UnknownBody,
}

impl Ledger {
    /// Answers whether a party holds a right at the end of a day, as known at a position that
    /// [`Ledger::resolve`] gave. Takes a hash look-up and a search in a short row; only windows,
    /// successions, annulments and conditions take more.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/league.rs"));
    /// # fn main() -> Result<(), Box<dyn Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use standing_domain::id::{PartyId, RightId};
    /// use standing_domain::time::day::Day;
    /// use standing_domain::time::truth::Truth;
    ///
    /// // Full members vote, and east is one since 2001-05-01.
    /// let recorder = league(folder.path())?;
    /// let ledger = recorder.ledger();
    /// let known_at = ledger.head().position;
    /// let (east, vote) = (PartyId::new("east")?, RightId::new("vote")?);
    /// let votes = |day| ledger.verdict(&east, &vote, None, day, known_at);
    /// assert_eq!(votes(Day::parse("2001-04-30")?)?, Truth::No);
    /// assert_eq!(votes(Day::parse("2001-05-01")?)?, Truth::Yes);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The party, the right or the body is not known.
    pub fn verdict(
        &self,
        party: &PartyId,
        right: &RightId,
        body: Option<&BodyId>,
        day: Day,
        known_at: Position,
    ) -> Result<Truth, CheckError> {
        let law = self.shared.law(known_at);
        if let Some(body) = body
            && !law.knows_body(body)
        {
            return Err(CheckError::UnknownBody);
        }
        let class = self.shared.shards().with(party, |record| {
            let record = record.filter(|record| record.is_registered(known_at));
            let record = record.ok_or(CheckError::UnknownParty)?;
            Ok(record.plain_class(day, known_at))
        })?;
        let settled = match class {
            Ok(None) if law.knows_right(right) => Some(Truth::No),
            Ok(Some(class)) => law.settled(right, body, class, day),
            _ => None,
        };
        if let Some(truth) = settled {
            return Ok(truth);
        }
        if !law.knows_right(right) {
            return Err(CheckError::UnknownRight);
        }
        let question = Question {
            party: party.clone(),
            right: right.clone(),
            body: body.cloned(),
        };
        let reader = self.at(known_at);
        let view = reader.view();
        let record = view
            .record(&question.party)
            .ok_or(CheckError::UnknownParty)?;
        Ok(view.verdict(&question, &record, day))
    }

    /// Returns whether a word of a kind is in the vocabulary as known at a position.
    #[must_use]
    pub fn knows_term(&self, kind: TermKind, word: Word, known_at: Position) -> bool {
        let book = self.shared.book.read();
        book.facts(&Slot::Term(kind, word))
            .iter()
            .any(|fact| fact.is_known(known_at))
    }
}
