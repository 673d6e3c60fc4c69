//! What drafts would do, before they are recorded: worked out on a layer that assumes them, by what
//! decides, judges and tells once they are. Nothing of it is ever written.

use crate::ask::changes::{ChangeError, Cursor};
use crate::entry::EntryError;
use crate::ledger::Ledger;
use crate::shared::unread::Unread;
use crate::writer::error::{Irregular, RecordError};
use crate::writer::irregular::Disputed;
use standing_domain::answers::changes::RightChange;
use standing_domain::answers::view::Parties as _;
use standing_domain::audit::recording::Concerned;
use standing_domain::entry::draft::Draft;
use standing_domain::entry::expectation::{Expectation, Expected};
use standing_domain::entry::key::Touched;
use standing_domain::entry::reach::Reach;
use standing_domain::entry::slot::Ref;
use standing_domain::entry::{Content, Entry};
use standing_domain::id::position::Position;
use standing_domain::judge::refusal::Refusal;
use standing_domain::record::annulments::undone::Undone;
use standing_domain::record::party::PartyRecord;
use standing_domain::stop::{Stop, Stopped};
use standing_store::ReadError;

/// Of how many parties and instruments it is said at most where each stands; of more, the log is
/// meant.
const EXPECTED: usize = 100;

/// Drafts on top of what is known at a position, and what they would do.
pub struct Preview {
    /// The ledger with the drafts assumed; without them where they would be refused.
    pub layer: Ledger,
    /// The position they were judged on.
    pub at: Position,
    /// What they say, references looked up, in their order; nothing where a reference is to no
    /// entry.
    pub contents: Vec<Content>,
    /// Why they would be refused, all reasons; none if they would not.
    pub refusals: Vec<Refusal>,
    touched: Touched,
}

impl Ledger {
    /// Judges drafts as they would be if they were recorded next after a position that
    /// [`Ledger::resolve`] gave, whatever the law says of them, and keeps what they would do.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/league.rs"));
    /// # fn main() -> Result<(), Box<dyn Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use standing_domain::stop::Stop;
    ///
    /// let recorder = league(folder.path())?;
    /// let ledger = recorder.ledger();
    /// let drafts = vec![admitted("west", "2002-07-01")?];
    /// let preview = ledger.preview(drafts, ledger.head().position, Stop::NEVER)?;
    /// assert!(preview.refusals.is_empty());
    /// let changes = preview.changes(Stop::NEVER)?;
    /// assert_eq!(changes[0].party.as_str(), "west");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// An entry cannot be read, a draft is too large, or the work was given up. That drafts would
    /// be refused is no error.
    pub fn preview(
        &self,
        drafts: Vec<Draft>,
        at: Position,
        stop: Stop<'_>,
    ) -> Result<Preview, RecordError> {
        let tried = self.suppose(drafts, at, stop);
        match tried {
            Ok((layer, supposed)) => Ok(Preview {
                layer,
                at,
                contents: supposed.contents,
                refusals: supposed.refusals,
                touched: supposed.touched,
            }),
            Err(RecordError::Refused(refusals)) => Ok(Preview {
                layer: self.clone(),
                at,
                contents: Vec::new(),
                refusals,
                touched: Touched::default(),
            }),
            Err(error) => Err(error),
        }
    }
}

