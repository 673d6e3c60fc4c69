//! Who held an office: from facts, so that a term of no day appears, and both holders on a day of
//! change (rule 11).

use crate::call::errors::Problem;
use crate::call::paging::open;
use crate::dear::Ask;
use crate::law::intervals::{Stretch, stretches};
use crate::roll::office_grounds;
use crate::words::cited::Cited;
use crate::words::names::Called;
use crate::words::nearest::suggest;
use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::event::one::Succession;
use standing_domain::entry::event::{Event, Holder, TermKind};
use standing_domain::entry::norm::Passing;
use standing_domain::entry::slot::Slot;
use standing_domain::id::position::Position;
use standing_domain::id::{OfficeId, PartyId};
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_domain::time::when::Window;
use standing_proto::ask::roll;
use standing_proto::v1;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A term, with what is added from the log and the key file once no lock is held.
pub(super) struct Term {
    /// The term.
    pub wire: v1::OfficeTerm,
    /// When it begins.
    pub since: Window,
    /// The first day without it; none while nothing recorded ends it.
    pub until: Option<Window>,
    /// The first day without it as it was recorded with it, or as the law fixes it; none where
    /// neither does.
    pub due: Option<Window>,
    called: Option<Called>,
}

pub(crate) fn list_office_holders(
    ledger: &Ask<'_>,
    asked: &roll::ListOfficeHolders,
) -> Result<v1::ListOfficeHoldersResponse, Problem> {
    let page = open(ledger, &asked.at, &asked.page)?;
    let (office, at) = (&asked.office, page.at);
    if !ledger.knows_term(TermKind::Office, office.into(), at.position) {
        let unknown = Problem::unknown("UNKNOWN_OFFICE", "office", office);
        return Err(suggest(ledger, at.position, unknown));
    }
    let terms = {
        let reader = ledger.at(at.position);
        // Without a day asked for there is no day to touch: all terms there were.
        terms(
            &reader.view(),
            office,
            page.is_on_given().then_some(at.on),
            at.on,
        )
    };
    let (terms, next_page_token) = page.of_list(terms)?;
    let cited = Cited::read(
        ledger,
        terms.iter().map(|term| Position::new(term.wire.position)),
    )?;
    let terms = terms.into_iter().map(|term| {
        let mut wire = term.wire;
        wire.begins = cited.effective(Position::new(wire.position));
        if let Some(called) = term.called {
            wire.display_name = called.shown(ledger);
        }
        wire
    });
    Ok(v1::ListOfficeHoldersResponse {
        terms: terms.collect(),
        next_page_token,
        basis: Some(at.basis(ledger)?),
    })
}

/// Returns the terms of all seats, those of acting holders too, in order of their beginning.
fn recorded<P: Parties>(
    view: &View<'_, P>,
    office: &OfficeId,
    on: Option<Day>,
    named_on: Day,
) -> Vec<Term> {
    let is_holding = |slot: &Slot| matches!(slot, Slot::Holder(of, _) if of == office);
    let is_acting = |slot: &Slot| matches!(slot, Slot::Acting(of, _) if of == office);
    let holding = view
        .book
        .slots_from(&Slot::Holder(office.clone(), None))
        .take_while(|(slot, _)| is_holding(slot));
    let acting = view
        .book
        .slots_from(&Slot::Acting(office.clone(), None))
        .take_while(|(slot, _)| is_acting(slot));
    let mut terms = Vec::new();
    for (slot, _) in holding.chain(acting) {
        let Ok(line) = view.book.line(slot, view.known_at) else {
            continue;
        };
        let stretches = stretches(&line).into_iter();
        for stretch in stretches.chain(annulled(view, slot)) {
            if on.is_none_or(|day| stretch.touches(day)) {
                terms.extend(term(view, slot, &stretch, named_on));
            }
        }
    }
    // Stable: terms of one seat stay in their order.
    terms.sort_by_key(|term| term.since.earliest);
    terms
}

/// Returns the stretches of those who took up an office by an act that was annulled from the start:
/// in fact each held it until the day of the annulment, where that is known.
fn annulled<'v, P: Parties>(
    view: &View<'v, P>,
    slot: &Slot,
) -> impl Iterator<Item = Stretch<'v, Arc<Event>>> {
    let (book, known_at) = (view.book, view.known_at);
    let stand: BTreeSet<Position> = book
        .known(slot, known_at)
        .map(|fact| fact.position)
        .collect();
    let recorded = book.recorded(slot, known_at);
    let void = recorded.filter(move |fact| !stand.contains(&fact.position));
    void.filter_map(move |fact| {
        let start = book.window(fact.at, known_at)?;
        let annulment = book.annulled_by(fact.position, known_at)?;
        // On a day that nobody knows is until nobody knows when.
        let end = book.annulment_day(annulment, known_at);
        let end = end.filter(|end| end.latest < Day::MAX);
        Some(Stretch::of(&fact.value, fact.position, start, end))
    })
}

