//! The lines and questions of the tables that are about money, and about rights that hang on it.

use super::language::Line;
use super::question::verdict;
use standing_domain::answers::losses::DuesGround;
use standing_domain::answers::rights::Expiry;
use standing_domain::dues::account::Balance;
use standing_domain::dues::built_in::built_in;
use standing_domain::dues::case::Cause;
use standing_domain::dues::loss::Stage;
use standing_domain::entry::event::Event;
use standing_domain::entry::event::dues::{
    Assessment, Fund, Instalment, Money, Payment, PaymentPlan, Suspension, Waiver, WriteOff,
};
use standing_domain::entry::norm::ground::SuspensionGround;
use standing_domain::entry::norm::{Condition, Norm, Rule, Support, SuspensionRule};
use standing_domain::id::position::Position;
use standing_domain::id::{ArticleRef, BodyId, FundId, PartyId, RightId, Word};
use standing_domain::time::truth::Truth;

/// What a case that says `money` starts with besides.
pub const VOCABULARY: &str = "\
right stand
right propose-candidates
right services
right speak
body secretariat
body conference
body governing-body
body committee
body health-assembly
body general-conference
body assembly
body council
body maritime-safety-committee
body legal-committee
body marine-environment-protection-committee
body technical-cooperation-committee
body facilitation-committee
adopt fee on 1996-09-12
fund core usd
fund krw-fund krw
article charter/9 on 1996-09-12 : confer vote full ; confer elect full ; confer stand full ; confer services full ; confer speak full ; confer propose-candidates full ; confer participate full
admit jp-hyogo full on 1996-09-12
admit kr-pohang full on 1996-09-12
assess jp-hyogo 2024 1000 due 2024-04-30 on 2024-01-01
pay jp-hyogo 1000 on 2024-04-01
assess kr-pohang 2024 1000 due 2024-04-30 on 2024-01-01
pay kr-pohang 1000 on 2024-04-01";

/// Reads an amount: `1000` or `1000.01`.
fn amount(text: &str) -> u64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    assert_eq!(part.len(), 2, "{text} has cents");
    whole.parse::<u64>().unwrap() * 100 + part.parse::<u64>().unwrap()
}

/// Writes one the same way.
pub fn written(amount: u128) -> String {
    match amount % 100 {
        0 => (amount / 100).to_string(),
        part => format!("{}.{part:02}", amount / 100),
    }
}

fn party(line: &Line) -> PartyId {
    PartyId::new(line.word(1)).unwrap()
}

fn fund(line: &Line) -> FundId {
    FundId::new(line.after("fund").unwrap_or("core")).unwrap()
}

fn money(line: &Line, amount_text: &str) -> Money {
    Money {
        currency: Word::new(line.after("currency").unwrap_or("usd")).unwrap(),
        minor_units: amount(amount_text),
    }
}

fn article(line: &Line, i: usize) -> ArticleRef {
    ArticleRef::new(line.word(i)).unwrap()
}

fn bodies(line: &Line) -> Vec<BodyId> {
    let listed = line.after("in").into_iter();
    listed
        .flat_map(|text| text.split(','))
        .map(|body| BodyId::new(body).unwrap())
        .collect()
}

/// Reads the line of an event about money.
pub fn event(line: &Line) -> Option<Event> {
    let year = |i| line.word(i).parse().unwrap();
    Some(match line.word(0) {
        "fund" => Event::FundEstablished(Fund {
            fund: FundId::new(line.word(1)).unwrap(),
            currency: Word::new(line.word(2)).unwrap(),
            names: Vec::new(),
        }),
        "assess" => Event::DuesAssessed(Assessment {
            party: party(line),
            fund: fund(line),
            year: year(2),
            revision: line.after("revision").map_or(0, |n| n.parse().unwrap()),
            amount: money(line, line.word(3)),
            due: line.due.clone().unwrap(),
            ground: String::new(),
        }),
        "pay" => Event::DuesPaid(Payment {
            party: party(line),
            fund: fund(line),
            amount: money(line, line.word(2)),
            year: line.after("year").map(|year| year.parse().unwrap()),
            reference: String::new(),
        }),
        "write-off" => Event::DuesWrittenOff(WriteOff {
            party: party(line),
            fund: fund(line),
            year: year(2),
            amount: money(line, line.word(3)),
            ground: String::new(),
        }),
        "plan" => Event::PlanAgreed(PaymentPlan {
            party: party(line),
            fund: fund(line),
            instalments: line
                .tail
                .split(" ; ")
                .map(|part| {
                    let (due, much) = part.split_once(' ').unwrap();
                    Instalment {
                        due: standing_domain::time::when::When::Window(crate::support::window(due)),
                        amount: money(line, much),
                    }
                })
                .collect(),
            until: line.until.clone(),
        }),
        "end-plan" => Event::PlanEnded {
            party: party(line),
            fund: fund(line),
            reason: String::new(),
        },
        "waive" => Event::WaiverGranted(Waiver {
            party: party(line),
            article: article(line, 2),
            bodies: bodies(line),
            ground: "beyond-control".to_owned(),
            until: line.until.clone(),
        }),
        "end-waiver" => Event::WaiverEnded {
            party: party(line),
            article: article(line, 2),
        },
        "suspend" => Event::RightsSuspended(Suspension {
            party: party(line),
            rights: rights(line.word(2)),
            bodies: bodies(line),
            article: article(line, 3),
            until: line.until.clone(),
        }),
        "lift" => Event::SuspensionLifted {
            party: party(line),
            article: article(line, 2),
        },
        "notice" => Event::NoticeServed {
            party: party(line),
            article: article(line, 2),
            subject: String::new(),
        },
        "parent" => Event::ParentStatusRecorded {
            party: party(line),
            parent: Word::new(line.word(2)).unwrap(),
            suspended: line.word(3) == "suspended",
        },
        _ => return None,
    })
}

