//! Bringing switches whose windows hang together into the one order they can have.

use super::{Flaw, Switch};
use std::collections::BTreeMap;

/// The most flaws that are told of one run: who mends those finds the rest.
const MOST_FLAWS: usize = 256;

/// The longest run of which every impossible pair is told; of a longer one, the first that is
/// found.
const MOST_RANKED: usize = 512;

/// Sorts a run of switches so that each stands after all that come before it: by day where the
/// windows are apart, by order where they overlap.
pub(super) fn order_cluster<V>(switches: &mut [Switch<V>], flaws: &mut Vec<Flaw>) {
    let known = flaws.len();
    unordered(switches, flaws);
    if flaws.len() > known {
        return;
    }
    // Every pair is decided, so there is at most one order. Sorting finds it if there is one, and
    // then all pairs agree with it.
    let mut places: Vec<usize> = (0..switches.len()).collect();
    sort(&mut places, &|a, b| is_before(&switches[a], &switches[b]));
    if let Some((a, b)) = contradiction(switches, &places) {
        if switches.len() <= MOST_RANKED {
            impossible(switches, flaws);
        }
        if flaws.len() == known {
            let (a, b) = (switches[a].position, switches[b].position);
            flaws.push(Flaw::Impossible(a.min(b), a.max(b)));
        }
        return;
    }
    let mut target = vec![0; places.len()];
    for (place, switch) in places.into_iter().enumerate() {
        target[switch] = place;
    }
    // In place, along the cycles: sorting pairs of place and switch takes a fifth longer for small
    // runs, and most are small.
    for i in 0..switches.len() {
        while target[i] != i {
            let to = target[i];
            switches.swap(i, to);
            target.swap(i, to);
        }
    }
}

fn is_before<V>(a: &Switch<V>, b: &Switch<V>) -> bool {
    if a.window.overlaps(b.window) {
        a.order < b.order
    } else {
        a.window.latest < b.window.earliest
    }
}

/// Tells the pairs whose windows overlap and that nothing orders. The run stands by the first day
/// of the windows.
fn unordered<V>(switches: &[Switch<V>], flaws: &mut Vec<Flaw>) {
    let mut by_order: BTreeMap<u32, Vec<&Switch<V>>> = BTreeMap::new();
    for switch in switches {
        by_order.entry(switch.order).or_default().push(switch);
    }
    let most = flaws.len() + MOST_FLAWS;
    for alike in by_order.values() {
        for (place, a) in alike.iter().enumerate() {
            let later = alike[place + 1..].iter();
            for b in later.take_while(|b| b.window.earliest <= a.window.latest) {
                if flaws.len() == most {
                    return;
                }
                flaws.push(Flaw::Unordered(
                    a.position.min(b.position),
                    a.position.max(b.position),
                ));
            }
        }
    }
}

/// Sorts by halves. The library's own sort may refuse a relation that goes round in a circle.
fn sort(places: &mut [usize], is_before: &dyn Fn(usize, usize) -> bool) {
    if places.len() < 2 {
        return;
    }
    let count = places.len();
    let (first, second) = places.split_at_mut(count / 2);
    sort(first, is_before);
    sort(second, is_before);
    let mut merged = Vec::with_capacity(count);
    let (mut first, mut second) = (first.iter().peekable(), second.iter().peekable());
    while let (Some(a), Some(b)) = (first.peek(), second.peek()) {
        let next = if is_before(**b, **a) {
            &mut second
        } else {
            &mut first
        };
        merged.extend(next.next());
    }
    merged.extend(first);
    merged.extend(second);
    places.copy_from_slice(&merged);
}

/// Returns a pair that contradicts an order, if one does.
fn contradiction<V>(switches: &[Switch<V>], places: &[usize]) -> Option<(usize, usize)> {
    // Of those before: the one that begins last, and by the last day of the windows the highest
    // order.
    let mut begins_last: Option<usize> = None;
    let mut days: Vec<_> = switches.iter().map(|s| s.window.latest).collect();
    days.sort_unstable();
    days.dedup();
    let mut highest = Highest::new(days.len());
    for place in places {
        let switch = &switches[*place];
        if let Some(before) = begins_last
            && switch.window.latest < switches[before].window.earliest
        {
            return Some((before, *place));
        }
        let reaches = days.partition_point(|day| *day < switch.window.earliest);
        if let Some((order, before)) = highest.from(reaches)
            && order >= switch.order
        {
            return Some((before, *place));
        }
        let day = days.partition_point(|day| *day < switch.window.latest);
        highest.add(day, switch.order, *place);
        let later = |before: usize| switches[before].window.earliest < switch.window.earliest;
        if begins_last.is_none_or(later) {
            begins_last = Some(*place);
        }
    }
    None
}

