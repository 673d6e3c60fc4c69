//! What is wrong with a running ledger, for those who answer for it: told by health, metrics and,
//! where it holds recording back, to callers. No text names a path, an address or a person.

use parking_lot::Mutex;
use standing_domain::id::position::Position;
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// The keys of new persons cannot be written.
    KeysFailed,
    /// The clock stands behind the last entry or day.
    ClockBehind,
    /// The clock jumped ahead while the ledger ran.
    ClockAhead,
    /// The clock stands more than a year ahead of the last entry or day.
    ClockFarAhead,
}

impl TroubleKind {
    /// Every kind, in the order in which they are told.
    pub const ALL: [Self; 10] = [
        Self::Damaged,
        Self::FellBack,
        Self::Replaced,
        Self::StorageFailed,
        Self::DiskFull,
        Self::KeysMissing,
        Self::KeysFailed,
        Self::ClockBehind,
        Self::ClockAhead,
        Self::ClockFarAhead,
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
            Self::KeysFailed => "keys-failed",
            Self::ClockBehind => "clock-behind",
            Self::ClockAhead => "clock-ahead",
            Self::ClockFarAhead => "clock-far-ahead",
        }
    }

    /// Returns whether it ends by itself once its cause is gone, without a restart.
    #[must_use]
    pub fn passes(self) -> bool {
        match self {
            Self::Damaged | Self::FellBack | Self::Replaced | Self::KeysMissing => false,
            Self::StorageFailed
            | Self::DiskFull
            | Self::KeysFailed
            | Self::ClockBehind
            | Self::ClockAhead
            | Self::ClockFarAhead => true,
        }
    }

    /// Returns whether nothing may be built on the log as long as it lasts: not even a repeated
    /// request is looked up.
    fn fences(self) -> bool {
        matches!(self, Self::Damaged | Self::Replaced | Self::StorageFailed)
    }

    /// Returns whether nothing is recorded while it lasts.
    #[must_use]
    pub fn stops_recording(self) -> bool {
        match self {
            Self::Damaged
            | Self::Replaced
            | Self::StorageFailed
            | Self::DiskFull
            | Self::ClockFarAhead => true,
            Self::FellBack
            | Self::KeysMissing
            | Self::KeysFailed
            | Self::ClockBehind
            | Self::ClockAhead => false,
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
    /// Takes note of trouble, and tells it in the log of the process; returns whether it is new.
    pub fn raise(&self, kind: TroubleKind, text: impl FnOnce() -> String) -> bool {
        let mut troubles = self.0.lock();
        if troubles.contains_key(&kind) {
            return false;
        }
        let text = text();
        if kind.stops_recording() {
            tracing::error!(kind = kind.word(), "{text}");
        } else {
            tracing::warn!(kind = kind.word(), "{text}");
        }
        troubles.insert(kind, text);
        true
    }

    /// Takes note that a kind of trouble is over; returns whether there was any.
    pub fn clear(&self, kind: TroubleKind) -> bool {
        let was = self.0.lock().remove(&kind).is_some();
        if was {
            tracing::warn!(kind = kind.word(), "this is over");
        }
        was
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

    /// Returns whether there is a kind of trouble.
    pub fn has(&self, kind: TroubleKind) -> bool {
        self.0.lock().contains_key(&kind)
    }

    /// Returns what holds recording back, if anything does.
    pub fn stopping(&self) -> Option<Trouble> {
        self.first(TroubleKind::stops_recording)
    }

    /// Returns what keeps the writer from touching the log, if anything does.
    pub fn fence(&self) -> Option<Trouble> {
        self.first(TroubleKind::fences)
    }

    fn first(&self, of: impl Fn(TroubleKind) -> bool) -> Option<Trouble> {
        let troubles = self.0.lock();
        let (kind, text) = troubles.iter().find(|(kind, _)| of(**kind))?;
        Some(Trouble {
            kind: *kind,
            text: text.clone(),
        })
    }
}

/// The first damage that was met.
#[derive(Debug)]
pub(crate) struct Damage {
    /// The position, if it is that of an entry.
    pub position: Option<Position>,
    /// What was found, and what to do.
    pub text: Arc<str>,
}
