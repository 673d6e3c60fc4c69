//! The names of streams, subjects and headers: all in one place.

use standing_domain::entry::event::kind::Kind;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::{AssociationId, PartyId, RightId};

/// What stands in a subject where no party does.
const NOBODY: &str = "_";

/// What streams are named by before and after the association.
const STREAM: (&str, &str) = ("standing-", "-entries");

/// The names of headers.
pub mod header {
    /// The version of `CloudEvents`.
    pub const SPEC_VERSION: &str = "ce-specversion";
    /// `CloudEvents`: the id of the message, the same whoever publishes it and how often.
    pub const ID: &str = "ce-id";
    /// `CloudEvents`: the association.
    pub const SOURCE: &str = "ce-source";
    /// `CloudEvents`: the message of the contract that the payload is.
    pub const TYPE: &str = "ce-type";
    /// `CloudEvents`: the party it is about; absent where there is none.
    pub const SUBJECT: &str = "ce-subject";
    /// `CloudEvents`: midnight (UTC) of the day on which it takes effect, or the record time where
    /// that is no single known day.
    pub const TIME: &str = "ce-time";
    /// `CloudEvents`: the record time.
    pub const RECORDED_TIME: &str = "ce-recordedtime";
    /// `CloudEvents`: the place in the stream, in 20 digits.
    pub const SEQUENCE: &str = "ce-sequence";
    /// `CloudEvents`: the form of the payload.
    pub const DATA_CONTENT_TYPE: &str = "ce-datacontenttype";
    /// The form of the payload.
    pub const CONTENT_TYPE: &str = "content-type";
    /// SHA-256, in hexadecimal digits, of an entry's stored bytes, or of the payload of a change of
    /// rights.
    pub const SHA256: &str = "standing-sha256";
    /// SHA-256, in hexadecimal digits, of the stored bytes of the entry before; absent at the
    /// first.
    pub const PREVIOUS: &str = "standing-previous";
    /// Every party that an entry names, once, separated by commas; absent where there is none.
    pub const PARTIES: &str = "standing-parties";
    /// The position known after a change's step.
    pub const POSITION: &str = "standing-position";
    /// The association's civil day of a change's step.
    pub const DAY: &str = "standing-day";
    /// Which message of its step, from 1; 0 where the step has one message, that nothing changed.
    pub const INDEX: &str = "standing-index";
    /// How many messages with a change the step has.
    pub const COUNT: &str = "standing-count";
    /// The first position of the step's batch; 0 for the start of a day.
    pub const FIRST: &str = "standing-first";
    /// In the last message of a stream, whose history was resumed after entries were lost: the
    /// epoch in which it goes on.
    pub const EPOCH: &str = "standing-epoch";
    /// Beside it: the last position that both have in common.
    pub const KEPT: &str = "standing-kept";
    /// Beside it: the stream that has the history from its first message on.
    pub const GOES_ON: &str = "standing-goes-on";
}

/// The form of every payload.
pub const PROTOBUF: &str = "application/protobuf";

/// The version of `CloudEvents` that messages keep to.
pub const CLOUD_EVENTS: &str = "1.0";

/// In a stream's metadata: where writes go.
pub const WRITER: &str = "standing-writer";

/// The names that an association's streams go by. Those of a history that was resumed after entries
/// were lost (MODEL 37) have its epoch in them, so that nothing is published among what was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    association: AssociationId,
    epoch: Epoch,
}

impl Names {
    /// Returns the names of an association's streams.
    #[must_use]
    pub fn new(association: AssociationId) -> Self {
        let epoch = Epoch::FIRST;
        Self { association, epoch }
    }

    /// Returns the names of the same association's streams in an epoch.
    #[must_use]
    pub fn in_epoch(&self, epoch: Epoch) -> Self {
        let association = self.association.clone();
        Self { association, epoch }
    }

    /// Returns the names that belong to a stream of entries; none if it is no such stream.
    #[must_use]
    pub fn of_stream(stream: &str) -> Option<Self> {
        let whole = stream;
        let (stream, epoch) = match stream.split_once('_') {
            None => (stream, Epoch::FIRST),
            Some((stream, epoch)) => {
                let number = epoch.parse().ok().filter(|number| *number != 0)?;
                (stream, Epoch::new(number))
            }
        };
        let association = stream.strip_prefix(STREAM.0)?.strip_suffix(STREAM.1)?;
        let association = AssociationId::new(association).ok()?;
        let names = Self { association, epoch };
        // One name for each, and none that is only read as it.
        (names.entries_stream() == whole).then_some(names)
    }

