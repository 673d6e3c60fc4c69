//! What goes beyond a limit (see [`crate::limits`]). Each is told once for a batch, of the last
//! draft that adds to it.

use super::Batch;
use crate::entry::event::ask::Growth;
use crate::entry::event::{Event, TermKind};
use crate::entry::gathered::keys;
use crate::entry::key::Key;
use crate::entry::slot::Slot;
use crate::id::{BodyId, InstrumentId, PartyId};
use crate::judge::refusal::{Reason, Refusal};
use crate::limits as most;
use std::collections::BTreeMap;

/// The instruments that got new articles, and the series that got new sessions, with the last draft
/// that adds one.
#[derive(Default)]
struct Grown<'k> {
    instruments: BTreeMap<&'k InstrumentId, usize>,
    series: BTreeMap<&'k BodyId, usize>,
}

impl<'k> Grown<'k> {
    fn instrument(&mut self, instrument: &'k InstrumentId, draft: usize) {
        let last = self.instruments.entry(instrument).or_default();
        *last = draft.max(*last);
    }

    fn series(&mut self, series: &'k BodyId, draft: usize) {
        let last = self.series.entry(series).or_default();
        *last = draft.max(*last);
    }
}

/// What was found beyond a limit, by the limit and what it is about.
#[derive(Default)]
struct Beyond(BTreeMap<String, Refusal>);

impl Beyond {
    fn check(&mut self, draft: usize, what: impl FnOnce() -> String, count: usize, most: usize) {
        if count <= most {
            return;
        }
        let what = what();
        let message = format!(
            "{what} would be {count}, and at most {most} are recorded: leave out what is not needed, or correct what is there"
        );
        let refusal = Refusal::new(draft, Reason::TooMany, &what, message);
        self.0.insert(what, refusal);
    }
}

/// Judges whether the batch goes beyond a limit. What stood beyond one before, and is not added to,
/// is no reason to refuse.
pub(super) fn limits(batch: &Batch, refusals: &mut Vec<Refusal>) {
    let mut beyond = Beyond::default();
    // What each slot is about that the batch speaks of, with the last draft that does and how many
    // do.
    let mut said: BTreeMap<Key, (usize, usize)> = BTreeMap::new();
    for (draft, content) in batch.contents.iter().enumerate() {
        let position = batch.position(draft);
        let chain = batch.book.chain(position);
        let in_chain = || {
            format!(
                "corrections and annulments in the chain of draft {}",
                draft + 1
            )
        };
        beyond.check(draft, in_chain, chain as usize, most::CHAIN as usize);
        let Some(event) = &content.event else {
            continue;
        };
        for key in keys(event) {
            let (last, count) = said.entry(key).or_default();
            (*last, *count) = (draft, *count + 1);
        }
        named(batch, draft, event, &mut beyond);
    }
    let last = batch.contents.len().saturating_sub(1);
    let entries = || "entries".to_owned();
    let beyond_all = batch.last().number().saturating_sub(most::ENTRIES);
    beyond.check(
        last,
        entries,
        usize::try_from(beyond_all).unwrap_or(usize::MAX),
        0,
    );
    let mut grown = Grown::default();
    for (key, (draft, count)) in &said {
        slot(batch, key, (*draft, *count), &mut grown, &mut beyond);
    }
    // Once for each that grew, as it takes a walk.
    for (instrument, draft) in grown.instruments {
        let articles = batch.book.articles(instrument);
        let count = articles.take(most::ARTICLES_OF_INSTRUMENT + 1).count();
        let what = || format!("articles of {instrument}");
        beyond.check(draft, what, count, most::ARTICLES_OF_INSTRUMENT);
    }
    for (series, draft) in grown.series {
        let sessions = batch.book.convened(series);
        let count = sessions.take(most::SESSIONS_OF_SERIES + 1).count();
        let what = || format!("sessions of {series}");
        beyond.check(draft, what, count, most::SESSIONS_OF_SERIES);
    }
    refusals.extend(beyond.0.into_values());
}

