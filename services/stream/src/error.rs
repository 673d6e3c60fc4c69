//! What goes wrong with a stream: what passes and is tried again, and what stays until a person
//! acts.

use crate::end::End;
use crate::message::BadMessage;
use crate::settings::Violation;
use standing_domain::id::position::Position;
use standing_engine::chain;
use std::error::Error;

/// Why a stream is left alone until a person acts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// An option of the connection cannot be used.
    #[error("{0}")]
    Options(String),
    /// A follower's stream is not there.
    #[error(
        "there is no stream {stream}: start the writer with --nats, or name another association"
    )]
    Unknown {
        /// Its name.
        stream: String,
    },
    /// No association was named, and there is no stream of entries.
    #[error("there is no stream of entries: start the writer with --nats first")]
    None,
    /// No association was named, and there are several streams of entries.
    #[error("there are several streams of entries; name one with --association: {}", .associations.join(", "))]
    Several {
        /// The associations whose entries they hold.
        associations: Vec<String>,
    },
    /// Another association was named than the one this file is of.
    #[error("this file holds the ledger of {own}, not of {asked}: name another file, or {own}")]
    Association {
        /// The association it is of.
        own: String,
        /// The association named.
        asked: String,
    },
    /// The stream has settings that could lose history, or has lost some.
    #[error("stream {stream} cannot hold a history: {}", join(.violations))]
    Settings {
        /// Its name.
        stream: String,
        /// All that must be otherwise.
        violations: Vec<Violation>,
    },
    /// The stream holds more than the ledger that writes it.
    #[error(
        "stream {stream} is ahead: it holds {last} entries, this ledger {head}; \
         start this node as a replica (`standing replica`) until it has caught up"
    )]
    Ahead {
        /// Its name.
        stream: String,
        /// Its last sequence.
        last: Position,
        /// The head of the ledger.
        head: Position,
    },
    /// The history that the stream holds was resumed elsewhere, without the entries that were lost.
    #[error(
        "the history of stream {stream} was resumed elsewhere after entry {}, in epoch {}: what this node holds after that was \
         given up; keep its file, and begin anew as a replica in another",
        .end.kept,
        .end.epoch
    )]
    Resumed {
        /// The stream.
        stream: String,
        /// Where it goes on.
        end: End,
    },
    /// A message is not an entry, or is damaged.
    #[error(
        "message {sequence} of stream {stream} does not belong there: {reason}; \
         delete the stream to have it published again, or name another server"
    )]
    Foreign {
        /// The stream.
        stream: String,
        /// The message's place.
        sequence: u64,
        /// What is wrong with it.
        reason: BadMessage,
    },
    /// A message holds another entry than the ledger has at its place.
    #[error(
        "message {sequence} of stream {stream} is another entry than this ledger has at {sequence}: \
         another ledger, or another writer of this one, publishes to it"
    )]
    Other {
        /// The stream.
        stream: String,
        /// The message's place.
        sequence: u64,
    },
    /// A message was taken by another stream, or to another place.
    #[error("message {sequence} of stream {stream} was taken to place {place} of stream {found}")]
    Misplaced {
        /// The stream.
        stream: String,
        /// The message's place.
        sequence: u64,
        /// The stream that took it.
        found: String,
        /// The place it was given.
        place: u64,
    },
    /// A message is too large for the server.
    #[error(
        "message {sequence} of stream {stream} is too large: raise max_payload of the NATS server"
    )]
    TooLarge {
        /// The stream.
        stream: String,
        /// The message's place.
        sequence: u64,
    },
    /// The file of a follower is no copy of what the stream holds.
    #[error(
        "this file is not a copy of stream {stream}: they differ at {sequence}; \
         name another file, and what the stream holds is taken into it"
    )]
    NotACopy {
        /// The stream.
        stream: String,
        /// Where they differ.
        sequence: u64,
    },
    /// A message of the stream is gone.
    #[error("stream {stream} has no message {sequence}: a part of history is missing")]
    Hole {
        /// The stream.
        stream: String,
        /// The place of what is missing.
        sequence: u64,
    },
    /// A newer release wrote an entry.
    #[error("entry {position} was written by a newer release: upgrade this one ({reason})")]
    Newer {
        /// Its position.
        position: Position,
        /// What is not known here.
        reason: String,
    },
    /// An entry cannot be taken over.
    #[error("entry {position} of stream {stream} cannot be taken: {reason}")]
    Damaged {
        /// The stream.
        stream: String,
        /// Its position.
        position: Position,
        /// Why.
        reason: String,
    },
    /// The stream of changes holds another change than this ledger computes there.
    #[error(
        "message {sequence} of stream {stream} is not what this ledger computes there; \
         delete the stream to have it computed again"
    )]
    Diverged {
        /// The stream.
        stream: String,
        /// The message's place.
        sequence: u64,
    },
    /// The ledger itself failed.
    #[error("the ledger failed: {0}")]
    Ledger(String),
}

impl Stop {
    /// Returns whether another history than the ledger's has been published, so that recording more
    /// would fork it.
    pub(crate) fn forks(&self) -> bool {
        matches!(
            self,
            Self::Ahead { .. } | Self::Foreign { .. } | Self::Other { .. } | Self::Resumed { .. }
        )
    }
}

/// What goes wrong and is tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Passing(pub String);

impl Passing {
    /// Tells what could not be done, and all that led to it.
    pub fn because(what: impl Into<String>, error: &dyn Error) -> Self {
        Self(format!("{}: {}", what.into(), chain(error)))
    }
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// It passes.
    #[error(transparent)]
    Passing(#[from] Passing),
    /// It stays.
    #[error(transparent)]
    Stop(#[from] Stop),
}

impl Trouble {
    /// Tells that the ledger failed. A log that is closed until it is opened again passes.
    pub fn of_ledger(error: &dyn Error, passes: bool) -> Self {
        let reason = chain(error);
        if passes {
            Passing(reason).into()
        } else {
            Stop::Ledger(reason).into()
        }
    }
}

/// Returns a text without what is nobody's business but the operator's: words that may be paths,
/// URLs, or who connects.
pub(crate) fn clean(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let tells = word.contains(['/', '\\', '@']);
        if tells { "\u{2026}" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Returns a URL without who connects.
pub(crate) fn without_user(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let Some((_, place)) = rest.rsplit_once('@') else {
        return url.to_owned();
    };
    if scheme.is_empty() {
        place.to_owned()
    } else {
        format!("{scheme}://{place}")
    }
}

fn join(violations: &[Violation]) -> String {
    let violations: Vec<_> = violations.iter().map(ToString::to_string).collect();
    violations.join("; ")
}

#[cfg(test)]
mod tests {
    use super::{clean, without_user};

    #[test]
    fn a_url_is_told_without_who_connects() {
        for (url, told) in [
            ("http://host:7420", "http://host:7420"),
            ("http://me:secret@host:7420", "http://host:7420"),
            ("me:se@cret@host", "host"),
            ("", ""),
        ] {
            assert_eq!(without_user(url), told);
        }
    }

    #[test]
    fn a_cleaned_text_tells_no_path_no_address_and_nobody() {
        for (text, cleaned) in [
            (
                "cannot read /etc/x/creds: No such file",
                "cannot read … No such file",
            ),
            ("at path \"/data/a.keys\"", "at path …"),
            (
                "nats://writer:secret@host:1 is not reached",
                "… is not reached",
            ),
            (
                "message 7 of stream standing-x-entries is gone",
                "message 7 of stream standing-x-entries is gone",
            ),
        ] {
            assert_eq!(clean(text), cleaned);
        }
    }
}
