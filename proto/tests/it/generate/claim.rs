//! Random claims, of every question.

use super::{
    article_ref, body, build, class, committee, instrument, office, party, session, some_words,
    window, word,
};
use proptest::option;
use proptest::prelude::*;
use standing_domain::entry::event::claim::{Claim, ClaimQuestion};

pub fn claim() -> impl Strategy<Value = Claim> {
    build!(Claim {
        question: prop_oneof![
            of_parties().boxed(),
            of_sessions().boxed(),
            of_law().boxed()
        ],
        answer: some_words(),
    })
}

fn of_parties() -> impl Strategy<Value = ClaimQuestion> {
    prop_oneof![
        build!(ClaimQuestion::MembersOfClass {
            class: class(),
            country: option::of(word()),
            on: window(),
        }),
        build!(ClaimQuestion::ClassOf {
            party: party(),
            on: window()
        }),
        build!(ClaimQuestion::Admitted {
            party: party(),
            class: class()
        }),
        build!(ClaimQuestion::Founders {
            country: option::of(word())
        }),
        build!(ClaimQuestion::Applicants { on: window() }),
        build!(ClaimQuestion::PartyOfName {
            name: some_words(),
            language: word()
        }),
    ]
}

fn of_sessions() -> impl Strategy<Value = ClaimQuestion> {
    prop_oneof![
        build!(ClaimQuestion::SessionsHeld {
            series: body(),
            through: window()
        }),
        build!(ClaimQuestion::SessionDays { session: session() }),
        build!(ClaimQuestion::SessionHost { session: session() }),
        build!(ClaimQuestion::BodiesPresent { session: session() }),
        build!(ClaimQuestion::Attended {
            session: session(),
            party: party()
        }),
    ]
}

fn of_law() -> impl Strategy<Value = ClaimQuestion> {
    prop_oneof![
        build!(ClaimQuestion::OfficeHolder {
            office: office(),
            ordinal: any::<u32>()
        }),
        build!(ClaimQuestion::OfficeHolders {
            office: office(),
            through: window()
        }),
        build!(ClaimQuestion::Amendments {
            instrument: instrument(),
            through: window()
        }),
        build!(ClaimQuestion::ArticleInForce {
            article: article_ref()
        }),
        build!(ClaimQuestion::Committees { on: window() }),
        build!(ClaimQuestion::Coordinator {
            committee: committee(),
            on: window()
        }),
    ]
}
