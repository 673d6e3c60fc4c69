//! How much there was to write off (rule 28).
//!
//! Stratum (rule 27): accounts; reads recorded acts, law.

use super::{ALWAYS, WrittenOff};
use crate::answers::view::{Parties, View};
use crate::dues::account::{Account, BalanceLine, Obligation, Placement, Stay};
use crate::entry::policy::DuesPolicy;
use crate::record::party::PartyRecord;
use crate::time::day::Day;

/// The most write-offs of one account of which it is asked how much was left to write off; beyond,
/// all of it is taken to have been.
const MOST_WEIGHED: usize = 16;

impl<P: Parties> View<'_, P> {
    /// Returns the account of a party with each write-off cut to what was unpaid then, at most,
    /// without what is written off after it.
    pub(crate) fn account_of_what_was_unpaid(&self, record: &PartyRecord) -> Account {
        let mut account = self.account(record);
        let mut written_off: Vec<(usize, WrittenOff)> = Vec::new();
        for (place, obligation) in account.obligations.iter_mut().enumerate() {
            written_off.extend(obligation.written_off.drain(..).map(|off| (place, off)));
        }
        // What was written off before it came to the account was of what was owed there.
        let always = |_: &Vec<Stay>| vec![ALWAYS];
        let names = account.names.iter().map(always).collect();
        let names = std::mem::replace(&mut account.names, names);
        written_off.sort_by_key(|(_, (on, _, position))| (on.latest, *position));
        for (number, (place, (on, amount, position))) in written_off.into_iter().enumerate() {
            let obligation = &account.obligations[place];
            let left = if number < MOST_WEIGHED {
                self.left_to_write_off(record, &account, obligation, on.latest)
            } else {
                u64::MAX
            };
            let off = (on, amount.min(left), position);
            account.obligations[place].written_off.push(off);
        }
        account.names = names;
        account
    }

    /// Returns what at most is unpaid of an obligation at the end of a day, in minor units.
    fn left_to_write_off(
        &self,
        record: &PartyRecord,
        account: &Account,
        obligation: &Obligation,
        day: Day,
    ) -> u64 {
        let (plain, in_force) = (DuesPolicy::plain(), self.policies(record, day));
        let policies = in_force.iter().map(|by| by.policy);
        let policies = policies.chain(plain.iter().filter(|_| in_force.is_empty()));
        let unpaid = policies.map(|policy| {
            let balance = account.at(policy, day, Placement::Worst);
            let of_year = |line: &&BalanceLine| {
                let of = (&line.fund, line.year, line.name);
                of == (&obligation.fund, obligation.year, obligation.name)
            };
            let line = balance.lines.iter().find(of_year);
            line.map_or(0, |line| line.unpaid)
        });
        unpaid.max().unwrap_or(0)
    }
}
