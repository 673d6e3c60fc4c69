//! Claims of sources, both ways.

use crate::limit;
use crate::norm::or_empty;
use crate::read::{At, Read, build};
use crate::time::read_span;
use crate::v1;
use crate::v1::claim_recorded::Question as Wire;
use standing_domain::entry::event::claim::{Claim, ClaimQuestion};
use standing_domain::id::{ArticleRef, SessionId};

pub(super) fn read_claim(at: &At, wire: v1::ClaimRecorded) -> Read<Claim> {
    build!(Claim {
        answer: at.text("answer", wire.answer, &limit::SOME_TEXT),
        question: match wire.question {
            None => at.field("question").missing("what the source answers"),
            Some(question) => read_question(&at.field(field(&question)), question),
        },
    })
}

/// Returns the field of a question.
fn field(question: &Wire) -> &'static str {
    match question {
        Wire::MembersOfClass(_) => "members_of_class",
        Wire::ClassOf(_) => "class_of",
        Wire::Admitted(_) => "admitted",
        Wire::SessionsHeld(_) => "sessions_held",
        Wire::SessionDays(_) => "session_days",
        Wire::SessionHost(_) => "session_host",
        Wire::BodiesPresent(_) => "bodies_present",
        Wire::Attended(_) => "attended",
        Wire::OfficeHolder(_) => "office_holder",
        Wire::OfficeHolders(_) => "office_holders",
        Wire::Amendments(_) => "amendments",
        Wire::ArticleInForce(_) => "article_in_force",
        Wire::Committees(_) => "committees",
        Wire::Coordinator(_) => "coordinator",
        Wire::Founders(_) => "founders",
        Wire::Applicants(_) => "applicants",
        Wire::PartyOfName(_) => "party_of_name",
    }
}

fn read_question(at: &At, wire: Wire) -> Read<ClaimQuestion> {
    match wire {
        Wire::MembersOfClass(w) => build!(ClaimQuestion::MembersOfClass {
            class: at.id("class", &w.class),
            country: at.optional_id("country", &w.country),
            on: read_span(&at.field("on"), &w.on),
        }),
        Wire::ClassOf(w) => build!(ClaimQuestion::ClassOf {
            party: at.id("party", &w.party),
            on: read_span(&at.field("on"), &w.on),
        }),
        Wire::Admitted(w) => build!(ClaimQuestion::Admitted {
            party: at.id("party", &w.party),
            class: at.id("class", &w.class),
        }),
        Wire::SessionsHeld(w) => build!(ClaimQuestion::SessionsHeld {
            series: at.id("series", &w.series),
            through: read_span(&at.field("through"), &w.through),
        }),
        Wire::SessionDays(w) => build!(ClaimQuestion::SessionDays {
            session: at.id("session", &w.session),
        }),
        Wire::SessionHost(w) => build!(ClaimQuestion::SessionHost {
            session: at.id("session", &w.session),
        }),
        Wire::BodiesPresent(w) => build!(ClaimQuestion::BodiesPresent {
            session: at.id("session", &w.session),
        }),
        Wire::Attended(w) => build!(ClaimQuestion::Attended {
            session: at.id("session", &w.session),
            party: at.id("party", &w.party),
        }),
        Wire::OfficeHolder(w) => build!(ClaimQuestion::OfficeHolder {
            office: at.id("office", &w.office),
            ordinal: Ok(w.ordinal),
        }),
        Wire::OfficeHolders(w) => build!(ClaimQuestion::OfficeHolders {
            office: at.id("office", &w.office),
            through: read_span(&at.field("through"), &w.through),
        }),
        Wire::Amendments(w) => build!(ClaimQuestion::Amendments {
            instrument: at.id("instrument", &w.instrument),
            through: read_span(&at.field("through"), &w.through),
        }),
        Wire::ArticleInForce(w) => {
            let article = build!(ArticleRef {
                instrument: at.id("instrument", &w.instrument),
                article: at.id("article", &w.article),
            });
            article.map(|article| ClaimQuestion::ArticleInForce { article })
        }
        Wire::Committees(w) => build!(ClaimQuestion::Committees {
            on: read_span(&at.field("on"), &w.on),
        }),
        Wire::Coordinator(w) => build!(ClaimQuestion::Coordinator {
            committee: at.id("committee", &w.committee),
            on: read_span(&at.field("on"), &w.on),
        }),
        Wire::Founders(w) => build!(ClaimQuestion::Founders {
            country: at.optional_id("country", &w.country),
        }),
        Wire::Applicants(w) => build!(ClaimQuestion::Applicants {
            on: read_span(&at.field("on"), &w.on),
        }),
        Wire::PartyOfName(w) => build!(ClaimQuestion::PartyOfName {
            name: at.text("name", w.name, &limit::NAME),
            language: at.id("language", &w.language),
        }),
    }
}

