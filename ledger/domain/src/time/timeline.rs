//! One structure for everything that changes: the timeline of a slot (rule 7).
//!
//! A timeline is a row of switches. Each switch has a window of days on one of which it happens; a
//! *placement* picks a day for every switch. Switches whose windows overlap carry an order that
//! says which comes first, so in every placement the switches stand in one and the same row, and
//! the bounds of their windows answer every question: histories are never enumerated.

use crate::id::position::Position;
use crate::time::day::Day;
use crate::time::when::Window;

mod order;
mod undone;

use order::order_cluster;
use undone::settle;

/// A change of the value of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch<V> {
    /// The window in which it happens.
    pub window: Window,
    /// The order among switches whose windows overlap: lower first.
    pub order: u32,
    /// The entry that says so.
    pub position: Position,
    /// What happens to the value.
    pub change: Change<V>,
}

/// What a switch does to the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<V> {
    /// Sets it.
    Set(V),
    /// Takes back what entries say: the last value set that is not taken back stands.
    Undo(Undone),
}

/// What a switch takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The entries that set a value, or take one back themselves.
    pub of: Vec<Position>,
    /// Whether they are taken back from the start: before every switch of the row, of which this is
    /// then none, whatever its window.
    pub from_start: bool,
}

/// Why switches make no timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// The windows of two entries overlap and nothing says which comes first.
    Unordered(Position, Position),
    /// The windows and orders of these entries cannot all be true.
    Impossible(Position, Position),
}

/// The timeline of one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline<V> {
    steps: Vec<Step<V>>,
}

/// A switch in its place in the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step<V> {
    /// The window, narrowed to the days that the neighbours leave.
    pub window: Window,
    /// The entry that says so.
    pub position: Position,
    /// What it did.
    pub change: Change<V>,
    /// The step whose value stands after this one; none where nothing stands.
    standing: Option<usize>,
}

impl<V> Timeline<V> {
    /// Lays switches out in a row.
    ///
    /// ```
    /// use standing_domain::id::position::Position;
    /// use standing_domain::time::day::Day;
    /// use standing_domain::time::timeline::{Change, Flaw, Switch, Timeline};
    /// use standing_domain::time::when::Window;
    ///
    /// let admitted = Switch {
    ///     window: Window::parse("2012-07")?,
    ///     order: 0,
    ///     position: Position::new(1),
    ///     change: Change::Set("full"),
    /// };
    /// let suspended = Switch {
    ///     window: Window::parse("2014-03-01")?,
    ///     order: 0,
    ///     position: Position::new(2),
    ///     change: Change::Set("suspended"),
    /// };
    /// let timeline = Timeline::lay(vec![suspended, admitted.clone()]).map_err(|_| "flawed")?;
    /// let possible = |day| -> Vec<_> {
    ///     let values = timeline.possible(day);
    ///     values.map(|value| value.map(|(class, _)| *class)).collect()
    /// };
    /// // Within the window it is not known whether it has happened; after it, it has.
    /// assert_eq!(possible(Day::parse("2012-07-10")?), [None, Some("full")]);
    /// assert_eq!(possible(Day::parse("2012-07-31")?), [Some("full")]);
    /// assert_eq!(possible(Day::parse("2014-03-01")?), [Some("suspended")]);
    ///
    /// // Of two switches in one window something has to say which comes first.
    /// let again = Switch { position: Position::new(3), ..admitted.clone() };
    /// let flaws = Timeline::lay(vec![admitted, again]);
    /// assert_eq!(flaws, Err(vec![Flaw::Unordered(Position::new(1), Position::new(3))]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Two windows overlap without distinct order, or no placement satisfies them all. Every flaw
    /// is reported.
    pub fn lay(mut switches: Vec<Switch<V>>) -> Result<Self, Vec<Flaw>> {
        let from_start = |switch: &mut Switch<V>| matches!(&switch.change, Change::Undo(undone) if undone.from_start);
        let void: Vec<Switch<V>> = switches.extract_if(.., from_start).collect();
        switches.sort_by_key(|s| (s.window.earliest, s.window.latest, s.order, s.position));
        let mut flaws = Vec::new();
        let mut start = 0;
        while start < switches.len() {
            let end = cluster_end(&switches, start);
            if end - start > 1 {
                order_cluster(&mut switches[start..end], &mut flaws);
            }
            start = end;
        }
        if !flaws.is_empty() {
            return Err(flaws);
        }
        let mut steps: Vec<Step<V>> = switches
            .into_iter()
            .map(|s| Step {
                window: s.window,
                position: s.position,
                change: s.change,
                standing: None,
            })
            .collect();
        narrow(&mut steps)?;
        settle(&void, &mut steps);
        Ok(Self { steps })
    }

    /// Returns the steps in their order.
    #[must_use]
    pub fn steps(&self) -> &[Step<V>] {
        &self.steps
    }

