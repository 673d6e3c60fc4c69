//! Counts of classes without drafts, and with them.

use super::{Both, DAYS};
use crate::call::errors::Problem;
use crate::dear::Ask;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_engine::Counts;
use standing_proto::v1;
use std::collections::{BTreeMap, BTreeSet};

/// Returns the counts that differ, today and on the first of the days on which drafts take effect.
pub(super) fn compare(
    both: &Both<'_>,
    days: BTreeSet<Day>,
) -> Result<Vec<v1::CountPreview>, Problem> {
    let mut days: BTreeSet<Day> = days.into_iter().take(DAYS).collect();
    days.insert(both.at.on);
    let mut found = Vec::new();
    for on in days {
        let [before, after] = both.each(|ask, known_at| counted(ask, on, known_at))?;
        let classes: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for class in classes {
            let [was, is] = [&before, &after].map(|counts| counts.get(class).copied());
            let [was, is] = [was, is].map(Option::unwrap_or_default);
            if was != is {
                found.push(v1::CountPreview {
                    on: on.to_string(),
                    class: class.clone(),
                    before: Some(was),
                    after: Some(is),
                });
            }
        }
    }
    Ok(found)
}

fn counted(
    ask: &Ask<'_>,
    on: Day,
    known_at: Position,
) -> Result<BTreeMap<String, v1::CountRange>, Problem> {
    let counts = ask.count_members(on, known_at, ask.stop)?;
    let range = |count: &Counts| v1::CountRange {
        certain: count.certain,
        possible: count.possible,
        unbounded: false,
    };
    let counts = counts.iter();
    Ok(counts
        .map(|count| (count.class.to_string(), range(count)))
        .collect())
}
