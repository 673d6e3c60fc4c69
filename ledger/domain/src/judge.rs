//! Judging a batch on its result over all dates (rule 34): everything that is impossible, at once.
//!
//! The batch has been applied above the head, where nobody sees it; what it touched is looked at as
//! known after it.

pub mod refusal;

use crate::entry::Content;
use crate::entry::event::ask::SessionDays;
use crate::entry::event::ask::acts::Annullable;
use crate::entry::event::one::Succession;
use crate::entry::event::{Event, TermKind};
use crate::entry::gathered::{annulled_act, each_ref, keys};
use crate::entry::key::{Key, Touched};
use crate::entry::slot::{Ref, Slot};
use crate::id::position::Position;
use crate::id::{ArticleRef, PartyId};
use crate::judge::refusal::{Reason, Refusal, entry_name};
use crate::record::book::Book;
use crate::record::party::PartyRecord;
use crate::stop::{Stop, Stopped};
use crate::time::when::When;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

mod dues;
mod limits;
mod passing;
mod persons;
pub mod result;

use dues::dues_draft;
use passing::{following, passings};
use persons::{one_party_each, person_draft};
use result::{party_result, slot_result};

/// How many drafts, or slots, are judged between two looks at whether anybody still waits.
const AT_ONCE: usize = 64;

/// Hands the record of a party, if there is one, to a function.
pub type ReadParty<'a> = dyn Fn(&PartyId, &mut dyn FnMut(&PartyRecord)) + 'a;

/// A batch applied above the head, with all that judging it needs.
pub struct Batch<'a> {
    /// The book, with the batch applied.
    pub book: &'a Book,
    /// Reads the record of a party, with the batch applied.
    pub party: &'a ReadParty<'a>,
    /// Reads what an entry at or below the head, or of the batch, says.
    pub lookup: &'a dyn Fn(Position) -> Option<Content>,
    /// The position of the first draft.
    pub first: Position,
    /// The drafts, with references resolved.
    pub contents: &'a [Content],
    /// What it touched.
    pub touched: &'a Touched,
}

impl Batch<'_> {
    fn last(&self) -> Position {
        self.position(self.contents.len()).previous()
    }

    /// The position that a draft of the batch gets.
    fn position(&self, draft: usize) -> Position {
        self.first.after(draft)
    }

    /// How a refusal names an entry, or a draft of the batch.
    fn name(&self, position: Position) -> String {
        entry_name(position, self.first)
    }

    /// The draft that a position of the batch stands for; the last one if an entry below the head
    /// is meant.
    fn draft(&self, positions: &[Position]) -> usize {
        let own = positions
            .iter()
            .filter(|position| **position >= self.first)
            .max()
            .copied();
        own.unwrap_or(self.last()).nth_from(self.first).unwrap_or(0)
    }
}

/// Returns every reason to refuse a batch, by draft; none if it is to be recorded.
#[must_use]
pub fn judge(batch: &Batch) -> Vec<Refusal> {
    let Ok(refusals) = judge_with(batch, &|| Ok::<(), Infallible>(()));
    refusals
}

/// The same for a batch that is only assumed, and that nobody may wait for any more. The test is
/// asked while the book of the batch is held, which must therefore be nobody else's.
///
/// # Errors
/// The stop test says that nobody waits for the answer.
pub fn judge_until(batch: &Batch, stop: Stop) -> Result<Vec<Refusal>, Stopped> {
    judge_with(batch, &|| stop.check())
}

fn judge_with<E>(batch: &Batch, check: &dyn Fn() -> Result<(), E>) -> Result<Vec<Refusal>, E> {
    let mut refusals = Vec::new();
    for (draft, content) in batch.contents.iter().enumerate() {
        if draft % AT_ONCE == 0 {
            check()?;
        }
        references(batch, draft, content, &mut refusals);
        dates(draft, content, &mut refusals);
        if let Some(event) = &content.event {
            adopted_rules(draft, event, &mut refusals);
            resumed(draft, event, &mut refusals);
        }
        correction(batch, draft, content, &mut refusals);
        part_of(batch, draft, content, &mut refusals);
        annulment(batch, draft, content, &mut refusals);
        dues_draft(batch, draft, content, &mut refusals);
        person_draft(batch, draft, content, &mut refusals);
    }
    let mut hanging = hanging(batch);
    hanging.extend(following(batch));
    let mut parties: BTreeMap<&PartyId, Vec<&Key>> = BTreeMap::new();
    for (place, key) in batch.touched.keys.iter().chain(&hanging).enumerate() {
        if place % AT_ONCE == 0 {
            check()?;
        }
        match key {
            Key::Book(slot) => slot_result(batch, slot, &mut refusals),
            Key::Annulment(_) => {}
            of_party => {
                if let Some(party) = of_party.party() {
                    parties.entry(party).or_default().push(key);
                }
            }
        }
    }
    for (place, (party, keys)) in parties.into_iter().enumerate() {
        if place % AT_ONCE == 0 {
            check()?;
        }
        // Once for a party, however much the batch says of it. Where others are read besides, from
        // a copy.
        let mut kin = None;
        (batch.party)(party, &mut |record| match record.kin() {
            Some(_) => kin = Some(record.clone()),
            None => party_result(batch, party, &keys, record, &mut refusals),
        });
        if let Some(record) = kin {
            party_result(batch, party, &keys, &record, &mut refusals);
        }
    }
    passings(batch, &mut refusals);
    one_party_each(batch, &mut refusals);
    limits::limits(batch, &mut refusals);
    refusals.extend(dependents(batch));
    let refusals = refusals.into_iter();
    let mut refusals: Vec<Refusal> = refusals.map(|one| one.of_batch(batch.first)).collect();
    refusals.sort();
    refusals.dedup();
    Ok(refusals)
}

