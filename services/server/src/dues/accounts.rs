//! Accounts of parties, and who is in arrears.

use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, open};
use crate::dear::Ask;
use crate::rights::dues_ground;
use crate::rights::dues_ground::amount;
use crate::rights::holders::STRIDE;
use crate::words::cited::Cited;
use crate::words::names::Called;
use prost::Message as _;
use standing_domain::answers::arrears::AccountView;
use standing_domain::answers::losses::DuesGround;
use standing_domain::answers::view::{Parties, View};
use standing_domain::dues::account::{BalanceLine, NEVER};
use standing_domain::dues::loss::Stage;
use standing_domain::entry::event::NameKind;
use standing_domain::id::position::Position;
use standing_domain::id::{FundId, PartyId};
use standing_domain::record::party::PartyRecord;
use standing_domain::time::day::Day;
use standing_engine::Among;
use standing_proto::ask::dues;
use standing_proto::v1;

pub(crate) fn get_account(
    ledger: &Ask<'_>,
    asked: &dues::GetAccount,
) -> Result<v1::GetAccountResponse, Problem> {
    let at = ledger.pin(&asked.at)?;
    let drawn = {
        let reader = ledger.at(at.position);
        let view = reader.view();
        view.record(&asked.party).map(|record| {
            let views = views(&view, &record, at.on);
            (views, view.account_entries(&record, at.on))
        })
    };
    let Some((views, entries)) = drawn else {
        return Err(Problem::unknown("UNKNOWN_PARTY", "party", &asked.party));
    };
    let cited = Cited::read(ledger, entries.iter().copied())?;
    Ok(v1::GetAccountResponse {
        party: asked.party.to_string(),
        views,
        entries: entries
            .into_iter()
            .map(|entry| cited.ground(entry))
            .collect(),
        basis: Some(at.basis(ledger)?),
    })
}

/// Writes an account at the end of a day, by each article that may govern it.
pub(crate) fn views<P: Parties>(
    view: &View<'_, P>,
    record: &PartyRecord,
    day: Day,
) -> Vec<v1::AccountView> {
    let grounds = view.dues_grounds(record, day);
    let views = view.balances(record, day);
    let written = views.iter().map(|seen| write(view, seen, &grounds));
    written.collect()
}

pub(crate) fn list_arrears(
    ledger: &Ask<'_>,
    asked: &dues::ListArrears,
) -> Result<v1::ListArrearsResponse, Problem> {
    let page = open(ledger, &asked.at, &asked.page)?;
    let mut arrears = Vec::new();
    let mut after = page
        .after
        .as_deref()
        .and_then(|after| PartyId::new(after).ok());
    // One more than fits says whether there is another page.
    while arrears.len() <= page.limit {
        ledger.stop.check()?;
        let parties = ledger.parties_after(&Among::Accounts, after.as_ref(), STRIDE);
        let Some(last) = parties.last() else { break };
        after = Some(last.clone());
        let reader = ledger.at(page.at.position);
        let view = reader.view();
        arrears.extend(parties.iter().filter_map(|party| {
            let record = view.record(party)?;
            in_arrears(&view, party, &record, page.at.on)
        }));
    }
    let fitting = fitting(&arrears, page.limit);
    let more = arrears.len() > fitting;
    arrears.truncate(fitting);
    let last = arrears.last().filter(|_| more);
    let next_page_token = last.map_or_else(String::new, |last| page.token(&last.party));
    name_persons(ledger, page.at.position, page.at.on, &mut arrears)?;
    Ok(v1::ListArrearsResponse {
        arrears,
        next_page_token,
        basis: Some(page.at.basis(ledger)?),
    })
}

/// Returns how many parties fit a page by number and by bytes, grounds included; at least one.
fn fitting(arrears: &[v1::Arrears], limit: usize) -> usize {
    let mut bytes = 0;
    let within = arrears.iter().take(limit).take_while(|of| {
        bytes += of.encoded_len();
        bytes <= MOST_BYTES
    });
    within.count().max(1)
}

