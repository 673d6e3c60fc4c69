//! The members: how many of each class, and who.

pub mod calendar;
pub mod vocabulary;

use super::{basis, classes, counted, joined, party, range, table, time};
use standing_proto::v1::{
    CountMembersResponse, ListPartiesResponse, MatchKind, PartyMatch, PartyState,
};

/// Writes the counts.
pub fn counts(response: &CountMembersResponse) -> String {
    let rows = response.classes.iter().map(|class| {
        [
            class.class.clone(),
            range(class.count.as_ref()),
            class.called.clone(),
        ]
    });
    table(["CLASS", "HOW MANY", "CALLED"], rows.collect())
}

/// Writes who the members are.
pub fn members(response: &ListPartiesResponse) -> String {
    let parties = &response.parties;
    if parties.is_empty() {
        return "Nobody fits.\n".to_owned();
    }
    let rows = parties.iter().map(|party| {
        [
            party.party.clone(),
            classes(&party.classes),
            time::start(party.admitted.as_ref()),
            joined([called(party), founder(party)], ", "),
            party::called(party).join(" / "),
        ]
    });
    let table = table(["PARTY", "CLASS", "SINCE", "AS", "NAME"], rows.collect());
    format!("{table}\n{}\n", counted(parties.len(), "party", "parties"))
}

/// Returns what a party is called, where its class does not say it.
fn called(party: &PartyState) -> &str {
    match party.called.as_str() {
        "member" => "",
        called if party.classes.iter().any(|class| class == called) => "",
        called => called,
    }
}

fn founder(party: &PartyState) -> &'static str {
    if party.founder { "founder" } else { "" }
}

/// Writes parties: where they were sought, how each matches.
pub fn parties(response: &ListPartiesResponse) -> String {
    let text = if response.matches.is_empty() {
        members(response)
    } else {
        matches(response)
    };
    text + &basis(response.basis.as_ref())
}

fn matches(response: &ListPartiesResponse) -> String {
    let all = response.parties.iter().zip(&response.matches);
    let rows = all.map(|(party, matched)| {
        let names = party::called(party).join(" / ");
        let found_by = if matched.name == party.party || names == matched.name {
            ""
        } else {
            &matched.name
        };
        [
            party.party.clone(),
            way(matched).to_owned(),
            found_by.to_owned(),
            classes(&party.classes),
            names,
        ]
    });
    let table = table(["PARTY", "MATCH", "BY", "CLASS", "NAME"], rows.collect());
    let count = counted(response.parties.len(), "party", "parties");
    format!("{table}\n{count}\n")
}

/// Returns how a party matches, in words.
fn way(matched: &PartyMatch) -> &'static str {
    match matched.kind() {
        MatchKind::Id => "id",
        MatchKind::Whole => "name",
        MatchKind::Beginning => "beginning",
        MatchKind::Part => "part",
        MatchKind::Near => "near",
        MatchKind::Unspecified => "",
    }
}

/// Writes the counts, and who the members are.
pub fn roll(counts: &CountMembersResponse, members: Option<&ListPartiesResponse>) -> String {
    let mut text = self::counts(counts);
    if let Some(members) = members {
        text.push('\n');
        text.push_str(&self::members(members));
    }
    text + &basis(counts.basis.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::{ClassCount, CountRange, Name};

    #[test]
    fn what_is_found_says_how() {
        let party = |id: &str, name: &str| PartyState {
            party: id.to_owned(),
            classes: vec!["full".to_owned()],
            person_names: vec![Name {
                language: "en".to_owned(),
                text: name.to_owned(),
            }],
            ..PartyState::default()
        };
        let matched = |id: &str, name: &str, kind: MatchKind| PartyMatch {
            party: id.to_owned(),
            name: name.to_owned(),
            kind: kind.into(),
        };
        let response = ListPartiesResponse {
            parties: vec![party("kr-jeju", "Jeju"), party("jp-hyogo", "Hyogo")],
            matches: vec![
                matched("kr-jeju", "kr-jeju", MatchKind::Id),
                matched("jp-hyogo", "Hiogo", MatchKind::Near),
            ],
            ..ListPartiesResponse::default()
        };
        expect![[r"
            PARTY     MATCH  BY     CLASS  NAME
            kr-jeju   id            full   Jeju
            jp-hyogo  near   Hiogo  full   Hyogo

            2 parties
        "]]
        .assert_eq(&parties(&response));
    }

    #[test]
    fn counts_are_ranges_where_not_everything_is_known() {
        let class = |class: &str, certain, possible| ClassCount {
            class: class.to_owned(),
            count: Some(CountRange {
                certain,
                possible,
                unbounded: false,
            }),
            called: String::new(),
        };
        let response = CountMembersResponse {
            classes: vec![class("full", 12, 32), class("observer", 5, 5)],
            basis: None,
        };
        expect![[r"
            CLASS     HOW MANY
            full      12..32
            observer  5
        "]]
        .assert_eq(&roll(&response, None));
    }
}
