//! Sessions with their rolls, kept for as long as nothing that they rest on has changed, and drawn
//! up once for all who wait. What is kept of one is what its rolls come down to, not who is on
//! them.
//!
//! Where entries moved some parties alone, between the position that a session is kept for and the
//! one it is asked at, their lines are taken at both, and what is kept is turned by the difference.
//! Where they moved the law of its days, or the session itself, it is drawn up anew; law of later
//! days is laid out for it, and its rolls stand.

pub(crate) mod drawn;
pub(crate) mod reach;

use crate::shared::Shared;
use crate::shared::keep::sessions::{Kept, Place};
use crate::shared::sessions::drawn::{Drawing, draw};
use crate::shared::sessions::reach::Above;
use crate::shared::shards::Shards;
use parking_lot::{Mutex, MutexGuard};
use standing_domain::answers::rolls::governing::SessionLaws;
use standing_domain::answers::session::SessionFrame;
use standing_domain::answers::view::View;
use standing_domain::audit::AuditedSession;
use standing_domain::entry::reach::rolls::RollReach;
use standing_domain::id::position::Position;
use standing_domain::id::{PartyId, SessionId};
use standing_domain::law::LawView;
use standing_domain::record::book::Book;
use standing_domain::record::without::NOTHING;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::time::day::Day;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How long whoever waits for a session that somebody draws up is deaf to being stopped.
const DEAF: Duration = Duration::from_millis(1);

/// Waits for what somebody else may be filling, for as long as anybody waits for it.
///
/// # Errors
/// Nobody does any more.
pub(crate) fn waited<'m, T>(
    place: &'m Mutex<T>,
    stop: Stop<'_>,
) -> Result<MutexGuard<'m, T>, Stopped> {
    loop {
        stop.check()?;
        if let Some(held) = place.try_lock_for(DEAF) {
            return Ok(held);
        }
    }
}

/// What a session is asked under.
pub(crate) struct Asked<'a> {
    pub session: &'a SessionId,
    pub known_at: Position,
    /// The law as known there.
    pub law: &'a Arc<LawView>,
    /// What the entries say that are not visible yet; none where nobody but the writer could know.
    pub above: Option<Above<'a>>,
}

impl Shared {
    /// Returns a session with the laws that govern it and its rolls, as known at a position; none
    /// if it is not convened there. Whoever asks holds no book.
    ///
    /// # Errors
    /// The work was given up.
    pub fn session(
        &self,
        asked: &Asked<'_>,
        stop: Stop<'_>,
    ) -> Result<Option<Arc<AuditedSession>>, Stopped> {
        // Whatever is asked for, only what is convened has a place.
        if !self.is_convened(asked) {
            return Ok(None);
        }
        // Recording does not wait for those who ask, and what may be taken back has no place.
        let place = match asked.above {
            Some(_) => self.sessions.latest.lock().find(asked.session),
            None => Some(self.sessions.place(asked.session)),
        };
        let filled = place.as_ref().filter(|_| asked.above.is_none());
        let there = filled.and_then(|place| place.kept());
        if let Some(kept) = there.filter(|kept| kept.known_at == asked.known_at) {
            // Whoever turns it further is not waited for.
            return Ok(Some(kept.audited));
        }
        let _filling = match filled {
            Some(place) => Some(waited(&place.filling, stop)?),
            None => None,
        };
        let epoch = self.book.read().law_epoch(asked.known_at);
        let kept = place.as_ref().and_then(|place| place.kept());
        let kept = kept.or_else(|| self.kept_below(asked.session));
        if let Some(kept) = &kept
            && let Some(turned) = self.turned(kept, asked, epoch, stop)?
        {
            if let Some(place) = filled
                && kept.known_at <= turned.known_at
            {
                self.keep_session(place, asked, &turned, kept.epoch != epoch);
            }
            return Ok(Some(turned.audited));
        }
        if let Some(past) = self
            .sessions
            .find_past(asked.session, asked.known_at, epoch)
        {
            return Ok(Some(past.audited));
        }
        let drawing = Drawing {
            session: asked.session,
            known_at: asked.known_at,
            law: asked.law,
            readings: &[],
        };
        let Some(audited) = draw(self, &drawing, stop)? else {
            return Ok(None);
        };
        let drawn = Kept {
            audited: Arc::new(audited),
            epoch,
            known_at: asked.known_at,
        };
        match filled {
            Some(place) if kept.is_none_or(|kept| kept.known_at <= drawn.known_at) => {
                self.sessions.begin(drawn.known_at);
                self.keep_session(place, asked, &drawn, true);
            }
            Some(_) => self.sessions.keep_past(asked.session, &drawn),
            None => {}
        }
        Ok(Some(drawn.audited))
    }

    /// Keeps a session in its place, and takes note of what its own laws weigh where they are new.
    fn keep_session(&self, place: &Place, asked: &Asked<'_>, kept: &Kept, has_new_laws: bool) {
        place.keep(kept.clone());
        if has_new_laws {
            let weight = kept.audited.laws.weight_beside(asked.law);
            self.sessions.latest.lock().weigh(asked.session, weight);
        }
    }

    fn is_convened(&self, asked: &Asked<'_>) -> bool {
        let book = self.book.read();
        book.convening(asked.session, asked.known_at).is_some()
    }

