//! Who holds a right.

use crate::call::errors::Problem;
use crate::call::paging::open;
use crate::call::point::Pinned;
use crate::dear::Ask;
use crate::words::names::Called;
use crate::words::nearest::suggest;
use standing_domain::id::PartyId;
use standing_domain::time::truth::Truth;
use standing_proto::ask::rights;
use standing_proto::change::write_verdict;
use standing_proto::v1;

/// How many parties are looked at before the locks are let go, and before others may have their
/// turn: a walk never holds up a writer for long.
pub(crate) const STRIDE: usize = 16;

pub(crate) fn list_holders(
    ledger: &Ask<'_>,
    asked: &rights::ListHolders,
) -> Result<v1::ListHoldersResponse, Problem> {
    let page = open(ledger, &asked.at, &asked.page)?;
    let law = ledger.law(page.at.position);
    let (right, body) = (&asked.right, asked.body.as_ref());
    if !law.knows_right(right) {
        let unknown = Problem::unknown("UNKNOWN_RIGHT", "right", right);
        return Err(suggest(ledger, page.at.position, unknown));
    }
    if let Some(body) = body.filter(|body| !law.knows_body(body)) {
        let unknown = Problem::unknown("UNKNOWN_BODY", "body", body);
        return Err(suggest(ledger, page.at.position, unknown));
    }
    let (on, position) = (page.at.on, page.at.position);
    let may = ledger.may_hold(&law, right, body, (on, position));
    let mut after = page
        .after
        .as_deref()
        .and_then(|after| PartyId::new(after).ok());
    let mut found: Vec<(PartyId, Truth)> = Vec::new();
    // One more than fits says whether there is another page.
    while found.len() <= page.limit {
        let parties = ledger.parties_after(&may, after.as_ref(), STRIDE);
        let Some(last) = parties.last() else { break };
        after = Some(last.clone());
        for party in parties {
            ledger.stop.check()?;
            // Whom the ledger heard of later is not known at this position.
            if let Ok(truth @ (Truth::Yes | Truth::Unknown)) =
                ledger.verdict(&party, right, body, on, position)
            {
                found.push((party, truth));
            }
        }
    }
    let more = found.len() > page.limit;
    found.truncate(page.limit);
    let next = found.last().filter(|_| more);
    Ok(v1::ListHoldersResponse {
        next_page_token: next
            .map(|(party, _)| page.token(party.as_str()))
            .unwrap_or_default(),
        holders: describe(ledger, &found, page.at)?,
        basis: Some(page.at.basis(ledger)?),
    })
}

fn describe(
    ledger: &Ask<'_>,
    found: &[(PartyId, Truth)],
    at: Pinned,
) -> Result<Vec<v1::RightHolder>, Problem> {
    let mut holders: Vec<v1::RightHolder> = Vec::with_capacity(found.len());
    let mut called = Vec::with_capacity(STRIDE);
    for some in found.chunks(STRIDE) {
        ledger.stop.check()?;
        let reader = ledger.at(at.position);
        let view = reader.view();
        for (party, truth) in some {
            let Some(record) = view.record(party) else {
                continue;
            };
            let standings = view.classes(&record, at.on);
            let mut classes = crate::roll::party_state::class_texts(&view, &standings);
            holders.push(v1::RightHolder {
                party: party.to_string(),
                verdict: write_verdict(*truth).into(),
                class: if classes.len() == 1 {
                    classes.remove(0)
                } else {
                    String::new()
                },
                display_name: String::new(),
            });
            called.push(Called::of(&view, &record, at.on));
        }
        drop(reader);
        let first = holders.len() - called.len();
        for (holder, called) in holders[first..].iter_mut().zip(called.drain(..)) {
            holder.display_name = called.shown(ledger);
        }
    }
    Ok(holders)
}
