//! A session drawn up from the records of all whom its rolls may list.

use crate::shared::Shared;
use crate::shared::index::Among;
use crate::shared::shards::Shards;
use standing_domain::answers::rolls::Rolls;
use standing_domain::answers::view::View;
use standing_domain::audit::AuditedSession;
use standing_domain::id::position::Position;
use standing_domain::id::{PartyId, SessionId, Word};
use standing_domain::law::LawView;
use standing_domain::record::book::Book;
use standing_domain::record::party::PartyRecord;
use standing_domain::stop::{Stop, Stopped};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many parties are looked at before the writer is let by, and before whoever asks is asked
/// whether to go on.
pub(crate) const AT_ONCE: usize = 16;

/// A session to be drawn up.
pub(crate) struct Drawing<'a> {
    pub session: &'a SessionId,
    pub known_at: Position,
    /// The law as known there.
    pub law: &'a Arc<LawView>,
    pub readings: &'a [Word],
}

impl Drawing<'_> {
    fn view<'v>(&'v self, shared: &'v Shared, book: &'v Book) -> View<'v, Shards> {
        View {
            readings: self.readings,
            ..shared.view(book, self.law, self.known_at)
        }
    }
}

/// Draws up a session with the laws that govern it and its rolls; none if it is not convened as
/// known at the position (rules 22 and 23). Nobody holds the book meanwhile for long.
///
/// # Errors
/// The work was given up.
pub(crate) fn draw(
    shared: &Shared,
    drawing: &Drawing<'_>,
    stop: Stop<'_>,
) -> Result<Option<AuditedSession>, Stopped> {
    stop.check()?;
    let (frame, laws) = {
        let book = shared.book.read();
        let view = drawing.view(shared, &book);
        let Some(frame) = view.session_frame(drawing.session) else {
            return Ok(None);
        };
        let laws = view.laws_of(&frame);
        (frame, laws)
    };
    // Few sessions act on the law that governs them.
    let laws = laws.lay(drawing.law, stop)?;
    let frame = frame.under(&laws.judging);
    let mut lines = Vec::new();
    let mut look = |records: &[(PartyId, PartyRecord)]| {
        for some in records.chunks(AT_ONCE) {
            stop.check()?;
            let book = shared.book.read();
            let view = drawing.view(shared, &book);
            let some = some.iter();
            lines.extend(
                some.filter_map(|(party, record)| view.roll_lines(&frame, &laws, party, record)),
            );
        }
        Ok(())
    };
    shared.each_some(&Among::Concerned, drawing.known_at, stop, &mut look)?;
    // Of those who were there, or are on a frozen roll, nothing else may be recorded.
    let frozen = frame.frozen.iter().flat_map(|frozen| &frozen.entitled);
    let named = frame.present.iter().chain(&frame.in_writing).chain(frozen);
    let named: BTreeSet<&PartyId> = named.filter(|party| !shared.concerns(party)).collect();
    for party in named {
        stop.check()?;
        let book = shared.book.read();
        let view = drawing.view(shared, &book);
        let record = view.record(party);
        lines.extend(record.and_then(|record| view.roll_lines(&frame, &laws, party, &record)));
    }
    let rolls = Rolls::of(&frame, lines);
    Ok(Some(AuditedSession { frame, laws, rolls }))
}
