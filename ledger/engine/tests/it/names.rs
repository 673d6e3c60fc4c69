//! Names: those of persons, sealed, those of parties that look alike, and parts of them.

mod alike;
mod persons;
mod sought;
