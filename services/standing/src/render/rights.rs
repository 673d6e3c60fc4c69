//! Who holds which rights.

pub mod explanation;
pub mod grounds;
pub mod history;

use super::{Lines as _, basis, classes, counted, indented, party, table, time, verdict};
use standing_proto::v1::{
    CheckRightResponse, GetStandingResponse, ListHoldersResponse, RightAnswer, Verdict,
};

/// Writes the answer to one question; with `why`, as a chain of reasons.
pub fn answer(response: &CheckRightResponse, why: bool) -> String {
    let mut text = String::new();
    if let Some(answer) = &response.answer {
        let party = answer
            .question
            .as_ref()
            .map_or("", |question| &question.party);
        text = if why {
            chained(answer)
        } else {
            format!("{party}: {}", explained(answer))
        };
    }
    text + &basis(response.basis.as_ref())
}

/// Writes everything a party holds: a line for each right, or, with `why`, all that each follows
/// from.
pub fn standing(response: &GetStandingResponse, why: bool) -> String {
    let mut text = response
        .party
        .as_ref()
        .map_or_else(String::new, party::headline);
    text.push('\n');
    if response.rights.is_empty() {
        text.push_str("The law in force names no right.\n");
    } else if why {
        let answers: Vec<String> = response.rights.iter().map(chained).collect();
        text.push_str(&answers.join("\n"));
    } else {
        text.push_str(&summary(&response.rights));
    }
    text + &basis(response.basis.as_ref())
}

fn summary(rights: &[RightAnswer]) -> String {
    let rows = rights.iter().map(|answer| {
        let (right, body) = asked(answer);
        let grounds = answer.grounds.as_ref();
        [
            right.to_owned(),
            body.to_owned(),
            verdict(answer.verdict()).to_owned(),
            answer
                .expiry
                .as_ref()
                .map_or_else(String::new, |expiry| expiry.end_date.clone()),
            grounds.map_or_else(String::new, grounds::citations),
        ]
    });
    let mut text = table(
        ["RIGHT", "IN", "VERDICT", time::UNTIL, "LAW"],
        rows.collect(),
    );
    for line in grounds::dues_lines(rights) {
        text.line(&format!("  {line}"));
    }
    let entries = grounds::distinct_entries(rights);
    if !entries.is_empty() {
        text.push_str("\nFollows from\n");
        text.push_str(&indented(&grounds::entries(&entries), 2));
    }
    let mut missing: Vec<&str> = rights
        .iter()
        .filter_map(|answer| answer.grounds.as_ref())
        .flat_map(|grounds| grounds.missing.iter().map(String::as_str))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    for missing in missing {
        text.line(&format!("  missing: {missing}"));
    }
    let mut changes: Vec<String> = rights
        .iter()
        .filter_map(|answer| answer.expiry.as_ref())
        .map(|expiry| format!("until {} (that day out): {}", expiry.end_date, expiry.cause))
        .collect();
    changes.sort_unstable();
    changes.dedup();
    for change in changes {
        text.line(&format!("  {change}"));
    }
    text
}

/// Writes an answer with all it follows from.
fn explained(answer: &RightAnswer) -> String {
    let (right, body) = asked(answer);
    let place = if body.is_empty() {
        String::new()
    } else {
        format!(" in {body}")
    };
    let mut text = format!("{right}{place}: {}\n", verdict(answer.verdict()));
    if let Some(why) = &answer.grounds {
        text.push_str(&indented(&grounds::grounds(why), 2));
    }
    if let Some(expiry) = &answer.expiry {
        text.line(&format!("  {}", grounds::expiry(expiry)));
    }
    text
}

/// Writes an answer as a chain of reasons.
fn chained(answer: &RightAnswer) -> String {
    let Some(chain) = &answer.explanation else {
        return explained(answer);
    };
    let mut text = explanation::tree(chain);
    if let Some(expiry) = &answer.expiry {
        text.line(&grounds::expiry(expiry));
    }
    text
}

fn asked(answer: &RightAnswer) -> (&str, &str) {
    answer
        .question
        .as_ref()
        .map_or(("", ""), |question| (&question.right, &question.body))
}

