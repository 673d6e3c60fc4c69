//! Instruments, articles, their versions and differences.

pub mod difference;
pub mod norm;
pub mod policy;

use super::{
    Lines as _, basis, bullet, confidence, joined, knowledge, name, names, paragraph, table, time,
};
use standing_proto::v1::norm::Rule;
use standing_proto::v1::{
    ArticleChange, ArticleEnacted, ArticleVersion, CompareInstrumentResponse, GetArticleResponse,
    GetInstrumentResponse, ListArticleVersionsResponse, Norm, Verdict,
};

/// Writes an instrument: its amendments, and its articles in force.
pub fn instrument(response: &GetInstrumentResponse) -> String {
    let titles = names(&response.titles);
    let in_force = in_force(response.in_force());
    let mut text = format!("{}: {in_force}\n{titles}\n", response.instrument);
    if !response.amendments.is_empty() {
        let rows = response.amendments.iter().map(|amendment| {
            [
                if amendment.ordinal == 0 {
                    String::new()
                } else {
                    amendment.ordinal.to_string()
                },
                amendment.effective.clone(),
                amendment.position.to_string(),
                amendment.authority.clone(),
            ]
        });
        text.push('\n');
        text.push_str(&table(
            ["AMENDMENT", "IN FORCE", "ENTRY", "BY"],
            rows.collect(),
        ));
    }
    if !response.articles.is_empty() {
        text.push('\n');
        text.push_str(&table(
            ["ARTICLE", "CITED", "SINCE", "ENTRY", "HEADING"],
            response.articles.iter().map(article_row).collect(),
        ));
    }
    text + &basis(response.basis.as_ref())
}

/// Writes whether an instrument is in force.
pub fn in_force(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "in force",
        Verdict::NotHeld => "not in force",
        Verdict::Undetermined | Verdict::Unspecified => "perhaps in force",
    }
}

fn article_row(version: &ArticleVersion) -> [String; 5] {
    let article = version.article.as_ref();
    let doubt = if version.certain {
        ""
    } else {
        "(not certain to be in force)"
    };
    let heading = article.map_or("", |article| name(&article.headings));
    [
        article.map_or_else(String::new, |article| article.article.clone()),
        article.map_or_else(String::new, |article| article.citation.clone()),
        version.commencement.clone(),
        version.position.to_string(),
        joined([heading, doubt], " "),
    ]
}

/// Writes an article as in force on a date: its version, or all that may be.
pub fn article(response: &GetArticleResponse, instrument: &str) -> String {
    let mut text = String::new();
    if response.versions.len() > 1 {
        text.push_str("It is not certain which of these was in force.\n\n");
    }
    let versions: Vec<String> = response
        .versions
        .iter()
        .map(|version| self::version(version, instrument))
        .collect();
    text.push_str(&versions.join("\n"));
    text + &basis(response.basis.as_ref())
}

/// Writes a version of an article with its texts and norms.
fn version(version: &ArticleVersion, instrument: &str) -> String {
    let mut text = String::new();
    if let Some(article) = &version.article {
        let cited = if article.citation.is_empty() {
            &article.article
        } else {
            &article.citation
        };
        let headings = names(&article.headings);
        let cited = format!("{instrument} {cited}");
        text.line(&joined([&cited, headings.as_str()], " · "));
    } else {
        text.line(&format!("{instrument}: deleted"));
    }
    text.push_str(&table(["", ""], circumstances(version)));
    let Some(article) = &version.article else {
        return text;
    };
    for wording in &article.texts {
        let kind = if wording.summary {
            "summary"
        } else {
            "wording"
        };
        text.line(&format!("\n  {} ({kind})", wording.language));
        text.push_str(&paragraph(&wording.text, 4));
    }
    text.push_str(&norms("Norms", &article.norms));
    text
}

/// Writes norms under a heading; nothing where there are none.
fn norms(heading: &str, norms: &[Norm]) -> String {
    if norms.is_empty() {
        return String::new();
    }
    let mut text = format!("\n  {heading}\n");
    for rule in norms {
        text.push_str(&bullet(&norm::norm(rule), 4));
        if let Some(Rule::Dues(dues)) = &rule.rule {
            for (by, line) in policy::lines(dues) {
                text.push_str(&bullet(&line, 6 + by));
            }
        }
    }
    text
}

