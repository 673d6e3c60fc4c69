//! Why an answer is what it is.

use crate::render::{Lines as _, classes, confidence, dues, joined, support, table, verdict};
use standing_proto::v1;
use standing_proto::v1::{ArticleGround, EntryGround, Expiry, Grounds, NormEffect, Support};

/// Writes all there is to know of why, a line for each entry and each article version.
pub fn grounds(grounds: &Grounds) -> String {
    let mut text = String::new();
    if grounds.classes.len() > 1 {
        text.line(&format!("class: {}", classes(&grounds.classes)));
    }
    text.push_str(&entries(&grounds.entries));
    text.push_str(&articles(&grounds.articles));
    if grounds.weakest_support() != Support::Unspecified {
        let weakest = support(grounds.weakest_support());
        text.line(&format!("weakest support: {weakest}"));
    }
    for ground in &grounds.dues {
        text.push_str(&dues::ground(ground));
    }
    for missing in &grounds.missing {
        text.line(&format!("missing: {missing}"));
    }
    if !grounds.findings.is_empty() {
        text.line(&format!("findings: {}", grounds.findings.join(", ")));
    }
    text
}

/// Writes the entries an answer follows from.
pub fn entries(entries: &[EntryGround]) -> String {
    let rows = entries.iter().map(|entry| {
        let rests = match entry.authority.as_str() {
            "" => String::new(),
            authority => format!("by {authority}"),
        };
        [
            format!("entry {}", entry.position),
            entry.effective.clone(),
            entry.kind.clone(),
            joined(
                [
                    entry.says.as_str(),
                    rests.as_str(),
                    confidence(entry.confidence()),
                ],
                "; ",
            ),
        ]
    });
    some_table(rows.collect())
}

fn articles(articles: &[ArticleGround]) -> String {
    let rows = articles.iter().map(|article| {
        let doubt = if article.certain {
            ""
        } else {
            "not certain to apply"
        };
        let support = match support(article.support()) {
            "" => String::new(),
            support => format!("known: {support}"),
        };
        let since = match article.in_force_from.as_str() {
            "" => String::new(),
            since => format!("in force from {since}"),
        };
        [
            format!("entry {}", article.position),
            cited(article),
            told_effect(article),
            joined([since.as_str(), support.as_str(), doubt], "; "),
        ]
    });
    some_table(rows.collect())
}

/// Writes what an article does to the right, and whether it does so for the party.
fn told_effect(article: &ArticleGround) -> String {
    let does = match article.effect() {
        NormEffect::Confers => "confers",
        NormEffect::Withholds => "withholds",
        NormEffect::Suspends => "suspends",
        NormEffect::Permits => "permits",
        NormEffect::Unspecified => "",
    };
    if article.for_others {
        format!("{does} on others")
    } else if article.unmet.is_empty() {
        does.to_owned()
    } else {
        format!("{does} only if {}", article.unmet)
    }
}

fn some_table<const N: usize>(rows: Vec<[String; N]>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    table([""; N], rows)
}

/// Writes the articles of an answer in short: `charter 5, 9(1)`, each with `?` where it is not
/// certain to apply.
pub fn citations(grounds: &Grounds) -> String {
    let mut text = String::new();
    let mut instrument = "";
    let mut seen: Vec<String> = Vec::new();
    for article in &grounds.articles {
        let doubt = if article.certain { "" } else { "?" };
        let citation = format!("{}{doubt}", short(article));
        let whole = format!("{} {citation}", article.instrument);
        if seen.contains(&whole) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        if article.instrument == instrument {
            text.push_str(&citation);
        } else {
            text.push_str(&whole);
        }
        instrument = &article.instrument;
        seen.push(whole);
    }
    text
}

fn cited(article: &ArticleGround) -> String {
    format!("{} {}", article.instrument, short(article))
}

fn short(article: &ArticleGround) -> &str {
    match article.citation.as_str() {
        "" => &article.article,
        citation => citation,
    }
}

/// Writes until when an answer holds.
pub fn expiry(expiry: &Expiry) -> String {
    let entry = match expiry.position {
        0 => String::new(),
        position => format!(" (entry {position})"),
    };
    format!(
        "until {} (that day out): {}{entry}; then {}",
        expiry.end_date,
        expiry.cause,
        verdict(expiry.then())
    )
}

/// Returns what dues policies do to rights of many answers, each once, in their order: those that
/// leave them are left out.
pub fn dues_lines(answers: &[v1::RightAnswer]) -> Vec<String> {
    let grounds = answers.iter().filter_map(|answer| answer.grounds.as_ref());
    let mut lines: Vec<String> = Vec::new();
    for ground in grounds.flat_map(|grounds| &grounds.dues) {
        if ground.stage() == v1::DuesStage::Clear && ground.keep_amount.is_none() {
            continue;
        }
        for line in dues::ground(ground).lines() {
            if !lines.iter().any(|other| other == line) {
                lines.push(line.to_owned());
            }
        }
    }
    lines
}

/// Returns the entries of many answers, each once, by position.
pub fn distinct_entries(answers: &[v1::RightAnswer]) -> Vec<EntryGround> {
    let grounds = answers.iter().filter_map(|answer| answer.grounds.as_ref());
    let mut entries: Vec<EntryGround> = grounds
        .flat_map(|grounds| grounds.entries.clone())
        .collect();
    entries.sort_by_key(|entry| entry.position);
    entries.dedup_by_key(|entry| entry.position);
    entries
}
