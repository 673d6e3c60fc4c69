//! The last switches of a party's class in one cache line, so that almost every question reads nothing else.

use crate::day::Day;
use crate::event::Position;
use crate::fact::{At, Fact};
use crate::party::{ClassIx, ClassValue};
use crate::when::Window;

/// How many switches are kept.
const KEPT: usize = 6;

/// No class.
const NONE: u16 = u16::MAX;

/// What the facts about a party come down to, as known from a position on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The last position at which anything below changed; it holds from here on.
    pub since: Position,
    /// The days of the last switches, ascending.
    days: [i32; KEPT],
    /// The classes from those days on.
    classes: [u16; KEPT],
    /// How many there are.
    count: u8,
    /// Whether these are all.
    complete: bool,
    /// Whether the facts alone do not say the class: a window, an anchor, a succession or an annulment bears on it.
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
            // Before its birth a party holds nothing (rule 12), whatever the facts about its class say.
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
                ClassValue::Taken { class, .. } => class.0,
                ClassValue::Ended(_) => NONE,
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

    fn push(&mut self, day: i32, class: u16) {
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
            Some(NONE) => Ok(None),
            Some(class) => Ok(Some(ClassIx(class))),
            None if self.complete => Ok(None),
            None => Err(NotKept),
        }
    }
}
