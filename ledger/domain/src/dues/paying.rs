//! How payments meet obligations (rule 28), and whose they meet first where accounts passed on
//! (rule 12).
//!
//! What was paid under a name before its account came together with another's meets the dues of
//! that account first; what is left over, and every later payment, meets all of them.
//!
//! Stratum (rule 27): accounts; reads recorded acts.

use super::account::{Account, BalanceLine, Joined, Payment, Placement};
use crate::entry::policy::PaymentOrder;
use crate::id::FundId;
use crate::time::day::Day;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Money of one fund that waits, and the year it is meant for.
type Waiting = BTreeMap<(FundId, Option<i16>), u128>;

/// Obligations being paid. Names whose accounts came together make a group.
struct Till<'a> {
    lines: &'a mut [BalanceLine],
    /// The places of the lines, as they are paid.
    row: Vec<usize>,
    /// The group of each name.
    group: Vec<usize>,
    /// What waits, by group.
    waiting: Vec<Waiting>,
    order: PaymentOrder,
}

impl Account {
    /// Pays obligations, and returns what is left, by fund.
    pub(super) fn pay(
        &self,
        lines: &mut [BalanceLine],
        mut paid: Vec<&Payment>,
        joined: &[&Joined],
        order: PaymentOrder,
        placement: Placement,
    ) -> BTreeMap<FundId, u128> {
        let day_of = |payment: &Payment| match order {
            // The row of payments does not depend on the placement.
            PaymentOrder::NewestFirst => payment.on.earliest,
            PaymentOrder::OldestFirst | PaymentOrder::NamedYearFirst => placement.help(payment.on),
        };
        paid.sort_by_key(|payment| (day_of(payment), payment.on, payment.position));
        let row = row(lines, order);
        let names = self.names.len().max(1);
        let mut till = Till {
            lines,
            row,
            group: (0..names).collect(),
            waiting: vec![Waiting::new(); names],
            order,
        };
        let mut paid = paid.into_iter().peekable();
        for join in joined {
            while let Some(payment) = paid.next_if(|payment| day_of(payment) < join.on.earliest) {
                till.take(payment);
            }
            let (one, other) = (till.group[join.from], till.group[join.to]);
            // One account that goes back to a name it came from is the same account.
            if one != other {
                till.settle(one, join.on.earliest);
                till.settle(other, join.on.earliest);
                till.join(one, other);
            }
        }
        for payment in paid {
            till.take(payment);
        }
        for group in 0..names {
            till.settle(group, Day::MAX);
        }
        let mut left: BTreeMap<FundId, u128> = BTreeMap::new();
        for ((fund, _), amount) in till.waiting.into_iter().flatten() {
            *left.entry(fund).or_default() += amount;
        }
        left.retain(|_, amount| *amount > 0);
        left
    }

    /// Adds a payment whose funds are the payer's to choose: in each fund the policy's order holds,
    /// and of the funds the one whose next obligation is due first has the next part.
    pub(super) fn add_further(lines: &mut [BalanceLine], order: PaymentOrder, further: u64) {
        let mut money = u128::from(further);
        let row = row(lines, order);
        while money > 0 {
            let mut next: BTreeMap<&FundId, usize> = BTreeMap::new();
            for place in row.iter().filter(|place| lines[**place].unpaid > 0) {
                next.entry(&lines[*place].fund).or_insert(*place);
            }
            let due_first = next
                .into_values()
                .min_by_key(|&place| (lines[place].due, place));
            let Some(place) = due_first else { break };
            lines[place].pay(&mut money);
        }
    }
}

/// Returns the places of obligations in the order in which they are paid: of one year the one due
/// first, then by entry.
fn row(lines: &[BalanceLine], order: PaymentOrder) -> Vec<usize> {
    let mut row: Vec<usize> = (0..lines.len()).collect();
    if order == PaymentOrder::NewestFirst {
        row.sort_by_key(|place| Reverse(lines[*place].year));
    }
    row
}

impl Till<'_> {
    /// Takes a payment. By the newest year it goes to what was assessed by then at once, else it
    /// waits with the others: they are applied afresh every day, so that paying earlier never
    /// leaves an older debt than paying later.
    fn take(&mut self, payment: &Payment) {
        let group = self.group[payment.name];
        let amount = u128::from(payment.amount);
        if self.order == PaymentOrder::NewestFirst {
            let by = payment.on.earliest;
            self.settle_fund(group, &payment.fund, by);
            let mut rest = amount;
            self.pour(group, &payment.fund, by, &mut rest);
            *self.wait(group, &payment.fund, None) += rest;
        } else {
            let named = self.order == PaymentOrder::NamedYearFirst;
            let year = payment.year.filter(|_| named);
            *self.wait(group, &payment.fund, year) += amount;
        }
    }

    fn wait(&mut self, group: usize, fund: &FundId, year: Option<i16>) -> &mut u128 {
        let key = (fund.clone(), year);
        self.waiting[group].entry(key).or_default()
    }

    /// Pays what a group owes, as far as it was assessed by a day, with what it has.
    fn settle(&mut self, group: usize, by: Day) {
        if self.waiting[group].values().all(|amount| *amount == 0) {
            return;
        }
        let mut waiting = std::mem::take(&mut self.waiting[group]);
        let named = waiting.keys().any(|(_, year)| year.is_some());
        for place in 0..self.row.len() {
            let place = self.row[place];
            if !named || !self.is_open(place, group, by) {
                continue;
            }
            let line = &mut self.lines[place];
            if let Some(money) = waiting.get_mut(&(line.fund.clone(), Some(line.year))) {
                line.pay(money);
            }
        }
        // What names no year goes before what is left of what names one.
        let mut funds: BTreeMap<FundId, Vec<u128>> = BTreeMap::new();
        for ((fund, _), amount) in &waiting {
            funds.entry(fund.clone()).or_default().push(*amount);
        }
        for place in 0..self.row.len() {
            let place = self.row[place];
            if !self.is_open(place, group, by) {
                continue;
            }
            for money in funds.get_mut(&self.lines[place].fund).into_iter().flatten() {
                self.lines[place].pay(money);
            }
        }
        let left = funds.into_values().flatten();
        for (amount, left) in waiting.values_mut().zip(left) {
            *amount = left;
        }
        self.waiting[group] = waiting;
    }

    fn settle_fund(&mut self, group: usize, fund: &FundId, by: Day) {
        let mut money = std::mem::take(self.wait(group, fund, None));
        self.pour(group, fund, by, &mut money);
        *self.wait(group, fund, None) += money;
    }

    fn pour(&mut self, group: usize, fund: &FundId, by: Day, money: &mut u128) {
        for place in 0..self.row.len() {
            if *money == 0 {
                return;
            }
            let place = self.row[place];
            if self.lines[place].fund == *fund && self.is_open(place, group, by) {
                self.lines[place].pay(money);
            }
        }
    }

    fn is_open(&self, place: usize, group: usize, by: Day) -> bool {
        let line = &self.lines[place];
        self.group[line.name] == group && line.unpaid > 0 && line.first_assessed.earliest <= by
    }

    /// Makes one group of two.
    fn join(&mut self, one: usize, other: usize) {
        for group in self.group.iter_mut().filter(|group| **group == one) {
            *group = other;
        }
        for (key, amount) in std::mem::take(&mut self.waiting[one]) {
            *self.waiting[other].entry(key).or_default() += amount;
        }
    }
}
