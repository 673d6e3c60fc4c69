//! Random money against the rights that hang on it, under every built-in policy.

use super::cases;
use crate::support::day;
use crate::tables::{language, money};
use proptest::prelude::*;
use standing_domain::answers::question::Question;
use standing_domain::dues::account::Balance;
use standing_domain::dues::built_in::BUILT_IN;
use standing_domain::entry::Content;
use standing_domain::id::position::Position;
use standing_domain::id::{BodyId, PartyId, RightId};
use standing_domain::state::State;
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;

const WORDS: &str = "\
class full
class associate
right vote
right elect
right participate
body general-assembly
body working-committee
adopt charter on 1996-09-12
party jp-hyogo
party kr-pohang";

const RIGHTS: [&str; 5] = ["vote", "elect", "stand", "services", "speak"];
const BODIES: [&str; 4] = [
    "general-assembly",
    "conference",
    "council",
    "health-assembly",
];

pub fn some_day() -> impl Strategy<Value = String> {
    (2025..2029_u16, 1..13_u8, 1..29_u8).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}"))
}

/// A day, or a window of a month or two.
fn when() -> impl Strategy<Value = String> {
    let month = || (2025..2029_u16, 1..12_u8);
    prop_oneof![
        4 => some_day(),
        1 => month().prop_map(|(y, m)| format!("{y}-{m:02}")),
        1 => month().prop_map(|(y, m)| format!("{y}-{m:02}-05..{y}-{:02}-20", m + 1)),
    ]
}

fn payment() -> impl Strategy<Value = String> {
    let year = prop::option::of(2025..2029_u16);
    (1..6_u8, when(), year).prop_map(|(much, on, year)| {
        let year = year.map_or(String::new(), |year| format!(" year {year}"));
        format!("pay jp-hyogo {much}{year} on {on}")
    })
}

/// A line about the money of one party, perhaps one that is refused.
pub fn line() -> impl Strategy<Value = String> {
    let body = || prop::sample::select(&BODIES[..]);
    prop_oneof![
        8 => (2025..2029_u16, 0..4_u8, 0..2_u8, when(), when()).prop_map(|(year, much, revision, due, on)| {
            format!("assess jp-hyogo {year} {much} revision {revision} due {due} on {on}")
        }),
        4 => payment(),
        1 => (2025..2029_u16, 1..3_u8, when())
            .prop_map(|(year, much, on)| format!("write-off jp-hyogo {year} {much} on {on}")),
        1 => when().prop_map(|on| format!("notice jp-hyogo fee/6 on {on}")),
        1 => (body(), 1..4_u8, some_day()).prop_map(|(body, n, on)| format!("convene {body}/{n} on {on}")),
        1 => (some_day(), some_day(), body()).prop_map(|(on, until, body)| {
            format!("waive jp-hyogo fee/6 in {body} until {until} on {on}")
        }),
        1 => (when(), some_day()).prop_map(|(on, until)| format!("waive jp-hyogo fee/6 until {until} on {on}")),
        1 => when().prop_map(|on| format!("suspend jp-hyogo vote,elect fee/6 on {on}")),
        1 => some_day().prop_map(|on| format!("lift jp-hyogo fee/6 on {on}")),
        1 => (when(), any::<bool>()).prop_map(|(on, is)| {
            format!("parent jp-hyogo un {} on {on}", if is { "suspended" } else { "free" })
        }),
        1 => (some_day(), some_day()).prop_map(|(on, due)| format!("plan jp-hyogo on {on} : {due} 2")),
        1 => some_day().prop_map(|on| format!("admit jp-hyogo associate on {on}")),
        1 => (0..24_usize, prop::option::of(when())).prop_map(|(line, from)| {
            let from = from.map_or(String::new(), |from| format!(" from {from}"));
            format!("annul {}{from} order 9", first_line() + line)
        }),
    ]
}

/// The entry of the first line of a history, if it is accepted.
fn first_line() -> usize {
    vocabulary().len() + law("none").len() + 1
}

