//! Every undisputed day-precise fact of NEAR's sources, asserted through gRPC.
//!
//! `near-facts.jsonl` is what was collected from the sources; `near-disputed.jsonl` names the facts
//! that contradict each other or are recorded as something else, with the reason.

use crate::harness::{data, dates, json_lines, list, near, number, pick, text};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How many facts of each type there are to assert: none is skipped in silence.
const EXPECTED: &[(&str, usize)] = &[
    ("admission", 67),
    ("charter_amendment", 12),
    ("charter_clause_amendment", 46),
    ("charter_clause_enactment", 63),
    ("charter_enactment", 1),
    ("meeting", 23),
    ("regulation_amendment", 9),
    ("regulation_clause_amendment", 29),
    ("regulation_clause_deletion", 3),
    ("regulation_clause_enactment", 37),
    ("regulation_enactment", 1),
    ("rename", 5),
    ("succession", 2),
];

/// A fact, as the tests read it.
struct Fact<'f> {
    id: &'f str,
    kind: &'f str,
    subject: &'f str,
    day: &'f str,
    all: &'f Value,
}

#[test]
fn every_undisputed_day_is_what_the_ledger_answers() {
    let facts = json_lines(&data("near-facts.jsonl"));
    let disputed = json_lines(&data("near-disputed.jsonl"));
    let disputed: BTreeSet<_> = disputed.iter().map(|fact| text(fact, "id")).collect();
    let mut asserted: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for all in facts
        .iter()
        .filter(|fact| !disputed.contains(text(fact, "id")))
    {
        assert_eq!(text(all, "precision"), "day", "{all}");
        let fact = Fact {
            id: text(all, "id"),
            kind: text(all, "type"),
            subject: text(all, "subject"),
            day: text(all, "effective_from"),
            all,
        };
        match check(&fact) {
            Ok(()) => *asserted.entry(fact.kind).or_default() += 1,
            Err(found) => wrong.push(format!("{} {}: {found}", fact.id, fact.day)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(asserted.into_iter().collect::<Vec<_>>(), EXPECTED);
}

/// The sources give the chairs by the month; each took over when an assembly closed.
#[test]
fn the_sixteen_chairs_follow_each_other() {
    let answer = ask("RollService/ListOfficeHolders", &json!({"office": "chair"}));
    let terms = list(&answer, "terms").iter();
    let terms: Vec<_> = terms
        .map(|term| {
            (
                number(term, "ordinal"),
                text(term, "holder.party"),
                dates(pick(term, "interval")),
            )
        })
        .collect();
    let chairs = [
        ("kr-gyeongbuk", "1996-09-12"),
        ("jp-toyama", "1998-10-21"),
        ("jp-hyogo", "2000-09-05"),
        ("ru-khabarovsk", "2002-09-11"),
        ("cn-heilongjiang", "2002-09-11"),
        ("kr-busan", "2004-09-08"),
        ("cn-shandong", "2006-09-15"),
        ("kr-gyeonggi", "2008-09-04"),
        ("cn-ningxia", "2010-10-29"),
        ("kr-jeonnam", "2012-07-01..2012-07-31"),
        ("ru-irkutsk", "2014-10-23"),
        ("cn-hunan", "2016-09-28"),
        ("ru-sakha", "2018-10-31"),
        ("kr-ulsan", "2021-08-10"),
        ("cn-liaoning", "2023-10-26"),
        ("ru-buryatia", "2025-06-12"),
    ];
    let expected: Vec<_> = (1..)
        .zip(chairs)
        .map(|(ordinal, (party, from))| (ordinal, party, from.to_owned()))
        .collect();
    assert_eq!(terms, expected);
}

fn ask(method: &str, question: &Value) -> Value {
    near().client().answer(method, &question.to_string())
}

fn check(fact: &Fact) -> Result<(), String> {
    match fact.kind {
        "admission" => admission(fact),
        "charter_enactment" | "regulation_enactment" => adoption(fact),
        "charter_amendment" | "regulation_amendment" => amendment(fact),
        "charter_clause_enactment" | "regulation_clause_enactment" => clause(fact, |change| {
            change == "ARTICLE_CHANGE_ORIGINAL" || change == "ARTICLE_CHANGE_ADDED"
        }),
        "charter_clause_amendment" | "regulation_clause_amendment" => {
            clause(fact, |change| change == "ARTICLE_CHANGE_AMENDED")
        }
        "regulation_clause_deletion" => clause(fact, str::is_empty),
        "meeting" => meeting(fact),
        "rename" => rename(fact),
        "succession" => succession(fact),
        other => Err(format!("no test knows a fact of type {other}")),
    }
}

/// Passes if a condition holds, else tells what was found.
fn so(holds: bool, found: &impl std::fmt::Display) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("{found:#}"))
    }
}

