//! The line language of the tables about dues; `tests/tables/dues/README.md` explains it.

use crate::support::{day, window};
use standing_domain::dues::account::{
    Account, Balance, Obligation, Payment, Placement, Plan, Revision,
};
use standing_domain::dues::built_in::built_in;
use standing_domain::dues::case::{Cause, Surroundings};
use standing_domain::dues::loss;
use standing_domain::dues::loss::{LossLine, Stage, Turn};
use standing_domain::dues::measure::Measured;
use standing_domain::entry::policy::{
    Comparator, CountedFrom, DuesMode, DuesPolicy, DuesTier, Measure, Moment, PaymentOrder,
    Restoration,
};
use standing_domain::id::position::Position;
use standing_domain::id::{BodyId, FundId, Word};
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_domain::time::when::Window;

/// A case of a table while it is read.
#[derive(Default)]
pub struct Case {
    policy: Option<(DuesPolicy, DuesTier)>,
    account: Account,
    surroundings: Surroundings,
    entries: u64,
}

/// Returns the word or words after a key, up to the next key.
fn after<'a>(words: &[&'a str], key: &str) -> Option<&'a str> {
    let place = words.iter().position(|word| *word == key)?;
    words.get(place + 1).copied()
}

fn cents(text: &str) -> u64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    assert_eq!(part.len(), 2, "{text} has cents");
    whole.parse::<u64>().unwrap() * 100 + part.parse::<u64>().unwrap()
}

fn money(amount: u128) -> String {
    if amount.is_multiple_of(100) {
        (amount / 100).to_string()
    } else {
        format!("{}.{:02}", amount / 100, amount % 100)
    }
}

fn fund(words: &[&str]) -> FundId {
    FundId::new(after(words, "fund").unwrap_or("core")).unwrap()
}

impl Case {
    pub fn read(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.entries += 1;
        match words[0] {
            "policy" => {
                self.entries -= 1;
                self.policy(&words);
            }
            "set" => {
                self.entries -= 1;
                let (policy, tier) = self.policy.as_mut().unwrap();
                set(policy, tier, &words[1..]);
            }
            "owe" => {
                let due = after(&words, "due").unwrap();
                if let Some((first, last)) = words[1].split_once("..") {
                    for year in first.parse().unwrap()..=last.parse().unwrap() {
                        self.owe(year, window(&format!("{year}-{due}")), &words);
                        self.entries += 1;
                    }
                    self.entries -= 1;
                } else {
                    self.owe(words[1].parse().unwrap(), window(due), &words);
                }
            }
            "pay" => self.account.payments.push(Payment {
                fund: fund(&words),
                on: window(after(&words, "on").unwrap()),
                amount: cents(words[1]),
                year: after(&words, "for").map(|year| year.parse().unwrap()),
                name: 0,
                position: Position::new(self.entries),
            }),
            "write-off" => {
                let year: i16 = after(&words, "of").unwrap().parse().unwrap();
                let on = window(after(&words, "on").unwrap());
                let entry = (on, cents(words[1]), Position::new(self.entries));
                self.obligation(&fund(&words), year).written_off.push(entry);
            }
            "plan" => self.plan(line),
            "opening" => {
                let body = BodyId::new(words[1]).unwrap();
                self.surroundings.openings.push((body, window(words[3])));
            }
            "notice" => self.surroundings.notices.push(window(words[2]).into()),
            other => panic!("{other}"),
        }
    }

    fn policy(&mut self, words: &[&str]) {
        let policy = built_in(words[1]).unwrap_or_else(|| panic!("no policy {}", words[1]));
        let reading = match after(words, "reading") {
            Some(name) => policy.reading(&Word::new(name).unwrap()).unwrap(),
            None => &policy.readings[0],
        };
        let tier: usize = after(words, "tier").map_or(1, |tier| tier.parse().unwrap());
        let tier = reading.tiers[tier - 1].clone();
        self.policy = Some((policy, tier));
    }

    fn obligation(&mut self, fund: &FundId, year: i16) -> &mut Obligation {
        let all = &mut self.account.obligations;
        let place = all.iter().position(|o| o.fund == *fund && o.year == year);
        let place = place.unwrap_or_else(|| {
            all.push(Obligation {
                fund: fund.clone(),
                year,
                name: 0,
                revisions: Vec::new(),
                written_off: Vec::new(),
            });
            all.len() - 1
        });
        &mut all[place]
    }