pub fn read(line: &str) -> Content {
    language::read(line, Position::ZERO)
}

/// The words and the fund that every history needs.
pub fn vocabulary() -> Vec<Content> {
    WORDS
        .lines()
        .chain(money::VOCABULARY.lines())
        .map(read)
        .collect()
}

/// The law: one policy, and who has which rights.
pub fn law(policy: &str) -> [String; 2] {
    [
        format!("article fee/6 on 2025-01-01..2025-02-01 : dues {policy}"),
        "article charter/9 on 2025-01-01 : confer vote full,associate ; confer elect full in council ; confer services full"
            .to_owned(),
    ]
}

/// Every question about the party.
pub fn questions() -> Vec<Question> {
    let in_bodies = |right| {
        std::iter::once(None)
            .chain(BODIES.map(Some))
            .map(move |body| (right, body))
    };
    let asked = RIGHTS.into_iter().flat_map(in_bodies);
    asked
        .map(|(right, body): (&str, Option<&str>)| Question {
            party: PartyId::new("jp-hyogo").unwrap(),
            right: RightId::new(right).unwrap(),
            body: body.map(|body| BodyId::new(body).unwrap()),
        })
        .collect()
}

/// A ledger under one policy, with those of the lines that are accepted.
fn ledger(policy: &str, lines: &[String]) -> State {
    let mut state = State::default();
    state.record(&vocabulary()).unwrap();
    for line in law(policy).iter().chain(lines) {
        let _ = state.record(&[read(line)]);
    }
    state
}

/// Every answer about a right of a party on days.
fn verdicts(state: &State, days: &[Day]) -> Vec<(String, String, Truth)> {
    let law = state.law(state.head());
    let view = state.view(&law, state.head());
    let party = PartyId::new("jp-hyogo").unwrap();
    let record = view.record(&party).unwrap();
    let mut found = Vec::new();
    for day in days {
        let classes = view.classes(&record, *day);
        let classes: Vec<_> = classes.iter().map(|standing| standing.class).collect();
        for question in questions() {
            let verdict = view.verdict(&question, &record, *day);
            let body = question.body.as_ref().map(BodyId::as_str);
            let asked = format!("{} in {body:?} on {day}", question.right);
            found.push((asked, format!("{classes:?}"), verdict));
        }
    }
    found
}

