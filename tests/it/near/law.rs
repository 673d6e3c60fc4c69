//! The charter, article by article.

use super::ask;
use crate::harness::{dates, list, near, pick, text};
use serde_json::{Value, json};

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
fn an_article_is_compared_word_by_word() {
    let since = ["--compare", "2016-01-01", "--on", "2024-12-31"];
    let printed = near()
        .cli(["law", "charter", "10.p2"].iter().chain(&since))
        .ok();
    for part in [
        "charter 10.p2 from 2016-01-01 to 2024-12-31: amended",
        "The [-wording of this period is not held.",
        "-]chair of",
        "Norms removed",
        "Norms added",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert!(!printed.contains("{+"), "{printed}");
    let complaint = near()
        .cli(["law", "charter", "99"].iter().chain(&since))
        .fails(3);
    assert!(complaint.contains("99"), "{complaint}");
}
