//! The last switches of a party's class in one cache line, so that almost every question reads
//! nothing else.

use crate::id::position::Position;
use crate::record::class::ClassValue;
use crate::record::fact::{At, Fact};
use crate::record::number::ClassIx;
use crate::time::day::Day;
use crate::time::when::Window;
use std::num::NonZeroU32;

/// How many switches are kept.
const KEPT: usize = 6;

/// A class by its number and one, so that no class has a place of its own and takes no more room.
type ClassOrNone = Option<NonZeroU32>;

/// What the facts about a party come down to, as known from a position on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The last position at which anything below changed; it holds from here on.
    pub since: Position,
    /// The days of the last switches, ascending.
    days: [i32; KEPT],
    /// The classes from those days on.
    classes: [ClassOrNone; KEPT],
    /// How many there are.
    count: u8,
    /// Whether these are all.
    complete: bool,
    /// Whether the facts alone do not say the class: a window, an anchor, a succession or an
    /// annulment bears on it.
    pub intricate: bool,
    /// Whether the party is registered.
    pub registered: bool,
}

/// Returns whether every fact about the class is of a day on which the party certainly was born.
fn born_before(birth: At, class: &[Fact<ClassValue>]) -> bool {
    let At::Window(birth) = birth else {
        return false;
    };
    class.iter().all(|fact| match fact.at {
        At::Window(window) => birth.latest <= window.earliest,
        At::Anchor(..) => false,
    })
}

/// Says that the question is about an earlier position, or a day before the switches that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotKept;

impl Summary {
    /// Sums up facts; those about the class by earliest day and order.
    pub fn of(class: &[Fact<ClassValue>], registrations: &[Fact<u32>]) -> Self {
        let mut summary = Self {
            complete: true,
            ..Self::default()
        };
        for fact in registrations {
            summary.learn(fact);
            summary.registered |= fact.until == Position::MAX;
            // Before its birth a party holds nothing (rule 12), whatever the facts about its class
            // say.
            let of_old = At::Window(Window::day(Day::MIN));
            summary.intricate |= fact.at != of_old && !born_before(fact.at, class);
        }
        for fact in class {
            summary.learn(fact);
            let day = match fact.at {
                At::Window(window) if window.is_day() => i32::from(window.earliest),
                _ => {
                    summary.intricate = true;
                    continue;
                }
            };
            summary.intricate |= fact.annulled;
            let class = match fact.value {
                ClassValue::Taken { class, .. } => {
                    let class = class.0.checked_add(1).and_then(NonZeroU32::new);
                    // A class without a number is not to be taken for none.
                    summary.intricate |= class.is_none();
                    class
                }
                ClassValue::Ended(_) => None,
                ClassValue::PassedFrom(_) => {
                    summary.intricate = true;
                    continue;
                }
            };
            if fact.until == Position::MAX {
                summary.push(day, class);
            }
        }
        summary
    }

    fn learn<V>(&mut self, fact: &Fact<V>) {
        self.since = self.since.max(fact.position);
        if fact.until != Position::MAX {
            self.since = self.since.max(fact.until);
        }
    }

    fn push(&mut self, day: i32, class: ClassOrNone) {
        let count = usize::from(self.count);
        if count == KEPT {
            self.days.rotate_left(1);
            self.classes.rotate_left(1);
            self.complete = false;
            self.days[KEPT - 1] = day;
            self.classes[KEPT - 1] = class;
        } else {
            self.days[count] = day;
            self.classes[count] = class;
            self.count += 1;
        }
    }

    /// Returns the class at the end of a day, where the summary says it.
    pub fn class(&self, day: Day, known_at: Position) -> Result<Option<ClassIx>, NotKept> {
        if known_at < self.since {
            return Err(NotKept);
        }
        let day = i32::from(day);
        let reached = self.days[..usize::from(self.count)].partition_point(|switch| *switch <= day);
        match reached.checked_sub(1).map(|last| self.classes[last]) {
            Some(class) => Ok(class.map(|class| ClassIx(class.get() - 1))),
            None if self.complete => Ok(None),
            None => Err(NotKept),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_one_cache_line() {
        assert_eq!(size_of::<Summary>(), 64);
    }

    #[test]
    fn every_number_of_a_class_is_another_than_none() {
        let fact = |value| Fact {
            at: At::Window(Window::day(Day::MIN)),
            order: 0,
            annulled: false,
            value,
            position: Position::new(1),
            until: Position::MAX,
        };
        for number in [0, 65_535, 65_536, u32::MAX - 1] {
            let class = ClassIx(number);
            let taken = fact(ClassValue::Taken {
                class,
                founder: false,
            });
            let summary = Summary::of(&[taken], &[]);
            assert!(!summary.intricate);
            assert_eq!(summary.class(Day::MAX, Position::new(1)), Ok(Some(class)));
        }
        let nameless = fact(ClassValue::Taken {
            class: ClassIx(u32::MAX),
            founder: false,
        });
        assert!(Summary::of(&[nameless], &[]).intricate);
    }
}
