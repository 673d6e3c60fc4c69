//! Committees and who coordinates them.

use super::{basis, joined, name, table, time};
use standing_proto::v1::{CommitteeState, CoordinatorState, ListCommitteesResponse};

/// Writes committees, a line each.
pub fn committees(response: &ListCommitteesResponse) -> String {
    let rows = response.committees.iter().map(row);
    let text = if response.committees.is_empty() {
        "No committee is recorded.\n".to_owned()
    } else {
        table(
            ["COMMITTEE", "SINCE", "COORDINATOR", "ENTRY", "NAME"],
            rows.collect(),
        )
    };
    text + &basis(response.basis.as_ref())
}

fn row(committee: &CommitteeState) -> [String; 5] {
    let coordinators: Vec<String> = committee.coordinators.iter().map(coordinator).collect();
    let doubt = if committee.certain {
        ""
    } else {
        "(not certain to exist)"
    };
    [
        committee.committee.clone(),
        time::start(committee.interval.as_ref()),
        coordinators.join(", "),
        committee.position.to_string(),
        joined([name(&committee.names), doubt], " "),
    ]
}

fn coordinator(coordinator: &CoordinatorState) -> String {
    let parties: Vec<&str> = coordinator
        .parties
        .iter()
        .map(|party| {
            if party.is_empty() {
                "nobody"
            } else {
                party.as_str()
            }
        })
        .collect();
    let parties = parties.join(" or ");
    match coordinator.seat.as_str() {
        "" => parties,
        seat => format!("{parties} ({seat})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::Name;

    #[test]
    fn a_committee_is_told_with_its_coordinators() {
        let seat = |seat: &str, parties: &[&str]| CoordinatorState {
            seat: seat.to_owned(),
            parties: parties.iter().map(ToString::to_string).collect(),
            position: 4,
        };
        let response = ListCommitteesResponse {
            committees: vec![CommitteeState {
                committee: "trade".to_owned(),
                names: vec![Name {
                    language: "en".to_owned(),
                    text: "Trade".to_owned(),
                }],
                coordinators: vec![seat("", &["aa-north", ""]), seat("co", &["bb-south"])],
                position: 3,
                ..CommitteeState::default()
            }],
            ..ListCommitteesResponse::default()
        };
        expect![[r"
            COMMITTEE  COORDINATOR                        ENTRY  NAME
            trade      aa-north or nobody, bb-south (co)  3      Trade (not certain to exist)
        "]]
        .assert_eq(&committees(&response));
    }
}