    /// Returns the steps that may be the last one to have happened by the end of a day; `None`
    /// stands for the time before the first. Every one of them is the last in some placement, and
    /// no other is in any.
    pub fn last_steps(&self, day: Day) -> impl Iterator<Item = Option<usize>> + use<V> {
        let certain = self.steps.partition_point(|step| step.window.latest <= day);
        let possible = self
            .steps
            .partition_point(|step| step.window.earliest <= day);
        (certain..=possible).map(|count| count.checked_sub(1))
    }

    /// Returns the values that may stand at the end of a day, each with the entry that set it;
    /// `None` where nothing may stand.
    pub fn possible(&self, day: Day) -> impl Iterator<Item = Option<(&V, Position)>> {
        self.last_steps(day).map(|step| self.value_after(step))
    }

    /// Returns the value that stands after a step, with the entry that set it.
    #[must_use]
    pub fn value_after(&self, step: Option<usize>) -> Option<(&V, Position)> {
        let step = &self.steps[self.steps[step?].standing?];
        match &step.change {
            Change::Set(value) => Some((value, step.position)),
            Change::Undo(_) => None,
        }
    }

    /// Returns the step whose value stands after a step.
    pub(crate) fn standing_after(&self, step: usize) -> Option<usize> {
        self.steps.get(step)?.standing
    }

    /// Returns the first day on whose end so many steps may have happened.
    pub(crate) fn state_from(&self, count: usize) -> Day {
        let last = count.checked_sub(1).and_then(|last| self.steps.get(last));
        last.map_or(Day::MIN, |step| step.window.earliest)
    }

    /// Returns the first day on whose end more steps have certainly happened; none if there are no
    /// more.
    pub(crate) fn state_until(&self, count: usize) -> Option<Day> {
        self.steps.get(count).map(|step| step.window.latest)
    }

    /// Returns the first day after `day` on which the possible values may be others, with the
    /// entries that bound it.
    #[must_use]
    pub fn next_change(&self, day: Day) -> Option<(Day, Position)> {
        // The windows stand in a row by both ends.
        let first = |end: fn(&Step<V>) -> Day| {
            let next = self.steps.partition_point(|step| end(step) <= day);
            let rest = self.steps[next..].iter();
            let bound = self.steps.get(next).map(end)?;
            let same = rest.take_while(|step| end(step) == bound);
            same.map(|step| (bound, step.position)).min()
        };
        let ends = [
            first(|step| step.window.earliest),
            first(|step| step.window.latest),
        ];
        ends.into_iter().flatten().min()
    }
}

/// Returns the end of the run of switches, from `start`, whose windows hang together.
fn cluster_end<V>(switches: &[Switch<V>], start: usize) -> usize {
    let mut latest = switches[start].window.latest;
    let mut end = start + 1;
    while end < switches.len() && switches[end].window.earliest <= latest {
        latest = latest.max(switches[end].window.latest);
        end += 1;
    }
    end
}

