//! What passes in successions, against models that pay coin by coin and move what stands by hand.

use super::cases;
use super::coins::{Owed, overdue, owed};
use crate::tables::{language, money};
use proptest::prelude::*;
use standing_domain::answers::question::Question;
use standing_domain::dues::account::{Account, Balance, Placement};
use standing_domain::entry::policy::{DuesPolicy, PaymentOrder};
use standing_domain::id::position::Position;
use standing_domain::id::{BodyId, PartyId, RightId};
use standing_domain::state::State;
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use std::collections::BTreeSet;

const PARTIES: [&str; 4] = ["pa", "pb", "pc", "pd"];
const DAYS: i32 = 30;

const WORDS: &str = "\
class full
class associate
right vote
right elect
right participate
body general-assembly
body working-committee
adopt charter on 1996-09-12
adopt regulation on 1996-09-12
party jp-hyogo
party kr-pohang
party pa
party pb
party pc
party pd
article charter/9 on 2020-01-01 : confer vote full
article charter/8 on 2020-01-01 : may-suspend vote ground regulation by-decision";

#[derive(Debug, Clone, Copy)]
pub enum Act {
    Assess {
        year: u16,
        much: u8,
        due: i32,
    },
    Pay {
        much: u8,
        year: Option<u16>,
    },
    Succeed {
        to: usize,
        membership: bool,
        accounts: bool,
        length: i32,
    },
    Admit,
    End,
    Suspend {
        until: Option<i32>,
    },
    Lift,
    Annul {
        target: u8,
        from: Option<i32>,
    },
    Withdraw {
        target: u8,
    },
}

#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub party: usize,
    pub on: i32,
    pub act: Act,
}

/// What was accepted, with its entry; the order of the day is the number of the step.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    pub position: Position,
    pub order: usize,
    pub step: Step,
}

fn day(n: i32) -> Day {
    Day::try_from(i32::from(Day::parse("2024-01-01").unwrap()) + n).unwrap()
}

fn line(step: &Step, order: usize, successions: &[Position], base: Position) -> Option<String> {
    let (party, on) = (PARTIES[step.party], day(step.on));
    let target = |n: u8| {
        let place = usize::from(n).checked_rem(successions.len())?;
        Some(successions[place].since(base))
    };
    let text = match step.act {
        Act::Assess { year, much, due } => {
            format!("assess {party} {year} {much} due {} on {on}", day(due))
        }
        Act::Pay { much, year } => {
            let year = year.map_or(String::new(), |year| format!(" year {year}"));
            format!("pay {party} {much}{year} on {on}")
        }
        Act::Succeed {
            to,
            membership,
            accounts,
            length,
        } => {
            let membership = if membership { " membership" } else { "" };
            let accounts = if accounts { " accounts" } else { "" };
            let until = day(step.on + length);
            let to = PARTIES[to];
            format!("succeed {party} to {to}{membership}{accounts} on {on}..{until}")
        }
        Act::Admit => format!("admit {party} full on {on}"),
        Act::End => format!("end {party} withdrawal on {on}"),
        Act::Suspend { until: None } => format!("suspend {party} vote charter/8 on {on}"),
        Act::Suspend { until: Some(until) } => {
            format!(
                "suspend {party} vote charter/8 until {} on {on}",
                day(until)
            )
        }
        Act::Lift => format!("lift {party} charter/8 on {on}"),
        Act::Annul {
            target: n,
            from: None,
        } => format!("annul {}", target(n)?),
        Act::Annul {
            target: n,
            from: Some(from),
        } => {
            format!("annul {} from {}", target(n)?, day(from))
        }
        Act::Withdraw { target: n } => format!("withdraw {}", target(n)?),
    };
    Some(match step.act {
        Act::Withdraw { .. } | Act::Annul { from: None, .. } => text,
        _ => format!("{text} order {}", order + 1),
    })
}

