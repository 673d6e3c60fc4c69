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
    let (owed, oldest) = (money(measured.owed), day(measured.oldest_due));
    Some(format!(
        "{owed} in arrears{against}; the oldest fell due on {oldest}"
    ))
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
        Cause::Assessed(position) => format!("the assessment of entry {position} takes effect"),
    }
}
