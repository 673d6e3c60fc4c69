//! Why a turn is a party's, in words.

use crate::answers::rotation::Why;
use crate::id::position::Position;

/// Returns the entry that a reason rests on; none if it rests on the order alone.
#[must_use]
pub fn entry(why: &Why) -> Option<Position> {
    match why {
        Why::Swapped { position, .. }
        | Why::Lapsed { position, .. }
        | Why::Declined { position, .. } => Some(*position),
        Why::NoMember(_) | Why::Unknown(_) => None,
    }
}

/// Returns a reason as a clause: `takes the turn of dd-south by a swap`.
#[must_use]
pub fn why(why: &Why) -> String {
    match why {
        Why::Swapped { with, .. } => format!("takes the turn of {with} by a swap"),
        Why::Lapsed { by, .. } => {
            format!("a swap has lapsed, as {by} declined or takes no turns any more")
        }
        Why::Declined {
            party, turn: None, ..
        } => format!("{party} declined"),
        Why::Declined {
            party,
            turn: Some(turn),
            ..
        } => format!("{party} declined the turn that begins on {turn}"),
        Why::NoMember(party) => format!("{party} has no class that takes turns"),
        Why::Unknown(party) => format!("whether {party} has a class that takes turns is not known"),
    }
}