/// Records what is accepted.
fn recorded(steps: &[Step]) -> (State, Vec<Kept>) {
    let mut state = State::default();
    let words = WORDS.lines().chain(money::VOCABULARY.lines());
    let words: Vec<_> = words
        .map(|line| language::read(line, Position::ZERO))
        .collect();
    state.record(&words).unwrap();
    let base = state.head();
    let (mut kept, mut successions) = (Vec::new(), Vec::new());
    for (order, step) in steps.iter().enumerate() {
        let Some(text) = line(step, order, &successions, base) else {
            continue;
        };
        let step = match step.act {
            Act::Annul { target, from } => Step {
                act: Act::Annul {
                    target: u8::try_from(usize::from(target) % successions.len()).unwrap(),
                    from,
                },
                ..*step
            },
            Act::Withdraw { target } => Step {
                act: Act::Withdraw {
                    target: u8::try_from(usize::from(target) % successions.len()).unwrap(),
                },
                ..*step
            },
            _ => *step,
        };
        if state.record(&[language::read(&text, base)]).is_ok() {
            let position = state.head();
            if matches!(step.act, Act::Succeed { .. }) {
                successions.push(position);
            }
            kept.push(Kept {
                position,
                order,
                step,
            });
        }
    }
    (state, kept)
}

/// A succession that stands, on the day that a placement gives it.
#[derive(Debug, Clone, Copy)]
pub struct Passing {
    pub kept: Kept,
    pub on: i32,
    pub until: Option<i32>,
}

/// The successions that were not taken back, with every day on which each may be.
fn passings(kept: &[Kept]) -> Vec<Vec<Passing>> {
    let successions: Vec<&Kept> = kept
        .iter()
        .filter(|kept| matches!(kept.step.act, Act::Succeed { .. }))
        .collect();
    let mut found = Vec::new();
    for (n, of) in successions.iter().enumerate() {
        let upon = |kept: &&Kept| match kept.step.act {
            Act::Annul { target, .. } | Act::Withdraw { target } => usize::from(target) == n,
            _ => false,
        };
        let upon: Vec<Option<i32>> = kept
            .iter()
            .filter(upon)
            .map(|kept| match kept.step.act {
                Act::Annul { from, .. } => from,
                _ => None,
            })
            .collect();
        if upon.contains(&None) {
            continue;
        }
        let until = upon.into_iter().flatten().min();
        let Act::Succeed { length, .. } = of.step.act else {
            continue;
        };
        let days = of.step.on..=of.step.on + length;
        let ways = days.filter(|on| until.is_none_or(|until| until > *on));
        found.push(
            ways.map(|on| Passing {
                kept: **of,
                on,
                until,
            })
            .collect(),
        );
    }
    found.retain(|ways: &Vec<Passing>| !ways.is_empty());
    found
}

fn account(state: &State, party: usize) -> Option<Account> {
    let law = state.law(state.head());
    let view = state.view(&law, state.head());
    let record = view.record(&PartyId::new(PARTIES[party]).unwrap())?;
    Some(view.account(&record))
}

fn policy(order: PaymentOrder) -> DuesPolicy {
    DuesPolicy {
        order,
        ..DuesPolicy::plain().unwrap()
    }
}

const CENTS: u128 = 100;

/// What a balance says, by the entries of the assessments.
fn said(balance: &Balance, kept: &[Kept]) -> Owed {
    let lines = balance.lines.iter().map(|line| {
        let of = kept
            .iter()
            .find(|kept| kept.position == line.position)
            .unwrap();
        let year = u16::try_from(line.year).unwrap();
        let unpaid = u128::from(line.unpaid) / CENTS;
        ((of.step.party, year), u32::try_from(unpaid).unwrap())
    });
    let spare: u128 = balance.credit.values().sum();
    (lines.collect(), usize::try_from(spare / CENTS).unwrap())
}

