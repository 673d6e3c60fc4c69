//! What holds of every account under every built-in policy.

use proptest::prelude::*;
use standing_domain::dues::account::{Account, Obligation, Payment, Placement, Plan, Revision};
use standing_domain::dues::built_in::{BUILT_IN, built_in};
use standing_domain::dues::case::{Case, Surroundings};
use standing_domain::dues::loss::Stage;
use standing_domain::entry::policy::{DuesMode, DuesPolicy, Moment};
use standing_domain::id::position::Position;
use standing_domain::id::{BodyId, FundId};
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_domain::time::when::Window;
use std::ops::Range;

const FIRST: i32 = 18_000; // 2019-04-14
const DAYS: Range<i32> = 0..3_000;

fn cases(usual: u32) -> ProptestConfig {
    let cases = std::env::var("STANDING_CASES").ok();
    ProptestConfig {
        cases: cases.and_then(|text| text.parse().ok()).unwrap_or(usual),
        failure_persistence: None,
        max_shrink_iters: 4_000,
        ..ProptestConfig::default()
    }
}

fn at(offset: i32) -> Day {
    Day::try_from(FIRST + offset).unwrap()
}

/// Returns windows, most of them of one day.
fn windows() -> impl Strategy<Value = Window> {
    (DAYS, prop_oneof![3 => Just(0), 1 => 1..200_i32])
        .prop_map(|(first, days)| Window::new(at(first), at(first + days)).unwrap())
}

fn known() -> impl Strategy<Value = Window> {
    DAYS.prop_map(|first| Window::day(at(first)))
}

fn fund(number: u8) -> FundId {
    FundId::new(if number == 0 { "core" } else { "reserve" }).unwrap()
}

fn obligations<W: Strategy<Value = Window>>(
    when: fn() -> W,
) -> impl Strategy<Value = Vec<Obligation>> {
    let one = (
        prop::collection::vec((when(), when(), 0..5_u64), 1..3),
        prop::option::weighted(0.2, (when(), 1..4_u64)),
    );
    prop::collection::btree_map((2019..2026_i16, 0..2_u8), one, 1..8).prop_map(|all| {
        all.into_iter()
            .map(|((year, number), (revisions, written_off))| Obligation {
                fund: fund(number),
                year,
                name: 0,
                revisions: (1..)
                    .zip(revisions)
                    .map(|(number, (effective, due, amount))| Revision {
                        number,
                        effective,
                        due,
                        amount,
                        position: Position::new(u64::from(number)),
                    })
                    .collect(),
                written_off: written_off
                    .into_iter()
                    .map(|(on, much)| (on, much, Position::new(50)))
                    .collect(),
            })
            .collect()
    })
}

fn payments<W: Strategy<Value = Window>>(when: fn() -> W) -> impl Strategy<Value = Vec<Payment>> {
    let year = prop::option::of(2019..2026_i16);
    let one = (when(), 1..6_u64, 0..2_u8, year);
    prop::collection::vec(one, 0..5).prop_map(|all| {
        (100..)
            .zip(all)
            .map(|(position, (on, amount, number, year))| Payment {
                fund: fund(number),
                on,
                amount,
                year,
                name: 0,
                position: Position::new(position),
            })
            .collect()
    })
}

fn plans<W: Strategy<Value = Window>>(when: fn() -> W) -> impl Strategy<Value = Vec<Plan>> {
    let one = (
        when(),
        prop::option::of(when()),
        prop::collection::vec((when(), 1..6_u64), 0..3),
    );
    prop::collection::vec(one, 0..2).prop_map(|all| {
        all.into_iter()
            .map(|(agreed, until, instalments)| Plan {
                fund: None,
                agreed,
                until,
                instalments,
                position: Position::new(200),
            })
            .collect()
    })
}

fn accounts<W: Strategy<Value = Window>>(when: fn() -> W) -> impl Strategy<Value = Account> {
    (obligations(when), payments(when), plans(when)).prop_map(|(obligations, payments, plans)| {
        Account {
            obligations,
            payments,
            plans,
            ..Account::default()
        }
    })
}

