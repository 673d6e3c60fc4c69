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
    if at.on < earlier {
        let description = format!("{earlier} is after the later text's date, {}", at.on);
        let malformed = Malformed::of("earlier_date", "ENDS_BEFORE_IT_BEGINS", description);
        return Err(malformed.into());
    }
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

/// Returns the versions that may be in force on a day by their entries; none stands for no version.
fn versions(line: &ArticleLine, day: Day) -> Vec<Option<Position>> {
    let mut versions: Vec<Option<Position>> = line
        .versions(day)
        .map(|version| version.map(|(_, position)| position))
        .collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

fn difference(line: &ArticleLine, earlier: Day, later: Day) -> Option<v1::ArticleDifference> {
    let (before, after) = (versions(line, earlier), versions(line, later));
    let change = match (&before[..], &after[..]) {
        ([before], [after]) if before == after => return None,
        ([None], [Some(_)]) => "added",
        ([Some(_)], [None]) => "deleted",
        ([Some(_)], [Some(_)]) => "amended",
        // Within one window the text may have changed from one day to another, but not from a day
        // to itself.
        _ if earlier == later => return None,
        _ => "uncertain",
    };
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
