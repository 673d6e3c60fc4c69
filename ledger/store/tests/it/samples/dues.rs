//! Events about money and the rights that hang on it.

use crate::samples::{day, id, ids, names};
use standing_domain::entry::event::Event;
use standing_domain::entry::event::dues::{
    Assessment, Fund, Instalment, MOST, Money, Payment, PaymentPlan, Suspension, Waiver, WriteOff,
};

fn money(minor_units: u64) -> Money {
    Money {
        currency: id("usd"),
        minor_units,
    }
}

/// Makes events of every kind about money.
pub fn events() -> Vec<Event> {
    accounts().into_iter().chain(rights()).collect()
}

fn accounts() -> Vec<Event> {
    let party = || id("cn-qinghai");
    let fund = || id("annual-fee");
    let assessed = |year, revision, minor_units, ground: &str| {
        Event::DuesAssessed(Assessment {
            party: party(),
            fund: fund(),
            year,
            revision,
            amount: money(minor_units),
            due: day("2024-04-30"),
            ground: ground.to_owned(),
        })
    };
    let paid = |minor_units, year, reference: &str| {
        Event::DuesPaid(Payment {
            party: party(),
            fund: fund(),
            amount: money(minor_units),
            year,
            reference: reference.to_owned(),
        })
    };
    let written_off = |minor_units| {
        Event::DuesWrittenOff(WriteOff {
            party: party(),
            fund: fund(),
            year: 2200,
            amount: money(minor_units),
            ground: "disaster".to_owned(),
        })
    };
    let agreed = |until| {
        Event::PlanAgreed(PaymentPlan {
            party: party(),
            fund: fund(),
            instalments: [("2024-06-30", 0), ("2025-06-30", MOST)]
                .map(|(due, minor_units)| Instalment {
                    due: day(due),
                    amount: money(minor_units),
                })
                .to_vec(),
            until,
        })
    };
    vec![
        Event::FundEstablished(Fund {
            fund: fund(),
            currency: id("usd"),
            names: names(),
        }),
        assessed(1900, 0, 0, ""),
        assessed(2024, u16::MAX, MOST, "reduced"),
        paid(0, None, ""),
        paid(MOST, Some(2024), "transfer 7"),
        written_off(0),
        written_off(MOST),
        agreed(None),
        agreed(Some(day("2026-01-01"))),
        Event::PlanEnded {
            party: party(),
            fund: fund(),
            reason: "not kept".to_owned(),
        },
    ]
}

fn rights() -> Vec<Event> {
    let party = || id("cn-qinghai");
    let article = || standing_domain::id::ArticleRef {
        instrument: id("fee-regulation"),
        article: id("6"),
    };
    let waiver = |bodies, until| {
        Event::WaiverGranted(Waiver {
            party: party(),
            article: article(),
            bodies,
            ground: "beyond-control".to_owned(),
            until,
        })
    };
    let suspended = |bodies, until| {
        Event::RightsSuspended(Suspension {
            party: party(),
            rights: ids(&["vote", "stand"]),
            bodies,
            article: article(),
            until,
        })
    };
    let parent = |suspended| Event::ParentStatusRecorded {
        party: party(),
        parent: id("un"),
        suspended,
    };
    vec![
        waiver(vec![], None),
        waiver(ids(&["general-assembly"]), Some(day("2025-01-01"))),
        Event::WaiverEnded {
            party: party(),
            article: article(),
        },
        suspended(vec![], None),
        suspended(ids(&["general-assembly"]), Some(day("2025-01-01"))),
        Event::SuspensionLifted {
            party: party(),
            article: article(),
        },
        Event::NoticeServed {
            party: party(),
            article: article(),
            subject: "two years unpaid".to_owned(),
        },
        parent(true),
        parent(false),
    ]
}