    /// Returns what is kept of a session by the ledger that this layer lies on, if it is one.
    fn kept_below(&self, session: &SessionId) -> Option<Kept> {
        let (base, at) = self.below()?;
        let place = base.sessions.latest.lock().find(session)?;
        let kept = place.kept()?;
        (kept.known_at <= at).then_some(kept)
    }

    /// Returns a kept session as known at another position; none where it has to be drawn up anew.
    fn turned(
        &self,
        kept: &Kept,
        asked: &Asked<'_>,
        epoch: Position,
        stop: Stop<'_>,
    ) -> Result<Option<Kept>, Stopped> {
        if kept.epoch == epoch && kept.known_at == asked.known_at {
            return Ok(Some(kept.clone()));
        }
        let (before, laws) = (&kept.audited.frame, &kept.audited.laws);
        let between = (kept.known_at, asked.known_at);
        let reached = self.reached(between, before.last_day(), asked.above, stop)?;
        let Some(reach) = reached else {
            return Ok(None);
        };
        let hangs = reach.sessions.is_some() && asked.law.hangs_on_sessions();
        if reach.everybody.is_some() || hangs {
            return Ok(None);
        }
        let mut parties: BTreeSet<PartyId> = reach.parties.into_keys().collect();
        let (mut frame, mut laws) = (Cow::Borrowed(before), Cow::Borrowed(laws));
        if reach.book || kept.epoch != epoch {
            let now = self.frame_now(kept, asked, epoch, stop)?;
            let Some((now, laid)) = now else {
                return Ok(None);
            };
            let Some(moved) = now.moved_since(before) else {
                return Ok(None);
            };
            parties.extend(moved);
            frame = Cow::Owned(now);
            laws = laid.map_or(laws, Cow::Owned);
        }
        let (mut go, mut come) = (Vec::new(), Vec::new());
        for party in &parties {
            stop.check()?;
            let book = self.book.read();
            let lines = |known_at, frame: &SessionFrame, laws: &SessionLaws| {
                let view = self.view(&book, asked.law, known_at);
                let record = view.record(party)?;
                view.roll_lines(frame, laws, party, &record)
            };
            go.extend(lines(kept.known_at, before, &kept.audited.laws));
            come.extend(lines(asked.known_at, &frame, &laws));
        }
        let same = go == come && *frame == *before && kept.epoch == epoch;
        let audited = if same {
            Arc::clone(&kept.audited)
        } else {
            let rolls = kept.audited.rolls.turned(&frame, go, come);
            Arc::new(AuditedSession {
                frame: frame.into_owned(),
                laws: laws.into_owned(),
                rolls,
            })
        };
        Ok(Some(Kept {
            audited,
            epoch,
            known_at: asked.known_at,
        }))
    }

    /// Returns what the rolls of a kept session are taken from at another position, with the laws
    /// that govern it there where other law is known, though none of it is of days that matter;
    /// none if it is not convened there.
    fn frame_now(
        &self,
        kept: &Kept,
        asked: &Asked<'_>,
        epoch: Position,
        stop: Stop<'_>,
    ) -> Result<Option<(SessionFrame, Option<SessionLaws>)>, Stopped> {
        let (frame, to_lay) = {
            let book = self.book.read();
            let view = self.view(&book, asked.law, asked.known_at);
            let Some(frame) = view.session_frame(asked.session) else {
                return Ok(None);
            };
            let to_lay = (kept.epoch != epoch).then(|| view.laws_of(&frame));
            (frame, to_lay)
        };
        let laws = match to_lay {
            Some(to_lay) => Some(to_lay.lay(asked.law, stop)?),
            None => None,
        };
        let judging = laws.as_ref().unwrap_or(&kept.audited.laws);
        let frame = frame.under(&judging.judging);
        Ok(Some((frame, laws)))
    }

    /// Returns whom the entries between two positions, whichever comes first, reach on days up to
    /// one; none if that is not known, or too much.
    pub fn reached(
        &self,
        (one, other): (Position, Position),
        until: Day,
        above: Option<Above<'_>>,
        stop: Stop<'_>,
    ) -> Result<Option<RollReach>, Stopped> {
        let (low, high) = (one.min(other), one.max(other));
        // What a layer assumes is nobody else's.
        let (of, visible) = match self.below() {
            Some((base, at)) => (base, at),
            None => (self, self.head().position),
        };
        let visible = visible.clamp(low, high);
        let looked_at = |first, last| reach::of_visible(of, first, last);
        let mut all = loop {
            // Never while what entries reach is held: others may have their turn meanwhile.
            stop.check()?;
            let mut reached = of.sessions.reached.lock();
            match reached.advance((low, visible), &looked_at) {
                None => return Ok(None),
                Some(false) => {}
                Some(true) => break reached.between((low, visible), until),
            }
        };
        for position in visible.next().to(high) {
            stop.check()?;
            let Some(reach) = reach::of(self, position, above) else {
                return Ok(None);
            };
            all.join(&reach, until);
        }
        Ok(Some(all))
    }

    /// Returns a view under a law and no readings.
    pub fn view<'a>(
        &'a self,
        book: &'a Book,
        law: &'a LawView,
        known_at: Position,
    ) -> View<'a, Shards> {
        View {
            book,
            law,
            parties: self.shards(),
            known_at,
            readings: &[],
            without: NOTHING,
        }
    }
}