impl Preview {
    /// Returns whether the drafts would be refused, whatever is to be done with what is irregular.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.refusals.is_empty()
    }

    /// Returns the position that the first draft would have.
    #[must_use]
    pub fn first(&self) -> Position {
        self.at.next()
    }

    /// Returns the last position known on the layer.
    #[must_use]
    pub fn last(&self) -> Position {
        self.layer.head().position
    }

    /// Returns the entries whose effect the drafts would take or give back, ascending; none where
    /// they would be refused.
    ///
    /// # Errors
    /// The work was given up.
    pub fn undone(&self, stop: Stop<'_>) -> Result<Vec<Undone>, Stopped> {
        if self.is_refused() {
            return Ok(Vec::new());
        }
        // The book is the layer's own: nobody waits for it.
        let book = self.layer.shared.book.read();
        book.undone_by(&self.contents, self.first(), stop)
    }

    /// Returns the irregular findings for which the drafts would be refused unless they are to be
    /// recorded all the same (rule 35).
    ///
    /// # Errors
    /// An entry cannot be read, or the work was given up.
    pub fn irregular(&self, stop: Stop<'_>) -> Result<Vec<Irregular>, RecordError> {
        let concerned = Concerned::by(&self.contents);
        if self.is_refused() || concerned.is_nothing() {
            return Ok(Vec::new());
        }
        let (shared, unread) = (&self.layer.shared, Unread::default());
        let disputed = Disputed {
            shared,
            first: self.first(),
            contents: &self.contents,
            law: &shared.law(self.last()),
            above: None,
            lookup: &|position| unread.keep(shared.content(position)),
            unread: &unread,
            stop,
        };
        let found = disputed.irregular(&concerned)?;
        Ok(unread.or(found)?)
    }

    /// Returns what would be answered otherwise about rights, by party, right and first day: what
    /// the stream of computed changes would tell of the batch if it were recorded today.
    ///
    /// # Errors
    /// An entry cannot be read, or the work was given up.
    pub fn changes(&self, stop: Stop<'_>) -> Result<Vec<RightChange>, ChangeError> {
        let Some(first) = self.first_entry()? else {
            return Ok(Vec::new());
        };
        let day = Some(self.layer.today());
        let before = Cursor {
            position: self.at,
            day,
        };
        let after = Cursor {
            position: self.last(),
            day,
        };
        let layer = &self.layer;
        let told = layer.take_batch(before, after, &first, first.record_time, stop)?;
        Ok(told.changes)
    }

    /// Returns whose answers the drafts may move.
    ///
    /// # Errors
    /// An entry cannot be read.
    pub fn reach(&self) -> Result<Reach, ChangeError> {
        match self.first_entry()? {
            Some(first) => self.layer.reach(&first, self.last()),
            None => Ok(Reach::default()),
        }
    }

    /// Returns the first draft as an entry of the layer; none where nothing is assumed on it.
    fn first_entry(&self) -> Result<Option<Entry>, ChangeError> {
        if self.is_refused() || self.contents.is_empty() {
            return Ok(None);
        }
        let position = self.first();
        let read = self.layer.entry(position)?;
        let read = read.ok_or(EntryError::Log(ReadError::Gap { position }))?;
        Ok(Some(read.entry))
    }

    /// Returns what to expect of the ledger when the drafts are recorded, so that they are refused
    /// if anything is recorded meanwhile of the parties and instruments that they are about; of
    /// very many, or of none, that nothing is recorded at all.
    #[must_use]
    pub fn expectations(&self) -> Vec<Expectation> {
        let epoch = self.layer.epoch(self.at);
        let expect = |of, position| Expectation {
            of,
            epoch,
            position,
        };
        let instruments = self.touched.refs.iter().filter_map(|what| match what {
            Ref::Instrument(instrument) => Some(instrument),
            _ => None,
        });
        let instruments: Vec<_> = instruments.collect();
        let count = self.touched.parties.len() + instruments.len();
        if count == 0 || count > EXPECTED {
            return vec![expect(Expected::Log, self.at)];
        }
        let last = |positions: &[Position]| {
            let known = positions.partition_point(|position| *position <= self.at);
            let last = known.checked_sub(1).and_then(|place| positions.get(place));
            last.copied().unwrap_or_default()
        };
        let shared = &self.layer.shared;
        let mentions =
            |record: Option<&PartyRecord>| record.map_or(Position::ZERO, |of| last(of.mentions()));
        let parties = self.touched.parties.iter().map(|party| {
            let position = shared.shards().with(party, mentions);
            expect(Expected::Party(party.clone()), position)
        });
        let book = shared.book.read();
        let instruments = instruments.into_iter().map(|instrument| {
            let positions = book.mentions(&Ref::Instrument(instrument.clone()));
            expect(Expected::Instrument(instrument.clone()), last(positions))
        });
        parties.chain(instruments).collect()
    }
}