    /// Returns the association.
    #[must_use]
    pub fn association(&self) -> &AssociationId {
        &self.association
    }

    /// Returns the epoch of the history that the streams hold.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Returns what stands before the epoch in a name and the epoch; nothing in the first.
    fn epoch_after(&self, before: char) -> String {
        match self.epoch {
            Epoch::FIRST => String::new(),
            epoch => format!("{before}{epoch}"),
        }
    }

    /// Returns the name of the stream of entries.
    #[must_use]
    pub fn entries_stream(&self) -> String {
        let epoch = self.epoch_after('_');
        format!("{}{}{}{epoch}", STREAM.0, self.association, STREAM.1)
    }

    /// Returns the name of the stream of computed changes.
    #[must_use]
    pub fn rights_stream(&self) -> String {
        let epoch = self.epoch_after('_');
        format!("standing-{}-rights{epoch}", self.association)
    }

    /// Returns what every subject begins with.
    fn subject(&self) -> String {
        let epoch = self.epoch_after('.');
        format!("standing.{}{epoch}", self.association)
    }

    /// Returns the subjects of entries.
    #[must_use]
    pub fn entries_subjects(&self) -> String {
        format!("{}.entry.>", self.subject())
    }

    /// Returns the subjects of computed changes.
    #[must_use]
    pub fn rights_subjects(&self) -> String {
        format!("{}.rights.>", self.subject())
    }

    /// Returns the subject of an entry.
    #[must_use]
    pub fn entry_subject(&self, kind: &Kind, party: Option<&PartyId>) -> String {
        let party = party.map_or(NOBODY, PartyId::as_str);
        format!("{}.entry.{}.{party}", self.subject(), kind.name)
    }

    /// Returns the subject of a computed change; of a step that changed nothing for none.
    #[must_use]
    pub fn change_subject(&self, change: Option<(&RightId, &PartyId)>) -> String {
        let (right, party) = match change {
            Some((right, party)) => (right.as_str(), party.as_str()),
            None => (NOBODY, NOBODY),
        };
        format!("{}.rights.{right}.{party}", self.subject())
    }

    /// Returns the source that messages name, a URI.
    #[must_use]
    pub fn source(&self) -> String {
        format!("urn:standing:{}", self.association)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_tells_its_association() {
        for (stream, association) in [
            ("standing-near-entries", Some("near")),
            ("standing-a-entries-entries", Some("a-entries")),
            ("standing--entries", None),
            ("standing-near-rights", None),
            ("standing-near-entries_1764513681123456", Some("near")),
            ("standing-near-entries_0", None),
            ("standing-near-entries_07", None),
            ("standing-near-entries_+7", None),
            ("standing-near-entries_", None),
            ("standing-near_1-entries", None),
            ("other", None),
            ("standing-Near-entries", None),
        ] {
            let names = Names::of_stream(stream);
            assert_eq!(
                names.as_ref().map(|names| names.association().as_str()),
                association,
                "{stream}"
            );
            if let Some(names) = names {
                assert_eq!(names.entries_stream(), stream);
            }
        }
    }

    #[test]
    fn subjects_tell_kind_and_party() {
        let names = Names::new(AssociationId::new("near").unwrap());
        let kind = Kind::numbered(43).unwrap();
        let party = PartyId::new("cn-qinghai").unwrap();
        assert_eq!(
            names.entry_subject(kind, Some(&party)),
            "standing.near.entry.member_admitted.cn-qinghai"
        );
        assert_eq!(
            names.entry_subject(kind, None),
            "standing.near.entry.member_admitted._"
        );
        let vote = RightId::new("vote").unwrap();
        assert_eq!(
            names.change_subject(Some((&vote, &party))),
            "standing.near.rights.vote.cn-qinghai"
        );
        assert_eq!(names.change_subject(None), "standing.near.rights._._");
    }
}
