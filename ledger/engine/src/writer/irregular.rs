//! Whether what was applied above the head breaks a rule of the law (rule 35).

use super::{Group, Writer};
use crate::request::Irregular;
use crate::shards::Shards;
use standing_domain::audit::{Audit, AuditedSession, Concerned, Everyone, Visit};
use standing_domain::book::Book;
use standing_domain::day::Day;
use standing_domain::event::{Content, Position};
use standing_domain::id::SessionId;
use standing_domain::law_view::LawView;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::view::View;
use std::sync::Arc;

impl Writer {
    /// Returns the irregular findings that rest on a batch's own entries. A batch of which nothing can be irregular costs a
    /// walk over its kinds; admissions cost what the articles about their class do; decisions a roll each.
    pub(super) fn irregular(
        &self,
        first: Position,
        contents: &[Content],
        group: &Group,
    ) -> Result<Vec<Irregular>, Stopped> {
        let concerned = Concerned::by(contents);
        if concerned.is_nothing() {
            return Ok(Vec::new());
        }
        let last = first + contents.len() as Position - 1;
        let book = self.shared.book.read();
        let law = self.law(&book, last);
        let view = |law| View {
            book: &book,
            law,
            parties: &self.shared.shards,
            known_at: last,
            readings: &[],
        };
        // Recording goes to its end.
        let stop = Stop::NEVER;
        let everyone = |visit: &mut Visit<'_>| self.shared.each_registered(last, stop, visit);
        let mut sessions: Vec<AuditedSession> = Vec::new();
        for session in &concerned.sessions {
            sessions.extend(audited(session, &view(&law), &everyone)?);
        }
        let audit = Audit {
            view: view(&law),
            // What the batch says of a day to come is judged too.
            on: Day::MAX,
            everyone: &everyone,
            lookup: &|position| self.lookup_among(position, first, contents, group),
            sessions: &sessions.iter().collect::<Vec<_>>(),
            stop,
        };
        let found = audit.irregular(&concerned, &(first..=last))?;
        let drafts = |entries: &[Position]| {
            let own = entries.iter().filter_map(|entry| entry.checked_sub(first));
            own.filter_map(|place| usize::try_from(place).ok())
                .filter(|place| *place < contents.len())
                .collect()
        };
        let found = found.into_iter().map(|finding| Irregular {
            drafts: drafts(&finding.entries),
            finding,
        });
        Ok(found.collect())
    }

    /// Returns the law as known at a position above the head. One that may yet be taken back is never kept.
    fn law(&self, book: &Book, last: Position) -> Arc<LawView> {
        if book.law_epoch(last) <= self.head.position {
            return self.shared.law_in(book, self.head.position);
        }
        Arc::new(LawView::new(book, last, &|_| false))
    }
}

/// Returns a session with the law that governs it and its roll.
fn audited(
    session: &SessionId,
    view: &View<'_, Shards>,
    everyone: &Everyone<'_>,
) -> Result<Option<AuditedSession>, Stopped> {
    let Some(frame) = view.session_frame(session) else {
        return Ok(None);
    };
    let law = LawView::new(view.book, view.known_at, &|position| frame.is_own(position));
    let frame = frame.under(&law);
    let mut lines = Vec::new();
    everyone(&mut |party, record| {
        let governed = View {
            book: view.book,
            law: &law,
            parties: view.parties,
            known_at: view.known_at,
            readings: view.readings,
        };
        if let Some(line) = governed.roll_entry(&frame, party, record) {
            lines.push((party.clone(), line));
        }
        Ok(())
    })?;
    lines.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Some(AuditedSession {
        frame,
        law: Arc::new(law),
        lines,
    }))
}