/// Narrows every window to the days its neighbours leave: nobody switches before the one before.
fn narrow<V>(steps: &mut [Step<V>]) -> Result<(), Vec<Flaw>> {
    for i in 1..steps.len() {
        let floor = steps[i - 1].window.earliest;
        steps[i].window.earliest = steps[i].window.earliest.max(floor);
    }
    for i in (1..steps.len()).rev() {
        let ceiling = steps[i].window.latest;
        steps[i - 1].window.latest = steps[i - 1].window.latest.min(ceiling);
    }
    let flaws: Vec<Flaw> = (0..steps.len())
        .filter(|&i| steps[i].window.earliest > steps[i].window.latest)
        .map(|i| {
            let (a, b) = (steps[i.saturating_sub(1)].position, steps[i].position);
            Flaw::Impossible(a.min(b), a.max(b))
        })
        .collect();
    if flaws.is_empty() { Ok(()) } else { Err(flaws) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lay(rows: &[(&str, u16, &'static str)]) -> Result<Timeline<&'static str>, Vec<Flaw>> {
        Timeline::lay(
            Position::FIRST
                .onwards()
                .zip(rows)
                .map(|(position, (window, order, value))| Switch {
                    window: window_of(window),
                    order: u32::from(*order),
                    position,
                    change: value
                        .strip_prefix("undo ")
                        .map_or(Change::Set(*value), |target| {
                            Change::Undo(Undone {
                                of: vec![Position::new(target.parse().unwrap())],
                                from_start: false,
                            })
                        }),
                })
                .collect(),
        )
    }

    fn window_of(text: &str) -> Window {
        match text.split_once("..") {
            Some((a, b)) => Window::new(Day::parse(a).unwrap(), Day::parse(b).unwrap()).unwrap(),
            None => Window::parse(text).unwrap(),
        }
    }

    fn on(timeline: &Timeline<&'static str>, day: &str) -> Vec<&'static str> {
        timeline
            .possible(Day::parse(day).unwrap())
            .map(|v| v.map_or("-", |(value, _)| *value))
            .collect()
    }

    #[test]
    fn rule_7_inside_a_window_either_value_may_stand() {
        let line = lay(&[("2012-07", 0, "full")]).unwrap();
        assert_eq!(on(&line, "2012-06-30"), ["-"]);
        assert_eq!(on(&line, "2012-07-15"), ["-", "full"]);
        assert_eq!(on(&line, "2012-07-31"), ["full"]);
    }

    #[test]
    fn rule_6_the_order_of_the_day_decides_on_one_day() {
        let line = lay(&[
            ("2002-09-11", 2, "heilongjiang"),
            ("2002-09-11", 1, "khabarovsk"),
        ])
        .unwrap();
        assert_eq!(on(&line, "2002-09-11"), ["heilongjiang"]);
        assert_eq!(line.steps()[0].position, Position::new(2));
    }

    #[test]
    fn rule_6_one_day_without_order_is_refused() {
        assert_eq!(
            lay(&[("2002-09-11", 0, "a"), ("2002-09-11", 0, "b")]),
            Err(vec![Flaw::Unordered(Position::new(1), Position::new(2))])
        );
    }

    #[test]
    fn rule_7_overlapping_windows_need_an_order_and_it_narrows_them() {
        assert_eq!(
            lay(&[("2012", 0, "a"), ("2012-07", 0, "b")]),
            Err(vec![Flaw::Unordered(Position::new(1), Position::new(2))])
        );
        let line = lay(&[("2012", 1, "a"), ("2012-07", 2, "b")]).unwrap();
        assert_eq!(on(&line, "2012-07-15"), ["-", "a", "b"]);
        assert_eq!(on(&line, "2012-07-31"), ["b"]);
        assert_eq!(line.steps()[0].window, window_of("2012-01-01..2012-07-31"));
    }

    #[test]
    fn rule_34_a_row_that_no_placement_allows_is_refused() {
        let rows = [
            ("2012-05-05..2012-05-06", 1, "b"),
            ("2012-05-01..2012-05-10", 2, "a"),
            ("2012-05-02", 3, "c"),
        ];
        assert!(
            lay(&rows)
                .unwrap_err()
                .iter()
                .all(|flaw| matches!(flaw, Flaw::Impossible(..)))
        );
    }

    #[test]
    fn rule_3_an_annulment_from_a_date_brings_back_what_stood_before() {
        let line = lay(&[
            ("2010-01-01", 0, "observer"),
            ("2011-01-01", 0, "full"),
            ("2012-01-01", 0, "undo 2"),
        ])
        .unwrap();
        assert_eq!(on(&line, "2011-06-01"), ["full"]);
        assert_eq!(on(&line, "2012-06-01"), ["observer"]);
    }
    #[test]
    fn rule_3_what_takes_back_can_be_taken_back() {
        let line = lay(&[
            ("2010-01-01", 0, "full"),
            ("2020-01-01", 0, "none"),
            ("2020-03-01", 0, "undo 2"),
            ("2021-01-01", 0, "undo 3"),
            ("2022-01-01", 0, "undo 4"),
        ])
        .unwrap();
        for (day, stands) in [
            ("2019-12-31", "full"),
            ("2020-02-29", "none"),
            ("2020-03-01", "full"),
            ("2020-12-31", "full"),
            ("2021-01-01", "none"),
            ("2022-01-01", "full"),
        ] {
            assert_eq!(on(&line, day), [stands], "{day}");
        }
    }

    #[test]
    fn rule_3_what_is_given_back_stands_in_its_own_place() {
        let line = lay(&[
            ("2010-01-01", 0, "observer"),
            ("2011-01-01", 0, "full"),
            ("2012-01-01", 0, "undo 1"),
            ("2013-01-01", 0, "undo 3"),
            ("2014-01-01", 0, "undo 2"),
        ])
        .unwrap();
        assert_eq!(on(&line, "2012-06-01"), ["full"]);
        assert_eq!(on(&line, "2013-06-01"), ["full"]);
        assert_eq!(on(&line, "2014-06-01"), ["observer"]);
    }

    #[test]
    fn rule_3_taken_back_from_the_start_until_that_is_taken_back() {
        let mut switches = vec![
            switch("2010-01-01", 1, Change::Set("full")),
            switch(
                "2015-01-01",
                3,
                Change::Undo(Undone {
                    of: vec![Position::new(2)],
                    from_start: false,
                }),
            ),
        ];
        switches.push(switch(
            "1900-01-01",
            2,
            Change::Undo(Undone {
                of: vec![Position::new(1)],
                from_start: true,
            }),
        ));
        let line = Timeline::lay(switches).unwrap();
        assert_eq!(line.steps().len(), 2);
        assert_eq!(on(&line, "2014-12-31"), ["-"]);
        assert_eq!(on(&line, "2015-01-01"), ["full"]);
    }

    fn switch(window: &str, position: u64, change: Change<&'static str>) -> Switch<&'static str> {
        Switch {
            window: window_of(window),
            order: 0,
            position: Position::new(position),
            change,
        }
    }
}
