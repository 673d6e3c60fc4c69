//! The members: how many of each class, and who.

use super::{basis, classes, counted, party, range, table, time};
use standing_proto::v1::{CountMembersResponse, ListPartiesResponse};

/// Writes the counts.
pub fn counts(response: &CountMembersResponse) -> String {
    let rows = response
        .classes
        .iter()
        .map(|class| [class.class.clone(), range(class.count.as_ref())]);
    table(["CLASS", "MEMBERS"], rows.collect())
}

/// Writes who the members are.
pub fn members(response: &ListPartiesResponse) -> String {
    let parties = &response.parties;
    if parties.is_empty() {
        return "No member fits.\n".to_owned();
    }
    let rows = parties.iter().map(|party| {
        [
            party.party.clone(),
            classes(&party.classes),
            time::start(party.admitted.as_ref()),
            if party.founder { "founder" } else { "" }.to_owned(),
            party::called(party).join(" / "),
        ]
    });
    let table = table(["PARTY", "CLASS", "SINCE", "AS", "NAME"], rows.collect());
    format!("{table}\n{}\n", counted(parties.len(), "party", "parties"))
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
        };
        let response = CountMembersResponse {
            classes: vec![class("full", 12, 32), class("observer", 5, 5)],
            basis: None,
        };
        expect![[r"
            CLASS     MEMBERS
            full      12..32
            observer  5
        "]]
        .assert_eq(&roll(&response, None));
    }
}
