//! Parties, one by one and listed.

use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, Page, open};
use crate::dear::Ask;
use crate::rights::holders::STRIDE;
use crate::roll::party_state;
use crate::roll::party_state::Drawn;
use crate::words::nearest::{NearParties, suggest};
use standing_domain::answers::view::{Parties as _, View};
use standing_domain::entry::event::TermKind;
use standing_domain::id::{PartyId, Word};
use standing_domain::record::number::ClassIx;
use standing_domain::record::party::PartyRecord;
use standing_engine::{Among, Reader, Shards};
use standing_proto::ask::roll;
use standing_proto::v1;

pub(crate) fn get_party(
    ledger: &Ask<'_>,
    asked: &roll::GetParty,
) -> Result<v1::GetPartyResponse, Problem> {
    let party = &asked.party;
    let at = ledger.pin(&asked.at)?;
    let drawn = {
        let reader = ledger.at(at.position);
        let record = reader.view().record(party);
        record.and_then(|record| party_state::draw(&reader, party, &record, at.on))
    };
    let Some(drawn) = drawn else {
        return Err(Problem::unknown("UNKNOWN_PARTY", "party", party));
    };
    Ok(v1::GetPartyResponse {
        party: party_state::finish(ledger, vec![drawn])?.pop(),
        basis: Some(at.basis(ledger)?),
    })
}

/// Which parties are listed.
struct Filter {
    class: Option<ClassIx>,
    country: Option<Word>,
    members_only: bool,
}

pub(crate) fn list_parties(
    ledger: &Ask<'_>,
    asked: &roll::ListParties,
) -> Result<v1::ListPartiesResponse, Problem> {
    let page = open(ledger, &asked.at, &asked.page)?;
    if let Some(class) = &asked.class
        && !ledger.knows_term(TermKind::Class, class.into(), page.at.position)
    {
        let unknown = Problem::unknown("UNKNOWN_CLASS", "class", class);
        return Err(suggest(ledger, page.at.position, unknown));
    }
    // A class has a number once an entry gives it to a party; before that, no party has it.
    let number = asked
        .class
        .as_ref()
        .map(|class| ledger.at(page.at.position).view().book.class_ix(class));
    let mut found = match number {
        Some(None) => Vec::new(),
        number => {
            let filter = Filter {
                class: number.flatten(),
                country: asked.country.clone(),
                members_only: asked.members_only,
            };
            found(ledger, &filter, &asked.name, &page)?
        }
    };
    let nearest = if found.is_empty() && page.after.is_none() && !asked.name.is_empty() {
        nearest(ledger, &asked.name, &page)?
    } else {
        Vec::new()
    };
    let fitted = fitting(&found, page.limit);
    let more = fitted < found.len();
    found.truncate(fitted);
    let next = found.last().filter(|_| more);
    Ok(v1::ListPartiesResponse {
        next_page_token: next
            .map(|(party, _)| page.token(party.as_str()))
            .unwrap_or_default(),
        parties: party_state::finish(ledger, found.into_iter().map(|(_, drawn)| drawn).collect())?,
        nearest,
        basis: Some(page.at.basis(ledger)?),
    })
}

/// Returns the parties whose names come nearest to one that fits none; none where it fits one that
/// is left out for something else.
fn nearest(ledger: &Ask<'_>, name: &str, page: &Page) -> Result<Vec<v1::NearParty>, Problem> {
    if !ledger.at(page.at.position).find_parties(name)?.is_empty() {
        return Ok(Vec::new());
    }
    let mut nearest = NearParties::to(name);
    let mut after: Option<PartyId> = None;
    loop {
        ledger.stop.check()?;
        let some = ledger.parties_after(&Among::Everybody, after.as_ref(), STRIDE);
        let Some(last) = some.last() else { break };
        after = Some(last.clone());
        nearest.look(ledger, page.at.position, &some);
    }
    Ok(nearest.found())
}

/// Returns how many of the parties a page takes, by number and by bytes; at least one.
fn fitting(found: &[(PartyId, Drawn)], limit: usize) -> usize {
    let mut bytes = 0;
    let within = found.iter().take(limit).take_while(|(_, drawn)| {
        bytes += drawn.bytes();
        bytes <= MOST_BYTES
    });
    within.count().max(1)
}

/// Draws the parties that pass, from where the page begins, by id: one more than fits, if there is.
fn found(
    ledger: &Ask<'_>,
    filter: &Filter,
    name: &str,
    page: &Page,
) -> Result<Vec<(PartyId, Drawn)>, Problem> {
    let mut after = page
        .after
        .as_deref()
        .and_then(|after| PartyId::new(after).ok());
    let mut found = Vec::new();
    if !name.is_empty() {
        let mut named = ledger.at(page.at.position).find_parties(name)?;
        named.retain(|party| after.as_ref().is_none_or(|after| after < party));
        for some in named.chunks(STRIDE) {
            ledger.stop.check()?;
            filter.draw(&ledger.at(page.at.position), some, page, &mut found);
        }
        return Ok(found);
    }
    let among = match (filter.class, filter.members_only) {
        (Some(class), _) => Among::Classes(vec![class]),
        (None, true) => Among::Concerned,
        (None, false) => Among::Everybody,
    };
    while found.len() <= page.limit {
        let some = ledger.parties_after(&among, after.as_ref(), STRIDE);
        let Some(last) = some.last() else { break };
        after = Some(last.clone());
        ledger.stop.check()?;
        let reader = ledger.at(page.at.position);
        filter.draw(&reader, &some, page, &mut found);
    }
    Ok(found)
}

impl Filter {
    fn draw(
        &self,
        reader: &Reader<'_>,
        parties: &[PartyId],
        page: &Page,
        found: &mut Vec<(PartyId, Drawn)>,
    ) {
        let view = reader.view();
        for party in parties {
            if found.len() > page.limit {
                break;
            }
            let record = view.parties.with(party, |record| {
                record
                    .filter(|record| self.may_pass(&view, record, page))
                    .cloned()
            });
            let drawn = record
                .filter(|record| self.passes(&view, record, page))
                .and_then(|record| party_state::draw(reader, party, &record, page.at.on));
            found.extend(drawn.map(|drawn| (party.clone(), drawn)));
        }
    }

    /// Looks at what a record says by itself, before it is copied.
    fn may_pass(&self, view: &View<'_, Shards>, record: &PartyRecord, page: &Page) -> bool {
        let Some(attributes) = view.attributes(record) else {
            return false;
        };
        if self.country.is_some() && self.country != attributes.country {
            return false;
        }
        match record.plain_class(page.at.on, view.known_at) {
            Ok(held) => self.takes(held),
            Err(_) => true,
        }
    }

    fn passes(&self, view: &View<'_, Shards>, record: &PartyRecord, page: &Page) -> bool {
        let standings = view.classes(record, page.at.on);
        // Of no class at all nothing stands, as before the first.
        standings.is_empty() && self.takes(None)
            || standings.iter().any(|standing| self.takes(standing.class))
    }

    /// Returns whether a party that has, or may have, a class is listed.
    fn takes(&self, held: Option<ClassIx>) -> bool {
        match self.class {
            Some(_) => held == self.class,
            None => !self.members_only || held.is_some(),
        }
    }
}
