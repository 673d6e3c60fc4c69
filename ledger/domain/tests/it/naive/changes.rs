//! Computed changes of rights: whoever applies them from the start, knowing no rule, holds what the
//! ledger answers on every day.

use super::world;
use super::world::{DAYS, day};
use super::{Pair, cases, money, questions_of};
use proptest::prelude::*;
use standing_domain::answers::changes::{Cause, RightChange, RightIn};
use standing_domain::answers::question::Question;
use standing_domain::dues::built_in::BUILT_IN;
use standing_domain::entry::Content;
use standing_domain::entry::event::Event;
use standing_domain::entry::reach::Reach;
use standing_domain::id::position::Position;
use standing_domain::id::{FundId, PartyId};
use standing_domain::state::State;
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};

/// What is held by whoever only applies changes: for every party, right and body, the days from
/// which the answer is another.
#[derive(Default)]
struct Follower(BTreeMap<(PartyId, RightIn), BTreeMap<Day, Truth>>);

impl Follower {
    fn on(&self, party: &PartyId, right: &RightIn, day: Day) -> Truth {
        let line = self.0.get(&(party.clone(), right.clone()));
        let reached = line.and_then(|line| line.range(..=day).next_back());
        reached.map_or(Truth::No, |(_, truth)| *truth)
    }

    /// Applies a change; the answer before must be what is held on the whole stretch.
    fn apply(&mut self, change: &RightChange) -> Result<(), TestCaseError> {
        prop_assert!(change.before != change.after, "{change:?}");
        prop_assert!(
            change.end.is_none_or(|end| change.start < end),
            "{change:?}"
        );
        for body in &change.bodies {
            let key = RightIn {
                right: change.right.clone(),
                body: body.clone(),
            };
            let then = change
                .end
                .map(|end| (end, self.on(&change.party, &key, end)));
            let held = self.on(&change.party, &key, change.start);
            let line = self.0.entry((change.party.clone(), key)).or_default();
            let end = change.end.unwrap_or(Day::MAX.next());
            let inside: Vec<Day> = line.range(change.start..).map(|(day, _)| *day).collect();
            let inside = inside
                .into_iter()
                .filter(|day| change.end.is_none() || *day < end);
            let inside: Vec<Day> = inside.collect();
            let expected = match change.cause {
                // Told again on the day: whoever holds all days knew it.
                Cause::PassageOfTime => change.after,
                _ => change.before,
            };
            let same = inside.iter().all(|day| line[day] == expected);
            prop_assert!(held == expected && same, "{change:?} upon {line:?}");
            for day in inside {
                line.remove(&day);
            }
            line.insert(change.start, change.after);
            if let Some((end, truth)) = then {
                line.insert(end, truth);
            }
        }
        Ok(())
    }
}

/// What one batch changes, computed as the ledger that runs does.
fn changes(state: &State, first: Position, last: Position, today: Day) -> Vec<RightChange> {
    let mut reach = Reach::default();
    let lookup = |position| state.content(position).cloned();
    for position in first.to(last) {
        reach.add(state.content(position).unwrap(), &lookup);
    }
    let assessed = |fund: &FundId, at| state.book.last_assessed(fund, at);
    reach.assessed(&|fund| assessed(fund, first.previous()) != assessed(fund, last));
    reach.follow(&|party| {
        let successions = Position::FIRST
            .to(last)
            .filter_map(|position| state.content(position)?.event.as_ref());
        let followed = successions.filter_map(|event| match event {
            Event::PartySucceeded { from, to, .. } if from == party => Some(to.clone()),
            _ => None,
        });
        followed.collect::<BTreeSet<PartyId>>()
    });
    let laws = [state.law(first.previous()), state.law(last)];
    let before = state.view(&laws[0], first.previous());
    let after = state.view(&laws[1], last);
    let mut parties: Vec<PartyId> = state.roll.iter().map(|(party, _)| party.clone()).collect();
    parties.sort();
    let changes = parties.iter().filter_map(|party| {
        let record = after.record(party)?;
        Some(after.changed_since(&before, party, &record, &reach, today))
    });
    changes.flatten().collect()
}

fn right_in(question: &Question) -> RightIn {
    RightIn {
        right: question.right.clone(),
        body: question.body.clone(),
    }
}

/// Holds a follower against every answer of a ledger at its head.
fn compare(
    follower: &Follower,
    state: &State,
    questions: &[Question],
    days: &[Day],
) -> Result<(), TestCaseError> {
    let law = state.law(state.head());
    let view = state.view(&law, state.head());
    for question in questions {
        let record = view.record(&question.party);
        for day in days {
            let verdict = record
                .as_ref()
                .map_or(Truth::No, |record| view.verdict(question, record, *day));
            let key = right_in(question);
            let held = follower.on(&question.party, &key, *day);
            prop_assert_eq!(
                held,
                verdict,
                "{:?} on {} at {}",
                question,
                day,
                state.head()
            );
        }
    }
    Ok(())
}

