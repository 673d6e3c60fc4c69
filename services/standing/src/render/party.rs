//! Parties: their names, classes and history.

use super::{annulled, basis, classes, joined, table, time};
use standing_proto::v1::{ClassSpan, GetPartyResponse, NameKind, PartyState};

/// Returns the names a party uses, the English one first, each once.
fn public_names(party: &PartyState) -> Vec<&str> {
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

/// Returns what a party is called: a natural person by the names of the person, as far as they are
/// shown, and any other by its public names.
pub fn called(party: &PartyState) -> Vec<&str> {
    let mut names: Vec<_> = party.person_names.iter().collect();
    names.sort_by_key(|name| name.language != "en");
    let mut texts: Vec<&str> = names.into_iter().map(|name| name.text.as_str()).collect();
    texts.dedup();
    if texts.is_empty() {
        return public_names(party);
    }
    texts
}

/// Returns which natural person a party is; nothing if it is none.
fn person(party: &PartyState) -> String {
    let unknown = if party.person_names.is_empty() && !party.person.is_empty() {
        " (the name is erased, or is not known here)"
    } else {
        ""
    };
    format!("{}{unknown}", party.person)
}

/// Writes who a party is on a date, in one line.
pub fn headline(party: &PartyState) -> String {
    let names = called(party).join(" / ");
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
        ("person", person(party)),
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
    let sealed = party.person_names.iter().map(|name| {
        let text = joined([name.text.as_str(), "sealed"], "  ");
        [format!("  {}", name.language), text]
    });
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
    text.push_str(&table(["", ""], sealed.chain(rows).collect()));
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
            annulled(span.position, span.annulled_by),
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
    fn a_natural_person_is_told_by_the_sealed_name_and_by_the_id_once_it_is_erased() {
        let mut state = PartyState {
            party: "m-7".to_owned(),
            kind: "natural-person".to_owned(),
            person: "s-1".to_owned(),
            person_names: vec![Name {
                language: "en".to_owned(),
                text: "Jane Doe".to_owned(),
            }],
            last_position: 3,
            ..PartyState::default()
        };
        let shown = |state: &PartyState| {
            party(&GetPartyResponse {
                party: Some(state.clone()),
                basis: None,
            })
        };
        expect![[r"
            Jane Doe · m-7: no class

              kind        natural-person
              person      s-1
              last entry  3

            Names
              en  Jane Doe  sealed

            Never a member.
        "]]
        .assert_eq(&shown(&state));
        state.person_names.clear();
        expect![[r"
            m-7: no class

              kind        natural-person
              person      s-1 (the name is erased, or is not known here)
              last entry  3

            Names

            Never a member.
        "]]
        .assert_eq(&shown(&state));
    }

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
                    annulled_by: 0,
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