fn surroundings<W: Strategy<Value = Window>>(
    when: fn() -> W,
) -> impl Strategy<Value = Surroundings> {
    let openings = prop::collection::vec((0..2_usize, when()), 0..6);
    let notices = prop::collection::vec(when(), 0..4);
    // Nothing is assessed for 2026 and after.
    let open = prop::collection::btree_map((0..2_u8).prop_map(fund), 2026..2029_i16, 0..3);
    (openings, notices, open).prop_map(|(openings, notices, open)| Surroundings {
        member_since: None,
        open,
        openings: openings
            .into_iter()
            .map(|(body, window)| {
                let body = ["general-assembly", "health-assembly"][body];
                (BodyId::new(body).unwrap(), window)
            })
            .collect(),
        notices: notices.into_iter().map(Into::into).collect(),
    })
}

/// Returns every built-in policy, and beside each the same where rights come back at sessions only,
/// and where the years begin in July.
fn policies() -> Vec<DuesPolicy> {
    let mut all = Vec::new();
    for name in BUILT_IN {
        let policy = built_in(name).unwrap();
        let mut at_sessions = policy.clone();
        at_sessions.fiscal_year_begins = 7;
        for tier in at_sessions
            .readings
            .iter_mut()
            .flat_map(|reading| &mut reading.tiers)
        {
            let opening = Moment::SessionOpening(BodyId::new("general-assembly").unwrap());
            if tier.restored_at == Moment::Continuous {
                tier.restored_at = opening.clone();
            }
            if tier.mode == DuesMode::Automatic {
                tier.lost_at = opening;
            }
        }
        all.extend([policy, at_sessions]);
    }
    all
}

