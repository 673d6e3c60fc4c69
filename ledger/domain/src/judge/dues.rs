//! What a batch says of money (rules 28 to 30). Refusals look at what is recorded only: a payment
//! is never refused because of what was derived without it (rule 27).

use super::Batch;
use super::result::{ends_what_stands, flawed};
use crate::entry::Content;
use crate::entry::event::dues::{Money, Waiver};
use crate::entry::event::{ArticleEnacted, Event};
use crate::entry::gathered::keys;
use crate::entry::key::Key;
use crate::entry::norm::ask::Sanction;
use crate::entry::slot::{DuesSlot, Slot};
use crate::id::position::Position;
use crate::id::{ArticleRef, FundId, PartyId, Word};
use crate::judge::refusal::{Reason, Refusal};
use crate::record::fact::Fact;
use crate::record::party::PartyRecord;
use crate::time::when::When;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Judges what one draft says of money by itself.
pub(super) fn dues_draft(
    batch: &Batch,
    draft: usize,
    content: &Content,
    refusals: &mut Vec<Refusal>,
) {
    let mut in_currency = |fund: &FundId, amount: &Money| {
        let Some(currency) = currency(batch, fund) else {
            return;
        };
        if currency != amount.currency {
            let message = format!("fund {fund} is in {currency}, not in {}", amount.currency);
            refusals.push(Refusal::new(
                draft,
                Reason::OtherCurrency,
                &amount.currency,
                message,
            ));
        }
    };
    let Some(event) = &content.event else {
        return;
    };
    for (fund, amount) in event.amounts() {
        in_currency(fund, amount);
    }
    if let Some(waiver) = event.waiver() {
        waiver_end(batch, draft, content, waiver, refusals);
    }
    if let Some(enacted) = event.enacted() {
        contradictions(draft, enacted, refusals);
    }
}

/// A policy is refused for its parameters alone, before any account is held against it; so is a
/// power to suspend.
fn contradictions(draft: usize, enacted: &ArticleEnacted, refusals: &mut Vec<Refusal>) {
    let article = format!("{}/{}", enacted.instrument, enacted.article);
    let mut refuse = |n: usize, what: &str| {
        let message = format!("article {article}: norms[{n}].{what}");
        let refusal = Refusal::new(draft, Reason::Contradiction, &article, message);
        refusals.push(refusal);
    };
    let own = ArticleRef {
        instrument: enacted.instrument.clone(),
        article: enacted.article.clone(),
    };
    for (n, norm) in enacted.norms.iter().enumerate() {
        match norm.rule.sanction() {
            Some(Sanction::Dues(policy)) => {
                for contradiction in policy.contradictions() {
                    let contradiction = contradiction.trim_end_matches('.');
                    refuse(n, &format!("dues.{contradiction}"));
                }
            }
            Some(Sanction::Suspension(rule)) if !rule.by_decision && !rule.has_ground(&own) => {
                refuse(n, GROUNDLESS);
            }
            Some(Sanction::Suspension(_)) | None => {}
        }
    }
}

/// Nothing but a decision can take rights on a ground that is no policy (rule 17).
const GROUNDLESS: &str = "suspension: without a ground nothing takes the rights but a decision. \
    Name the article or another instrument whose policy is the ground, or set by_decision";

/// A waiver needs an end if every version of its article that may be in force on its first day
/// demands one.
fn waiver_end(
    batch: &Batch,
    draft: usize,
    content: &Content,
    waiver: &Waiver,
    refusals: &mut Vec<Refusal>,
) {
    let known_at = batch.last();
    let first = match &content.effective {
        Some(When::Window(window)) => Some(*window),
        Some(When::Anchor { session, edge }) => {
            let days = batch.book.session_days(session, known_at);
            days.map(|days| days.edge(*edge))
        }
        None => None,
    };
    let slot = Slot::Article(waiver.article.clone());
    let (None, Some(first), Ok(line)) = (&waiver.until, first, batch.book.line(&slot, known_at))
    else {
        return;
    };
    let steps = line.steps().iter().enumerate();
    let within = steps.filter(|(_, step)| {
        first.earliest < step.window.earliest && step.window.earliest <= first.latest
    });
    let demands_end = line
        .possible(first.earliest)
        .chain(within.map(|(n, _)| line.value_after(Some(n))))
        .all(|version| version.is_some_and(|(event, _)| must_end(event)));
    if demands_end {
        let (party, article) = (&waiver.party, &waiver.article);
        let message = format!("the waiver for {party} has no end, and {article} demands one");
        refusals.push(Refusal::new(draft, Reason::WaiverEnd, article, message));
    }
}

