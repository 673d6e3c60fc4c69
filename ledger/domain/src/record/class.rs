//! What a fact says about the class of a party.

use crate::entry::event::EndGround;
use crate::record::number::ClassIx;

/// What a fact says about a party's class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClassValue {
    /// It took a class.
    Taken {
        /// The class.
        class: ClassIx,
        /// Whether as a founder.
        founder: bool,
    },
    /// It has the class, admission date and founder status that this party, by its number in the
    /// book, had (rule 12).
    PassedFrom(u32),
    /// It has none.
    Ended(EndGround),
}

impl ClassValue {
    /// Returns the class it takes, if it says one by itself.
    pub(crate) fn taken(self) -> Option<ClassIx> {
        match self {
            Self::Taken { class, .. } => Some(class),
            _ => None,
        }
    }

    /// Returns whether a class stands.
    #[must_use]
    pub fn stands(self) -> bool {
        !matches!(self, Self::Ended(_))
    }
}