/// Returns what else the batch moved: the slots of entries that hang on the edge of a session it
/// touched.
fn hanging(batch: &Batch) -> BTreeSet<Key> {
    let slots = batch.touched.keys.iter();
    slots
        .filter_map(|key| match key {
            Key::Book(Slot::Session(id)) => Some(Ref::Session(id.clone())),
            _ => None,
        })
        .flat_map(|session| batch.book.mentions(&session))
        .filter_map(|position| (batch.lookup)(*position))
        .filter(|content| matches!(content.effective, Some(When::Anchor { .. })))
        .filter_map(|content| {
            let event = content.event?;
            if event.annulled().is_some() {
                return annulled_act(&event, batch.lookup)?.1.event;
            }
            Some(event)
        })
        .flat_map(|event| keys(&event))
        .filter(|key| !batch.touched.keys.contains(key))
        .collect()
}

fn references(batch: &Batch, draft: usize, content: &Content, refusals: &mut Vec<Refusal>) {
    each_ref(content, &mut |what| {
        if !exists(batch, &what) {
            let (reason, subject) = unknown(&what);
            refusals.push(Refusal::new(
                draft,
                reason,
                &subject,
                format!("{} is not known", describe(&what)),
            ));
        }
    });
}

/// Returns whether something is known after the batch.
fn exists(batch: &Batch, what: &Ref) -> bool {
    let known_at = batch.last();
    let said = |slot: Slot, begins: fn(&Event) -> bool| {
        let facts = batch.book.facts(&slot).iter();
        let mut known = facts.filter(|fact| fact.is_known(known_at));
        known.any(|fact| begins(&fact.value))
    };
    let filled = |slot: Slot| said(slot, |_| true);
    match what {
        Ref::Party(party) => {
            let mut registered = false;
            (batch.party)(party, &mut |record| {
                registered = record.registration(known_at).is_some();
            });
            registered
        }
        Ref::Term(kind, term) => filled(Slot::Term(*kind, term.clone())),
        Ref::Session(session) => said(Slot::Session(session.clone()), |event| {
            event.convening().is_some()
        }),
        Ref::Decision(decision) => filled(Slot::Decision(decision.clone())),
        Ref::Person(person) => filled(Slot::Person(person.clone())),
        Ref::Instrument(instrument) => said(Slot::Instrument(instrument.clone()), |event| {
            event.adopted_as().is_some()
        }),
        Ref::Article(article) => said(Slot::Article(article.clone()), |event| {
            event.enacted().is_some()
        }),
        Ref::Committee(committee) => said(Slot::Committee(committee.clone()), |event| {
            event.established_committee().is_some()
        }),
        Ref::Fund(fund) => filled(Slot::Fund(fund.clone())),
        Ref::Entry(position) => (Position::FIRST..=known_at).contains(position),
    }
}

fn describe(what: &Ref) -> String {
    let (reason, subject) = unknown(what);
    let noun = reason.code().trim_start_matches("UNKNOWN_").to_lowercase();
    format!("{noun} {subject}")
}

fn unknown(what: &Ref) -> (Reason, String) {
    match what {
        Ref::Party(id) => (Reason::UnknownParty, id.to_string()),
        Ref::Term(kind, term) => {
            let reason = match kind {
                TermKind::Class => Reason::UnknownClass,
                TermKind::Right => Reason::UnknownRight,
                TermKind::Body => Reason::UnknownBody,
                TermKind::Function => Reason::UnknownFunction,
                TermKind::Office => Reason::UnknownOffice,
                TermKind::PartyKind => Reason::UnknownPartyKind,
            };
            (reason, term.to_string())
        }
        Ref::Session(id) => (Reason::UnknownSession, id.to_string()),
        Ref::Decision(id) => (Reason::UnknownDecision, id.to_string()),
        Ref::Person(id) => (Reason::UnknownPerson, id.to_string()),
        Ref::Instrument(id) => (Reason::UnknownInstrument, id.to_string()),
        Ref::Article(id) => (Reason::UnknownArticle, id.to_string()),
        Ref::Committee(id) => (Reason::UnknownCommittee, id.to_string()),
        Ref::Fund(id) => (Reason::UnknownFund, id.to_string()),
        Ref::Entry(position) => (Reason::UnknownEntry, position.to_string()),
    }
}

