//! Parties, one by one and listed.

mod matching;

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
use standing_engine::{Among, Matched, Reader, Shards};
use standing_proto::ask::roll;
use standing_proto::v1;
use std::collections::BTreeMap;

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
        Some(None) => Found::default(),
        number => {
            let filter = Filter {
                class: number.flatten(),
                country: asked.country.clone(),
                members_only: asked.members_only,
            };
            match &asked.query {
                Some(sought) => matching::found(ledger, &filter, sought, &page)?,
                None => found(ledger, &filter, &asked.name, &page)?,
            }
        }
    };
    let is_empty = found.parties.is_empty() && page.after.is_none();
    let nearest = if is_empty && !asked.name.is_empty() {
        nearest(ledger, &asked.name, &page)?
    } else {
        Vec::new()
    };
    let next_page_token = found.fit(&page);
    let drawn = found.parties.into_iter().map(|(_, drawn)| drawn);
    let parties = party_state::finish(ledger, drawn.collect())?;
    let of = |party: &v1::PartyState| {
        let matched = found.matched.get(party.party.as_str())?;
        Some(matching::write(party, matched, asked.query.as_ref()?))
    };
    Ok(v1::ListPartiesResponse {
        next_page_token,
        matches: parties.iter().filter_map(of).collect(),
        parties,
        nearest,
        basis: Some(page.at.basis(ledger)?),
    })
}

/// The parties of a page, and how they match what is sought, if something is.
#[derive(Default)]
struct Found {
    parties: Vec<(PartyId, Drawn)>,
    matched: BTreeMap<PartyId, Matched>,
}

impl Found {
    /// Parties, where nothing is sought.
    fn of(parties: Vec<(PartyId, Drawn)>) -> Self {
        Self {
            parties,
            matched: BTreeMap::new(),
        }
    }

    /// Leaves what a page takes, by number and by bytes, at least one. Returns the token of the
    /// next page.
    fn fit(&mut self, page: &Page) -> String {
        let mut bytes = 0;
        let within = self.parties.iter().take(page.limit);
        let within = within.take_while(|(party, drawn)| {
            let matched = self.matched.get(party).and_then(|of| of.text.as_ref());
            let told = matched.map_or(0, |text| text.len() + party.as_str().len());
            bytes += drawn.bytes() + told;
            bytes <= MOST_BYTES
        });
        let fitted = within.count().max(1);
        let more = fitted < self.parties.len();
        self.parties.truncate(fitted);
        let last = self.parties.last().filter(|_| more);
        let token = last.map(|(party, _)| match self.matched.get(party) {
            Some(matched) => page.token(&matching::key(party, matched)),
            None => page.token(party.as_str()),
        });
        token.unwrap_or_default()
    }
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

/// Draws the parties that pass, from where the page begins, by id: one more than fits, if there is.
fn found(ledger: &Ask<'_>, filter: &Filter, name: &str, page: &Page) -> Result<Found, Problem> {
    let mut after = page
        .after
        .as_deref()
        .and_then(|after| PartyId::new(after).ok());
    let mut parties = Vec::new();
    if !name.is_empty() {
        let mut named = ledger.at(page.at.position).find_parties(name)?;
        named.retain(|party| after.as_ref().is_none_or(|after| after < party));
        for some in named.chunks(STRIDE) {
            ledger.stop.check()?;
            filter.draw(&ledger.at(page.at.position), some, page, &mut parties);
        }
        return Ok(Found::of(parties));
    }
    let among = match (filter.class, filter.members_only) {
        (Some(class), _) => Among::Classes(vec![class]),
        (None, true) => Among::Concerned,
        (None, false) => Among::Everybody,
    };
    while parties.len() <= page.limit {
        let some = ledger.parties_after(&among, after.as_ref(), STRIDE);
        let Some(last) = some.last() else { break };
        after = Some(last.clone());
        ledger.stop.check()?;
        let reader = ledger.at(page.at.position);
        filter.draw(&reader, &some, page, &mut parties);
    }
    Ok(Found::of(parties))
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