proptest! {
    #![proptest_config(cases(5))]

    /// Rule 17: what no norm confers is not held, whatever is owed or paid.
    #[test]
    fn nothing_is_held_that_no_norm_confers(lines in prop::collection::vec(line(), 1..20), on in some_day()) {
        for policy in BUILT_IN {
            let state = ledger(policy, &lines);
            for (asked, _, verdict) in verdicts(&state, &[day(&on)]) {
                let conferred = asked.starts_with("vote ")
                    || asked.starts_with("services ")
                    || asked.starts_with("elect in None")
                    || asked.starts_with("elect in Some(\"council\")");
                prop_assert!(conferred || verdict == Truth::No, "{}: {}", policy, asked);
            }
        }
    }

    /// Rule 28: while the membership is unchanged a payment never removes a right.
    #[test]
    fn a_payment_never_removes_a_right(
        lines in prop::collection::vec(line(), 1..20),
        more in payment(),
        days in prop::collection::vec(some_day(), 6),
    ) {
        let days: Vec<Day> = days.iter().map(|text| day(text)).collect();
        let mut with = lines.clone();
        with.push(more);
        for policy in BUILT_IN {
            let before = verdicts(&ledger(policy, &lines), &days);
            let after = verdicts(&ledger(policy, &with), &days);
            for (before, after) in before.into_iter().zip(after) {
                if before.1 == after.1 {
                    prop_assert!(after.2 >= before.2, "{}: {} {:?} {:?}", policy, before.0, before.2, after.2);
                }
            }
        }
    }

    /// Rule 29: the day an answer ends is the first on which it is another.
    #[test]
    fn an_answer_holds_until_its_expiry(lines in prop::collection::vec(line(), 1..14), on in some_day(), steps in 1..400_i32) {
        let on = day(&on);
        for policy in BUILT_IN {
            let state = ledger(policy, &lines);
            let law = state.law(state.head());
            let view = state.view(&law, state.head());
            let party = PartyId::new("jp-hyogo").unwrap();
            let record = view.record(&party).unwrap();
            let body = BodyId::new("council").unwrap();
            let question = Question { party, right: RightId::new("vote").unwrap(), body: Some(body) };
            let now = view.verdict(&question, &record, on);
            let later = Day::try_from(i32::from(on) + steps).unwrap();
            let then = view.verdict(&question, &record, later);
            // What is answered in one go is what is answered one by one.
            let whole = view.answer(&question, &record, on);
            prop_assert_eq!(whole.verdict, now);
            prop_assert_eq!(whole.grounds, view.grounds(&question, &record, on));
            prop_assert_eq!(&whole.expiry, &view.expiry(&question, &record, on));
            let Some(expiry) = whole.expiry else {
                prop_assert_eq!(then, now, "{} {}", policy, later);
                continue;
            };
            prop_assert_eq!(view.verdict(&question, &record, expiry.day), expiry.then);
            prop_assert!(expiry.then != now && (later >= expiry.day || then == now), "{} {}", policy, later);
        }
    }

    /// Rules 3 and 28: before the day from which a payment is reversed nothing changes; from that
    /// day on everything is as if it had never been, until that is reversed in its turn.
    #[test]
    fn a_payment_reversed_is_as_if_it_had_never_been(
        lines in prop::collection::vec(account_line(), 1..16),
        from in some_day(),
        then in prop::option::of(some_day()),
        days in prop::collection::vec(some_day(), 8),
    ) {
        let paid = "pay jp-hyogo 2 on 2025-03-01".to_owned();
        let with: Vec<String> = std::iter::once(paid).chain(lines.clone()).collect();
        // Something that says nothing of money keeps the entries of both in one row.
        let nothing = "party kr-other".to_owned();
        let without: Vec<String> = std::iter::once(nothing).chain(lines).collect();
        let reversed = format!("annul {} from {from}", first_line());
        let mut annulled = with.clone();
        annulled.push(reversed);
        for policy in BUILT_IN {
            let mut state = ledger(policy, &annulled);
            if let Some(then) = &then {
                let head = state.head();
                let _ = state.record(&[read(&format!("annul {head} from {then}"))]);
            }
            let (with, without) = (ledger(policy, &with), ledger(policy, &without));
            for on in days.iter().chain([&from]).chain(&then) {
                let stays = then.as_ref().is_some_and(|then| then <= on);
                let as_if = if from <= *on && !stays { &without } else { &with };
                prop_assert_eq!(balances(&state, day(on)), balances(as_if, day(on)), "{} {}", policy, on);
            }
        }
    }
}

/// A line about an account, of which every day is known.
fn account_line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (2025..2029_u16, 0..4_u8, 0..2_u8, some_day(), some_day()).prop_map(|(year, much, revision, due, on)| {
            format!("assess jp-hyogo {year} {much} revision {revision} due {due} on {on}")
        }),
        3 => payment(),
        1 => (2025..2029_u16, 1..3_u8, some_day())
            .prop_map(|(year, much, on)| format!("write-off jp-hyogo {year} {much} on {on}")),
    ]
}

/// What stands on the account on a day, at best and at worst.
fn balances(state: &State, on: Day) -> Vec<[Balance; 2]> {
    let law = state.law(state.head());
    let view = state.view(&law, state.head());
    let record = view.record(&PartyId::new("jp-hyogo").unwrap()).unwrap();
    let seen = view.balances(&record, on).into_iter();
    seen.map(|seen| [seen.best, seen.worst]).collect()
}
