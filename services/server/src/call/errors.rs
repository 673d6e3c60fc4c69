//! Problems: why a question has no answer or a batch is not recorded, and how that travels: as
//! `google.rpc.Status` with one `ErrorInfo`.

use standing_domain::id::position::Position;
use standing_domain::judge::refusal::Refusal;
use standing_domain::time::record_time::RecordTime;
use standing_engine::store::ReadError;
use standing_engine::{
    EntryError, FindingsError, Irregular, KnowledgeError, OtherHistory, PointError, RecordError,
    SearchError, Trouble, TroubleKind, chain,
};
use standing_proto::Malformed;
use standing_proto::time::timestamp;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt::Display;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, PreconditionViolation, StatusExt as _};

/// Who gives the reasons.
const DOMAIN: &str = "standing";

/// The most bytes of a status message. It travels twice: percent-encoded, and in the details.
const MESSAGE: usize = 512;
/// The most bytes of all violations. With the message, the metadata and base64 on top, a status
/// stays below the 8 KiB of headers that clients accept.
const VIOLATIONS: usize = 2_700;
/// The most bytes of metadata about drafts.
const DRAFTS: usize = 700;
/// The most bytes of one text in a violation.
const TEXT: usize = 400;

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// The status code.
    pub code: Code,
    /// What is wrong, for a program: upper case. Reasons never change.
    pub reason: &'static str,
    /// What is wrong and where, for a person.
    pub message: String,
    metadata: BTreeMap<String, String>,
    fields: Vec<FieldViolation>,
    preconditions: Vec<PreconditionViolation>,
    /// After how many milliseconds the same may be tried again; 0 if that is not said.
    again: u32,
}