/// Adds what those are called who are natural persons.
fn name_persons(
    ledger: &Ask<'_>,
    known_at: Position,
    day: Day,
    arrears: &mut [v1::Arrears],
) -> Result<(), Problem> {
    for some in arrears.chunks_mut(STRIDE) {
        ledger.stop.check()?;
        let called: Vec<Option<Called>> = {
            let reader = ledger.at(known_at);
            let view = reader.view();
            let called = some.iter().map(|of| {
                let record = view.record(&PartyId::new(&of.party).ok()?)?;
                view.person(&record)?;
                Some(Called::of(&view, &record, day))
            });
            called.collect()
        };
        for (of, called) in some.iter_mut().zip(called) {
            if let Some(called) = called {
                of.display_name = called.shown(ledger);
            }
        }
    }
    Ok(())
}

fn in_arrears<P: Parties>(
    view: &View<'_, P>,
    party: &PartyId,
    record: &PartyRecord,
    day: Day,
) -> Option<v1::Arrears> {
    if record.dues_facts().is_empty() {
        return None;
    }
    let views = view.balances(record, day);
    let overdue = views.iter().map(|seen| seen.worst.overdue()).max()?;
    if overdue == 0 {
        return None;
    }
    let lines = views.iter().flat_map(|seen| &seen.worst.lines);
    let oldest = lines
        .filter(|line| line.overdue && line.unpaid > 0)
        .map(|line| line.due)
        .min();
    let names = view.names(record, day);
    let mut public = names.iter().filter(|(kind, _)| *kind == NameKind::Public);
    let grounds = view.dues_grounds(record, day);
    let currency = view.currency_of(&view.account(record));
    Some(v1::Arrears {
        party: party.to_string(),
        display_name: public
            .next()
            .map(|(_, name)| name.text.clone())
            .unwrap_or_default(),
        overdue_amount: amount(overdue),
        currency: currency
            .map(|currency| currency.to_string())
            .unwrap_or_default(),
        oldest_due_date: oldest.map(|day| day.to_string()).unwrap_or_default(),
        grounds: grounds
            .iter()
            .filter(|ground| ground.standing.worst != Stage::Clear)
            .map(dues_ground::write)
            .collect(),
    })
}

/// Writes the last day to pay; nothing where it never comes.
fn due_date(due: Day) -> String {
    if due == NEVER {
        String::new()
    } else {
        due.to_string()
    }
}

fn write<P: Parties>(
    view: &View<'_, P>,
    seen: &AccountView<'_>,
    grounds: &[DuesGround],
) -> v1::AccountView {
    let currency = |fund: &FundId| {
        view.currency(fund)
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    let at_best = |line: &BalanceLine| {
        let mut best = seen.best.lines.iter();
        let key = |line: &BalanceLine| (line.year, line.fund.clone(), line.name);
        let same = best.find(|other| key(other) == key(line));
        same.map_or(0, |best| best.unpaid)
    };
    let line = |line: &BalanceLine| v1::AccountLine {
        fund: line.fund.to_string(),
        year: u32::try_from(line.year).unwrap_or(0),
        currency: currency(&line.fund),
        assessed: amount(line.assessed.into()),
        written_off: amount(line.written_off.into()),
        paid: amount(line.paid.into()),
        unpaid: amount(line.unpaid.into()),
        unpaid_at_best: amount(at_best(line).into()),
        due_date: due_date(line.due),
        due_date_passed: line.overdue,
        position: line.position.number(),
    };
    let credits = seen.worst.credit.iter().map(|(fund, credit)| v1::Credit {
        fund: fund.to_string(),
        currency: currency(fund),
        amount: amount(*credit),
    });
    let article = seen.policy.as_ref().map(|policy| policy.norm.article);
    let of_policy = grounds
        .iter()
        .filter(|ground| Some(&ground.article) == article);
    v1::AccountView {
        article: article.map(ToString::to_string).unwrap_or_default(),
        policy: seen
            .policy
            .as_ref()
            .map(|by| by.policy.name.to_string())
            .unwrap_or_default(),
        lines: seen.worst.lines.iter().map(line).collect(),
        credits: credits.collect(),
        overdue_amount: amount(seen.worst.overdue()),
        grounds: of_policy.map(dues_ground::write).collect(),
    }
}
