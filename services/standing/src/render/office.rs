//! Offices and who held them.

pub mod rotation;

use super::{Lines as _, annulled, basis, counted, joined, knowledge, support, table, time};
use standing_proto::v1::holder::Kind;
use standing_proto::v1::{Holder, ListOfficeHoldersResponse, OfficeTerm};

/// Writes the terms of an office: those of a date, or all.
pub fn terms(response: &ListOfficeHoldersResponse, office: &str, on_a_date: bool) -> String {
    let mut text = if response.terms.is_empty() {
        format!("Nobody is recorded as {office}.\n")
    } else {
        let rows = response.terms.iter().map(row);
        table(
            [
                "NO",
                "SEAT",
                "HOLDER",
                "NAME",
                "FROM",
                time::UNTIL,
                "ENTRY",
                "BEGAN",
                "BY",
            ],
            rows.collect(),
        )
    };
    let lasting = response
        .terms
        .iter()
        .filter(|term| term.holder.is_some())
        .count();
    if on_a_date {
        if lasting > 1 {
            let holders = counted(lasting, "holder", "holders, in order");
            text.line(&format!("\n{holders}"));
        }
        text + &basis(response.basis.as_ref())
    } else {
        text + &knowledge(response.basis.as_ref())
    }
}

fn row(term: &OfficeTerm) -> [String; 9] {
    let ordinal = if term.ordinal == 0 {
        String::new()
    } else {
        term.ordinal.to_string()
    };
    let passed = match term.passed_to_party.as_str() {
        "" => String::new(),
        party => format!("passed to {party}"),
    };
    let acting = if term.acting { "acting" } else { "" };
    [
        ordinal,
        term.seat.clone(),
        if term.deputy {
            format!("deputy of {}", holder(term.holder.as_ref()))
        } else {
            holder(term.holder.as_ref())
        },
        term.display_name.clone(),
        time::start(term.interval.as_ref()),
        time::end(term.interval.as_ref()),
        annulled(term.position, term.annulled_by),
        joined([term.begins.as_str(), acting, passed.as_str()], "; "),
        grounds(term),
    ]
}

/// For example: `ex officio: host of general-assembly/15 (charter/7.1, attested)`.
fn grounds(term: &OfficeTerm) -> String {
    if term.article.is_empty() {
        return String::new();
    }
    let law = format!("{}, {}", term.article, support(term.support()));
    match term.by.as_str() {
        "" => law,
        by => format!("{by} ({law})"),
    }
}

fn holder(holder: Option<&Holder>) -> String {
    match holder.and_then(|holder| holder.kind.as_ref()) {
        Some(Kind::Party(party)) => party.clone(),
        Some(Kind::Person(person)) => person.clone(),
        None => "(vacant)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::Interval;

    #[test]
    fn terms_are_told_in_order() {
        let term = |ordinal, party: &str, start: &str, end: &str| OfficeTerm {
            ordinal,
            holder: Some(Holder {
                kind: Some(Kind::Party(party.to_owned())),
            }),
            interval: Some(Interval {
                earliest_start_date: start.to_owned(),
                latest_start_date: start.to_owned(),
                earliest_end_date: end.to_owned(),
                latest_end_date: end.to_owned(),
            }),
            begins: "close of assembly/4".to_owned(),
            position: 7,
            ..OfficeTerm::default()
        };
        let response = ListOfficeHoldersResponse {
            terms: vec![
                term(4, "aa-north", "2000-09-06", "2002-09-11"),
                term(5, "bb-south", "2002-09-11", ""),
            ],
            ..ListOfficeHoldersResponse::default()
        };
        expect![[r"
            NO  HOLDER    FROM        UNTIL (DAY OUT)  ENTRY  BEGAN
            4   aa-north  2000-09-06  2002-09-11       7      close of assembly/4
            5   bb-south  2002-09-11                   7      close of assembly/4

            2 holders, in order
        "]]
        .assert_eq(&terms(&response, "chair", true));
    }
}
