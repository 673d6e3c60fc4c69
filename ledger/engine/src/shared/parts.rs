//! What is found of each party, kept for as long as nothing that it rests on has changed, and gone
//! after once for all who wait. Most parties have nothing found of them, and take no room.

use crate::shared::Shared;
use crate::shared::index::Among;
use crate::shared::keep::parts::Parts;
use crate::shared::sessions::drawn::AT_ONCE;
use crate::shared::sessions::waited;
use crate::shared::unread::Unread;
use standing_domain::answers::rotation::Visit;
use standing_domain::audit::Audit;
use standing_domain::audit::gathered::Gathered;
use standing_domain::entry::Content;
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_domain::law::LawView;
use standing_domain::record::book::Book;
use standing_domain::record::party::PartyRecord;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::time::day::Day;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Shared {
    /// Returns what is found of all parties together, as known at a position. Whoever asks holds no
    /// book.
    ///
    /// # Errors
    /// The work was given up.
    pub fn parts(
        &self,
        known: (Position, &Arc<LawView>),
        unread: &Unread,
        stop: Stop<'_>,
    ) -> Result<Gathered, Stopped> {
        let of = self.parts_of_each(known, unread, stop)?;
        let mut all = Gathered::default();
        for part in of.values() {
            stop.check()?;
            all.join(part);
        }
        Ok(all)
    }

    /// Returns what is found of each party of which anything is.
    ///
    /// # Errors
    /// The work was given up.
    pub fn parts_of_each(
        &self,
        (known_at, law): (Position, &Arc<LawView>),
        unread: &Unread,
        stop: Stop<'_>,
    ) -> Result<Arc<BTreeMap<PartyId, Gathered>>, Stopped> {
        let mut held = waited(&self.parts, stop)?;
        let epoch = self.book.read().law_epoch(known_at);
        let below = if held.is_none() {
            self.parts_below()
        } else {
            None
        };
        let kept = held.as_ref().or(below.as_ref());
        let kept = kept.filter(|kept| kept.epoch == epoch);
        let turned = match kept {
            Some(kept) => self.turned_parts(kept.known_at, (known_at, law), unread, stop)?,
            None => None,
        };
        let later = held.as_ref().is_none_or(|kept| kept.known_at <= known_at);
        let mut of = match (&turned, kept) {
            (Some(_), Some(kept)) => Arc::clone(&kept.of),
            _ => Arc::new(self.gather((known_at, law), unread, stop)?),
        };
        let keeps = later && unread.is_nothing();
        if keeps {
            // Nobody else holds it then, so that it is changed in place.
            *held = None;
        }
        for (party, part) in turned.into_iter().flatten() {
            if part.is_nothing() {
                if of.contains_key(&party) {
                    Arc::make_mut(&mut of).remove(&party);
                }
            } else {
                Arc::make_mut(&mut of).insert(party, part);
            }
        }
        if keeps {
            self.sessions.begin(known_at);
            *held = Some(Parts {
                of: Arc::clone(&of),
                epoch,
                known_at,
            });
        }
        Ok(of)
    }

    /// Returns what is kept by the ledger that this layer lies on, if it is one.
    fn parts_below(&self) -> Option<Parts> {
        let (base, at) = self.below()?;
        let kept = base.parts.try_lock()?.clone();
        kept.filter(|kept| kept.known_at <= at)
    }

    /// Returns what is found of those whom entries reach between a position that something is kept
    /// for and another; none where it has to be gathered anew.
    fn turned_parts(
        &self,
        kept_at: Position,
        (known_at, law): (Position, &Arc<LawView>),
        unread: &Unread,
        stop: Stop<'_>,
    ) -> Result<Option<Vec<(PartyId, Gathered)>>, Stopped> {
        if kept_at == known_at {
            return Ok(Some(Vec::new()));
        }
        let Some(reach) = self.reached((kept_at, known_at), Day::MAX, None, stop)? else {
            return Ok(None);
        };
        let hangs = reach.sessions.is_some() && law.hangs_on_sessions();
        if reach.everybody.is_some() || hangs {
            return Ok(None);
        }
        let mut turned = Vec::with_capacity(reach.parties.len());
        for party in reach.parties.into_keys() {
            stop.check()?;
            let part = match self.record(&party, known_at) {
                Some(record) => {
                    let book = self.book.read();
                    self.gathered_of((&book, law, known_at), (&party, &record), unread)?
                }
                None => Gathered::default(),
            };
            turned.push((party, part));
        }
        Ok(Some(turned))
    }

    /// Gathers what is found of every party.
    fn gather(
        &self,
        (known_at, law): (Position, &Arc<LawView>),
        unread: &Unread,
        stop: Stop<'_>,
    ) -> Result<BTreeMap<PartyId, Gathered>, Stopped> {
        let mut parts = BTreeMap::new();
        self.each_some(&Among::Concerned, known_at, stop, &mut |records| {
            for some in records.chunks(AT_ONCE) {
                stop.check()?;
                let book = self.book.read();
                for (party, record) in some {
                    let of = (party, record);
                    let part = self.gathered_of((&book, law, known_at), of, unread)?;
                    if !part.is_nothing() {
                        parts.insert(party.clone(), part);
                    }
                }
            }
            Ok(())
        })?;
        Ok(parts)
    }

    fn gathered_of(
        &self,
        (book, law, known_at): (&Book, &LawView, Position),
        (party, record): (&PartyId, &PartyRecord),
        unread: &Unread,
    ) -> Result<Gathered, Stopped> {
        let nobody = |_: &mut Visit<'_>| Ok(());
        let lookup = |position| -> Option<Content> { unread.keep(self.content(position)) };
        let audit = Audit {
            view: self.view(book, law, known_at),
            on: Day::MAX,
            walks: &nobody,
            lookup: &lookup,
            sessions: &[],
            stop: Stop::NEVER,
        };
        audit.gathered_of(party, record)
    }
}
