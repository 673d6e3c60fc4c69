//! What the writer looks at, whatever it is asked: the day, the disk, the clock.

pub(super) mod days;
pub(super) mod disk;
pub(super) mod wall;
