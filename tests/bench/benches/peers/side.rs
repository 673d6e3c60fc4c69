//! What a side is asked, and what it answers: the same question has the same answer on every side.

use standing_bench::Outcome;
use std::pin::Pin;

/// What a side can be asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Keep one small event for good.
    Append,
    /// Keep many, handed in without a wait between them where the side has a way to; one where it
    /// has none.
    AppendMany,
    /// Does a party hold a right on a day, as known now?
    Check,
    /// Ten such questions in one call.
    CheckTen,
    /// Such a question, as known at an earlier position. It is compared, and not timed.
    CheckEarlier,
    /// How many members are there on a day?
    Count,
    /// Who may vote on a day: all of them.
    Roll,
    /// A hundred of them, from somewhere on.
    Page,
    /// Everything that was ever recorded of a party.
    History,
}

/// Who asks, and for the how-manieth time: what is asked hangs on the number.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    pub caller: usize,
    pub number: usize,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The positions that events have got.
    Positions(Vec<u64>),
    /// Whether a right is held, question by question.
    Held(Vec<bool>),
    /// How many there are.
    Count(u64),
    /// Who holds a right, in order.
    Holders(Vec<Holder>),
    /// The bytes of entries, in order.
    Entries(Vec<Vec<u8>>),
}

/// Who holds a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub party: String,
    pub class: String,
    pub name: String,
}

/// What comes of asking.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Outcome<Answer>> + Send + 'a>>;

/// A server and those who are connected to it.
pub trait Side: Send + Sync {
    /// Returns whether it has a notion of such a work.
    fn does(&self, work: Work) -> bool;

    /// Makes what so many appends are called with, so that making it is not measured.
    fn prepare(&self, appends: usize) -> Outcome;

    /// Does a work once.
    fn ask(&self, work: Work, turn: Turn) -> Asking<'_>;
}