impl From<&Claim> for v1::ClaimRecorded {
    fn from(claim: &Claim) -> Self {
        Self {
            answer: claim.answer.clone(),
            question: Some((&claim.question).into()),
        }
    }
}

fn of_session(session: &SessionId) -> v1::OfSession {
    v1::OfSession {
        session: session.to_string(),
    }
}

impl From<&ClaimQuestion> for Wire {
    fn from(question: &ClaimQuestion) -> Self {
        match question {
            ClaimQuestion::MembersOfClass { class, country, on } => {
                Self::MembersOfClass(v1::MembersOfClass {
                    class: class.to_string(),
                    country: or_empty(country.as_ref()),
                    on: on.to_string(),
                })
            }
            ClaimQuestion::ClassOf { party, on } => Self::ClassOf(v1::ClassOf {
                party: party.to_string(),
                on: on.to_string(),
            }),
            ClaimQuestion::Admitted { party, class } => Self::Admitted(v1::AdmittedTo {
                party: party.to_string(),
                class: class.to_string(),
            }),
            ClaimQuestion::SessionsHeld { series, through } => {
                Self::SessionsHeld(v1::SessionsHeld {
                    series: series.to_string(),
                    through: through.to_string(),
                })
            }
            ClaimQuestion::SessionDays { session } => Self::SessionDays(of_session(session)),
            ClaimQuestion::SessionHost { session } => Self::SessionHost(of_session(session)),
            ClaimQuestion::BodiesPresent { session } => Self::BodiesPresent(of_session(session)),
            ClaimQuestion::Attended { session, party } => Self::Attended(v1::AtSession {
                session: session.to_string(),
                party: party.to_string(),
            }),
            ClaimQuestion::OfficeHolder { office, ordinal } => Self::OfficeHolder(v1::NthHolder {
                office: office.to_string(),
                ordinal: *ordinal,
            }),
            ClaimQuestion::OfficeHolders { office, through } => {
                Self::OfficeHolders(v1::HoldersThrough {
                    office: office.to_string(),
                    through: through.to_string(),
                })
            }
            ClaimQuestion::Amendments {
                instrument,
                through,
            } => Self::Amendments(v1::AmendmentsThrough {
                instrument: instrument.to_string(),
                through: through.to_string(),
            }),
            ClaimQuestion::ArticleInForce { article } => Self::ArticleInForce(v1::InForce {
                instrument: article.instrument.to_string(),
                article: article.article.to_string(),
            }),
            ClaimQuestion::Committees { on } => Self::Committees(v1::OnDay { on: on.to_string() }),
            ClaimQuestion::Coordinator { committee, on } => Self::Coordinator(v1::CoordinatorOf {
                committee: committee.to_string(),
                on: on.to_string(),
            }),
            ClaimQuestion::Founders { country } => Self::Founders(v1::FoundersOf {
                country: or_empty(country.as_ref()),
            }),
            ClaimQuestion::Applicants { on } => Self::Applicants(v1::OnDay { on: on.to_string() }),
            ClaimQuestion::PartyOfName { name, language } => Self::PartyOfName(v1::BearerOf {
                name: name.clone(),
                language: language.to_string(),
            }),
        }
    }
}
