//! Malformed claims.

use super::event;

#[test]
fn claims_have_a_question_and_an_answer() {
    let claim = |text: &str| event(&format!(r#""claimRecorded":{{{text}}}"#));
    assert_eq!(
        claim(""),
        "claim_recorded.answer EMPTY\nclaim_recorded.question MISSING"
    );
    assert_eq!(claim(r#""answer":"7""#), "claim_recorded.question MISSING");
    assert_eq!(
        claim(r#""committees":{"on":"2024"}"#),
        "claim_recorded.answer EMPTY"
    );
    let on = |text: &str| claim(&format!(r#""answer":"7","committees":{{"on":"{text}"}}"#));
    let field = "claim_recorded.committees.on";
    let cases = [
        ("", "NOT_A_DATE"),
        ("2024-02-30", "NOT_A_DATE"),
        ("2024-02-01..", "NOT_A_DATE"),
        (
            "2024-01..2024-02",
            "NOT_A_DATE\nclaim_recorded.committees.on NOT_A_DATE",
        ),
        ("2024-02-01..2024-01-01", "ENDS_BEFORE_IT_BEGINS"),
        ("1899", "DATE_OUT_OF_RANGE"),
    ];
    for (text, expected) in cases {
        assert_eq!(on(text), format!("{field} {expected}"), "{text}");
    }
    assert_eq!(
        claim(r#""answer":"7","membersOfClass":{"class":"","country":"KR","on":"2024"}"#),
        "claim_recorded.members_of_class.class NOT_AN_ID
claim_recorded.members_of_class.country NOT_AN_ID"
    );
}
