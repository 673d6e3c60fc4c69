//! A row of steps: values, each of which holds from a day on until the day of the next.

use crate::time::day::Day;

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
}