fn must_end(version: &Event) -> bool {
    let norms = version
        .enacted()
        .into_iter()
        .flat_map(|enacted| &enacted.norms);
    let mut waivers = norms.filter_map(|norm| norm.rule.dues()?.waiver.as_ref());
    waivers.any(|rule| rule.must_end)
}

fn currency(batch: &Batch, fund: &FundId) -> Option<Word> {
    let facts = batch.book.facts(&Slot::Fund(fund.clone())).iter();
    let mut known = facts.filter(|fact| fact.is_known(batch.last()));
    known.find_map(|fact| Some(fact.value.fund()?.currency.clone()))
}

/// Judges what the slots of a party's money that were touched look like after the batch. The facts
/// are gone through once.
pub(super) fn dues_result(
    batch: &Batch,
    party: &PartyId,
    touched: &BTreeSet<&DuesSlot>,
    record: &PartyRecord,
    refusals: &mut Vec<Refusal>,
) {
    if touched.is_empty() {
        return;
    }
    let mut slots: BTreeMap<&DuesSlot, Vec<Fact<Arc<Event>>>> = BTreeMap::new();
    let known = record.dues_facts().iter();
    for fact in known.filter(|fact| fact.is_known(batch.last())) {
        for key in keys(&fact.value) {
            if let Key::Dues(of, slot) = key
                && of == *party
                && let Some(slot) = touched.get(&slot)
            {
                slots.entry(slot).or_default().push(fact.clone());
            }
        }
    }
    for (slot, facts) in slots {
        dues_slot_result(batch, party, slot, &facts, refusals);
    }
}

fn dues_slot_result(
    batch: &Batch,
    party: &PartyId,
    slot: &DuesSlot,
    facts: &[Fact<Arc<Event>>],
    refusals: &mut Vec<Refusal>,
) {
    let what = format!("{} of {party}", slot_name(slot));
    if slot.is_single() && facts.len() > 1 {
        let known: Vec<Position> = facts.iter().map(|fact| fact.position).collect();
        let message = format!("{what} stands already");
        let refusal = Refusal::new(batch.draft(&known), Reason::AlreadyExists, &what, message);
        refusals.push(refusal.with(known));
    }
    if slot.is_timeline() {
        match batch.book.lay(facts, batch.last()) {
            Ok(line) => ends_what_stands(batch, &what, &line, |event| !event.ends(), refusals),
            Err(flaws) => flawed(batch, &what, &flaws, refusals),
        }
    }
}

pub(super) fn slot_name(slot: &DuesSlot) -> String {
    match slot {
        DuesSlot::Assessment(fund, year, 0) => format!("the assessment for {year} to {fund}"),
        DuesSlot::Assessment(fund, year, revision) => {
            format!("revision {revision} of the assessment for {year} to {fund}")
        }
        DuesSlot::Payments(fund) => format!("a payment to {fund}"),
        DuesSlot::WriteOffs(fund, year) => format!("a write-off for {year} of {fund}"),
        DuesSlot::Plan(fund) => format!("the payment plan with {fund}"),
        DuesSlot::Waiver(article) => format!("the waiver under {article}"),
        DuesSlot::Suspension(article) => format!("the suspension under {article}"),
        DuesSlot::Notices(article) => format!("a notice under {article}"),
        DuesSlot::Parent(parent) => format!("the standing in {parent}"),
        DuesSlot::Passed => "an account passed on".to_owned(),
    }
}
