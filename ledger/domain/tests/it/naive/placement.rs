//! The placements of the model: every way in which the switches of a timeline may fall on days, and
//! what stands after them.

use super::model::{Act, Number, Switch, Value};
use standing_domain::id::position::Position;

/// More placements than this of one timeline are not enumerated; the case is passed over.
const MOST_PLACEMENTS: usize = 4_000;

/// What one placement makes of a timeline: the switches in the order in which they happen, with
/// their days.
pub type Placement<'a> = Vec<(Number, &'a Switch)>;

fn overlap(a: &Switch, b: &Switch) -> bool {
    a.window.0 <= b.window.1 && b.window.0 <= a.window.1
}

/// Whether two windows overlap and nothing says which comes first (rule 7).
pub fn unordered(switches: &[Switch]) -> bool {
    (0..switches.len()).any(|i| {
        switches[..i]
            .iter()
            .any(|other| overlap(other, &switches[i]) && other.order == switches[i].order)
    })
}

/// Every placement: a day for each switch within its window, such that of two that overlap the
/// lower order is not later.
pub fn placements(switches: &[Switch]) -> Option<Vec<Placement<'_>>> {
    let mut all: Vec<Vec<Number>> = vec![Vec::new()];
    for (i, switch) in switches.iter().enumerate() {
        let mut longer = Vec::new();
        for days in &all {
            for day in switch.window.0..=switch.window.1 {
                let fits = (0..i).all(|j| {
                    let other = &switches[j];
                    !overlap(other, switch)
                        || (other.order < switch.order && days[j] <= day)
                        || (other.order > switch.order && days[j] >= day)
                });
                if fits {
                    longer.push(days.iter().copied().chain([day]).collect());
                }
            }
        }
        if longer.len() > MOST_PLACEMENTS {
            return None;
        }
        all = longer;
    }
    let in_order = |days: Vec<Number>| {
        let mut placement: Placement = days.into_iter().zip(switches).collect();
        placement.sort_by_key(|(day, switch)| (*day, switch.order));
        placement
    };
    Some(all.into_iter().map(in_order).collect())
}

/// What stands after what happened: the last value set by an act that nothing so far annuls.
pub fn standing<'a>(happened: &[(Number, &'a Switch)]) -> Option<(Position, &'a Value)> {
    let undone = |position| is_undone(happened, position);
    happened
        .iter()
        .rev()
        .find_map(|(_, switch)| match &switch.act {
            Act::Set(value) if !undone(switch.position) => Some((switch.position, value)),
            _ => None,
        })
}

/// Whether something that happened takes back what an entry says, and nothing takes that back.
fn is_undone(happened: &[(Number, &Switch)], position: Position) -> bool {
    happened.iter().any(|(_, switch)| {
        let takes_back = match switch.act {
            Act::Undo(target) => target == position || switch.also.contains(&position),
            Act::Set(_) => false,
        };
        takes_back && !is_undone(happened, switch.position)
    })
}

pub fn on<'a>(placement: &[(Number, &'a Switch)], day: Number) -> Option<(Position, &'a Value)> {
    let count = placement.iter().take_while(|(on, _)| *on <= day).count();
    standing(&placement[..count])
}
