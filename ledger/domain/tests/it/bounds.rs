//! What may be recorded is bounded, what was only judged leaves nothing behind, and no work grows
//! faster than n log n.

mod growth;
mod layout;
mod limits;
mod traces;
