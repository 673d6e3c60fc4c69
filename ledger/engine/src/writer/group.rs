//! What the writer makes durable at once: batches that passed, and what came with them.

use crate::shared::laws::LaidLaw;
use crate::writer::error::RecordError;
use crate::writer::order::Reply;
use crate::writer::request::{Outcome, Passed, Recorded};
use crate::writer::trial::Trial;
use crate::writer::trial::entries::Entries;
use standing_domain::entry::Content;
use standing_domain::entry::key::Touched;
use standing_domain::id::DraftId;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_store::keys::NewKeys;
use std::sync::Arc;
use std::time::Instant;

/// Who waits, and for what: it is told once it is durable.
pub(super) struct Answer {
    pub reply: Reply,
    pub outcome: Outcome,
}

/// What passed and is not yet durable.
#[derive(Default)]
pub(super) struct Group {
    /// The position before its first.
    pub after: Position,
    pub contents: Vec<Content>,
    /// As they are stored; whoever makes them durable reads them too.
    pub entries: Arc<Entries>,
    pub answers: Vec<Answer>,
    pub passed: Vec<Passed>,
    pub touched: Vec<Touched>,
    /// The keys of persons named for the first time. They become durable before the entries do.
    pub keys: NewKeys,
    /// The law that a batch of the group left, if it had to be laid out to judge it.
    pub law: Option<LaidLaw>,
}

/// A log that failed and cannot be opened or written.
pub(super) struct Lost {
    /// A group of which it is not known whether it is on disk; it is taken back meanwhile, and
    /// those who waited have been told.
    pub group: Group,
    /// When it is tried again.
    pub again: Instant,
}

impl Group {
    /// Returns a group that begins after a position.
    pub fn after(after: Position) -> Self {
        Self {
            after,
            ..Self::default()
        }
    }

    /// Returns the position of its last entry; the one before its first if it has none.
    pub fn last(&self) -> Position {
        self.after.after(self.contents.len())
    }

    /// Returns the record time of its last entry, if it has one.
    pub fn record_time(&self) -> Option<RecordTime> {
        self.passed.last().map(|batch| batch.recorded.record_time)
    }

    /// Returns the entries as they are stored, to be written to.
    pub fn entries(&mut self) -> &mut Entries {
        // While it grows nobody else has them, so that nothing is copied.
        Arc::make_mut(&mut self.entries)
    }

    /// Takes a batch in that passed and whose entries are written.
    pub fn take_in(&mut self, trial: Trial, passed: Passed, mut keys: NewKeys) {
        self.keys.append(&mut keys);
        self.contents.extend(trial.contents);
        self.touched.push(trial.touched);
        self.passed.push(passed);
    }

    /// Forgets the law that a batch would have left that is taken back: it is nobody's, and other
    /// law may come to stand there.
    pub fn forget_law_of(&mut self, trial: &Trial) {
        self.law.take_if(|law| law.epoch >= trial.first);
    }

    /// Returns the batch that begins at a position, if one does.
    pub fn batch_at(&self, first: Position) -> Option<&Passed> {
        let passed = &self.passed;
        let place = passed.binary_search_by_key(&first, |passed| passed.recorded.first);
        place.ok().map(|place| &passed[place])
    }

    /// Names every id by which its batches are found.
    pub fn each_id(&self, note: &mut dyn FnMut(&DraftId, Position)) {
        for passed in &self.passed {
            self.each_id_of(passed, note);
        }
    }

    /// Names every id by which a batch is found: the request's at its first entry, and those of the
    /// drafts.
    pub fn each_id_of(&self, batch: &Passed, note: &mut dyn FnMut(&DraftId, Position)) {
        let Recorded { first, last, .. } = batch.recorded;
        note(&batch.id, first);
        for position in first.to(last) {
            let content = position.nth_from(self.after.next());
            let id = content.and_then(|place| self.contents.get(place)?.id.as_ref());
            if let Some(id) = id.filter(|id| position != first || **id != batch.id) {
                note(id, position);
            }
        }
    }

    /// Tells those who wait what came of it.
    pub fn answer(self, outcome: &Result<(), RecordError>) {
        answer(self.answers, outcome);
    }
}

/// Tells those who wait what came of it.
pub(super) fn answer(answers: Vec<Answer>, outcome: &Result<(), RecordError>) {
    for answer in answers {
        (answer.reply)(outcome.clone().map(|()| answer.outcome));
    }
}