fn rights(text: &str) -> Vec<RightId> {
    text.split(',').map(|r| RightId::new(r).unwrap()).collect()
}

/// Reads a norm about money: `dues un-19`, or `may-suspend vote,elect ground fee by-decision`; the
/// ground may be an article, or be left out.
pub fn norm(words: &[&str], support: Support, condition: &Condition) -> Option<Norm> {
    let rule = match words {
        ["dues", name, rest @ ..] => {
            let mut policy = built_in(name).unwrap_or_else(|| panic!("no policy is {name}"));
            if rest.contains(&"read-twice") {
                policy.readings.extend(policy.readings.clone());
            }
            Rule::Dues(policy)
        }
        ["may-suspend", listed, rest @ ..] => {
            let (ground, rest) = match rest {
                ["ground", ground, rest @ ..] => ((*ground).to_owned(), rest),
                rest => (String::new(), rest),
            };
            Rule::Suspension(SuspensionRule {
                rights: rights(listed),
                ground: SuspensionGround::try_from(ground).unwrap(),
                by_decision: rest.contains(&"by-decision"),
            })
        }
        _ => return None,
    };
    Some(Norm {
        support,
        condition: condition.clone(),
        note: String::new(),
        rule,
    })
}

/// What a policy does by one of its tiers: `liable since 2025-05-01 owed 2000`.
pub fn ground(ground: &DuesGround, base: Position) -> String {
    let stage = match ground.standing.worst {
        Stage::Clear => "clear",
        Stage::Liable => "liable",
        Stage::Lost => "lost",
    };
    let mut parts = vec![stage.to_owned()];
    let measured = &ground.standing.measured_worst;
    if let Some(turn) = &ground.turn {
        parts.push(format!(" since {}", turn.day));
    }
    if measured.owed > 0 {
        parts.push(format!(" owed {}", written(measured.owed)));
    }
    if measured.threshold > 0 {
        parts.push(format!(" of {}", written(measured.threshold)));
    }
    match ground.taken {
        Truth::Yes => parts.push(", taken".to_owned()),
        Truth::Unknown => parts.push(", perhaps taken".to_owned()),
        Truth::No => {}
    }
    if ground.by_decision {
        parts.push(", by decision".to_owned());
    }
    if ground.standing.as_if_session {
        parts.push(", as if a session opened".to_owned());
    }
    if let Some(waiver) = ground.waived_by {
        parts.push(format!(", waived by #{}", waiver.since(base)));
    }
    parts.concat()
}

/// What stands of each assessment, in the order in which they are met, and what is left over:
/// `#3 0 | #4 400 | credit 50`.
pub fn account(balance: &Balance, base: Position) -> String {
    let lines = balance.lines.iter().map(|line| {
        let (entry, unpaid) = (line.position.since(base), written(line.unpaid.into()));
        format!("#{entry} {unpaid}")
    });
    let credit = balance.credit.values();
    let credit = credit.map(|credit| format!("credit {}", written(*credit)));
    let parts: Vec<String> = lines.chain(credit).collect();
    if parts.is_empty() {
        "nothing".to_owned()
    } else {
        parts.join(" | ")
    }
}

/// When an answer changes, and why: `2027-01-01 NOT_HELD fee/1 2026 is overdue`.
pub fn expiry(expiry: &Expiry, base: Position) -> String {
    let entry = |position: &Position| format!("#{}", position.since(base));
    let cause = match (&expiry.dues, &expiry.position) {
        (Some((article, cause)), _) => format!(
            "{article}: {}",
            match cause {
                Cause::SessionOpened(body, _) => format!("{body} opens"),
                Cause::YearBegan(year) => format!("{year} begins"),
                Cause::Overdue { year, .. } => format!("{year} is overdue"),
                Cause::InstalmentMissed(of) => format!("instalment of {}", entry(of)),
                Cause::NoticeGiven(_) => "notice".to_owned(),
                Cause::PlanEnded(of)
                | Cause::Paid(of)
                | Cause::WrittenOff(of)
                | Cause::PlanAgreed(of)
                | Cause::Assessed(of)
                | Cause::Passed(of)
                | Cause::Annulled(of) => entry(of),
            }
        ),
        (None, Some(position)) => entry(position),
        (None, None) => "the year".to_owned(),
    };
    format!("{} {} {cause}", expiry.day, verdict(expiry.then))
}
