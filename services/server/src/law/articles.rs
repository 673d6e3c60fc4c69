//! Articles in their versions.

use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, open};
use crate::call::point::Pinned;
use crate::dear::Ask;
use crate::law::instruments;
use crate::law::intervals;
use crate::law::intervals::{Stretch, stretches};
use crate::words;
use crate::words::cited::Cited;
use prost::Message as _;
use standing_domain::entry::event::{ArticleEnacted, Event};
use standing_domain::id::{ArticleRef, Position};
use standing_domain::law::{ArticleLine, LawView};
use standing_domain::time::day::Day;
use standing_engine::Engine;
use standing_proto::ask;
use standing_proto::v1;
use std::sync::Arc;
use tonic::Code;

/// A version of an article, or its deletion.
pub(crate) struct Version<'a> {
    /// The entry that enacted it.
    pub position: Position,
    enacted: Option<&'a ArticleEnacted>,
    interval: v1::Interval,
    certain: bool,
}

impl<'a> Version<'a> {
    fn new(stretch: &Stretch<'a, Arc<Event>>, certain: bool) -> Self {
        let enacted = if let Some(Event::ArticleEnacted(enacted)) =
            stretch.value.map(|(event, _)| &**event)
        {
            Some(enacted)
        } else {
            None
        };
        Self {
            position: stretch.value.map_or(stretch.position, |(_, set)| set),
            enacted,
            interval: stretch.interval(),
            certain,
        }
    }

    /// Writes the version, with what the log says of its entry.
    pub fn write(&self, cited: &Cited) -> v1::ArticleVersion {
        let content = cited.get(self.position);
        v1::ArticleVersion {
            article: self.enacted.map(Into::into),
            interval: Some(self.interval.clone()),
            commencement: cited.effective(self.position),
            position: self.position,
            certain: self.certain,
            authority: cited.authority(self.position),
            confidence: content
                .map_or("", |content| words::confidence(content.confidence))
                .to_owned(),
            note: content
                .map(|content| content.note.clone())
                .unwrap_or_default(),
        }
    }
}

/// Returns the versions that may be in force on a day, in order.
pub(crate) fn in_force(line: &ArticleLine, day: Day) -> Vec<Version<'_>> {
    let possible = intervals::on_day(&line.line, day);
    let certain = possible.len() == 1;
    let stretches = possible.iter().flatten();
    stretches
        .map(|stretch| Version::new(stretch, certain))
        .filter(|version| version.enacted.is_some())
        .collect()
}

/// Finds an article that was ever enacted.
fn find<'a>(
    engine: &Engine,
    law: &'a LawView,
    article: &ArticleRef,
    at: Pinned,
) -> Result<&'a ArticleLine, Problem> {
    instruments::require(&engine.at(at.position).view(), &article.instrument)?;
    let mut lines = law.articles().iter();
    lines
        .find(|line| line.article == *article)
        .ok_or_else(|| Problem::unknown("UNKNOWN_ARTICLE", "article", article))
}

pub(crate) fn get_article(
    engine: &Ask<'_>,
    asked: &ask::law::GetArticle,
) -> Result<v1::GetArticleResponse, Problem> {
    let at = engine.pin(&asked.at)?;
    let law = engine.law(at.position);
    let versions = in_force(find(engine, &law, &asked.article, at)?, at.on);
    if versions.is_empty() {
        let article = &asked.article;
        let message = format!("article {article} is not in force on {}", at.on);
        let problem = Problem::new(Code::NotFound, "ARTICLE_NOT_IN_FORCE", message);
        return Err(problem.with("article", article).with("on", at.on));
    }
    let cited = Cited::read(engine, versions.iter().map(|version| version.position))?;
    Ok(v1::GetArticleResponse {
        versions: versions
            .iter()
            .map(|version| version.write(&cited))
            .collect(),
        basis: Some(at.basis(engine)?),
    })
}

pub(crate) fn list_article_versions(
    engine: &Ask<'_>,
    asked: &ask::law::ListArticleVersions,
) -> Result<v1::ListArticleVersionsResponse, Problem> {
    let mut page = open(engine, &asked.at, &asked.page)?;
    let law = engine.law(page.at.position);
    let line = find(engine, &law, &asked.article, page.at)?;
    // No date is asked about, so none makes a version uncertain.
    let versions: Vec<Version<'_>> = stretches(&line.line)
        .iter()
        .map(|stretch| Version::new(stretch, true))
        .collect();
    page.limit = fitting(&versions, page.reached()?, page.limit);
    let (versions, next_page_token) = page.of_list(versions)?;
    let cited = Cited::read(engine, versions.iter().map(|version| version.position))?;
    Ok(v1::ListArticleVersionsResponse {
        versions: versions
            .iter()
            .map(|version| version.write(&cited))
            .collect(),
        next_page_token,
        basis: Some(page.at.basis(engine)?),
    })
}

/// Returns how many versions after those listed fit a page by their bytes; at least one.
fn fitting(versions: &[Version<'_>], listed: u64, limit: usize) -> usize {
    let listed = usize::try_from(listed).unwrap_or(usize::MAX);
    let mut bytes = 0;
    let rest = versions.iter().skip(listed).take(limit);
    let within = rest.take_while(|version| {
        bytes += version
            .enacted
            .map_or(0, |enacted| v1::ArticleEnacted::from(enacted).encoded_len());
        bytes <= MOST_BYTES
    });
    within.count().max(1)
}
