//! How much may be recorded of what a number in the code, a table or a layout of law rests on.
//!
//! Real associations need a handful of classes and some dozens of articles; every limit leaves two
//! or three orders of magnitude above that, and stands as far below what a number could hold.
//! Limits are judged on new drafts only: what is recorded already, or by another ledger that is
//! followed, is applied and answered whatever it goes beyond, in whatever time that takes. How much
//! one draft may carry (norms, names, aliases, classes of a norm) is a matter of its shape, and
//! limited where drafts are read.

/// Words of one kind in the vocabulary: classes, rights, bodies, functions, offices.
pub const TERMS: usize = 4_096;
/// Articles of one instrument.
pub const ARTICLES_OF_INSTRUMENT: usize = 2_048;
/// Articles of all instruments.
pub const ARTICLES: usize = 8_192;
/// Versions and repeals of one article, corrected ones included.
pub const VERSIONS_OF_ARTICLE: usize = 1_024;
/// Versions and repeals of all articles, corrected ones included.
pub const VERSIONS: usize = 16_384;
/// Norms of all versions, with the classes that they name.
pub const NORMS: usize = 1 << 23;
/// Sessions of one series.
pub const SESSIONS_OF_SERIES: usize = 16_384;
/// Sessions of all series.
pub const SESSIONS: usize = 131_072;
/// What is said of one session's own days: that it is convened, put off, called off.
pub const MOVES_OF_SESSION: usize = 1_024;
/// What is said of any other slot of the book of which one thing stands at a time: an office, a
/// name, a committee, an instrument.
pub const FACTS_OF_SLOT: usize = 16_384;
/// What is said of one party's class, or of its applications.
pub const CLASSES_OF_PARTY: usize = 1_024;
/// Names of one party, in all languages and of all times.
pub const NAMES_OF_PARTY: usize = 1_024;
/// What is said of one party's money.
pub const DUES_OF_PARTY: usize = 16_384;
/// Different kinds, countries and regions of parties, as they occur together.
pub const ATTRIBUTES: usize = 1 << 20;
/// Languages of names.
pub const LANGUAGES: usize = 4_096;
/// Parties that others succeed.
pub const PREDECESSORS: usize = 1 << 24;
/// Annulments of one act.
pub const ANNULMENTS_OF_ACT: usize = 64;
/// Corrections of corrections, and annulments of annulments, in a chain.
pub const CHAIN: u32 = 1_024;
/// Drafts of one batch about one slot of which one thing stands at a time.
pub const DRAFTS_OF_SLOT: usize = 1_024;
/// Entries of the log: indexes keep positions in 40 bits.
pub const ENTRIES: u64 = (1 << 40) - 1;