fn day_before(day: &str) -> String {
    let date: Vec<u32> = day.split('-').map(|part| part.parse().unwrap()).collect();
    let [year, month, day] = date[..] else {
        panic!("{day} is no date")
    };
    let leap = u32::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let days = [31, 31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30];
    let (year, month, day) = match (month, day) {
        (1, 1) => (year - 1, 12, 31),
        (_, 1) => (year, month - 1, days[month as usize - 1]),
        _ => (year, month, day - 1),
    };
    format!("{year:04}-{month:02}-{day:02}")
}

fn get_party(id: &str, on: &str) -> Value {
    let question = json!({"party": id, "at": {"on": on}});
    pick(&ask("RollService/GetParty", &question), "party").clone()
}

fn admission(fact: &Fact) -> Result<(), String> {
    let party = match fact.subject {
        "Qinghai Province" => "cn-qinghai".to_owned(),
        "Pohang City" => "kr-pohang".to_owned(),
        subject if subject.starts_with("Chui Region") => "kg-chui".to_owned(),
        _ => by_alias(&text(fact.all, "iso").to_lowercase()),
    };
    let class = match text(fact.all, "kind") {
        "" => "full",
        class => class,
    };
    let state = get_party(&party, fact.day);
    so(list(&state, "classes") == [json!(class)], &state)?;
    so(dates(pick(&state, "admitted")) == fact.day, &state)?;
    let begins =
        |span: &&Value| text(span, "class") == class && dates(pick(span, "interval")) == fact.day;
    let spans = list(&state, "classHistory").iter().filter(begins);
    so(spans.count() == 1, &state)?;
    let before = get_party(&party, &day_before(fact.day));
    so(!list(&before, "classes").contains(&json!(class)), &before)
}

fn by_alias(alias: &str) -> String {
    let answer = ask("RollService/ListParties", &json!({"name": alias}));
    // A party that was succeeded keeps no code.
    let [party] = list(&answer, "parties") else {
        panic!("{alias}: {answer:#}")
    };
    text(party, "party").to_owned()
}

/// The instrument, and what follows its name.
fn instrument<'f>(fact: &Fact<'f>) -> (&'static str, &'f str) {
    for (name, id) in [
        ("NEAR Charter", "charter"),
        ("Charter", "charter"),
        ("Subcommittee Regulation", "subcommittee-regulation"),
    ] {
        if let Some(rest) = fact.subject.strip_prefix(name) {
            return (id, rest.trim());
        }
    }
    panic!("no instrument is {}", fact.subject)
}

fn adoption(fact: &Fact) -> Result<(), String> {
    let in_force = |on: &str| {
        let question = json!({"instrument": instrument(fact).0, "at": {"on": on}});
        let answer = ask("LawService/GetInstrument", &question);
        text(&answer, "inForce").to_owned()
    };
    let found = [in_force(&day_before(fact.day)), in_force(fact.day)];
    so(
        found == ["VERDICT_NOT_HELD", "VERDICT_HELD"],
        &found.join(", "),
    )
}

fn amendment(fact: &Fact) -> Result<(), String> {
    let amended = |on: &str| {
        let question = json!({"instrument": instrument(fact).0, "at": {"on": on}});
        let answer = ask("LawService/GetInstrument", &question);
        let all = list(&answer, "amendments").iter();
        let all: Vec<_> = all
            .map(|amendment| text(amendment, "effective").to_owned())
            .collect();
        (all.iter().any(|day| day == fact.day), all.join(", "))
    };
    let (there, found) = amended(fact.day);
    so(there, &found)?;
    let (there, found) = amended(&day_before(fact.day));
    so(!there, &found)
}

