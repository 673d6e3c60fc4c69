//! The `standing` binary.

fn main() {}
