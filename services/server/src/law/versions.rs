//! The articles of an instrument, each with its versions.

use crate::call::errors::Problem;
use crate::law::intervals;
use crate::law::intervals::Stretch;
use crate::words::cited::Cited;
use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::event::{ArticleEnacted, Event};
use standing_domain::entry::slot::Slot;
use standing_domain::id::InstrumentId;
use standing_domain::id::position::Position;
use standing_domain::law::{ArticleLine, LawView};
use standing_domain::time::day::Day;
use standing_proto::v1;
use std::sync::Arc;

/// A version of an article, or its deletion.
pub(crate) struct Version<'a> {
    /// The entry that enacted it.
    pub position: Position,
    /// What it says; none if it was deleted.
    pub enacted: Option<&'a ArticleEnacted>,
    interval: v1::Interval,
    certain: bool,
}

impl<'a> Version<'a> {
    /// What a stretch of an article holds.
    pub fn new(stretch: &Stretch<'a, Arc<Event>>, certain: bool) -> Self {
        let enacted = stretch.value.and_then(|(event, _)| event.enacted());
        Self {
            position: stretch.value.map_or(stretch.position, |(_, set)| set),
            enacted,
            interval: stretch.interval(),
            certain,
        }
    }

    /// Returns whether it is certain that it is the one in force.
    pub fn is_certain(&self) -> bool {
        self.certain
    }

    /// Writes the version, with what the log says of its entry.
    pub fn write(&self, cited: &Cited) -> v1::ArticleVersion {
        let content = cited.get(self.position);
        v1::ArticleVersion {
            article: self.enacted.map(Into::into),
            interval: Some(self.interval.clone()),
            commencement: cited.effective(self.position),
            position: self.position.number(),
            certain: self.certain,
            authority: cited.authority(self.position),
            confidence: cited.confidence(self.position).into(),
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

/// Refuses an instrument that was never adopted as known at the position.
pub(crate) fn require<P: Parties>(
    view: &View<'_, P>,
    instrument: &InstrumentId,
) -> Result<(), Problem> {
    let facts = view.book.facts(&Slot::Instrument(instrument.clone()));
    if facts.iter().any(|fact| fact.is_known(view.known_at)) {
        Ok(())
    } else {
        let unknown = "UNKNOWN_INSTRUMENT";
        Err(Problem::unknown(unknown, "instrument", instrument))
    }
}

/// Returns the articles that an instrument ever had, in reading order.
pub(crate) fn lines<'a>(law: &'a LawView, instrument: &InstrumentId) -> Vec<&'a ArticleLine> {
    let of = |line: &&ArticleLine| line.article.instrument == *instrument;
    let mut lines: Vec<&ArticleLine> = law.articles().iter().filter(of).collect();
    lines.sort_by_key(|line| reading_order(line.article.article.as_str()));
    lines
}

/// Returns the articles of all instruments, by instrument, and in reading order.
pub(crate) fn all_lines(law: &LawView) -> Vec<&ArticleLine> {
    let mut lines: Vec<&ArticleLine> = law.articles().iter().collect();
    lines.sort_by_cached_key(|line| {
        let article = &line.article;
        (&article.instrument, reading_order(article.article.as_str()))
    });
    lines
}

/// A step of an article's id: whether it has a number, the word before it, the number.
type Step<'a> = (bool, &'a str, u32);

/// Returns a key that sorts articles as they are read: the preamble, 9, its clauses 9.1 to 9.10,
/// 9-2, 10, and what has no number last.
fn reading_order(article: &str) -> (bool, Vec<Vec<Step<'_>>>) {
    let step = |part| {
        let digits = str::trim_start_matches(part, |c: char| !c.is_ascii_digit());
        let word = &part[..part.len() - digits.len()];
        (digits.is_empty(), word, digits.parse().unwrap_or(0))
    };
    let clauses = article.split('.');
    let steps = clauses.map(|clause| clause.split('-').map(step).collect());
    (!article.starts_with("pre"), steps.collect())
}

#[cfg(test)]
mod tests {
    use super::reading_order;

    #[test]
    fn articles_stand_in_reading_order() {
        let read = [
            "pre",
            "2",
            "9",
            "9.2",
            "9.10",
            "9-2",
            "9-2.1",
            "10.p1",
            "15.p2.1",
            "15.p2.2.a",
            "sign",
        ];
        let mut articles = read;
        articles.reverse();
        articles.sort_by_key(|article| reading_order(article));
        assert_eq!(articles, read);
    }
}
