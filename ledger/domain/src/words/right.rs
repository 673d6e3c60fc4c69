//! What answers about rights are in words: the answer, what it follows from, and what changes it.

use crate::answers::question::Question;
use crate::answers::rights::{ArticleGround, Expiry};
use crate::audit::Finding;
use crate::entry::Content;
use crate::entry::norm::Condition;
use crate::id::{BodyId, Word};
use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::words::{dues, says};

/// Returns an answer as a sentence: `cn-qinghai holds vote in assembly on 2024-02-05`.
#[must_use]
pub fn answered(question: &Question, on: Day, verdict: Truth) -> String {
    let (party, right, place) = (
        &question.party,
        &question.right,
        within(question.body.as_ref()),
    );
    match verdict {
        Truth::Yes => format!("{party} holds {right}{place} on {on}"),
        Truth::No => format!("{party} does not hold {right}{place} on {on}"),
        Truth::Unknown => format!("whether {party} holds {right}{place} on {on} is not known"),
    }
}

/// Returns what an article does to the right asked about. `enacted` is the entry of its version.
#[must_use]
pub fn article(ground: &ArticleGround, question: &Question, enacted: Option<&Content>) -> String {
    let from = match enacted.and_then(|content| content.effective.as_ref()) {
        None => String::new(),
        Some(from) => format!(", in the version in force from {from},"),
    };
    let citation = match ground.citation.as_str() {
        "" => ground.article.to_string(),
        citation => format!("{} {citation}", ground.article.instrument),
    };
    let place = if ground.body == question.body {
        String::new()
    } else {
        within(ground.body.as_ref())
    };
    let whom = if ground.for_others { " on others" } else { "" };
    let unmet = match &ground.unmet {
        None => String::new(),
        Some(test) => format!(" only if {}, which is not so", condition(test)),
    };
    let doubt = if ground.certain {
        ""
    } else {
        "; whether it applied is not certain"
    };
    let (effect, right) = (ground.effect.word(), &question.right);
    format!("{citation}{from} {effect} {right}{place}{whom}{unmet}{doubt}")
}

/// Returns that nothing gives a right: `no article on record confers vote in assembly`.
#[must_use]
pub fn nothing_confers(question: &Question) -> String {
    let place = within(question.body.as_ref());
    format!("no article on record confers {}{place}", question.right)
}

/// Returns a condition as a clause: `its kind is state`.
#[must_use]
pub fn condition(of: &Condition) -> String {
    clause(of, false)
}

/// Returns a condition as a clause, or its opposite.
fn clause(of: &Condition, opposite: bool) -> String {
    let not = if opposite { "not " } else { "" };
    let one_of = |what: &str, words: &[Word]| {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        format!("its {what} is {not}{}", words.join(" or "))
    };
    let all = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts.iter().map(|part| clause(part, opposite)).collect();
        parts.join(word)
    };
    match of {
        Condition::All(parts) => all(parts, if opposite { " or " } else { " and " }),
        Condition::Any(parts) if parts.is_empty() => "never".to_owned(),
        Condition::Any(parts) => all(parts, if opposite { " and " } else { " or " }),
        Condition::Not(part) => clause(part, !opposite),
        Condition::YearWithoutSession(series) if opposite => {
            format!("the year has a session of {series}")
        }
        Condition::YearWithoutSession(series) => format!("the year has no session of {series}"),
        Condition::PartyKind(words) => one_of("kind", words),
        Condition::PartyCountry(words) => one_of("country", words),
        Condition::PartyRegion(words) => one_of("region", words),
        Condition::ParentSuspended(parent) => format!("it is {not}suspended in {parent}"),
        Condition::NotModelled(text) => format!("{not}{text}"),
    }
}

/// Returns that something is not known which would decide.
#[must_use]
pub fn missing(what: &str) -> String {
    format!("not known: {what}")
}

/// Returns what changes an answer. `cause` is the entry that does.
#[must_use]
pub fn expiry(expiry: &Expiry, cause: Option<&Content>) -> String {
    match (&expiry.dues, expiry.position, cause) {
        (Some((article, cause)), _, _) => format!("{article}: {}", dues::cause(cause)),
        (None, None, _) => "another calendar year begins".to_owned(),
        (None, Some(position), None) => format!("entry {position}"),
        (None, Some(position), Some(content)) => {
            let (said, kind) = (says(content), content.kind().name);
            format!("{said} (entry {position}, {kind})")
        }
    }
}

/// Returns the code of a finding with how it fails: `quorum (unproven)`.
#[must_use]
pub fn finding(finding: &Finding) -> String {
    let cured = if finding.cured_by.is_some() {
        ", cured"
    } else {
        ""
    };
    let (code, severity) = (finding.code.word(), finding.severity.word());
    format!("{code} ({severity}{cured})")
}

fn within(body: Option<&BodyId>) -> String {
    body.map(|body| format!(" in {body}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::norm::{Effect, Support};
    use crate::id::position::Position;
    use crate::id::{ArticleRef, PartyId, RightId};

    fn assembly() -> BodyId {
        BodyId::new("assembly").unwrap()
    }

    fn question(body: Option<BodyId>) -> Question {
        Question {
            party: PartyId::new("aa-north").unwrap(),
            right: RightId::new("vote").unwrap(),
            body,
        }
    }

    #[test]
    fn an_answer_names_the_body_where_one_is_asked_about() {
        let day = Day::parse("2024-02-05").unwrap();
        let says = |body, verdict| answered(&question(body), day, verdict);
        assert_eq!(
            says(Some(assembly()), Truth::Yes),
            "aa-north holds vote in assembly on 2024-02-05"
        );
        assert_eq!(
            says(None, Truth::No),
            "aa-north does not hold vote on 2024-02-05"
        );
        assert_eq!(
            says(None, Truth::Unknown),
            "whether aa-north holds vote on 2024-02-05 is not known"
        );
    }

    #[test]
    fn an_article_names_the_body_only_where_the_question_does_not() {
        let ground = ArticleGround {
            article: ArticleRef::new("charter/6").unwrap(),
            citation: "Article 6".to_owned(),
            position: Position::default(),
            effect: Effect::Confers,
            body: Some(assembly()),
            for_others: false,
            unmet: None,
            support: Support::Text,
            certain: true,
            not_modelled: String::new(),
        };
        let asked = |ground: &ArticleGround, body| article(ground, &question(body), None);
        assert_eq!(
            asked(&ground, None),
            "charter Article 6 confers vote in assembly"
        );
        assert_eq!(
            asked(&ground, Some(assembly())),
            "charter Article 6 confers vote"
        );
        let ground = ArticleGround {
            citation: String::new(),
            body: None,
            for_others: true,
            certain: false,
            ..ground
        };
        assert_eq!(
            asked(&ground, Some(assembly())),
            "charter/6 confers vote on others; whether it applied is not certain"
        );
    }
}