/// Applies the starts of all days from one to another, and holds those who know today alone against
/// the answers of each.
fn pass_days(state: &State, questions: &[Question], days: &[Day]) -> Result<(), TestCaseError> {
    let law = state.law(state.head());
    let view = state.view(&law, state.head());
    let parties: BTreeSet<&PartyId> = questions.iter().map(|question| &question.party).collect();
    let verdict = |question: &Question, day: Day| {
        let record = view.record(&question.party);
        record.map_or(Truth::No, |record| view.verdict(question, &record, day))
    };
    let Some(first) = days.first() else {
        return Ok(());
    };
    let key = |question: &Question| {
        (
            question.party.clone(),
            question.right.clone(),
            question.body.clone(),
        )
    };
    let mut today: BTreeMap<_, Truth> = questions
        .iter()
        .map(|question| (key(question), verdict(question, *first)))
        .collect();
    for day in &days[1..] {
        let changes = parties.iter().filter_map(|party| {
            let record = view.record(party)?;
            Some(view.changed_on(*day, party, &record))
        });
        for change in changes.flatten() {
            prop_assert_eq!((change.start, change.cause), (*day, Cause::PassageOfTime));
            for body in &change.bodies {
                let key = (change.party.clone(), change.right.clone(), body.clone());
                let was = today.insert(key, change.after);
                prop_assert!(
                    was.is_none_or(|was| was == change.before),
                    "{change:?} upon {was:?}"
                );
            }
        }
        for question in questions {
            prop_assert_eq!(
                today[&key(question)],
                verdict(question, *day),
                "{:?} on {}",
                question,
                day
            );
        }
    }
    Ok(())
}

fn all_questions() -> Vec<Question> {
    world::PARTIES
        .iter()
        .flat_map(|party| questions_of(party))
        .collect()
}

fn all_days() -> Vec<Day> {
    let mut days: Vec<Day> = (-2..=DAYS + 2).map(day).collect();
    days.extend([Day::MIN, Day::MAX, Day::parse("2025-06-01").unwrap()]);
    days
}

proptest! {
    #![proptest_config(cases(96))]

    /// Rules 7 to 20: windows, corrections, annulments, successions, amendments, sessions and
    /// conditions.
    #[test]
    fn applying_every_change_gives_every_answer(
        steps in any::<bool>().prop_flat_map(|conditional| world::steps(true, conditional)),
        together in 1..4_usize,
    ) {
        let mut pair = Pair::new();
        let mut follower = Follower::default();
        for change in changes(&pair.state, Position::FIRST, pair.base, day(0)) {
            follower.apply(&change)?;
        }
        let mut known = pair.base;
        for (n, step) in (0..).zip(&steps) {
            if let Some(content) = pair.draft(step) {
                let _ = pair.record(content);
            }
            if pair.state.head().since(known) < together as u64 {
                continue;
            }
            for change in changes(&pair.state, known.next(), pair.state.head(), day(n % DAYS)) {
                follower.apply(&change)?;
            }
            known = pair.state.head();
            compare(&follower, &pair.state, &all_questions(), &all_days())?;
        }
        let days: Vec<Day> = (-2..=DAYS + 2).map(day).collect();
        pass_days(&pair.state, &all_questions(), &days)?;
    }

    /// The same for memberships that pass on, on many windows.
    #[test]
    fn applying_every_change_gives_every_answer_about_memberships(steps in world::steps(false, false)) {
        let mut pair = Pair::new();
        let law = world::plain_law();
        pair.record(law).unwrap();
        let mut follower = Follower::default();
        for change in changes(&pair.state, Position::FIRST, pair.state.head(), day(0)) {
            follower.apply(&change)?;
        }
        for step in &steps {
            let known = pair.state.head();
            if let Some(content) = pair.draft(step) {
                let _ = pair.record(content);
            }
            for change in changes(&pair.state, known.next(), pair.state.head(), day(3)) {
                follower.apply(&change)?;
            }
            compare(&follower, &pair.state, &all_questions(), &all_days())?;
        }
    }
}

proptest! {
    #![proptest_config(cases(1))]

    /// Rules 27 to 30: dues under every built-in policy.
    #[test]
    fn applying_every_change_gives_every_answer_about_dues(
        lines in prop::collection::vec(money::line(), 1..10),
        days in prop::collection::vec(money::some_day(), 12),
        passing in money::some_day(),
    ) {
        let days: Vec<Day> = days.iter().map(|text| crate::support::day(text)).collect();
        for policy in BUILT_IN {
            let mut state = State::default();
            let mut follower = Follower::default();
            let questions = money::questions();
            let mut record = |contents: &[Content]| -> Result<(), TestCaseError> {
                let known = state.head();
                if state.record(contents).is_ok() && state.head() > known {
                    for change in changes(&state, known.next(), state.head(), days[0]) {
                        follower.apply(&change)?;
                    }
                }
                Ok(())
            };
            record(&money::vocabulary())?;
            for line in money::law(policy).iter().chain(&lines) {
                record(&[money::read(line)])?;
            }
            compare(&follower, &state, &questions, &days)?;
            let first: i32 = crate::support::day(&passing).into();
            let passing: Vec<Day> = (first..first + 20).map(|n| Day::try_from(n).unwrap()).collect();
            pass_days(&state, &questions, &passing)?;
        }
    }
}
