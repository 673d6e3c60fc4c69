//! What claims say in words.

use standing_domain::entry::event::claim::{Claim, ClaimQuestion};
use standing_domain::id::Word;

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
    use standing_domain::entry::Draft;
    use standing_domain::entry::event::Event;
    use standing_proto::json::from_json;
    use standing_proto::v1;

    fn check(asked: &str, expected: &str) {
        let text = format!(r#"{{"claimRecorded":{{"answer":"7",{asked}}}}}"#);
        let draft = Draft::try_from(from_json::<v1::Draft>(&text).unwrap()).unwrap();
        let Some(Event::ClaimRecorded(claim)) = draft.content.event else {
            panic!()
        };
        assert_eq!(says(&claim), format!("asked {expected}, a source says 7"));
    }

    #[test]
    fn claims_are_told_with_their_question() {
        check(
            r#""membersOfClass":{"class":"full","country":"kr","on":"2024"}"#,
            "how many parties of kr have the class full on 2024",
        );
        check(
            r#""membersOfClass":{"class":"full","on":"2024-01-01..2024-02-03"}"#,
            "how many parties have the class full on 2024-01-01..2024-02-03",
        );
        check(r#""founders":{}"#, "how many founders there are");
        check(
            r#""sessionHost":{"session":"assembly/3"}"#,
            "who hosted assembly/3",
        );
        check(
            r#""articleInForce":{"instrument":"charter","article":"6"}"#,
            "since when charter/6 is in force",
        );
    }
}
