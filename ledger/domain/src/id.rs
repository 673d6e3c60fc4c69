//! Ids: the short names by which everything in the ledger is known.

pub mod epoch;
pub mod position;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// The longest id, in bytes.
pub const MAX_ID_BYTES: usize = 64;

/// An id that is not one, with what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} id {text:?} is not {expected}")]
pub struct IdError {
    /// What the id should have named.
    pub kind: &'static str,
    /// The text, cut to 80 characters.
    pub text: String,
    /// What would have been accepted.
    pub expected: &'static str,
}

impl IdError {
    fn new(kind: &'static str, text: &str, expected: &'static str) -> Self {
        Self {
            kind,
            text: text.chars().take(80).collect(),
            expected,
        }
    }
}

fn is_plain(text: &str, extra: &[u8]) -> bool {
    (1..=MAX_ID_BYTES).contains(&text.len())
        && text.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || extra.contains(&b)
        })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $kind:literal, $extra:literal, $expected:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(SmolStr);

        impl $name {
            /// Reads an id.
            ///
            /// # Errors
            /// The text is empty, longer than [`MAX_ID_BYTES`], or has a character that ids do not
            /// have.
            pub fn new(text: &str) -> Result<Self, IdError> {
                if is_plain(text, $extra) {
                    Ok(Self(SmolStr::new(text)))
                } else {
                    Err(IdError::new($kind, text, $expected))
                }
            }

            /// Returns the id that stands before every other in order.
            #[must_use]
            pub fn least() -> Self {
                Self(SmolStr::new_static("-"))
            }

            /// Returns the id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

ids! {
    /// The association itself.
    AssociationId, "association", b"", "1 to 64 of a-z, 0-9 and -";
    /// A government, organisation or institution the ledger knows.
    PartyId, "party", b"", "1 to 64 of a-z, 0-9 and -";
    /// A natural person, opaque.
    PersonId, "person", b"", "1 to 64 of a-z, 0-9 and -";
    /// A class of membership.
    ClassId, "class", b"", "1 to 64 of a-z, 0-9 and -";
    /// A right.
    RightId, "right", b"", "1 to 64 of a-z, 0-9 and -";
    /// A body; also the series of its sessions.
    BodyId, "body", b"", "1 to 64 of a-z, 0-9 and -";
    /// A function of bodies.
    FunctionId, "function", b"", "1 to 64 of a-z, 0-9 and -";
    /// An office.
    OfficeId, "office", b"", "1 to 64 of a-z, 0-9 and -";
    /// A charter or a regulation.
    InstrumentId, "instrument", b"", "1 to 64 of a-z, 0-9 and -";
    /// An article within an instrument.
    ArticleId, "article", b".", "1 to 64 of a-z, 0-9, . and -";
    /// A committee.
    CommitteeId, "committee", b"", "1 to 64 of a-z, 0-9 and -";
    /// A fund that dues are owed to.
    FundId, "fund", b"", "1 to 64 of a-z, 0-9 and -";
    /// A decision of a body.
    DecisionId, "decision", b"", "1 to 64 of a-z, 0-9 and -";
    /// A draft, and the request that recorded it.
    DraftId, "draft", b"", "1 to 64 of a-z, 0-9 and -";
    /// Who recorded: an opaque id, never a name.
    ActorId, "actor", b"/", "1 to 64 of a-z, 0-9, / and -";
    /// A plain word: a kind of party, a country, a region, a seat, a language.
    Word, "word", b"", "1 to 64 of a-z, 0-9 and -";
}

macro_rules! words {
    ($($name:ident)*) => {$(
        impl From<&$name> for Word {
            fn from(id: &$name) -> Self {
                Self(id.0.clone())
            }
        }
    )*};
}

// What the vocabulary declares is declared as a word.
words! { ClassId RightId BodyId FunctionId OfficeId }

/// A session of a body: the series (the body's id) and the ordinal, written `general-assembly/14`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SessionId {
    /// The series, which is the id of the body that meets.
    pub series: BodyId,
    /// The number of the session in its series, from 1.
    pub ordinal: u32,
}

impl SessionId {
    /// Reads `<series>/<ordinal>`.
    ///
    /// # Errors
    /// The text has no slash, a series that is no id, or an ordinal that is not a number from 1 in
    /// plain digits.
    pub fn new(text: &str) -> Result<Self, IdError> {
        let wrong = || {
            IdError::new(
                "session",
                text,
                "<series>/<ordinal>, for example general-assembly/14",
            )
        };
        let (series, ordinal) = text.split_once('/').ok_or_else(wrong)?;
        let series = BodyId::new(series).map_err(|_| wrong())?;
        let number: u32 = ordinal.parse().map_err(|_| wrong())?;
        if number == 0 || number.to_string() != ordinal {
            return Err(wrong());
        }
        Ok(Self {
            series,
            ordinal: number,
        })
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.series, self.ordinal)
    }
}

/// An article of an instrument, written `charter/9-2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ArticleRef {
    /// The instrument.
    pub instrument: InstrumentId,
    /// The article.
    pub article: ArticleId,
}

impl ArticleRef {
    /// Reads `<instrument>/<article>`.
    ///
    /// # Errors
    /// The text has no slash, or either part is no id.
    pub fn new(text: &str) -> Result<Self, IdError> {
        let wrong = || {
            IdError::new(
                "article",
                text,
                "<instrument>/<article>, for example charter/9-2",
            )
        };
        let (instrument, article) = text.split_once('/').ok_or_else(wrong)?;
        Ok(Self {
            instrument: InstrumentId::new(instrument).map_err(|_| wrong())?,
            article: ArticleId::new(article).map_err(|_| wrong())?,
        })
    }
}

impl fmt::Display for ArticleRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.instrument, self.article)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_lower_case_words() {
        assert!(PartyId::new("cn-qinghai").is_ok());
        for wrong in [
            "",
            "CN-Qinghai",
            "cn qinghai",
            "cn/qinghai",
            "친",
            &"a".repeat(65),
        ] {
            assert!(PartyId::new(wrong).is_err(), "{wrong:?}");
        }
        assert!(ArticleId::new("15.p2.2.a").is_ok());
    }

    #[test]
    fn a_session_is_a_series_and_an_ordinal_from_one() {
        assert_eq!(
            SessionId::new("general-assembly/14").unwrap().to_string(),
            "general-assembly/14"
        );
        for wrong in [
            "general-assembly",
            "general-assembly/0",
            "general-assembly/01",
            "/1",
            "a/+1",
        ] {
            assert!(SessionId::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