fn money(length: i32) -> impl Strategy<Value = Vec<Step>> {
    let some_year = 2023..2026_u16;
    let act = prop_oneof![
        4 => (some_year.clone(), 1..9_u8, 0..DAYS)
            .prop_map(|(year, much, due)| Act::Assess { year, much, due }),
        4 => (1..12_u8, prop::option::of(some_year)).prop_map(|(much, year)| Act::Pay { much, year }),
        3 => (0..4_usize, 0..=length).prop_map(|(to, length)| Act::Succeed {
            to,
            membership: false,
            accounts: true,
            length,
        }),
        1 => (any::<u8>(), prop::option::of(0..DAYS))
            .prop_map(|(target, from)| Act::Annul { target, from }),
        1 => any::<u8>().prop_map(|target| Act::Withdraw { target }),
    ];
    let step = (0..4_usize, 0..DAYS, act).prop_map(|(party, on, act)| Step { party, on, act });
    prop::collection::vec(step, 3..20)
}

fn membership() -> impl Strategy<Value = Vec<Step>> {
    let act = prop_oneof![
        4 => Just(Act::Admit),
        1 => Just(Act::End),
        4 => (0..4_usize, any::<bool>()).prop_map(|(to, accounts)| Act::Succeed {
            to,
            membership: true,
            accounts,
            length: 0,
        }),
        4 => prop::option::of(0..DAYS).prop_map(|until| Act::Suspend { until }),
        2 => Just(Act::Lift),
        1 => any::<u8>().prop_map(|target| Act::Annul { target, from: None }),
        1 => any::<u8>().prop_map(|target| Act::Withdraw { target }),
    ];
    let step = (0..4_usize, 0..DAYS, act).prop_map(|(party, on, act)| Step { party, on, act });
    prop::collection::vec(step, 3..20)
}

/// A suspension under the article: the day on which it ends by itself. Within: none stands.
type Suspended = Option<Option<i32>>;

/// What stands of a party: since when it has its membership, by its own acts what is said of its
/// suspension, and what came with the membership.
#[derive(Debug, Clone, Copy, Default)]
struct Stands {
    since: Option<i32>,
    own: Option<Suspended>,
    came: Option<Suspended>,
}

impl Stands {
    fn said(self) -> Option<Suspended> {
        self.came.or(self.own)
    }

    fn say(&mut self, suspended: Suspended) {
        self.own = Some(suspended);
        self.came = self.came.map(|_| suspended);
    }
}

/// Whether each party has the vote at the end of a day, and since when it is a member.
fn voting(kept: &[Kept], day: i32) -> [(bool, Option<i32>); 4] {
    let standing: BTreeSet<Position> = passings(kept)
        .iter()
        .filter_map(|ways| Some(ways.first()?.kept.position))
        .collect();
    let mut acts: Vec<&Kept> = kept.iter().filter(|kept| kept.step.on <= day).collect();
    acts.sort_by_key(|kept| (kept.step.on, kept.order));
    let mut all = [Stands::default(); 4];
    for kept in acts {
        let party = kept.step.party;
        match kept.step.act {
            Act::Admit => {
                all[party].since = all[party].since.or(Some(kept.step.on));
            }
            Act::End => {
                all[party].since = None;
                all[party].came = None;
            }
            Act::Suspend { until } => all[party].say(Some(until)),
            Act::Lift => all[party].say(None),
            Act::Succeed { to, .. } if standing.contains(&kept.position) => {
                let left = std::mem::take(&mut all[party]);
                if all[to].since.is_none() {
                    all[to].came = left.said();
                }
                let since = [left.since, all[to].since].into_iter().flatten().min();
                all[to].since = since;
            }
            _ => {}
        }
    }
    all.map(|stands| {
        let suspended = match stands.said() {
            Some(Some(Some(until))) => day < until,
            Some(Some(None)) => true,
            Some(None) | None => false,
        };
        (stands.since.is_some() && !suspended, stands.since)
    })
}