impl Problem {
    pub fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            metadata: BTreeMap::new(),
            fields: Vec::new(),
            preconditions: Vec::new(),
            again: 0,
        }
    }

    /// Says after how many seconds it may be tried again.
    pub fn come_back_after(self, seconds: u16) -> Self {
        self.again_in(Duration::from_secs(seconds.into()))
    }

    /// Says after how long the same may be tried again, as `google.rpc.RetryInfo`.
    pub fn again_in(mut self, delay: Duration) -> Self {
        self.again = u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
        self
    }

    /// Adds what a program may want to know; every number and name of the message stands here too.
    pub fn with(mut self, key: &str, value: impl Display) -> Self {
        self.metadata.insert(key.to_owned(), value.to_string());
        self
    }

    /// Says that something is not known as of the position asked about: `what` is a noun.
    pub fn unknown(reason: &'static str, what: &str, id: impl Display) -> Self {
        let message = format!("{what} {id} is not known");
        Self::new(Code::NotFound, reason, message).with(what, id)
    }

    /// Says to a person something else.
    pub fn instead(mut self, message: &str) -> Self {
        message.clone_into(&mut self.message);
        self
    }

    /// Returns what the problem says to a program under a key.
    pub fn about(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// Says that a field of the request is wrong whatever the state, for a reason of its own.
    pub fn of_field(reason: &'static str, field: &str, description: impl Display) -> Self {
        let violation = violation(field, reason, &description);
        let message = format!("{field}: {description}");
        Self {
            fields: vec![violation],
            ..Self::new(Code::InvalidArgument, reason, message).with("field", field)
        }
    }

    /// Says that the machine failed. What failed is for the operator's log with all that caused it;
    /// the caller gets one sentence, as an error's own text may name files.
    pub fn failed(
        code: Code,
        reason: &'static str,
        said: &str,
        error: &(dyn Error + 'static),
    ) -> Self {
        tracing::error!(reason, error = %chain(error), "a call failed");
        Self::new(code, reason, said)
    }

    /// Says that stored bytes are not what was recorded; the position, where it is known, stands in
    /// the metadata.
    fn damaged(error: &(dyn Error + 'static), position: Option<Position>) -> Self {
        let said = match position {
            Some(position) => format!(
                "entry {position} cannot be read as it was recorded; the server's log says why"
            ),
            None => "stored bytes cannot be read as they were recorded; the server's log says why"
                .to_owned(),
        };
        let problem = Self::failed(Code::DataLoss, "STORED_BYTES", &said, error);
        match position {
            Some(position) => problem.with("position", position),
            None => problem,
        }
    }

    /// Says that the storage failed.
    fn storage(error: &(dyn Error + 'static)) -> Self {
        let said = "the ledger's storage failed; the server's log says why";
        Self::failed(Code::Internal, "STORAGE_FAILED", said, error)
    }
}

fn violation(field: &str, reason: &str, description: &dyn Display) -> FieldViolation {
    let mut violation = FieldViolation::new(field, shortened(&description.to_string(), TEXT));
    reason.clone_into(&mut violation.reason);
    violation
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        let violations = malformed.violations.iter();
        let fields = violations.map(|v| violation(&v.field, &v.reason, &v.description));
        Self {
            fields: fields.collect(),
            ..Self::new(Code::InvalidArgument, "MALFORMED", malformed.to_string())
                .with("violations", malformed.violations.len())
        }
    }
}

impl From<PointError> for Problem {
    fn from(error: PointError) -> Self {
        let message = error.to_string();
        match error {
            PointError::Future { asked, head } => {
                Self::of_field("KNOWN_AT_FUTURE", "at.known_at", message)
                    .with("asked", asked)
                    .with("head", head)
            }
            PointError::FutureInstant { asked, now } => future(asked, now),
            PointError::FutureDay { asked, today } => {
                Self::of_field("KNOWN_AT_FUTURE", "at.known_at", message)
                    .with("asked", asked)
                    .with("today", today)
            }
            PointError::NotClosed { asked, closed } => not_closed(asked, closed),
            PointError::NotYet { asked, head } => Self::new(Code::Unavailable, "NOT_YET", message)
                .with("asked", asked)
                .with("head", head),
            PointError::OtherHistory(other) => other.into(),
            PointError::NotYetResumed { asked, epoch } => {
                Self::new(Code::Unavailable, "NOT_YET", message)
                    .with("asked_epoch", asked)
                    .with("epoch", epoch)
            }
            PointError::Entry(error) => error.into(),
        }
    }
}

impl From<OtherHistory> for Problem {
    fn from(other: OtherHistory) -> Self {
        let problem = Self::new(Code::Aborted, "HISTORY_CHANGED", other.to_string())
            .with("asked", other.asked)
            .with("asked_epoch", other.said)
            .with("epoch", other.epoch);
        match other.kept {
            Some(kept) => problem.with("kept", kept),
            None => problem,
        }
    }
}

/// Refuses an instant that is still to come, in instants that a person can read.
fn future(asked: RecordTime, now: RecordTime) -> Problem {
    let [asked, now] = [asked, now].map(|instant| timestamp(instant).to_string());
    let description = format!("known at {asked} is later than now, {now}");
    Problem::of_field("KNOWN_AT_FUTURE", "at.known_at", description)
        .with("asked", asked)
        .with("now", now)
}

/// Says up to which instant all is known here.
fn not_closed(asked: RecordTime, closed: RecordTime) -> Problem {
    let [asked, closed] = [asked, closed].map(|instant| timestamp(instant).to_string());
    let message = format!(
        "all that is recorded up to {asked} is not known here yet: it is up to {closed}; ask for that, or again later"
    );
    Problem::new(Code::Unavailable, "NOT_CLOSED", message)
        .with("asked", asked)
        .with("closed", closed)
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        Self::from(&error)
    }
}

impl From<&ReadError> for Problem {
    fn from(error: &ReadError) -> Self {
        match error {
            ReadError::Gap { position } | ReadError::Damaged { position, .. } => {
                Self::damaged(error, Some(*position))
            }
            ReadError::Meta { .. } => Self::damaged(error, None),
            ReadError::Storage(_) => Self::storage(error),
            ReadError::Closed => Self::new(
                Code::Unavailable,
                "STORAGE_CLOSED",
                "the log is being opened again after a commit failed: ask again",
            ),
        }
    }
}

impl From<EntryError> for Problem {
    fn from(error: EntryError) -> Self {
        Self::from(&error)
    }
}

impl From<&EntryError> for Problem {
    fn from(error: &EntryError) -> Self {
        match error {
            EntryError::Log(error) => error.into(),
            EntryError::Envelope { position, .. } | EntryError::Payload { position, .. } => {
                Self::damaged(error, Some(*position))
            }
        }
    }
}

impl From<FindingsError> for Problem {
    fn from(error: FindingsError) -> Self {
        match error {
            FindingsError::Entry(error) => error.into(),
            FindingsError::GivenUp(stopped) => stopped.into(),
        }
    }
}

impl From<KnowledgeError> for Problem {
    fn from(error: KnowledgeError) -> Self {
        match error {
            KnowledgeError::Entry(error) => error.into(),
            KnowledgeError::GivenUp(stopped) => stopped.into(),
        }
    }
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Entry(error) => error.into(),
            SearchError::GivenUp(stopped) => stopped.into(),
        }
    }
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        let message = error.to_string();
        match error {
            RecordError::Refused(refusals) => refused(&refusals),
            RecordError::Irregular(found) => irregular(&found),
            RecordError::RequestIdReused { id, position } => {
                Self::new(Code::AlreadyExists, "REQUEST_ID_REUSED", message)
                    .with("request_id", id)
                    .with("position", position)
            }
            RecordError::StalePosition {
                of,
                expected,
                found,
            } => Self::new(Code::Aborted, "STALE_POSITION", message)
                .with("subject", of)
                .with("expected", expected)
                .with("found", found),
            RecordError::OtherHistory(other) => other.into(),
            RecordError::Size(_) => Self::of_field("TOO_LARGE", "drafts", message),
            RecordError::NotAllowed { draft, kind } => {
                Self::new(Code::PermissionDenied, "KIND_NOT_ALLOWED", message)
                    .with("draft", draft + 1)
                    .with("kind", kind)
            }
            // What failed stands in the log already, once, whoever waited.
            RecordError::Storage(_) => Self::new(Code::Internal, "STORAGE_FAILED", message),
            RecordError::HeldBack(trouble) => held_back(&trouble, message),
            RecordError::KeyMissing { draft, person } => {
                Self::new(Code::FailedPrecondition, "KEY_MISSING", message)
                    .with("draft", draft + 1)
                    .with("person", person)
            }
            RecordError::GivenUp(stopped) => stopped.into(),
            RecordError::Unread(error) => Self::from(error.as_ref()),
            RecordError::Damaged { position, .. } => {
                let problem = Self::new(Code::DataLoss, "STORED_BYTES", message);
                match position {
                    Some(position) => problem.with("position", position),
                    None => problem,
                }
            }
            RecordError::Closing => Self::new(Code::Unavailable, "CLOSING", message),
            // Whoever waits has been told of the one before it.
            RecordError::SeriesEnded => Self::new(Code::Aborted, "STREAM_ENDED", message),
            RecordError::Follower => Self::new(Code::FailedPrecondition, "READ_ONLY", message),
            RecordError::Stopped(_) => {
                Self::new(Code::FailedPrecondition, "RECORDING_STOPPED", message)
            }
        }
    }
}

