//! Coins that meet debts one by one, whatever passes to whom: the model of rule 28 in successions.

use super::succession::{Act, Kept, Passing};
use standing_domain::entry::policy::PaymentOrder;
use standing_domain::id::position::Position;
use std::collections::{BTreeMap, BTreeSet};

/// Dues being paid: whose name, what is unpaid of which year, due when, assessed when.
#[derive(Debug, Clone)]
struct Debt {
    name: usize,
    year: u16,
    due: i32,
    assessed: i32,
    position: Position,
    unpaid: u32,
}

/// A coin: under whose name it was paid, for which year.
#[derive(Debug, Clone, Copy)]
struct Coin {
    name: usize,
    year: Option<u16>,
}

struct Counter {
    order: PaymentOrder,
    debts: Vec<Debt>,
    coins: Vec<Coin>,
    group: [usize; 4],
    /// Who holds what is said under each name on the day asked.
    held: [usize; 4],
}

impl Counter {
    /// Each coin of a group goes to the first debt that it meets.
    fn settle(&mut self, group: usize, by: i32) {
        let named = self.order == PaymentOrder::NamedYearFirst;
        let mut row: Vec<usize> = (0..self.debts.len()).collect();
        row.sort_by_key(|place| {
            let debt = &self.debts[*place];
            let year = i32::from(debt.year);
            let year = if self.order == PaymentOrder::NewestFirst {
                -year
            } else {
                year
            };
            (year, debt.due, debt.position)
        });
        self.coins.sort_by_key(|coin| coin.year.filter(|_| named));
        for first in [true, false] {
            let coins = std::mem::take(&mut self.coins);
            for coin in coins {
                let ours = self.group[coin.name] == group && (!first || named);
                let debt = row.iter().find(|place| {
                    let debt = &self.debts[**place];
                    let meant = !first || coin.year == Some(debt.year);
                    let open = debt.unpaid > 0 && debt.assessed <= by;
                    let together = self.held[coin.name] == self.held[debt.name];
                    meant && open && together && self.group[debt.name] == group
                });
                match debt.filter(|_| ours) {
                    Some(place) => self.debts[*place].unpaid -= 1,
                    None => self.coins.push(coin),
                }
            }
        }
    }
}

/// What each party owes on a day, by name and year, and what it has to spare.
pub type Owed = (BTreeMap<(usize, u16), u32>, usize);

pub fn owed(kept: &[Kept], passings: &[Passing], order: PaymentOrder, day: i32) -> [Owed; 4] {
    counted(kept, passings, order, day).map(|(debts, spare)| {
        let debts = debts.into_iter();
        let debts = debts.map(|debt| ((debt.name, debt.year), debt.unpaid));
        (debts.collect(), spare)
    })
}

/// What is overdue of each party on a day.
pub fn overdue(kept: &[Kept], passings: &[Passing], day: i32) -> [u32; 4] {
    counted(kept, passings, PaymentOrder::OldestFirst, day).map(|(debts, _)| {
        let overdue = debts.iter().filter(|debt| debt.due < day);
        overdue.map(|debt| debt.unpaid).sum()
    })
}

/// The succession's events by a day, in their order: passing, or taken back.
fn turns(passings: &[Passing], day: i32) -> Vec<(i32, &Passing, bool)> {
    let mut turns: Vec<(i32, usize, &Passing, bool)> = Vec::new();
    for passing in passings {
        turns.push((passing.on, passing.kept.order, passing, true));
        turns.extend(
            passing
                .until
                .map(|until| (until, usize::MAX, passing, false)),
        );
    }
    turns.retain(|(on, ..)| *on <= day);
    turns.sort_by_key(|(on, order, passing, _)| (*on, *order, passing.kept.position));
    let turns = turns.into_iter();
    turns
        .map(|(on, _, passing, passes)| (on, passing, passes))
        .collect()
}

/// What each passing moved to whom, and back again.
struct Holders {
    holder: [usize; 4],
    moved: Vec<(Position, Vec<usize>)>,
}

impl Holders {
    fn new() -> Self {
        Self {
            holder: [0, 1, 2, 3],
            moved: Vec::new(),
        }
    }

