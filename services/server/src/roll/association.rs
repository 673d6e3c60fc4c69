//! The association: its names, its seat, its vocabulary, the number of its members.

use crate::call::errors::Problem;
use crate::dear::Ask;
use crate::roll::party_state;
use crate::words::names;
use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::event::one::PlacedSeat;
use standing_domain::entry::event::term::Term;
use standing_domain::entry::event::{Event, Named, TermKind};
use standing_domain::entry::slot::Slot;
use standing_domain::id::position::Position;
use standing_domain::id::{BodyId, ClassId, Word};
use standing_domain::time::day::Day;
use standing_engine::Counts;
use standing_proto::ask::roll;
use standing_proto::v1;
use std::collections::BTreeMap;
use tonic::Code;

pub(crate) fn get_association(
    ledger: &Ask<'_>,
    asked: &roll::GetAssociation,
) -> Result<v1::GetAssociationResponse, Problem> {
    let at = ledger.pin(&asked.at)?;
    let basis = at.basis(ledger)?;
    let reader = ledger.at(at.position);
    let view = reader.view();
    let founded = view.book.known(&Slot::Association, view.known_at).last();
    let Some(founding) = founded.and_then(|fact| fact.value.founding()) else {
        let message = "no association is founded";
        return Err(Problem::new(Code::NotFound, "UNKNOWN_ASSOCIATION", message));
    };
    let named = Named::Association(founding.association.clone());
    let seat = view.book.line(&Slot::Seat, view.known_at);
    Ok(v1::GetAssociationResponse {
        association: founding.association.to_string(),
        time_zone: founding.time_zone.to_owned(),
        names: names::plain(&names::of_named(&view, &named, at.on)),
        seats: seat
            .iter()
            .flat_map(|line| line.possible(at.on))
            .flatten()
            .filter_map(|(event, _)| write_seat(event))
            .collect(),
        terms: terms(&view, at.on),
        basis: Some(basis),
    })
}

fn write_seat(event: &Event) -> Option<v1::SeatPlaced> {
    let PlacedSeat { place, host } = event.placed_seat()?;
    Some(v1::SeatPlaced {
        place: place.to_owned(),
        host: host.map(ToString::to_string).unwrap_or_default(),
    })
}

/// Returns the vocabulary by order of declaration, with the positions.
pub(super) fn declared<'a, P: Parties>(view: &View<'a, P>) -> Vec<(Position, &'a Term)> {
    let first = Slot::Term(TermKind::Class, Word::least());
    let mut declared: Vec<(Position, &Term)> = view
        .book
        .slots_from(&first)
        .take_while(|(slot, _)| matches!(slot, Slot::Term(..)))
        .filter_map(|(slot, _)| view.book.known(slot, view.known_at).last())
        .filter_map(|fact| Some((fact.position, fact.value.declared_term()?)))
        .collect();
    declared.sort_by_key(|(position, _)| *position);
    declared
}

/// Writes the vocabulary by order of declaration.
fn terms<P: Parties>(view: &View<'_, P>, day: Day) -> Vec<v1::Term> {
    let declared = declared(view).into_iter();
    declared
        .map(|(_, declared)| write_term(view, declared, day))
        .collect()
}

/// Writes a word of the vocabulary.
pub(super) fn write_term<P: Parties>(view: &View<'_, P>, declared: &Term, day: Day) -> v1::Term {
    v1::Term {
        kind: v1::TermKind::from(declared.kind).into(),
        term: declared.term.to_string(),
        names: term_names(view, declared, day),
        meaning: declared.meaning.clone(),
        membership: declared.membership,
        nouns: declared.nouns.iter().map(Into::into).collect(),
        electorate_not_modelled: declared.electorate_not_modelled.clone(),
        natural_person: declared.natural_person,
    }
}

/// A body may take another name in a language than the one it was declared with.
fn term_names<P: Parties>(view: &View<'_, P>, declared: &Term, day: Day) -> Vec<v1::Name> {
    let body = BodyId::new(declared.term.as_str()).ok();
    let taken = match body.filter(|_| declared.kind == TermKind::Body) {
        Some(body) => names::of_named(view, &Named::Body(body), day),
        None => Vec::new(),
    };
    let kept = declared.names.iter().filter(|name| {
        taken
            .iter()
            .all(|(_, other)| other.language != name.language)
    });
    let kept: Vec<v1::Name> = kept.map(Into::into).collect();
    names::plain(&taken).into_iter().chain(kept).collect()
}

pub(crate) fn count_members(
    ledger: &Ask<'_>,
    asked: &roll::CountMembers,
) -> Result<v1::CountMembersResponse, Problem> {
    let at = ledger.pin(&asked.at)?;
    let counts = ledger.count_members(at.on, at.position, ledger.stop)?;
    let counts: BTreeMap<String, Counts> = counts
        .into_iter()
        .map(|count| (count.class.to_string(), count))
        .collect();
    let classes = {
        let reader = ledger.at(at.position);
        let view = reader.view();
        let terms = terms(&view, at.on).into_iter();
        let classes = terms.filter(|term| term.kind() == v1::TermKind::Class);
        let counted = classes.map(|term| {
            let count = counts.get(&term.term);
            let class = ClassId::new(&term.term).ok();
            v1::ClassCount {
                count: Some(v1::CountRange {
                    certain: count.map_or(0, |count| count.certain),
                    possible: count.map_or(0, |count| count.possible),
                    unbounded: false,
                }),
                called: class
                    .map(|class| party_state::called(&view, &class))
                    .unwrap_or_default(),
                class: term.term,
            }
        });
        counted.collect()
    };
    Ok(v1::CountMembersResponse {
        classes,
        basis: Some(at.basis(ledger)?),
    })
}
