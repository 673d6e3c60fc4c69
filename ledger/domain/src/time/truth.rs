//! Three-valued logic: true, false, or unknown.

use serde::{Deserialize, Serialize};

/// A truth value where not everything is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Truth {
    /// False in every placement.
    No,
    /// True in some placements and false in others.
    Unknown,
    /// True in every placement.
    Yes,
}

impl Truth {
    /// Returns the value of a known proposition.
    #[must_use]
    pub fn known(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }

    /// Returns the value that all placements agree on: unknown if they differ. Of no placement at
    /// all, false.
    pub fn agreed(values: impl IntoIterator<Item = Self>) -> Self {
        values
            .into_iter()
            .reduce(|a, b| if a == b { a } else { Self::Unknown })
            .unwrap_or(Self::No)
    }

    /// Returns whether both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Returns whether either holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth;
    use super::Truth::{No, Unknown, Yes};

    #[test]
    fn rule_18_the_known_side_decides_where_it_can() {
        assert_eq!(
            [Yes.or(Unknown), No.or(Unknown), Unknown.or(Unknown)],
            [Yes, Unknown, Unknown]
        );
        assert_eq!([No.and(Unknown), Yes.and(Unknown)], [No, Unknown]);
        assert_eq!([!Yes, !Unknown, !No], [No, Unknown, Yes]);
    }

    #[test]
    fn placements_agree_or_nothing_is_known() {
        assert_eq!(Truth::agreed([Yes, Yes]), Yes);
        assert_eq!(Truth::agreed([Yes, No]), Unknown);
        assert_eq!(Truth::agreed([]), No);
    }
}
