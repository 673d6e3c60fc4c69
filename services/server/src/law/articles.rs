//! Articles in their versions.

use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, open};
use crate::call::point::Pinned;
use crate::dear::Ask;
use crate::law::intervals::stretches;
use crate::law::versions::{Version, in_force, require};
use crate::words::cited::Cited;
use crate::words::nearest::suggest;
use prost::Message as _;
use standing_domain::id::ArticleRef;
use standing_domain::law::{ArticleLine, LawView};
use standing_engine::Ledger;
use standing_proto::ask;
use standing_proto::v1;
use tonic::Code;

/// Finds an article that was ever enacted.
pub(crate) fn find<'a>(
    ledger: &Ledger,
    law: &'a LawView,
    article: &ArticleRef,
    at: Pinned,
) -> Result<&'a ArticleLine, Problem> {
    let near = |unknown| suggest(ledger, at.position, unknown);
    let instrument = require(&ledger.at(at.position).view(), &article.instrument);
    instrument.map_err(near)?;
    let mut lines = law.articles().iter();
    lines
        .find(|line| line.article == *article)
        .ok_or_else(|| near(Problem::unknown("UNKNOWN_ARTICLE", "article", article)))
}

pub(crate) fn get_article(
    ledger: &Ask<'_>,
    asked: &ask::law::GetArticle,
) -> Result<v1::GetArticleResponse, Problem> {
    let at = ledger.pin(&asked.at)?;
    let law = ledger.law(at.position);
    let versions = in_force(find(ledger, &law, &asked.article, at)?, at.on);
    if versions.is_empty() {
        let article = &asked.article;
        let message = format!("article {article} is not in force on {}", at.on);
        let problem = Problem::new(Code::NotFound, "ARTICLE_NOT_IN_FORCE", message);
        return Err(problem.with("article", article).with("on", at.on));
    }
    let cited = Cited::read(ledger, versions.iter().map(|version| version.position))?;
    Ok(v1::GetArticleResponse {
        versions: versions
            .iter()
            .map(|version| version.write(&cited))
            .collect(),
        basis: Some(at.basis(ledger)?),
    })
}

pub(crate) fn list_article_versions(
    ledger: &Ask<'_>,
    asked: &ask::law::ListArticleVersions,
) -> Result<v1::ListArticleVersionsResponse, Problem> {
    let mut page = open(ledger, &asked.at, &asked.page)?;
    let law = ledger.law(page.at.position);
    let line = find(ledger, &law, &asked.article, page.at)?;
    // No date is asked about, so none makes a version uncertain.
    let versions: Vec<Version<'_>> = stretches(&line.line)
        .iter()
        .map(|stretch| Version::new(stretch, true))
        .collect();
    page.limit = fitting(&versions, page.reached()?, page.limit);
    let (versions, next_page_token) = page.of_list(versions)?;
    let cited = Cited::read(ledger, versions.iter().map(|version| version.position))?;
    Ok(v1::ListArticleVersionsResponse {
        versions: versions
            .iter()
            .map(|version| version.write(&cited))
            .collect(),
        next_page_token,
        basis: Some(page.at.basis(ledger)?),
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
