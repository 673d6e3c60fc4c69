//! Accounts without drafts, and with them.

use super::{Both, MOST, told, total};
use crate::call::errors::Problem;
use crate::dear::Ask;
use crate::dues::accounts;
use crate::rights::holders::STRIDE;
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_engine::{Among, Preview};
use standing_proto::v1;

/// Tells in an answer which accounts differ on a day, of those whom the drafts reach.
pub(super) fn compare(
    both: &Both<'_>,
    preview: &Preview,
    on: Day,
    answer: v1::PreviewResponse,
) -> Result<v1::PreviewResponse, Problem> {
    let reach = preview.reach()?;
    let (mut found, mut count) = (Vec::new(), 0);
    let mut look = |parties: &[PartyId]| -> Result<(), Problem> {
        both.after.stop.check()?;
        let [before, after] =
            both.each(|ask, known_at| Ok(accounts_of(ask, parties, on, known_at)))?;
        let each = parties.iter().zip(before.into_iter().zip(after));
        for (party, (before, after)) in each.filter(|(_, (before, after))| before != after) {
            count += 1;
            if found.len() < MOST {
                found.push(v1::AccountPreview {
                    party: party.to_string(),
                    before,
                    after,
                });
            }
        }
        Ok(())
    };
    if reach.everybody.is_some() {
        let mut after = None;
        loop {
            let some = both
                .after
                .parties_after(&Among::Accounts, after.as_ref(), STRIDE);
            let Some(last) = some.last() else { break };
            look(&some)?;
            after = Some(last.clone());
        }
    } else {
        let parties: Vec<PartyId> = reach.parties.into_keys().collect();
        parties.chunks(STRIDE).try_for_each(&mut look)?;
    }
    Ok(v1::PreviewResponse {
        accounts_total: total(count),
        accounts: told(found.into_iter().map(Ok))?,
        ..answer
    })
}

fn accounts_of(
    ask: &Ask<'_>,
    parties: &[PartyId],
    on: Day,
    known_at: Position,
) -> Vec<Vec<v1::AccountView>> {
    let reader = ask.at(known_at);
    let view = reader.view();
    let accounts = parties.iter().map(|party| {
        let record = view.record(party);
        let record = record.filter(|record| !record.dues_facts().is_empty());
        record.map_or_else(Vec::new, |record| accounts::views(&view, &record, on))
    });
    accounts.collect()
}