proptest! {
    #![proptest_config(cases(384))]

    /// Rules 12 and 28: whatever passes to whom, every coin pays what it is to pay, and once.
    #[test]
    fn accounts_that_pass_are_paid_coin_by_coin(steps in money(0)) {
        let (state, kept) = recorded(&steps);
        let passings: Vec<Passing> = passings(&kept).iter().filter_map(|ways| ways.first().copied()).collect();
        for order in [PaymentOrder::OldestFirst, PaymentOrder::NamedYearFirst, PaymentOrder::NewestFirst] {
            let policy = policy(order);
            for n in 0..DAYS {
                let expected = owed(&kept, &passings, order, n);
                for party in 0..4 {
                    let account = account(&state, party).unwrap();
                    for placement in [Placement::Best, Placement::Worst] {
                        let found = said(&account.at(&policy, day(n), placement), &kept);
                        prop_assert_eq!(&found, &expected[party], "{} on {} by {:?}", PARTIES[party], n, order);
                    }
                }
            }
        }
    }

    /// Rule 7: where it is not known on which day an account passed, what is owed at best and at
    /// worst lies no closer than what each day would make it.
    #[test]
    fn an_account_that_passes_in_a_window_is_bounded(steps in money(4)) {
        let (state, kept) = recorded(&steps);
        let ways = passings(&kept);
        let mut windows: Vec<(i32, i32)> = ways
            .iter()
            .filter_map(|ways| Some((ways.first()?.on, ways.last()?.on)))
            .collect();
        windows.sort_unstable();
        prop_assume!(ways.iter().flatten().all(|way| way.until.is_none()));
        prop_assume!(windows.windows(2).all(|pair| pair[0].1 < pair[1].0));
        let placements = ways.iter().fold(vec![Vec::new()], |all: Vec<Vec<Passing>>, ways| {
            let longer = all.iter().flat_map(|one| {
                ways.iter().map(move |way| one.iter().copied().chain([*way]).collect())
            });
            longer.collect()
        });
        prop_assume!(placements.len() < 100);
        let policy = policy(PaymentOrder::OldestFirst);
        for n in (0..DAYS).step_by(2) {
            let sums: Vec<[u32; 4]> = placements.iter().map(|way| overdue(&kept, way, n)).collect();
            for party in 0..4 {
                let account = account(&state, party).unwrap();
                let sums = sums.iter().map(|sums| u128::from(sums[party]));
                let at = |placement| account.at(&policy, day(n), placement).overdue() / CENTS;
                let (best, worst) = (at(Placement::Best), at(Placement::Worst));
                prop_assert!(best <= sums.clone().min().unwrap(), "{} on {}", PARTIES[party], n);
                prop_assert!(worst >= sums.max().unwrap(), "{} on {}", PARTIES[party], n);
            }
        }
    }

    /// Rule 12: a membership passes as it is, with what takes its vote and since when it stands.
    #[test]
    fn a_membership_passes_as_it_is(steps in membership()) {
        let (state, kept) = recorded(&steps);
        let law = state.law(state.head());
        let view = state.view(&law, state.head());
        for n in 0..DAYS {
            let expected = voting(&kept, n);
            for (party, (votes, since)) in expected.into_iter().enumerate() {
                let id = PartyId::new(PARTIES[party]).unwrap();
                let record = view.record(&id).unwrap();
                let question = Question {
                    party: id,
                    right: RightId::new("vote").unwrap(),
                    body: Some(BodyId::new("general-assembly").unwrap()),
                };
                let found = view.verdict(&question, &record, day(n));
                prop_assert_eq!(found, Truth::known(votes), "{} on {}", PARTIES[party], n);
                let admitted = view.admission(&record, day(n)).map(|(window, _)| window.earliest);
                prop_assert_eq!(admitted, since.map(day), "{} on {}", PARTIES[party], n);
            }
        }
    }
}