    fn owe(&mut self, year: i16, due: Window, words: &[&str]) {
        let position = self.entries;
        self.obligation(&fund(words), year)
            .revisions
            .push(Revision {
                number: after(words, "revision").map_or(1, |number| number.parse().unwrap()),
                effective: window(after(words, "from").unwrap_or("2000-01-01")),
                due,
                amount: cents(words[2]),
                position: Position::new(position),
            });
    }

    fn plan(&mut self, line: &str) {
        let (head, instalments) = line.split_once(" :").unwrap_or((line, ""));
        let words: Vec<&str> = head.split_whitespace().collect();
        let instalment = |text: &str| {
            let (amount, due) = text.trim().split_once(" by ").unwrap();
            (window(due), cents(amount))
        };
        self.account.plans.push(Plan {
            fund: after(&words, "fund").map(|fund| FundId::new(fund).unwrap()),
            agreed: window(after(&words, "on").unwrap()),
            until: after(&words, "until").map(window),
            instalments: instalments
                .split(',')
                .filter(|text| !text.trim().is_empty())
                .map(instalment)
                .collect(),
            position: Position::new(self.entries),
        });
    }

    pub fn answer(&self, question: &str) -> String {
        let (policy, tier) = self.policy.as_ref().unwrap();
        let loss = standing_domain::dues::case::Case {
            policy,
            tier,
            account: &self.account,
            surroundings: &self.surroundings,
        }
        .lay();
        let words: Vec<&str> = question.split_whitespace().collect();
        match words[..] {
            ["turns"] => either([&loss.best, &loss.worst].map(turns)),
            ["next", on] => loss.next_turn(day(on)).map_or("none".to_owned(), turn),
            ["smallest", on] => loss
                .smallest_payment(day(on))
                .map_or("none".to_owned(), |amount| money(u128::from(amount))),
            ["keep", on] => loss.keep_by(day(on)).map_or("none".to_owned(), |keep| {
                let amount = money(u128::from(keep.amount));
                format!("{amount} by {} or {}", keep.by, name(keep.otherwise))
            }),
            ["balance", on] => {
                let at = |placement| balance(&self.account.at(policy, day(on), placement));
                either([Placement::Best, Placement::Worst].map(at))
            }
            ["measured", on] => {
                let standing = loss.at(day(on));
                either([&standing.measured_best, &standing.measured_worst].map(measured))
            }
            [on] => standing(&loss, day(on)),
            _ => panic!("{question}"),
        }
    }
}

fn set(policy: &mut DuesPolicy, tier: &mut DuesTier, words: &[&str]) {
    let body = |text: &str| BodyId::new(text).unwrap();
    let moment = |words: &[&str]| match words {
        ["continuous"] => Moment::Continuous,
        ["first-of-year"] => Moment::FirstOfYear,
        ["opening", of] => Moment::SessionOpening(body(of)),
        _ => panic!("{words:?}"),
    };
    let counted = |text: &str| match text {
        "due-date" => CountedFrom::DueDate,
        "year-end" => CountedFrom::YearEnd,
        _ => panic!("{text}"),
    };
    match words {
        ["order", "oldest-first"] => policy.order = PaymentOrder::OldestFirst,
        ["order", "named-year-first"] => policy.order = PaymentOrder::NamedYearFirst,
        ["order", "newest-first"] => policy.order = PaymentOrder::NewestFirst,
        ["fiscal-year", month] => policy.fiscal_year_begins = month.parse().unwrap(),
        ["funds", list] => {
            policy.funds = list
                .split(',')
                .map(|fund| FundId::new(fund).unwrap())
                .collect();
        }
        ["comparator", "at-least"] => tier.comparator = Comparator::AtLeast,
        ["comparator", "more-than"] => tier.comparator = Comparator::MoreThan,
        ["mode", "automatic"] => tier.mode = DuesMode::Automatic,
        ["lost-at", rest @ ..] => tier.lost_at = moment(rest),
        ["restored-at", rest @ ..] => tier.restored_at = moment(rest),
        ["restored-by", by] => {
            tier.restored_by = match *by {
                "below-threshold" => Restoration::BelowThreshold,
                "paid-in-full" => Restoration::PaidInFull,
                "plan-agreed" => Restoration::PlanAgreed,
                _ => panic!("{by}"),
            }
        }
        ["measure", "age", months, days, from] => {
            tier.measure = Measure::Age {
                months: months.parse().unwrap(),
                days: days.parse().unwrap(),
                counted_from: counted(from),
            }
        }
        ["measure", "fraction", numerator, denominator, months] => {
            tier.measure = Measure::Fraction {
                numerator: numerator.parse().unwrap(),
                denominator: denominator.parse().unwrap(),
                months: months.parse().unwrap(),
            }
        }
        ["measure", "since-notice", months, days] => {
            tier.measure = Measure::SinceNotice {
                months: months.parse().unwrap(),
                days: days.parse().unwrap(),
            }
        }
        _ => panic!("{words:?}"),
    }
}

