//! An instrument, with its amendments and its articles on a date.

use crate::call::errors::Problem;
use crate::dear::Ask;
use crate::law::articles;
use crate::law::articles::Version;
use crate::words;
use crate::words::cited::Cited;
use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::event::Event;
use standing_domain::entry::slot::Slot;
use standing_domain::id::{InstrumentId, Position};
use standing_domain::law::{ArticleLine, LawView};
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_proto::ask;
use standing_proto::v1;

pub(crate) fn get_instrument(
    engine: &Ask<'_>,
    asked: &ask::law::GetInstrument,
) -> Result<v1::GetInstrumentResponse, Problem> {
    let instrument = &asked.instrument;
    let at = engine.pin(&asked.at)?;
    let law = engine.law(at.position);
    let (titles, in_force, amendments) = {
        let reader = engine.at(at.position);
        let view = reader.view();
        require(&view, instrument)?;
        (
            titles(&view, instrument),
            in_force(&view, instrument, at.on),
            amendments(&view, instrument, at.on),
        )
    };
    let mut versions: Vec<Version<'_>> = Vec::new();
    for line in lines(&law, instrument) {
        engine.stop.check()?;
        versions.extend(articles::in_force(line, at.on));
    }
    let positions = versions.iter().map(|version| version.position);
    let acts = amendments.iter().map(|(_, position)| *position);
    let cited = Cited::read(engine, positions.chain(acts))?;
    Ok(v1::GetInstrumentResponse {
        instrument: instrument.to_string(),
        titles,
        in_force: words::held(in_force).to_owned(),
        amendments: amendments
            .iter()
            .map(|(ordinal, position)| v1::Amendment {
                ordinal: *ordinal,
                effective: cited.effective(*position),
                authority: cited.authority(*position),
                position: *position,
            })
            .collect(),
        articles: versions
            .iter()
            .map(|version| version.write(&cited))
            .collect(),
        basis: Some(at.basis(engine)?),
    })
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

fn titles<P: Parties>(view: &View<'_, P>, instrument: &InstrumentId) -> Vec<v1::Name> {
    let slot = Slot::Instrument(instrument.clone());
    let mut adopted = view.book.known(&slot, view.known_at);
    let titles = adopted.find_map(|fact| {
        if let Event::InstrumentAdopted { titles, .. } = &*fact.value {
            Some(titles)
        } else {
            None
        }
    });
    titles.into_iter().flatten().map(Into::into).collect()
}

fn in_force<P: Parties>(view: &View<'_, P>, instrument: &InstrumentId, day: Day) -> Truth {
    let slot = Slot::Instrument(instrument.clone());
    let line = view.book.line(&slot, view.known_at);
    let adopted = |event: &Event| matches!(event, Event::InstrumentAdopted { .. });
    Truth::agreed(
        line.iter()
            .flat_map(|line| line.possible(day))
            .map(|value| Truth::known(value.is_some_and(|(event, _)| adopted(event)))),
    )
}

/// Returns the numbers and entries of the amendments that may have come into force up to a day, in order.
fn amendments<P: Parties>(
    view: &View<'_, P>,
    instrument: &InstrumentId,
    day: Day,
) -> Vec<(u32, Position)> {
    let slot = Slot::Amendments(instrument.clone());
    let mut amendments: Vec<_> = view
        .book
        .known(&slot, view.known_at)
        .filter_map(|fact| {
            let window = view.book.window(fact.at, view.known_at)?;
            if let Event::InstrumentAmended { ordinal, .. } = &*fact.value
                && window.earliest <= day
            {
                Some(((window, fact.order, fact.position), *ordinal))
            } else {
                None
            }
        })
        .collect();
    amendments.sort_unstable();
    amendments
        .into_iter()
        .map(|((_, _, position), ordinal)| (ordinal, position))
        .collect()
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
