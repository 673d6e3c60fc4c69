//! The members: how many of each class, and who.

use super::{basis, classes, counted, joined, party, range, table, time};
use standing_proto::v1::{CountMembersResponse, ListPartiesResponse, PartyState};

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
    use standing_proto::v1::{ClassCount, CountRange};

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
