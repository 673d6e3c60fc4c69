//! Since when a party is what it is, through successions (rule 12): the earliest admission among
//! the memberships of its class, and whether one of them is a founder's.
//!
//! Stratum (rule 27): losses and endings; reads recorded acts, law.

use crate::answers::view::{Parties, View};
use crate::id::position::Position;
use crate::record::class::ClassValue;
use crate::record::number::ClassIx;
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::timeline::Timeline;
use crate::time::when::Window;
use std::collections::BTreeMap;

/// How many successions a membership is followed through.
const LONGEST_CHAIN: usize = 32;

/// A membership as it stands after a step of a party's classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Admitted {
    /// The class.
    class: ClassIx,
    /// Since when it has it.
    since: Window,
    /// Whether as a founder.
    founder: bool,
    /// The entry by which the class was first taken; of one that a succession gave, what passed.
    by: Position,
}

/// What passed with successions that were met before, by the entry: one may be met on many ways.
type Met = BTreeMap<Position, Option<Admitted>>;

impl<P: Parties> View<'_, P> {
    /// Returns since when a party has the class that it has after a step, and whether as a founder.
    pub(super) fn admitted_by(
        &self,
        record: &PartyRecord,
        line: &Timeline<ClassValue>,
        step: usize,
        chain: usize,
    ) -> Option<(Window, bool)> {
        let admitted = self.admitted(record, line, step, chain, &mut Met::new())?;
        Some((admitted.since, admitted.founder))
    }

    /// Returns the entry by which a party first took a class that it has, or may have, on a day,
    /// through successions; none where it has not.
    #[must_use]
    pub fn class_taken_by(
        &self,
        record: &PartyRecord,
        class: ClassIx,
        day: Day,
    ) -> Option<Position> {
        let line = self.class_line(record).ok()?;
        let mut met = Met::new();
        let mut steps = line.last_steps(day).flatten();
        steps.find_map(|step| {
            let admitted = self.admitted(record, &line, step, LONGEST_CHAIN, &mut met)?;
            (admitted.class == class).then_some(admitted.by)
        })
    }

    fn admitted(
        &self,
        record: &PartyRecord,
        line: &Timeline<ClassValue>,
        step: usize,
        chain: usize,
        met: &mut Met,
    ) -> Option<Admitted> {
        let class = self.class_after(line, step, chain)?;
        let mut first = line.standing_after(step)?;
        let mut passed = Vec::new();
        loop {
            passed.extend(self.passed_by(line, first, chain, met));
            let anew = self.law.ends_memberships() && self.begins_anew(record, line, first);
            let earlier = first.checked_sub(1).filter(|_| !anew);
            let Some(earlier) = earlier.and_then(|earlier| line.standing_after(earlier)) else {
                break;
            };
            if self.class_after(line, earlier, chain) != Some(class) {
                // A membership of another class that this one took the place of.
                if matches!(line.value_after(Some(first))?.0, ClassValue::PassedFrom(_)) {
                    passed.extend(self.admitted(record, line, earlier, chain, met));
                }
                break;
            }
            first = earlier;
        }
        let own = match line.value_after(Some(first))?.0 {
            ClassValue::Taken { founder, .. } => Some(Admitted {
                class,
                since: self.since_birth(record, line.steps()[first].window),
                founder: *founder,
                by: line.steps()[first].position,
            }),
            ClassValue::PassedFrom(_) => None,
            ClassValue::Ended(_) => return None,
        };
        let all = || own.iter().chain(&passed);
        let of_class = all().filter(|admitted| admitted.class == class);
        let earliest = of_class.min_by_key(|admitted| admitted.since);
        let passed = || passed.iter().min_by_key(|admitted| admitted.since);
        let step = &line.steps()[first];
        Some(Admitted {
            class,
            since: earliest.map_or(step.window, |admitted| admitted.since),
            founder: all().any(|admitted| admitted.founder),
            by: earliest
                .or_else(passed)
                .map_or(step.position, |admitted| admitted.by),
        })
    }

    /// Returns a window cut off before a party's birth: what it took before, it has since then
    /// (rule 12).
    fn since_birth(&self, record: &PartyRecord, taken: Window) -> Window {
        let birth = self.birth(record);
        Window {
            earliest: taken.earliest.max(birth.earliest),
            latest: taken.latest.max(birth.latest),
        }
    }

    /// Returns the membership that passed by a step, as it was before; none where none did.
    fn passed_by(
        &self,
        line: &Timeline<ClassValue>,
        step: usize,
        chain: usize,
        met: &mut Met,
    ) -> Option<Admitted> {
        let (ClassValue::PassedFrom(party), by) = line.value_after(Some(step))? else {
            return None;
        };
        if let Some(known) = met.get(&by) {
            return *known;
        }
        let (of, from, before) = self.before_passing(*party, by)?;
        let passed = self.admitted(&of, &from, before?, chain.checked_sub(1)?, met);
        met.insert(by, passed);
        passed
    }
}
