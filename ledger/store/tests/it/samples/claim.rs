//! Claims, of every question.

use crate::samples::{id, session, window};
use standing_domain::entry::event::Event;
use standing_domain::entry::event::claim::{Claim, ClaimQuestion};
use standing_domain::id::{ArticleRef, PartyId, SessionId};
use standing_domain::time::when::Window;

/// Makes a claim of every question.
pub fn events() -> Vec<Event> {
    let claims = of_parties().into_iter().chain(of_records());
    claims
        .map(|question| {
            let answer = "7".to_owned();
            Event::ClaimRecorded(Claim { question, answer })
        })
        .collect()
}

fn year() -> Window {
    window("2024-01-01", "2024-12-31")
}

fn party() -> PartyId {
    id("kr-ulsan")
}

fn assembly() -> SessionId {
    session("general-assembly", 14)
}

fn of_parties() -> Vec<ClaimQuestion> {
    vec![
        ClaimQuestion::MembersOfClass {
            class: id("full"),
            country: None,
            on: year(),
        },
        ClaimQuestion::MembersOfClass {
            class: id("full"),
            country: Some(id("kr")),
            on: window("1900-01-01", "2200-12-31"),
        },
        ClaimQuestion::ClassOf {
            party: party(),
            on: year(),
        },
        ClaimQuestion::Admitted {
            party: party(),
            class: id("full"),
        },
        ClaimQuestion::Founders { country: None },
        ClaimQuestion::Founders {
            country: Some(id("jp")),
        },
        ClaimQuestion::Applicants { on: year() },
        ClaimQuestion::PartyOfName {
            name: "울산광역시".to_owned(),
            language: id("ko"),
        },
    ]
}

fn of_records() -> Vec<ClaimQuestion> {
    vec![
        ClaimQuestion::SessionsHeld {
            series: id("general-assembly"),
            through: year(),
        },
        ClaimQuestion::SessionDays {
            session: assembly(),
        },
        ClaimQuestion::SessionHost {
            session: assembly(),
        },
        ClaimQuestion::BodiesPresent {
            session: assembly(),
        },
        ClaimQuestion::Attended {
            session: assembly(),
            party: party(),
        },
        ClaimQuestion::OfficeHolder {
            office: id("chair"),
            ordinal: u32::MAX,
        },
        ClaimQuestion::OfficeHolders {
            office: id("chair"),
            through: year(),
        },
        ClaimQuestion::Amendments {
            instrument: id("charter"),
            through: year(),
        },
        ClaimQuestion::ArticleInForce {
            article: ArticleRef {
                instrument: id("charter"),
                article: id("9-2"),
            },
        },
        ClaimQuestion::Committees { on: year() },
        ClaimQuestion::Coordinator {
            committee: id("tourism"),
            on: year(),
        },
    ]
}