/// Asks about every tier of every policy.
fn every_tier(
    account: &Account,
    surroundings: &Surroundings,
    mut ask: impl FnMut(Case<'_>) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    for policy in &policies() {
        for tier in policy.readings.iter().flat_map(|reading| &reading.tiers) {
            ask(Case {
                policy,
                tier,
                account,
                surroundings,
            })?;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn a_better_placement_is_never_worse(
        account in accounts(windows),
        around in surroundings(windows),
        days in prop::collection::vec(DAYS, 8),
    ) {
        every_tier(&account, &around, |case| {
            let loss = case.lay();
            for turn in loss.best.turns().iter().chain(loss.worst.turns()) {
                prop_assert!(loss.best.stage_at(turn.day) <= loss.worst.stage_at(turn.day), "{}", turn.day);
            }
            for day in &days {
                let standing = loss.at(at(*day));
                prop_assert!(standing.best <= standing.worst);
                prop_assert_eq!(standing.lost == Truth::Yes, standing.best == Stage::Lost);
                prop_assert_eq!(standing.lost == Truth::No, standing.worst != Stage::Lost);
            }
            Ok(())
        })?;
    }

    #[test]
    fn every_placement_lies_between_the_bounds(
        account in accounts(windows),
        around in surroundings(windows),
        picks in prop::collection::vec(0..=200_i32, 16),
        days in prop::collection::vec(DAYS, 8),
    ) {
        let (known_account, known_around) = placed(&account, &around, &picks);
        every_tier(&account, &around, |case| {
            let loss = case.lay();
            let known = Case { account: &known_account, surroundings: &known_around, ..case }.lay();
            prop_assert_eq!(&known.best.turns(), &known.worst.turns());
            let turns: Vec<Day> = known.best.turns().iter().map(|turn| turn.day).collect();
            for day in turns.into_iter().chain(days.iter().map(|day| at(*day))) {
                let stage = known.best.stage_at(day);
                prop_assert!(loss.best.stage_at(day) <= stage, "{}: {:?}", day, case.tier);
                prop_assert!(stage <= loss.worst.stage_at(day), "{}: {:?}", day, case.tier);
            }
            Ok(())
        })?;
    }

    #[test]
    fn rule_28_a_payment_more_or_earlier_never_takes_a_right(
        account in accounts(windows),
        around in surroundings(windows),
        more in payments(windows),
        earlier in (0..5_usize, 1..600_i32),
        days in prop::collection::vec(DAYS, 8),
    ) {
        let mut better = account.clone();
        better.payments.extend(more);
        if let Some(payment) = better.payments.get_mut(earlier.0) {
            let shift = |day: Day| Day::try_from(i32::from(day) - earlier.1).unwrap();
            payment.on = Window::new(shift(payment.on.earliest), shift(payment.on.latest)).unwrap();
        }
        every_tier(&account, &around, |case| {
            let (before, after) = (case.lay(), Case { account: &better, ..case }.lay());
            for day in days.iter().map(|day| at(*day)) {
                let (before, after) = (before.at(day), after.at(day));
                prop_assert!(after.best <= before.best, "{}", day);
                prop_assert!(after.worst <= before.worst, "{}", day);
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_smallest_payment_is_enough_and_a_cent_less_is_not(
        mut account in accounts(known),
        around in surroundings(known),
        day in DAYS,
    ) {
        // With one fund the hypothetical payment can be made in earnest.
        account.obligations.retain(|obligation| obligation.fund == fund(0));
        let paid = |amount, on| {
            let mut account = account.clone();
            let on = Window::day(on);
            let position = 900;
            account.payments.push(Payment { fund: fund(0), on, amount, year: None, name: 0, position: Position::new(position) });
            account
        };
        every_tier(&account, &around, |case| {
            let loss = case.lay();
            let stage = loss.at(at(day)).worst;
            if let Some(amount) = loss.smallest_payment(at(day)) {
                prop_assert_eq!(stage == Stage::Clear, amount == 0);
                let holds = |amount| {
                    let account = paid(amount, at(day));
                    Case { account: &account, ..case }.measured(at(day), Placement::Worst).holds
                };
                prop_assert!(stage == Stage::Clear || !holds(amount));
                prop_assert!(stage != Stage::Liable || holds(amount - 1));
            }
            if let Some(keep) = loss.keep_by(at(day)) {
                let lost_on = keep.by.next();
                let stage = |amount, by| {
                    let account = paid(amount, by);
                    Case { account: &account, ..case }.lay().worst.stage_at(lost_on)
                };
                prop_assert!(stage(keep.amount, keep.by) < keep.otherwise, "{:?}", keep);
                prop_assert_eq!(stage(keep.amount - 1, keep.by), keep.otherwise, "{:?}", keep);
            }
            Ok(())
        })?;
    }
}

proptest! {
    #![proptest_config(cases(3))]

    #[test]
    fn between_two_points_nothing_turns(
        account in accounts(windows),
        around in surroundings(windows),
    ) {
        every_tier(&account, &around, |case| {
            for placement in [Placement::Best, Placement::Worst] {
                let line = case.line(placement);
                let mut offset = -400;
                while offset < 4_500 {
                    let holds = case.measured(at(offset), placement).holds;
                    let stage = line.stage_at(at(offset));
                    prop_assert!(holds || stage != Stage::Liable, "{} {:?}", at(offset), case.tier);
                    prop_assert!(!holds || stage != Stage::Clear, "{} {:?}", at(offset), case.tier);
                    offset += 7;
                }
            }
            Ok(())
        })?;
    }
}

/// Returns one placement of everything: the day of each window that the picks say.
fn placed(account: &Account, around: &Surroundings, picks: &[i32]) -> (Account, Surroundings) {
    let mut turn = picks.iter().cycle();
    let mut place = |window: &mut Window| {
        let days = i32::from(window.latest) - i32::from(window.earliest) + 1;
        let pick = turn.next().unwrap() % days;
        *window = Window::day(Day::try_from(i32::from(window.earliest) + pick).unwrap());
    };
    let (mut account, mut around) = (account.clone(), around.clone());
    for obligation in &mut account.obligations {
        for revision in &mut obligation.revisions {
            place(&mut revision.effective);
            place(&mut revision.due);
        }
        obligation
            .written_off
            .iter_mut()
            .for_each(|(on, ..)| place(on));
    }
    account
        .payments
        .iter_mut()
        .for_each(|payment| place(&mut payment.on));
    for plan in &mut account.plans {
        place(&mut plan.agreed);
        plan.until.iter_mut().for_each(&mut place);
        plan.instalments.iter_mut().for_each(|(due, _)| place(due));
    }
    around
        .openings
        .iter_mut()
        .for_each(|(_, window)| place(window));
    around
        .notices
        .iter_mut()
        .for_each(|notice| place(&mut notice.on));
    // What is assessed for the open years, and written off at once: it raises what arrears are held
    // against, and no arrears.
    for (fund, from) in std::mem::take(&mut around.open) {
        for year in from..2034 {
            let amount = u64::try_from(*turn.next().unwrap()).unwrap() % 5;
            let effective = Window::day(Day::MIN);
            account.obligations.push(Obligation {
                fund: fund.clone(),
                year,
                name: 0,
                revisions: vec![Revision {
                    number: 0,
                    effective,
                    due: Window::day(at(0)),
                    amount,
                    position: Position::new(300),
                }],
                written_off: vec![(effective, amount, Position::new(301))],
            });
        }
    }
    (account, around)
}
