//! What a batch is tried on: the entries up to the head, and those that wait above it to be made
//! durable.

use crate::shared::Shared;
use crate::shared::unread::Unread;
use crate::writer::trial::Trial;
use standing_domain::answers::view::Parties;
use standing_domain::entry::Content;
use standing_domain::id::position::Position;
use standing_domain::judge::Batch;
use standing_domain::stop::{Stop, Stopped};
use standing_store::keys::NewKeys;

/// What a batch is tried on.
pub(crate) struct Above<'a> {
    pub shared: &'a Shared,
    /// The last durable position.
    pub head: Position,
    /// What the entries above it say that are not durable: those on their way to the disk, then
    /// those that wait.
    pub waiting: [&'a [Content]; 2],
    /// The keys of the persons whom they name for the first time.
    pub keys: &'a NewKeys,
    /// Keeps an entry that cannot be read. Whoever tries a batch asks for it before the outcome is
    /// used.
    pub unread: &'a Unread,
}

impl Above<'_> {
    /// Returns the position of the next entry.
    pub fn next(&self) -> Position {
        let [under_way, waiting] = self.waiting;
        self.head.after(under_way.len() + waiting.len()).next()
    }

    /// Reads what an entry says, durable or waiting.
    pub fn lookup(&self, position: Position) -> Option<Content> {
        match position.nth_from(self.head.next()) {
            Some(place) => self.waiting.into_iter().flatten().nth(place).cloned(),
            None => self.unread.keep(self.shared.content(position)),
        }
    }

    /// The same, or what an entry of the batch says that is tried.
    pub fn lookup_in(&self, position: Position, trial: &Trial) -> Option<Content> {
        self.lookup_among(position, trial.first, &trial.contents)
    }

    /// The same, of a batch that begins at a position.
    pub fn lookup_among(
        &self,
        position: Position,
        first: Position,
        own: &[Content],
    ) -> Option<Content> {
        match position.nth_from(first) {
            Some(place) => own.get(place).cloned(),
            None => self.lookup(position),
        }
    }

    /// Applies a batch.
    pub fn apply(&self, contents: Vec<Content>) -> Trial {
        let mut trial = Trial::new(self.next(), contents);
        for place in 0..trial.contents.len() {
            self.apply_one(&mut trial, place);
        }
        trial
    }

    /// Applies a batch, on something that is thrown away if the work is given up.
    pub fn apply_until(&self, contents: Vec<Content>, stop: Stop<'_>) -> Result<Trial, Stopped> {
        let mut trial = Trial::new(self.next(), contents);
        for place in 0..trial.contents.len() {
            stop.check()?;
            self.apply_one(&mut trial, place);
        }
        Ok(trial)
    }

    fn apply_one(&self, trial: &mut Trial, place: usize) {
        let Trial {
            first,
            contents,
            touched,
        } = trial;
        let lookup = |position: Position| self.lookup_among(position, *first, contents);
        let position = first.after(place);
        let mut book = self.shared.book.write();
        let content = &contents[place];
        self.shared
            .apply(&mut book, position, content, &lookup, Some(touched));
    }

    /// Hands a batch that was applied to whoever judges it.
    pub fn judged<R>(&self, trial: &Trial, judge: &dyn Fn(&Batch) -> R) -> R {
        let book = self.shared.book.read();
        judge(&Batch {
            book: &book,
            party: &|party, read| {
                self.shared
                    .shards()
                    .with(party, |record| record.into_iter().for_each(read));
            },
            lookup: &|position| self.lookup_in(position, trial),
            first: trial.first,
            contents: &trial.contents,
            touched: &trial.touched,
        })
    }
}