fn circumstances(version: &ArticleVersion) -> Vec<[String; 2]> {
    let change = version.article.as_ref().map_or("deleted", change);
    let doubt = if version.certain {
        ""
    } else {
        "(not certain on this date)"
    };
    let end = match time::end(version.interval.as_ref()) {
        end if end.is_empty() => end,
        end => format!("{end} (that day out)"),
    };
    let rows = [
        (
            "in force from",
            joined([version.commencement.as_str(), doubt], " "),
        ),
        ("until", end),
        ("change", change.to_owned()),
        ("by", version.authority.clone()),
        ("confidence", confidence(version.confidence()).to_owned()),
        ("entry", version.position.to_string()),
        ("note", version.note.clone()),
    ];
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
    rows.map(|(key, value)| [format!("  {key}"), value])
        .collect()
}

fn change(article: &ArticleEnacted) -> &'static str {
    match article.change() {
        ArticleChange::Original => "original",
        ArticleChange::Added => "added",
        ArticleChange::Amended => "amended",
        ArticleChange::Unspecified => "",
    }
}

/// Writes all versions of an article, a line each.
pub fn versions(response: &ListArticleVersionsResponse) -> String {
    version_table(&response.versions) + &knowledge(response.basis.as_ref())
}

/// Writes versions of an article, a line each.
pub fn version_table(versions: &[ArticleVersion]) -> String {
    let rows = versions.iter().map(|version| {
        let article = version.article.as_ref();
        [
            version.commencement.clone(),
            time::end(version.interval.as_ref()),
            article.map_or("deleted", change).to_owned(),
            confidence(version.confidence()).to_owned(),
            version.position.to_string(),
            joined([version.authority.as_str(), version.note.as_str()], "; "),
        ]
    });
    table(
        [
            "IN FORCE",
            time::UNTIL,
            "CHANGE",
            "CONFIDENCE",
            "ENTRY",
            "BY",
        ],
        rows.collect(),
    )
}

/// Writes what became of an instrument's articles between two dates.
pub fn comparison(response: &CompareInstrumentResponse, earlier: &str) -> String {
    let later = response.basis.as_ref().map_or("", |basis| &basis.on);
    let mut text = format!("From {earlier} to {later}\n\n");
    if response.differences.is_empty() {
        text.push_str("No article differs.\n");
    } else {
        let rows = response.differences.iter().map(|difference| {
            [
                difference.article.clone(),
                difference.change.clone(),
                positions(&difference.earlier_positions),
                positions(&difference.later_positions),
            ]
        });
        text.push_str(&table(
            ["ARTICLE", "CHANGE", "FROM ENTRY", "TO ENTRY"],
            rows.collect(),
        ));
    }
    text + &basis(response.basis.as_ref())
}

fn positions(positions: &[u64]) -> String {
    let positions: Vec<String> = positions.iter().map(ToString::to_string).collect();
    positions.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::{ArticleText, Confidence, Name};

    #[test]
    fn an_article_shows_its_commencement_as_recorded() {
        let response = GetArticleResponse {
            versions: vec![ArticleVersion {
                article: Some(ArticleEnacted {
                    instrument: "charter".to_owned(),
                    article: "9-2".to_owned(),
                    citation: "9-2".to_owned(),
                    change: ArticleChange::Added.into(),
                    headings: vec![Name {
                        language: "ko".to_owned(),
                        text: "위임".to_owned(),
                    }],
                    texts: vec![ArticleText {
                        language: "en".to_owned(),
                        text: "In a year without an assembly, functions pass.".to_owned(),
                        summary: true,
                    }],
                    norms: Vec::new(),
                    amendment: None,
                }),
                commencement: "2016-09-27..2024-09-24".to_owned(),
                position: 300,
                certain: true,
                confidence: Confidence::Inferred.into(),
                ..ArticleVersion::default()
            }],
            basis: None,
        };
        expect![[r"
            charter 9-2 · 위임
              in force from  2016-09-27..2024-09-24
              change         added
              confidence     inferred
              entry          300

              en (summary)
                In a year without an assembly, functions pass.
        "]]
        .assert_eq(&article(&response, "charter"));
    }
}