/// What holds recording back: what passes says so by its code.
fn held_back(trouble: &Trouble, message: String) -> Problem {
    let (code, reason) = match trouble.kind {
        TroubleKind::DiskFull => (Code::ResourceExhausted, "DISK_FULL"),
        TroubleKind::Damaged => (Code::DataLoss, "STORED_BYTES"),
        TroubleKind::StorageFailed => (Code::Unavailable, "STORAGE_FAILED"),
        TroubleKind::ClockFarAhead => (Code::FailedPrecondition, "CLOCK_FAR_AHEAD"),
        _ => (Code::FailedPrecondition, "RECORDING_STOPPED"),
    };
    Problem::new(code, reason, message).with("trouble", trouble.kind.word())
}

/// Every reason for every draft, as far as a status carries them; how many there are is always
/// said.
fn refused(refusals: &[Refusal]) -> Problem {
    let reasons = match refusals.len() {
        1 => "1 reason".to_owned(),
        many => format!("{many} reasons"),
    };
    let mut message = format!("the batch is refused for {reasons}");
    let told = refusals.iter().map(ToString::to_string);
    tell(&mut message, told);
    let mut by_draft: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for refusal in refusals {
        let codes = by_draft.entry(refusal.draft).or_default();
        if !codes.contains(&refusal.reason.code()) {
            codes.push(refusal.reason.code());
        }
    }
    let mut problem = Problem::new(Code::FailedPrecondition, "REFUSED", message)
        .with("refusals", refusals.len())
        .with("drafts", by_draft.len());
    let mut room = DRAFTS;
    for (draft, codes) in by_draft {
        // Drafts are counted from 1, as in the descriptions.
        let (key, value) = (format!("draft_{}", draft + 1), codes.join(","));
        let Some(left) = room.checked_sub(key.len() + value.len() + 8) else {
            break;
        };
        room = left;
        problem = problem.with(&key, value);
    }
    let violations = refusals.iter().map(|refusal| PreconditionViolation {
        r#type: refusal.reason.code().to_owned(),
        subject: refusal.subject.clone(),
        description: shortened(&refusal.to_string(), TEXT),
    });
    problem.preconditions = violations.collect();
    problem
}