/// A session's own days are windows, its close is not before its opening; what must have a date has
/// one.
fn dates(draft: usize, content: &Content, refusals: &mut Vec<Refusal>) {
    let mut refuse = |subject: &dyn std::fmt::Display, message: &str| {
        refusals.push(Refusal::new(draft, Reason::EffectiveDate, subject, message));
    };
    let Some(event) = &content.event else { return };
    let put = event.session_move().and_then(|moved| moved.days());
    if let Some(SessionDays { session, closing }) = put {
        match (&content.effective, closing) {
            (Some(When::Window(opening)), Some(When::Window(closing)))
                if closing.latest < opening.earliest =>
            {
                refuse(session, "the session closes before it opens");
            }
            (Some(When::Window(_)), None | Some(When::Window(_))) => {}
            (None | Some(When::Window(_) | When::Anchor { .. }), None | Some(_)) => refuse(
                session,
                "the days of a session are dates or windows, not edges of a session",
            ),
        }
    }
    // Turns count by the day on which they were declined or swapped; older logs have some without.
    let turns = event.swap().is_some() || event.declined_by().is_some();
    if content.effective.is_none() && (turns || !event.may_be_undated()) {
        refuse(&"effective", "the event needs an effective date");
    }
}

/// Rules are adopted in a version that this software knows.
fn adopted_rules(draft: usize, event: &Event, refusals: &mut Vec<Refusal>) {
    if let Some(rules_version) = event.adopted_rules()
        && rules_version != 1
    {
        let message = format!("this software knows rules version 1, not {rules_version}");
        refusals.push(Refusal::new(
            draft,
            Reason::UnknownRules,
            rules_version,
            message,
        ));
    }
}

/// A history is resumed by restoring it, and that it was is never undone (rule 37).
fn resumed(draft: usize, event: &Event, refusals: &mut Vec<Refusal>) {
    if let Some(resumed) = event.resumed() {
        let epoch = resumed.epoch;
        let message = "only `standing restore` resumes a history, and nothing undoes that it was";
        refusals.push(Refusal::new(draft, Reason::ByRestore, epoch, message));
    }
}

/// A correction stands in the place of an entry that is there, uncorrected, and about the same
/// thing (rule 8).
fn correction(batch: &Batch, draft: usize, content: &Content, refusals: &mut Vec<Refusal>) {
    let own = batch.position(draft);
    let event = content.event.as_ref();
    if let Some(entry) = event.and_then(Event::judged_entry)
        && (entry >= own || (batch.lookup)(entry).is_some_and(|target| target.event.is_none()))
    {
        refusals.push(Refusal::new(
            draft,
            Reason::UnknownEntry,
            entry,
            "there is no such act before this one",
        ));
    }
    if let Some(Succession { from, to, .. }) = event.and_then(Event::succession)
        && from == to
    {
        let message = format!("party {from} cannot succeed itself");
        refusals.push(Refusal::new(draft, Reason::Malformed, from, message));
    }
    let Some(target) = content.corrects else {
        return;
    };
    if target == Position::ZERO || target >= own {
        refusals.push(Refusal::new(
            draft,
            Reason::UnknownEntry,
            target,
            "there is no such entry to correct",
        ));
        return;
    }
    let named = batch.name(target);
    if let Some(by) = batch.book.corrected_by(target, own.previous()) {
        let message = format!(
            "{named} is corrected by {}; correct that one",
            batch.name(by)
        );
        refusals.push(Refusal::new(draft, Reason::AlreadyCorrected, named, message).with(vec![by]));
        return;
    }
    let old = (batch.lookup)(target).and_then(|content| content.event);
    match (&old, &content.event) {
        (Some(old), None) => {
            resumed(draft, old, refusals);
            let acts = batch.book.mentions(&Ref::Entry(target)).iter().copied();
            let resting: Vec<Position> = acts
                .filter(|by| batch.book.corrected_by(*by, batch.last()).is_none())
                .filter(|by| {
                    let event = (batch.lookup)(*by).and_then(|content| content.event);
                    event.is_some_and(|event| event.judged_entry().or(event.part_of()).is_some())
                })
                .collect();
            if !resting.is_empty() {
                let message = format!("{} acts are about {named}", resting.len());
                let refusal = Refusal::new(draft, Reason::RestedOn, named, message);
                refusals.push(refusal.with(resting));
            }
        }
        (None, _) => {
            let message = format!("{named} withdraws another and has nothing to correct");
            refusals
                .push(Refusal::new(draft, Reason::OtherSlot, named, message).with(vec![target]));
        }
        (Some(old), Some(new)) if keys(old).first() != keys(new).first() => {
            let message = format!("a correction of {named} must be about the same thing");
            refusals
                .push(Refusal::new(draft, Reason::OtherSlot, named, message).with(vec![target]));
        }
        _ => {}
    }
}

