//! How an article changed between two dates, word by word.

use crate::call::errors::Problem;
use crate::dear::Ask;
use crate::law::articles::find;
use crate::law::comparison;
use crate::law::comparison::{change, in_order};
use crate::law::versions::{Version, in_force};
use standing_domain::law::ArticleLine;
use standing_domain::text::changed::{Run, RunKind, runs};
use standing_domain::time::day::Day;
use standing_proto::ask;
use standing_proto::v1;
use std::collections::BTreeMap;

pub(crate) fn compare_article(
    ledger: &Ask<'_>,
    asked: &ask::law::CompareArticle,
) -> Result<v1::CompareArticleResponse, Problem> {
    let at = ledger.pin(&asked.at)?;
    in_order(asked.earlier, at.on)?;
    let law = ledger.law(at.position);
    let line = find(ledger, &law, &asked.article, at)?;
    let (before, after) = (OnDay::of(line, asked.earlier), OnDay::of(line, at.on));
    let earlier = before.versions.first();
    let later = if asked.earlier == at.on {
        after.versions.first()
    } else {
        after.versions.last()
    };
    let (earlier, later) = (enacted(earlier), enacted(later));
    let headings = differences(ledger, headings(&earlier), headings(&later))?;
    let texts = differences(ledger, texts(&earlier), texts(&later))?;
    let norms = Norms::of(earlier.norms, later.norms);
    Ok(v1::CompareArticleResponse {
        change: change(line, asked.earlier, at.on)
            .unwrap_or("unchanged")
            .to_owned(),
        earlier_positions: before.positions(),
        later_positions: after.positions(),
        earlier_certain: before.certain,
        later_certain: after.certain,
        headings,
        texts,
        removed_norms: norms.removed,
        added_norms: norms.added,
        kept_norms: norms.kept,
        basis: Some(at.basis(ledger)?),
    })
}

/// An article on a day.
struct OnDay<'a> {
    /// The versions that may be in force, in order.
    versions: Vec<Version<'a>>,
    /// Whether it is certain which, or that none is.
    certain: bool,
}

impl<'a> OnDay<'a> {
    fn of(line: &'a ArticleLine, day: Day) -> Self {
        let mut versions = in_force(line, day);
        versions.dedup_by_key(|version| version.position);
        Self {
            versions,
            certain: comparison::versions(line, day).len() == 1,
        }
    }

    fn positions(&self) -> Vec<u64> {
        let versions = self.versions.iter();
        versions.map(|version| version.position.number()).collect()
    }
}

/// Returns what a version says; nothing of none.
fn enacted(version: Option<&Version<'_>>) -> v1::ArticleEnacted {
    let enacted = version.and_then(|version| version.enacted);
    enacted.map(Into::into).unwrap_or_default()
}

/// The texts of one language, summaries apart.
type Texts<'a> = BTreeMap<(&'a str, bool), Vec<&'a str>>;

fn headings(enacted: &v1::ArticleEnacted) -> Texts<'_> {
    let mut all = Texts::new();
    for heading in &enacted.headings {
        let texts = all.entry((heading.language.as_str(), false)).or_default();
        texts.push(heading.text.as_str());
    }
    all
}

fn texts(enacted: &v1::ArticleEnacted) -> Texts<'_> {
    let mut all = Texts::new();
    for text in &enacted.texts {
        let texts = all
            .entry((text.language.as_str(), text.summary))
            .or_default();
        texts.push(text.text.as_str());
    }
    all
}

/// Compares texts of a language, the first with the first.
fn differences(
    ledger: &Ask<'_>,
    earlier: Texts<'_>,
    later: Texts<'_>,
) -> Result<Vec<v1::TextDifference>, Problem> {
    let mut pairs: BTreeMap<(&str, bool), [Vec<&str>; 2]> = BTreeMap::new();
    for (of, texts) in earlier {
        pairs.entry(of).or_default()[0] = texts;
    }
    for (of, texts) in later {
        pairs.entry(of).or_default()[1] = texts;
    }
    let mut differences = Vec::new();
    for ((language, summary), [before, after]) in pairs {
        for number in 0..before.len().max(after.len()) {
            ledger.stop.check()?;
            let [before, after] = [&before, &after].map(|texts| texts.get(number).copied());
            let runs = runs(before.unwrap_or_default(), after.unwrap_or_default());
            differences.push(v1::TextDifference {
                language: language.to_owned(),
                summary,
                runs: runs.into_iter().map(write_run).collect(),
            });
        }
    }
    Ok(differences)
}

fn write_run(run: Run) -> v1::TextRun {
    let kind = match run.kind {
        RunKind::Kept => v1::RunKind::Kept,
        RunKind::Removed => v1::RunKind::Removed,
        RunKind::Added => v1::RunKind::Added,
    };
    v1::TextRun {
        kind: kind.into(),
        text: run.text,
    }
}

/// What became of the norms of an article.
#[derive(Default)]
struct Norms {
    removed: Vec<v1::Norm>,
    added: Vec<v1::Norm>,
    kept: Vec<v1::Norm>,
}

impl Norms {
    fn of(mut earlier: Vec<v1::Norm>, later: Vec<v1::Norm>) -> Self {
        let mut norms = Self::default();
        for norm in later {
            match earlier.iter().position(|before| *before == norm) {
                Some(place) => {
                    earlier.remove(place);
                    norms.kept.push(norm);
                }
                None => norms.added.push(norm),
            }
        }
        norms.removed = earlier;
        norms
    }
}
