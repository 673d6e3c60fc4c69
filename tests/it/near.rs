//! What the ledger answers about NEAR, line by line as the project promises it.

use crate::harness::{Client, dates, list, near, number, pick, position, text, without};
use serde_json::{Value, json};

fn ask(method: &str, question: &Value) -> Value {
    near().client().answer(method, &question.to_string())
}

/// Counts the members: `full 82, associate 2, special 1, observer 5`, or ranges.
fn counts(client: &Client, on: &str) -> String {
    let question = json!({"at": {"on": on}}).to_string();
    let answer = client.answer("RollService/CountMembers", &question);
    let classes = list(&answer, "classes").iter().map(|class| {
        let certain = number(class, "count.certain");
        let count = match number(class, "count.possible") {
            possible if possible == certain => certain.to_string(),
            possible => format!("{certain}..{possible}"),
        };
        format!("{} {count}", text(class, "class"))
    });
    classes.collect::<Vec<_>>().join(", ")
}

/// Checks a right; returns the answer.
fn right(party: &str, right: &str, at: &Value) -> Value {
    let question = json!({"question": {"party": party, "right": right}, "at": at});
    pick(&ask("RightsService/CheckRight", &question), "answer").clone()
}

/// Checks a right on a day; returns the verdict.
fn verdict(party: &str, of: &str, on: &str) -> String {
    let answer = right(party, of, &json!({"on": on}));
    text(&answer, "verdict")
        .trim_start_matches("VERDICT_")
        .to_owned()
}

fn party(id: &str, at: &Value) -> Value {
    let question = json!({"party": id, "at": at});
    pick(&ask("RollService/GetParty", &question), "party").clone()
}

/// The classes a party may have.
fn classes(id: &str, on: &str) -> Vec<String> {
    let state = party(id, &json!({"on": on}));
    let classes = list(&state, "classes").iter();
    classes
        .map(|class| class.as_str().unwrap().to_owned())
        .collect()
}

/// The articles of an answer, as `charter/9.1 confers text`.
fn articles(answer: &Value) -> Vec<String> {
    let grounds = list(answer, "grounds.articles").iter();
    let written = grounds.map(|ground| {
        let parts = ["article", "effect", "support"].map(|part| text(ground, part));
        format!("{}/{}", text(ground, "instrument"), parts.join(" "))
    });
    written.collect()
}

/// The position of an entry of `deploy/near`.
fn entry(id: &str) -> u64 {
    let all = ask("LedgerService/ListEntries", &json!({"pageSize": 1000}));
    position(list(&all, "entries"), id)
}

#[test]
fn the_roll_counts_what_the_source_counts() {
    let count = |on| counts(near().client(), on);
    assert_eq!(
        count("2024-09-25"),
        "full 82, associate 2, special 1, observer 5"
    );
    assert_eq!(
        count("2024-09-24"),
        "full 81, associate 1, special 0, observer 5"
    );
    // 29 founders are counted, and more are named: which of them came later is not known.
    let answer = ask(
        "RollService/CountMembers",
        &json!({"at": {"on": "1997-01-01"}}),
    );
    let [certain, possible] =
        ["certain", "possible"].map(|end| number(&answer, &format!("classes.0.count.{end}")));
    assert!(
        certain < 29 && 29 <= possible,
        "29 lies not in {certain}..{possible}"
    );
}

#[test]
fn the_roll_is_printed_for_people() {
    let printed = |on| near().cli(["roll", "--on", on]).ok();
    let has_row = |on, class: &str, count: &str| {
        let table = printed(on);
        let found = table.lines().any(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            words.contains(&class) && words.contains(&count)
        });
        assert!(found, "{class} {count}:\n{table}");
    };
    for (class, before, after) in [
        ("full", "81", "82"),
        ("associate", "1", "2"),
        ("special", "0", "1"),
        ("observer", "5", "5"),
    ] {
        has_row("2024-09-24", class, before);
        has_row("2024-09-25", class, after);
    }
    let question = json!({"at": {"on": "1997-01-01"}}).to_string();
    let answer = near()
        .client()
        .answer("RollService/CountMembers", &question);
    let [certain, possible] =
        ["certain", "possible"].map(|end| number(&answer, &format!("classes.0.count.{end}")));
    has_row("1997-01-01", "full", &format!("{certain}..{possible}"));
}

