//! Whether what was applied above the head breaks a rule of the law (rule 35).

use super::Writer;
use crate::shared::Shared;
use crate::shared::laws::LaidLaw;
use crate::shared::sessions::Asked;
use crate::shared::unread::Unread;
use crate::shared::walks::Walking;
use crate::writer::error::Irregular;
use crate::writer::group::Group;
use crate::writer::trial::Trial;
use standing_domain::audit::recording::Concerned;
use standing_domain::audit::{Audit, AuditedSession};
use standing_domain::entry::Content;
use standing_domain::id::position::Position;
use standing_domain::law::LawView;
use standing_domain::law::facts::LawFacts;
use standing_domain::record::without::NOTHING;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::time::day::Day;
use std::sync::Arc;

/// A batch that is applied, and what it is asked under whether the law disapproves of it.
pub(crate) struct Disputed<'a> {
    pub shared: &'a Shared,
    /// The position of its first entry.
    pub first: Position,
    /// What its entries say, one at least.
    pub contents: &'a [Content],
    /// The law as known after it.
    pub law: &'a Arc<LawView>,
    /// What the entries say that are not visible yet; none where all of them are.
    pub above: Option<&'a dyn Fn(Position) -> Option<Content>>,
    /// Reads what an entry says, one of the batch too.
    pub lookup: &'a dyn Fn(Position) -> Option<Content>,
    pub unread: &'a Unread,
    pub stop: Stop<'a>,
}

impl Disputed<'_> {
    /// Returns the irregular findings that rest on the batch's own entries. A batch of which
    /// nothing can be irregular costs a walk over its kinds; admissions cost what the articles
    /// about their class do; decisions a roll each.
    ///
    /// # Errors
    /// The work was given up.
    pub fn irregular(&self, concerned: &Concerned) -> Result<Vec<Irregular>, Stopped> {
        let last = self.first.after(self.contents.len()).previous();
        let mut sessions: Vec<Arc<AuditedSession>> = Vec::new();
        for session in &concerned.sessions {
            let asked = Asked {
                session,
                known_at: last,
                law: self.law,
                above: self.above,
            };
            sessions.extend(self.shared.session(&asked, self.stop)?);
        }
        let walks = Walking {
            shared: self.shared,
            known_at: last,
            stop: self.stop,
            unread: self.unread,
        };
        let book = self.shared.book.read();
        let audit = Audit {
            view: self.shared.view(&book, self.law, last),
            // What the batch says of a day to come is judged too.
            on: Day::MAX,
            walks: &walks,
            lookup: self.lookup,
            sessions: &sessions.iter().map(AsRef::as_ref).collect::<Vec<_>>(),
            stop: self.stop,
        };
        let found = audit.irregular(concerned, &(self.first..=last))?;
        let drafts = |entries: &[Position]| {
            let own = entries
                .iter()
                .filter_map(|entry| entry.nth_from(self.first));
            own.filter(|place| *place < self.contents.len()).collect()
        };
        let found = found.into_iter().map(|finding| Irregular {
            drafts: drafts(&finding.entries),
            finding,
        });
        Ok(found.collect())
    }
}

impl Writer {
    /// Returns the irregular findings that rest on a batch's own entries.
    pub(super) fn irregular(
        &self,
        trial: &Trial,
        group: &mut Group,
    ) -> Result<Vec<Irregular>, Stopped> {
        let concerned = Concerned::by(&trial.contents);
        if concerned.is_nothing() {
            return Ok(Vec::new());
        }
        let law = self.law(trial.last(), group);
        let above = self.above(group);
        let lookup = |position| above.lookup_in(position, trial);
        let disputed = Disputed {
            shared: &self.shared,
            first: trial.first,
            contents: &trial.contents,
            law: &law,
            above: Some(&lookup),
            lookup: &lookup,
            unread: &self.unread,
            // Recording goes to its end.
            stop: Stop::NEVER,
        };
        disputed.irregular(&concerned)
    }

    /// Returns the law as known at a position above the head, laid out once for all that is not
    /// visible. It is others' only when it has become visible.
    fn law(&self, last: Position, group: &mut Group) -> Arc<LawView> {
        let under_way = self.under_way.as_ref().and_then(|group| group.law.as_ref());
        let facts = {
            let book = self.shared.book.read();
            let epoch = book.law_epoch(last);
            let mut laid = under_way.into_iter().chain(&group.law);
            if let Some(law) = laid.find(|law| law.epoch == epoch) {
                return Arc::clone(&law.view);
            }
            let is_above = epoch > self.head.position;
            is_above.then(|| (epoch, LawFacts::of(&book, last, NOTHING)))
        };
        let Some((epoch, facts)) = facts else {
            return self.shared.law(self.head.position);
        };
        let view = Arc::new(LawView::of(facts));
        let law = group.law.insert(LaidLaw { epoch, view });
        Arc::clone(&law.view)
    }
}