/// The switch of the highest order among those whose windows reach to a day or beyond, in the
/// logarithm of the number of days.
struct Highest {
    nodes: Vec<Option<(u32, usize)>>,
}

impl Highest {
    fn new(days: usize) -> Self {
        Self {
            nodes: vec![None; days + 1],
        }
    }

    /// Adds a switch that reaches to a day, by the place of the day. Nodes are counted from the
    /// last day, so that a prefix of them is what reaches far enough.
    fn add(&mut self, day: usize, order: u32, switch: usize) {
        let mut node = self.nodes.len() - 1 - day;
        while let Some(highest) = self.nodes.get_mut(node).filter(|_| node > 0) {
            *highest = (*highest).max(Some((order, switch)));
            node += node & node.wrapping_neg();
        }
    }

    fn from(&self, day: usize) -> Option<(u32, usize)> {
        let mut node = self.nodes.len() - 1 - day;
        let mut highest = None;
        while node > 0 {
            highest = highest.max(self.nodes[node]);
            node -= node & node.wrapping_neg();
        }
        highest
    }
}

/// Tells the pairs that cannot be true together. The ranks are all different exactly if there is no
/// circle, and a circle has at least one pair decided by day, which makes it impossible.
fn impossible<V>(switches: &[Switch<V>], flaws: &mut Vec<Flaw>) {
    let mut ranks = vec![0_usize; switches.len()];
    for (i, a) in switches.iter().enumerate() {
        for (j, b) in switches.iter().enumerate().skip(i + 1) {
            ranks[if is_before(a, b) { j } else { i }] += 1;
        }
    }
    let mut places: Vec<usize> = (0..switches.len()).collect();
    places.sort_by_key(|&i| ranks[i]);
    for pair in places.windows(2) {
        if ranks[pair[0]] == ranks[pair[1]] {
            let (a, b) = (switches[pair[0]].position, switches[pair[1]].position);
            flaws.push(Flaw::Impossible(a.min(b), a.max(b)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Change, Timeline};
    use super::*;
    use crate::id::position::Position;
    use crate::time::day::Day;
    use crate::time::when::Window;
    use proptest::prelude::*;

    /// Orders a run by comparing every pair, as the definition has it.
    fn by_every_pair(switches: &mut [Switch<u8>], flaws: &mut Vec<Flaw>) {
        for (i, a) in switches.iter().enumerate() {
            for b in &switches[i + 1..] {
                if a.window.overlaps(b.window) && a.order == b.order {
                    flaws.push(Flaw::Unordered(
                        a.position.min(b.position),
                        a.position.max(b.position),
                    ));
                }
            }
        }
        if flaws.is_empty() {
            impossible(switches, flaws);
        }
        if flaws.is_empty() {
            let before = |switch: &Switch<u8>, all: &[Switch<u8>]| {
                all.iter().filter(|other| is_before(other, switch)).count()
            };
            let all = switches.to_vec();
            switches.sort_by_key(|switch| before(switch, &all));
        }
    }

    proptest! {
        #[test]
        fn a_run_has_the_order_that_every_pair_gives_it(
            rows in proptest::collection::vec((0..12_i32, 0..6_i32, 0..9_u32), 1..9)
        ) {
            let day = |days: i32| Day::try_from(days).unwrap();
            let mut switches: Vec<Switch<u8>> = rows
                .iter()
                .zip(Position::FIRST.onwards())
                .map(|((first, length, order), position)| Switch {
                    window: Window::new(day(*first), day(first + length)).unwrap(),
                    order: *order,
                    position,
                    change: Change::Set(0),
                })
                .collect();
            switches.sort_by_key(|s| (s.window.earliest, s.window.latest, s.order, s.position));
            let (mut one, mut other) = (switches.clone(), switches);
            let (mut flaws, mut expected) = (Vec::new(), Vec::new());
            order_cluster(&mut one, &mut flaws);
            by_every_pair(&mut other, &mut expected);
            flaws.sort();
            expected.sort();
            prop_assert_eq!(&flaws, &expected);
            prop_assert!(!flaws.is_empty() || one == other);
        }
    }

    #[test]
    fn a_thousand_times_as_many_flaws_are_not_told() {
        let all = Window::new(Day::MIN, Day::MAX).unwrap();
        let switches = Position::FIRST
            .to(Position::new(4_000))
            .map(|position| Switch {
                window: all,
                order: 0,
                position,
                change: Change::Set(0),
            });
        let flaws = Timeline::lay(switches.collect()).unwrap_err();
        assert_eq!(flaws.len(), MOST_FLAWS);
    }
}
