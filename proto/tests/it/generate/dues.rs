//! Random events about money, and about the rights that hang on it.

use super::{article_ref, body, build, fund, names, party, right, some_words, when, word, words};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use standing_domain::entry::event::Event;
use standing_domain::entry::event::dues::{
    Assessment, Fund, Instalment, MOST, Money, Payment, PaymentPlan, Suspension, Waiver, WriteOff,
};
use standing_domain::id::Word;

pub fn dues() -> impl Strategy<Value = Event> {
    prop_oneof![accounts().boxed(), rights().boxed()]
}

fn currency() -> impl Strategy<Value = Word> + Clone {
    prop::sample::select(vec!["bhd", "eur", "jpy", "krw", "usd"])
        .prop_map(|code| Word::new(code).unwrap())
}

fn money() -> impl Strategy<Value = Money> {
    let minor_units = prop_oneof![Just(0), 0..=MOST, Just(MOST)];
    build!(Money {
        currency: currency(),
        minor_units: minor_units
    })
}

fn year() -> impl Strategy<Value = u16> {
    1900_u16..=2200
}

fn accounts() -> impl Strategy<Value = Event> {
    let established = build!(Fund {
        fund: fund(),
        currency: currency(),
        names: names()
    });
    let assessed = build!(Assessment {
        party: party(),
        fund: fund(),
        year: year(),
        revision: any::<u16>(),
        amount: money(),
        due: when(),
        ground: words(),
    });
    let paid = build!(Payment {
        party: party(),
        fund: fund(),
        amount: money(),
        year: option::of(year()),
        reference: words(),
    });
    let written_off = build!(WriteOff {
        party: party(),
        fund: fund(),
        year: year(),
        amount: money(),
        ground: words(),
    });
    let instalment = build!(Instalment {
        due: when(),
        amount: money()
    });
    let agreed = build!(PaymentPlan {
        party: party(),
        fund: fund(),
        instalments: vec(instalment, 1..4),
        until: option::of(when()),
    });
    prop_oneof![
        established.prop_map(Event::FundEstablished),
        assessed.prop_map(Event::DuesAssessed),
        paid.prop_map(Event::DuesPaid),
        written_off.prop_map(Event::DuesWrittenOff),
        agreed.prop_map(Event::PlanAgreed),
        build!(Event::PlanEnded {
            party: party(),
            fund: fund(),
            reason: words()
        }),
    ]
}

fn rights() -> impl Strategy<Value = Event> {
    let waiver = build!(Waiver {
        party: party(),
        article: article_ref(),
        bodies: vec(body(), 0..3),
        ground: words(),
        until: option::of(when()),
    });
    let suspension = build!(Suspension {
        party: party(),
        rights: vec(right(), 1..3),
        bodies: vec(body(), 0..3),
        article: article_ref(),
        until: option::of(when()),
    });
    prop_oneof![
        waiver.prop_map(Event::WaiverGranted),
        build!(Event::WaiverEnded {
            party: party(),
            article: article_ref()
        }),
        suspension.prop_map(Event::RightsSuspended),
        build!(Event::SuspensionLifted {
            party: party(),
            article: article_ref()
        }),
        build!(Event::NoticeServed {
            party: party(),
            article: article_ref(),
            subject: some_words()
        }),
        build!(Event::ParentStatusRecorded {
            party: party(),
            parent: word(),
            suspended: any::<bool>()
        }),
    ]
}
