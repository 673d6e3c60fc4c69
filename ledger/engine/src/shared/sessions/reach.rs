//! Whom entries reach, worked out from what they say and what the book knows of what they name.

use crate::entry::decode;
use crate::shared::Shared;
use standing_domain::answers::view::Parties as _;
use standing_domain::entry::Content;
use standing_domain::entry::key::Key;
use standing_domain::entry::reach::rolls::{Entries, RollReach};
use standing_domain::entry::slot::{Ref, Slot};
use standing_domain::id::position::Position;
use standing_domain::id::{InstrumentId, PartyId};
use standing_domain::record::fact::At;
use standing_domain::record::party::PartyRecord;
use standing_domain::time::day::Day;
use standing_domain::time::when::Window;
use std::cell::Cell;
use std::collections::BTreeSet;

/// Reads what an entry says that is not visible yet, or any other.
pub(crate) type Above<'a> = &'a dyn Fn(Position) -> Option<Content>;

/// Returns whom visible entries reach, one by one; none if one of them cannot be read.
pub(super) fn of_visible(
    shared: &Shared,
    first: Position,
    last: Position,
) -> Option<Vec<RollReach>> {
    let contents = read(shared, first, last)?;
    let entries = first.onwards().zip(&contents);
    entries
        .map(|(position, content)| reach_of(shared, position, content, None))
        .collect()
}

fn read(shared: &Shared, first: Position, last: Position) -> Option<Vec<Content>> {
    let mut contents = Vec::new();
    let mut failed = false;
    let read = shared.read_each(first.to(last), |position, stored| {
        match decode(position, stored) {
            Ok(read) => contents.push(read.entry.content),
            Err(_) => failed = true,
        }
    });
    (read.is_ok() && !failed).then_some(contents)
}

/// Returns whom an entry reaches, visible or not; none if it cannot be read. `above` reads what is
/// not visible yet.
pub(super) fn of(
    shared: &Shared,
    position: Position,
    above: Option<Above<'_>>,
) -> Option<RollReach> {
    let content = match above {
        Some(above) => above(position)?,
        None => shared.content(position).ok()??,
    };
    reach_of(shared, position, &content, above)
}

fn reach_of(
    shared: &Shared,
    position: Position,
    content: &Content,
    above: Option<Above<'_>>,
) -> Option<RollReach> {
    let mut reach = RollReach::default();
    let unread = Cell::new(false);
    let lookup = |entry: Position| match above {
        Some(above) => above(entry),
        None => shared.content(entry).unwrap_or_else(|_| {
            unread.set(true);
            None
        }),
    };
    let mentions = |what: &Ref| shared.book.read().mentions(what).to_vec();
    let since = |content: &Content| since(shared, position, content);
    let is_certain = |key: &Key| is_certain(shared, key, position);
    let has_account = |party: &PartyId| has_account(shared, party, position);
    let entries = Entries {
        position,
        lookup: &lookup,
        mentions: &mentions,
        since: &since,
        is_certain: &is_certain,
        has_account: &has_account,
    };
    reach.add(content, &entries);
    let book = shared.book.read();
    reach.assessed(&|fund| {
        let last = |known_at| book.last_assessed(fund, known_at);
        last(position.previous()) != last(position)
    });
    // Corrected and annulled successions too: what they passed on is gone.
    reach.follow(&|party| {
        let facts = book.facts(&Slot::Successors(party.clone())).iter();
        let followed = facts.filter_map(|fact| Some(fact.value.succession()?.to.clone()));
        followed.collect::<BTreeSet<PartyId>>()
    });
    drop(book);
    if content.corrects.is_none() {
        reach
            .parties
            .retain(|party, _| !is_new(shared, party, position));
    }
    (!unread.get()).then_some(reach)
}

/// Returns the first day on which what an entry says may take effect, or may have been done; the
/// first of all where that is not known. Should the session or the decision move on which that
/// hangs, then that entry reaches at all times.
fn since(shared: &Shared, position: Position, content: &Content) -> Day {
    let book = shared.book.read();
    let effective = content.effective.as_ref();
    let effective = effective.and_then(|when| book.window_of(when, position));
    let acted = book.act(position, position).map(|act| act.window.earliest);
    effective.map_or(Day::MIN, |window| {
        acted.map_or(window.earliest, |acted| acted.min(window.earliest))
    })
}

/// Returns whether all that was ever recorded under a key came on a known day, and nothing of it
/// was annulled; of law, of its instrument too.
fn is_certain(shared: &Shared, key: &Key, position: Position) -> bool {
    let book = shared.book.read();
    let of_fact = |at: At, annulled: bool| {
        let window = book.window(at, position);
        !annulled && window.is_some_and(Window::is_day)
    };
    let of_slot = |slot: &Slot| {
        let mut facts = book.facts(slot).iter();
        facts.all(|fact| of_fact(fact.at, fact.annulled))
    };
    let of_party = |party: &PartyId, test: &dyn Fn(&PartyRecord) -> bool| {
        let test = |record: Option<&PartyRecord>| record.is_some_and(test);
        shared.shards().with(party, test)
    };
    match key {
        Key::Class(party) => of_party(party, &|record| {
            let mut facts = record.class_facts().iter();
            facts.all(|fact| of_fact(fact.at, fact.annulled))
        }),
        // Payments stand in no row.
        Key::Dues(party, _) => of_party(party, &|record| {
            let mut facts = record.dues_facts().iter();
            facts.all(|fact| !fact.annulled)
        }),
        Key::Book(Slot::Article(article)) => {
            let of = |slot: fn(InstrumentId) -> Slot| of_slot(&slot(article.instrument.clone()));
            let by_itself = of_slot(&Slot::Article(article.clone()));
            by_itself && of(Slot::Instrument) && of(Slot::Amendments)
        }
        Key::Book(slot) => of_slot(slot),
        Key::Registration(_) | Key::Application(_) | Key::Name(..) | Key::Annulment(_) => false,
    }
}

/// Returns whether anything is recorded of a party's money, with and without an entry.
fn has_account(shared: &Shared, party: &PartyId, position: Position) -> bool {
    let has = |record: &PartyRecord| {
        let mut facts = record.dues_facts().iter();
        facts.any(|fact| {
            let is_other = fact.position < position && fact.value.succession().is_none();
            is_other && fact.is_known(position)
        })
    };
    let shards = shared.shards();
    shards.with(party, |record| record.is_some_and(has))
}

/// Returns whether a party came to the ledger with an entry and is on no roll: nothing hung on it
/// before.
fn is_new(shared: &Shared, party: &PartyId, position: Position) -> bool {
    let came = |record: &PartyRecord| record.mentions().first() == Some(&position);
    let is_new = |record: Option<&PartyRecord>| record.is_some_and(came);
    !shared.concerns(party) && shared.shards().with(party, is_new)
}
