//! Walks over parties, some at a time, so that nobody waits long.

use crate::ledger::Ledger;
use crate::shared::index::Among;
use crate::shared::sessions::drawn::AT_ONCE;
use crate::shared::shards::Shards;
use standing_domain::answers::roll::Standing;
use standing_domain::answers::view::View;
use standing_domain::id::position::Position;
use standing_domain::id::{BodyId, ClassId, PartyId, RightId};
use standing_domain::law::LawView;
use standing_domain::record::number::ClassIx;
use standing_domain::record::party::PartyRecord;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::time::day::Day;
use std::collections::BTreeSet;

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
        let mut count = |records: &[(PartyId, PartyRecord)]| {
            let mut intricate: Vec<&PartyRecord> = Vec::new();
            for (_, record) in records {
                match record.plain_class(day, known_at) {
                    Ok(Some(class)) => tally(class, true),
                    Ok(None) => {}
                    Err(_) => intricate.push(record),
                }
            }
            for some in intricate.chunks(AT_ONCE) {
                stop.check()?;
                let reader = self.at(known_at);
                for record in some {
                    let standings = reader.view().classes(record, day);
                    let certain = is_one(&standings);
                    let classes = standings.iter().filter_map(|standing| standing.class);
                    let seen: BTreeSet<ClassIx> = classes.collect();
                    for class in seen {
                        tally(class, certain);
                    }
                }
            }
            Ok(())
        };
        self.shared
            .each_some(&Among::Concerned, known_at, stop, &mut count)?;
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

    /// Returns those who may hold a right on a day under a law: who ever had a class to which it
    /// does not certainly give none. Who has no class holds no right.
    #[must_use]
    pub fn may_hold(
        &self,
        law: &LawView,
        right: &RightId,
        body: Option<&BodyId>,
        (day, known_at): (Day, Position),
    ) -> Among {
        let book = self.shared.book.read();
        let classes = book
            .classes(known_at)
            .filter_map(|class| book.class_ix(class));
        let may = classes.filter(|class| law.may_hold(right, body, *class, day));
        Among::Classes(may.collect())
    }

    /// Hands the records of those registered parties to a function that a walk goes over, in order.
    /// The function sees copies, so that no shard is ever held. The stop test is asked between some
    /// and the next, when the book is not held either.
    ///
    /// # Errors
    /// The walk was given up.
    pub fn each_record(
        &self,
        among: &Among,
        known_at: Position,
        stop: Stop<'_>,
        visit: &mut dyn FnMut(View<'_, Shards>, &PartyId, &PartyRecord),
    ) -> Result<(), Stopped> {
        self.shared
            .each_some(among, known_at, stop, &mut |records| {
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
