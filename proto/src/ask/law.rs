//! What is asked about the law.

use crate::ask::point::{PointInTime, read_point};
use crate::ask::{Lists as _, Paged, asked};
use crate::read::{At, Read, build};
use crate::time::read_day;
use standing_domain::id::{ArticleId, ArticleRef, InstrumentId};
use standing_domain::time::day::Day;

/// An instrument on a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetInstrument {
    /// The instrument.
    pub instrument: InstrumentId,
    /// The point in time.
    pub at: PointInTime,
}

/// An article on a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetArticle {
    /// The article.
    pub article: ArticleRef,
    /// The point in time.
    pub at: PointInTime,
}

/// All versions of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListArticleVersions {
    /// The article.
    pub article: ArticleRef,
    /// The point in time.
    pub at: PointInTime,
    /// The page.
    pub page: Paged,
}

/// How an instrument changed between two dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareInstrument {
    /// The instrument.
    pub instrument: InstrumentId,
    /// The point in time of the later text.
    pub at: PointInTime,
    /// The date of the earlier text. Whether it is the earlier is known with today's date.
    pub earlier: Day,
}

/// How an article changed between two dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareArticle {
    /// The article.
    pub article: ArticleRef,
    /// The point in time of the later text.
    pub at: PointInTime,
    /// The date of the earlier text. Whether it is the earlier is known with today's date.
    pub earlier: Day,
}

asked! {
    GetInstrument of GetInstrumentRequest: |root, wire| build!(GetInstrument {
        instrument: root.asked_id("instrument", &wire.instrument),
        at: read_point(root, wire.at),
    });
    GetArticle of GetArticleRequest: |root, wire| build!(GetArticle {
        article: read_article(root, &wire.instrument, &wire.article),
        at: read_point(root, wire.at),
    });
    ListArticleVersions of ListArticleVersionsRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        build!(ListArticleVersions {
            article: read_article(root, &wire.instrument, &wire.article),
            at: read_point(root, point),
            page: Ok(page),
        })
    };
    CompareInstrument of CompareInstrumentRequest: |root, wire| build!(CompareInstrument {
        instrument: root.asked_id("instrument", &wire.instrument),
        at: read_point(root, wire.at),
        earlier: read_day(&root.field("earlier_date"), &wire.earlier_date),
    });
    CompareArticle of CompareArticleRequest: |root, wire| build!(CompareArticle {
        article: read_article(root, &wire.instrument, &wire.article),
        at: read_point(root, wire.at),
        earlier: read_day(&root.field("earlier_date"), &wire.earlier_date),
    });
}

pub(super) fn read_article(at: &At, instrument: &str, article: &str) -> Read<ArticleRef> {
    build!(ArticleRef {
        instrument: at.asked_id("instrument", instrument),
        article: at.asked_id::<ArticleId>("article", &as_id(article)),
    })
}

/// Reads an article as people cite it: `9(1)` is `9.1`.
fn as_id(text: &str) -> String {
    let kept = text.chars().filter(|c| *c != ')' && *c != ' ');
    kept.map(|c| match c {
        '(' => '.',
        c => c.to_ascii_lowercase(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_read_as_people_cite_them() {
        for (cited, id) in [("9(1)", "9.1"), ("9-2", "9-2"), ("15(P2)(1)", "15.p2.1")] {
            assert_eq!(ArticleId::new(&as_id(cited)).unwrap().as_str(), id);
        }
        assert!(ArticleId::new(&as_id("제9조")).is_err());
    }
}
