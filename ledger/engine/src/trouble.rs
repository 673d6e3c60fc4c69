//! What is wrong with a running ledger, for those who answer for it: told by health, metrics and, where it holds recording back, to
//! callers. No text names a path, an address or a person.

use crate::Engine;
use parking_lot::Mutex;
use std::collections::BTreeMap;

/// A kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TroubleKind {
    /// Stored bytes do not verify.
    Damaged,
    /// Opening found the last commit damaged and fell back to the one before.
    FellBack,
    /// The file was replaced under the running ledger.
    Replaced,
    /// A commit failed, and the log could not be opened again yet.
    StorageFailed,
    /// Less disk is free than the reserve.
    DiskFull,
    /// Persons have a sealed name and no key.
    KeysMissing,
    /// The clock stands behind the last entry.
    ClockBehind,
    /// The clock stands far ahead of the last entry.
    ClockAhead,
}

impl TroubleKind {
    /// Every kind, in the order in which they are told.
    pub const ALL: [Self; 8] = [
        Self::Damaged,
        Self::FellBack,
        Self::Replaced,
        Self::StorageFailed,
        Self::DiskFull,
        Self::KeysMissing,
        Self::ClockBehind,
        Self::ClockAhead,
    ];

    /// Returns its name for programs: lower case, for ever the same.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::FellBack => "fell-back",
            Self::Replaced => "replaced",
            Self::StorageFailed => "storage-failed",
            Self::DiskFull => "disk-full",
            Self::KeysMissing => "keys-missing",
            Self::ClockBehind => "clock-behind",
            Self::ClockAhead => "clock-ahead",
        }
    }

    /// Returns whether nothing is recorded while it lasts.
    #[must_use]
    pub fn stops_recording(self) -> bool {
        match self {
            Self::Damaged | Self::Replaced | Self::StorageFailed | Self::DiskFull => true,
            Self::FellBack | Self::KeysMissing | Self::ClockBehind | Self::ClockAhead => false,
        }
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Its kind.
    pub kind: TroubleKind,
    /// What it is, where, and what to do: a sentence for an operator.
    pub text: String,
}

/// What is wrong now: at most one of each kind, the first text of which stays until it is over.
#[derive(Debug, Default)]
pub(crate) struct Troubles(Mutex<BTreeMap<TroubleKind, String>>);

impl Troubles {
    /// Takes note of trouble; returns whether it is new.
    pub fn raise(&self, kind: TroubleKind, text: impl FnOnce() -> String) -> bool {
        let mut troubles = self.0.lock();
        let is_new = !troubles.contains_key(&kind);
        if is_new {
            troubles.insert(kind, text());
        }
        is_new
    }

    /// Takes note that a kind of trouble is over; returns whether there was any.
    pub fn clear(&self, kind: TroubleKind) -> bool {
        self.0.lock().remove(&kind).is_some()
    }

    /// Returns all that is wrong.
    pub fn all(&self) -> Vec<Trouble> {
        let troubles = self.0.lock();
        let all = troubles.iter().map(|(kind, text)| Trouble {
            kind: *kind,
            text: text.clone(),
        });
        all.collect()
    }

    /// Returns what holds recording back, if anything does.
    pub fn stopping(&self) -> Option<Trouble> {
        let troubles = self.0.lock();
        let mut stopping = troubles.iter().filter(|(kind, _)| kind.stops_recording());
        stopping.next().map(|(kind, text)| Trouble {
            kind: *kind,
            text: text.clone(),
        })
    }
}

impl Engine {
    /// Returns all that is wrong with this ledger now, the worst first.
    #[must_use]
    pub fn troubles(&self) -> Vec<Trouble> {
        self.shared.troubles.all()
    }

    /// Returns what holds recording back now, if anything does.
    #[must_use]
    pub fn held_back(&self) -> Option<Trouble> {
        self.shared.troubles.stopping()
    }
}
