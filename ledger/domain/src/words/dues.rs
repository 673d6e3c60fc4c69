//! What dues policies do to a right, in words.

use crate::answers::losses::DuesGround;
use crate::dues::case::Cause;
use crate::dues::loss::Stage;
use crate::id::Word;
use crate::time::day::Day;
use crate::words::amount::amount;

/// Returns what a policy does to a right, as a sentence.
#[must_use]
pub fn does(ground: &DuesGround) -> String {
    let (article, policy, reading) = (&ground.article, &ground.policy, &ground.reading);
    let as_if = if ground.standing.as_if_session {
        ", as if a session opened that day,"
    } else {
        ""
    };
    let stage = stage(ground);
    format!("{article} ({policy}, read {reading}){as_if} {stage}")
}

fn stage(ground: &DuesGround) -> String {
    let since = day(ground.turn.as_ref().map(|turn| turn.day));
    match ground.standing.worst {
        Stage::Clear => "leaves the right".to_owned(),
        Stage::Liable => format!("makes liable to lose it since {since}"),
        Stage::Lost if ground.by_decision => {
            format!("makes liable to lose it since {since}, by decision")
        }
        Stage::Lost => format!("takes it since {since}"),
    }
}

/// Returns why a policy does it, and what would change that, a sentence each.
#[must_use]
pub fn because(ground: &DuesGround) -> Vec<String> {
    let cause = ground.turn.as_ref().map(|turn| self::cause(&turn.cause));
    let sentences = [arrears(ground), cause, end(ground), keep(ground)];
    sentences.into_iter().flatten().collect()
}

fn arrears(ground: &DuesGround) -> Option<String> {
    let measured = &ground.standing.measured_worst;
    if measured.owed == 0 {
        return None;
    }
    let money = |units: u128| money(ground, units);
    let against = match measured.threshold {
        0 => String::new(),
        threshold => format!(" against {}", money(threshold)),
    };
    let open = open(ground);
    let (owed, oldest) = (money(measured.owed), day(measured.oldest_due));
    Some(format!(
        "{owed} in arrears{against}{open}; the oldest fell due on {oldest}"
    ))
}

/// Names what the arrears are held against besides, and nobody knows yet.
fn open(ground: &DuesGround) -> String {
    let years = ground.standing.measured_worst.open_years.iter();
    let years: Vec<String> = years.map(ToString::to_string).collect();
    if years.is_empty() {
        return String::new();
    }
    format!(
        ", and what is assessed for {}, which is not recorded",
        years.join(" and ")
    )
}

fn end(ground: &DuesGround) -> Option<String> {
    let taken = ground.standing.worst != Stage::Clear;
    let least = ground.smallest_payment.filter(|_| taken)?;
    let least = money(ground, least);
    Some(format!("a payment of {least} would end it"))
}

fn keep(ground: &DuesGround) -> Option<String> {
    let keep = ground.keep?;
    let (least, by) = (money(ground, keep.amount), keep.by);
    Some(format!("a payment of {least} by {by} keeps it"))
}

fn money(ground: &DuesGround, minor_units: impl Into<u128>) -> String {
    let currency = ground.currency.as_ref();
    amount(minor_units, currency.map_or("", Word::as_str))
}

fn day(day: Option<Day>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// Returns what happens to an account, as a clause.
#[must_use]
pub fn cause(cause: &Cause) -> String {
    match cause {
        Cause::SessionOpened(body, window) => format!("a session of {body} opens on {window}"),
        Cause::YearBegan(year) => format!("the year {year} begins"),
        Cause::Overdue { fund, year } => format!("dues for {year} to {fund} are overdue"),
        Cause::InstalmentMissed(position) => {
            format!("an instalment of the plan of entry {position} is missed")
        }
        Cause::PlanEnded(position) => format!("the plan of entry {position} ends"),
        Cause::NoticeGiven(window) => format!("the time after the notice of {window} is over"),
        Cause::Paid(position) => format!("the payment of entry {position}"),
        Cause::WrittenOff(position) => format!("the write-off of entry {position}"),
        Cause::PlanAgreed(position) => format!("the plan of entry {position} is agreed"),
        Cause::Annulled(position) => format!("the annulment of entry {position}"),
        Cause::Assessed(position) => format!("the assessment of entry {position} takes effect"),
        Cause::Passed(position) => format!("the account passes by entry {position}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dues::loss::{Standing, Turn};
    use crate::dues::measure::Measured;
    use crate::dues::remedy::Keep;
    use crate::id::ArticleRef;
    use crate::id::position::Position;
    use crate::time::truth::Truth;

    fn day_of(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn measured(owed: u128) -> Measured {
        Measured {
            holds: true,
            owed,
            threshold: 50_000,
            open_years: Vec::new(),
            oldest_due: Some(day_of("2023-04-30")),
            deadline: None,
            unpaid_years: vec![2023],
            counted_years: 1,
            overdue: owed,
            plans_kept: Vec::new(),
        }
    }

    fn ground(worst: Stage, owed: u128) -> DuesGround {
        DuesGround {
            article: ArticleRef::new("charter/9").unwrap(),
            citation: String::new(),
            position: Position::default(),
            policy: Word::new("two-years").unwrap(),
            reading: Word::new("literal").unwrap(),
            other_readings: Vec::new(),
            tier: 0,
            rights: Vec::new(),
            bodies: Vec::new(),
            ends_membership: false,
            currency: Some(Word::new("usd").unwrap()),
            standing: Standing {
                lost: Truth::Yes,
                liable: Truth::Yes,
                best: worst,
                worst,
                as_if_session: false,
                measured_best: measured(owed),
                measured_worst: measured(owed),
            },
            turn: Some(Turn {
                day: day_of("2024-01-01"),
                stage: worst,
                cause: Cause::YearBegan(2024),
            }),
            next: None,
            smallest_payment: Some(10_000),
            keep: None,
            taken: Truth::Yes,
            by_decision: false,
            waived_by: None,
            waived_in: Vec::new(),
        }
    }

    #[test]
    fn what_a_policy_takes_is_told_with_what_would_end_it() {
        let mut lost = ground(Stage::Lost, 100_000);
        assert_eq!(
            does(&lost),
            "charter/9 (two-years, read literal) takes it since 2024-01-01"
        );
        let reasons = [
            "1,000.00 usd in arrears against 500.00 usd; the oldest fell due on 2023-04-30",
            "the year 2024 begins",
            "a payment of 100.00 usd would end it",
        ];
        assert_eq!(because(&lost), reasons);
        (lost.by_decision, lost.standing.as_if_session) = (true, true);
        assert_eq!(
            does(&lost),
            "charter/9 (two-years, read literal), as if a session opened that day, makes liable \
             to lose it since 2024-01-01, by decision"
        );
    }

    #[test]
    fn what_a_policy_leaves_is_told_with_what_keeps_it() {
        let mut clear = ground(Stage::Clear, 0);
        clear.turn = None;
        clear.keep = Some(Keep {
            amount: 20_000,
            by: day_of("2024-12-31"),
            otherwise: Stage::Lost,
        });
        assert_eq!(
            does(&clear),
            "charter/9 (two-years, read literal) leaves the right"
        );
        let reasons = ["a payment of 200.00 usd by 2024-12-31 keeps it"];
        assert_eq!(because(&clear), reasons);
    }

    #[test]
    fn sums_are_told_whole_however_large_they_are() {
        let large = ground(Stage::Lost, u128::from(u64::MAX) + 1);
        let told = because(&large).into_iter().next().unwrap();
        assert!(told.starts_with("184,467,440,737,095,516.16 usd in arrears"));
    }
}
