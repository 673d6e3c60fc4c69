//! How an instrument changed between two dates.

use crate::call::errors::Problem;
use crate::dear::Ask;
use crate::law::versions::{lines, require};
use crate::words::nearest::suggest;
use standing_domain::id::position::Position;
use standing_domain::law::ArticleLine;
use standing_domain::time::day::Day;
use standing_proto::Malformed;
use standing_proto::ask;
use standing_proto::v1;

pub(crate) fn compare_instrument(
    ledger: &Ask<'_>,
    asked: &ask::law::CompareInstrument,
) -> Result<v1::CompareInstrumentResponse, Problem> {
    let at = ledger.pin(&asked.at)?;
    let (instrument, earlier) = (&asked.instrument, asked.earlier);
    in_order(earlier, at.on)?;
    let known = require(&ledger.at(at.position).view(), instrument);
    known.map_err(|unknown| suggest(ledger, at.position, unknown))?;
    let law = ledger.law(at.position);
    let mut differences = Vec::new();
    for line in lines(&law, instrument) {
        ledger.stop.check()?;
        differences.extend(difference(line, earlier, at.on));
    }
    Ok(v1::CompareInstrumentResponse {
        differences,
        basis: Some(at.basis(ledger)?),
    })
}

/// Refuses an earlier date that is the later.
pub(crate) fn in_order(earlier: Day, later: Day) -> Result<(), Problem> {
    if earlier <= later {
        return Ok(());
    }
    let description = format!("{earlier} is after the later text's date, {later}");
    let malformed = Malformed::of("earlier_date", "ENDS_BEFORE_IT_BEGINS", description);
    Err(malformed.into())
}

/// Returns the versions that may be in force on a day by their entries; none stands for no version.
pub(crate) fn versions(line: &ArticleLine, day: Day) -> Vec<Option<Position>> {
    let mut versions: Vec<Option<Position>> = line
        .versions(day)
        .map(|version| version.map(|(_, position)| position))
        .collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

/// Returns what became of an article between two days; none where it is as it was.
pub(crate) fn change(line: &ArticleLine, earlier: Day, later: Day) -> Option<&'static str> {
    match (&versions(line, earlier)[..], &versions(line, later)[..]) {
        ([before], [after]) if before == after => None,
        ([None], [Some(_)]) => Some("added"),
        ([Some(_)], [None]) => Some("deleted"),
        ([Some(_)], [Some(_)]) => Some("amended"),
        // Within one window the text may have changed from one day to another, but not from a day
        // to itself.
        _ if earlier == later => None,
        _ => Some("uncertain"),
    }
}

fn difference(line: &ArticleLine, earlier: Day, later: Day) -> Option<v1::ArticleDifference> {
    let change = change(line, earlier, later)?;
    let (before, after) = (versions(line, earlier), versions(line, later));
    let positions = |versions: Vec<Option<Position>>| {
        let known = versions.into_iter().flatten();
        known.map(Position::number).collect()
    };
    Some(v1::ArticleDifference {
        article: line.article.article.to_string(),
        change: change.to_owned(),
        earlier_positions: positions(before),
        later_positions: positions(after),
    })
}