#[test]
fn qinghai_gets_the_rights_of_a_member_on_the_day_of_its_admission() {
    for right in ["vote", "elect", "stand"] {
        assert_eq!(
            verdict("cn-qinghai", right, "2024-09-24"),
            "NOT_HELD",
            "{right}"
        );
        assert_eq!(
            verdict("cn-qinghai", right, "2024-09-25"),
            "HELD",
            "{right}"
        );
    }
    let before = party("cn-qinghai", &json!({"on": "2024-09-24"}));
    assert_eq!(
        (list(&before, "classes"), text(&before, "appliedFor")),
        (&[json!("")][..], "full")
    );
    let after = party("cn-qinghai", &json!({"on": "2024-09-25"}));
    assert_eq!(
        (list(&after, "classes"), text(&after, "appliedFor")),
        (&[json!("full")][..], "")
    );
}

#[test]
fn the_grounds_name_the_admission_the_decision_and_the_articles() {
    let answer = right("cn-qinghai", "vote", &json!({"on": "2024-09-25"}));
    let grounds = list(&answer, "grounds.entries");
    let admission = grounds
        .iter()
        .find(|ground| text(ground, "kind") == "member_admitted")
        .unwrap_or_else(|| panic!("{answer:#}"));
    assert_eq!(
        number(admission, "position"),
        entry("near-admit-cn-qinghai")
    );
    assert_eq!(text(admission, "effective"), "2024-09-25");
    assert_eq!(text(admission, "authority"), "wc-14-item-2");
    assert_eq!(text(admission, "confidence"), "confirmed");
    let decision = entry("near-decision-wc-14-item-2");
    assert!(
        grounds
            .iter()
            .any(|ground| number(ground, "position") == decision),
        "the decision is entry {decision}: {answer:#}"
    );
    // The wording of 9(1) that is held is that of the day after.
    assert_eq!(articles(&answer), ["charter/9.1 confers presumed"]);
    assert_eq!(text(&answer, "grounds.articles.0.citation"), "9(1)");
    assert_eq!(
        text(&answer, "grounds.articles.0.inForceFrom"),
        "2016-09-27"
    );
    assert_eq!(
        number(&answer, "grounds.articles.0.position"),
        entry("near-charter-art-9-1-2016-09-27")
    );
    assert_eq!(text(&answer, "grounds.weakestSupport"), "presumed");

    let later = right("cn-qinghai", "vote", &json!({"on": "2024-09-26"}));
    assert_eq!(articles(&later), ["charter/9.1 confers text"]);
    assert_eq!(text(&later, "grounds.articles.0.inForceFrom"), "2024-09-26");
    assert_eq!(text(&later, "grounds.weakestSupport"), "text");
}

#[test]
fn before_the_admission_was_recorded_qinghai_is_an_applicant_on_both_days() {
    let admission = entry("near-admit-cn-qinghai");
    let application = entry("near-apply-cn-qinghai");
    assert!(application < admission);
    for on in ["2024-09-24", "2024-09-25"] {
        let at = json!({"on": on, "position": admission - 1});
        for of in ["participate", "vote", "elect", "stand"] {
            let answer = right("cn-qinghai", of, &at);
            assert_eq!(text(&answer, "verdict"), "VERDICT_NOT_HELD", "{of} on {on}");
        }
        let state = party("cn-qinghai", &at);
        assert_eq!(text(&state, "appliedFor"), "full", "{on}");
        assert_eq!(list(&state, "classes"), [json!("")], "{on}");
        let known_at = (admission - 1).to_string();
        let arguments = [
            "rights",
            "cn-qinghai",
            "--on",
            on,
            "--known-at",
            &known_at,
            "--json",
        ];
        let printed: Value = serde_json::from_str(&near().cli(arguments).ok()).unwrap();
        assert_eq!(text(&printed, "party.appliedFor"), "full");
        let held = list(&printed, "rights").iter();
        let verdicts: Vec<_> = held.map(|right| text(right, "verdict")).collect();
        assert!(!verdicts.is_empty() && verdicts.iter().all(|v| *v == "VERDICT_NOT_HELD"));
    }
}

