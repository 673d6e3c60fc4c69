//! Refusals: why a draft is not recorded (rule 34). A refusal is a value, not a failure of the
//! machine.

use crate::id::position::Position;
use std::fmt;

/// Why a draft is refused. The name of the variant is the machine-readable reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A value is malformed.
    Malformed,
    /// A party is not registered.
    UnknownParty,
    /// A class is not in the vocabulary.
    UnknownClass,
    /// A right is not in the vocabulary.
    UnknownRight,
    /// A body is not in the vocabulary.
    UnknownBody,
    /// A function is not in the vocabulary.
    UnknownFunction,
    /// An office is not in the vocabulary.
    UnknownOffice,
    /// A kind of party is not in the vocabulary.
    UnknownPartyKind,
    /// A session was never convened.
    UnknownSession,
    /// A decision is not recorded.
    UnknownDecision,
    /// An instrument was never adopted.
    UnknownInstrument,
    /// An article was never enacted.
    UnknownArticle,
    /// A committee was never established.
    UnknownCommittee,
    /// A person is not recorded.
    UnknownPerson,
    /// A fund was never established.
    UnknownFund,
    /// No entry stands where one is meant.
    UnknownEntry,
    /// The id stands for something else already.
    AlreadyExists,
    /// Facts of one slot may fall on one day and nothing says which comes first.
    OrderMissing,
    /// The facts of a slot cannot all be true.
    Impossible,
    /// What is ended is not held in any placement.
    NotHeld,
    /// The entry is corrected already; the correction is what to correct.
    AlreadyCorrected,
    /// The correction is about something else than the entry it corrects.
    OtherSlot,
    /// Entries rest on what would be corrected away.
    RestedOn,
    /// The act cannot be annulled, or not from a date.
    NotAnnullable,
    /// The event needs an effective date, or cannot have this one.
    EffectiveDate,
    /// The association is founded already, or not yet.
    Association,
    /// A history is resumed by restoring it alone.
    ByRestore,
    /// This software does not know the version of the rules.
    UnknownRules,
    /// An amount is not in the currency of its fund.
    OtherCurrency,
    /// A waiver has no end, and the policy demands one.
    WaiverEnd,
    /// The parameters of a norm contradict each other.
    Contradiction,
    /// A membership would pass to one of another class, and nothing says which results.
    TwoClasses,
    /// A natural person's name would stand in the log in clear.
    NameInClear,
    /// A party that is no natural person would be linked with one.
    NotAPerson,
    /// More would be recorded of something than the ledger takes: see [`crate::limits`].
    TooMany,
}

impl Reason {
    /// Returns the reason as it stands in an error: upper case with underscores.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "MALFORMED",
            Self::UnknownParty => "UNKNOWN_PARTY",
            Self::UnknownClass => "UNKNOWN_CLASS",
            Self::UnknownRight => "UNKNOWN_RIGHT",
            Self::UnknownBody => "UNKNOWN_BODY",
            Self::UnknownFunction => "UNKNOWN_FUNCTION",
            Self::UnknownOffice => "UNKNOWN_OFFICE",
            Self::UnknownPartyKind => "UNKNOWN_PARTY_KIND",
            Self::UnknownSession => "UNKNOWN_SESSION",
            Self::UnknownDecision => "UNKNOWN_DECISION",
            Self::UnknownInstrument => "UNKNOWN_INSTRUMENT",
            Self::UnknownArticle => "UNKNOWN_ARTICLE",
            Self::UnknownCommittee => "UNKNOWN_COMMITTEE",
            Self::UnknownPerson => "UNKNOWN_PERSON",
            Self::UnknownFund => "UNKNOWN_FUND",
            Self::UnknownEntry => "UNKNOWN_ENTRY",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::OrderMissing => "ORDER_MISSING",
            Self::Impossible => "IMPOSSIBLE",
            Self::NotHeld => "NOT_HELD",
            Self::AlreadyCorrected => "ALREADY_CORRECTED",
            Self::OtherSlot => "OTHER_SLOT",
            Self::RestedOn => "RESTED_ON",
            Self::NotAnnullable => "NOT_ANNULLABLE",
            Self::EffectiveDate => "EFFECTIVE_DATE",
            Self::Association => "ASSOCIATION",
            Self::ByRestore => "BY_RESTORE",
            Self::UnknownRules => "UNKNOWN_RULES",
            Self::OtherCurrency => "OTHER_CURRENCY",
            Self::WaiverEnd => "WAIVER_END",
            Self::Contradiction => "CONTRADICTION",
            Self::TwoClasses => "TWO_CLASSES",
            Self::NameInClear => "NAME_IN_CLEAR",
            Self::NotAPerson => "NOT_A_PERSON",
            Self::TooMany => "TOO_MANY",
        }
    }
}

/// A reason to refuse a draft, with what it collides with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The place of the draft in its batch, from 0.
    pub draft: usize,
    /// Why.
    pub reason: Reason,
    /// The value that is wrong, as the draft gives it.
    pub subject: String,
    /// The recorded entries it collides with, ascending.
    pub collides: Vec<Position>,
    /// The drafts of the same batch it collides with, by their places from 0, ascending.
    pub drafts: Vec<usize>,
    /// What is wrong, for a person.
    pub message: String,
}

impl Refusal {
    /// Returns a refusal that collides with nothing.
    pub fn new(
        draft: usize,
        reason: Reason,
        subject: impl fmt::Display,
        message: impl Into<String>,
    ) -> Self {
        Self {
            draft,
            reason,
            subject: subject.to_string(),
            collides: Vec::new(),
            drafts: Vec::new(),
            message: message.into(),
        }
    }

    /// Names the entries it collides with.
    #[must_use]
    pub fn with(mut self, mut collides: Vec<Position>) -> Self {
        collides.sort_unstable();
        collides.dedup();
        self.collides = collides;
        self
    }

    /// Names those drafts of the batch, which begins at a position, that it was given as entries: a
    /// batch that is refused has none.
    #[must_use]
    pub fn of_batch(mut self, first: Position) -> Self {
        let own = self.collides.partition_point(|position| *position < first);
        let drafts = self.collides.split_off(own).into_iter();
        let drafts = drafts.filter_map(|position| position.nth_from(first));
        self.drafts.extend(drafts);
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "draft {}: {}: {}",
            self.draft + 1,
            self.reason.code(),
            self.message
        )?;
        let entries = self.collides.iter().map(ToString::to_string);
        let entries: Vec<String> = entries.collect();
        let entries = match entries.len() {
            0 => None,
            _ => Some(format!("entries {}", entries.join(", "))),
        };
        let others = self.drafts.iter().filter(|draft| **draft != self.draft);
        let drafts = others.map(|draft| draft_name(*draft));
        let all: Vec<String> = entries.into_iter().chain(drafts).collect();
        if all.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", all.join(", "))
    }
}

/// Returns how a refusal names an entry, given the position at which its batch begins: as long as a
/// draft is not recorded it is no entry.
#[must_use]
pub fn entry_name(position: Position, first: Position) -> String {
    let own = position.nth_from(first);
    own.map_or_else(|| format!("entry {position}"), draft_name)
}

/// Returns how a refusal names a draft of the same batch, by its place from 0.
fn draft_name(draft: usize) -> String {
    format!("draft {} of this batch", draft + 1)
}
