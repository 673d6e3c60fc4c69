//! A row of steps: values, each of which holds from a day on until the day of the next.

use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::time::when::Window;

/// Values that hold from a day on, by ascending days. Before the first nothing holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps<T> {
    steps: Vec<(Day, T)>,
}

impl<T> Default for Steps<T> {
    fn default() -> Self {
        Self { steps: Vec::new() }
    }
}

/// Takes steps whose days ascend, each another.
impl<T> FromIterator<(Day, T)> for Steps<T> {
    fn from_iter<I: IntoIterator<Item = (Day, T)>>(steps: I) -> Self {
        let steps = steps.into_iter().collect();
        Self { steps }
    }
}

impl<T> Steps<T> {
    /// Adds the last step: from a day on, which is after those of all others, a value holds.
    pub fn push(&mut self, from: Day, value: T) {
        self.steps.push((from, value));
    }

    /// Returns what holds at the end of a day.
    #[must_use]
    pub fn at(&self, day: Day) -> Option<&T> {
        self.step_at(day).map(|(_, value)| value)
    }

    /// Returns the same with the day from which it holds.
    #[must_use]
    pub fn step_at(&self, day: Day) -> Option<&(Day, T)> {
        let reached = self.reached(day);
        reached.checked_sub(1).map(|last| &self.steps[last])
    }

    /// Returns the first step after a day.
    #[must_use]
    pub fn after(&self, day: Day) -> Option<&(Day, T)> {
        self.steps.get(self.reached(day))
    }

    /// Returns what holds in the end.
    #[must_use]
    pub fn last(&self) -> Option<&T> {
        self.steps.last().map(|(_, value)| value)
    }

    /// Returns the steps, by ascending days.
    pub fn iter(&self) -> impl Iterator<Item = &(Day, T)> {
        self.steps.iter()
    }

    /// Returns the days of the steps, ascending.
    pub fn days(&self) -> impl Iterator<Item = Day> {
        self.steps.iter().map(|(day, _)| *day)
    }

    /// Returns how many steps there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.steps.len()
    }

    fn reached(&self, day: Day) -> usize {
        self.steps.partition_point(|(from, _)| *from <= day)
    }
}

/// Whether something is so, day by day: not so before the first step.
impl Steps<Truth> {
    /// Returns whether it is so at the end of a day.
    #[must_use]
    pub fn holds(&self, day: Day) -> Truth {
        self.at(day).copied().unwrap_or(Truth::No)
    }

    /// Returns what is so from some day of a window on; without one, from the start.
    #[must_use]
    pub fn since(window: Option<Window>) -> Self {
        match window {
            None => Self::from_iter([(Day::MIN, Truth::Yes)]),
            Some(window) if window.is_day() => Self::from_iter([(window.latest, Truth::Yes)]),
            Some(window) => Self::from_iter([
                (window.earliest, Truth::Unknown),
                (window.latest, Truth::Yes),
            ]),
        }
    }

    /// Returns what is so while this is, and another is not. Neither depends on the other.
    #[must_use]
    pub fn unless(&self, other: &Self) -> Self {
        let mut days: Vec<Day> = self.days().chain(other.days()).collect();
        days.sort_unstable();
        days.dedup();
        let at = |day| (day, self.holds(day).and(!other.holds(day)));
        Self::joined(days.into_iter().map(at))
    }

    /// Returns what is so while any of these is. None depends on another.
    #[must_use]
    pub fn any(all: &[Self]) -> Self {
        if let [one] = all {
            return one.clone();
        }
        let mut changes: Vec<(Day, Truth, Truth)> = Vec::new();
        for steps in all {
            let mut before = Truth::No;
            for (day, truth) in steps.iter() {
                changes.push((*day, before, *truth));
                before = *truth;
            }
        }
        changes.sort_unstable_by_key(|(day, ..)| *day);
        let (mut certain, mut possible) = (0_usize, 0_usize);
        let days = changes.chunk_by(|a, b| a.0 == b.0).map(|of_day| {
            for (_, before, after) in of_day {
                certain = certain + usize::from(*after == Truth::Yes)
                    - usize::from(*before == Truth::Yes);
                possible =
                    possible + usize::from(*after != Truth::No) - usize::from(*before != Truth::No);
            }
            let truth = match (certain, possible) {
                (0, 0) => Truth::No,
                (0, _) => Truth::Unknown,
                _ => Truth::Yes,
            };
            (of_day[0].0, truth)
        });
        Self::joined(days)
    }

    /// Leaves out the steps that change nothing.
    fn joined(days: impl Iterator<Item = (Day, Truth)>) -> Self {
        let mut joined = Self::default();
        for (day, truth) in days {
            if joined.last().copied().unwrap_or(Truth::No) != truth {
                joined.push(day, truth);
            }
        }
        joined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_holds_from_its_day_until_the_next() {
        let day = |n: i16| Day::first_of_year(2_000 + n);
        let steps = Steps::from_iter([(day(10), "a"), (day(20), "b")]);
        for (on, at, after) in [
            (9, None, Some(10)),
            (10, Some("a"), Some(20)),
            (19, Some("a"), Some(20)),
            (20, Some("b"), None),
            (99, Some("b"), None),
        ] {
            assert_eq!(steps.at(day(on)).copied(), at);
            assert_eq!(steps.after(day(on)).map(|(from, _)| *from), after.map(day));
        }
        assert_eq!(steps.step_at(day(19)), Some(&(day(10), "a")));
        assert_eq!(steps.last(), Some(&"b"));
    }

    #[test]
    fn any_and_unless_are_what_each_day_says() {
        let day = |n: i16| Day::first_of_year(2_000 + n);
        let window = |a, b| Window::new(day(a), day(b)).unwrap();
        let all = [
            Steps::since(Some(window(10, 20))),
            Steps::since(Some(window(15, 15))),
            Steps::since(Some(window(5, 12))).unless(&Steps::since(Some(window(13, 18)))),
            Steps::default(),
            Steps::since(None).unless(&Steps::since(Some(window(3, 4)))),
        ];
        let any = Steps::any(&all);
        let (first, last) = (&all[0], &all[2]);
        let unless = first.unless(last);
        for n in 0..30 {
            let each = all.iter().map(|steps| steps.holds(day(n)));
            assert_eq!(any.holds(day(n)), each.fold(Truth::No, Truth::or), "{n}");
            let of_day = first.holds(day(n)).and(!last.holds(day(n)));
            assert_eq!(unless.holds(day(n)), of_day, "{n}");
        }
        assert_eq!(Steps::any(&[]), Steps::default());
    }
}