#[test]
fn pohang_takes_part_and_has_no_vote() {
    let before = party("kr-pohang", &json!({"on": "2024-09-19"}));
    assert_eq!(
        (list(&before, "classes"), text(&before, "appliedFor")),
        (&[json!("")][..], "special")
    );
    for of in ["participate", "vote", "elect", "stand"] {
        assert_eq!(verdict("kr-pohang", of, "2024-09-19"), "NOT_HELD", "{of}");
        let expected = if of == "participate" {
            "HELD"
        } else {
            "NOT_HELD"
        };
        assert_eq!(verdict("kr-pohang", of, "2024-09-25"), expected, "{of}");
    }
    let at = json!({"on": "2024-09-25"});
    let takes_part = right("kr-pohang", "participate", &at);
    assert_eq!(articles(&takes_part), ["charter/5-3 confers text"]);
    // 9(1) gives the vote to full members only; 5-3 keeps it from special ones.
    let vote = right("kr-pohang", "vote", &at);
    assert!(
        articles(&vote).contains(&"charter/5-3 withholds text".to_owned()),
        "{vote:#}"
    );
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
fn an_article_without_a_date_has_a_window() {
    let question = json!({"instrument": "charter", "article": "9-2"});
    let answer = ask("LawService/ListArticleVersions", &question);
    let [version] = list(&answer, "versions") else {
        panic!("{answer:#}")
    };
    assert_eq!(text(version, "commencement"), "2016-09-27..2024-09-24");
    assert_eq!(
        dates(pick(version, "interval")),
        "2016-09-27..2024-09-24",
        "{version:#}"
    );
    for arguments in [
        &["law", "charter", "9-2"][..],
        &["law", "charter", "9-2", "--versions"],
    ] {
        let printed = near().cli(arguments).ok();
        assert!(printed.contains("2016-09-27..2024-09-24"), "{printed}");
    }
    // Within the window nobody knows, before it certainly not.
    let on = |on| json!({"instrument": "charter", "article": "9-2", "at": {"on": on}});
    let within = ask("LawService/GetArticle", &on("2020-01-01"));
    assert_eq!(pick(&within, "versions.0.certain"), &Value::Null);
    let after = ask("LawService/GetArticle", &on("2024-09-24"));
    assert_eq!(pick(&after, "versions.0.certain"), &json!(true));
    let before = near()
        .client()
        .ask("LawService/GetArticle", &on("2016-09-26").to_string());
    assert_eq!(before.unwrap_err().code, tonic::Code::NotFound);
}

#[test]
fn an_article_is_there_from_its_first_day() {
    let law = |on| near().cli(["law", "charter", "4-3", "--on", on]);
    let complaint = law("2024-03-17").fails(3);
    assert!(complaint.contains("4-3"), "{complaint}");
    let printed = law("2024-03-18").ok();
    assert!(
        printed.contains("4-3") && printed.contains("2024-03-18"),
        "{printed}"
    );
    let question = json!({"instrument": "charter", "article": "4-3", "at": {"on": "2024-03-18"}});
    let answer = ask("LawService/GetArticle", &question);
    assert_eq!(text(&answer, "versions.0.article.citation"), "4-3");
    assert_eq!(pick(&answer, "versions.0.certain"), &json!(true));
}

#[test]
fn both_chairs_of_a_switching_day_are_listed_in_order() {
    let question = json!({"office": "chair", "at": {"on": "2002-09-11"}});
    let answer = ask("RollService/ListOfficeHolders", &question);
    let terms: Vec<_> = list(&answer, "terms")
        .iter()
        .map(|term| (number(term, "ordinal"), text(term, "holder.party")))
        .collect();
    // The third chair's term ends, the fourth's lasts no day, the fifth's begins.
    assert!(
        terms.ends_with(&[(4, "ru-khabarovsk"), (5, "cn-heilongjiang")]),
        "{terms:?}"
    );
    let printed = near().cli(["chairs", "--on", "2002-09-11"]).ok();
    let at = |name: &str| {
        printed
            .find(name)
            .unwrap_or_else(|| panic!("{name}:\n{printed}"))
    };
    assert!(at("ru-khabarovsk") < at("cn-heilongjiang"), "{printed}");
}

#[test]
fn the_14th_working_committee_is_counted() {
    let answer = ask(
        "RollService/GetSession",
        &json!({"session": "working-committee/14"}),
    );
    let range =
        |path: &str| ["certain", "possible"].map(|end| number(&answer, &format!("{path}.{end}")));
    assert_eq!(range("entitled"), [81, 81]);
    assert_eq!(range("entitledPresent"), [32, 32]);
    assert_eq!(number(&answer, "present"), 38);
    assert_eq!(pick(&answer, "attendanceNotRecorded"), &Value::Null);
    assert_eq!(pick(&answer, "inWritingRecorded"), &Value::Null);
    let decisions = list(&answer, "decisions").iter();
    let decisions: Vec<_> = decisions
        .map(|decision| text(decision, "decision.decision"))
        .collect();
    assert_eq!(
        decisions,
        [
            "wc-14-item-1",
            "wc-14-item-2",
            "wc-14-item-3",
            "wc-14-item-4"
        ]
    );
    let printed = near().cli(["session", "working-committee/14"]).ok();
    for part in ["81", "38", "32", "2024-09-24", "2024-09-26", "cn-liaoning"] {
        assert!(printed.contains(part), "{part}:\n{printed}");
    }
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

#[test]
fn a_month_is_undetermined_and_certain_around_it() {
    // Admitted at an assembly of July 2012, the day of which nobody knows.
    let entries = ask("LedgerService/ListEntries", &json!({"pageSize": 1000}));
    let admitted = list(&entries, "entries")
        .iter()
        .map(|entry| pick(entry, "draft"))
        .find(|draft| text(draft, "authority.decision") == "ga-9-admissions")
        .expect("somebody was admitted in July 2012");
    let id = text(admitted, "memberAdmitted.party");
    for (on, expected) in [
        ("2012-06-30", "NOT_HELD"),
        ("2012-07-01", "UNDETERMINED"),
        ("2012-07-15", "UNDETERMINED"),
        ("2012-07-31", "HELD"),
        ("2012-08-01", "HELD"),
    ] {
        assert_eq!(verdict(id, "vote", on), expected, "{id} on {on}");
    }
    let answer = right(id, "vote", &json!({"on": "2012-07-15"}));
    assert!(!list(&answer, "grounds.missing").is_empty(), "{answer:#}");
}

#[test]
fn what_json_prints_is_the_answer_as_the_contract_reads_it() {
    use standing_proto::{json, v1};
    fn same<M: prost::Name + Default>(arguments: &[&str], method: &str, question: &Value) {
        let printed = near().cli(arguments.iter().chain(&["--json"])).ok();
        let read: M =
            json::from_json(&printed).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        let again = json::to_json(&read).unwrap();
        let [printed, again]: [Value; 2] =
            [printed, again].map(|text| serde_json::from_str(&text).unwrap());
        assert_eq!(printed, again, "{arguments:?}");
        // A list may be printed whole where a question is answered in pages.
        let asked = ask(method, question);
        let [printed, asked] = [printed, asked].map(|v| without(v, &["nextPageToken"]));
        assert_eq!(printed, asked, "{arguments:?}");
    }
    let at = json!({"on": "2024-09-25"});
    let on = ["--on", "2024-09-25"];
    let with = |words: &[&'static str]| [words, &on].concat();
    same::<v1::CountMembersResponse>(
        &with(&["roll"]),
        "RollService/CountMembers",
        &json!({"at": at}),
    );
    same::<v1::GetStandingResponse>(
        &with(&["rights", "cn-qinghai"]),
        "RightsService/GetStanding",
        &json!({"party": "cn-qinghai", "at": at}),
    );
    same::<v1::GetPartyResponse>(
        &with(&["party", "kr-pohang"]),
        "RollService/GetParty",
        &json!({"party": "kr-pohang", "at": at}),
    );
    same::<v1::ListHoldersResponse>(
        &with(&["holders", "vote"]),
        "RightsService/ListHolders",
        &json!({"right": "vote", "at": at, "pageSize": 1000}),
    );
    same::<v1::ListOfficeHoldersResponse>(
        &["chairs"],
        "RollService/ListOfficeHolders",
        &json!({"office": "chair"}),
    );
    same::<v1::GetSessionResponse>(
        &["session", "working-committee/14"],
        "RollService/GetSession",
        &json!({"session": "working-committee/14"}),
    );
    same::<v1::GetArticleResponse>(
        &with(&["law", "charter", "4-3"]),
        "LawService/GetArticle",
        &json!({"instrument": "charter", "article": "4-3", "at": at}),
    );
    same::<v1::GetInstrumentResponse>(
        &with(&["law", "charter"]),
        "LawService/GetInstrument",
        &json!({"instrument": "charter", "at": at}),
    );
    same::<v1::GetEntryResponse>(
        &["entry", "2"],
        "LedgerService/GetEntry",
        &json!({"position": 2}),
    );
    same::<v1::GetHeadResponse>(&["head"], "LedgerService/GetHead", &json!({}));
}