/// Returns the terms that are recorded; of an office that nobody is recorded in and that the law
/// gives to the deputy of another's holder, the terms of that other.
pub(super) fn terms<P: Parties>(
    view: &View<'_, P>,
    office: &OfficeId,
    on: Option<Day>,
    named_on: Day,
) -> Vec<Term> {
    let mut terms = recorded(view, office, on, named_on);
    if terms.is_empty()
        && let Some((of, since, by)) = office_grounds::deputy_of(view, office)
    {
        terms = recorded(view, &of, on, named_on);
        terms.retain(|term| {
            let until = term.until;
            until.is_none_or(|until| until.latest >= since.earliest)
        });
        for term in &mut terms {
            term.wire = v1::OfficeTerm {
                article: by.article.clone(),
                support: by.support,
                by: by.by.clone(),
                deputy: true,
                ordinal: 0,
                ..term.wire.clone()
            };
        }
    }
    terms
}

fn term<P: Parties>(
    view: &View<'_, P>,
    slot: &Slot,
    stretch: &Stretch<'_, Arc<Event>>,
    named_on: Day,
) -> Option<Term> {
    let (Slot::Holder(_, seat) | Slot::Acting(_, seat)) = slot else {
        return None;
    };
    let acting = matches!(slot, Slot::Acting(..));
    let holding = stretch.value.and_then(|(event, _)| event.holding());
    let (holder, ordinal) = match holding {
        Some(holding) => (Some(holding.holder), holding.ordinal),
        // Nobody acting is no vacancy.
        None if acting => return None,
        None => (None, 0),
    };
    let mut wire = v1::OfficeTerm {
        seat: seat.as_ref().map(ToString::to_string).unwrap_or_default(),
        holder: holder.as_ref().map(Into::into),
        ordinal,
        interval: Some(stretch.interval()),
        position: stretch.position.number(),
        acting,
        ..v1::OfficeTerm::default()
    };
    if let (Slot::Holder(office, _), true) = (slot, holder.is_some()) {
        office_grounds::write(view, office, holder.as_ref(), stretch.start, &mut wire);
    }
    wire.annulled_by = annulled_by(view, stretch);
    let due = stretch.value.and_then(|(event, _)| match slot {
        Slot::Holder(office, _) => view.term_ends(office, event, stretch.start),
        _ => None,
    });
    let called = match holder {
        Some(Holder::Party(party)) => {
            wire.passed_to_party = passed_to(view, &party, stretch).unwrap_or_default();
            let record = view.record(&party);
            record.map(|record| Called::of(view, &record, named_on))
        }
        Some(Holder::Person(person)) => Some(Called::person(view, person)),
        None => None,
    };
    Some(Term {
        wire,
        since: stretch.start,
        until: stretch.end,
        due,
        called,
    })
}

/// Returns the entry that annulled the act by which a term began, if that ended it; 0 for none.
fn annulled_by<P: Parties>(view: &View<'_, P>, term: &Stretch<'_, Arc<Event>>) -> u64 {
    let Some((_, position)) = term.value else {
        return 0;
    };
    let annulled = view.book.annulled(position, view.known_at);
    let in_the_end = term.end.map_or(Day::MAX, |end| end.latest);
    if annulled.holds(in_the_end) != Truth::Yes {
        return 0;
    }
    view.annulled_by(position).unwrap_or_default().number()
}

/// Returns the party to which the holder's offices passed while the term lasted.
fn passed_to<P: Parties>(
    view: &View<'_, P>,
    party: &PartyId,
    term: &Stretch<'_, Arc<Event>>,
) -> Option<String> {
    let slot = Slot::Successors(party.clone());
    let mut successions = view.book.known(&slot, view.known_at);
    successions.find_map(|fact| {
        let Succession { to, passes, .. } = fact.value.succession()?;
        let window = view.book.window(fact.at, view.known_at)?;
        let within = term.start.earliest <= window.latest
            && term.end.is_none_or(|end| window.earliest <= end.latest);
        (passes.contains(&Passing::Offices) && within).then(|| to.to_string())
    })
}
