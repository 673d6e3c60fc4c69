//! Two states of knowledge compared: whose answers on a day differ, and the first entry that
//! separates them.

use crate::call::calls::{dear, point_of};
use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, Page, open, refuse};
use crate::call::point::{Pinned, pin_below};
use crate::call::served::Served;
use crate::dear::Ask;
use crate::rights::holders::STRIDE;
use crate::roll::party_state::write_classes;
use crate::words::nearest::suggest;
use prost::Message as _;
use standing_domain::answers::changes::{Held, Otherwise};
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_engine::Among;
use standing_proto::ask::audit::CompareKnowledge;
use standing_proto::change::{write_bodies, write_verdict};
use standing_proto::v1;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// The bytes of a position, at most, that is told later.
const POSITION: usize = 11;

/// Compares two states of knowledge. The earlier is settled first, as the later is: nothing more is
/// recorded at either.
pub(crate) async fn compare_knowledge(
    served: &Arc<Served>,
    mut request: Request<v1::CompareKnowledgeRequest>,
) -> Result<Response<v1::CompareKnowledgeResponse>, Status> {
    if let Some(before) = &request.get_ref().before {
        let earlier = point_of(before);
        let settled = served.ready_for(&earlier, request.metadata()).await?;
        if let Some(settled) = settled
            && let Some(before) = &mut request.get_mut().before
        {
            settled.write(before);
        }
    }
    dear(served, request, compare).await
}

fn compare(
    ledger: &Ask<'_>,
    asked: &CompareKnowledge,
) -> Result<v1::CompareKnowledgeResponse, Problem> {
    let page = open(ledger, &asked.at, &asked.page)?;
    let (before, after) = earlier(ledger, asked, &page)?;
    if before.position > page.at.position {
        let description = format!(
            "knows more than `at`: up to entry {}, which knows up to entry {}",
            before.position, page.at.position
        );
        return Err(Problem::of_field(
            "ENDS_BEFORE_IT_BEGINS",
            "before",
            description,
        ));
    }
    let (found, next_page_token) = match &asked.party {
        Some(party) => {
            let found = difference(ledger, party, before.position, page.at);
            if found.is_none() {
                require_known(ledger, party, page.at.position)?;
            }
            (found.into_iter().collect(), String::new())
        }
        None => walk(ledger, before.position, after, &page)?,
    };
    let (parties, mut differences): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let range = (before.position, page.at.position);
    let stirring = ledger.stirring(range, ledger.stop)?;
    let parted = ledger.parted_by(&parties, page.at.on, &stirring, ledger.stop)?;
    for (difference, parted) in differences.iter_mut().zip(parted) {
        difference.position = parted.unwrap_or_default().number();
    }
    Ok(v1::CompareKnowledgeResponse {
        differences,
        next_page_token,
        basis: Some(page.at.basis(ledger)?),
        before: Some(before.basis(ledger)?),
    })
}

/// Returns the earlier knowledge, the same on every page, and the party after which a page begins.
fn earlier(
    ledger: &Ask<'_>,
    asked: &CompareKnowledge,
    page: &Page,
) -> Result<(Pinned, Option<PartyId>), Problem> {
    let on = page.at.on;
    let pinned = Pinned {
        on,
        ..pin_below(&asked.before, ledger)?
    };
    let Some(after) = &page.after else {
        return Ok((pinned, None));
    };
    let resumed = after.split_once('/').and_then(|(position, party)| {
        let position = Position::new(position.parse().ok()?);
        Some((position, PartyId::new(party).ok()?))
    });
    let (position, party) = resumed.ok_or_else(|| refuse("is not a page token"))?;
    if pinned.position != position {
        return Err(refuse("belongs to another question"));
    }
    Ok((pinned, Some(party)))
}

/// A party as it was known before, and how it was known otherwise; the entry that separates the two
/// is told later.
type Found = ((PartyId, Option<Held>), v1::KnowledgeDifference);

/// Refuses a party that is not known.
fn require_known(ledger: &Ask<'_>, party: &PartyId, known_at: Position) -> Result<(), Problem> {
    if ledger.at(known_at).view().record(party).is_some() {
        return Ok(());
    }
    let unknown = Problem::unknown("UNKNOWN_PARTY", "party", party);
    Err(suggest(ledger, known_at, unknown))
}

/// Goes over everybody of whom more than a registration is recorded by now until a page is full;
/// one difference at least.
fn walk(
    ledger: &Ask<'_>,
    before: Position,
    mut after: Option<PartyId>,
    page: &Page,
) -> Result<(Vec<Found>, String), Problem> {
    let (mut found, mut bytes) = (Vec::<Found>::new(), 0);
    loop {
        let parties = ledger.parties_after(&Among::Concerned, after.as_ref(), STRIDE);
        let Some(last) = parties.last() else {
            return Ok((found, String::new()));
        };
        after = Some(last.clone());
        for party in &parties {
            ledger.stop.check()?;
            let found_of = difference(ledger, party, before, page.at);
            // Of whom more is recorded later may be among them: they are told of only if more was
            // then.
            let Some(difference) = found_of.filter(|(_, of)| !is_registration(of)) else {
                continue;
            };
            bytes += difference.1.encoded_len() + POSITION;
            let full = found.len() == page.limit || bytes > MOST_BYTES;
            if let (true, Some((_, last))) = (full, found.last()) {
                let token = page.token(&format!("{before}/{}", last.party));
                return Ok((found, token));
            }
            found.push(difference);
        }
    }
}

/// Returns whether all that differs is that a party without a class was registered, or no longer.
fn is_registration(of: &v1::KnowledgeDifference) -> bool {
    let classes = of.classes_before.iter().chain(&of.classes_after);
    of.rights.is_empty() && classes.into_iter().all(String::is_empty)
}

/// Returns how a party was known otherwise; none if it was not.
fn difference(ledger: &Ask<'_>, party: &PartyId, before: Position, at: Pinned) -> Option<Found> {
    let [was, is] = [before, at.position].map(|known_at| ledger.held(party, at.on, known_at));
    if was == is {
        return None;
    }
    let classes = |held: &Option<Held>| {
        let classes = held.iter().flat_map(|held| &held.classes);
        write_classes(classes.map(Option::as_ref))
    };
    let nothing = Held::default();
    let rights = is.as_ref().unwrap_or(&nothing);
    let rights = rights.otherwise(was.as_ref().unwrap_or(&nothing));
    let difference = v1::KnowledgeDifference {
        party: party.to_string(),
        classes_before: classes(&was),
        classes_after: classes(&is),
        rights: rights.iter().map(write_right).collect(),
        position: 0,
    };
    Some(((party.clone(), was), difference))
}

fn write_right(right: &Otherwise) -> v1::RightDifference {
    v1::RightDifference {
        right: right.right.to_string(),
        bodies: write_bodies(&right.bodies),
        before: write_verdict(right.before).into(),
        after: write_verdict(right.after).into(),
    }
}