/// Judges what has a number of its own, or adds to what is counted over the whole ledger.
fn named(batch: &Batch, draft: usize, event: &Event, beyond: &mut Beyond) {
    let sizes = batch.book.sizes();
    let numbered = batch.book.numbered();
    let mut check = |what: &str, count, most| {
        beyond.check(draft, || what.to_owned(), count, most);
    };
    let Some(growth) = event.growth() else {
        return;
    };
    match growth {
        Growth::Terms(kind) => {
            let what = match kind {
                TermKind::Class => "classes",
                TermKind::Right => "rights",
                TermKind::Body => "bodies",
                TermKind::Function => "functions",
                TermKind::Office => "offices",
                TermKind::PartyKind => "kinds of parties",
            };
            check(what, sizes.terms(kind), most::TERMS);
        }
        Growth::Law => {
            check("articles", sizes.articles, most::ARTICLES);
            check("versions of articles", sizes.versions, most::VERSIONS);
            check(
                "norms of articles, with their classes",
                sizes.norms,
                most::NORMS,
            );
        }
        Growth::Sessions => check("sessions", sizes.sessions, most::SESSIONS),
        Growth::Parties => {
            check(
                "kinds and places of parties",
                numbered.attributes,
                most::ATTRIBUTES,
            );
            check("languages", numbered.languages, most::LANGUAGES);
        }
        Growth::Names => check("languages", numbered.languages, most::LANGUAGES),
        Growth::Predecessors => {
            check(
                "parties that others succeed",
                numbered.predecessors,
                most::PREDECESSORS,
            );
        }
        Growth::Annulments(entry) => {
            let count = batch.book.annulments(entry).len();
            let what = || format!("annulments of {}", batch.name(entry));
            beyond.check(draft, what, count, most::ANNULMENTS_OF_ACT);
        }
    }
}

/// Judges how much is said of one slot, in the batch and in all.
fn slot<'k>(
    batch: &Batch,
    key: &'k Key,
    (draft, count): (usize, usize),
    grown: &mut Grown<'k>,
    beyond: &mut Beyond,
) {
    let one_at_a_time = match key {
        Key::Book(slot) => slot.is_timeline() || slot.is_single(),
        Key::Dues(_, slot) => slot.is_timeline() || slot.is_single(),
        Key::Registration(_) | Key::Class(_) | Key::Application(_) | Key::Name(..) => true,
        Key::Annulment(_) => false,
    };
    if one_at_a_time {
        let what = || format!("drafts of one batch about {}", describe(batch, key));
        beyond.check(draft, what, count, most::DRAFTS_OF_SLOT);
    }
    match key {
        Key::Book(slot) => {
            let facts = batch.book.facts(slot).len();
            let most = match slot {
                Slot::Article(_) => most::VERSIONS_OF_ARTICLE,
                Slot::Session(_) => most::MOVES_OF_SESSION,
                _ if one_at_a_time => most::FACTS_OF_SLOT,
                _ => usize::MAX,
            };
            let what = || format!("entries about {}", describe(batch, key));
            beyond.check(draft, what, facts, most);
            match slot {
                // Only a first version adds an article.
                Slot::Article(article) if facts <= count => {
                    grown.instrument(&article.instrument, draft);
                }
                Slot::Session(session) if facts <= count => grown.series(&session.series, draft),
                _ => {}
            }
        }
        Key::Annulment(_) => {}
        of_party => {
            if let Some(party) = of_party.party() {
                record(batch, key, party, draft, beyond);
            }
        }
    }
}

fn record(batch: &Batch, key: &Key, party: &PartyId, draft: usize, beyond: &mut Beyond) {
    let mut count = (0, 0);
    (batch.party)(party, &mut |record| {
        count = match key {
            Key::Class(_) => (record.class_facts().len(), most::CLASSES_OF_PARTY),
            Key::Application(_) => (record.application_facts().len(), most::CLASSES_OF_PARTY),
            Key::Registration(_) | Key::Name(..) => {
                (record.name_facts().len(), most::NAMES_OF_PARTY)
            }
            _ => (record.dues_facts().len(), most::DUES_OF_PARTY),
        };
    });
    let what = match key {
        Key::Class(_) => "entries about the class",
        Key::Application(_) => "entries about applications",
        Key::Registration(_) | Key::Name(..) => "names",
        _ => "entries about the money",
    };
    beyond.check(draft, || format!("{what} of {party}"), count.0, count.1);
}

fn describe(batch: &Batch, key: &Key) -> String {
    match key {
        Key::Book(slot) => super::result::slot_name(batch, slot),
        Key::Registration(party) => format!("the registration of {party}"),
        Key::Class(party) => format!("the class of {party}"),
        Key::Application(party) => format!("the application of {party}"),
        Key::Name(party, language, _) => format!("the name of {party} in {language}"),
        Key::Dues(party, slot) => format!("{} of {party}", slot.name()),
        Key::Annulment(entry) => format!("the annulment of {}", batch.name(*entry)),
    }
}
