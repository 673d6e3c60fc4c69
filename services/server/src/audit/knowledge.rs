//! Two states of knowledge compared: whose answers on a day differ, and the first entry that
//! separates them.

use crate::call::calls::{dear, point_of};
use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, Page, open, refuse};
use crate::call::point::{Pinned, pin};
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
use standing_proto::change::write_verdict;
use standing_proto::v1;
use std::sync::Arc;
use tonic::{Request, Response, Status};

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
    let (differences, next_page_token) = match &asked.party {
        Some(party) => {
            let known = |at: Position| {
                let registered = ledger.at(at);
                registered.view().record(party).is_some()
            };
            if !known(before.position) && !known(page.at.position) {
                let unknown = Problem::unknown("UNKNOWN_PARTY", "party", party);
                return Err(suggest(ledger, page.at.position, unknown));
            }
            let found = difference(ledger, party, before.position, page.at)?;
            (found.into_iter().collect(), String::new())
        }
        None => walk(ledger, before.position, after, &page)?,
    };
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
        ..pin(&asked.before, ledger)?
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
    let first = Pinned { position, ..pinned };
    Ok((first, Some(party)))
}

/// Goes over everybody of whom more than a registration is recorded until a page is full; one
/// difference at least.
fn walk(
    ledger: &Ask<'_>,
    before: Position,
    mut after: Option<PartyId>,
    page: &Page,
) -> Result<(Vec<v1::KnowledgeDifference>, String), Problem> {
    let (mut found, mut bytes) = (Vec::<v1::KnowledgeDifference>::new(), 0);
    loop {
        let parties = ledger.parties_after(&Among::Concerned, after.as_ref(), STRIDE);
        let Some(last) = parties.last() else {
            return Ok((found, String::new()));
        };
        after = Some(last.clone());
        for party in &parties {
            ledger.stop.check()?;
            let Some(difference) = difference(ledger, party, before, page.at)? else {
                continue;
            };
            bytes += difference.encoded_len();
            let full = found.len() == page.limit || bytes > MOST_BYTES;
            if let (true, Some(last)) = (full, found.last()) {
                let token = page.token(&format!("{before}/{}", last.party));
                return Ok((found, token));
            }
            found.push(difference);
        }
    }
}

/// Returns how a party was known otherwise; none if it was not.
fn difference(
    ledger: &Ask<'_>,
    party: &PartyId,
    before: Position,
    at: Pinned,
) -> Result<Option<v1::KnowledgeDifference>, Problem> {
    let [was, is] = [before, at.position].map(|known_at| ledger.held(party, at.on, known_at));
    if was == is {
        return Ok(None);
    }
    let range = (before, at.position);
    let parted = ledger.parted_by(party, at.on, &was, range, ledger.stop)?;
    let classes = |held: &Option<Held>| {
        let classes = held.iter().flat_map(|held| &held.classes);
        write_classes(classes.map(Option::as_ref))
    };
    let (classes_before, classes_after) = (classes(&was), classes(&is));
    let rights = is.unwrap_or_default().otherwise(&was.unwrap_or_default());
    Ok(Some(v1::KnowledgeDifference {
        party: party.to_string(),
        classes_before,
        classes_after,
        rights: rights.iter().map(write_right).collect(),
        position: parted.unwrap_or_default().number(),
    }))
}

fn write_right(right: &Otherwise) -> v1::RightDifference {
    let bodies = right.bodies.iter();
    let bodies = bodies.map(|body| body.as_ref().map(ToString::to_string).unwrap_or_default());
    v1::RightDifference {
        right: right.right.to_string(),
        bodies: bodies.collect(),
        before: write_verdict(right.before).into(),
        after: write_verdict(right.after).into(),
    }
}