/// Adds to a message as many texts as fit, one at least, and how many more there are.
fn tell(message: &mut String, texts: impl ExactSizeIterator<Item = String>) {
    let count = texts.len();
    for (place, text) in texts.enumerate() {
        // What the end of the message needs stays free.
        if place > 0 && message.len() + 120 > MESSAGE {
            *message = format!("{message}; and {} more", count - place);
            break;
        }
        let before = if place == 0 { ": " } else { "; " };
        *message = format!("{message}{before}{}", shortened(&text, MESSAGE / 2));
    }
}

/// Every irregular finding on the drafts, by its code, as far as a status carries them.
fn irregular(found: &[Irregular]) -> Problem {
    let mut message = match found.len() {
        1 => "the batch is irregular by 1 finding".to_owned(),
        many => format!("the batch is irregular by {many} findings"),
    };
    let text = |irregular: &Irregular| {
        let drafts: Vec<String> = irregular
            .drafts
            .iter()
            .map(|draft| (draft + 1).to_string())
            .collect();
        let (code, said) = (irregular.finding.code.word(), &irregular.finding.message);
        format!("draft {}: {code}: {said}", drafts.join(", "))
    };
    tell(&mut message, found.iter().map(text));
    let mut problem =
        Problem::new(Code::FailedPrecondition, "IRREGULAR", message).with("findings", found.len());
    let violations = found.iter().map(|one| PreconditionViolation {
        r#type: one.finding.code.word().to_owned(),
        subject: one.drafts.first().map_or(0, |draft| draft + 1).to_string(),
        description: shortened(&text(one), TEXT),
    });
    problem.preconditions = violations.collect();
    problem
}

impl From<Problem> for Status {
    fn from(mut problem: Problem) -> Self {
        let mut details = ErrorDetails::new();
        if !problem.fields.is_empty() {
            let fields = std::mem::take(&mut problem.fields);
            let size = |v: &FieldViolation| v.field.len() + v.description.len() + v.reason.len();
            details.set_bad_request(problem.fitting(fields, size));
        }
        if !problem.preconditions.is_empty() {
            let violations = std::mem::take(&mut problem.preconditions);
            let size =
                |v: &PreconditionViolation| v.r#type.len() + v.subject.len() + v.description.len();
            details.set_precondition_failure(problem.fitting(violations, size));
        }
        let metadata: HashMap<String, String> = std::mem::take(&mut problem.metadata)
            .into_iter()
            .map(|(key, value)| (key, shortened(&value, TEXT)))
            .collect();
        if problem.again > 0 {
            details.set_retry_info(Some(Duration::from_millis(problem.again.into())));
        }
        details.set_error_info(problem.reason, DOMAIN, metadata);
        let message = shortened(&problem.message, MESSAGE);
        Self::with_error_details(problem.code, message, details)
    }
}

impl Problem {
    /// Keeps the violations that fit into a status, the first always, and says how many there are
    /// more.
    fn fitting<T>(&mut self, violations: Vec<T>, size: impl Fn(&T) -> usize) -> Vec<T> {
        let total = violations.len();
        let mut used = 0;
        let mut kept: Vec<T> = Vec::new();
        for violation in violations {
            // Tags and lengths take eight bytes.
            used += size(&violation) + 8;
            if used > VIOLATIONS && !kept.is_empty() {
                break;
            }
            kept.push(violation);
        }
        if kept.len() < total {
            self.metadata
                .insert("shown".to_owned(), kept.len().to_string());
            self.metadata
                .insert("more".to_owned(), (total - kept.len()).to_string());
        }
        kept
    }
}

/// Returns a text of at most so many bytes, cut between two characters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let ellipsis = "…";
    let mut end = most.saturating_sub(ellipsis.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ellipsis}", &text[..end])
}
