//! From one end to the other: stretches of a timeline, and how they are written.

use standing_domain::answers::roll::Span;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::timeline::Timeline;
use standing_domain::time::when::Window;
use standing_proto::v1;

/// Writes an interval from the windows in which it begins and ends.
pub(crate) fn interval(start: Window, end: Option<Window>) -> v1::Interval {
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    v1::Interval {
        earliest_start_date: start.earliest.to_string(),
        latest_start_date: start.latest.to_string(),
        earliest_end_date: day(end.map(|end| end.earliest)),
        latest_end_date: day(end.map(|end| end.latest)),
    }
}

/// Writes the interval of a span.
pub(crate) fn span(span: &Span) -> v1::Interval {
    interval(span.start, span.end)
}

/// A stretch of a timeline over which one value stands.
#[derive(Debug)]
pub(crate) struct Stretch<'a, V> {
    /// The value, with the entry that set it; none after an annulment that leaves nothing.
    pub value: Option<(&'a V, Position)>,
    /// When it begins.
    pub start: Window,
    /// When it no longer stands; none where nothing recorded ends it.
    pub end: Option<Window>,
    /// The entry that began the stretch: the one that set the value, or took back what stood in its
    /// way.
    pub position: Position,
    /// The first and the last of its steps.
    steps: (usize, usize),
}

// Derived, they would ask the same of the value.
impl<V> Clone for Stretch<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Stretch<'_, V> {}

impl<'a, V> Stretch<'a, V> {
    /// Returns the stretch of a value that stands beside the timeline.
    pub fn of(value: &'a V, position: Position, start: Window, end: Option<Window>) -> Self {
        Self {
            value: Some((value, position)),
            start,
            end,
            position,
            steps: (0, 0),
        }
    }
}

impl<V> Stretch<'_, V> {
    /// Returns whether it may touch a day, as one that begins and ends on it does too (rule 11).
    pub fn touches(&self, day: Day) -> bool {
        self.start.earliest <= day && self.end.is_none_or(|end| day <= end.latest)
    }

    /// Writes its interval.
    pub fn interval(&self) -> v1::Interval {
        interval(self.start, self.end)
    }
}

/// Returns the stretches of a timeline, in order; those of no day too.
pub(crate) fn stretches<V>(line: &Timeline<V>) -> Vec<Stretch<'_, V>> {
    let mut stretches: Vec<Stretch<'_, V>> = Vec::new();
    for (i, step) in line.steps().iter().enumerate() {
        let value = line.value_after(Some(i));
        let setter = |value: Option<(&V, Position)>| value.map(|(_, position)| position);
        if let Some(last) = stretches.last_mut() {
            // An annulment of what no longer stood changes nothing.
            if setter(last.value) == setter(value) {
                last.steps.1 = i;
                continue;
            }
            last.end = Some(step.window);
        }
        stretches.push(Stretch {
            value,
            start: step.window,
            end: None,
            position: step.position,
            steps: (i, i),
        });
    }
    stretches
}

/// Returns the stretches that a day may lie in, in order; none stands for the time before the
/// first.
pub(crate) fn on_day<V>(line: &Timeline<V>, day: Day) -> Vec<Option<Stretch<'_, V>>> {
    let all = stretches(line);
    let mut found: Vec<Option<Stretch<'_, V>>> = Vec::new();
    let mut seen: Vec<Option<usize>> = Vec::new();
    for step in line.last_steps(day) {
        let place = step.and_then(|step| {
            all.iter()
                .position(|s| (s.steps.0..=s.steps.1).contains(&step))
        });
        if !seen.contains(&place) {
            seen.push(place);
            found.push(place.map(|place| all[place]));
        }
    }
    found
}
