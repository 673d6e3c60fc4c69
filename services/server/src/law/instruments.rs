//! An instrument, with its amendments and its articles on a date.

use crate::call::errors::Problem;
use crate::dear::Ask;
use crate::law::versions;
use crate::law::versions::{Version, lines, require};
use crate::words::cited::Cited;
use crate::words::nearest::suggest;
use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::slot::Slot;
use standing_domain::id::InstrumentId;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_proto::ask;
use standing_proto::change::write_verdict;
use standing_proto::v1;

pub(crate) fn get_instrument(
    ledger: &Ask<'_>,
    asked: &ask::law::GetInstrument,
) -> Result<v1::GetInstrumentResponse, Problem> {
    let instrument = &asked.instrument;
    let at = ledger.pin(&asked.at)?;
    let law = ledger.law(at.position);
    let known = require(&ledger.at(at.position).view(), instrument);
    known.map_err(|unknown| suggest(ledger, at.position, unknown))?;
    let (titles, in_force, amendments) = {
        let reader = ledger.at(at.position);
        let view = reader.view();
        (
            titles(&view, instrument),
            in_force(&view, instrument, at.on),
            amendments(&view, instrument, at.on),
        )
    };
    let mut versions: Vec<Version<'_>> = Vec::new();
    for line in lines(&law, instrument) {
        ledger.stop.check()?;
        versions.extend(versions::in_force(line, at.on));
    }
    let positions = versions.iter().map(|version| version.position);
    let acts = amendments.iter().map(|(_, position)| *position);
    let cited = Cited::read(ledger, positions.chain(acts))?;
    Ok(v1::GetInstrumentResponse {
        instrument: instrument.to_string(),
        titles,
        in_force: write_verdict(in_force).into(),
        amendments: amendments
            .iter()
            .map(|(ordinal, position)| v1::Amendment {
                ordinal: *ordinal,
                effective: cited.effective(*position),
                authority: cited.authority(*position),
                position: position.number(),
            })
            .collect(),
        articles: versions
            .iter()
            .map(|version| version.write(&cited))
            .collect(),
        basis: Some(at.basis(ledger)?),
    })
}

pub(crate) fn titles<P: Parties>(view: &View<'_, P>, instrument: &InstrumentId) -> Vec<v1::Name> {
    let slot = Slot::Instrument(instrument.clone());
    let mut adopted = view.book.known(&slot, view.known_at);
    let titles = adopted.find_map(|fact| fact.value.adopted_as());
    titles.into_iter().flatten().map(Into::into).collect()
}

pub(crate) fn in_force<P: Parties>(
    view: &View<'_, P>,
    instrument: &InstrumentId,
    day: Day,
) -> Truth {
    let slot = Slot::Instrument(instrument.clone());
    let line = view.book.line(&slot, view.known_at);
    Truth::agreed(
        line.iter()
            .flat_map(|line| line.possible(day))
            .map(|value| Truth::known(value.is_some_and(|(event, _)| !event.ends()))),
    )
}

/// Returns the numbers and entries of the amendments that may have come into force up to a day, in
/// order.
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
            let ordinal = fact.value.amendment()?;
            let place = (window, fact.order, fact.position);
            (window.earliest <= day).then_some((place, ordinal))
        })
        .collect();
    amendments.sort_unstable();
    amendments
        .into_iter()
        .map(|((_, _, position), ordinal)| (ordinal, position))
        .collect()
}