    /// Returns between whom an account passes, if one does.
    fn turn(&mut self, passing: &Passing, passes: bool) -> Option<(usize, usize)> {
        let Act::Succeed { to, .. } = passing.kept.step.act else {
            return None;
        };
        let (from, position) = (passing.kept.step.party, passing.kept.position);
        if !passes {
            let at = self.moved.iter().position(|(by, _)| *by == position)?;
            let (_, names) = self.moved.remove(at);
            for name in names {
                self.holder[name] = from;
                for (_, later) in &mut self.moved[at..] {
                    later.retain(|moved| *moved != name);
                }
            }
            return None;
        }
        if self.holder[from] != from {
            return None;
        }
        let to = if self.holder[to] == from {
            to
        } else {
            self.holder[to]
        };
        let names: Vec<usize> = (0..4).filter(|name| self.holder[*name] == from).collect();
        for name in &names {
            self.holder[*name] = to;
        }
        self.moved.push((position, names));
        Some((from, to))
    }
}

fn holders(passings: &[Passing], day: i32) -> [usize; 4] {
    let mut holders = Holders::new();
    for (_, passing, passes) in turns(passings, day) {
        holders.turn(passing, passes);
    }
    holders.holder
}

/// A payment: when, by which entry, coins of what kind, how many.
type Paid = (i32, Position, Coin, u8);

/// Returns what was assessed by a day, and what was paid, in order.
fn bills(kept: &[Kept], day: i32) -> (Vec<Debt>, Vec<Paid>) {
    let (mut debts, mut payments) = (Vec::new(), Vec::new());
    for kept in kept.iter().filter(|kept| kept.step.on <= day) {
        let (name, on, position) = (kept.step.party, kept.step.on, kept.position);
        match kept.step.act {
            Act::Assess { year, much, due } => debts.push(Debt {
                name,
                year,
                due,
                assessed: on,
                position,
                unpaid: much.into(),
            }),
            Act::Pay { much, year } => payments.push((on, position, Coin { name, year }, much)),
            _ => {}
        }
    }
    payments.sort_by_key(|(on, position, ..)| (*on, *position));
    (debts, payments)
}

fn counted(
    kept: &[Kept],
    passings: &[Passing],
    order: PaymentOrder,
    day: i32,
) -> [(Vec<Debt>, usize); 4] {
    let (debts, payments) = bills(kept, day);
    let mut counter = Counter {
        order,
        debts,
        coins: Vec::new(),
        group: [0, 1, 2, 3],
        held: holders(passings, day),
    };
    let mut payments = payments.into_iter().peekable();
    let newest = order == PaymentOrder::NewestFirst;
    let spend = |counter: &mut Counter, (on, _, coin, much): Paid| {
        counter.coins.extend((0..much).map(|_| coin));
        if newest {
            counter.settle(counter.group[coin.name], on);
        }
    };
    let mut holders = Holders::new();
    for (on, passing, passes) in turns(passings, day) {
        let Some((from, to)) = holders.turn(passing, passes) else {
            continue;
        };
        while let Some(payment) = payments.next_if(|payment| payment.0 < on) {
            spend(&mut counter, payment);
        }
        if passing.until.is_none_or(|until| until > day) {
            let (one, other) = (counter.group[from], counter.group[to]);
            if one != other {
                counter.settle(one, on);
                counter.settle(other, on);
            }
            counter.group = counter
                .group
                .map(|group| if group == one { other } else { group });
        }
    }
    for payment in payments {
        spend(&mut counter, payment);
    }
    for group in 0..4 {
        counter.settle(group, i32::MAX);
    }
    [0, 1, 2, 3].map(|party| {
        let held: BTreeSet<usize> = (0..4).filter(|name| counter.held[*name] == party).collect();
        let debts = counter
            .debts
            .iter()
            .filter(|debt| held.contains(&debt.name));
        let owed = debts.cloned().collect();
        let spare = counter.coins.iter();
        let spare = spare.filter(|coin| held.contains(&coin.name));
        (owed, spare.count())
    })
}
