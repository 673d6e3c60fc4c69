//! Callers that an issuer knows: a bearer token that the issuer signed says who calls.
//!
//! The issuer says where its keys are, by discovery, as OIDC has it. A token is held against them,
//! and against what the options pin: issuer, audience, algorithms. Nothing that a token says about
//! itself widens that. What a token is refused for is for the log; its bearer is told nothing.

mod algorithm;
mod clock;
mod fetch;
mod key;
mod keyring;
mod options;
mod refused;
mod token;
mod warm;

pub use options::{OidcError, OidcOptions};
pub use refused::Refused;

use algorithm::Algorithm;
use clock::Clock;
use fetch::Fetcher;
use keyring::Keyring;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use token::Token;
use warm::{Entry, Warm};

/// The most bytes of a token; of a longer one nothing is read.
const LONGEST: usize = 16 << 10;

/// Verifies the tokens of one issuer.
pub struct Oidc {
    expected: Expected,
    keyring: Arc<Keyring>,
    warm: Warm,
    clock: Clock,
}

/// What a token has to say.
struct Expected {
    issuer: String,
    audience: String,
    algorithms: Vec<Algorithm>,
    /// How far the issuer's clock and ours may be apart.
    skew: Duration,
}

/// What a token says that is the issuer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Whom it stands for, in the issuer's words.
    pub subject: String,
    /// When it ends by its own word; it is taken for as long as clocks may differ after that.
    pub expires: SystemTime,
}

impl Oidc {
    /// Reads the options, and the certificates that they name. Nothing is fetched before the first
    /// token comes.
    ///
    /// # Errors
    /// An option is not usable; it is said which, and what to write instead.
    pub fn new(options: OidcOptions) -> Result<Self, OidcError> {
        Self::with_clock(options, Clock::default())
    }

    fn with_clock(options: OidcOptions, clock: Clock) -> Result<Self, OidcError> {
        let discovery = options.discovery()?;
        let expected = Expected {
            algorithms: options.algorithms()?,
            skew: options.skew()?,
            audience: options.audience()?,
            issuer: options.issuer,
        };
        let fetcher = Fetcher::new(discovery, expected.issuer.clone(), options.ca.as_deref())?;
        Ok(Self {
            expected,
            keyring: Keyring::new(fetcher, clock.clone()),
            warm: Warm::default(),
            clock,
        })
    }

    /// Verifies a token. It waits for the issuer's keys where they are needed first, and not for
    /// longer than fetching them may take.
    ///
    /// # Errors
    /// The token is not one of the issuer for us, or not any more, or the issuer's keys are away.
    pub async fn verify(&self, token: &str) -> Result<Verified, Refused> {
        if token.len() > LONGEST {
            return Err(Refused::TooLong);
        }
        let digest = digest(token);
        if let Some(verified) = self.warm_by(&digest).await? {
            return Ok(verified);
        }
        let token = Token::read(token, &self.expected)?;
        let verified = token.claims(&self.expected, self.clock.wall())?;
        let keys = self.keyring.find(&token.kid).await?;
        keys.verify(&token.kid, token.algorithm, token.signed, &token.signature)?;
        let entry = Entry {
            kid: token.kid,
            verified: self.in_time(verified)?,
        };
        let verified = entry.verified.clone();
        let now = self.clock.wall();
        let holds = |entry: &Entry| !self.expected.is_past(entry.verified.expires, now);
        self.warm.put(digest, entry, &keys, holds);
        Ok(verified)
    }

    /// The same of a token that was verified before; of another nothing is looked at.
    ///
    /// # Errors
    /// It was not, or not since the keys changed, or it is over.
    pub async fn remembered(&self, token: &str) -> Result<Verified, Refused> {
        if token.len() > LONGEST {
            return Err(Refused::TooLong);
        }
        let verified = self.warm_by(&digest(token)).await?;
        verified.ok_or(Refused::NotLookedAt)
    }

    /// Returns what was verified before, under keys that are the issuer's still.
    async fn warm_by(&self, digest: &[u8; 32]) -> Result<Option<Verified>, Refused> {
        let Some((entry, of)) = self.warm.get(digest) else {
            return Ok(None);
        };
        let keys = self.keyring.find(&entry.kid).await?;
        if !Arc::ptr_eq(&keys, &of) {
            return Ok(None);
        }
        self.in_time(entry.verified).map(Some)
    }

    /// Returns for how long a token is taken after it has ended by its own word.
    pub fn skew(&self) -> Duration {
        self.expected.skew
    }

    /// Gives back what was verified for as long as it holds.
    fn in_time(&self, verified: Verified) -> Result<Verified, Refused> {
        if self.expected.is_past(verified.expires, self.clock.wall()) {
            return Err(Refused::Expired);
        }
        Ok(verified)
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

impl Expected {
    /// Whether a token that expires then is not taken any more.
    fn is_past(&self, expires: SystemTime, now: SystemTime) -> bool {
        let late = now.duration_since(expires);
        late.is_ok_and(|late| late >= self.skew)
    }

    /// Whether a moment is ahead of us by more than clocks may differ.
    fn is_ahead(&self, moment: SystemTime, now: SystemTime) -> bool {
        let early = moment.duration_since(now);
        early.is_ok_and(|early| early > self.skew)
    }
}

#[cfg(test)]
mod tests;
