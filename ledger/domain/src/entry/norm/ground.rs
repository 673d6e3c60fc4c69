//! The ground on which rights may be suspended (rule 17).

use crate::entry::norm::SuspensionRule;
use crate::id::{ArticleRef, IdError, InstrumentId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// On what ground rights may be suspended. It is stored as it is written: an article as
/// `<instrument>/<article>`, an instrument as its id, no ground as an empty text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum SuspensionGround {
    /// None that is a policy: misconduct, or whatever the text says.
    None,
    /// The policies of an instrument. The instrument in which the norm stands is none.
    Instrument(InstrumentId),
    /// The policy of an article.
    Article(ArticleRef),
}

impl fmt::Display for SuspensionGround {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Instrument(instrument) => instrument.fmt(f),
            Self::Article(article) => article.fmt(f),
        }
    }
}

impl From<SuspensionGround> for String {
    fn from(ground: SuspensionGround) -> Self {
        ground.to_string()
    }
}

impl TryFrom<String> for SuspensionGround {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        Ok(if text.is_empty() {
            Self::None
        } else if text.contains('/') {
            Self::Article(ArticleRef::new(&text)?)
        } else {
            Self::Instrument(InstrumentId::new(&text)?)
        })
    }
}

impl SuspensionRule {
    /// Returns whether the ground that it names, as a norm of an article of its own, is the policy
    /// of another.
    #[must_use]
    pub fn is_grounded_in(&self, own: &ArticleRef, policy: &ArticleRef) -> bool {
        match &self.ground {
            SuspensionGround::None => false,
            SuspensionGround::Instrument(instrument) => {
                self.has_ground(own) && *instrument == policy.instrument
            }
            SuspensionGround::Article(article) => article == policy,
        }
    }

    /// Returns whether it names a ground, as a norm of an article of its own.
    #[must_use]
    pub fn has_ground(&self, own: &ArticleRef) -> bool {
        match &self.ground {
            SuspensionGround::None => false,
            SuspensionGround::Instrument(instrument) => *instrument != own.instrument,
            SuspensionGround::Article(_) => true,
        }
    }
}