/// What an article is part of is an act on its instrument: its adoption, amendment or repeal.
fn part_of(batch: &Batch, draft: usize, content: &Content, refusals: &mut Vec<Refusal>) {
    let Some(event) = &content.event else { return };
    let Some(entry) = event.part_of() else { return };
    let Some(act) = (batch.lookup)(entry) else {
        return;
    };
    for key in keys(event) {
        if let Key::Book(Slot::Article(ArticleRef { instrument, .. })) = key
            && act.event.as_ref().and_then(Event::changed_instrument) != Some(&instrument)
        {
            let named = batch.name(entry);
            let message = format!(
                "{named} is no adoption, amendment or repeal of {instrument}: name the one that the article is part of, or none"
            );
            refusals.push(Refusal::new(draft, Reason::UnknownEntry, named, message));
        }
    }
}

/// Returns whether an entry itself refers to something: not because the one does that it corrects
/// or annuls.
fn names(content: &Content, what: &Ref) -> bool {
    let mut names = false;
    each_ref(content, &mut |named| names |= named == *what);
    names
}

/// An annulment is of an act that can be annulled so (rule 3).
fn annulment(batch: &Batch, draft: usize, content: &Content, refusals: &mut Vec<Refusal>) {
    let Some(entry) = content.event.as_ref().and_then(Event::annulled) else {
        return;
    };
    let Some(annulled) = (batch.lookup)(entry).and_then(|target| target.event) else {
        return;
    };
    let kind = annulled.kind().stored;
    let message = match annulled.annullable() {
        Annullable::FromAnyDay => return,
        Annullable::FromTheStart if content.effective.is_none() => return,
        Annullable::FromTheStart => format!(
            "entry {entry} ({kind}) is annulled from the start or not at all: leave the effective date out, and say with `acted` when it was annulled"
        ),
        Annullable::Never => format!(
            "entry {entry} ({kind}) is no act that can be annulled: correct or withdraw the entry"
        ),
    };
    let refusal = Refusal::new(draft, Reason::NotAnnullable, entry, message);
    refusals.push(refusal.with(vec![entry]));
}

/// Live entries that rest on what the batch corrected away, all of them (rule 34).
fn dependents(batch: &Batch) -> Vec<Refusal> {
    let known_at = batch.last();
    let mut refusals = Vec::new();
    let mut contents = batch.contents.iter();
    let draft = contents
        .position(|content| content.corrects.is_some())
        .unwrap_or(0);
    for key in &batch.touched.keys {
        let what = match key {
            Key::Registration(party) => Ref::Party(party.clone()),
            Key::Book(Slot::Term(kind, term)) => Ref::Term(*kind, term.clone()),
            Key::Book(Slot::Session(id)) => Ref::Session(id.clone()),
            Key::Book(Slot::Decision(id)) => Ref::Decision(id.clone()),
            Key::Book(Slot::Person(id)) => Ref::Person(id.clone()),
            Key::Book(Slot::Instrument(id)) => Ref::Instrument(id.clone()),
            Key::Book(Slot::Article(id)) => Ref::Article(id.clone()),
            Key::Book(Slot::Committee(id)) => Ref::Committee(id.clone()),
            Key::Book(Slot::Fund(id)) => Ref::Fund(id.clone()),
            _ => continue,
        };
        if exists(batch, &what) {
            continue;
        }
        let mentions = match &what {
            Ref::Party(party) => {
                let mut mentions = Vec::new();
                (batch.party)(party, &mut |record| mentions = record.mentions().to_vec());
                mentions
            }
            other => batch.book.mentions(other).to_vec(),
        };
        let resting: Vec<Position> = mentions
            .into_iter()
            .filter(|position| *position < batch.first)
            .filter(|position| batch.book.corrected_by(*position, known_at).is_none())
            .filter(|position| {
                let content = (batch.lookup)(*position);
                content.is_some_and(|content| content.event.is_some() && names(&content, &what))
            })
            .collect();
        if !resting.is_empty() {
            let message = format!("{} entries rest on {}", resting.len(), describe(&what));
            refusals.push(
                Refusal::new(draft, Reason::RestedOn, describe(&what), message).with(resting),
            );
        }
    }
    refusals
}
