//! What claims say in words.

use crate::entry::event::claim::{Claim, ClaimQuestion};
use crate::id::Word;

/// Returns a claim as a clause: the question, and the answer that the source gives.
pub(super) fn says(claim: &Claim) -> String {
    let asked = question(&claim.question);
    format!("asked {asked}, a source says {}", claim.answer)
}

fn question(question: &ClaimQuestion) -> String {
    match question {
        ClaimQuestion::MembersOfClass { class, country, on } => {
            format!(
                "how many parties{} have the class {class} on {on}",
                of(country.as_ref())
            )
        }
        ClaimQuestion::ClassOf { party, on } => format!("which class {party} has on {on}"),
        ClaimQuestion::Admitted { party, class } => {
            format!("when {party} was admitted as {class}")
        }
        ClaimQuestion::SessionsHeld { series, through } => {
            format!("how many sessions of {series} were held through {through}")
        }
        ClaimQuestion::SessionDays { session } => format!("on which days {session} met"),
        ClaimQuestion::SessionHost { session } => format!("who hosted {session}"),
        ClaimQuestion::BodiesPresent { session } => format!("how many bodies were at {session}"),
        ClaimQuestion::Attended { session, party } => format!("whether {party} was at {session}"),
        ClaimQuestion::OfficeHolder { office, ordinal } => {
            format!("who held the office of {office} as number {ordinal}")
        }
        ClaimQuestion::OfficeHolders { office, through } => {
            format!("how many held the office of {office} through {through}")
        }
        ClaimQuestion::Amendments {
            instrument,
            through,
        } => format!("how often {instrument} was amended through {through}"),
        ClaimQuestion::ArticleInForce { article } => format!("since when {article} is in force"),
        ClaimQuestion::Committees { on } => format!("how many committees there are on {on}"),
        ClaimQuestion::Coordinator { committee, on } => {
            format!("who coordinates {committee} on {on}")
        }
        ClaimQuestion::Founders { country } => {
            format!("how many founders{} there are", of(country.as_ref()))
        }
        ClaimQuestion::Applicants { on } => {
            format!("how many applications are pending on {on}")
        }
        ClaimQuestion::PartyOfName { name, language } => {
            format!("which party bears the name {name} ({language})")
        }
    }
}

fn of(country: Option<&Word>) -> String {
    country
        .map(|country| format!(" of {country}"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ArticleRef, ClassId, SessionId};
    use crate::time::day::Day;
    use crate::time::when::Window;

    fn check(question: ClaimQuestion, expected: &str) {
        let answer = "7".to_owned();
        let said = says(&Claim { question, answer });
        assert_eq!(said, format!("asked {expected}, a source says 7"));
    }

    fn members(country: Option<&str>, on: Window) -> ClaimQuestion {
        ClaimQuestion::MembersOfClass {
            class: ClassId::new("full").unwrap(),
            country: country.map(|country| Word::new(country).unwrap()),
            on,
        }
    }

    #[test]
    fn claims_are_told_with_their_question() {
        check(
            members(Some("kr"), Window::parse("2024").unwrap()),
            "how many parties of kr have the class full on 2024",
        );
        let day = |text| Day::parse(text).unwrap();
        let days = Window::new(day("2024-01-01"), day("2024-02-03")).unwrap();
        check(
            members(None, days),
            "how many parties have the class full on 2024-01-01..2024-02-03",
        );
        check(
            ClaimQuestion::Founders { country: None },
            "how many founders there are",
        );
        let session = SessionId::new("assembly/3").unwrap();
        check(
            ClaimQuestion::SessionHost { session },
            "who hosted assembly/3",
        );
        let article = ArticleRef::new("charter/6").unwrap();
        check(
            ClaimQuestion::ArticleInForce { article },
            "since when charter/6 is in force",
        );
    }
}
