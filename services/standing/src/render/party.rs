//! Parties: their names, classes and history.

use super::{basis, classes, joined, table, time};
use standing_proto::v1::{ClassSpan, GetPartyResponse, NameKind, PartyState};

/// Returns the names a party uses, the English one first, each once.
pub fn public_names(party: &PartyState) -> Vec<&str> {
    let public = party
        .names
        .iter()
        .filter(|name| name.kind() != NameKind::Legal);
    let mut names: Vec<_> = public.filter_map(|name| name.name.as_ref()).collect();
    names.sort_by_key(|name| name.language != "en");
    let mut texts: Vec<&str> = Vec::new();
    for name in names {
        if !texts.contains(&name.text.as_str()) {
            texts.push(&name.text);
        }
    }
    texts
}

/// Writes who a party is on a date, in one line.
pub fn headline(party: &PartyState) -> String {
    let names = public_names(party).join(" / ");
    let name = if names.is_empty() {
        String::new()
    } else {
        format!("{names} · ")
    };
    let since = time::start(party.admitted.as_ref());
    let since = if since.is_empty() {
        String::new()
    } else {
        let called = match party.called.as_str() {
            "" => "member",
            called => called,
        };
        format!(", {called} since {since}")
    };
    let founder = if party.founder { ", founder" } else { "" };
    let applied = match party.applied_for.as_str() {
        "" => String::new(),
        class => format!(", applicant for {class}"),
    };
    let class = classes(&party.classes);
    format!("{name}{}: {class}{since}{founder}{applied}\n", party.party)
}

/// Writes all that is known of a party.
pub fn party(response: &GetPartyResponse) -> String {
    let Some(party) = &response.party else {
        return basis(response.basis.as_ref());
    };
    let mut text = headline(party);
    let list = |ids: &[String]| ids.join(", ");
    let rows = [
        ("kind", party.kind.clone()),
        ("country", party.country.clone()),
        ("region", party.region.clone()),
        ("also", list(&party.aliases)),
        ("succeeded", list(&party.predecessors)),
        ("succeeded by", list(&party.successors)),
        ("last entry", party.last_position.to_string()),
    ];
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
    let rows = rows.map(|(key, value)| [format!("  {key}"), value]);
    text.push('\n');
    text.push_str(&table(["", ""], rows.collect()));
    text.push_str("\nNames\n");
    let rows = party.names.iter().map(|name| {
        let kind = match name.kind() {
            NameKind::Legal => "in law",
            NameKind::Public | NameKind::Unspecified => "",
        };
        let (language, name) = name
            .name
            .as_ref()
            .map_or(("", ""), |name| (&name.language, &name.text));
        [format!("  {language}"), joined([name, kind], "  ")]
    });
    text.push_str(&table(["", ""], rows.collect()));
    text.push_str(&class_history(&party.class_history));
    text + &basis(response.basis.as_ref())
}

/// Writes the history of a party's classes.
pub fn class_history(history: &[ClassSpan]) -> String {
    if history.is_empty() {
        return "\nNever a member.\n".to_owned();
    }
    let rows = history.iter().map(|span| {
        [
            classes(std::slice::from_ref(&span.class)),
            time::start(span.interval.as_ref()),
            time::end(span.interval.as_ref()),
            span.position.to_string(),
            match span.ended_under.as_str() {
                "" => String::new(),
                article => format!("under {article}"),
            },
        ]
    });
    let table = table(
        ["CLASS", "FROM", time::UNTIL, "ENTRY", "ENDED BY ARREARS"],
        rows.collect(),
    );
    format!("\n{table}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::{Interval, Name, PartyName};

    #[test]
    fn a_party_is_told_with_its_names_and_classes() {
        let name = |language: &str, text: &str, kind: NameKind| PartyName {
            kind: kind.into(),
            name: Some(Name {
                language: language.to_owned(),
                text: text.to_owned(),
            }),
        };
        let interval = Interval {
            earliest_start_date: "2012-07-01".to_owned(),
            latest_start_date: "2012-07-31".to_owned(),
            ..Interval::default()
        };
        let response = GetPartyResponse {
            party: Some(PartyState {
                party: "kr-north".to_owned(),
                kind: "regional-government".to_owned(),
                country: "kr".to_owned(),
                classes: vec!["full".to_owned()],
                names: vec![
                    name("ko", "북도", NameKind::Public),
                    name("en", "North", NameKind::Public),
                    name("ko", "북도청", NameKind::Legal),
                ],
                admitted: Some(interval.clone()),
                founder: true,
                class_history: vec![ClassSpan {
                    class: "full".to_owned(),
                    interval: Some(interval),
                    position: 9,
                    ended_under: String::new(),
                }],
                last_position: 11,
                ..PartyState::default()
            }),
            basis: None,
        };
        expect![[r"
            North / 북도 · kr-north: full, member since 2012-07, founder

              kind        regional-government
              country     kr
              last entry  11

            Names
              ko  북도
              en  North
              ko  북도청  in law

            CLASS  FROM     ENTRY
            full   2012-07  9
        "]]
        .assert_eq(&party(&response));
    }
}
