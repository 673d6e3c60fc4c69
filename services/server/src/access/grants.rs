//! What a caller may do: a set of permissions, and the roles that hold some of them from the start.

use crate::access::matter::Matter;
use standing_engine::Allowed;
use standing_proto::v1::Permission;
use std::sync::{Arc, LazyLock};

/// One thing that a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    /// Ask.
    Read,
    /// Read the names of natural persons.
    ReadNames,
    /// Ask what the server does.
    Operate,
    /// Fetch the keys that open the names of natural persons.
    FetchKeys,
    /// Make backups: every entry whole.
    Backup,
    /// Record events about a matter.
    Record(Matter),
}

impl Grant {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::Read,
        Self::ReadNames,
        Self::Operate,
        Self::FetchKeys,
        Self::Backup,
        Self::Record(Matter::Money),
        Self::Record(Matter::Membership),
        Self::Record(Matter::Law),
        Self::Record(Matter::Sessions),
        Self::Record(Matter::Offices),
    ];

    /// Returns what the configuration calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadNames => "read-names",
            Self::Operate => "operate",
            Self::FetchKeys => "fetch-keys",
            Self::Backup => "backup",
            Self::Record(Matter::Money) => "record-money",
            Self::Record(Matter::Membership) => "record-membership",
            Self::Record(Matter::Law) => "record-law",
            Self::Record(Matter::Sessions) => "record-sessions",
            Self::Record(Matter::Offices) => "record-offices",
        }
    }

    fn bit(self) -> u16 {
        match self {
            Self::Read => 1,
            Self::ReadNames => 1 << 1,
            Self::Operate => 1 << 2,
            Self::FetchKeys => 1 << 3,
            Self::Record(matter) => u16::from(matter.bit()) << 4,
            Self::Backup => 1 << 9,
        }
    }
}

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Grants(u16);

impl Grants {
    /// Everything.
    pub const ALL: Self = Self(0b11_1111_1111);

    /// Returns these and another.
    #[must_use]
    pub fn with(self, grant: Grant) -> Self {
        Self(self.0 | grant.bit())
    }

    /// Returns these and others.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Returns whether one is among them.
    pub fn hold(self, grant: Grant) -> bool {
        self.0 & grant.bit() != 0
    }

    /// Returns whether others are all among them.
    pub fn hold_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Returns whether a method that asks for a permission may be called. What names none is
    /// refused to everybody.
    pub fn permit(self, permission: Permission) -> bool {
        match permission {
            Permission::Unspecified => false,
            Permission::Read => self.hold(Grant::Read),
            Permission::Operate => self.hold(Grant::Operate),
            Permission::FetchKeys => self.hold(Grant::FetchKeys),
            Permission::Backup => self.hold(Grant::Backup),
            Permission::Record => Matter::ALL.iter().any(|m| self.hold(Grant::Record(*m))),
        }
    }

    /// Returns what may be recorded.
    pub fn allowed(self) -> Allowed {
        let mut matters = 0;
        for matter in Matter::ALL {
            if self.hold(Grant::Record(matter)) {
                matters |= matter.bit();
            }
        }
        if matters == Matter::EVERY {
            return Allowed::All;
        }
        let kinds = KINDS.get(usize::from(matters)).cloned();
        kinds.unwrap_or_else(|| Allowed::Only(Arc::default()))
    }
}

/// The kinds of each set of matters, made once.
static KINDS: LazyLock<Vec<Allowed>> = LazyLock::new(|| {
    let only = |matters| Allowed::Only(Arc::new(Matter::kinds(matters)));
    (0..Matter::EVERY).map(only).collect()
});

/// The roles that are there without being configured, each with what it holds.
pub(crate) const BUILT_IN: [(&str, &[Grant]); 5] = [
    ("reader", &[Grant::Read]),
    ("auditor", &[Grant::Read, Grant::ReadNames]),
    (
        "recorder",
        &[
            Grant::Read,
            Grant::Record(Matter::Money),
            Grant::Record(Matter::Membership),
            Grant::Record(Matter::Law),
            Grant::Record(Matter::Sessions),
            Grant::Record(Matter::Offices),
        ],
    ),
    ("operator", &[Grant::Operate, Grant::Backup]),
    ("replica", &[Grant::FetchKeys]),
];

/// Returns the grants of a list.
pub(crate) fn of(list: &[Grant]) -> Grants {
    list.iter().copied().fold(Grants::default(), Grants::with)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grant_is_apart_from_every_other() {
        let all = of(&Grant::ALL);
        assert_eq!(all, Grants::ALL);
        for grant in Grant::ALL {
            let one = of(&[grant]);
            let held = Grant::ALL.iter().filter(|other| one.hold(**other));
            assert_eq!(held.count(), 1, "{}", grant.word());
        }
    }

    #[test]
    fn who_records_one_matter_records_no_other() {
        let money = of(&[Grant::Record(Matter::Money)]);
        assert!(money.permit(Permission::Record) && !money.permit(Permission::Read));
        let Allowed::Only(kinds) = money.allowed() else {
            panic!("not everything")
        };
        assert!(kinds.contains(&112) && !kinds.contains(&43), "{kinds:?}");
        assert_eq!(Grants::ALL.allowed(), Allowed::All);
        assert_eq!(Grants::default().allowed(), Allowed::Only(Arc::default()));
        assert!(!Grants::ALL.permit(Permission::Unspecified));
    }
}
