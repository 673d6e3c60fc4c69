//! What a question leaves out of the record, as if it were not there (rules 22 and 23).

use crate::id::position::Position;

/// Says which entries are left out.
pub type Without<'a> = &'a dyn Fn(Position) -> bool;

/// Leaves out nothing.
pub const NOTHING: Without<'static> = &|_| false;
