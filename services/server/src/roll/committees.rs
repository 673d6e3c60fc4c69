//! Committees and their coordinators.

use crate::call::errors::Problem;
use crate::call::paging::open;
use crate::dear::Ask;
use crate::law::intervals;
use crate::law::intervals::Stretch;
use crate::words::names;
use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::event::{Event, Named};
use standing_domain::entry::slot::Slot;
use standing_domain::id::position::Position;
use standing_domain::id::{CommitteeId, Word};
use standing_domain::judge::result::book_value_stands;
use standing_domain::time::day::Day;
use standing_proto::ask::roll;
use standing_proto::v1;
use std::sync::Arc;

pub(crate) fn list_committees(
    ledger: &Ask<'_>,
    asked: &roll::ListCommittees,
) -> Result<v1::ListCommitteesResponse, Problem> {
    let page = open(ledger, &asked.at, &asked.page)?;
    let committees = {
        let reader = ledger.at(page.at.position);
        on_day(&reader.view(), page.at.on).collect()
    };
    let (committees, next_page_token) = page.of_list(committees)?;
    Ok(v1::ListCommitteesResponse {
        committees,
        next_page_token,
        basis: Some(page.at.basis(ledger)?),
    })
}

/// Returns the committees that exist, or may exist, on a day, by their ids.
pub(super) fn on_day<P: Parties>(
    view: &View<'_, P>,
    day: Day,
) -> impl Iterator<Item = v1::CommitteeState> {
    let first = Slot::Committee(CommitteeId::least());
    let slots = view.book.slots_from(&first);
    let committees = slots.map_while(|(slot, _)| match slot {
        Slot::Committee(committee) => Some((slot, committee)),
        _ => None,
    });
    committees.filter_map(move |(slot, committee)| state(view, slot, committee, day))
}

/// Returns a committee that exists, or may exist, on a day.
fn state<P: Parties>(
    view: &View<'_, P>,
    slot: &Slot,
    committee: &CommitteeId,
    day: Day,
) -> Option<v1::CommitteeState> {
    let line = view.book.line(slot, view.known_at).ok()?;
    let possible = intervals::on_day(&line, day);
    let exists = |stretch: &Option<Stretch<'_, Arc<Event>>>| {
        let value = stretch.as_ref().and_then(|stretch| stretch.value);
        value.is_some_and(|(event, _)| book_value_stands(slot, event))
    };
    // It may exist twice, abolished and established anew within a window: the last is shown.
    let existing = possible.iter().rev().find(|stretch| exists(stretch));
    let stretch = existing.copied().flatten()?;
    let subject = Named::Committee(committee.clone());
    let names = names::of_named(view, &subject, day);
    Some(v1::CommitteeState {
        committee: committee.to_string(),
        names: names::plain(&names),
        interval: Some(stretch.interval()),
        certain: possible.iter().all(exists),
        coordinators: coordinators(view, committee, day),
        position: stretch.value.map_or(0, |(_, position)| position.number()),
    })
}

fn coordinators<P: Parties>(
    view: &View<'_, P>,
    committee: &CommitteeId,
    day: Day,
) -> Vec<v1::CoordinatorState> {
    let first = Slot::Coordinator(committee.clone(), None);
    let seats = view
        .book
        .slots_from(&first)
        .map_while(|(slot, _)| match slot {
            Slot::Coordinator(of, seat) if of == committee => Some((slot, seat.as_ref())),
            _ => None,
        });
    seats
        .filter_map(|(slot, seat)| coordinator(view, slot, seat, day))
        .collect()
}

/// Returns who may hold a seat; none where certainly nobody does.
fn coordinator<P: Parties>(
    view: &View<'_, P>,
    slot: &Slot,
    seat: Option<&Word>,
    day: Day,
) -> Option<v1::CoordinatorState> {
    let line = view.book.line(slot, view.known_at).ok()?;
    let mut parties: Vec<String> = Vec::new();
    let mut last: Option<Position> = None;
    for value in line.possible(day) {
        let appointed = value.and_then(|(event, position)| Some((event.coordinator()?, position)));
        let party = if let Some((party, position)) = appointed {
            last = Some(position);
            party.to_string()
        } else {
            String::new()
        };
        if !parties.contains(&party) {
            parties.push(party);
        }
    }
    Some(v1::CoordinatorState {
        seat: seat.map(ToString::to_string).unwrap_or_default(),
        parties,
        position: last?.number(),
    })
}