fn clause(fact: &Fact, done: impl Fn(&str) -> bool) -> Result<(), String> {
    let (instrument, article) = instrument(fact);
    let question = json!({"instrument": instrument, "article": article.to_lowercase()});
    let answer = ask("LawService/ListArticleVersions", &question);
    let versions = list(&answer, "versions").iter();
    let then: Vec<_> = versions
        .filter(|version| dates(pick(version, "interval")) == fact.day)
        .map(|version| text(version, "article.change"))
        .collect();
    so(
        then.len() == 1 && done(then[0]),
        &format!("{then:?}: {answer:#}"),
    )
}

fn meeting(fact: &Fact) -> Result<(), String> {
    let ordinal = number(fact.all, "ordinal");
    let session = match fact.id {
        "MTG-HL14" => "working-committee/14".to_owned(),
        "MTG-SC-ED" => "subcommittee-education-culture/22".to_owned(),
        "MTG-SC-IN" => "subcommittee-innovation-plus/1".to_owned(),
        _ if fact.subject.starts_with("General Assembly") => format!("general-assembly/{ordinal}"),
        _ if fact.subject.contains("Working Committee") => format!("working-committee/{ordinal}"),
        _ => return Err(format!("no session is {}", fact.subject)),
    };
    let answer = ask("RollService/GetSession", &json!({"session": session}));
    let found = ["session.opening", "session.closing"].map(|edge| text(&answer, edge));
    let expected = [fact.day, text(fact.all, "effective_to")];
    so(found == expected, &found.join(" to "))
}

fn rename(fact: &Fact) -> Result<(), String> {
    let name = |language: &str, text: &str| json!({"language": language, "text": text});
    let (party, name) = match fact.id {
        "OWN-RE-3" => (
            "kr-jeju",
            name("en", "Jeju Special Self-Governing Province"),
        ),
        "OWN-RE-4" => ("kr-gangwon", name("ko", "강원특별자치도")),
        "OWN-RE-5" => ("kr-jeonbuk", name("ko", "전북특별자치도")),
        "OWN-RE-6" => ("ru-kemerovo", name("en", "Kemerovo Oblast - Kuzbass")),
        // The Association's name: in law since the amendment, in use since it was announced.
        "EXT-NAME-1" => return announced(fact),
        other => return Err(format!("no test knows the name of {other}")),
    };
    let bears = |on: &str| {
        let state = get_party(party, on);
        let names = list(&state, "names").iter();
        names
            .filter(|found| text(found, "kind") == "NAME_KIND_PUBLIC")
            .any(|found| pick(found, "name") == &name)
    };
    let found = [bears(&day_before(fact.day)), bears(fact.day)];
    so(found == [false, true], &format!("{found:?}"))
}

fn announced(fact: &Fact) -> Result<(), String> {
    let entries = ask("LedgerService/ListEntries", &json!({"pageSize": 1000}));
    let taken = list(&entries, "entries").iter().find(|entry| {
        text(entry, "draft.nameTaken.association") == "near"
            && text(entry, "draft.nameTaken.kind") == "NAME_KIND_PUBLIC"
            && text(entry, "draft.nameTaken.name.language") == "ko"
    });
    let taken = taken.ok_or("no such entry")?;
    so(text(taken, "draft.effective.date") == fact.day, taken)?;
    let bears = |on: &str| {
        let answer = ask("RollService/GetAssociation", &json!({"at": {"on": on}}));
        let names = list(&answer, "names").iter();
        let korean = names.filter(|name| text(name, "language") == "ko");
        let korean: Vec<_> = korean.map(|name| text(name, "text").to_owned()).collect();
        korean.join(", ")
    };
    let found = [bears("2024-09-25"), bears(fact.day)];
    let expected = ["동북아시아지역자치단체연합", "동북아시아지방정부연합"];
    so(found == expected, &found.join(" then "))
}

fn succession(fact: &Fact) -> Result<(), String> {
    let (from, to) = match fact.id {
        "OWN-RE-1" => ("ru-chita-oblast", "ru-zabaykalsky"),
        "OWN-RE-2" => ("ru-kamchatka-oblast", "ru-kamchatka"),
        other => return Err(format!("no test knows the succession {other}")),
    };
    for (party, before, after) in [(from, "full", ""), (to, "", "full")] {
        for (on, class) in [(day_before(fact.day), before), (fact.day.to_owned(), after)] {
            let state = get_party(party, &on);
            so(list(&state, "classes") == [json!(class)], &state)?;
        }
    }
    let state = get_party(to, fact.day);
    so(list(&state, "predecessors") == [json!(from)], &state)
}