/// Writes who holds a right.
pub fn holders(response: &ListHoldersResponse, right: &str, body: Option<&str>) -> String {
    let holders = &response.holders;
    let certain = holders
        .iter()
        .filter(|holder| holder.verdict() == Verdict::Held)
        .count();
    let possible = holders.len() - certain;
    let place = body.map_or_else(String::new, |body| format!(" in {body}"));
    let parties = counted(certain, "party holds", "parties hold");
    let unknown = if possible == 0 {
        String::new()
    } else {
        format!("; of {possible} more it is not known")
    };
    let mut text = format!("{parties} {right}{place}{unknown}.\n");
    if !holders.is_empty() {
        let rows = holders.iter().map(|holder| {
            [
                holder.party.clone(),
                holder.display_name.clone(),
                classes(std::slice::from_ref(&holder.class)),
                verdict(holder.verdict()).to_owned(),
            ]
        });
        text.push('\n');
        text.push_str(&table(
            ["PARTY", "NAME", "CLASS", "VERDICT"],
            rows.collect(),
        ));
    }
    text + &basis(response.basis.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::{
        ArticleGround, Basis, Confidence, EntryGround, Expiry, Grounds, NormEffect, PartyState,
        RightHolder, RightQuestion, Support,
    };

    fn vote(verdict: Verdict) -> RightAnswer {
        RightAnswer {
            question: Some(RightQuestion {
                party: "aa-north".to_owned(),
                right: "vote".to_owned(),
                body: "assembly".to_owned(),
            }),
            verdict: verdict.into(),
            grounds: Some(Grounds {
                entries: vec![EntryGround {
                    position: 12,
                    kind: "member_admitted".to_owned(),
                    says: "admitted as full".to_owned(),
                    effective: "2012-07".to_owned(),
                    authority: "assembly-4-admit".to_owned(),
                    confidence: Confidence::Confirmed.into(),
                }],
                articles: vec![ArticleGround {
                    instrument: "charter".to_owned(),
                    article: "9.1".to_owned(),
                    citation: "9(1)".to_owned(),
                    position: 5,
                    in_force_from: "1996-09-12".to_owned(),
                    effect: NormEffect::Confers.into(),
                    support: Support::Presumed.into(),
                    certain: true,
                    for_others: false,
                    unmet: String::new(),
                    body: String::new(),
                }],
                weakest_support: Support::Presumed.into(),
                classes: vec![String::new(), "full".to_owned()],
                missing: vec!["the day of entry 12".to_owned()],
                findings: Vec::new(),
                dues: Vec::new(),
            }),
            expiry: Some(Expiry {
                end_date: "2012-08-01".to_owned(),
                then: Verdict::Held.into(),
                position: 12,
                cause: "the window of entry 12 closes".to_owned(),
            }),
            explanation: None,
        }
    }

    fn from() -> Basis {
        Basis {
            on: "2012-07-15".to_owned(),
            position: 20,
            ..Basis::default()
        }
    }

    #[test]
    fn a_verdict_stands_over_its_grounds() {
        let response = CheckRightResponse {
            answer: Some(vote(Verdict::Undetermined)),
            basis: Some(from()),
        };
        expect![[r"
            aa-north: vote in assembly: UNDETERMINED
              class: full or none
              entry 12  2012-07  member_admitted  admitted as full; by assembly-4-admit; confirmed
              entry 5  charter 9(1)  confers  in force from 1996-09-12; known: presumed
              weakest support: presumed
              missing: the day of entry 12
              until 2012-08-01 (that day out): the window of entry 12 closes (entry 12); then HELD

            On 2012-07-15, as known at position 20.
        "]]
        .assert_eq(&answer(&response, false));
    }

    #[test]
    fn a_standing_is_a_line_for_each_right() {
        let response = GetStandingResponse {
            party: Some(PartyState {
                party: "aa-north".to_owned(),
                classes: vec![String::new(), "full".to_owned()],
                ..PartyState::default()
            }),
            rights: vec![vote(Verdict::Undetermined), vote(Verdict::NotHeld)],
            basis: Some(from()),
        };
        expect![[r"
            aa-north: full or none

            RIGHT  IN        VERDICT       UNTIL (DAY OUT)  LAW
            vote   assembly  UNDETERMINED  2012-08-01       charter 9(1)
            vote   assembly  NOT HELD      2012-08-01       charter 9(1)

            Follows from
              entry 12  2012-07  member_admitted  admitted as full; by assembly-4-admit; confirmed
              missing: the day of entry 12
              until 2012-08-01 (that day out): the window of entry 12 closes

            On 2012-07-15, as known at position 20.
        "]]
        .assert_eq(&standing(&response, false));
    }

    #[test]
    fn holders_are_counted() {
        let holder = |party: &str, verdict: Verdict| RightHolder {
            party: party.to_owned(),
            verdict: verdict.into(),
            class: "full".to_owned(),
            display_name: "경상북도".to_owned(),
        };
        let response = ListHoldersResponse {
            holders: vec![
                holder("a", Verdict::Held),
                holder("b", Verdict::Undetermined),
            ],
            basis: Some(from()),
            ..ListHoldersResponse::default()
        };
        expect![[r"
            1 party holds vote; of 1 more it is not known.

            PARTY  NAME      CLASS  VERDICT
            a      경상북도  full   HELD
            b      경상북도  full   UNDETERMINED

            On 2012-07-15, as known at position 20.
        "]]
        .assert_eq(&holders(&response, "vote", None));
    }
}