fn either([best, worst]: [String; 2]) -> String {
    if best == worst {
        best
    } else {
        format!("{best} | {worst}")
    }
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Clear => "clear",
        Stage::Liable => "liable",
        Stage::Lost => "lost",
    }
}

fn standing(loss: &loss::Loss<'_>, on: Day) -> String {
    let standing = loss.at(on);
    assert_eq!(
        standing.lost == Truth::Unknown,
        (standing.best == Stage::Lost) != (standing.worst == Stage::Lost)
    );
    let shown = |line: &LossLine, stage: Stage| match line.turn_at(on) {
        Some(turn) if turn.stage == stage && stage != Stage::Clear => {
            format!("{} since {}", name(stage), turn.day)
        }
        _ => name(stage).to_owned(),
    };
    let shown = either([
        shown(&loss.best, standing.best),
        shown(&loss.worst, standing.worst),
    ]);
    if standing.as_if_session {
        format!("{shown}, as if")
    } else {
        shown
    }
}

fn turns(line: &LossLine) -> String {
    let all: Vec<String> = line.turns().iter().map(turn).collect();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join("; ")
    }
}

fn turn(turn: &Turn) -> String {
    let cause = match &turn.cause {
        Cause::SessionOpened(body, _) => format!("{body} opened"),
        Cause::YearBegan(year) => format!("{year} began"),
        Cause::Overdue { year, .. } => format!("{year} overdue"),
        Cause::InstalmentMissed(position) => format!("instalment of #{position}"),
        Cause::PlanEnded(position) => format!("plan #{position} ended"),
        Cause::NoticeGiven(window) => format!("notice of {window}"),
        Cause::Paid(position) => format!("paid #{position}"),
        Cause::WrittenOff(position) => format!("written off #{position}"),
        Cause::PlanAgreed(position) => format!("plan #{position} agreed"),
        Cause::Annulled(position) => format!("annulled #{position}"),
        Cause::Assessed(position) => format!("assessed #{position}"),
        Cause::Passed(position) => format!("passed #{position}"),
    };
    format!("{} {} {cause}", turn.day, name(turn.stage))
}

fn balance(balance: &Balance) -> String {
    let mut parts: Vec<String> = balance
        .lines
        .iter()
        .map(|line| {
            let m = |amount: u64| money(u128::from(amount));
            let mut text = format!(
                "{} {}/{}/{}",
                line.year,
                m(line.assessed),
                m(line.paid),
                m(line.unpaid)
            );
            if line.written_off > 0 {
                text.extend([" off ", &m(line.written_off)]);
            }
            if line.overdue {
                text += " overdue";
            }
            text
        })
        .collect();
    for amount in balance.credit.values() {
        parts.push(format!("credit {}", money(*amount)));
    }
    if parts.is_empty() {
        parts.push("nothing".to_owned());
    }
    parts.join(", ")
}

fn measured(measured: &Measured) -> String {
    let day = |day: Option<Day>| day.map_or("-".to_owned(), |day| day.to_string());
    let years: Vec<String> = measured.unpaid_years.iter().map(i16::to_string).collect();
    format!(
        "owed {} against {}, due {}, until {}, years {}",
        money(measured.owed),
        money(measured.threshold),
        day(measured.oldest_due),
        day(measured.deadline),
        if years.is_empty() {
            "-".to_owned()
        } else {
            years.join(" ")
        },
    )
}
