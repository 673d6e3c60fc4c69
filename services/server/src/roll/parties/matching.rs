//! Parties that a part of a name finds, or what comes near to one: the best matches first.

use super::{Filter, Found};
use crate::call::errors::Problem;
use crate::call::paging::{Page, refuse};
use crate::dear::Ask;
use crate::rights::holders::STRIDE;
use standing_domain::id::PartyId;
use standing_domain::text::folded;
use standing_domain::text::sought::{MatchKind, Sought};
use standing_engine::Matched;
use standing_proto::v1;
use std::collections::BTreeMap;

/// In which way parties match, in the order of their list.
const ORDER: [MatchKind; 5] = [
    MatchKind::Id,
    MatchKind::Whole,
    MatchKind::Beginning,
    MatchKind::Part,
    MatchKind::Near,
];

/// Where a page begins: after a party that matches in a way.
type Place = (MatchKind, PartyId);

/// Draws the parties that pass, from where the page begins: one more than fits, if there is. Near
/// misses are looked for only where the page has room for them.
pub(super) fn found(
    ledger: &Ask<'_>,
    filter: &Filter,
    sought: &Sought,
    page: &Page,
) -> Result<Found, Problem> {
    let after = page.after.as_deref().map(read_key).transpose()?;
    let position = page.at.position;
    let mut found = Found {
        matched: ledger.matching_parties(sought, position, ledger.stop)?,
        ..Found::default()
    };
    let matching = in_order(&found.matched, after.as_ref());
    draw(ledger, filter, &matching, page, &mut found)?;
    if found.parties.len() <= page.limit {
        let mut near = ledger.near_parties(sought, position, ledger.stop)?;
        near.retain(|party, _| !found.matched.contains_key(party));
        let coming_near = in_order(&near, after.as_ref());
        draw(ledger, filter, &coming_near, page, &mut found)?;
        found.matched.extend(near);
    }
    Ok(found)
}

/// Returns the parties that match, after one, in the order of their list.
fn in_order(matched: &BTreeMap<PartyId, Matched>, after: Option<&Place>) -> Vec<PartyId> {
    let places = matched.iter().map(|(party, matched)| (matched.kind, party));
    let is_later =
        |place: &(MatchKind, &PartyId)| after.is_none_or(|(kind, id)| *place > (*kind, id));
    let mut places: Vec<_> = places.filter(is_later).collect();
    places.sort_unstable();
    places.into_iter().map(|(_, party)| party.clone()).collect()
}

fn draw(
    ledger: &Ask<'_>,
    filter: &Filter,
    parties: &[PartyId],
    page: &Page,
    found: &mut Found,
) -> Result<(), Problem> {
    for some in parties.chunks(STRIDE) {
        if found.parties.len() > page.limit {
            break;
        }
        ledger.stop.check()?;
        filter.draw(&ledger.at(page.at.position), some, page, &mut found.parties);
    }
    Ok(())
}

/// Writes after whom the next page begins.
pub(super) fn key(party: &PartyId, matched: &Matched) -> String {
    let place = ORDER.iter().position(|kind| *kind == matched.kind);
    format!("{}/{party}", place.unwrap_or(ORDER.len()))
}

fn read_key(key: &str) -> Result<Place, Problem> {
    let place = key.split_once('/').and_then(|(place, party)| {
        let kind = ORDER.get(place.parse::<usize>().ok()?)?;
        Some((*kind, PartyId::new(party).ok()?))
    });
    place.ok_or_else(|| refuse("is not a page token"))
}

/// Writes how a party that is told matches.
pub(super) fn write(state: &v1::PartyState, matched: &Matched, sought: &Sought) -> v1::PartyMatch {
    let text = folded(sought.text());
    let sealed = || {
        let mut names = state.person_names.iter();
        let name = names.find(|name| folded(&name.text) == text);
        name.map(|name| name.text.clone()).unwrap_or_default()
    };
    let kind = match matched.kind {
        MatchKind::Id => v1::MatchKind::Id,
        MatchKind::Whole => v1::MatchKind::Whole,
        MatchKind::Beginning => v1::MatchKind::Beginning,
        MatchKind::Part => v1::MatchKind::Part,
        MatchKind::Near => v1::MatchKind::Near,
    };
    v1::PartyMatch {
        party: state.party.clone(),
        name: matched.text.clone().unwrap_or_else(sealed),
        kind: kind.into(),
    }
}
