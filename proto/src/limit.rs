//! How much of everything a draft or a question may carry: bytes of a text, items of a list. They
//! are part of the contract and only ever grow.

use std::ops::RangeInclusive;

/// How many bytes, or items, are accepted.
pub(crate) type Limit = RangeInclusive<usize>;

/// Notes, and what is told in words: a venue, a place, a subject, a reason, a meaning.
pub(crate) const WORDS: Limit = 0..=4_096;
/// The same where the field says nothing without them: a place, the reference of a source.
pub(crate) const SOME_WORDS: Limit = 1..=4_096;
/// A name, a heading, a title.
pub(crate) const NAME: Limit = 1..=512;
/// The wording of an article.
pub(crate) const ARTICLE: Limit = 1..=32_768;
/// Any other text.
pub(crate) const TEXT: Limit = 0..=1_024;
/// Any other text where the field says nothing without it.
pub(crate) const SOME_TEXT: Limit = 1..=1_024;
/// A part of a name that is looked for.
pub(crate) const QUERY: Limit = 0..=200;
/// An IANA time zone name.
pub(crate) const TIME_ZONE: Limit = 1..=64;

/// Drafts of a batch.
pub(crate) const DRAFTS: Limit = 1..=10_000;
/// Drafts that a question assumes.
pub(crate) const ASSUMED: Limit = 0..=10_000;
/// What a batch expects of the ledger.
pub(crate) const EXPECTATIONS: Limit = 0..=1_024;
/// Questions of a bulk.
pub(crate) const QUESTIONS: Limit = 1..=10_000;
/// Parties that a watch is about.
pub(crate) const WATCHED_PARTIES: Limit = 0..=1_000;
/// Kinds or rights that a watch, or a list of entries, is about.
pub(crate) const WATCHED: Limit = 0..=100;
/// What a filter of findings names; requests are bounded by their bytes.
pub(crate) const FILTER: Limit = 0..=usize::MAX;
/// Those present at a session.
pub(crate) const PRESENT: Limit = 0..=10_000;
/// Sources, names, norms, texts, aliases.
pub(crate) const SOME: Limit = 0..=64;
/// The same where at least one is needed.
pub(crate) const AT_LEAST_ONE: Limit = 1..=64;
/// Any other list, of ids or of words of the vocabulary.
pub(crate) const LIST: Limit = 0..=1_024;
/// The same where at least one is needed.
pub(crate) const FULL_LIST: Limit = 1..=1_024;

/// How deep conditions nest.
pub(crate) const CONDITION_DEPTH: usize = 16;
