//! Walks over all parties, a shard at a time, so that nobody waits long.

use crate::ledger::Ledger;
use crate::shared::shards::{SHARDS, Shards};
use standing_domain::answers::roll::Standing;
use standing_domain::answers::rolls::Rolls;
use standing_domain::answers::view::View;
use standing_domain::audit::AuditedSession;
use standing_domain::id::position::Position;
use standing_domain::id::{ClassId, PartyId, SessionId};
use standing_domain::record::number::ClassIx;
use standing_domain::record::party::PartyRecord;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::time::day::Day;
use std::sync::Arc;

/// How many parties are looked at before the writer is let by, and before whoever asks is asked
/// whether to go on.
pub(crate) const AT_ONCE: usize = 16;

/// How many have a class: in every placement, and at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// The class.
    pub class: ClassId,
    /// In every placement.
    pub certain: u64,
    /// At most in any.
    pub possible: u64,
}

impl Ledger {
    /// Counts the members of every class that entries known then name, at the end of a day, in
    /// order of first mention.
    ///
    /// # Errors
    /// The walk was given up.
    pub fn count_members(
        &self,
        day: Day,
        known_at: Position,
        stop: Stop<'_>,
    ) -> Result<Vec<Counts>, Stopped> {
        let classes = self.shared.book.read().classes(known_at).count();
        let mut tallies: Vec<(u64, u64)> = vec![(0, 0); classes];
        let mut tally = |class: ClassIx, certain: bool| {
            // A class that has no number is none that is counted.
            let Some(place) = usize::try_from(class.0)
                .ok()
                .filter(|place| *place < classes)
            else {
                return;
            };
            tallies[place].0 += u64::from(certain);
            tallies[place].1 += 1;
        };
        let mut intricate: Vec<PartyId> = Vec::new();
        for shard in 0..SHARDS {
            stop.check()?;
            let visit = &mut |party: &PartyId, record: &PartyRecord| match record
                .plain_class(day, known_at)
            {
                Ok(Some(class)) => tally(class, true),
                Ok(None) => {}
                Err(_) => intricate.push(party.clone()),
            };
            self.shared.shards().each(shard, visit);
        }
        for party in intricate {
            stop.check()?;
            let reader = self.at(known_at);
            let view = reader.view();
            let Some(record) = view.record(&party) else {
                continue;
            };
            let standings = view.classes(&record, day);
            let certain = is_one(&standings);
            let mut seen: Vec<ClassIx> = Vec::new();
            for class in standings.iter().filter_map(|standing| standing.class) {
                if !seen.contains(&class) {
                    seen.push(class);
                    tally(class, certain);
                }
            }
        }
        let book = self.shared.book.read();
        let counts = book
            .classes(known_at)
            .cloned()
            .enumerate()
            .map(|(place, class)| {
                let (certain, possible) = tallies.get(place).copied().unwrap_or_default();
                Counts {
                    class,
                    certain,
                    possible,
                }
            })
            .collect();
        Ok(counts)
    }

    /// Returns a session with the law by which it is judged and its rolls; none if it is not
    /// convened as known at the position (rules 22 and 23).
    ///
    /// # Errors
    /// The walk was given up.
    pub fn session_rolls(
        &self,
        session: &SessionId,
        known_at: Position,
        stop: Stop<'_>,
    ) -> Result<Option<AuditedSession>, Stopped> {
        stop.check()?;
        let (frame, laws, law) = {
            let reader = self.at(known_at);
            let view = reader.view();
            let Some(frame) = view.session_frame(session) else {
                return Ok(None);
            };
            let laws = view.laws_of(&frame);
            (frame, laws, Arc::clone(reader.law()))
        };
        // Few sessions act on the law that governs them.
        let laws = laws.lay(&law, stop)?;
        let frame = frame.under(&laws.judging);
        let mut lines = Vec::new();
        self.each_record(known_at, stop, &mut |view, party, record| {
            lines.extend(view.roll_lines(&frame, &laws, party, record));
        })?;
        let rolls = Rolls::of(&frame, lines);
        let law = laws.judging;
        Ok(Some(AuditedSession { frame, law, rolls }))
    }

    /// Hands every registered party's record to a function, in no particular order. The function
    /// sees a copy of records that need others to be understood, so no two shards are ever held.
    /// The stop test is asked between some and the next, when neither the book nor a shard is held.
    ///
    /// # Errors
    /// The walk was given up.
    pub fn each_record(
        &self,
        known_at: Position,
        stop: Stop<'_>,
        visit: &mut dyn FnMut(View<'_, Shards>, &PartyId, &PartyRecord),
    ) -> Result<(), Stopped> {
        self.shared.each_shard(known_at, stop, &mut |records| {
            for some in records.chunks(AT_ONCE) {
                stop.check()?;
                let reader = self.at(known_at);
                for (party, record) in some {
                    visit(reader.view(), party, record);
                }
            }
            Ok(())
        })
    }
}

/// Returns whether all standings name the same class.
#[must_use]
pub fn is_one(standings: &[Standing]) -> bool {
    standings
        .windows(2)
        .all(|pair| pair[0].class == pair[1].class)
}
