//! Findings that would come and go with drafts.

use super::{Both, told, total};
use crate::audit::findings;
use crate::call::errors::Problem;
use crate::dear::Ask;
use crate::words::cited::Cited;
use standing_domain::audit::Finding;
use standing_domain::time::day::Day;
use standing_proto::v1;
use std::collections::BTreeSet;

/// Tells in an answer which findings there would be on a day that there are not, and the other way
/// about.
pub(super) fn compare(
    both: &Both<'_>,
    on: Day,
    answer: v1::PreviewResponse,
) -> Result<v1::PreviewResponse, Problem> {
    let found = both.each(|ask, known_at| Ok(ask.findings(on, known_at, ask.stop)?))?;
    let [before, after] = found.map(|found| found.into_iter().collect::<BTreeSet<Finding>>());
    let coming: Vec<Finding> = after.difference(&before).cloned().collect();
    let going: Vec<Finding> = before.difference(&after).cloned().collect();
    Ok(v1::PreviewResponse {
        findings_coming: write(&both.after, &coming)?,
        findings_coming_total: total(coming.len()),
        findings_going: write(&both.before, &going)?,
        findings_going_total: total(going.len()),
        ..answer
    })
}

/// Writes as many findings as are told.
pub(super) fn write(ask: &Ask<'_>, found: &[Finding]) -> Result<Vec<v1::Finding>, Problem> {
    told(found.iter().map(|finding| {
        ask.stop.check()?;
        let cited = Cited::read(ask, finding.entries.iter().copied())?;
        Ok(findings::write(finding, &cited))
    }))
}
