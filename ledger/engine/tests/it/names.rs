//! Names: those of persons, sealed, and those of parties that look alike.

mod alike;
mod persons;
