//! Parties: how they are found, their classes, their successors.

use super::{party, right, verdict};
use crate::harness::{dates, list, near, pick, text};
use serde_json::{Value, json};

/// The classes a party may have.
fn classes(id: &str, on: &str) -> Vec<String> {
    let state = party(id, &json!({"on": on}));
    let classes = list(&state, "classes").iter();
    classes
        .map(|class| class.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_admission_of_liaoning_ended_its_time_as_an_observer() {
    assert_eq!(classes("cn-liaoning", "2015-06-01"), ["observer"]);
    assert_eq!(classes("cn-liaoning", "2022-06-01"), ["full"]);
    let state = party("cn-liaoning", &json!({"on": "2022-06-01"}));
    let spans = list(&state, "classHistory").iter();
    let spans: Vec<_> = spans
        .map(|span| {
            let ends = ["earliestEndDate", "latestEndDate"]
                .map(|end| text(pick(span, "interval"), end).to_owned());
            (
                text(span, "class").to_owned(),
                dates(pick(span, "interval")),
                ends,
            )
        })
        .filter(|(class, ..)| !class.is_empty())
        .collect();
    let day = || "2021-08-10".to_owned();
    assert_eq!(
        spans,
        [
            (
                "observer".to_owned(),
                "1998-01-01..1998-12-31".to_owned(),
                [day(), day()]
            ),
            ("full".to_owned(), day(), [String::new(), String::new()]),
        ]
    );
}

#[test]
fn a_name_that_fits_two_parties_lists_both_and_picks_neither() {
    for command in ["party", "rights", "history"] {
        let complaint = near().cli([command, "산시성"]).fails(3);
        for part in ["산시성", "cn-shanxi", "cn-shaanxi", "Shanxi", "Shaanxi"] {
            assert!(complaint.contains(part), "{command}, {part}: {complaint}");
        }
    }
}

#[test]
fn ids_aliases_and_names_of_any_language_and_time_find_a_party() {
    for (name, found) in [
        ("kr-pohang", "kr-pohang"),
        ("cn-qh", "cn-qinghai"),
        ("CN-QH", "cn-qinghai"),
        ("칭하이성", "cn-qinghai"),
        ("Qinghai", "cn-qinghai"),
        ("qinghai", "cn-qinghai"),
        ("山西", "cn-shanxi"),
        ("陝西省", "cn-shaanxi"),
        ("도야마현", "jp-toyama"),
        // A former name and the present one.
        ("강원특별자치도", "kr-gangwon"),
        ("Gangwon State", "kr-gangwon"),
    ] {
        let printed = near().cli(["party", name, "--json"]).ok();
        let answer: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(text(&answer, "party.party"), found, "{name}");
    }
    let complaint = near().cli(["party", "Atlantis"]).fails(3);
    assert!(complaint.contains("Atlantis"), "{complaint}");
}

#[test]
fn a_part_of_a_name_finds_parties_and_says_how() {
    for (query, party, how) in [
        ("qinghai", "cn-qinghai", "MATCH_KIND_WHOLE"),
        ("cn qh", "cn-qinghai", "MATCH_KIND_WHOLE"),
        ("inner mongol", "cn-inner-mongolia", "MATCH_KIND_BEGINNING"),
        ("몽골", "cn-inner-mongolia", "MATCH_KIND_PART"),
        ("qingahi", "cn-qinghai", "MATCH_KIND_NEAR"),
        ("kr-pohang", "kr-pohang", "MATCH_KIND_ID"),
    ] {
        let printed = near().cli(["parties", "--query", query, "--json"]).ok();
        let answer: Value = serde_json::from_str(&printed).unwrap();
        let matches = list(&answer, "matches").iter();
        let mut of_party = matches.filter(|matched| text(matched, "party") == party);
        let first = of_party.next();
        let first = first.unwrap_or_else(|| panic!("{query}: {printed}"));
        assert_eq!(text(first, "kind"), how, "{query}");
    }
    let printed = near().cli(["parties", "--query", "qingahi"]).ok();
    assert!(
        printed.contains("near") && printed.contains("cn-qinghai"),
        "{printed}"
    );
    let printed = near().cli(["parties", "--query", "Atlantis"]).ok();
    assert!(printed.contains("Nobody fits."), "{printed}");
    near().cli(["parties", "--query", " "]).fails(3);
}

#[test]
fn a_new_legal_person_keeps_the_admission_date_and_is_nothing_before_its_birth() {
    let before = party("ru-kamchatka", &json!({"on": "2007-06-30"}));
    assert_eq!(list(&before, "classes"), [json!("")], "{before:#}");
    assert_eq!(pick(&before, "admitted"), &Value::Null, "{before:#}");
    for of in ["participate", "vote"] {
        assert_eq!(
            verdict("ru-kamchatka", of, "2007-06-30"),
            "NOT_HELD",
            "{of}"
        );
        assert_eq!(verdict("ru-kamchatka", of, "2007-07-01"), "HELD", "{of}");
    }
    let answer = right("ru-kamchatka", "vote", &json!({"on": "2007-06-30"}));
    assert!(
        answer.to_string().contains("ru-kamchatka-oblast"),
        "the grounds name the predecessor: {answer:#}"
    );
    let after = party("ru-kamchatka", &json!({"on": "2007-07-01"}));
    assert_eq!(list(&after, "classes"), [json!("full")]);
    assert_eq!(list(&after, "predecessors"), [json!("ru-kamchatka-oblast")]);
    let oblast = party("ru-kamchatka-oblast", &json!({"on": "2007-06-30"}));
    assert_eq!(
        pick(&after, "admitted.earliestStartDate"),
        pick(&oblast, "admitted.earliestStartDate")
    );
    assert_eq!(
        dates(pick(&after, "admitted")),
        "1996-09-12..2002-09-11",
        "{after:#}"
    );
    assert_eq!(classes("ru-kamchatka-oblast", "2007-07-01"), [""]);
}
